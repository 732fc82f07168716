"""Targets: everything that reads bytes from outside — cards, their files, tapes, a kiosk's journal — and what it may say.

Each takes one input and either reads it or refuses it by a name of ours. Anything else is a crash.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

from cardio import layout, tape, tlv
from cardio.card import CardSession
from cardio.codecs import CODECS
from cardio.keys import SoftwareTerminalKey, card_key
from cardio.link import Answer, CardFault
from cardio.sim import Faults, SimCard
from cardio.sim.persona import load
from cardio.tlv import Malformed
from kiosk import journal
from kiosk.journal import Journal, JournalDamaged, JournalFailed, Stage
from kiosk.slot import demo_cards
from tests.cardio.people import CHALLENGE, LI, READ_MASTER, ZHOU
from tests.fuzz.mutation import spoilt, spoilt_json

SHY: Final = replace(LI, read_key=card_key(READ_MASTER, LI.area, LI.card_code))
Spoil = Callable[[Random, Sequence[bytes]], bytes]


@dataclass(frozen=True)
class Target:
    name: str
    read: Callable[[bytes, Path], object]  # the input, and a folder for whatever has to be a file
    refusals: tuple[type[Exception], ...]
    real: Callable[[], list[bytes]]
    spoil: Spoil = spoilt

    def one(self, data: bytes, folder: Path) -> bool:
        """Whether it was taken; what it refuses by name is well refused."""
        try:
            self.read(data, folder)
        except self.refusals:
            return False
        return True


# ---- what cards answer, as a session hears it ----


class _Talking:
    """A reader whose card answers what the input says: per answer one byte of length, the data, two of status."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0
        self.sent = 0

    def atr(self) -> bytes:
        return bytes.fromhex(LI.atr)

    def send(self, apdu: bytes) -> Answer:
        self.sent += 1
        if self._at >= len(self._data):
            raise CardFault("the input is over")
        size = self._data[self._at]
        end = self._at + 1 + size
        piece, status = self._data[self._at + 1 : end], self._data[end : end + 2]
        self._at = end + 2
        return Answer(piece, int.from_bytes(status.ljust(2, b"\x90")))

    def close(self) -> None:
        self._at = len(self._data)


def _session(data: bytes, folder: Path) -> None:
    """All that a kiosk asks of a card, to whatever answers; it never asks without end."""
    link = _Talking(data)
    session = CardSession(link, SoftwareTerminalKey(READ_MASTER))
    asks: tuple[Callable[[], object], ...] = (
        session.read,
        lambda: session.file("DF03/EF07"),
        lambda: session.file("DF04/EF08"),
        lambda: session.file("SSSE/EF08"),
        lambda: session.verify(LI.pin),
        lambda: session.prove(CHALLENGE),
    )
    for ask in asks:
        with suppress(CardFault):
            ask()
    if link.sent > 2000:
        raise AssertionError(f"{link.sent} commands")


class _Listening:
    """A real card's answers, written down as `_Talking` reads them."""

    def __init__(self, card: SimCard) -> None:
        self._card, self.heard = card, bytearray()

    def atr(self) -> bytes:
        return self._card.atr()

    def send(self, apdu: bytes) -> Answer:
        answer = self._card.send(apdu)
        self.heard += bytes([len(answer.data) & 0xFF]) + answer.data + answer.sw.to_bytes(2)
        return answer

    def close(self) -> None:
        self._card.close()


def _heard(card: SimCard) -> bytes:
    link = _Listening(card)
    session = CardSession(link, SoftwareTerminalKey(READ_MASTER))
    session.read()
    for path in ("DF03/EF07",):
        with suppress(CardFault):
            session.file(path)
    session.verify(card.persona.pin)
    session.prove(CHALLENGE)
    return bytes(link.heard)


# ---- what a chip is sent ----


def _chip(data: bytes, folder: Path) -> None:
    """Commands one after the other, each one byte of length and itself; the card always answers."""
    card, at = _card(), 0
    card.insert()
    card.atr()
    while at < len(data):
        size = data[at]
        answer = card.send(data[at + 1 : at + 1 + size])
        if not 0 <= answer.sw <= 0xFFFF or len(answer.data) > 256:
            raise AssertionError(answer)
        at += 1 + size
    card.close()


@cache
def _card() -> SimCard:
    return SimCard(SHY)


class _Asking(_Listening):
    def send(self, apdu: bytes) -> Answer:
        self.heard += bytes([len(apdu)]) + apdu
        return self._card.send(apdu)


def _asked() -> bytes:
    link = _Asking(SimCard(SHY))
    session = CardSession(link, SoftwareTerminalKey(READ_MASTER))
    session.read()
    session.verify(SHY.pin)
    session.prove(CHALLENGE)
    return bytes(link.heard)


# ---- labels and items ----


def _tlv(data: bytes, folder: Path) -> None:
    tlv.parse(data)
    for tag in (0x9F0C, 0xA5, 0x84):
        tlv.find(data, tag)
    layout.algorithm(data)


