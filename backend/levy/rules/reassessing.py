"""Later assessment 补缴、补差、核减: what a month should have been, less what was billed for it.

社会保险法 第六十二条: who declares late is settled by what was declared; 第六十三条: what is short is made good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Shares:
    """A base and its two parts, in fen; of a difference or a reduction by how much."""

    base: int = 0
    employer: int = 0
    person: int = 0
    relief: int = 0  # what policy has taken off the employer's share

    def __add__(self, other: Shares) -> Shares:
        return Shares(
            self.base + other.base,
            self.employer + other.employer,
            self.person + other.person,
            self.relief + other.relief,
        )

    def __neg__(self) -> Shares:
        return Shares(-self.base, -self.employer, -self.person, -self.relief)

    @property
    def fen(self) -> int:
        return self.employer + self.person


@dataclass(frozen=True)
class Billed:
    """What a run has billed of one person's month in one insurance, all its lines together."""

    run_id: int
    shares: Shares


@dataclass(frozen=True)
class Further:
    """A further line of that month; a reduction is of the run whose bill it lowers."""

    kind: str  # supplement, difference, reduction
    shares: Shares
    run_id: int | None = None


def further(right: Shares, billed: Sequence[Billed]) -> list[Further]:
    """The lines that bring a month to what it should be; `billed` with the newest run first.

    A base follows the line that changes the shares, a relief the one that changes the employer's. What one part has
    too much never pays for the other.

    >>> month = [Billed(1, Shares(1_000_000, 176_000, 88_000))]
    >>> further(Shares(1_200_000, 192_000, 96_000), month)
    [Further(kind='difference', shares=Shares(base=200000, employer=16000, person=8000, relief=0), run_id=None)]
    >>> further(Shares(1_050_000, 168_000, 84_000), month)
    [Further(kind='reduction', shares=Shares(base=50000, employer=-8000, person=-4000, relief=0), run_id=1)]
    >>> further(Shares(1_000_000, 160_000, 80_000), [])
    [Further(kind='supplement', shares=Shares(base=1000000, employer=160000, person=80000, relief=0), run_id=None)]
    """
    if not billed:
        return [Further("supplement", right)] if right.fen or right.relief else []
    wanting = right + -sum((one.shares for one in billed), Shares())
    rises, falls = max(wanting.employer, 0), min(wanting.employer, 0)
    more = rises + max(wanting.person, 0)
    relief = 0 if falls or not more else wanting.relief
    up = Shares(wanting.base, rises, max(wanting.person, 0), relief)
    lines = [Further("difference", up)] if more else []
    down = Shares(0 if more else wanting.base, falls, min(wanting.person, 0), wanting.relief - relief)
    return lines + (_reductions(down, billed) if down.fen else [])


def _reductions(down: Shares, billed: Sequence[Billed]) -> list[Further]:
    """Taken from the newest run first, from none more than it has billed."""
    lines = []
    for at, one in enumerate(billed):
        has = one.shares
        base, relief = (
            max(wanting, -max(stands, 0)) if wanting < 0 else wanting * (at == 0)
            for wanting, stands in ((down.base, has.base), (down.relief, has.relief))
        )
        part = Shares(base, max(down.employer, -has.employer), max(down.person, -has.person), relief)
        if part != Shares():
            lines.append(Further("reduction", part, one.run_id))
            down = down + -part
    return lines
