"""Visits 来访: what a kiosk may show the holder of a proved card."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from backend.kernel import ident
from backend.kernel.actor import Kind
from backend.kernel.db import Uow
from backend.kernel.items import item
from backend.payout import service as payout
from backend.payout.schema import BeginVisit, Payable, ProveVisit, Visit, VisitBegun, YearOfAccount
from backend.pension.amounts import present
from backend.pension.model import Account, AccountYear, Award, Yearly
from backend.pension.residents import accounts as residents

SHOWN = {"payable": "payable", "held": "held", "collected": "collected"}
LATEST = 10  # years that are shown
ACCOUNT = (
    select(Account, AccountYear, present())
    .outerjoin(AccountYear, AccountYear.person_id == Account.person_id)
    .outerjoin(Award, (Award.person_id == Account.person_id) & (Award.state != "replaced"))
    .where(Account.person_id == bindparam("person"))
    .order_by(AccountYear.year.desc())
    .limit(LATEST)
)


@item("CRD-11", "自助机来访登记", by=(Kind.KIOSK,))
def begin(uow: Uow, cmd: BeginVisit) -> VisitBegun:
    return payout.begin(uow, cmd)


@item("CRD-12", "自助机来访验证", by=(Kind.KIOSK,))
def prove(uow: Uow, cmd: ProveVisit) -> Visit:
    visit, (card, person, bank) = payout.prove(uow, cmd)
    months, years, pension = _account(uow, person.id)
    return Visit(
        visit=visit.id,
        name=person.name,
        masked_ident=ident.masked(person.ident),
        months_paid=months,
        account_fen=years[0].closing.fen if years else 0,
        pension_fen=pension,
        years=tuple(map(_year, years)),
        payables=tuple(
            _payable(row) for row in payout.of_person(uow, person.id, 12) if row.state != "cancelled"
        ),
        bank=f"{bank.bank} ****{bank.number[-4:]}" if bank else None,
        collect_key=payout.collect_key(card),
        closings=payout.closings(uow, card),
    )


def _account(uow: Uow, person_id: int) -> tuple[int, Sequence[Yearly], int | None]:
    """Months paid, the newest years, what a month's pension is now: the employee's account, else the resident's."""
    rows = uow.session.execute(ACCOUNT, {"person": person_id}).all()
    if rows:
        return rows[0][0].months_paid, [year for _, year, _ in rows if year], rows[0][2]
    months, years = residents.account(uow, person_id, LATEST) or (0, ())
    return months, years, None


def _year(row: Yearly) -> YearOfAccount:
    return YearOfAccount(
        year=row.year,
        opening_fen=row.opening.fen,
        credited_fen=row.credited.fen,
        interest_fen=row.interest.fen,
        paid_fen=row.paid.fen,
        closing_fen=row.closing.fen,
        settled=row.rate is not None,
    )


def _payable(row: payout.PaymentView) -> Payable:
    return Payable(
        entitlement=row.entitlement,
        month=row.month,
        item=row.item,
        amount_fen=row.amount_fen,
        state=SHOWN.get(row.state, "sent_to_bank"),
        collected_on=row.settled_on,
    )
