"""Luck: what goes wrong with a simulated card, and when; a plan that can be written down and repeated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any, Self

from cardio.tlv import Malformed


class Kind(StrEnum):
    """What goes wrong with one command."""

    PULL_BEFORE = "pull-before"  # the card is out before it acts
    PULL_AFTER = "pull-after"  # it has acted, the answer is lost
    HANG = "hang"  # never an answer until it is pulled
    WRONG_SW = "wrong-sw"  # it has acted, and answers another status word
    GARBAGE = "garbage"  # it has acted, and answers noise
    MUTE = "mute"  # it has acted or not, says nothing, and is still in: its contacts are dirty


class Tear(StrEnum):
    """What a page of memory holds after the power failed while it was written."""

    OLD = "old"
    NEW = "new"
    HALF = "half"
    GARBAGE = "garbage"


@dataclass(frozen=True)
class Fault:
    """`at` counts the commands the card has had, from 1."""

    kind: Kind
    at: int
    sw: int = 0x6F00


@dataclass(frozen=True)
class Faults:
    """A plan of bad luck. `tear_at` counts page writes, from 1; `seed` makes the noise.

    `dirty` is how many commands of a hundred get no answer, by chance.
    """

    faults: tuple[Fault, ...] = ()
    mute: bool = False
    dirty: int = 0
    tear_at: int | None = None
    tear: Tear = Tear.GARBAGE
    seed: int = 0

    def of(self, command: int) -> Fault | None:
        planned = next((fault for fault in self.faults if fault.at == command), None)
        if planned is None and self.dirty and self._by_chance(command) * 100 < self.dirty:
            return Fault(Kind.MUTE, command)
        return planned

    def _by_chance(self, command: int) -> float:
        return Random(f"{self.seed}/{command}").random()  # noqa: S311 - bad luck, not a secret

    @classmethod
    def from_json(cls, text: str | Mapping[str, Any]) -> Self:
        """Such as {"faults": [{"kind": "pull-after", "at": 12}], "mute": false}."""
        try:
            plain = dict(json.loads(text) if isinstance(text, str) else text)
            plain["faults"] = tuple(
                Fault(Kind(one["kind"]), int(one["at"]), int(one.get("sw", "6F00"), 16))
                for one in plain.get("faults", ())
            )
            plain["tear"] = Tear(plain.get("tear", Tear.GARBAGE))
            return cls(**plain)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as why:
            raise Malformed(f"故障计划读不懂：{why}") from why
