"""Employers 单位 (tables 1, 14): who has or had somebody in the pension insurance; how they came, changed and went."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select

from backend.exchange.scope import Scope, Values, coded
from backend.exchange.sources.people import NOT_INSURED
from backend.exchange.standard import code_lists
from backend.exchange.values import Value
from backend.kernel import codes
from backend.pension.service import auditing as pension
from backend.registry.service import auditing as registry

# in what state each kind of change leaves an employer; other kinds leave it as it was
AFTER = {"01": "paying", "02": "paused", "03": "paying", "09": "ended"}
CEASED = "0020"  # 组织中断缴费, printed in B.7 beside 02 单位中断缴费
LONGEST = 64  # characters of what stood there before and after


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
        **coded("AAB051", "paying" if row.paying else "ended" if row.cancelled_on else "paused"),
        "AAB050": row.first,
    }


def changes(row: Any, scope: Scope) -> Values:
    if row.kind in AFTER:
        states = {"AAE123": _before(row), "AAE124": _state(AFTER[row.kind])}
    else:
        states = {"AAE123": _said(row.what, row.before), "AAE124": _said(row.what, row.after)}
    return {
        "AAE011": row.maker[:LONGEST],
        "AAB001": str(row.employer_id),
        **coded("AAB100", row.kind),
        **states,
        **_why(row),
        "AAE035": row.changed_on,
    }


def _before(row: Any) -> Value:
    """What the change before it left. Of who was loaded, the first one known may be a return or an earlier start."""
    if row.was:
        return _state(AFTER[row.was])
    if AFTER[row.kind] != "paying":
        return _state("paying")
    return NOT_INSURED if row.registered else None


def _state(word: str) -> Value:
    return coded("AAB051", word)["AAB051N"]


def _said(what: str, text: str | None) -> Value:
    """What of the registration it is, and what it said; what is too long is seen to be cut."""
    whole = f"{what}：{text}"
    return text and (whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 1]}…")


def _why(row: Any) -> Values:
    """变更原因: of an end we know what it is called, not its code."""
    if row.kind == "02":
        return coded("AAE160", CEASED)
    return {"AAE160N": row.after} if row.kind == "09" else {}
