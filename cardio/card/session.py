"""A session with a social-security card: whose it is, the PIN, the proof that it is genuine."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from cardio import apdu, layout
from cardio.apdu import Command, exchange
from cardio.card.facts import ANY_CARD, Accepted, CardIdentity, Holder, Named, PinResult
from cardio.card.files import CardFiles
from cardio.codecs import is_card_number, is_citizen_number
from cardio.environment import INTERNAL, READ
from cardio.faults import (
    CardCloned,
    CardGarbled,
    CardOfUnknownVersion,
    CardTooOld,
    KeyVersionUnknown,
    PinNeeded,
    TerminalNotTrusted,
    UnblockRefused,
    digits,
    fault,
    hard_to_guess,
)
from cardio.keys import BLOCK, FACTOR, TerminalKey
from cardio.layout import HOLDER, ISSUER, VERSIONS, File
from cardio.link import (
    OK,
    Answer,
    CardFault,
    Latch,
    Link,
)
from cardio.sam.port import Meeting, Pin, PinBlock, Sam, SamFault
from cardio.sam.ring import KeyNotHeld, Purpose
from cardio.secure import RANDOM, mutual_authenticate
from cardio.status import Status, describe, status, tries_left
from cardio.tlv import Malformed

CARD_CODE: Final = re.compile(r"[0-9]{6}[0-9A-F]{26}")
NO_SUCH_FOLDER: Final = 0x6A82
NOT_THIS_KEY: Final = 0x6300  # to EXTERNAL AUTHENTICATE; with tries that are counted it would be 63Cx
TOLD: Final = frozenset({"卡识别码", "规范版本", "发卡日期", "有效期", "卡号"})  # of who issued it
NAMED: Final = frozenset({"社会保障号码", "姓名", "姓名扩展"})  # of its holder


class CardSession(CardFiles):
    """From one insertion to the first exception, no longer.

    Nothing but VERIFY and CHANGE PIN changes the card. Where its answer is lost the session is dead, and `tries()`
    of the next one reads back what became of it; where its answer says nothing, it is read back at once.
    """

    def __init__(
        self,
        link: Link,
        terminal: TerminalKey | None = None,
        sam: Sam | None = None,
        accepted: Accepted = ANY_CARD,
    ) -> None:
        """`sam`, a security module, opens secure messaging with cards that know it; without, `terminal` may read."""
        super().__init__(Latch(link))
        self._terminal, self._sam, self._accepted = terminal or sam, sam, accepted
        self._identity: CardIdentity | None = None
        self._channel = 0  # the version of its keys, as the card that offers secure messaging tells
        self._shown = 0  # the same, as another one showed by taking a terminal's key of it
        self._meeting: Meeting | None = None
        self.atr = self._link.atr()

    @property
    def secret(self) -> bool:
        """Whether the PIN goes to this card by secure messaging: a pin pad's block is opened by the module alone."""
        return self._sam is not None and self._channel in self._sam.versions(Purpose.STK)

    def read(self) -> tuple[CardIdentity, Named, int | None]:
        """What is asked of every card that is put in: who issued it, whose it is, how many tries of the PIN are left."""
        return self._link.during(lambda: (self._known(), self._named(), self._tries_left()))

    def identify(self) -> CardIdentity:
        """Select the application and read who issued the card."""
        return self._link.during(self._known)

    def holder(self) -> Holder:
        return self._link.during(self._whose)

    def file(self, path: str) -> dict[str, Any]:
        """Everything in one file, by the items' titles; a row file by row numbers."""
        return self._link.during(lambda: self._values(layout.file(path), self._known().version))

    def tries(self) -> int | None:
        """How many tries of the PIN are left; None where the card does not tell."""
        return self._link.during(self._tries_left)

    def verify(self, pin: Pin) -> PinResult:
        """Let the card compare the PIN. A wrong one costs a try."""
        return self._link.during(lambda: self._compared(pin if isinstance(pin, PinBlock) else digits(pin)))

    def change_pin(self, old: Pin, new: Pin) -> PinResult:
        """Give the card another PIN. A wrong old one costs a try, as `verify` does.

        Where the answer is lost, the card holds the old PIN or the new one, whole, and no try was lost by the
        right old one: whoever comes back is asked for the new PIN first.
        """
        if isinstance(old, str) and isinstance(new, str):
            digits(old)
            hard_to_guess(digits(new), old)
        return self._link.during(lambda: self._changed(old, new))

    def unblock(self, new: Pin) -> None:
        """A new PIN and all its tries, where this machine's module has the key for it: at a counter."""
        if isinstance(new, str):
            hard_to_guess(digits(new))
        self._link.during(lambda: self._unblocked(new))

    def card_random(self) -> bytes:
        """For whoever makes the unblocking command far away; it must come back as the very next one."""
        return self._link.during(self._random)

    def unblock_by(self, command: Command) -> None:
        """What was made elsewhere for this card's random number."""
        self._link.during(lambda: self._unblocking(command))

    def prove(self, challenge: bytes) -> bytes:
        """The card's answer under its own key; it gives one only after the PIN."""
        if len(challenge) != BLOCK:
            raise ValueError(f"a challenge has {BLOCK} bytes, not {len(challenge)}")
        return self._link.during(lambda: self._proof(challenge))

    def ask(self, folder: int, command: Command) -> Answer:
        """One command to an application of its own on this card (collect.py); selected where it is not yet."""
        return self._link.during(lambda: self._asked(folder, command))

    def close(self) -> None:
        self._link.close()

    # ---- one step each, its commands handed to the reader together ----

    def _known(self) -> CardIdentity:
        if self._identity is None:
            fci = self._select_application()
            try:
                algorithm, self._channel = layout.algorithm(fci), layout.channel_version(fci)
            except Malformed as why:
                raise CardGarbled(str(why)) from why
            identity = self._issuer(algorithm)
            self._accepted.check(identity)
            self._meet(identity)
            self._identity = identity
        return self._identity

    def _forget(self) -> None:
        """The application is selected anew: of secure messaging the card knows nothing any more."""
        self._meeting = None

    def _named(self) -> Named:
        return self._checked(self._values(HOLDER, self._known().version, NAMED))

    def _whose(self) -> Holder:
        found = self._values(HOLDER, self._known().version)
        named = self._checked(found)
        try:
            return Holder(
                named.ident, named.name, sex=found["性别"], nation=found["民族"], birth=found["出生日期"]
            )
        except KeyError as missing:
            raise CardGarbled(f"no {missing}") from missing

    @staticmethod
    def _checked(found: dict[str, Any]) -> Named:
        try:
            named = Named(ident=found["社会保障号码"], name=found["姓名"] + found.get("姓名扩展", ""))
        except KeyError as missing:
            raise CardGarbled(f"no {missing}") from missing
        if not is_citizen_number(named.ident) or not named.name:
            raise CardGarbled("the holder's number or name is not one")
        return named

    def _tries_left(self) -> int | None:
        self._known()
        return self._pin_state()[1]

    def _compared(self, pin: Pin) -> PinResult:
        identity = self._known()
        self._to(None)
        meeting = self._meet(identity)
        make = meeting.verify_command if meeting else _verify_in_plain
        return self._result(exchange(self._link, self._made(make, pin)).sw)

    def _changed(self, old: Pin, new: Pin) -> PinResult:
        """The application is selected again, which forgets a PIN given before: what is read back is of this command."""
        identity = self._known()
        self._select_application()
        meeting = self._meet(identity)
        make = meeting.change_command if meeting else _change_in_plain
        return self._result(exchange(self._link, self._made(make, old, new)).sw)

    def _made(self, make: Callable[..., Command], *pins: Pin) -> Command:
        """By the module; where it failed it may have lost the meeting, and the next PIN begins another."""
        try:
            return make(*pins)
        except CardFault:
            self._meeting = None
            raise

    def _versions(self, sam: Sam, purpose: Purpose) -> tuple[int, ...]:
        """Which of the module's keys may be this card's: that of its version, or all, the newest first."""
        known = self._channel or self._shown
        found = tuple(one for one in reversed(sam.versions(purpose)) if known in (0, one))
        if not found:
            raise KeyNotHeld(purpose=purpose.value)
        return found

    def _reading(self) -> Sequence[int | None]:
        """Under which keys it may be asked to let itself be read; a terminal's own key is of no version."""
        if self._sam is None or self._terminal is not self._sam:
            return (None,)
        return self._versions(self._sam, Purpose.RK)

    def _unblocked(self, new: Pin) -> None:
        """Never by trying: the card bears few wrong ones, and then none at all."""
        if self._sam is None:
            raise KeyNotHeld(purpose=Purpose.PUK.value)
        card = self._known()
        version, *others = self._versions(self._sam, Purpose.PUK)
        if others:
            raise KeyVersionUnknown
        card_random = self._random()
        self._unblocking(self._sam.unblock_command(card.area, card.card_code, card_random, new, version))

    def _random(self) -> bytes:
        self._known()
        self._to(None)
        return self._challenge(RANDOM)

    def _challenge(self, length: int) -> bytes:
        challenge = self._must(apdu.get_challenge(length))
        if len(challenge) != length:
            raise CardGarbled(f"{len(challenge)} bytes of challenge")
        return challenge

    def _unblocking(self, command: Command) -> None:
        _, sw = exchange(self._link, command)
        if sw != OK:
            raise UnblockRefused(describe(sw))

    def _result(self, sw: int) -> PinResult:
        if sw == OK:
            return PinResult(ok=True, tries_left=None, blocked=False)
        left = tries_left(sw)
        if left is None and status(sw) is Status.MAC_WRONG:
            raise fault(sw)
        if left is None:
            return self._read_back(sw)
        return PinResult(ok=False, tries_left=left, blocked=left == 0)

    def _proof(self, challenge: bytes) -> bytes:
        if (algorithm := self._known().algorithm) != "SM4":
            raise CardTooOld(f"algorithm {algorithm or 'not given'}")
        self._to(None)
        answer = self._must(apdu.internal_authenticate(INTERNAL, challenge))
        if len(answer) != BLOCK:
            raise CardGarbled(f"{len(answer)} bytes of proof")
        card, sam = self._known(), self._sam
        if sam and sam.versions(Purpose.IRK):
            told = card.area, card.card_code, challenge, answer
            if not any(sam.genuine(*told, version) for version in self._versions(sam, Purpose.IRK)):
                raise CardCloned("INTERNAL AUTHENTICATE")
        return answer

    def _asked(self, folder: int, command: Command) -> Answer:
        self._known()
        if self._at is None or self._at[0] != folder:
            self._at = None  # until it is known where we are
            if not self._selected(apdu.select_folder(folder)):
                return Answer(b"", NO_SUCH_FOLDER)
            self._at = (folder, 0)
        return exchange(self._link, command)

    # ---- the PIN ----

    def _pin_state(self) -> tuple[bool, int | None]:
        """Whether the right PIN was given in this session, and the tries left if the card tells."""
        self._to(None)
        _, sw = exchange(self._link, apdu.tries())
        return sw == OK, tries_left(sw)

    def _read_back(self, sw: int) -> PinResult:
        """The card's word on the PIN said nothing: ask how it stands now."""
        verified, left = self._pin_state()
        if not verified and left is None:
            raise fault(sw)
        return PinResult(ok=verified, tries_left=left, blocked=left == 0)

    def _issuer(self, algorithm: str) -> CardIdentity:
        found = self._values(ISSUER, VERSIONS[0], TOLD)
        if found.get("规范版本") not in VERSIONS:
            raise CardOfUnknownVersion(str(found.get("规范版本")))
        try:
            identity = CardIdentity(
                card_no=found["卡号"],
                card_code=found["卡识别码"],
                area=found["卡识别码"][:6],
                version=found["规范版本"],
                issued=found["发卡日期"],
                expires=found["有效期"],
                algorithm=algorithm,
            )
        except KeyError as missing:
            raise CardGarbled(f"no {missing}") from missing
        if not is_card_number(identity.card_no) or not CARD_CODE.fullmatch(identity.card_code):
            raise CardGarbled("the card number or code is not one")
        return identity

    def _introduce(self, file: File, sw: int) -> None:
        """EXTERNAL AUTHENTICATE: a third-generation card shows its holder to known terminals only."""
        if file.read is layout.Access.PIN:
            raise PinNeeded(describe(sw))
        if self._terminal is None or self._identity is None:
            raise TerminalNotTrusted(describe(sw))
        card = self._identity
        if self._meeting is None and self._meet(card):
            return
        said = OK
        for version in self._reading():
            cryptogram = self._terminal.cryptogram(
                card.area, card.card_code, self._challenge(FACTOR), version
            )
            _, said = exchange(self._link, apdu.external_authenticate(READ, cryptogram))
            if said == OK:
                self._shown = version or 0
                return
            if said != NOT_THIS_KEY:  # a card that counts is not tried again
                break
        raise TerminalNotTrusted(describe(said))

    def _meet(self, card: CardIdentity) -> Meeting | None:
        """Secure messaging, where card and module both can: each proves itself, and the PIN is never sent in plain.

        Done before anything else is asked: who has copied a card's data has not copied its keys.
        """
        sam = self._sam
        if self._meeting or sam is None or self._channel not in sam.versions(Purpose.STK):
            return self._meeting
        card_random = self._challenge(RANDOM)
        meeting = sam.meet(card.area, card.card_code, card_random, self._channel)
        said, sw = exchange(self._link, mutual_authenticate(meeting.hello))
        if sw != OK or not meeting.confirm(said):
            raise CardCloned(describe(sw))
        self._meeting = meeting
        return meeting


def _verify_in_plain(pin: Pin) -> Command:
    return apdu.verify(_plain(pin))


def _change_in_plain(old: Pin, new: Pin) -> Command:
    return apdu.change_pin(_plain(old), _plain(new))


def _plain(pin: Pin) -> str:
    """Where there is no secure messaging: a pad's block cannot be read here."""
    if isinstance(pin, PinBlock):
        raise SamFault("a PIN block for a card without secure messaging")
    return pin
