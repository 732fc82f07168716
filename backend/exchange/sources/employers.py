"""Employers 单位 (table 1): who has or had somebody in the pension insurance."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select

from backend.exchange.scope import Scope, Values, coded
from backend.exchange.standard import code_lists
from backend.kernel import codes
from backend.pension.service import auditing as pension
from backend.registry.service import auditing as registry


def query(scope: Scope) -> Select[*tuple[Any, ...]]:
    return registry.insured_employers(pension.INSURANCE)


def kind(uscc: str) -> Values:
    """单位类型, as far as the credit code tells it."""
    registered = uscc[:2]
    return coded("AAB019", registered if registered in code_lists()["AAB019"].ours else "other")


def record(row: Any, scope: Scope) -> Values:
    return {
        "AAB001": str(row.employer_id),
        "AAB004": row.employer_name,
        "BAB010": row.uscc,
        **kind(row.uscc),
        "AAB022N": codes.name("industry", row.industry),  # ours is GB/T 4754, the standard's LD/T 92 表 67
        "AAE005": row.phone,
        "AAE006": row.address,
        **coded("AAB051", "paying" if row.paying else "paused"),
        "AAB050": row.first,
    }
