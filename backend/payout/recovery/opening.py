"""Opening 立账: a claim is booked on 暂付款 against the expense it never was."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, Select, func, insert, literal, select, type_coerce

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.kernel.money import Money
from backend.payout import accounts
from backend.payout.model import Recovery, Repayment


def open_recovery(
    uow: Uow, *, person_id: int, fund: str, what: str, fen: int, reason: str, note: str, source: str
) -> int:
    """A new claim and its ledger batch; its number comes back. `source` is what it comes from, claimed once."""
    row = Recovery(
        person_id=person_id,
        fund=fund,
        item=what,
        amount=Money(fen),
        left=Money(fen),
        reason=reason,
        note=note,
        source=source,
        way="once",
        agreement="",
        opened_at=uow.now,
    )
    uow.session.add(row)
    uow.session.flush()
    ledger.post(
        uow,
        month=ledger.this_month(uow),
        document="overpayment",
        key=f"overpayment/{source}",
        lines=[ledger.Line(accounts.claims(uow, fund), accounts.benefit(uow, fund), fen)],
        maker=uow.actor.id,
        checker=accounts.checked(uow),
    )
    return row.id


COLUMNS = (
    "person_id",
    "source",
    "amount",
    "left",
    "fund",
    "item",
    "reason",
    "note",
    "way",
    "agreement",
    "opened_at",
)


def open_recoveries(
    uow: Uow,
    *,
    fund: str,
    what: str,
    rows: Select[*tuple[int, str, int]],
    reason: str,
    note: str,
    key: str,
) -> tuple[int, int]:
    """A claim for each row (person_id, source, fen), as one set and one ledger batch; how many, and how much."""
    claims = rows.subquery("claims")
    said = (fund, what, reason, note, "once", "")
    opened = (
        insert(Recovery)
        .from_select(
            COLUMNS,
            select(
                claims.c.person_id,
                claims.c.source,
                claims.c.fen,
                claims.c.fen,
                *map(literal, said),
                literal(uow.now),
            ),
        )
        .returning(Recovery.id, Recovery.amount)
        .cte("opened")
    )
    first, n, fen = uow.session.execute(
        select(
            func.min(opened.c.id),
            func.count(),
            func.coalesce(func.sum(type_coerce(opened.c.amount, BigInteger())), 0),
        )
    ).one()
    if n:
        ledger.post_select(
            uow,
            month=ledger.this_month(uow),
            document="overpayment",
            key=f"overpayment/{key}",
            source=select(
                literal(accounts.claims(uow, fund)).label("debit"),
                literal(accounts.benefit(uow, fund)).label("credit"),
                Recovery.amount.label("amount_fen"),
            ).where(Recovery.id >= first, Recovery.source.startswith(f"{key}/", autoescape=True)),
            maker=uow.actor.id,
            checker=accounts.checked(uow),
        )
    return int(n), int(fen)


def kept_back(uow: Uow, payables: Sequence[int]) -> int:
    """How much of these payables was kept back for a debt, in fen."""
    kept = select(func.coalesce(func.sum(Repayment.amount), 0)).where(Repayment.payable_id.in_(payables))
    found: Money = uow.session.scalars(kept).one()
    return found.fen if isinstance(found, Money) else int(found)
