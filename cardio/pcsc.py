"""Real readers by PC/SC (pyscard): every call in a worker with a deadline, a fresh context for every session.

What a failed transmit says is never looked at to decide whether the card acted: pcscd reports "success" for a
card that was pulled half-way. Every failure is CardPulled or CardStuck, and both mean: unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread, get_ident
from types import ModuleType
from typing import Any, Final, TypeVar

from cardio.link import Answer, CardFault, CardMute, CardPulled, CardStuck, NotSocialSecurityCard

try:
    from smartcard import scard as _installed
except ImportError:
    _installed = None

T = TypeVar("T")
DEADLINE_S: Final = 5.0  # a slow real card needs 0.2 s
OK: Final = 0
NO_SERVICE: Final = 0x8010001D
SERVICE_STOPPED: Final = 0x8010001E
NO_READERS: Final = 0x8010002E


class ReaderFault(CardFault):
    """读卡器不能使用。请叫工作人员。"""


class PcscMissing(ReaderFault):
    """本机没有安装读卡器支持。请安装 Debian 软件包 libpcsclite-dev 和 gcc，再装 renshe[pcsc]。"""


class ServiceAway(ReaderFault):
    """读卡服务没有启动。请叫工作人员启动 pcscd（Debian 软件包 pcscd）。"""


class NoReader(ReaderFault):
    """没有找到读卡器。请叫工作人员检查读卡器是否接好。"""


class ReaderBusy(ReaderFault):
    """读卡器正在被别的程序使用。请稍等再试；还是不行，请叫工作人员。"""


class NoCard(CardFault):
    """读卡器里没有卡。请插入社会保障卡。"""


class TwoCards(CardFault):
    """机器里同时有两张卡，分不清用哪一张。请都取出来，再只插您自己的那一张。"""


FAULTS: Final[dict[int, type[CardFault]]] = {
    NO_SERVICE: ServiceAway,
    SERVICE_STOPPED: ServiceAway,
    NO_READERS: NoReader,
    0x80100009: NoReader,  # unknown reader
    0x80100017: NoReader,  # reader unavailable
    0x8010000B: ReaderBusy,  # sharing violation
    0x8010000C: NoCard,
    0x80100069: NoCard,  # removed
    0x80100066: CardMute,  # unresponsive
    0x80100067: CardMute,  # unpowered
    0x80100016: CardMute,  # not transacted
    0x8010000F: NotSocialSecurityCard,  # speaks T=1 only; this card speaks T=0
}


def api() -> ModuleType:
    if _installed is None:
        raise PcscMissing
    found: ModuleType = _installed
    return found


def checked(call: str, code: int, *rest: Any) -> Any:
    """The result of a PC/SC call, or the fault its code stands for."""
    code &= 0xFFFFFFFF
    if code != OK:
        raise FAULTS.get(code, ReaderFault)(f"{call}: {code:08X}")
    return rest[0] if len(rest) == 1 else rest


def open_context() -> Any:
    api_ = api()
    return checked("SCardEstablishContext", *api_.SCardEstablishContext(api_.SCARD_SCOPE_SYSTEM))


def list_readers(context: Any) -> tuple[str, ...]:
    code, names = api().SCardListReaders(context, [])
    if code & 0xFFFFFFFF == NO_READERS:
        return ()
    return tuple(checked("SCardListReaders", code, names))


def readers() -> tuple[str, ...]:
    """The names of the readers that are connected now."""
    context = open_context()
    try:
        return list_readers(context)
    finally:
        api().SCardReleaseContext(context)


def named(reader: str, pattern: str) -> bool:
    """Whether a reader is the one that is meant: by a part of its name, or with * and ? for what may differ.

    The service names a reader by model, serial number, its number on this machine and the slot within it; after
    a cable came off and on again the number may be another, so a pattern leaves it open. Square brackets are
    part of names, not of patterns.

    >>> named("Kiosk Reader [CCID] (A1) 00 00", "(A1)"), named("Kiosk Reader 01 00", "Kiosk Reader * 00")
    (True, True)
    >>> named("Kiosk Reader 00 01", "Kiosk Reader * 00"), named("Kiosk Reader 00 01", "")
    (False, True)
    """
    if not set("*?") & set(pattern):
        return pattern in reader
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in pattern)
    return re.fullmatch("".join(parts), reader) is not None


class _Worker:
    """Does the calls that may block for ever, one after the other, so that its owner never does."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[tuple[Callable[[], Any], SimpleQueue[Any]] | None] = SimpleQueue()
        self._stuck = False
        self._thread = Thread(target=self._work, name="reader", daemon=True)
        self._thread.start()
        self._ident = self._thread.ident

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            call, answers = job
            try:
                answers.put((call(), None))
            except Exception as error:  # noqa: BLE001 - handed to whoever asked
                answers.put((None, error))

    def do(self, call: Callable[[], Any], deadline_s: float) -> Any:
        answers: SimpleQueue[Any] = SimpleQueue()
        self._jobs.put((call, answers))
        try:
            value, error = answers.get(timeout=deadline_s)
        except Empty:
            self._stuck = True
            raise CardStuck(f"no answer in {deadline_s} s") from None
        if error is not None:
            raise error
        return value

    def mine(self) -> bool:
        """Whether the caller is a call that is being done here."""
        return get_ident() == self._ident

    def last(self, call: Callable[[], Any], deadline_s: float) -> None:
        """Do this, then end; where the worker is stuck, whenever it gets free."""
        self._jobs.put((call, SimpleQueue()))
        self._jobs.put(None)
        if not self._stuck and not self.mine():
            self._thread.join(deadline_s)