def _records(data: bytes, folder: Path) -> None:
    """One record, as every file and every kind of item would take it."""
    tag, value = layout.record(data)
    for file in layout.FILES:
        for version in layout.VERSIONS:
            with suppress(Malformed):
                file.decode({tag: value}, version)
    for codec in CODECS.values():
        with suppress(Malformed):
            codec.decode(value)


def _contents() -> list[bytes]:
    return [
        record
        for persona in (LI, ZHOU)
        for held in persona.contents().values()
        for record in (held if isinstance(held, list) else [held])
    ]


# ---- files ----


def _written(read: Callable[[Path], object]) -> Callable[[bytes, Path], object]:
    """For what reads a file."""

    def reads(data: bytes, folder: Path) -> object:
        path = folder / "input"
        path.write_bytes(data)
        return read(path)

    return reads


def _tape(path: Path) -> None:
    """Read, told in words, and played to a session."""
    entries = tape.read(path)
    for told in tape.told(entries):
        told.encode()
    with suppress(CardFault):
        CardSession(tape.Replay(entries)).read()


def _tapes() -> list[bytes]:
    return [
        path.read_bytes() for path in sorted((Path(__file__).parents[1] / "cardio/tapes").glob("*.jsonl"))
    ]


def _plan(data: bytes, folder: Path) -> None:
    Faults.from_json(data.decode("utf-8", "replace"))


def _plans() -> list[bytes]:
    return [
        b'{"faults": [{"kind": "pull-after", "at": 12}, {"kind": "wrong-sw", "at": 3, "sw": "6F00"}], "mute": false}'
    ]


def _cards() -> list[bytes]:
    notes = [json.loads(one.to_json()) | {"note": "x"} for one in (LI, ZHOU, SHY)]
    return [json.dumps(notes).encode(), json.dumps(notes[0]).encode()]


def _journal(path: Path) -> None:
    """Looked into by people, and opened by a kiosk that goes on in it."""
    (path.parent / "journal.next").unlink(missing_ok=True)
    with suppress(JournalDamaged):
        list(journal.read(path))
    opened = Journal(path)
    try:
        for course in opened.open_orders():
            course.acked  # noqa: B018 - what a restart asks of every order
            course.out  # noqa: B018
        opened.append(Stage.ORDERED, "00000001ffff0001", method="cash", amount_fen=1, entitlement="1")
    finally:
        opened.close()


@cache
def _journals() -> list[bytes]:
    from tempfile import TemporaryDirectory  # noqa: PLC0415 - once

    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal.log"
        kept = Journal(path)
        kept.boot(1)
        for n, outcome in enumerate(("paid", "not", "unknown"), 1):
            order = f"000000010001{n:04x}"
            kept.append(Stage.ORDERED, order, method="cash", amount_fen=458037, entitlement=str(n))
            kept.append(Stage.DISPENSING, order, token="ab" * 32)
            kept.append(Stage.STACKED, order, amount_fen=458037)
            kept.append(Stage.PRESENTING, order)
            kept.append(Stage.OUT, order, outcome=outcome, status=None)
            kept.append(
                Stage.ACKED, order, state={"paid": "paid", "not": "released", "unknown": "in_doubt"}[outcome]
            )
        kept.close()
        return [path.read_bytes()]


def _rechained(rng: Random, real: Sequence[bytes]) -> bytes:
    """A journal whose records are spoilt inside and sealed anew: sums and chain are right, what they say is not."""
    if rng.randrange(2):
        return spoilt(rng, real)
    payloads, data, at = [], rng.choice(real), 0
    while (found := journal.record_at(data, at)) is not None:
        payload, at = found
        payloads.append(payload)
    n = rng.randrange(len(payloads))
    payloads[n] = spoilt_json(rng, [payloads[n]])[: journal.LONGEST]
    if not rng.randrange(4):
        rng.shuffle(payloads)
    return _sealed(payloads)


def _sealed(payloads: Sequence[bytes]) -> bytes:
    from zlib import crc32  # noqa: PLC0415

    head, out = journal.GENESIS, b""
    for payload in payloads:
        head = hashlib.sha256(head + payload).digest()
        body = journal.PREFIX.pack(journal.MAGIC, len(payload)) + payload + head
        out += body + struct.pack(">I", crc32(body))
    return out


TARGETS: Final[Mapping[str, Target]] = {
    one.name: one
    for one in (
        Target("session", _session, (CardFault,), lambda: [_heard(SimCard(one)) for one in (LI, ZHOU, SHY)]),
        Target("chip", _chip, (), lambda: [_asked()]),
        Target("tlv", _tlv, (Malformed,), lambda: [layout.control_information("SM4"), *_contents()]),
        Target("records", _records, (Malformed,), _contents),
        Target("tape", _written(_tape), (CardFault,), _tapes),
        Target("fault plan", _plan, (Malformed,), _plans, spoilt_json),
        Target("card file", _written(load), (Malformed,), _cards, spoilt_json),
        Target("tray of cards", _written(demo_cards), (Malformed,), _cards, spoilt_json),
        Target("journal", _written(_journal), (JournalDamaged, JournalFailed), _journals, _rechained),
    )
}


def known(name: str) -> Any:
    return TARGETS[name]
