"""Books 账册: what the accounts of two schemes have in common, so that one rule draws on them and gives them interest.

Employees' and residents' accounts stand in tables of their own; the columns that rules read are named alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.pension.model import Account, AccountYear, Award, Drawing, Held, Yearly


@dataclass(frozen=True)
class Books:
    """The tables of one scheme, and where its parameters of interest stand."""

    account: type[Held]
    year: type[Yearly]
    award: type[Drawing]
    table: str  # of the years, as SQL names it
    terms: str  # the group of parameters


EMPLOYEES = Books(Account, AccountYear, Award, "pension.account_year", "pension.account")
