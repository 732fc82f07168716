"""Sessions: every kind of visit a card can have, told once, so that it can be recorded and played again bit for bit.

`python -m tests.cardio.sessions` records all of them anew: invented cards, fixed challenges, no clock. The PIN is
never on a tape, nor anything of a real person.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cardio import tape
from cardio.card import CardSession
from cardio.collect import CollectCard
from cardio.keys import FACTOR, card_key, order_challenge, terminal_cryptogram
from cardio.link import CardFault, Link
from cardio.sim import Fault, Faults, Kind, Persona, SimCard, sample
from cardio.tac import Result
from tests.cardio.office import WANG, Office, asked

MASTER: Final = bytes.fromhex("0123456789abcdeffedcba9876543210")
READERS: Final = bytes.fromhex("00112233445566778899aabbccddeeff")
VISIT: Final = bytes(range(16))  # what the backend asks at the beginning of a visit
ORDER: Final = order_challenge(
    "0000000100010001", 458037, "1024", "00000001", "00112233445566778899aabbccddeeff"
)
HOLDER: Final = sample(MASTER)
SHY: Final = replace(HOLDER, read_key=card_key(READERS, HOLDER.area, HOLDER.card_code))
WRONG_PIN: Final = "000000"
NEW_PIN: Final = "907142"
TAPES: Final = Path(__file__).parent / "tapes"


@dataclass(frozen=True)
class SameTerminalKey:
    """A security module that always asks with the same number: for recordings, never for a machine."""

    master: bytes

    def cryptogram(self, area: str, card_code: str, challenge: bytes, version: int | None = None) -> bytes:
        return terminal_cryptogram(card_key(self.master, area, card_code), challenge, bytes(FACTOR))


TERMINAL: Final = SameTerminalKey(READERS)
Visit = Callable[[CardSession], object]


@dataclass(frozen=True)
class Told:
    """One kind of session: on which card, what is asked of it."""

    card: Callable[[], SimCard]
    visit: Visit

    def play(self, link: Link) -> list[str]:
        """What a terminal sees of it: every answer, or the fault that ended it."""
        seen: list[str] = []
        try:
            session = CardSession(link, TERMINAL)
        except CardFault as fault:
            return [fault.code]
        try:
            seen.append(str(self.visit(session)))
        except CardFault as fault:
            seen.append(fault.code)
        session.close()
        return seen


def _read(session: CardSession) -> object:
    return session.read()


def _account(session: CardSession) -> object:
    return session.read(), session.verify(HOLDER.pin), session.prove(VISIT).hex()


def _collection(session: CardSession) -> object:
    return _account(session), session.prove(ORDER).hex()


def _wrong_pin(session: CardSession) -> object:
    return session.read(), session.verify(WRONG_PIN), session.tries(), session.verify(HOLDER.pin)


def _blocked(session: CardSession) -> object:
    return session.read(), session.verify(HOLDER.pin)


def _files(session: CardSession) -> object:
    return session.read(), session.file("DF03/EF07")


def _new_pin(session: CardSession) -> object:
    return session.read(), session.change_pin(HOLDER.pin, NEW_PIN), session.verify(NEW_PIN)


def _counted(session: CardSession) -> object:
    """A collection with a card that counts, and its end told to the card."""
    office, wanted, card = Office(), asked(), CollectCard(session)
    known = session.read(), session.verify(WANG.pin), session.prove(VISIT).hex()
    begun = card.init_collect(wanted)
    agreed = card.collect(wanted, begun, office.terms(wanted, begun))
    closing = office.closing(wanted.order, begun.ctc + 1, Result.PAID)
    return (
        known,
        begun,
        agreed,
        card.proof(begun.ctc + 1),
        card.close_order(wanted.order, Result.PAID, closing),
        card.log(),
    )


def _on(persona: Persona, *faults: Fault, **more: bool) -> Callable[[], SimCard]:
    return lambda: SimCard(persona, Faults(faults, **more))


def _without_tries() -> SimCard:
    card = SimCard(HOLDER)
    session = CardSession(card)
    while not session.verify(WRONG_PIN).blocked:
        continue
    session.close()
    return card


class _Foreign(SimCard):
    """A bank's card: it knows no social-security application."""

    def send(self, apdu: bytes) -> tape.Answer:
        return tape.Answer(b"", 0x6A82)


PENSION: Final = {"DF03/EF07": {"70": "001", "71": "310101", "73": "2026-11-01"}}
SESSIONS: Final[Mapping[str, Told]] = {
    "read-first-generation": Told(_on(replace(HOLDER, version="1.00", name="张三")), _read),
    "read-second-generation": Told(_on(replace(HOLDER, version="2.00")), _read),
    "read-third-generation": Told(_on(SHY), _read),
    "pension-file": Told(_on(replace(HOLDER, version="2.00", files=PENSION)), _files),
    "account": Told(_on(HOLDER), _account),
    "collection": Told(_on(replace(HOLDER, version="2.00")), _collection),
    "collection-third-generation": Told(_on(SHY), _collection),
    "wrong-pin": Told(_on(HOLDER), _wrong_pin),
    "blocked-pin": Told(_without_tries, _blocked),
    "pulled-before-proof": Told(_on(HOLDER, Fault(Kind.PULL_BEFORE, 15)), _account),
    "pulled-after-pin": Told(_on(HOLDER, Fault(Kind.PULL_AFTER, 14)), _account),
    "hangs": Told(_on(HOLDER, Fault(Kind.HANG, 9)), _account),
    "wrong-word": Told(_on(HOLDER, Fault(Kind.WRONG_SW, 7)), _read),
    "noise": Told(_on(HOLDER, Fault(Kind.GARBAGE, 5)), _read),
    "new-pin": Told(_on(HOLDER), _new_pin),
    "counted": Told(_on(WANG), _counted),
    "counted-pulled": Told(_on(WANG, Fault(Kind.PULL_AFTER, 20)), _counted),
    "foreign": Told(lambda: _Foreign(HOLDER), _read),
    "mute": Told(_on(HOLDER, mute=True), _read),
}


@contextmanager
def same_numbers() -> Iterator[None]:
    """Chance draws the same for every recording: the cards' challenges, and the terminals'."""
    real = secrets.token_bytes
    secrets.token_bytes = lambda size=None: bytes(range(size or 32))
    try:
        yield
    finally:
        secrets.token_bytes = real


def record(folder: Path) -> None:
    """All tapes anew; the same ones wherever and whenever this is done."""
    folder.mkdir(parents=True, exist_ok=True)
    with same_numbers():
        for name, told in SESSIONS.items():
            told.play(tape.Recorder(told.card(), folder / f"{name}.jsonl", clock=lambda: 0.0))


if __name__ == "__main__":
    record(TAPES)
