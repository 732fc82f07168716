"""Registry 登记: what other systems may call."""

from backend.registry import auditing, ending, flexible, insuring
from backend.registry.accounts import change_account
from backend.registry.cards import freeze_card, issue_card, report_loss
from backend.registry.deaths import register_death, withdraw_death
from backend.registry.ending import Died, Lives, Retired
from backend.registry.finding import (
    EmployerCancelled,
    Held,
    NotInsured,
    active_employer,
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
    insured_since,
    lock_employer,
    numbered,
    person,
    persons,
    uninsurable,
)
from backend.registry.insuring import PENSION, TOGETHER, EmployerClosed, Enrolled
from backend.registry.jobs import hire, leave
from backend.registry.model import BankAccount, Card, Employer, Participation, Person
from backend.registry.persons import (
    register_employer,
    register_person,
    require_reach,
    view_employer,
    view_person,
)
from backend.registry.schema import IssueCard, RegisterPerson
from backend.registry.staff import staff

__all__ = [
    "PENSION",
    "TOGETHER",
    "BankAccount",
    "Card",
    "Died",
    "Employer",
    "EmployerCancelled",
    "EmployerClosed",
    "Enrolled",
    "Held",
    "IssueCard",
    "Lives",
    "NotInsured",
    "Participation",
    "Person",
    "RegisterPerson",
    "Retired",
    "active_employer",
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
    "ending",
    "enrolled",
    "flexible",
    "freeze_card",
    "handle",
    "hire",
    "ident_behind",
    "insured_since",
    "insuring",
    "issue_card",
    "leave",
    "lock_employer",
    "numbered",
    "person",
    "persons",
    "register_death",
    "register_employer",
    "register_person",
    "report_loss",
    "require_reach",
    "staff",
    "uninsurable",
    "view_employer",
    "view_person",
    "withdraw_death",
]
