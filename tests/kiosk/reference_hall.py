"""The reference of the service hall: what the other services are told, in memory; strict about who may ask."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from backend.employment.applying import AlreadyApplied
from backend.hall.refusals import NothingReceived, OtherCard
from backend.hall.schema import (
    Applied,
    ApplyHere,
    AskCards,
    AskGuide,
    AskJob,
    AskLife,
    AskNews,
    AskRecords,
    CardLost,
    CardRow,
    Cards,
    Guidebook,
    GuideGroup,
    GuideItem,
    Job,
    Life,
    LoseCard,
    MakePaper,
    MonthPaid,
    News,
    NewsRead,
    NewsRow,
    Paper,
    PaperLine,
    ReadNews,
    Records,
)
from backend.kernel.errors import Refusal
from backend.payout.refusals import CardStopped, ProofWrong
from backend.pension.living.proved import ProveByCard, Proved
from kiosk.client import Refused
from kiosk.vacancies import FindJobs, Found, Hit

if TYPE_CHECKING:
    from tests.kiosk.reference_backend import ReferenceBackend

A = TypeVar("A", bound=BaseModel)
TODAY = date(2026, 11, 24)
GROUPS = {"养老金和养老保险": 6, "社会保障卡": 1, "缴费和参保": 4, "找工作": 2, "其他": 1}
WORK = "负责仓库收货、发货和每月盘点，保持账物相符，做五休二。"


def refused(refusal: Refusal) -> Refused:
    return Refused(refusal.code, refusal.message)


def message(id: int, *, read: bool = False) -> NewsRow:
    return NewsRow(
        kind="application",
        on=date(2026, 11, id % 20 + 1),
        id=id,
        title="处理中：仓库管理员",
        body="示例精密机械有限公司处理了您对“仓库管理员”的申请，结果是处理中。单位留言：请周五来面谈",
        read=read,
    )


MONEY = NewsRow(
    kind="money",
    on=date(2026, 11, 9),
    item="基本养老金",
    month="2026-11",
    amount_fen=458_037,
    state="collected",
)
NOTICE = NewsRow(
    kind="notice", on=date(2026, 11, 2), amount_fen=123_456, state="open", pay_by=date(2026, 11, 30)
)


@dataclass
class Hall:
    """What the other systems know of everybody alike."""

    books: ReferenceBackend
    retired: bool = True
    proved: list[str] = field(default_factory=list)  # photos, "" for none
    made: list[str] = field(default_factory=list)
    applied: set[str] = field(default_factory=set)
    news: list[NewsRow] = field(default_factory=lambda: [message(7), message(6), MONEY, message(5), NOTICE])
    read_until: int = 0
    hits: int = 7
    files: dict[str, bytes] = field(default_factory=dict)
    heard: list[BaseModel] = field(default_factory=list)

    def hear(self, asked: BaseModel) -> BaseModel:
        self.heard.append(asked)
        visit = getattr(asked, "visit", None)
        card = self.visitor(visit) if visit is not None else ""
        return ANSWERS[type(asked)](self, asked, card)

    def visitor(self, visit: str) -> str:
        card, _, proved = self.books.visits.get(visit, ("", "", False))
        if not proved:
            raise refused(ProofWrong())
        if card in self.books.lost_cards:
            raise refused(CardStopped(status="登记挂失"))
        return card

    def who(self, card: str) -> dict[str, str]:
        persona = self.books.people[card]
        name, ident = persona.name, persona.ident
        return {
            "masked_name": f"{name[0]}*{name[-1]}",
            "masked_ident": f"{ident[:3]}***********{ident[-4:]}",
        }

    def paper(self, asked: MakePaper, card: str) -> Paper:
        if asked.kind == "benefit":
            if not self.retired:
                raise refused(NothingReceived())
            lines = (PaperLine(name="基本养老金", first="2023-12", amount_fen=458_037, state="正在发放"),)
        else:
            lines = tuple(
                PaperLine(name=name, first="1998-03", last="2023-11", months=309)
                for name in ("企业职工基本养老保险", "失业保险", "工伤保险")
            )
        self.made.append(asked.kind)
        return Paper(
            kind=asked.kind, code="ABCD-2345-EFGH-6789", issued_on=TODAY, lines=lines, **self.who(card)
        )

    def records(self, asked: AskRecords, card: str) -> Records:
        months = tuple(
            MonthPaid(month=f"2026-{month:02d}", insurances=4, person_fen=105_000 + month, paid=month < 11)
            for month in range(11, 0, -1)
        )
        return Records(year=2026, on=TODAY, months=months, **self.who(card))

    def life(self, asked: AskLife, card: str) -> Life:
        if not self.retired:
            raise refused(NothingReceived())
        return Life(
            state="reminded",
            valid_until=date(2026, 10, 31),
            last_day=None,
            grace_until=date(2027, 1, 31),
            suspended_from=None,
        )

    def prove(self, asked: ProveByCard, card: str) -> Proved:
        self.proved.append(asked.photo or "")
        return Proved(
            name="", day=TODAY, way="card", valid_until=date(2027, 11, 24), payment="goes_on", warnings=()
        )

    def cards(self, asked: AskCards, card: str) -> Cards:
        now = CardRow(
            card=_mark(card),
            tail=card[-4:],
            status="active",
            status_name="正常",
            issued=date(2020, 1, 1),
            here=True,
            can_be_lost=True,
        )
        old = now.model_copy(
            update={
                "card": _mark("old"),
                "tail": "0001",
                "status": "replaced",
                "status_name": "已换卡",
                "issued": date(2012, 1, 1),
                "here": False,
                "can_be_lost": False,
            }
        )
        other = now.model_copy(
            update={"card": _mark("other"), "tail": "0042", "issued": date(2016, 5, 1), "here": False}
        )
        return Cards(cards=(now, other, old))

    def lose(self, asked: LoseCard, card: str) -> CardLost:
        if asked.card == _mark("other"):
            return CardLost(tail="0042", here=False)
        if asked.card != _mark(card):
            raise refused(OtherCard())
        self.books.lost_cards.add(card)
        return CardLost(tail=card[-4:], here=True)

    def find(self, asked: FindJobs, card: str) -> Found:
        if asked.q == "xyz":
            return Found(total=0, hits=())
        hits = tuple(
            Hit(
                id=f"V000000000{n}",
                title="仓库管理员" if n % 2 else "仓库叉车司机（夜班）",
                employer="示例精密机械有限公司",
                area_name="上海市浦东新区",
                salary_min="5000.00",
                salary_max="8000.00",
                openings=2,
                applicants=n,
            )
            for n in range(self.hits)
        )
        return Found(total=self.hits, hits=hits)

    def job(self, asked: AskJob, card: str) -> Job:
        return Job(
            vacancy=asked.vacancy,
            title="仓库管理员",
            employer="示例精密机械有限公司",
            area="上海市浦东新区",
            address="示例路 2 号",
            work=WORK,
            conditions="会用电脑，认真负责",
            education="不限学历",
            experience_years=0,
            salary_min_fen=500_000,
            salary_max_fen=800_000,
            openings=2,
            applicants=3,
            contact="王经理",
            phone="021-12345678",
            open=True,
            status="招聘中",
            applied="已投递" if asked.vacancy in self.applied else None,
            own_phone="138****0000" if card else None,
        )

    def apply(self, asked: ApplyHere, card: str) -> Applied:
        if asked.vacancy in self.applied:
            raise refused(AlreadyApplied(state="已投递"))
        self.applied.add(asked.vacancy)
        return Applied(title="仓库管理员", employer="示例精密机械有限公司", state="已投递")

    def feed(self, asked: AskNews, card: str) -> News:
        rows = tuple(
            row.model_copy(update={"read": row.read or row.id <= self.read_until}) for row in self.news
        )
        return News(unread=sum(not row.read for row in rows), rows=rows)

    def read(self, asked: ReadNews, card: str) -> NewsRead:
        self.read_until = asked.until
        return NewsRead(unread=sum(row.id > asked.until for row in self.news))

    def guide(self, asked: AskGuide, card: str) -> Guidebook:
        one = GuideItem(
            code="CRD-02",
            title="社会保障卡挂失",
            what="卡丢了先挂失，卡片立刻停用；账户和待遇不受影响，可以改由银行发放。正式挂失没有期限：找到卡到柜台解挂，找不到就补卡。",
            who="持卡人本人",
            bring=("居民身份证",),
            days="当场办结",
            law="社会保险经办条例 第七条",
            here=True,
        )
        groups = tuple(
            GuideGroup(
                name=name, items=tuple(one.model_copy(update={"code": f"CRD-{n:02d}"}) for n in range(many))
            )
            for name, many in GROUPS.items()
        )
        return Guidebook(groups=groups)


def _mark(card: str) -> str:
    return hashlib.sha256(card.encode()).hexdigest()[:32]


ANSWERS: Mapping[type[BaseModel], Callable[[Hall, Any, str], BaseModel]] = {
    MakePaper: Hall.paper,
    AskRecords: Hall.records,
    AskLife: Hall.life,
    ProveByCard: Hall.prove,
    AskCards: Hall.cards,
    LoseCard: Hall.lose,
    FindJobs: Hall.find,
    AskJob: Hall.job,
    ApplyHere: Hall.apply,
    AskNews: Hall.feed,
    ReadNews: Hall.read,
    AskGuide: Hall.guide,
}
