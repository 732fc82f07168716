"""Cash 现金: bags put into a kiosk, what is counted there, what is taken out; two persons each time, one book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.kernel import ledger
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import item
from backend.kernel.money import Money
from backend.kernel.pooling import require_reach
from backend.kiosks import happening
from backend.kiosks.beating import SERVING, notes_of, waiting_fen
from backend.kiosks.model import Bag, Count, Machine, Standing, Taken
from backend.kiosks.operators import behind
from backend.kiosks.schema import (
    BagPlaced,
    CountAtDesk,
    CountAtKiosk,
    Counted,
    CountedNotes,
    PlaceBag,
    TakenOut,
    TakeOut,
)
from backend.payout import accounts
from backend.payout.notes import worth_fen
from backend.payout.service import CashLoaded, cashboxes


class TwoPersons(Refusal):
    """现金要由两个人一起办，另一名操作员不能还是 {work}。请另一个人输入自己的工号和操作码。"""


class NoSuchBag(Refusal):
    """加钞单 {sheet} 没有登记给这台自助机，不能装入。请核对单号和封包号。"""


class BagPlacedAlready(Refusal):
    """加钞单 {sheet} 的封包已经装入，没有再装。"""


class OrdersHeld(Refusal):
    """自助机 {kiosk} 还有 {n} 张领取单没有结清（{orders}），现在不能清点入账。请先等它报告，或者先下清点结论（PAY-21）。"""


class StillServing(Refusal):
    """自助机 {kiosk} 还在服务，请先停用，再清点。"""


class MovedSince(Refusal):
    """登记清点以后，自助机 {kiosk} 的现金又动过，这次清点的数对不上现在的账，没有入账。请停用后重新清点、登记。"""


class SheetUsed(Refusal):
    """单号 {sheet} 已经用过，内容和这一次不一样，没有登记。请换一个单号。"""


class NothingThere(Refusal):
    """没有写取出多少，没有登记。请写各面额的张数。"""

    status = 422


class MoreThanThere(Refusal):
    """取出的 {taken} 元比账面库存现金 {held} 元还多，没有登记。请先清点，处理差额。"""


@dataclass(frozen=True)
class Pair:
    """Two persons, by their actors' ids, and their names."""

    first: str
    second: str
    names: str


def _two(uow: Uow, first: str, second: str) -> Pair:
    """Both tickets, and that they are of two persons."""
    one, other = behind(uow, first), behind(uow, second)
    if one.id == other.id:
        raise TwoPersons(work=one.name)
    return Pair(f"officer:{one.id}", f"officer:{other.id}", f"{one.shown}、{other.shown}")


def on_cash_loaded(uow: Uow, fact: CashLoaded) -> None:
    """What comes in a bag waits beside the kiosk until it is put in."""
    waits = bool(fact.bag)
    row: dict[str, Any] = {
        "kiosk": fact.kiosk,
        "sheet": fact.sheet,
        "bag": fact.bag,
        "pieces": _kept(fact.pieces),
        "amount": Money(fact.amount_fen),
        "booked_at": uow.now,
        "placed_at": None if waits else uow.now,
        "first": None if waits else fact.maker,
        "second": None if waits else fact.checker,
    }
    written = insert(Bag).values(row).on_conflict_do_nothing().returning(Bag.sheet)
    if uow.session.scalar(written) is None:
        known = uow.session.get_one(Bag, (fact.kiosk, fact.sheet))
        if (known.bag, known.pieces, known.amount) != (row["bag"], row["pieces"], row["amount"]):
            raise SheetUsed(sheet=fact.sheet)  # or a second bag would be in no book
    elif waits:
        happening.note(uow, fact.kiosk, "bag", f"{fact.sheet} {fact.bag} {Money(fact.amount_fen)} 元")


def _kept(pieces: Mapping[int, int]) -> dict[str, int]:
    return {str(fen): n for fen, n in pieces.items()}


