"""Kept amounts 不再重新计算: what a person got in the month of retirement is the pension, where a law says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.kernel.money import Money
from backend.kernel.period import Month


@dataclass(frozen=True)
class DrawnUp:
    """What an award is made of: its parts (basic, account, transitional, additions), the facts and the steps."""

    parts: tuple[Money, Money, Money, Money]
    facts: dict[str, Any]
    steps: dict[str, Any]


@dataclass
class Retiring:
    """Fact: a person's award is being decided. Who knows why it must not be here refuses; who has paid them until now
    says what is kept as it is."""

    person_id: int
    retired: Month
    kept: DrawnUp | None = None
