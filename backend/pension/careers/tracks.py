"""Women's track 女职工退休岗位认定 (PEN-14): fifty or fifty-five by the post, with evidence; the history stays."""

from __future__ import annotations

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.pension.careers.choosing import dates
from backend.pension.careers.model import TrackChange
from backend.pension.careers.recognising import InPensionAlready
from backend.pension.careers.schema import DecideTrack, TrackDecided
from backend.pension.careers.spans import whose
from backend.pension.model import Account
from backend.registry import service as registry

AGES = {"worker": 50, "manager": 55}


class MenHaveOne(Refusal):
    """{name}是男职工，原退休年龄都是六十周岁，不用认定岗位。"""


class TrackAlready(Refusal):
    """{name}现在就是按原退休年龄 {track} 周岁，不需要再认定。"""


@item(
    "PEN-14",
    "女职工退休岗位认定",
    may=Permission.PENSION_DECIDE,
    review=1,
    ready=lambda uow, cmd: _open(uow, cmd),
    guide=Guide(
        what="女职工按退休时的岗位定原退休年龄：生产操作岗位五十周岁，管理技术岗位五十五周岁；岗位变了可以再认定。",
        who="女职工、用人单位",
        bring=("劳动合同", "单位出具的岗位证明", "职工档案（有的）"),
        days="十五个工作日",
        law="国发〔1978〕104号；国务院关于渐进式延迟法定退休年龄的办法 第一条",
    ),
)
def decide_track(uow: Uow, cmd: DecideTrack) -> TrackDecided:
    person, account = _open(uow, cmd)
    before, account.track = account.track, AGES[cmd.track]
    uow.session.add(
        TrackChange(
            person_id=person.id,
            before=before,
            after=account.track,
            post=cmd.post,
            evidence=cmd.evidence,
            document=cmd.document,
            decided_on=uow.today,
            decided_at=uow.now,
        )
    )
    uow.session.flush()
    legal = dates(person.sex, account.track, person.birth).legal
    return TrackDecided(name=person.name, before=before, after=account.track, legal=legal)


def _open(uow: Uow, cmd: DecideTrack) -> tuple[registry.Person, Account]:
    person, account = whose(uow, cmd.ident)
    if person.sex == "1":
        raise MenHaveOne(name=person.name)
    if person.retired is not None:
        raise InPensionAlready(name=person.name, retired=person.retired)
    if account.track == AGES[cmd.track]:
        raise TrackAlready(name=person.name, track=account.track)
    return person, account
