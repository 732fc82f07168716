"""A simulated card behind pcscd's virtual reader (vpcd): the whole real stack without hardware.

The driver listens, the card dials in; every message is a length of two bytes and a body. A body of one byte
is the reader's own: power off, power on, reset, "your answer to reset?". The driver listens on every address
and asks for no password: only inside a network namespace of its own, never on a kiosk.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Final, Self

from cardio.link import CardDirty, CardMute, CardPulled, CardStuck
from cardio.sim.bad import InSlot

PORT: Final = 35963
OFF, ON, RESET = 0, 1, 2
ASK_ATR = 4
QUICK_ACK: Final = getattr(socket, "TCP_QUICKACK", None)


class ReaderHungUp(Exception):
    """The driver closed the line."""


def dial(host: str, port: int) -> socket.socket:
    line = socket.create_connection((host, port), timeout=10)
    line.settimeout(None)
    return line


def converse(card: InSlot, line: socket.socket) -> None:
    """Serve a card over an open line, until the line ends or the card is pulled. Closes the line."""
    with line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        card.insert()
        try:
            while True:
                body = _receive(line)
                answer = _control(card, body[0]) if len(body) == 1 else _command(card, body)
                if answer is not None:
                    line.sendall(len(answer).to_bytes(2) + answer)
        except (CardStuck, CardDirty):
            _wait_for_the_end(line)
        except (CardPulled, ReaderHungUp, ConnectionError, OSError):
            return
        finally:
            card.pull()


def _control(card: InSlot, code: int) -> bytes | None:
    """Power and reset take an answer of nothing; only the answer to reset is asked for in words."""
    if code in (OFF, ON, RESET):
        card.close()
    if code != ASK_ATR:
        return None
    try:
        return card.atr()
    except CardMute:
        return b""


def _command(card: InSlot, apdu: bytes) -> bytes:
    card.atr()  # powered by the reader; the driver does not always say so
    data, sw = card.send(apdu)
    return data + sw.to_bytes(2)


def _receive(line: socket.socket) -> bytes:
    length = int.from_bytes(_exactly(line, 2))
    return _exactly(line, length) if length else b"\0"


def _exactly(line: socket.socket, size: int) -> bytes:
    """The driver sends length and body apart: without prompt acknowledgement each message waits 40 ms."""
    found = b""
    while len(found) < size:
        _acknowledge_at_once(line)
        part = line.recv(size - len(found))
        _acknowledge_at_once(line)
        if not part:
            raise ReaderHungUp
        found += part
    return found


def _acknowledge_at_once(line: socket.socket) -> None:
    """Must be asked for again and again: the kernel forgets it."""
    if QUICK_ACK is not None:
        line.setsockopt(socket.IPPROTO_TCP, QUICK_ACK, 1)


def _wait_for_the_end(line: socket.socket) -> None:
    """A card that hangs says nothing more; whoever pulls it ends the line."""
    with suppress(OSError):
        while line.recv(4096):
            continue


class InReader:
    """A card served from a thread, for as long as the block lasts or until it is pulled.

    Where the reader's link lives in the same process, end both: the driver waits for the card's answers.
    """

    def __init__(self, card: InSlot, line: socket.socket) -> None:
        self.card = card
        self._line = line
        self._thread = Thread(target=converse, args=(card, line), name="card", daemon=True)
        self._thread.start()

    def hang_up(self) -> None:
        """Begin to pull it, in the middle of whatever is going on."""
        with suppress(OSError):  # the reader may have been quicker
            self._line.shutdown(socket.SHUT_RDWR)

    def pull(self) -> None:
        self.hang_up()
        self.wait()

    def wait(self) -> None:
        """Until it is pulled or the reader is gone."""
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pull()
