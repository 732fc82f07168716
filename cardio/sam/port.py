"""Sam: the security module of a terminal or a counter. It holds keys and lets out cryptograms, never a key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from cardio.apdu import Command
from cardio.keys import TerminalKey
from cardio.link import CardFault
from cardio.sam.ring import Purpose


@dataclass(frozen=True)
class PinBlock:
    """What leaves a pin pad (pinblock.py): the module's number, and the PIN sealed for it and for this card."""

    number: bytes
    sealed: bytes = field(repr=False)


Pin = str | PinBlock
"""As a person typed it on the screen, or as a pin pad sealed it for the module."""


class SamFault(CardFault):
    """本机的安全模块没有回答。请叫工作人员检查；您也可以到柜台办理。"""


class PinBlockUsed(SamFault):
    """密码没有送到。请重新输入一次密码。"""


class Meeting(Protocol):
    """Secure messaging with one card, from its random number to its removal; the keys stay in the module."""

    @property
    def hello(self) -> bytes:
        """For MUTUAL AUTHENTICATE."""
        ...

    def confirm(self, greeting: bytes) -> bool:
        """Whether the card has the key, too. Before that, nothing is wrapped."""
        ...

    def verify_command(self, pin: Pin) -> Command: ...
    def change_command(self, old: Pin, new: Pin) -> Command: ...


class Sam(TerminalKey, Protocol):
    """`cryptogram`, for EXTERNAL AUTHENTICATE under the key by which cards are read, is a terminal key's.

    `version` is that of the card's keys; where none is given, the newest that the module holds.
    """

    def versions(self, purpose: Purpose) -> tuple[int, ...]:
        """Which versions of a key it holds; none: it cannot."""
        ...

    def genuine(
        self, area: str, card_code: str, challenge: bytes, answer: bytes, version: int | None = None
    ) -> bool:
        """Whether the card with this code gave this answer to INTERNAL AUTHENTICATE."""
        ...

    def meet(self, area: str, card_code: str, card_random: bytes, version: int) -> Meeting: ...

    def unblock_command(
        self, area: str, card_code: str, card_random: bytes, new: Pin, version: int | None = None
    ) -> Command:
        """A new PIN for a holder whose identity somebody has checked."""
        ...

    def mac(
        self, purpose: Purpose, area: str, card_code: str, data: bytes, version: int | None = None
    ) -> bytes:
        """A CMAC under one of the collect keys; no other key signs what it is given."""
        ...

    def number(self) -> bytes:
        """For the pin pad's next block; good for one."""
        ...