@item("KSK-32", "封包装入自助机", by=(Kind.KIOSK,))
def place(uow: Uow, cmd: PlaceBag) -> BagPlaced:
    """Two operators open a sealed bag before this machine; from here its notes count as inside."""
    _hold(uow, uow.actor.id)
    bag = uow.session.get(Bag, (uow.actor.id, cmd.sheet), with_for_update=True)
    if bag and bag.placed_at and cmd.again:  # booked, and the machine never heard of it, whoever asks now
        return BagPlaced(sheet=bag.sheet, amount_fen=bag.amount.fen, notes=notes_of(bag.pieces))
    two = _two(uow, cmd.first, cmd.second)
    if bag is None:
        raise NoSuchBag(sheet=cmd.sheet)
    if bag.placed_at is not None:
        raise BagPlacedAlready(sheet=cmd.sheet)
    bag.placed_at, bag.first, bag.second = uow.now, two.first, two.second
    happening.note(uow, bag.kiosk, "placed", f"{bag.sheet} {bag.bag} {bag.amount} 元", two.names)
    return BagPlaced(sheet=bag.sheet, amount_fen=bag.amount.fen, notes=notes_of(bag.pieces))


def place_opening(uow: Uow, kiosk: str, sheet: str) -> None:
    """What a new machine is handed over with: it is in already."""
    bag = uow.session.get_one(Bag, (kiosk, sheet))
    bag.placed_at, bag.first, bag.second = uow.now, uow.actor.id, accounts.checked(uow)
    uow.session.flush()


@item("KSK-34", "自助机清点", by=(Kind.KIOSK,))
def count_here(uow: Uow, cmd: CountAtKiosk) -> Counted:
    """Counted by two operators at the machine itself, which says that it is out of service."""
    if (before := _before(uow, uow.actor.id, cmd.sheet, cmd)) is not None:
        return before
    two = _two(uow, cmd.first, cmd.second)
    return _count(uow, uow.actor.id, cmd.sheet, cmd, two)


def _stands_still(uow: Uow, cmd: CountAtDesk) -> None:
    """Stopped by the office, as long as what was counted has not been booked."""
    require_reach(uow)
    happening.within(uow, cmd.kiosk)
    decided = uow.session.get(Machine, cmd.kiosk)
    if decided is None or decided.stopped is None:
        raise StillServing(kiosk=cmd.kiosk)


@item("KSK-46", "登记自助机清点", may=Permission.PAYOUT_RUN, review=1, ready=_stands_still)
def count_at_desk(uow: Uow, cmd: CountAtDesk) -> Counted:
    """Counted by two officers at a machine that cannot say anything itself."""
    _stands_still(uow, cmd)
    if (before := _before(uow, cmd.kiosk, cmd.sheet, cmd)) is not None:
        return before
    _hold(uow, cmd.kiosk)
    if uow.filed_at is not None and _moved_since(uow, cmd.kiosk, uow.filed_at):
        raise MovedSince(kiosk=cmd.kiosk)
    two = Pair(uow.actor.id, accounts.checked(uow), "")
    return _count(uow, cmd.kiosk, cmd.sheet, cmd, two)


def _moved_since(uow: Uow, kiosk: str, at: datetime) -> bool:
    """Whether cash went in or out after it was counted: what was found then says nothing of now."""
    placed = select(Bag.sheet).where(Bag.kiosk == kiosk, Bag.placed_at > at)
    if uow.session.scalar(placed.limit(1)) is not None:
        return True
    return ledger.moved_since(uow, accounts.cassette(uow, kiosk), at)


def _before(uow: Uow, kiosk: str, sheet: str, found: CountedNotes) -> Counted | None:
    """What was booked on this sheet already, whoever asks now."""
    earlier = uow.session.scalar(select(Count).where(Count.kiosk == kiosk, Count.sheet == sheet))
    if earlier is not None and earlier.counted_fen != found.total_fen:
        raise SheetUsed(sheet=sheet)
    return counted(earlier) if earlier is not None else None


def _hold(uow: Uow, kiosk: str) -> None:
    """From here to the end of this deed nobody else moves this machine's cash."""
    ledger.require_covered(uow, accounts.cassette(uow, kiosk), 0)


