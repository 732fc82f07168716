"""Registry 登记: what other systems may call."""

from backend.registry import auditing
from backend.registry.accounts import change_account
from backend.registry.cards import issue_card, report_loss
from backend.registry.deaths import Died, Lives, register_death, withdraw_death
from backend.registry.finding import (
    Held,
    alive,
    bank_account,
    card,
    card_by_id,
    employees,
    employer,
    employer_by_id,
    employers,
    enrolled,
    handle,
    ident_behind,
    numbered,
    person,
    persons,
    uninsurable,
)
from backend.registry.jobs import PENSION, TOGETHER, Enrolled, hire, leave
from backend.registry.model import BankAccount, Card, Employer, Person
from backend.registry.persons import register_employer, register_person, view_employer, view_person
from backend.registry.schema import IssueCard, RegisterPerson

__all__ = [
    "PENSION",
    "TOGETHER",
    "BankAccount",
    "Card",
    "Died",
    "Employer",
    "Enrolled",
    "Held",
    "IssueCard",
    "Lives",
    "Person",
    "RegisterPerson",
    "alive",
    "auditing",
    "bank_account",
    "card",
    "card_by_id",
    "change_account",
    "employees",
    "employer",
    "employer_by_id",
    "employers",
    "enrolled",
    "handle",
    "hire",
    "ident_behind",
    "issue_card",
    "leave",
    "numbered",
    "person",
    "persons",
    "register_death",
    "register_employer",
    "register_person",
    "report_loss",
    "uninsurable",
    "view_employer",
    "view_person",
    "withdraw_death",
]
