"""Commands to a card: their bytes, and the T=0 habits of asking again (61xx, 6Cxx)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from cardio.codecs import pin_block
from cardio.link import OK, Answer, Link

MOST_ROUNDS: Final = 16  # no answer of this card is longer than sixteen GET RESPONSEs
MOST: Final = 256


@dataclass(slots=True)  # frozen, it would take three times as long to make
class Command:
    """One command, made once and never changed; `le` is how many bytes are expected back (256: as many as there are)."""

    ins: int
    p1: int = 0
    p2: int = 0
    data: bytes = field(default=b"", repr=False)  # may be a PIN
    le: int | None = None
    cla: int = 0
    encoded: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """As T=0 sends it: where data goes out, what comes back is fetched by GET RESPONSE.

        >>> Command(0xB2, 1, 4, le=256).encoded.hex(), Command(0x20).encoded.hex()
        ('00b2010400', '0020000000')
        """
        last = len(self.data) or (self.le or 0) % MOST
        self.encoded = bytes((self.cla, self.ins, self.p1, self.p2, last)) + self.data

    @property
    def fetches(self) -> bool:
        """Data out and data back (case 4): the only kind that GET RESPONSE may follow."""
        return bool(self.data) and self.le is not None


@cache
def select_application(aid: bytes) -> Command:
    """
    >>> select_application(bytes.fromhex("7378312E73682EC9E7BBE1B1A3D5CF")).encoded.hex()
    '00a404000f7378312e73682ec9e7bbe1b1a3d5cf'
    """
    return Command(0xA4, 0x04, data=aid, le=MOST)


@cache
def select_folder(fid: int) -> Command:
    return Command(0xA4, 0x01, data=fid.to_bytes(2), le=MOST)


@cache
def select_file(fid: int) -> Command:
    return Command(0xA4, 0x00, data=fid.to_bytes(2), le=MOST)


@cache
def read_record(number: int, le: int = MOST) -> Command:
    return Command(0xB2, number, 0x04, le=le)


COLLECT_CLASS: Final = 0x80
COLLECT: Final = 0x0C  # the collect application, as its own commands name it


def init_collect(asked: bytes) -> Command:
    return Command(0x50, 0, COLLECT, asked, 30, COLLECT_CLASS)


def collect(terms: bytes) -> Command:
    """The second command we send that changes a card: by it the holder agrees, once."""
    return Command(0x52, data=terms, le=12, cla=COLLECT_CLASS)


def get_proof(ctc: bytes) -> Command:
    """Reads back what `collect` did: costs nothing, any number of times."""
    return Command(0x5A, 0, COLLECT, ctc, 21, COLLECT_CLASS)


@cache
def get_count() -> Command:
    return Command(0x5C, 0, COLLECT, le=4, cla=COLLECT_CLASS)


def close_order(told: bytes) -> Command:
    return Command(0x54, data=told, cla=COLLECT_CLASS)


def read_binary(offset: int, le: int) -> Command:
    return Command(0xB0, offset >> 8, offset & 0xFF, le=le)


def verify(pin: str) -> Command:
    """A wrong PIN costs a try."""
    return Command(0x20, data=pin_block(pin))


def change_pin(old: str, new: str) -> Command:
    """
    >>> change_pin("123456", "135790").encoded.hex()
    '805e010007123456ff135790'
    """
    return Command(0x5E, 0x01, data=pin_block(old) + b"\xff" + pin_block(new), cla=0x80)


@cache
def tries() -> Command:
    """VERIFY without a PIN: costs nothing, tells how many tries are left. Reads back what became of a PIN."""
    return Command(0x20)


def get_challenge(length: int) -> Command:
    return Command(0x84, le=length)


def internal_authenticate(key_id: int, challenge: bytes) -> Command:
    return Command(0x88, 0, key_id, challenge, le=len(challenge))


def external_authenticate(key_id: int, cryptogram: bytes) -> Command:
    return Command(0x82, 0, key_id, cryptogram)


@cache
def get_response(le: int) -> Command:
    return Command(0xC0, le=le)


def exchange(link: Link, command: Command) -> Answer:
    """Send a command and fetch the whole answer. The status word that ends it is the card's last word."""
    answer = link.send(command.encoded)
    return answer if answer.sw == OK else complete(link, command, answer)


def complete(link: Link, command: Command, answer: Answer) -> Answer:
    """The whole answer, where the card has said this to begin with."""
    answer = _right_length(link, command, answer)
    if not command.fetches:
        return answer
    data, sw = answer
    for _ in range(MOST_ROUNDS):
        if sw >> 8 != 0x61:
            break
        fetch = get_response(sw & 0xFF or MOST)
        more, sw = _right_length(link, fetch, link.send(fetch.encoded))
        data += more
    return Answer(data, sw)


def _right_length(link: Link, command: Command, answer: Answer) -> Answer:
    """6Cxx: not carried out, ask for xx bytes. Once, and only where nothing was sent out."""
    if answer.sw >> 8 != 0x6C or command.data or command.le is None:
        return answer
    return link.send(replace(command, le=answer.sw & 0xFF).encoded)
