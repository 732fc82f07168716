"""The key hierarchy: a master for each purpose and version; from it an area's key, from that a card's.

    nation ──(area + "sx")──▶ area ──(last 8 bytes of the card code)──▶ card

A ring of the nation makes every card's key; a ring of one area those of its cards only, and nobody can go back up.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self

from cardio.faults import CardOfOtherArea
from cardio.keys import BLOCK, area_key, card_key, own_key
from cardio.link import CardFault
from cardio.tlv import Malformed


class Purpose(StrEnum):
    """What a key is for; one key is never good for two things."""

    IRK = "IRK"  # the card proves itself and its holder's consent: for who pays out
    RK = "RK"  # a terminal may read a third-generation card
    STK = "STK"  # secure messaging
    PUK = "PUK"  # a new PIN for a holder who forgot it: for counters
    LK = "LK"  # collect: what the backend signs for the card
    TK = "TK"  # collect: what the card signs for the books
    PAD = "PAD"  # the pin pad beside this module; it belongs to no card


class KeyNotHeld(CardFault):
    """本机的安全模块里没有办这件事的密钥（{purpose}）。请到柜台办理，或者请工作人员检查安全模块。"""


Masters = Mapping[tuple[Purpose, int], bytes]
TERMINAL: Final = (Purpose.RK, Purpose.STK)  # what a kiosk needs: nothing that proves or pays
COUNTER: Final = (*TERMINAL, Purpose.PUK)


@dataclass(frozen=True)
class KeyRing:
    """The keys themselves. Lives inside a security module or a key centre, never beside a card's data."""

    masters: Masters = field(repr=False)
    area: str = ""  # of one area only

    @classmethod
    def new(cls, purposes: Collection[Purpose] = tuple(Purpose), versions: int = 1) -> Self:
        return cls(
            {
                (purpose, version): secrets.token_bytes(BLOCK)
                for purpose in purposes
                for version in range(1, versions + 1)
            }
        )

    def __post_init__(self) -> None:
        if any(len(key) != BLOCK or not 0 < version < 256 for (_, version), key in self.masters.items()):
            raise Malformed("密钥是 16 个字节，版本从 1 到 255")

    def versions(self, purpose: Purpose) -> tuple[int, ...]:
        return tuple(sorted(version for held, version in self.masters if held is purpose))

    def master(self, purpose: Purpose, version: int | None = None) -> bytes:
        """The newest, where no version is asked for."""
        held = self.versions(purpose)
        if not held or version not in (None, *held):
            raise KeyNotHeld(purpose=purpose.value)
        return self.masters[purpose, version or held[-1]]

    def card(self, purpose: Purpose, area: str, card_code: str, version: int | None = None) -> bytes:
        """One card's own key."""
        master = self.master(purpose, version)
        if not self.area:
            return card_key(master, area, card_code)
        if area != self.area:
            raise CardOfOtherArea
        return own_key(master, card_code)

    def for_area(self, area: str, purposes: Collection[Purpose] = TERMINAL) -> KeyRing:
        """What a terminal of one area is given. The pad's key is the module's own: a new one."""
        if self.area:
            raise Malformed("一个地区的密钥不能再分出别的地区")
        below = {
            (purpose, version): area_key(key, area)
            for (purpose, version), key in self.masters.items()
            if purpose in purposes
        }
        return KeyRing({**below, (Purpose.PAD, 1): secrets.token_bytes(BLOCK)}, area)

    def plain(self) -> bytes:
        """For sealing only."""
        keys = [[purpose, version, key.hex()] for (purpose, version), key in sorted(self.masters.items())]
        return json.dumps({"area": self.area, "keys": keys}).encode()

    @classmethod
    def of(cls, plain: bytes) -> Self:
        try:
            told = json.loads(plain)
            masters = {
                (Purpose(purpose), int(version)): bytes.fromhex(key) for purpose, version, key in told["keys"]
            }
            return cls(masters, str(told["area"]))
        except (KeyError, TypeError, ValueError) as why:
            raise Malformed("密钥文件的内容不对") from why
