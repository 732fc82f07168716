"""Registry 登记: what other systems may call."""

from backend.registry.accounts import change_account
from backend.registry.cards import issue_card, report_loss
from backend.registry.deaths import Died, register_death
from backend.registry.finding import (
    alive,
    bank_account,
    card,
    card_by_id,
    employer,
    employer_by_id,
    employers,
    handle,
    ident_behind,
    person,
    person_by_id,
)
from backend.registry.jobs import Enrolled, hire, leave
from backend.registry.model import BankAccount, Card, Employer, Person
from backend.registry.persons import register_employer, register_person, view_employer, view_person
from backend.registry.schema import CARD_STATUS, IssueCard, RegisterPerson

__all__ = [
    "CARD_STATUS",
    "BankAccount",
    "Card",
    "Died",
    "Employer",
    "Enrolled",
    "IssueCard",
    "Person",
    "RegisterPerson",
    "alive",
    "bank_account",
    "card",
    "card_by_id",
    "change_account",
    "employer",
    "employer_by_id",
    "employers",
    "handle",
    "hire",
    "ident_behind",
    "issue_card",
    "leave",
    "person",
    "person_by_id",
    "register_death",
    "register_employer",
    "register_person",
    "report_loss",
    "view_employer",
    "view_person",
]
