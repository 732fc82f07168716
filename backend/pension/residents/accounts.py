"""Accounts 个人账户: whose it is, how many months count, and what goes in or comes out again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.money import Money
from backend.kernel.settings import settings
from backend.pension import years
from backend.pension.model import Yearly
from backend.pension.residents.books import FUND, RESIDENTS
from backend.pension.residents.model import ResidentAccount, ResidentMove, ResidentPayment, ResidentYear
from backend.pension.rules.residents import YEAR


class NotEnrolled(Refusal):
    """{name}没有参加城乡居民基本养老保险，请先办理参保登记（RES-01）。"""

    status = 404


def account_of(uow: Uow, person_id: int, name: str, *, lock: bool = False) -> ResidentAccount:
    account = uow.session.get(ResidentAccount, person_id, with_for_update=lock or None)
    if account is None:
        raise NotEnrolled(name=name)
    return account


def months_of(uow: Uow, account: ResidentAccount) -> int:
    """累计缴费月数: a year paid is twelve months; what was paid before the account moved out went with it."""
    left = (
        select(func.max(ResidentMove.at))
        .where(ResidentMove.person_id == account.person_id, ResidentMove.kind == "out")
        .scalar_subquery()
    )
    paid = select(func.count()).where(
        ResidentPayment.person_id == account.person_id,
        ResidentPayment.kind == "own",
        ResidentPayment.reversed_at.is_(None),
        (ResidentPayment.booked_at > left).is_not(False),
    )
    return YEAR * uow.session.scalars(paid).one() + account.taken_months


def account(uow: Uow, person_id: int, latest: int) -> tuple[int, Sequence[Yearly]] | None:
    """Months paid, and the newest years of the account; None for who has none."""
    known = uow.session.get(ResidentAccount, person_id)
    if known is None:
        return None
    newest = (
        select(ResidentYear)
        .where(ResidentYear.person_id == person_id)
        .order_by(ResidentYear.year.desc())
        .limit(latest)
    )
    return months_of(uow, known), uow.session.scalars(newest).all()


def credit(uow: Uow, person_id: int, fen: int, months: int, *, counted: int | None = None) -> None:
    """So much comes into the account this month (below nothing: goes out of it again). The months stand in the year
    in which they were booked (`counted`: another one than this)."""
    years.open_year(uow, ResidentAccount.person_id == person_id, empty=True, books=RESIDENTS)
    row = uow.session.get_one(ResidentYear, (uow.today.year, person_id), with_for_update=True)
    row.credited, row.closing = row.credited + Money(fen), row.closing + Money(fen)
    row.moved = [one + fen * (n == uow.today.month) for n, one in enumerate(row.moved, 1)]
    uow.session.get_one(ResidentYear, (counted or uow.today.year, person_id)).months += months
    uow.session.flush()


def balance(uow: Uow, person_id: int) -> Money:
    return years.balance(uow, person_id, RESIDENTS)


def holding(uow: Uow, kind: str) -> int:
    """An account of the residents' fund in the ledger."""
    return ledger.account(uow, FUND, settings().area, kind)
