"""Registry 登记: what other systems may call."""

from backend.registry.cards import issue_card, report_loss
from backend.registry.finding import (
    bank_account,
    card,
    card_by_id,
    dead_before,
    employer,
    employer_by_id,
    employers,
    handle,
    ident_behind,
    person,
    person_by_id,
)
from backend.registry.jobs import Enrolled, hire, leave
from backend.registry.model import BankAccount, Employer, Person
from backend.registry.persons import register_employer, register_person, view_employer, view_person
from backend.registry.schema import CARD_STATUS, IssueCard, RegisterPerson

__all__ = [
    "CARD_STATUS",
    "BankAccount",
    "Employer",
    "Enrolled",
    "IssueCard",
    "Person",
    "RegisterPerson",
    "bank_account",
    "card",
    "card_by_id",
    "dead_before",
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
    "register_employer",
    "register_person",
    "report_loss",
    "view_employer",
    "view_person",
]
