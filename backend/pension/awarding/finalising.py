"""Finalising 正式核定: everybody's provisional award of a year of retirement, when what it waits for is published.

An award is provisional where the base of its year or the rate of its account's running interest is an earlier year's. The
final one is worked out from the records as they are by then; whoever it changes nothing for keeps theirs.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, select

from backend.kernel import ident, progress
from backend.kernel.actor import Permission
from backend.kernel.db import Uow, see_everybody
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item, question
from backend.kernel.period import Month
from backend.kernel.pooling import require_reach
from backend.kernel.settings import settings
from backend.payout import service as payout
from backend.pension.awarding import differences
from backend.pension.awarding.differences import checked
from backend.pension.awarding.reckoning import records
from backend.pension.awarding.replacing import Change, replace, worked_anew
from backend.pension.awarding.schema import (
    AskProvisional,
    Finalise,
    Finalised,
    Provisional,
    ProvisionalLine,
)
from backend.pension.awarding.settled import sums
from backend.pension.benefits import ITEM
from backend.pension.careers.choosing import needed_of
from backend.pension.model import Account, Award, Working
from backend.registry import service as registry

AT_A_TIME = 500
PAGE = 100
PUBLISHED = "06"  # 重新核定原因代码：公布计发基数或者记账利率


class NothingProvisional(Refusal):
    """{year} 年退休的人里没有预核定的待遇，没有需要办的。"""


@item(
    "PEN-07",
    "预核定转正式核定",
    may=Permission.PENSION_DECIDE,
    review=2,
    guide=Guide(
        what="计发基数或者记账利率公布以后，给某年退休的全部预核定人员正式核定，已经发放的月份补发差额。先用“预核定试算”看清单。",
        who="经办机构",
        bring=("公布计发基数或者记账利率的文件",),
        days="审核后当场办结",
        law="国发〔2005〕38号 第六条；人社部发〔2017〕31号",
    ),
)
def finalise(uow: Uow, cmd: Finalise) -> Finalised:
    require_reach(uow)
    see_everybody(uow)
    payout.stand_still(uow)
    if not _provisional(uow, cmd.year):
        raise NothingProvisional(year=cmd.year)
    before = sums(uow)
    changed, final, unfit = 0, 0, 0
    for changes, short in _changes(uow, cmd.year, lock=True):
        progress.step("正式核定", len(changes))
        replace(uow, changes, PUBLISHED, cmd.document)
        if changes:
            differences.settle(uow, [one.person.id for one in changes], checked(uow))
        changed += len(changes)
        final += sum(not one.row.provisional for one in changes)
        unfit += short
    after = sums(uow)
    return Finalised(
        year=cmd.year,
        changed=changed,
        final=final,
        provisional=_provisional(uow, cmd.year),
        owed_fen=after.owed - before.owed,
        overpaid_fen=after.claimed - before.claimed,
        warnings=_warnings(unfit),
    )


@question("PEN-Q4", "预核定试算", may=Permission.PENSION_DECIDE)
def provisional(uow: Uow, ask: AskProvisional) -> Provisional:
    """What PEN-07 would do, person by person; nothing changes."""
    require_reach(uow)
    see_everybody(uow)
    lines, short, owed, overpaid = list[ProvisionalLine](), 0, 0, 0
    for changes, unfit in _changes(uow, ask.year, lock=False):
        posted = _posted(uow, changes)
        lines += [_line(one, posted.get(one.person.id, 0)) for one in changes]
        short += unfit
        uow.session.expunge_all()
    for line in lines:
        owed, overpaid = owed + max(line.difference_fen, 0), overpaid + max(-line.difference_fen, 0)
    first = (ask.page - 1) * PAGE
    return Provisional(
        year=ask.year,
        provisional=_provisional(uow, ask.year),
        changing=len(lines),
        becoming_final=sum(line.final for line in lines),
        owed_fen=owed,
        overpaid_fen=overpaid,
        lines=tuple(lines[first : first + PAGE]),
        warnings=_warnings(short),
    )


def _warnings(unfit: int) -> tuple[str, ...]:
    if not unfit:
        return ()
    return (f"有 {unfit} 人现在的缴费月数不够最低缴费年限，没有重新核定，请逐个核对他们的缴费记录。",)


def _provisional(uow: Uow, year: int) -> int:
    return uow.session.scalars(select(func.count()).where(*_which(year))).one()


def _which(year: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Award.provisional.is_(True),
        Award.state != "replaced",
        Award.area == settings().area,
        Award.retired >= Month(year, 1),
        Award.retired <= Month(year, 12),
    )


def _changes(uow: Uow, year: int, *, lock: bool) -> Iterator[tuple[list[Change], int]]:
    """So many at a time, by person: what changes, and how many lack months by now and stay as they are."""
    seen = 0
    while True:
        query = (
            select(Award, Working, Account, registry.Person)
            .join(Working, Working.award_id == Award.id)
            .join(Account, Account.person_id == Award.person_id)
            .join(registry.Person, registry.Person.id == Award.person_id)
            .where(*_which(year), Award.person_id > seen)
            .order_by(Award.person_id)
            .limit(AT_A_TIME)
        )
        rows = uow.session.execute(query.with_for_update(of=[Award, Account]) if lock else query).all()
        if not rows:
            return
        seen = rows[-1][0].person_id
        kept = records(uow, [row[0].person_id for row in rows], awarded=True)
        fit, short = list[Change](), 0
        for award, working, account, person in rows:
            change = worked_anew(uow, person, account, (award, working), kept)
            if change is None:
                continue
            if change.facts.months < needed_of(person, account, kept.months, change.facts.retired):
                short += 1
            else:
                fit.append(change)
        yield fit, short


def _posted(uow: Uow, changes: list[Change]) -> dict[int, int]:
    """How many months of these persons were posted and are due."""
    paid = payout.posted(ITEM).subquery()
    rows = uow.session.execute(
        select(paid.c.person_id, func.count())
        .where(paid.c.due, paid.c.person_id.in_([one.person.id for one in changes]))
        .group_by(paid.c.person_id)
    )
    return {row[0]: row[1] for row in rows}


def _line(one: Change, months: int) -> ProvisionalLine:
    return ProvisionalLine(
        name=one.person.name,
        ident=ident.masked(one.person.ident),
        retired=str(one.row.retired),
        before_fen=one.old.total.fen,
        after_fen=one.row.total.fen,
        change_fen=one.monthly.fen,
        months=months,
        difference_fen=one.monthly.fen * months,
        final=not one.row.provisional,
    )