class PcscLink:
    """One card in one reader, held for us alone until it is closed."""

    def __init__(self, reader: str, deadline_s: float = DEADLINE_S) -> None:
        self._pcsc = api()
        self._reader, self._deadline_s = reader, deadline_s
        self._context: Any = None
        self._card: Any = None
        self._atr = b""
        self._open = True
        self._worker = _Worker()
        try:
            self._worker.do(self._connect, deadline_s)
        except BaseException:
            self.close()
            raise

    def atr(self) -> bytes:
        return self._atr

    def send(self, apdu: bytes) -> Answer:
        if not self._open:  # also where the deadline ended while a command was on its way: nothing follows it
            raise CardPulled("the link is closed")
        if self._worker.mine():
            return self._transmit(apdu)
        try:
            answer: Answer = self._worker.do(lambda: self._transmit(apdu), self._deadline_s)
        except BaseException:
            self.close()
            raise
        return answer

    def during(self, work: Callable[[], T]) -> T:
        """Several commands behind one deadline, handed over once."""
        if self._worker.mine():
            return work()
        if not self._open:
            raise CardPulled("the link is closed")
        done: T = self._worker.do(work, self._deadline_s)
        return done

    def close(self) -> None:
        """Power the card down. Where the reader hangs, that happens as soon as the card is pulled."""
        if self._open:
            self._open = False
            self._worker.last(self._disconnect, 1.0)

    # ---- in the worker ----

    def _connect(self) -> None:
        pcsc = self._pcsc
        self._context = open_context()
        self._card, _ = checked(
            "SCardConnect",
            *pcsc.SCardConnect(
                self._context, self._reader, pcsc.SCARD_SHARE_EXCLUSIVE, pcsc.SCARD_PROTOCOL_T0
            ),
        )
        checked(
            "SCardReconnect",  # a cold start: whatever another program left in the card is gone
            *pcsc.SCardReconnect(
                self._card, pcsc.SCARD_SHARE_EXCLUSIVE, pcsc.SCARD_PROTOCOL_T0, pcsc.SCARD_UNPOWER_CARD
            ),
        )
        _, _, _, atr = checked("SCardStatus", *pcsc.SCardStatus(self._card))
        self._atr = bytes(atr)
        if not self._atr:
            raise CardMute("no answer to reset")

    def _transmit(self, apdu: bytes) -> Answer:
        pcsc = self._pcsc
        code, answer = pcsc.SCardTransmit(self._card, pcsc.SCARD_PCI_T0, list(apdu))
        if code != OK or len(answer) < 2:
            raise CardPulled(f"SCardTransmit: {code & 0xFFFFFFFF:08X}, {len(answer)} bytes")
        return Answer(bytes(answer[:-2]), answer[-2] << 8 | answer[-1])

    def _disconnect(self) -> None:
        pcsc = self._pcsc
        if self._card is not None:
            pcsc.SCardDisconnect(self._card, pcsc.SCARD_UNPOWER_CARD)
        if self._context is not None:
            pcsc.SCardReleaseContext(self._context)


def connect(reader: str | None = None, deadline_s: float = DEADLINE_S) -> PcscLink:
    """The card in a reader of this name; without a name, the first reader that holds a card."""
    names = [name for name in readers() if named(name, reader or "")]
    if not names:
        raise NoReader(f"no reader named {reader!r}" if reader else "")
    for name in names:
        try:
            return PcscLink(name, deadline_s)
        except NoCard:
            continue
    raise NoCard
