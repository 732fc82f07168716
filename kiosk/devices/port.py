"""Ports: what the kiosk asks of its devices, whoever made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from backend.payout.schema import PresentStatus


class DeviceFailed(Exception):
    """The device said that it could not do it; what became of the notes, its signed status says."""


class DeviceDead(Exception):
    """The device does not answer."""


@dataclass(frozen=True)
class DeviceHealth:
    state: Literal["ok", "warns", "failed", "away"]
    code: str
    facts: Mapping[str, str | int]


@dataclass(frozen=True)
class Receipt:
    """What is printed for the holder: nothing on it that a finder could use."""

    title: str
    lines: tuple[tuple[str, str], ...]
    foot: str


class Dispenser(Protocol):
    """A cash dispenser with an inner stacker, end-to-end tokens and a signed present status."""

    @property
    def id(self) -> str: ...
    @property
    def boots(self) -> int:
        """How often it was switched on; kept in its own memory."""
        ...

    def nonce(self) -> str: ...
    def clear_nonce(self) -> str:
        """Every token for the old nonce is dead from here on."""
        ...

    def dispense(self, order: str, amount_fen: int, token: str) -> Mapping[str, int]:
        """Count exactly this amount into the inner stacker; a token works once. Piece counts by fen."""
        ...

    def present(self, order: str) -> None: ...
    def taken(self) -> bool: ...
    def retract(self) -> None: ...
    def reject(self) -> None:
        """Whatever lies in the stacker goes to the reject bin."""
        ...

    def status(self, order: str) -> PresentStatus:
        """What it knows about handing out this order, signed."""
        ...


class Printer(Protocol):
    def print(self, name: str, receipt: Receipt) -> None: ...
