"""Productions 制卡: cards that are made together; their numbers, and what the factory says came of each.

人社部发〔2011〕47号 第三章 orders the making of cards; the file itself is ours (README).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, String, bindparam, select, text, update

from backend.cards import keyversions, stocking
from backend.cards.model import Application, Line, Production
from backend.cards.produced import (
    PRODUCTION_STATES,
    AskProductions,
    FailedLine,
    MakeProduction,
    ProductionMade,
    ProductionRead,
    Productions,
    ProductionView,
    ReadProduction,
)
from backend.cards.refusals import (
    BackCounts,
    BackOther,
    BackResult,
    BackStranger,
    BackTwice,
    BackUnreadable,
    NoProduction,
    NothingToMake,
    NotSent,
)
from backend.cards.rules import card_code, card_number
from backend.kernel import codes, files
from backend.kernel.actor import Kind, Permission, reach
from backend.kernel.db import Uow, see_everybody
from backend.kernel.items import item, question
from backend.kernel.text import harmless, text_of
from backend.registry import service as registry

MADE, WASTED, UNFIT = "00", ("01", "02", "99"), ("03", "04")
RESULTS = {
    "00": "做好",
    "01": "芯片写入失败",
    "02": "印刷不合格",
    "03": "照片不合格",
    "04": "资料有误",
    "99": "其他原因",
}
UNFIT_TOLD = {
    "03": "照片不合格，没有做成。请交一张清楚的近期免冠照片，重新申领。",
    "04": "登记的资料有误，没有做成。请带身份证到柜台更正以后重新申领。",
}
HEAD, TAIL = "RSZK-BACK", "END"
COLUMNS, MOST_REASON, LATEST = 5, 100, 20
TAKE = """
insert into cards.line (production_id, no, application_id, card_no, card_code, result, reason)
select :production, l.no, l.application, l.card_no, l.card_code, '', ''
from unnest(:nos, :applications, :card_nos, :card_codes) l (no, application, card_no, card_code)
"""
TAKING = text(TAKE).bindparams(
    bindparam("nos", type_=ARRAY(BigInteger)),
    bindparam("applications", type_=ARRAY(BigInteger)),
    bindparam("card_nos", type_=ARRAY(String)),
    bindparam("card_codes", type_=ARRAY(String)),
)
ANSWER = text(
    """
with told as (
  update cards.line l set result = b.result, reason = b.reason
  from unnest(:nos, :results, :reasons) b (no, result, reason)
  where l.production_id = :production and l.no = b.no returning l.application_id, l.result
)
update cards.application a set
  state = case t.result when '00' then 'made' when '03' then 'refused' when '04' then 'refused' else 'approved' end,
  closed_on = case when t.result in ('03', '04') then cast(:today as date) end,
  said = case t.result when '03' then :photo when '04' then :data else a.said end
