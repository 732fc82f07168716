"""Books 账簿: what stands on an account, its statement by month, and the trial balance of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from backend.kernel.db import Uow
from backend.kernel.errors import NotFound
from backend.kernel.funds import Fund, chart
from backend.kernel.ledger.periods import month_of, ym
from backend.kernel.period import Month

BALANCE = text("select sum(debit - credit)::bigint from ledger.balance where account = :account")

MOVED_SINCE = text(
    """
    select exists (
      select from ledger.transfer t join ledger.batch b on b.id = t.batch
      where (t.debit = :account or t.credit = :account) and b.approved_at > :at
    )
    """
)

# what stood before is what stands now less what has moved since: recent months, the usual question, are quick
STATEMENT = text(
    """
    with moved as (
      select ym, batch,
        coalesce(sum(amount_fen) filter (where debit = :account), 0)::bigint as debit,
        coalesce(sum(amount_fen) filter (where credit = :account), 0)::bigint as credit
      from ledger.transfer where ym >= :first and (debit = :account or credit = :account) group by ym, batch
    ), opening as (
      select (sum(debit - credit) - (select coalesce(sum(debit - credit), 0) from moved))::bigint as fen
      from ledger.balance where account = :account having count(*) > 0
    )
    select opening.fen, m.ym, b.id, b.document, b.key, m.debit, m.credit
    from opening left join (moved m join ledger.batch b on b.id = m.batch and m.ym <= :last) on true
    order by m.ym, b.id
    """
)
TRIAL = text(
    """
    with moved as (
      select account, sum(debit - credit) as since, sum(debit) filter (where ym = :ym) as debit,
        sum(credit) filter (where ym = :ym) as credit
      from ledger.movement(:ym, 299912) group by account
    )
    select a.id, a.fund, a.area, a.kind, a.owner, (b.net - coalesce(m.since, 0))::bigint as opening,
      coalesce(m.debit, 0)::bigint as debit, coalesce(m.credit, 0)::bigint as credit
    from ledger.account a
    join (
      select account, sum(debit - credit) as net from ledger.balance group by account
    ) b on b.account = a.id
    left join moved m on m.account = a.id
    """
)
OF_FUND = text("select id, fund, area, kind, owner from ledger.account where fund = :fund and area = :area")
KEPT = text("select distinct fund, area from ledger.account order by 1, 2")
# the carrying of a year is no income or expense of the month in which it is booked
MOVEMENTS = text(
    """
    select account, ym, debit, credit from ledger.movement(:first, :last)
    where not carrying and account = any (:accounts)
    """
)
YEAR_END = (
    "year-end"  # the document that carries a year; the database knows the same word (ledger.reopen_period)
)


@dataclass(frozen=True)
class Account:
    """Whose account of what kind."""

    id: int
    fund: Fund
    area: str
    kind: str
    owner: str | None

    @property
    def code(self) -> str:
        return chart()[self.kind].code

    def __str__(self) -> str:
        owner = f" {self.owner}" if self.owner else ""
        return f"{self.fund.label} {self.area} {self.code} {chart()[self.kind].name}{owner}"


@dataclass(frozen=True)
class StatementLine:
    """What one batch moved on the account, and what then stood on it (debits less credits)."""

    month: Month
    batch: int
    document: str
    key: str
    debit_fen: int
    credit_fen: int
    balance_fen: int


@dataclass(frozen=True)
class Statement:
    """明细账: an account over some months; amounts are debits less credits."""

    opening_fen: int
    lines: tuple[StatementLine, ...]
    closing_fen: int


@dataclass(frozen=True)
class TrialLine:
    """One account in the trial balance of a month; opening and closing are debits less credits."""

    account: Account
    opening_fen: int
    debit_fen: int
    credit_fen: int

    @property
    def closing_fen(self) -> int:
        return self.opening_fen + self.debit_fen - self.credit_fen


@dataclass(frozen=True)
class Movement:
    """What a month moved on an account."""

    account: Account
    month: Month
    debit_fen: int
    credit_fen: int


def balance(uow: Uow, account: int) -> int:
    """Debits less credits, in fen: an account that grows in credit stands below zero."""
    fen = uow.session.scalar(BALANCE, {"account": account})
    if fen is None:
        raise NotFound(what=f"账户 {account}")
    return int(fen)


def moved_since(uow: Uow, account: int, at: datetime) -> bool:
    """Whether anything was posted on an account after a moment."""
    return bool(uow.session.scalar(MOVED_SINCE, {"account": account, "at": at}))


def statement(uow: Uow, account: int, first: Month, last: Month) -> Statement:
    """What each batch moved on an account, from month `first` to month `last`, both included."""
    rows = uow.session.execute(STATEMENT, {"account": account, "first": ym(first), "last": ym(last)}).all()
    if not rows:
        raise NotFound(what=f"账户 {account}")
    stands = opening = rows[0].fen
    lines = []
    for _, month, batch, document, key, debit, credit in rows:
        if batch is not None:
            stands += debit - credit
            lines.append(StatementLine(month_of(month), batch, document, key, debit, credit, stands))
    return Statement(opening, tuple(lines), stands)


def funds_kept(uow: Uow) -> tuple[tuple[Fund, str], ...]:
    """Every fund and area that has accounts."""
    return tuple((Fund(row.fund), row.area) for row in uow.session.execute(KEPT))


def accounts_of(uow: Uow, fund: Fund, area: str) -> tuple[Account, ...]:
    """The accounts that a fund has opened in an area."""
    rows = uow.session.execute(OF_FUND, {"fund": fund, "area": area})
    return tuple(Account(row.id, Fund(row.fund), row.area, row.kind, row.owner) for row in rows)


def movements(uow: Uow, accounts: Sequence[Account], first: Month, last: Month) -> tuple[Movement, ...]:
    """What each month moved on some accounts, both months included; the carrying of a year is left out."""
    known = {one.id: one for one in accounts}
    asked = {"accounts": list(known), "first": ym(first), "last": ym(last)}
    return tuple(
        Movement(known[row.account], month_of(row.ym), row.debit, row.credit)
        for row in uow.session.execute(MOVEMENTS, asked)
    )


def trial_balance(uow: Uow, month: Month) -> tuple[TrialLine, ...]:
    """试算平衡表: every account in a month, by fund, area and code. Each fund's columns add up to nothing."""
    lines = [
        TrialLine(
            Account(row.id, Fund(row.fund), row.area, row.kind, row.owner), row.opening, row.debit, row.credit
        )
        for row in uow.session.execute(TRIAL, {"ym": ym(month)})
    ]
    order = {fund: place for place, fund in enumerate(Fund)}
    return tuple(
        sorted(
            lines,
            key=lambda line: (
                order[line.account.fund],
                line.account.area,
                line.account.code,
                line.account.owner or "",
            ),
        )
    )
