"""Differences 长款、短款: what a count found, decided by two persons with a reason, and booked."""

from __future__ import annotations

from backend.kernel import auth, ledger
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import item
from backend.kernel.pooling import require_reach
from backend.kiosks import happening
from backend.kiosks.cash import counted
from backend.kiosks.model import Count
from backend.kiosks.schema import OVER, SHORT, DecideDifference, DifferenceDecided
from backend.kiosks.seen import CountView
from backend.payout import accounts

# 长款、短款 go through 待处理现金; which account ends them is ours to offer until the fund's accounting rules have
# been read in print (财会〔2017〕28号)
KINDS = {
    "income": "other_income",
    "owed": "temporary_receipts",
    "repaid": "expenditure_deposit",
    "written_off": "other_expense",
}


class NoSuchCount(NotFound):
    """没有清点号 {count}，请核对。"""


class NothingToDecide(Refusal):
    """清点 {count} 账实相符，没有差额要处理。"""


class DecidedAlready(Refusal):
    """清点 {count} 的差额已经处理过，没有再处理。"""


class OtherWay(Refusal):
    """清点 {count} 是{kind}，不能这样处理。请选“{kind}”开头的处理方式。"""

    status = 422


def _open(uow: Uow, cmd: DecideDifference) -> Count:
    """The count, locked, whose difference can be ended this way."""
    row = uow.session.get(Count, cmd.count, with_for_update=True)
    if row is None:
        raise NoSuchCount(count=cmd.count)
    happening.within(uow, row.kiosk)
    if row.state == "agreed":
        raise NothingToDecide(count=cmd.count)
    if row.state == "decided":
        raise DecidedAlready(count=cmd.count)
    over = row.difference_fen > 0
    if cmd.way not in (OVER if over else SHORT):
        raise OtherWay(count=cmd.count, kind="长款" if over else "短款")
    return row


@item("KSK-45", "现金差额处理", may=Permission.PAYOUT_RUN, review=1, ready=_open)
def decide(uow: Uow, cmd: DecideDifference) -> DifferenceDecided:
    require_reach(uow)
    row = _open(uow, cmd)
    waits, ends = accounts.suspense(uow, row.kiosk), accounts.other(uow, KINDS[cmd.way])
    debit, credit = (waits, ends) if row.difference_fen > 0 else (ends, waits)
    ledger.post(
        uow,
        month=ledger.this_month(uow),
        document="cash-difference",
        key=f"cash-difference/{row.id}",
        lines=[ledger.Line(debit, credit, abs(row.difference_fen))],
        maker=uow.actor.id,
        checker=accounts.checked(uow),
    )
    row.state, row.way, row.reason, row.decided_at = "decided", cmd.way, cmd.reason, uow.now
    happening.note(uow, row.kiosk, "decided", f"{row.id} {(OVER | SHORT)[cmd.way]}：{cmd.reason}")
    return DifferenceDecided(count=row.id, difference_fen=row.difference_fen, way=cmd.way)


def views(uow: Uow, rows: list[Count]) -> tuple[CountView, ...]:
    """Counts as they are shown, with the names of who counted."""
    names = auth.shown(uow, {one for row in rows for one in (row.first, row.second)})
    return tuple(
        CountView(
            **counted(row).model_dump(),
            at=row.at,
            first=names.get(row.first, row.first),
            second=names.get(row.second, row.second),
            state=row.state,
            way=row.way,
            reason=row.reason,
        )
        for row in rows
    )