from told t where a.id = t.application_id and a.state = 'producing'
"""
).bindparams(
    bindparam("nos", type_=ARRAY(BigInteger)),
    bindparam("results", type_=ARRAY(String)),
    bindparam("reasons", type_=ARRAY(String)),
)


@item("CRD-24", "制卡数据导出", may=Permission.CARD_MANAGE)
def make_production(uow: Uow, cmd: MakeProduction) -> ProductionMade:
    """Who has waited longest comes first. The file is written afterwards, by the worker or by command."""
    registry.require_reach(uow, cmd.area)
    waiting = uow.session.scalars(
        select(Application.id)
        .where(Application.state == "approved", Application.area.startswith(reach(cmd.area)))
        .order_by(Application.id)
        .limit(cmd.most)
        .with_for_update(skip_locked=True)
    ).all()
    if not waiting:
        raise NothingToMake(area=codes.name("area", cmd.area))
    row = Production(
        area=cmd.area,
        n=len(waiting),
        key_version=keyversions.newest(uow),
        maker=uow.actor.id,
        made_on=uow.today,
        made_at=uow.now,
    )
    uow.session.add(row)
    uow.session.flush()
    left = stocking.move(uow, cmd.area, "production", -row.n, f"ZK{row.id:08d}", production=row.id)
    _number(uow, row, waiting)
    return ProductionMade(no=row.id, n=row.n, key_version=row.key_version, blanks_left=left.n)


def _number(uow: Uow, row: Production, applications: Sequence[int]) -> None:
    """Every card gets its numbers, which nobody else ever gets."""
    serials = uow.session.scalars(
        text("select nextval('cards.card_serial') from generate_series(1, :n)"), {"n": row.n}
    ).all()
    uow.session.execute(
        TAKING,
        {
            "production": row.id,
            "nos": list(range(1, row.n + 1)),
            "applications": list(applications),
            "card_nos": [card_number(serial) for serial in serials],
            "card_codes": [card_code(row.area, serial) for serial in serials],
        },
    )
    uow.session.execute(
        update(Application)
        .where(Application.id == Line.application_id, Line.production_id == row.id)
        .values(state="producing", said="")
        .execution_options(synchronize_session=False)
    )


class Answer(NamedTuple):
    """One line of what came back."""

    no: int
    result: str
    reason: str


@item("CRD-25", "制卡回盘", may=Permission.CARD_MANAGE)
def read_production(uow: Uow, cmd: ReadProduction) -> ProductionRead:
    """Every line is checked before any counts."""
    row = _one(uow, cmd.no, lock=True)
    if row.state != "sent":
        raise NotSent(no=row.id, state=PRODUCTION_STATES[row.state])
    answers = _checked(uow, row, text_of(files.fetch(uow, cmd.returned).content))
    counted = {result: sum(one.result == result for one in answers) for result in RESULTS}
    see_everybody(uow)
    uow.session.execute(
        ANSWER,
        {
            "production": row.id,
            "nos": [one.no for one in answers],
            "results": [one.result for one in answers],
            "reasons": [one.reason for one in answers],
            "today": uow.today,
            "photo": UNFIT_TOLD["03"],
            "data": UNFIT_TOLD["04"],
        },
    )
    row.state, row.back, row.back_at = "back", cmd.returned, uow.now
    row.made, row.failed = counted[MADE], row.n - counted[MADE]
    uow.session.flush()
    unused = sum(counted[result] for result in UNFIT)
    if unused:
        stocking.move(uow, row.area, "returned", unused, f"ZK{row.id:08d}", production=row.id)
    wasted = sum(counted[result] for result in WASTED)
    return ProductionRead(no=row.id, made=row.made, again=wasted, refused=unused, spoilt=wasted)


def _checked(uow: Uow, row: Production, back: str) -> list[Answer]:
    """The lines between head and tail: of this production, each card once, as many as they say."""
    lines = [line for line in back.splitlines() if line.strip()]
    head = lines[0].split("|") if lines else []
    tail = lines[-1].split("|") if lines else []
    if len(head) != 3 or head[0] != HEAD:
        raise BackUnreadable(line=1, columns=3)
    if head[1] != str(row.id):
        raise BackOther(named=head[1][:20], no=row.id)
    if len(tail) != 3 or tail[0] != TAIL:
        raise BackUnreadable(line=len(lines), columns=3)
    ours = {
        no: (card_no, code)
        for no, card_no, code in uow.session.execute(
            select(Line.no, Line.card_no, Line.card_code).where(Line.production_id == row.id)
        )
    }
    answers, seen = [], set[int]()
    for at, line in enumerate(lines[1:-1], start=2):
        one = _answer(at, line.split("|"), ours)
        if one.no in seen:
            raise BackTwice(line=at)
        seen.add(one.no)
        answers.append(one)
    made = sum(one.result == MADE for one in answers)
    if (head[2], tail[1], tail[2]) != (str(row.n), str(made), str(row.n - made)) or len(answers) != row.n:
        raise BackCounts(n=row.n, lines=len(answers), made=tail[1][:10], failed=tail[2][:10])
    return answers


def _answer(at: int, cells: list[str], ours: dict[int, tuple[str, str]]) -> Answer:
    if len(cells) != COLUMNS or not (cells[0].isascii() and cells[0].isdigit() and len(cells[0]) < 10):
        raise BackUnreadable(line=at, columns=COLUMNS)
    no, card_no, code, result, reason = (cell.strip() for cell in cells)
    if ours.get(int(no)) != (card_no, code):
        raise BackStranger(line=at)
    if result not in RESULTS:
        raise BackResult(line=at, result=result[:10])
    return Answer(int(no), result, harmless(reason)[:MOST_REASON] or RESULTS[result])


def _one(uow: Uow, no: int, *, lock: bool = False) -> Production:
    found = select(Production).where(Production.id == no)
    row = uow.session.scalar(found.with_for_update() if lock else found)
    if row is None or (uow.actor.kind is Kind.OFFICER and not row.area.startswith(reach(uow.actor.area))):
        raise NoProduction(no=no)
    return row


@question("CRD-Q4", "制卡批次", may=Permission.CARD_MANAGE)
def productions(uow: Uow, ask: AskProductions) -> Productions:
    if ask.no is not None:
        row = _one(uow, ask.no)
        failed = uow.session.scalars(
            select(Line)
            .where(Line.production_id == row.id, Line.result != "", Line.result != MADE)
            .order_by(Line.no)
        )
        return Productions(
            productions=(_view(row),),
            failed=tuple(
                FailedLine(no=one.no, card_no=one.card_no, result=RESULTS[one.result], reason=one.reason)
                for one in failed
            ),
        )
    within = reach(uow.actor.area) if uow.actor.kind is Kind.OFFICER else ""
    rows = select(Production).where(Production.area.startswith(within))
    return Productions(
        productions=tuple(
            _view(row) for row in uow.session.scalars(rows.order_by(Production.id.desc()).limit(LATEST))
        ),
        failed=(),
    )


def _view(row: Production) -> ProductionView:
    facts: dict[str, Any] = {
        name: getattr(row, name)
        for name in (
            *("n", "key_version", "state", "written", "made", "failed", "made_on", "digest", "signature"),
        )
    }
    return ProductionView(
        no=row.id,
        area_name=codes.name("area", row.area),
        state_name=PRODUCTION_STATES[row.state],
        **facts,
    )


def unwritten(uow: Uow) -> list[int]:
    """Productions whose files are still to be written."""
    rows = select(Production.id).where(Production.state.in_(("waiting", "writing")))
    return list(uow.session.scalars(rows.order_by(Production.id)))
