"""Vouchers 凭证: every batch of a fund as an accountant reads it, what it moved between two accounts in one line."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from backend.kernel.db import Uow
from backend.kernel.errors import NotFound
from backend.kernel.funds import Fund
from backend.kernel.ledger.books import Account, accounts_of
from backend.kernel.ledger.periods import month_of, ym
from backend.kernel.period import Month

READ_AT_ONCE = 5_000
MONTHS = text("select ym from ledger.period order by ym")
VOUCHERS = text(
    """
    select b.ym, b.id, b.document, b.key, b.maker, b.checker, b.approved_at, t.debit, t.credit,
      sum(t.amount_fen)::bigint as fen
    from ledger.batch b join ledger.transfer t on t.ym = b.ym and t.batch = b.id
    join ledger.account a on a.id = t.debit
    where a.fund = :fund and a.area = :area and b.ym between :first and :last
      and (cast(:only as bigint[]) is null or b.id = any (:only))
    group by b.id, t.debit, t.credit order by b.ym, b.id, t.debit, t.credit
    """
)
WHERE = text(
    """
    select b.ym, a.fund, a.area from ledger.batch b
    join ledger.transfer t on t.ym = b.ym and t.batch = b.id and t.line = 1
    join ledger.account a on a.id = t.debit where b.id = :batch
    """
)
REVERSED = text("select id from ledger.batch where reverses = :batch")


@dataclass(frozen=True, slots=True)
class VoucherLine:
    """What one batch moved from account `credit` to account `debit`."""

    month: Month
    batch: int
    document: str
    key: str
    maker: str
    checker: str
    approved_at: datetime
    debit: Account
    credit: Account
    fen: int


def known_months(uow: Uow) -> tuple[Month, ...]:
    """The months whose books were ever opened."""
    return tuple(month_of(row) for row in uow.session.scalars(MONTHS))


def vouchers(
    uow: Uow, fund: Fund, area: str, first: Month, last: Month, only: Collection[int] | None = None
) -> Iterator[VoucherLine]:
    """A fund's vouchers of some months (of these `only` some) in the order in which they were booked; the lines of
    one stand together."""
    known = {one.id: one for one in accounts_of(uow, fund, area)}
    named = {
        "fund": fund.value,
        "area": area,
        "first": ym(first),
        "last": ym(last),
        "only": None if only is None else list(only),
    }
    rows = uow.session.execute(VOUCHERS, named, execution_options={"yield_per": READ_AT_ONCE})
    for month, batch, document, key, maker, checker, at, debit, credit, fen in rows:
        yield VoucherLine(
            month_of(month), batch, document, key, maker, checker, at, known[debit], known[credit], fen
        )


def voucher(uow: Uow, batch: int) -> tuple[VoucherLine, ...]:
    """One voucher by its number."""
    found = uow.session.execute(WHERE, {"batch": batch}).one_or_none()
    if found is None:
        raise NotFound(what=f"凭证 {batch}")
    month = month_of(found.ym)
    return tuple(vouchers(uow, Fund(found.fund), found.area, month, month, (batch,)))


def reversal_of(uow: Uow, batch: int) -> int | None:
    """The number of the voucher by which a voucher was reversed."""
    found: int | None = uow.session.scalar(REVERSED, {"batch": batch})
    return found
