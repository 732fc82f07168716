"""Panel: what the operator's page does, and who may; the desk's own thread touches the machine, one deed at a time."""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

import structlog

from backend.kernel.clock import Clock, SystemClock
from backend.kernel.errors import Told
from backend.kiosks.schema import (
    PLACES,
    Beat,
    EnterOperator,
)
from backend.payout.schema import BeginVisit, ProveVisit
from cardio.card import CardSession
from cardio.link import CardFault
from kiosk import words
from kiosk.client import NoAnswer
from kiosk.desk import Desk
from kiosk.devices.port import DeviceDead, DeviceFailed, Receipt
from kiosk.devices.printer import NoSuchReceipt, ReceiptQueue
from kiosk.flow import State
from kiosk.heartbeat import Heart, devices
from kiosk.operator import slips, told
from kiosk.operator.deeds import Deeds
from kiosk.operator.local import LocalCode
from kiosk.operator.passes import Pass, keeping, pass_of
from kiosk.operator.till import Till
from kiosk.told import CardListed, PinBlocked, PinWrong

log = structlog.get_logger()
T = TypeVar("T")
GATE_S: Final = 90.0  # to type a work number and a code
PATIENCE_S: Final = 40.0  # for the desk to do what it was handed
TRIED: Final = (Told, CardFault, DeviceFailed, DeviceDead, OSError, NoSuchReceipt)


