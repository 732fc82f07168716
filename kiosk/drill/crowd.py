"""Crowd: who comes to a drill, and the office's own accounts of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, Protocol

from cardio.sim import Persona

MOST_A_BOOT: Final = 5  # people served by one boot before the next cut, the last of them included
CROWDED: Final = (1, 4)  # of the boots serve more than the one whose collection is cut
WALKS: Final = 8  # every so manieth boot is a walk
MORE_WALKS: Final = 60  # at most, after the last cut
SPARE: Final = 60  # people, for what is drawn unevenly


def crews(faults: int, seed: int) -> list[int]:
    """How many people come to each boot that is cut; a walk is none."""
    rng = Random(f"crews {seed}")  # noqa: S311 - a demonstration
    return [_crew(rng) if at % WALKS else 0 for at in range(1, faults + 1)]


def _crew(rng: Random) -> int:
    crowded = rng.randrange(CROWDED[1]) < CROWDED[0]
    return rng.randint(2, MOST_A_BOOT) if crowded else 1


def people(faults: int, seed: int) -> int:
    """How many people with one payment due a drill needs at most."""
    return SPARE + sum(crews(faults, seed)) * 11 // 10


def wanderers(faults: int, seed: int) -> int:
    return crews(faults, seed).count(0) + MORE_WALKS


class Told(Protocol):
    """A person with payments due, the card's contents as data."""

    persona: Mapping[str, Any]
    amount_fen: int


@dataclass(frozen=True)
class Retiree:
    persona: Persona
    amount_fen: int

    @classmethod
    def of(cls, told: Retiree | Told) -> Retiree:
        """Also from a city that knows nothing of cards but their contents."""
        if isinstance(told, Retiree):
            return told
        return cls(Persona.from_json(told.persona), told.amount_fen)


class Books(Protocol):
    """The office's own accounts, as an auditor may ask them."""

    @property
    def kinds(self) -> int:
        """How many kinds of cards there are in people's hands."""
        ...

    def retiree(self, n: int) -> Retiree | Told:
        """The n-th person, with exactly one payment due; the n-th and the (n + kinds)-th have the same kind of card."""
        ...

    def wanderer(self, n: int) -> Retiree | Told:
        """Somebody with several payments due, and with a bank account."""
        ...

    def owed_fen(self) -> int:
        """Everything payable that has not been paid."""
        ...

    def paid_in_cash_fen(self) -> int:
        """Everything the ledger says went out of this kiosk's cassettes."""
        ...

    def accounts(self) -> tuple[int, int, int]:
        """Both, and everything a bank was told to pay and has not answered yet; all at one moment."""
        ...

    def in_suspense(self) -> Sequence[str]:
        """Orders authorised or in doubt."""
        ...

    def time_passes(self) -> None:
        """A quarter of an hour goes by, and what the backend does about it."""
        ...

    def count_cash(self, order: str, *, handed_out: bool) -> None:
        """Two persons counted the stopped kiosk."""
        ...

    def give_back(self, n: int) -> None:
        """The wanderer's card, if it was reported lost, has turned up and is put back in use at the counter."""
        ...

    def differences(self) -> Sequence[str]:
        """What the ledger finds wrong with itself."""
        ...


@dataclass
class Queue:
    """Whoever comes next, of the kind of card that is asked for."""

    books: Books
    came: Counter[int] = field(default_factory=Counter)  # kind → how many
    walked: int = 0

    def rarest(self, kinds: Sequence[int] = ()) -> int:
        """Of these kinds, or of all, the one of which the fewest have come."""
        return min(kinds or range(self.books.kinds), key=lambda one: self.came[one])

    def next(self, kind: int) -> Retiree:
        told = self.books.retiree(kind + self.books.kinds * self.came[kind])
        self.came[kind] += 1
        return Retiree.of(told)

    def wanderer(self) -> Retiree:
        self.walked += 1
        return Retiree.of(self.books.wanderer(self.walked - 1))

    def card_found(self) -> None:
        """Of whoever wandered last."""
        self.books.give_back(self.walked - 1)

    @property
    def all(self) -> int:
        """How many have come so far."""
        return self.came.total() + self.walked
