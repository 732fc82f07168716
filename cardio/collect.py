"""The collect application of a card (DF0C, ours): the session's side of counter, proofs and log.

COLLECT changes the card, and its answer can be lost. So nothing here answers with an exception that might be
taken for "not done": it is Done, Refused (the card says for certain that it holds no such collection), or
Unknown, which only the card itself can mend, asked by `proof` in a new session.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

from cardio import apdu
from cardio.apdu import Command
from cardio.card import CardGarbled, CardSession, PinNeeded
from cardio.link import OK, Answer, CardFault
from cardio.status import Status, describe, status
from cardio.tac import CTC, MAC, Asked, Result, moment

T = TypeVar("T")
FOLDER: Final = 0xDF0C
LOG_FILE: Final = 0xEF02
LOGGED: Final = 12  # records of the card's own log
BEGUN: Final = struct.Struct(">IBB8s8s")
PROOF: Final = struct.Struct(">8sI8sB")
ROW: Final = struct.Struct(">I8sI3s6s7sB4s3x")
NO_PROOF: Final = 0x9406


@dataclass(frozen=True)
class Done(Generic[T]):
    value: T


@dataclass(frozen=True)
class Refused:
    """The card said no, and has not done it."""

    sw: int

    @property
    def told(self) -> str:
        return describe(self.sw)


@dataclass(frozen=True)
class Unknown:
    """Whether the card did it, only the card knows."""

    fault: CardFault


Outcome = Done[T] | Refused | Unknown


@dataclass(frozen=True)
class Begun:
    """What the card answers to INIT: its count so far, and that it was asked just this."""

    ctc: int
    key_version: int
    rnd: bytes
    mac1: bytes


@dataclass(frozen=True)
class Terms:
    """What the office reserved: when, for which month, under its MAC."""

    at: datetime  # the office's own time of day
    month: str  # YYYY-MM
    mac2: bytes

    @property
    def encoded(self) -> bytes:
        return moment(self.at) + bytes.fromhex(self.month.replace("-", "")) + self.mac2


@dataclass(frozen=True)
class Proof:
    """The card's proof of one collection."""

    ctc: int
    order: str
    amount_fen: int
    tac: bytes
    result: Result


@dataclass(frozen=True)
class Logged:
    """One line of the card's own log, for its holder."""

    ctc: int
    order: str
    amount_fen: int
    month: str
    kiosk: str
    at: datetime
    result: Result
    check: str  # the last half of the TAC, as on the slip

    @classmethod
    def read(cls, row: bytes) -> Logged:
        try:
            ctc, order, amount, period, kiosk, when, result, check = ROW.unpack(row)
            return cls(
                ctc,
                order.hex(),
                amount,
                f"{period.hex()[:4]}-{period.hex()[4:]}",
                kiosk.hex()[-8:],
                datetime.strptime(when.hex(), "%Y%m%d%H%M%S"),  # noqa: DTZ007 - the time of day at the office
                Result(result),
                check.hex().upper(),
            )
        except (struct.error, ValueError) as why:
            raise CardGarbled(f"a line of the log: {why}") from why


class CollectCard:
    """The collect application within one session; INIT needs the PIN, and so does the log."""

    def __init__(self, session: CardSession) -> None:
        self._session = session

    def ctc(self) -> int:
        """How many collections the card has agreed to."""
        return int.from_bytes(self._must(apdu.get_count(), CTC))

    def init_collect(self, asked: Asked) -> Begun:
        """What is to be agreed to; nothing is written, so that a fault here costs nothing."""
        ctc, version, _, rnd, mac1 = BEGUN.unpack(self._must(apdu.init_collect(asked.encoded), BEGUN.size))
        return Begun(ctc, version, rnd, mac1)

    def collect(self, asked: Asked, begun: Begun, terms: Terms) -> Outcome[Proof]:
        """The holder agrees: one commit. What the card's word does not settle, it is asked again at once."""
        try:
            data, sw = self._ask(apdu.collect(terms.encoded))
        except CardFault as lost:
            return Unknown(lost)
        count = begun.ctc + 1
        if sw == OK and len(data) == MAC + CTC and int.from_bytes(data[MAC:]) == count:
            return Done(Proof(count, asked.order, asked.amount_fen, data[:MAC], Result.OPEN))
        match found := self.proof(count):
            case Done(kept) if (kept.order, kept.amount_fen) != (asked.order, asked.amount_fen):
                return Refused(sw)
            case Refused():
                return Refused(sw)
        return found

    def proof(self, ctc: int) -> Outcome[Proof]:
        """The proof of its newest collection, if that is its number: the same however often it is asked."""
        try:
            data, sw = self._ask(apdu.get_proof(ctc.to_bytes(CTC)))
            if sw == NO_PROOF:
                return Refused(sw)
            if sw != OK or len(data) != PROOF.size:
                return Unknown(CardGarbled(f"{describe(sw)}, {len(data)} bytes of proof"))
            order, amount, tac, result = PROOF.unpack(data)
            return Done(Proof(ctc, order.hex(), amount, tac, Result(result)))
        except CardFault as lost:
            return Unknown(lost)
        except ValueError as why:
            return Unknown(CardGarbled(f"a result nobody knows: {why}"))

    def close_order(self, order: str, result: Result, mac3: bytes) -> Outcome[None]:
        """Tell the card how its newest collection ended; told again, nothing changes."""
        try:
            _, sw = self._ask(apdu.close_order(bytes.fromhex(order) + bytes([result]) + mac3))
        except CardFault as lost:
            return Unknown(lost)
        return Done(None) if sw == OK else Refused(sw)

    def log(self) -> tuple[Logged, ...]:
        """The card's own record of its last collections, the newest first."""
        self._must(apdu.select_file(LOG_FILE), 0)
        rows: list[Logged] = []
        while len(rows) < LOGGED:
            data, sw = self._ask(apdu.read_record(len(rows) + 1, ROW.size))
            if status(sw) is Status.NO_RECORD:
                break
            if sw != OK:
                raise _fault(sw)
            rows.append(Logged.read(data))
        return tuple(rows)

    def _ask(self, command: Command) -> Answer:
        return self._session.ask(FOLDER, command)

    def _must(self, command: Command, length: int) -> bytes:
        data, sw = self._ask(command)
        if sw != OK:
            raise _fault(sw)
        if len(data) != length:
            raise CardGarbled(f"{len(data)} bytes where {length} belong")
        return data


def _fault(sw: int) -> CardFault:
    found = status(sw)
    return (PinNeeded if found is Status.NOT_ALLOWED else CardGarbled)(describe(sw))