class Panel:
    """One operator at a time."""

    def __init__(
        self, desk: Desk, heart: Heart, local: LocalCode, deeds: Deeds, clock: Clock | None = None
    ) -> None:
        self.desk, self.heart, self.local, self.deeds = desk, heart, local, deeds
        self.clock = clock or SystemClock()
        self.at = desk.teller.kiosk
        self._pass: Pass | None = None
        self._lock = threading.Lock()
        self.till = Till(self)

    # ---- who may ----

    def gate(self) -> None:
        """Somebody wants in: no card begins a visit while they type. Nobody comes in over a visit."""
        if not self.on_desk(lambda: self._attend(GATE_S)):
            raise told.SomebodyThere

    def _attend(self, seconds: float) -> bool:
        teller, at = self.desk.teller, self.at
        if teller.state not in (State.WELCOME, State.STOPPED):
            return False
        at.duty.attend(self.heart.monotonic(), seconds)
        teller.tick()
        return True

    def admitted(self, token: str) -> Pass | None:
        """The operator whose page this is; every look keeps it open a while."""
        mine, duty = self._pass, self.at.duty
        if mine is None or not secrets.compare_digest(mine.token, token):
            return None
        if self.heart.monotonic() >= duty.attended_until:
            self._pass = None
            return None
        duty.attend(self.heart.monotonic())
        return mine

    def enter(self, work: str, code: str) -> Pass:
        """By the office's word; while the line is down by this machine's own code."""
        self.gate()
        if not work:
            self.tell()
            if not self.at.duty.offline:
                raise told.WorkNeeded
            self.local.check(code, self.heart.monotonic())
            return self._let_in(Pass(secrets.token_urlsafe(24), ""))
        try:
            entered = self.heart.office.enter(EnterOperator(keeper=keeping(work, code)))
        except NoAnswer:
            self.at.duty.offline = True
            self.local.check(code, self.heart.monotonic())
            return self._let_in(Pass(secrets.token_urlsafe(24), ""))
        if not entered.admitted:
            raise told.NotAdmitted(left=entered.left)
        return self._let_in(pass_of(entered))

    def enter_by_card(self, pin: str) -> Pass:
        """Their own card and its PIN; the office knows whether its holder is an operator.

        Not where a pin pad takes PINs, whether it works or not: a PIN is typed past it nowhere.
        """
        self.gate()
        if self.at.pad is not None:
            raise told.PinOnPadOnly
        visit = self.on_desk(lambda: self._visit(pin))
        entered = self.heart.office.enter(EnterOperator(visit=visit))
        if not entered.admitted:
            raise told.CardNotAdmitted
        return self._let_in(pass_of(entered))

    def _visit(self, pin: str) -> str:
        """The card proves its holder, as in any visit; nothing of theirs is fetched to a screen."""
        session = self._session()
        try:
            card, holder, _tries = session.read()
            if self.at.refuses(card):
                raise CardListed
            begun = self.at.caller.once.begin(
                BeginVisit(
                    card_no=card.card_no, card_code=card.card_code.lower(), area=card.area, ident=holder.ident
                )
            )
            result = session.verify(pin)
            if not result.ok:
                raise PinBlocked if result.blocked else PinWrong
            response = session.prove(bytes.fromhex(begun.challenge))
            self.at.caller.once.prove(ProveVisit(visit=begun.visit, response=response.hex()))
        finally:
            session.close()
        return begun.visit

    def _let_in(self, who: Pass) -> Pass:
        self.at.duty.attend(self.heart.monotonic())
        self._pass = who
        log.info("operator.in", work=who.work or "local")
        return who

    def leave(self) -> None:
        self._pass = None
        self.at.duty.leave()

    # ---- deeds ----

    def close(self, reason: str) -> Told:
        self.at.duty.close(reason)
        self.tell()
        return told.ClosedNow(reason=reason)

    def reopen(self) -> Told:
        self.till.require_settled()
        self.at.duty.reopen()
        self.tell()
        if self.at.duty.office is not None:
            return told.OfficeHolds()
        if self.at.duty.sealed:
            return told.NotTrusted()
        return told.StillStopped() if self.desk.screen.state is State.STOPPED else told.OpenNow()

    def test(self) -> Told:
        """Every device is asked; a slip is printed; a card that is in is read. No note moves."""
        found = {name: health.code or health.state for name, health in devices(self.at).items()}
        found["card"] = self.on_desk(self._read_card)
        try:
            self.at.dispenser.nonce()
        except (DeviceFailed, DeviceDead):
            found["dispenser"] = "no answer"
        found["line"] = self._line()
        self.print("test", slips.test(self.at.id, self.clock.now(), found, self.at.language))
        return told.TestedWell(found=", ".join(f"{name} {word}" for name, word in found.items()))

    def _read_card(self) -> str:
        if self.at.slot.insertion() is None:
            return "none"
        try:
            session = self._session()
            try:
                card, _holder, _tries = session.read()
            finally:
                session.close()
        except CardFault as fault:
            return type(fault).__name__
        return f"{card.version} {card.area} ****{card.card_no[-4:]}"

    def _session(self) -> CardSession:
        return CardSession(self.at.slot.link(), self.at.terminal, self.at.sam, self.at.accepted)

    def _line(self) -> str:
        self.tell()
        return "down" if self.at.duty.offline else f"{self.at.duty.round_trip_ms} ms"

    def end_of_day(self, who: Pass) -> Told:
        """The office hears how it is; the slip says the same."""
        beat = self.tell()
        labels = {place: words.translate(name, self.at.language) for place, name in PLACES.items()}
        slip = slips.day(self.at.id, self.clock.now(), beat, labels, who.name, self.at.language)
        return told.Printed() if self.print("day", slip) else told.NotPrinted()

    def reprint(self) -> Told:
        """Receipts that did not come out, for whoever asks for theirs."""
        printer = self.at.printer
        waiting = printer.waiting() if isinstance(printer, ReceiptQueue) else ()
        if not waiting or not isinstance(printer, ReceiptQueue):
            return told.ReprintNothing()
        try:
            for name in waiting:
                self.on_desk(partial(printer.again, name))
        except (OSError, NoSuchReceipt, DeviceFailed, DeviceDead):
            return told.NotPrinted()
        return told.Reprinted(n=len(waiting))

    # ---- inside ----

    def tell(self) -> Beat:
        beat = self.heart.gather()
        self.heart.say(beat)
        return beat

    def print(self, name: str, slip: Receipt) -> bool:
        try:
            self.at.printer.print(name, slip)
        except (OSError, DeviceFailed, DeviceDead) as why:
            log.warning("operator.unprinted", why=str(why))
            return False
        return True

    def on_desk(self, deed: Callable[[], T]) -> T:
        """Have it done by the thread that owns the machine; what it expects to go wrong comes back here."""
        done: queue.SimpleQueue[tuple[T | None, Exception | None]] = queue.SimpleQueue()

        def job() -> None:
            try:
                done.put((deed(), None))
            except TRIED as why:
                done.put((None, why))

        with self._lock:
            self.desk.do(job)
            try:
                answer, wrong = done.get(timeout=PATIENCE_S)
            except queue.Empty:
                raise told.DeskSlow from None
        if wrong is not None:
            raise wrong
        return answer  # type: ignore[return-value]
