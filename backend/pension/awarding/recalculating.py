"""Recalculating 待遇重算: an award is worked out anew because a fact behind it has changed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from backend.kernel import codes
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item, question
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.pension.awarding import differences
from backend.pension.awarding.deciding import asked_or_legal
from backend.pension.awarding.differences import checked
from backend.pension.awarding.model import Difference, Replacement
from backend.pension.awarding.reckoning import records
from backend.pension.awarding.replacing import MadeElsewhere, components, replace, worked_anew
from backend.pension.awarding.schema import (
    AskHistory,
    History,
    Recalculate,
    Recalculated,
    ReplacementView,
)
from backend.pension.awarding.settled import sums
from backend.pension.awarding.viewing import award_of, award_view
from backend.pension.careers.choosing import may_retire, require_months
from backend.pension.model import Account, Award, Working
from backend.pension.statement import account_of
from backend.registry import service as registry


class NeverAwarded(Refusal):
    """{name}没有核定过养老待遇，不能重新核定。请先办理“养老待遇核定”。"""

    status = 404


class NothingChanged(Refusal):
    """按现在的记录计算，{name}的养老待遇和原来的核定（编号 {award}）一样，没有重新核定。请先把更正的事实办好再来。"""


class KeptAsItWas(Refusal):
    """{name}的养老金是由病残津贴转来的，退休时金额照旧，不重新计算。"""


class ForEverybody(Refusal):
    """公布计发基数或者记账利率，是给全部预核定人员一起办的，请办理“预核定转正式核定”。"""


@dataclass(frozen=True)
class _Case:
    """Whose award is worked out anew, and for which month of retirement."""

    person: registry.Person
    account: Account
    standing: tuple[Award, Working]
    retired: Month


def _ready(uow: Uow, cmd: Recalculate) -> _Case:
    person = registry.person(uow, cmd.ident, lock=True)
    account = account_of(uow, person.id, person.name, lock=True)
    standing = award_of(uow, person.id)
    if standing is None:
        raise NeverAwarded(name=person.name)
    if cmd.reason == "06":
        raise ForEverybody
    old, working = standing
    if "settled" not in working.facts and old.pays_from > old.first_month:
        raise MadeElsewhere(name=person.name)
    if "settled" not in working.facts:
        raise KeptAsItWas(name=person.name)
    retired = asked_or_legal(person, account, cmd.retired) if cmd.retired else old.retired
    if cmd.retired:
        may_retire(uow, person, account, retired, corrected=True)
    return _Case(person, account, standing, retired)


@item(
    "PEN-08",
    "养老待遇重新核定",
    may=Permission.PENSION_DECIDE,
    review=2,
    ready=_ready,
    guide=Guide(
        what="核定的依据变了（视同缴费年限、补缴、缴费指数、退休年月等），重新计算养老待遇，已经发放的月份多退少补。",
        who="经办机构，或者本人申请",
        bring=("依据的文书（认定书、缴费凭证、判决书等）", "居民身份证"),
        days="十五个工作日",
        law="社会保险法 第十六条；社会保险经办条例 第三十七条、第四十六条",
    ),
)
def recalculate(uow: Uow, cmd: Recalculate) -> Recalculated:
    found = _ready(uow, cmd)
    person, account, standing, retired = found.person, found.account, found.standing, found.retired
    old = standing[0]
    payout.stand_still(uow)
    kept = records(uow, [person.id], awarded=True)
    change = worked_anew(uow, person, account, standing, kept, retired)
    if change is None:
        raise NothingChanged(name=person.name, award=old.id)
    require_months(uow, person, account, retired)
    before = sums(uow, person.id)
    replace(uow, [change], cmd.reason, cmd.document)
    differences.settle(uow, [person.id], checked(uow))
    if retired != old.retired:
        uow.emit(registry.Retired(person.id, retired))
    after = sums(uow, person.id)
    return Recalculated(
        name=person.name,
        reason=codes.name("recalculation_reason", cmd.reason),
        document=cmd.document,
        decided_on=change.row.decided_on,
        components=components(old, change.row),
        months=_months(uow, change.row.id)[0],
        owed_fen=after.owed - before.owed,
        overpaid_fen=after.claimed - before.claimed,
        waiting_fen=after.waiting,
        award=award_view(uow, change.row, change.working),
    )


@question("PEN-Q6", "养老待遇重新核定记录", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def history(uow: Uow, ask: AskHistory) -> History:
    person = registry.person(uow, ask.ident)
    rows = uow.session.scalars(
        select(Replacement)
        .join(Award, Award.id == Replacement.award_id)
        .where(Award.person_id == person.id)
        .order_by(Replacement.award_id.desc())
    ).all()
    known = sums(uow, person.id)
    return History(
        name=person.name,
        owed_fen=known.owed,
        overpaid_fen=known.claimed,
        waiting_fen=known.waiting,
        replacements=tuple(_view(uow, row) for row in rows),
    )


def _view(uow: Uow, row: Replacement) -> ReplacementView:
    old, new = uow.session.get_one(Award, row.replaces), uow.session.get_one(Award, row.award_id)
    months, fen = _months(uow, row.award_id)
    return ReplacementView(
        award=row.award_id,
        replaces=row.replaces,
        decided_on=new.decided_on,
        reason=codes.name("recalculation_reason", row.reason),
        document=row.document,
        components=components(old, new),
        months=months,
        difference_fen=fen,
    )


def _months(uow: Uow, award_id: int) -> tuple[int, int]:
    """How many months differed because of an award, and by how much in all."""
    n, fen = uow.session.execute(
        select(func.count(), func.coalesce(func.sum(Difference.fen), 0)).where(
            Difference.award_id == award_id
        )
    ).one()
    return n, int(fen)
