"""Commands and questions of basic pension: account, statement, award, monthly payment."""

from __future__ import annotations

from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.items import question
from backend.pension import auditing, interest, offsetting, scenarios, stopping, visits, years
from backend.pension.adjusting import service as adjusting
from backend.pension.awarding import finalising, noticing, recalculating
from backend.pension.awarding.deciding import AlreadyAwarded, award
from backend.pension.awarding.facts import Facts, amounts, told, work_out
from backend.pension.awarding.viewing import award_of, award_view, view_award
from backend.pension.benefits import SUPPLEMENT
from backend.pension.careers import service as careers
from backend.pension.careers.choosing import NotRetiredYet, NotYet, TooFewMonths, dates
from backend.pension.careers.summing import index
from backend.pension.checking import check
from backend.pension.death import service as death
from backend.pension.living import (
    allowance,
    allowing,
    certifying,
    drawing,
    keeping,
    lapsing,
    proving,
    serving,
    viewing,
)
from backend.pension.model import Account
from backend.pension.paying import pay_month, run_month
from backend.pension.schema import AskMine, Overview
from backend.pension.statement import STATUS, NoAccount, account_of, statement
from backend.pension.transferring import service as transferring
from backend.registry import service as registry

__all__ = [
    "STATUS",
    "SUPPLEMENT",
    "AlreadyAwarded",
    "Facts",
    "NoAccount",
    "NotRetiredYet",
    "NotYet",
    "TooFewMonths",
    "adjusting",
    "allowance",
    "allowing",
    "amounts",
    "auditing",
    "award",
    "careers",
    "certifying",
    "check",
    "death",
    "drawing",
    "finalising",
    "index",
    "interest",
    "keeping",
    "lapsing",
    "mine",
    "noticing",
    "offsetting",
    "on_enrolled",
    "pay_month",
    "proving",
    "recalculating",
    "run_month",
    "scenarios",
    "serving",
    "statement",
    "stopping",
    "told",
    "transferring",
    "view_award",
    "viewing",
    "visits",
    "work_out",
]
TRACK = {"1": 60, "2": 55}  # of one newly enrolled; a woman's 50 track comes with evidence of her post


def on_enrolled(uow: Uow, fact: registry.Enrolled) -> None:
    """A first enrolment opens the individual account; who had moved elsewhere has one here again."""
    known = uow.session.get(Account, fact.person_id)
    if known is not None and known.status == "3":
        known.status = "1"
    if known is None:
        uow.session.add(
            Account(
                person_id=fact.person_id,
                status="1",
                opened=fact.started,
                track=TRACK[fact.sex],
                months_paid=0,
                deemed_months=0,
                index_sum=0,
            )
        )
        uow.session.flush()


@question("PEN-Q1", "我的养老保险", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def mine(uow: Uow, ask: AskMine) -> Overview:
    person = registry.person(uow, ask.ident)
    account = account_of(uow, person.id, person.name)
    when = dates(person.sex, account.track, person.birth)
    awarded = award_of(uow, person.id)
    bank = registry.bank_account(uow, person.id)
    return Overview(
        name=person.name,
        status=STATUS[account.status],
        months_paid=account.months_paid,
        deemed_months=account.deemed_months,
        balance_fen=years.balance(uow, person.id).fen,
        average_index=str(index(account.index_sum, account.months_paid)),
        retirement=when.legal,
        retirement_age=when.age,
        earliest=when.earliest,
        latest=when.latest,
        minimum_months=when.minimum_months,
        award=award_view(uow, *awarded) if awarded else None,
        bank=f"{bank.bank} ****{bank.number[-4:]}" if bank else None,
        by_bank=bank is not None and bank.standing,
    )