def _count(uow: Uow, kiosk: str, sheet: str, found: CountedNotes, two: Pair) -> Counted:
    book_fen, device_fen = _quiet(uow, kiosk)
    pieces = _kept(found.pieces) | {
        name: fen for name in ("rejected", "retracted", "caught") if (fen := getattr(found, f"{name}_fen"))
    }
    difference = found.total_fen - book_fen
    row = Count(
        kiosk=kiosk,
        sheet=sheet,
        at=uow.now,
        first=two.first,
        second=two.second,
        pieces=pieces,
        counted_fen=found.total_fen,
        book_fen=book_fen,
        device_fen=device_fen,
        difference_fen=difference,
        state="open" if difference else "agreed",
        way=None,
        reason=None,
        decided_at=None,
    )
    uow.session.add(row)
    uow.session.flush()
    if difference:
        _book_difference(uow, row)
    happening.note(
        uow, kiosk, "count", f"{row.id} 账面 {Money(book_fen)}，清点 {Money(found.total_fen)}", two.names
    )
    return counted(row)


def counted(row: Count) -> Counted:
    return Counted(
        count=row.id,
        kiosk=row.kiosk,
        sheet=row.sheet,
        counted_fen=row.counted_fen,
        book_fen=row.book_fen,
        device_fen=row.device_fen,
        difference_fen=row.difference_fen,
    )


def _quiet(uow: Uow, kiosk: str) -> tuple[int, int | None]:
    """What the books say lies inside, and what the dispenser said last; refused while anything is under way."""
    standing, decided = uow.session.get(Standing, kiosk), uow.session.get(Machine, kiosk)
    if standing is not None and standing.state in SERVING and (decided is None or decided.stopped is None):
        raise StillServing(kiosk=kiosk)
    _hold(uow, kiosk)
    if held := cashboxes.held_orders(uow, kiosk):
        raise OrdersHeld(kiosk=kiosk, n=len(held), orders="、".join(order for order, _fen in held[:3]))
    book_fen = ledger.balance(uow, accounts.cassette(uow, kiosk)) - waiting_fen(uow, kiosk)
    return book_fen, standing.inside_fen if standing else None


def _book_difference(uow: Uow, row: Count) -> None:
    """The books follow what is really there; the difference waits for a decision."""
    cassette, waits = accounts.cassette(uow, row.kiosk), accounts.suspense(uow, row.kiosk)
    over = row.difference_fen > 0
    debit, credit = (cassette, waits) if over else (waits, cassette)
    ledger.post(
        uow,
        month=ledger.this_month(uow),
        document="cash-count",
        key=f"cash-count/{row.id}",
        lines=[ledger.Line(debit, credit, abs(row.difference_fen))],
        maker=row.first,
        checker=row.second,
    )


@item("KSK-35", "自助机现金取出回库", by=(Kind.KIOSK,))
def take_out(uow: Uow, cmd: TakeOut) -> TakenOut:
    """Two operators take notes out; they go back to where bags come from."""
    kiosk, amount_fen = uow.actor.id, worth_fen(cmd.pieces)
    if not amount_fen:
        raise NothingThere
    _hold(uow, kiosk)  # before it is looked for: the first asking may not have ended yet
    earlier = uow.session.get(Taken, (kiosk, cmd.sheet))
    if earlier is not None:
        if earlier.pieces != _kept(cmd.pieces):
            raise SheetUsed(sheet=cmd.sheet)
        return TakenOut(sheet=cmd.sheet, amount_fen=amount_fen)
    two = _two(uow, cmd.first, cmd.second)
    account = accounts.cassette(uow, kiosk)
    held = Money(ledger.balance(uow, account))
    try:
        ledger.require_covered(uow, account, amount_fen)
    except ledger.Overdrawn:
        raise MoreThanThere(taken=Money(amount_fen), held=held) from None
    ledger.post(
        uow,
        month=ledger.this_month(uow),
        document="cash-taken",
        key=f"cash-taken/{kiosk}/{cmd.sheet}",
        lines=[ledger.Line(accounts.expenditure(uow), account, amount_fen)],
        maker=two.first,
        checker=two.second,
    )
    uow.session.add(
        Taken(
            kiosk=kiosk,
            sheet=cmd.sheet,
            at=uow.now,
            first=two.first,
            second=two.second,
            pieces=_kept(cmd.pieces),
            amount=Money(amount_fen),
        )
    )
    happening.note(uow, kiosk, "taken", f"{cmd.sheet} {Money(amount_fen)} 元", two.names)
    return TakenOut(sheet=cmd.sheet, amount_fen=amount_fen)
