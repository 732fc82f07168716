"""Books 账簿: what stands on an account, its statement by month, and the trial balance of all of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from backend.kernel.db import Uow
from backend.kernel.errors import NotFound
from backend.kernel.funds import Fund, chart
from backend.kernel.ledger.periods import month_of, ym
from backend.kernel.period import Month

BALANCE = text("select sum(debit - credit)::bigint from ledger.balance where account = :account")

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
    with pairs as (
      select ym, debit, credit, sum(amount_fen) as fen from ledger.transfer where ym >= :ym
      group by ym, debit, credit
    ), sides as (
      select ym, debit as account, fen as debit, 0 as credit from pairs
      union all select ym, credit, 0, fen from pairs
    ), moved as (
      select account, sum(debit - credit) as since, sum(debit) filter (where ym = :ym) as debit,
        sum(credit) filter (where ym = :ym) as credit
      from sides group by account
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


def balance(uow: Uow, account: int) -> int:
    """Debits less credits, in fen: an account that grows in credit stands below zero."""
    fen = uow.session.scalar(BALANCE, {"account": account})
    if fen is None:
        raise NotFound(what=f"账户 {account}")
    return int(fen)


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
