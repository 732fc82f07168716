"""What the law says about recruiting: the check before publishing, where a vacancy stands, demand."""

from __future__ import annotations

from backend.employment.rules.age import by_age
from backend.employment.rules.basics import by_basics
from backend.employment.rules.demand import demand_ratio as demand_ratio
from backend.employment.rules.facts import NO_SCHOOLING as NO_SCHOOLING
from backend.employment.rules.facts import PAY_UNITS as PAY_UNITS
from backend.employment.rules.facts import SCHOOLING as SCHOOLING
from backend.employment.rules.facts import TYPES as TYPES
from backend.employment.rules.facts import Advert, Finding
from backend.employment.rules.pay import a_month as a_month
from backend.employment.rules.pay import by_pay
from backend.employment.rules.rulebook import Rulebook
from backend.employment.rules.rulebook import rulebook as rulebook
from backend.employment.rules.standing import STATUS_NAMES as STATUS_NAMES
from backend.employment.rules.standing import status as status
from backend.employment.rules.wording import by_words, passages

__all__ = [
    "NO_SCHOOLING",
    "PAY_UNITS",
    "SCHOOLING",
    "STATUS_NAMES",
    "TYPES",
    "Advert",
    "Finding",
    "a_month",
    "check",
    "demand_ratio",
    "rulebook",
    "status",
]
FIRST = {"block": 0, "review": 1}


def check(advert: Advert, book: Rulebook) -> tuple[Finding, ...]:
    """Everything that stands against publishing this advert, the gravest first."""
    parts = passages(advert, book)
    found = [
        *by_words(advert, book, parts),
        *by_age(advert, book, parts),
        *by_pay(advert, book, parts),
        *by_basics(advert, book, parts),
    ]
    return tuple(sorted(found, key=lambda finding: FIRST[finding.severity]))
