"""Statement 个人账户对账单: what came in, what it bore and what was paid, year by year; and one year month by month."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import select

from backend.kernel import codes
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import question
from backend.kernel.period import Month
from backend.kernel.rules import MILLION, percent
from backend.pension.model import Account, AccountYear, Contribution
from backend.pension.schema import AskStatement, MonthView, Statement, YearView
from backend.registry import service as registry

STATUS = {"0": "初始", "1": "正常", "2": "终止", "3": "已转出", "4": "退休", "5": "封存"}


class NoAccount(Refusal):
    """没有找到{name}的养老保险个人账户，可能还没有参保，请先办理参保登记。"""

    status = 404


def account_of(uow: Uow, person_id: int, name: str, *, lock: bool = False) -> Account:
    account = uow.session.get(Account, person_id, with_for_update=lock or None)
    if account is None:
        raise NoAccount(name=name)
    return account


@question("PEN-Q2", "个人账户对账单", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def statement(uow: Uow, ask: AskStatement) -> Statement:
    person = registry.person(uow, ask.ident)
    account = account_of(uow, person.id, person.name)
    rows = uow.session.scalars(
        select(AccountYear).where(AccountYear.person_id == person.id).order_by(AccountYear.year)
    ).all()
    return Statement(
        name=person.name,
        status=STATUS[account.status],
        months_paid=account.months_paid,
        deemed_months=account.deemed_months,
        balance_fen=rows[-1].closing.fen if rows else 0,
        years=tuple(
            YearView(
                year=row.year,
                months=row.months,
                opening_fen=row.opening.fen,
                credited_fen=row.credited.fen,
                interest_fen=row.interest.fen,
                paid_fen=row.paid.fen,
                closing_fen=row.closing.fen,
                settled=row.rate is not None,
                rate=percent(Decimal(row.rate) / MILLION) if row.rate else "",
            )
            for row in rows
        ),
        months=_months(uow, person.id, ask.year) if ask.year else (),
    )


def _months(uow: Uow, person_id: int, year: int) -> tuple[MonthView, ...]:
    rows = uow.session.scalars(
        select(Contribution)
        .where(
            Contribution.person_id == person_id,
            Contribution.month >= Month(year, 1),
            Contribution.month <= Month(year, 12),
        )
        .order_by(Contribution.month)
    ).all()
    names = registry.employers(uow, {row.employer_id for row in rows if row.employer_id})
    return tuple(
        MonthView(
            month=str(row.month),
            employer=_payer(row, names),
            base_fen=row.base.fen,
            person_fen=row.person_share.fen,
            employer_fen=row.employer_share.fen,
        )
        for row in rows
    )


def _payer(row: Contribution, names: Mapping[int, registry.Employer]) -> str:
    """The employer, or the place that a month came from."""
    if row.area:
        return codes.full_name(row.area)
    return names[row.employer_id].name if row.employer_id else "灵活就业"
