"""The chip's own program: files, PIN, keys; one power-up of one card, command in, answer out."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from typing import Final

from cardio import layout
from cardio.codecs import PIN_DIGITS, pin_block
from cardio.environment import CHANNEL, FOLDERS, INTERNAL, PUK_TRIES, READ, UNBLOCK
from cardio.keys import BLOCK, FACTOR, enciphers, terminal_cryptogram
from cardio.layout import SSSE, Access
from cardio.link import Answer
from cardio.secure import PROTECTED, RANDOM, UNBLOCK_INS, Channel, MacWrong, greeting, is_hello, unblocked_pin
from cardio.sim import applet
from cardio.sim.applet import Applet
from cardio.sim.memory import TRIES, Memory, WornOut
from cardio.sim.persona import Persona
from cardio.sim.t0 import GET_RESPONSE, OK, Says, Speaks

FIDS: Final = {folder.fid for folder in FOLDERS} - {applet.FOLDER}


class Chip(Speaks):
    """From power-up to power-off. What must last is in the memory; all else is forgotten."""

    def __init__(self, persona: Persona, memory: Memory) -> None:
        super().__init__()
        self._persona, self._memory = persona, memory
        self._control = layout.control_information(persona.algorithm, persona.channel_version)
        self._files = {
            (file.folder, file.fid): (file.read, held)
            for path, held in persona.contents().items()
            for file in (layout.file(path),)
        }
        self._own_key = enciphers(persona.key)
        self._applet = Applet(persona, memory) if persona.profile == "collect" else None
        self._challenge = b""
        self._folder: int | None = None  # None: the application is not selected
        self._at: tuple[Access, list[bytes] | bytes] | None = None  # the selected file
        self._pin_given = self._terminal_known = False
        self._channel: Channel | None = None

    def process(self, command: bytes) -> Answer:
        """One command as T=0 brings it: five bytes of header, then data."""
        if len(command) == 4:
            command += b"\0"
        if len(command) < 5 or len(command) > 5 + 255:
            return Answer(b"", 0x6700)
        cla, ins, p1, p2, p3 = command[:5]
        data = command[5:]
        waiting, self._waiting = self._waiting, b""
        if data and len(data) != p3:
            return Answer(b"", 0x6700)
        try:
            if cla & PROTECTED and ins != UNBLOCK_INS:
                data = self._unwrapped(command[:5], data)
                cla, p3 = cla & ~PROTECTED, len(data)
            if ins == GET_RESPONSE and not cla:
                return self._take(waiting, p3)
            if cla == applet.CLASS and self._folder == applet.FOLDER and self._applet:
                found = self._applet.answer(ins, p1, p2, data, self._pin_given)
                return (
                    (self._later(found) if found else Answer(b"", OK)) if data else self._exactly(found, p3)
                )
            return self._own(cla, ins)(self, p1, p2, p3, data)
        except (Says, applet.Denied) as said:
            return Answer(b"", said.sw)
        except WornOut:
            return Answer(b"", 0x6581)

    @staticmethod
    def _own(cla: int, ins: int) -> Handler:
        """What does a command of the card's own."""
        if cla != CLASSES.get(ins, 0):
            raise Says(0x6E00)
        if ins not in HANDLERS:
            raise Says(0x6D00)
        return HANDLERS[ins]

    # ---- files ----

    def _select(self, p1: int, p2: int, le: int, data: bytes) -> Answer:
        if self._applet and self._folder is not None and (p1, data) in applet.SELECTS:
            self._folder, self._at = applet.FOLDER, None
            return Answer(b"", OK)
        if p1 == 0x04:
            if not data or not SSSE.startswith(data):
                raise Says(0x6A82)
            if self._persona.stopped:
                raise Says(0x6A81)
            self._folder, self._at = 0, None
            self._pin_given = self._terminal_known = False
            self._channel = None
            if self._applet:
                self._applet.reset()
            return self._later(self._control)
        if self._folder is None or len(data) != 2:
            raise Says(0x6A82)
        fid = int.from_bytes(data)
        if p1 == 0x01 and fid in FIDS:
            self._folder, self._at = fid, None
            return Answer(b"", OK)
        found = self._files.get((self._folder, fid))
        if self._applet and (self._folder, fid) == (applet.FOLDER, applet.LOG_FILE):
            found = Access.PIN, self._applet.log()
        if p1 not in (0x00, 0x02) or found is None:
            raise Says(0x6A82)
        self._at = found
        return Answer(b"", OK)

    def _open(self) -> list[bytes] | bytes:
        """The selected file, if it may be read now."""
        if self._at is None:
            raise Says(0x6985)
        access, held = self._at
        if access is Access.PIN and not self._pin_given:
            raise Says(0x6982)
        if access is Access.TERMINAL and self._persona.read_key and not self._terminal_known:
            raise Says(0x6982)
        return held

    def _read_record(self, p1: int, p2: int, le: int, data: bytes) -> Answer:
        held = self._open()
        if isinstance(held, bytes):
            raise Says(0x6981)
        if p2 == 0x04:
            found = held[p1 - 1] if 0 < p1 <= len(held) else None
        else:
            found = next((record for record in held if record[0] == p1), None)
        if found is None:
            raise Says(0x6A83)
        return self._exactly(found, le)

    def _read_binary(self, p1: int, p2: int, le: int, data: bytes) -> Answer:
        held = self._open()
        if not isinstance(held, bytes):
            raise Says(0x6981)
        offset = p1 << 8 | p2
        if offset >= len(held):
            raise Says(0x6B00)
        return self._exactly(held[offset : offset + (le or 256)], le)

    # ---- PIN and keys ----

    def _verify(self, p1: int, p2: int, le: int, data: bytes) -> Answer:
        if self._folder is None:
            raise Says(0x6985)
        left = self._memory.tries
        if not data:
            raise Says(OK if self._pin_given else 0x63C0 | left if left else 0x6983)
        self._pin_given = self._is_pin(data)
        return Answer(b"", OK)

    def _is_pin(self, block: bytes) -> bool:
        """Whether this is the PIN; says how many tries are left where it is not."""
        if len(block) != PIN_DIGITS // 2:
            raise Says(0x6700)
        self._pin_given = False
        left = self._memory.tries
        if not left:
            raise Says(0x6983)
        self._memory.write_tries(left - 1)  # before comparing: pulling the card wins nothing
        if not hmac.compare_digest(block, self._memory.kept.pin or pin_block(self._persona.pin)):
            raise Says(0x63C0 | left - 1)
        self._memory.write_tries(TRIES)
        return True

    def _change_pin(self, p1: int, p2: int, le: int, data: bytes) -> Answer:
        """The old PIN, FF, the new one: written in one, so that a torn page leaves the one or the other."""
        old, mark, new = (
            data[: PIN_DIGITS // 2],
            data[PIN_DIGITS // 2 : -(PIN_DIGITS // 2)],
            data[-(PIN_DIGITS // 2) :],
        )
        if self._folder is None:
            raise Says(0x6985)
        if (p1, p2) != (0x01, 0x00):
            raise Says(0x6A86)
        if len(data) != PIN_DIGITS + 1:
            raise Says(0x6700)
        if mark != b"\xff" or not new.hex().isdecimal():
            raise Says(0x6A80)
        self._is_pin(old)
        self._memory.write_pin(new)
        self._pin_given = True
        return Answer(b"", OK)

    def _unwrapped(self, head: bytes, data: bytes) -> bytes:
        """What a protected command brings. Whatever is wrong with one ends the meeting."""
        channel, self._channel = self._channel, None
        if not self._persona.channel_key:
            raise Says(0x6882)
        if channel is None:
            raise Says(0x6985)
        try:
            plain = channel.unwrap(head, data)
        except MacWrong as wrong:
            raise Says(0x6988) from wrong
        self._channel = channel
        return plain

    def _unblock(self, p1: int, p2: int, le: int, data: bytes) -> Answer:
        """A new PIN from whoever has this card's PUK, made for the number that was just asked of it."""
        card_random, self._challenge = self._challenge, b""
        if p2 != UNBLOCK or not self._persona.puk:
            raise Says(0x6A88)
        if self._folder is None or len(card_random) != RANDOM:
            raise Says(0x6985)
        if self._memory.kept.wrong_unblocks >= PUK_TRIES:
            raise Says(0x6983)
        self._memory.write_unblocking()
        try:
            new = unblocked_pin(
                self._persona.puk, card_random, bytes((0x84, UNBLOCK_INS, p1, p2, len(data))), data
            )
        except MacWrong as wrong:
            raise Says(0x6988) from wrong
        if len(new) != PIN_DIGITS // 2 or not new.hex().isdecimal():
            raise Says(0x6A80)
        self._memory.write_unblocked(new)
        self._pin_given = False
        return Answer(b"", OK)

    def _get_challenge(self, p1: int, p2: int, le: int, data: bytes) -> Answer:
        if le not in (FACTOR, BLOCK):
            raise Says(0x6700)
        self._challenge = secrets.token_bytes(le)
        return Answer(self._challenge, OK)

    def _internal_authenticate(self, p1: int, p2: int, le: int, data: bytes) -> Answer:
        if p2 != INTERNAL or self._persona.algorithm != "SM4":
            raise Says(0x6A88)
        if len(data) != BLOCK:
            raise Says(0x6700)
        if not self._pin_given:
            raise Says(0x6982)
        return self._later(self._own_key.update(data))

    def _external_authenticate(self, p1: int, p2: int, le: int, data: bytes) -> Answer:
        challenge, self._challenge = self._challenge, b""
        if p2 == CHANNEL and self._persona.channel_key:
            return self._meet(self._persona.channel_key, challenge, data)
        if p2 != READ or not self._persona.read_key:
            raise Says(0x6A88)
        if len(challenge) != FACTOR or len(data) != BLOCK:
            raise Says(0x6985)
        own = data[FACTOR:]
        if not hmac.compare_digest(data, terminal_cryptogram(self._persona.read_key, challenge, own)):
            raise Says(0x6300)
        self._terminal_known = True
        return Answer(b"", OK)

    def _meet(self, key: bytes, card_random: bytes, said: bytes) -> Answer:
        """Both ends prove that they have the key; what follows under keys of this meeting counts."""
        self._channel = None
        if len(card_random) != RANDOM:
            raise Says(0x6985)
        if not is_hello(key, card_random, said):
            raise Says(0x6300)
        self._channel = Channel.between(key, card_random, said[:RANDOM])
        self._terminal_known = True
        return self._later(greeting(key, card_random, said[:RANDOM]))


CLASSES: Final = {0x5E: 0x80, UNBLOCK_INS: 0x84}  # all others are of class 00
Handler = Callable[[Chip, int, int, int, bytes], Answer]
HANDLERS: Final[Mapping[int, Handler]] = {
    0xA4: Chip._select,
    0xB2: Chip._read_record,
    0xB0: Chip._read_binary,
    0x20: Chip._verify,
    0x5E: Chip._change_pin,
    UNBLOCK_INS: Chip._unblock,
    0x84: Chip._get_challenge,
    0x88: Chip._internal_authenticate,
    0x82: Chip._external_authenticate,
}
