"""Books 账册: what the accounts of two schemes have in common, so that one rule draws on them and gives them interest.

Employees' and residents' accounts stand in tables of their own; the columns that rules read are named alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.pension.benefits import FUND, ITEM
from backend.pension.model import Account, AccountYear, Award, Drawing, Held, Yearly


@dataclass(frozen=True)
class Books:
    """The tables of one scheme, which fund pays which benefit of it, and where its parameters of interest stand."""

    account: type[Held]
    year: type[Yearly]
    award: type[Drawing]
    table: str  # of the years, as SQL names it
    terms: str  # the group of parameters
    fund: str
    item: str


EMPLOYEES = Books(Account, AccountYear, Award, "pension.account_year", "pension.account", FUND, ITEM)
