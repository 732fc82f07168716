"""Moving 制度衔接: an account leaves for the employees' scheme, or one comes from there (人社部发〔2014〕17号).

Who moves a person between the schemes calls these two; the other fund's side of the money is theirs.
"""

from __future__ import annotations

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.payout import accounts
from backend.pension import years
from backend.pension.residents.accounts import account_of, balance, credit, holding
from backend.pension.residents.books import FUND, RESIDENTS
from backend.pension.residents.enrolling import open_account, require_paying
from backend.pension.residents.model import ResidentAccount, ResidentMove, ResidentYear
from backend.pension.residents.settling import bear_until
from backend.pension.residents.terms import look, tiers
from backend.registry import service as registry

OUT, IN = "resident-transfer-out", "resident-transfer-in"


def give_up(uow: Uow, person_id: int) -> Money:
    """The account is closed and its balance, with interest to this month, leaves the residents' fund: as much comes
    back. Its years of payment end with it (职保不折算居民缴费年限). Refuses: NotEnrolled, NotPaying, Overdrawn."""
    name = registry.persons(uow, {person_id})[person_id].name
    account = account_of(uow, person_id, name, lock=True)
    require_paying(account, name)
    bear_until(uow, person_id, Month.of(uow.today))
    left = balance(uow, person_id)
    if left:
        years.pay_debt(uow, person_id, left, RESIDENTS)
    move = ResidentMove(person_id=person_id, kind="out", amount=left, months=account.taken_months, at=uow.now)
    account.status, account.taken_months = "3", 0
    uow.session.add(move)
    uow.session.flush()
    if left:
        _post(uow, OUT, move, holding(uow, "transfer_expense"), accounts.expenditure(uow, FUND))
    return left


def take_in(uow: Uow, person_id: int, amount: Money, months: int) -> None:
    """So much comes into the person's account here (opened where there is none), and so many months count as paid."""
    who = registry.persons(uow, {person_id})[person_id]
    account = uow.session.get(ResidentAccount, person_id, with_for_update=True)
    if account is None or account.status in ("2", "3"):
        account = open_account(uow, person_id, who.area, Money.yuan(str(min(tiers(look(uow.today))))))
    require_paying(account, who.name)
    move = ResidentMove(person_id=person_id, kind="in", amount=amount, months=months, at=uow.now)
    account.taken_months += months
    uow.session.add(move)
    uow.session.flush()
    credit(uow, person_id, amount.fen, 0)
    uow.session.get_one(ResidentYear, (uow.today.year, person_id)).months += months
    uow.session.flush()
    if amount > ZERO:
        _post(uow, IN, move, holding(uow, "receipts_deposit"), holding(uow, "transfer_income"))


def _post(uow: Uow, document: str, move: ResidentMove, debit: int, credited: int) -> None:
    ledger.post(
        uow,
        month=ledger.this_month(uow),
        document=document,
        key=f"{document}/{move.id}",
        lines=[ledger.Line(debit, credited, move.amount.fen)],
        checker=accounts.checked(uow),
    )
