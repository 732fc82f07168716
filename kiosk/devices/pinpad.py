"""A simulated encrypting pin pad: keys of its own, walls of its own, a key shared with the security module.

Fingers come in by `press` only; nothing that it is asked gives a digit back. Opened or shaken it erases its keys
and takes no PIN until two key holders have loaded new ones.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cardio import pinblock
from cardio.card import CardSession, PinResult
from cardio.codecs import is_simple_pin
from kiosk.devices.port import DeviceDead, DeviceFailed, DeviceHealth, Entry, PinEntry

LENGTH: Final = 6
DIGITS: Final = "0123456789"


class PadTrouble(StrEnum):
    """Why it takes no PIN; ours."""

    KEYS_ERASED = "KEYSERASED"
    KEY_STUCK = "KEYSTUCK"
    NOT_TYPED = "NOTTYPED"
    OFFLINE = "OFFLINE"


@dataclass
class PadPlan:
    """What is wrong from here on."""

    dead: bool = False
    stuck: str = ""  # this key is down and does not come up


class SimPinPad:
    def __init__(self, shared: bytes = b"", plan: PadPlan | None = None) -> None:
        self.plan = plan or PadPlan()
        self._shared = shared
        self._erased = False
        self._typed: defaultdict[PinEntry, str] = defaultdict(str)
        self._entry: PinEntry = "pin"
        self._key: Entry | None = None
        self._listening = False

    # ---- fingers ----

    def press(self, key: str) -> None:
        """One key: a digit, `erase`, `confirm` or `cancel`."""
        if not self._listening or self.plan.dead or self.plan.stuck or self._erased:
            return
        typed = self._typed[self._entry]
        if key in DIGITS and len(key) == 1 and len(typed) < LENGTH:
            self._typed[self._entry] = typed + key
        elif key == "erase":
            self._typed[self._entry] = ""
        elif key == "cancel" or (key == "confirm" and len(typed) == LENGTH):
            self._key = Entry(len(typed), "cancel" if key == "cancel" else "confirm")
            self._listening = False

    def tamper(self) -> None:
        """Somebody opens it."""
        self.drop()
        self._erased, self._shared = True, b""

    def load_keys(self, shared: bytes) -> None:
        """Two key holders, each with half of it, at the open machine."""
        self._erased, self._shared = False, shared

    # ---- the program ----

    @property
    def shares(self) -> bool:
        return bool(self._shared)

    def ask(self, entry: PinEntry = "pin") -> None:
        self._answers()
        self._entry, self._key, self._listening = entry, None, True
        self._typed[entry] = ""

    def heard(self) -> Entry:
        self._answers()
        return self._key or Entry(len(self._typed[self._entry]))

    def drop(self) -> None:
        self._typed.clear()
        self._entry, self._key, self._listening = "pin", None, False

    def verify(self, session: CardSession) -> PinResult:
        (typed,) = self._taken("pin")
        return session.verify(typed)

    def fits(self) -> bool:
        return self._typed["new"] != self._typed["old"] and not is_simple_pin(self._typed["new"])

    def change(self, session: CardSession) -> PinResult | None:
        if self._typed["new"] != self._typed["again"]:
            return None
        old, new = self._taken("old", "new")
        return session.change_pin(old, new)

    def block(self, card_code: bytes, challenge: bytes) -> bytes:
        self._can_seal()
        (typed,) = self._taken("pin")
        return self._sealed(typed, card_code, challenge)

    def change_blocks(self, card_code: bytes, for_old: bytes, for_new: bytes) -> tuple[bytes, bytes] | None:
        self._can_seal()
        if self._typed["new"] != self._typed["again"]:
            return None
        old, new = self._taken("old", "new")
        return self._sealed(old, card_code, for_old), self._sealed(new, card_code, for_new)

    def health(self) -> DeviceHealth:
        if self.plan.dead:
            return DeviceHealth("away", PadTrouble.OFFLINE, {})
        facts = {"keys": "erased" if self._erased else "loaded" if self._shared else "none"}
        if (trouble := self._trouble()) is not None:
            return DeviceHealth("failed", trouble, facts)
        return DeviceHealth("ok", "ONLINE", facts)

    def _trouble(self) -> PadTrouble | None:
        if self._erased:
            return PadTrouble.KEYS_ERASED
        return PadTrouble.KEY_STUCK if self.plan.stuck else None

    def _can_seal(self) -> None:
        if not self._shared:
            raise DeviceFailed("no key is shared with a security module", PadTrouble.KEYS_ERASED)

    def _sealed(self, typed: str, card_code: bytes, challenge: bytes) -> bytes:
        return pinblock.seal(pinblock.session_key(self._shared, challenge), typed, card_code)

    def _answers(self) -> None:
        if self.plan.dead:
            raise DeviceDead
        if (trouble := self._trouble()) is not None:
            self.drop()
            raise DeviceFailed("it takes no PIN", trouble)

    def _taken(self, *entries: PinEntry) -> list[str]:
        """These whole entries, once."""
        self._answers()
        typed = [self._typed[entry] for entry in entries]
        self.drop()
        if any(len(one) != LENGTH for one in typed):
            raise DeviceFailed("nothing whole was typed", PadTrouble.NOT_TYPED)
        return typed
