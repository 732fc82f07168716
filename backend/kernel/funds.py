"""Funds 社会保险基金 and their chart of accounts 会计科目 (backend/params/accounts.yaml).

Each insurance keeps books of its own (社会保险法 第六十四条); maternity stands in the medical fund's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Literal

import yaml

from backend.kernel import params

CHART = params.HOME / "accounts.yaml"
SAYS = {"true": True, "false": False}


class Fund(StrEnum):
    """One set of books. The database knows the same five words (sql/ledger.sql)."""

    PENSION = "pension"
    RESIDENT_PENSION = "resident_pension"
    MEDICAL = "medical"
    UNEMPLOYMENT = "unemployment"
    INJURY = "injury"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    Fund.PENSION: "企业职工基本养老保险基金",
    Fund.RESIDENT_PENSION: "城乡居民基本养老保险基金",
    Fund.MEDICAL: "职工基本医疗保险（含生育保险）基金",
    Fund.UNEMPLOYMENT: "失业保险基金",
    Fund.INJURY: "工伤保险基金",
}


@dataclass(frozen=True)
class AccountKind:
    """One line of the chart: a kind of account that a fund may hold."""

    kind: str
    code: str
    name: str
    element: Literal["asset", "liability", "net", "income", "expense"]
    normal: Literal["D", "C"]
    no_overdraft: bool
    shards: int
    owned: bool
    by_hand: bool
    funds: frozenset[Fund]
    evidence: str


@cache
def chart() -> dict[str, AccountKind]:
    """The chart of accounts by kind, in the order of its codes."""
    return {
        kind: AccountKind(
            kind=kind,
            code=known["code"],
            name=known["name"],
            element=known["element"],
            normal=known["normal"],
            no_overdraft=SAYS[known["no_overdraft"]],
            shards=int(known["shards"]),
            owned=SAYS[known["owned"]],
            by_hand=SAYS[known["by_hand"]],
            funds=frozenset(map(Fund, known.get("funds", Fund))),
            evidence=known["evidence"],
        )
        for kind, known in yaml.load(CHART.read_text("utf-8"), yaml.BaseLoader).items()
    }
