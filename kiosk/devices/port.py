"""Ports: what the kiosk asks of its devices, whoever made them. What goes wrong is DeviceFailed or DeviceDead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from backend.payout.schema import PresentStatus
from cardio.card import CardSession, PinResult


class DeviceFailed(Exception):
    """The device said that it could not do it; what became of the notes, its signed status says.

    `code` is the device's own word for it: by it the person is told what happened (told.py).
    """

    def __init__(self, why: str = "", code: str = "") -> None:
        super().__init__(f"{code} {why}".strip())
        self.code = code


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
    about_money: bool = False  # kept until it came out, and for a while after: it can be printed again
    copy_mark: str = ""  # stands in the title of every copy but the first


@dataclass(frozen=True)
class CashUnit:
    """A cassette or a bin by the device's own count since it was loaded, as CEN/XFS has it (WFSCDMCASHUNIT)."""

    kind: Literal["cassette", "reject", "retract"]
    status: str
    count: int
    fen: int = 0  # what one piece is worth; bins hold whatever came
    initial: int = 0
    dispensed: int = 0
    presented: int = 0
    rejected: int = 0
    retracted: int = 0
    minimum: int = 0


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
    def retract(self) -> int:
        """Draw in what still lies within reach; how much that was. Whether it was all, the signed status says."""
        ...

    def reject(self) -> None:
        """Whatever lies in the stacker goes to the reject bin."""
        ...

    def status(self, order: str) -> PresentStatus:
        """What it knows about handing out this order, signed."""
        ...

    def units(self) -> tuple[CashUnit, ...]: ...
    def health(self) -> DeviceHealth:
        """From what it last knew, at once: screens are drawn by it."""
        ...

    def reset(self) -> None:
        """Take back what lies in reach, empty the stacker, be ready again; what cannot be mended is told."""
        ...

    def test(self) -> tuple[CashUnit, ...]:
        """One piece of every cassette into the reject bin: whether each gives what it should."""
        ...

    def holds(self) -> Mapping[str, Mapping[int, int]] | None:
        """By place (cassette, stacker, shutter, rejected, retracted, caught) and fen, by its own count, at once; None
        while it is busy or does not answer."""
        ...

    def put_in(self, sheet: str, pieces: Mapping[int, int]) -> None:
        """Staff put these into the cassettes, beside what is there. What stands on one sheet is done once."""
        ...

    def take_out(self, sheet: str, pieces: Mapping[int, int]) -> None:
        """Staff take these with them, out of the bins first; once a sheet."""
        ...

    def recount(self, sheet: str, counted: Mapping[int, int]) -> None:
        """Staff counted the cassettes: from here on it believes them; once a sheet."""
        ...


class Printer(Protocol):
    def print(self, name: str, receipt: Receipt) -> None:
        """Comes back when the slip is out."""
        ...

    def health(self) -> DeviceHealth: ...


PinEntry = Literal["pin", "old", "new", "again"]


class PinPad(Protocol):
    """Takes the PIN itself: the program hears that a digit was typed, never which.

    An entry begins with `ask` and ends with `verify`, `block`, `change`, `change_blocks` or `drop`; after each of them
    the pad has forgotten it, and what was typed before it. To change a PIN three are asked for: old, new, and new again.
    """

    @property
    def shares(self) -> bool:
        """Whether it shares a key with the security module: then `block` can be opened there."""
        ...

    def ask(self, entry: PinEntry = "pin") -> None:
        """Listen to the keys from here on, from the first digit of this entry."""
        ...

    def heard(self) -> Entry: ...
    def drop(self) -> None: ...
    def verify(self, session: CardSession) -> PinResult:
        """Let the card compare what was typed, from within the pad's own walls."""
        ...

    def block(self, card_code: bytes, challenge: bytes) -> bytes:
        """What was typed, sealed for the security module that asked with this challenge (cardio.pinblock)."""
        ...

    def fits(self) -> bool:
        """Whether the new PIN that was typed is another than the old one, and not simple."""
        ...

    def change(self, session: CardSession) -> PinResult | None:
        """Let the card change it, from within the pad's own walls; None: the new one was not the same twice."""
        ...

    def change_blocks(self, card_code: bytes, for_old: bytes, for_new: bytes) -> tuple[bytes, bytes] | None:
        """The old one and the new one, as `block` does, each for a challenge of its own; None as in `change`."""
        ...

    def health(self) -> DeviceHealth: ...


@dataclass(frozen=True)
class Entry:
    """How far the person is: how many digits, and the last key that is not one."""

    digits: int = 0
    key: Literal["", "confirm", "cancel"] = ""


class Camera(Protocol):
    def picture(self) -> Picture: ...
    def health(self) -> DeviceHealth: ...


@dataclass(frozen=True)
class Picture:
    """One grey picture, row after row, a byte a point."""

    width: int
    height: int
    grey: bytes

    def __post_init__(self) -> None:
        if len(self.grey) != self.width * self.height or not self.grey:
            raise ValueError(f"{len(self.grey)} points are no picture of {self.width} × {self.height}")
