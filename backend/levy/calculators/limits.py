"""The limits of a base 缴费基数上下限: whose they are, where they come from, and when they are a year old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from backend.kernel.params import Found, Lookup
from backend.kernel.period import add_months

PENSION = "pension"
A_YEAR = 12  # months after which figures that are set anew every year are no longer this year's


@dataclass(frozen=True)
class Limits:
    """下限和上限, as they were published."""

    floor: Found
    ceiling: Found

    @property
    def floor_fen(self) -> int:
        return int(self.floor.value.fen)

    @property
    def ceiling_fen(self) -> int:
        return int(self.ceiling.value.fen)

    @property
    def law(self) -> str:
        return "；".join(dict.fromkeys((self.floor.source, self.ceiling.source)))


def limits_of(insurance: str, look: Lookup) -> Limits:
    """An insurance's own limits, or those of the insurance whose limits it uses."""
    whose = insurance if insurance == PENSION else look.value("levy.base.limits")
    return Limits(
        look.found(f"{whose}.contribution.floor"),
        look.found(f"{whose}.contribution.ceiling"),
    )


def old(found: Found, on: date) -> bool:
    """Whether the day lies a year or more after the figure began."""
    return on >= add_months(found.since, A_YEAR)


def warnings_of(look: Lookup, limits: Limits) -> tuple[str, ...]:
    """What nobody has verified, and limits that are older than a year."""
    said = list(look.warnings())
    if old(limits.floor, look.on):
        said.append(
            f"缴费基数上下限从 {limits.floor.since} 起执行，满一年以后的没有收录，先按它算；公布以后请再算一次。"
        )
    return tuple(said)
