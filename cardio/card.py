"""A session with a social-security card: whose it is, the PIN, the proof that it is genuine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import count
from typing import Any, Final

from cardio import apdu, layout
from cardio.apdu import Command, complete, exchange
from cardio.codecs import is_card_number, is_citizen_number
from cardio.keys import BLOCK, FACTOR, INTERNAL, READ, TerminalKey
from cardio.layout import HOLDER, ISSUER, SSSE, VERSIONS, File
from cardio.link import (
    OK,
    Answer,
    CardFault,
    Latch,
    Link,
    NotSocialSecurityCard,
)
from cardio.status import Status, describe, status, tries_left
from cardio.tlv import Malformed

MOST_RECORDS: Final = 32
CHUNK: Final = 0xF0
CARD_CODE: Final = re.compile(r"[0-9]{6}[0-9A-F]{26}")
END: Final = (Status.NO_RECORD, Status.NOT_FOUND)


class CardGarbled(CardFault):
    """卡里的资料读出来不对。请取出卡片，擦一擦芯片再试；还是不行，请带身份证到柜台检查卡片。"""


class CardOfUnknownVersion(CardFault):
    """本机还不认识这一版的社会保障卡。请到柜台办理。"""


class CardTooOld(CardFault):
    """这张卡是早期的社会保障卡，不能在自助机上核对身份。请到柜台办理，或者换领新卡。"""


class CardLocked(CardFault):
    """这张社会保障卡已被锁定或停用。您的待遇不受影响，请带身份证到柜台办理。"""


class PinNeeded(CardFault):
    """要先输入卡片密码，才能继续。"""


class PinMalformed(CardFault):
    """密码是六位数字，请重新输入。"""


class TerminalNotTrusted(CardFault):
    """这张卡只允许经过认证的机器读取，本机没有通过。请到柜台办理。"""


@dataclass(frozen=True)
class CardIdentity:
    """What the card says of itself. `card_code` and `card_no` in capital letters, as printed."""

    card_no: str
    card_code: str
    area: str
    version: str
    issued: date
    expires: date
    algorithm: str


@dataclass(frozen=True)
class Holder:
    """Whose card it is. Sex and nation are codes (GB/T 2261.1, GB/T 3304)."""

    ident: str
    name: str
    sex: str
    nation: str
    birth: date


@dataclass(frozen=True)
class PinResult:
    """How the PIN was taken. `tries_left` is unknown after the right one, since the card no longer tells."""

    ok: bool
    tries_left: int | None
    blocked: bool


class CardSession:
    """From one insertion to the first exception, no longer.

    Nothing but VERIFY changes the card. Where its answer is lost the session is dead, and `tries()` of the
    next one reads back what became of it; where its answer says nothing, it is read back at once.
    """

    def __init__(self, link: Link, terminal: TerminalKey | None = None) -> None:
        self._link = Latch(link)
        self._terminal = terminal
        self._identity: CardIdentity | None = None
        self._at: tuple[int, int] | None = None  # the folder and file selected
        self.atr = self._link.atr()

    def read(self) -> tuple[CardIdentity, Holder, int | None]:
        """What is asked of every card that is put in: who issued it, whose it is, how many tries of the PIN are left."""
        return self._link.during(lambda: (self._known(), self._whose(), self._tries_left()))

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

    def verify(self, pin: str) -> PinResult:
        """Let the card compare the PIN. A wrong one costs a try."""
        try:
            command = apdu.verify(pin)
        except Malformed as why:
            raise PinMalformed from why
        return self._link.during(lambda: self._compared(command))

    def prove(self, challenge: bytes) -> bytes:
        """The card's answer under its own key; it gives one only after the PIN."""
        if len(challenge) != BLOCK:
            raise ValueError(f"a challenge has {BLOCK} bytes, not {len(challenge)}")
        return self._link.during(lambda: self._proof(challenge))

    def close(self) -> None:
        self._link.close()

    # ---- one step each, its commands handed to the reader together ----

    def _known(self) -> CardIdentity:
        if self._identity is None:
            fci = self._select_application()
            try:
                algorithm = layout.algorithm(fci)
            except Malformed as why:
                raise CardGarbled(str(why)) from why
            self._identity = self._issuer(algorithm)
        return self._identity

    def _whose(self) -> Holder:
        found = self._values(HOLDER, self._known().version)
        try:
            holder = Holder(
                ident=found["社会保障号码"],
                name=found["姓名"] + found.get("姓名扩展", ""),
                sex=found["性别"],
                nation=found["民族"],
                birth=found["出生日期"],
            )
        except KeyError as missing:
            raise CardGarbled(f"no {missing}") from missing
        if not is_citizen_number(holder.ident) or not holder.name:
            raise CardGarbled("the holder's number or name is not one")
        return holder

    def _tries_left(self) -> int | None:
        self._known()
        return self._pin_state()[1]

    def _compared(self, command: Command) -> PinResult:
        self._known()
        self._to(None)
        _, sw = exchange(self._link, command)
        if sw == OK:
            return PinResult(ok=True, tries_left=None, blocked=False)
        left = tries_left(sw)
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
        return answer

    def _must(self, command: Command) -> bytes:
        data, sw = exchange(self._link, command)
        if sw != OK:
            raise _fault(sw)
        return data

    # ---- the PIN ----

    def _pin_state(self) -> tuple[bool, int | None]:
        """Whether the right PIN was given in this session, and the tries left if the card tells."""
        self._to(None)
        _, sw = exchange(self._link, apdu.tries())
        return sw == OK, tries_left(sw)

    def _read_back(self, sw: int) -> PinResult:
        """The card's word on VERIFY said nothing of the PIN: ask how it stands now."""
        verified, left = self._pin_state()
        if not verified and left is None:
            raise _fault(sw)
        return PinResult(ok=verified, tries_left=left, blocked=left == 0)

    # ---- files ----

    def _select_application(self) -> bytes:
        self._at = (0, 0)
        data, sw = exchange(self._link, apdu.select_application(SSSE))
        if sw == OK:
            return data
        if status(sw) in (Status.INVALIDATED, Status.NOT_SUPPORTED):
            raise CardLocked(describe(sw))
        raise NotSocialSecurityCard(describe(sw))

    def _to(self, file: File | None) -> bool:
        """Select a file, or the application again; False where the card has no such file."""
        target = (file.folder, file.fid) if file else None
        if self._at is None or (self._at[0] and (target is None or target[0] != self._at[0])):
            self._select_application()
        if file is None or self._at == target:
            return True
        here = self._at[0] if self._at else 0
        self._at = None  # until it is known where we are
        if file.folder != here and not self._selected(apdu.select_folder(file.folder)):
            return False
        if not self._selected(apdu.select_file(file.fid)):
            return False
        self._at = target
        return True

    def _selected(self, command: Command) -> bool:
        _, sw = exchange(self._link, command)
        if sw != OK and status(sw) is not Status.NOT_FOUND:
            raise _fault(sw)
        return sw == OK

    def _issuer(self, algorithm: str) -> CardIdentity:
        found = self._values(ISSUER, VERSIONS[0])
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

    def _values(self, file: File, version: str) -> dict[str, Any]:
        if not self._to(file):
            raise CardGarbled(f"no file {file.path}")
        try:
            if file.kind == "bytes":
                return {file.items[0].title: file.items[0].decode(self._bytes(file))}
            if file.kind == "rows":
                return {str(n): row.hex().upper() for n, row in enumerate(self._records(file, version), 1)}
            return file.decode(dict(map(layout.record, self._records(file, version))), version)
        except Malformed as why:
            raise CardGarbled(f"{file.path}: {why}") from why

    def _records(self, file: File, version: str) -> list[bytes]:
        """The records by number; which item lies at which number is told by its tag, not assumed."""
        commands = _reads(file.lengths[version])
        found: list[bytes] = []
        while len(found) < len(commands):
            *whole, last = self._link.run([command.encoded for command in commands[len(found) :]])
            found += [answer.data for answer in whole]
            data, sw = last if last.sw == OK else self._read(file, commands[len(found)], last)
            if sw == OK:
                found.append(data)
            elif status(sw) in END:
                break
            else:
                raise _fault(sw)
        return found

    def _bytes(self, file: File) -> bytes:
        length, found = file.items[0].length, b""
        while len(found) < length:
            command = apdu.read_binary(len(found), min(CHUNK, length - len(found)))
            data, sw = self._read(file, command, self._link.send(command.encoded))
            if sw != OK and status(sw) is not Status.WRONG_OFFSET:
                raise _fault(sw)
            if sw != OK or not data:
                break
            found += data
        return found

    def _read(self, file: File, command: Command, said: Answer) -> Answer:
        """What was said to a read, to its end; where the card first wants to know the terminal, introduce it once."""
        answer = complete(self._link, command, said)
        if answer.sw != OK and status(answer.sw) is Status.NOT_ALLOWED:
            self._introduce(file, answer.sw)
            answer = exchange(self._link, command)
            if status(answer.sw) is Status.NOT_ALLOWED:
                raise TerminalNotTrusted(describe(answer.sw))
        return answer

    def _introduce(self, file: File, sw: int) -> None:
        """EXTERNAL AUTHENTICATE: a third-generation card shows its holder to known terminals only."""
        if file.read is layout.Access.PIN:
            raise PinNeeded(describe(sw))
        if self._terminal is None or self._identity is None:
            raise TerminalNotTrusted(describe(sw))
        challenge = self._must(apdu.get_challenge(FACTOR))
        if len(challenge) != FACTOR:
            raise CardGarbled(f"{len(challenge)} bytes of challenge")
        cryptogram = self._terminal.cryptogram(self._identity.area, self._identity.card_code, challenge)
        _, said = exchange(self._link, apdu.external_authenticate(READ, cryptogram))
        if said != OK:
            raise TerminalNotTrusted(describe(said))


@cache
def _reads(lengths: tuple[int, ...]) -> tuple[Command, ...]:
    """READ RECORD for each of these; where nobody knows what there is, for as many as there may be."""
    return tuple(map(apdu.read_record, count(1), lengths or (apdu.MOST,) * MOST_RECORDS))


FAULTS: Final = {
    Status.NOT_ALLOWED: PinNeeded,
    Status.NOT_NOW: PinNeeded,
    Status.PIN_BLOCKED: CardLocked,
    Status.INVALIDATED: CardLocked,
}


def _fault(sw: int) -> CardFault:
    return FAULTS.get(status(sw), CardGarbled)(describe(sw))
