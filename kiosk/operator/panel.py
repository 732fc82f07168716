"""Panel: what the operator's page does, and who may; the desk's own thread touches the machine, one deed at a time."""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

import structlog
from pydantic import SecretStr, ValidationError

from backend.kernel.clock import Clock, SystemClock
from backend.kernel.errors import Told
from backend.kernel.money import Money
from backend.kiosks.schema import (
    PLACES,
    BagWaiting,
    Beat,
    CountAtKiosk,
    Entered,
    EnterOperator,
    Keeping,
    PlaceBag,
    TakeOut,
)
from backend.payout.notes import KINDS_FEN, worth_fen
from backend.payout.schema import BeginVisit, ProveVisit
from cardio.card import CardSession
from cardio.link import CardFault
from kiosk import words
from kiosk.client import NoAnswer, Refused
from kiosk.desk import Desk
from kiosk.devices.port import DeviceDead, DeviceFailed, Receipt
from kiosk.devices.printer import NoSuchReceipt, ReceiptQueue
from kiosk.flow import State
from kiosk.heartbeat import Heart, devices
from kiosk.operator import slips, told
from kiosk.operator.deeds import Deeds, Name
from kiosk.operator.local import LocalCode
from kiosk.told import PinBlocked, PinWrong

log = structlog.get_logger()
T = TypeVar("T")
GATE_S: Final = 90.0  # to type a work number and a code
PATIENCE_S: Final = 40.0  # for the desk to do what it was handed
TRIED: Final = (Told, CardFault, DeviceFailed, DeviceDead, OSError, NoSuchReceipt)
BINS: Final = ("rejected", "retracted", "caught")


@dataclass(frozen=True)
class Pass:
    """Who has opened the page. `ticket` is the office's, for deeds with cash; a local code has none."""

    token: str
    name: str
    work: str = ""
    ticket: str = ""


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

    # ---- who may ----

    def gate(self) -> None:
        """Somebody wants in: no card begins a visit while they type. Nobody comes in over a visit."""
        if not self._on_desk(lambda: self._attend(GATE_S)):
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
            self._tell()
            if not self.at.duty.offline:
                raise told.WorkNeeded
            self.local.check(code, self.heart.monotonic())
            return self._let_in(Pass(secrets.token_urlsafe(24), ""))
        try:
            entered = self.heart.office.enter(EnterOperator(keeper=_keeping(work, code)))
        except NoAnswer:
            self.at.duty.offline = True
            self.local.check(code, self.heart.monotonic())
            return self._let_in(Pass(secrets.token_urlsafe(24), ""))
        if not entered.admitted:
            raise told.NotAdmitted(left=entered.left)
        return self._let_in(_pass_of(entered))

    def enter_by_card(self, pin: str) -> Pass:
        """Their own card and its PIN; the office knows whether its holder is an operator."""
        self.gate()
        visit = self._on_desk(lambda: self._visit(pin))
        entered = self.heart.office.enter(EnterOperator(visit=visit))
        if not entered.admitted:
            raise told.CardNotAdmitted
        return self._let_in(_pass_of(entered))

    def _visit(self, pin: str) -> str:
        """The card proves its holder, as in any visit; nothing of theirs is fetched to a screen."""
        session = self._session()
        try:
            card, holder, _tries = session.read()
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
        self._tell()
        return told.ClosedNow(reason=reason)

    def reopen(self) -> Told:
        self.at.duty.reopen()
        self._tell()
        return told.OfficeHolds() if self.at.duty.office is not None else told.OpenNow()

    def test(self) -> Told:
        """Every device is asked; a slip is printed; a card that is in is read. No note moves."""
        found = {name: health.code or health.state for name, health in devices(self.at).items()}
        found["card"] = self._on_desk(self._read_card)
        try:
            self.at.dispenser.nonce()
        except (DeviceFailed, DeviceDead):
            found["dispenser"] = "no answer"
        found["line"] = self._line()
        self._print("test", slips.test(self.at.id, self.clock.now(), found, self.at.language))
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
        self._tell()
        return "down" if self.at.duty.offline else f"{self.at.duty.round_trip_ms} ms"

    def place(self, who: Pass, sheet: str, work: str, code: str) -> Told:
        """The bag's notes count as inside from the office's word on; then they go into the cassettes."""
        bag = next((one for one in self.bags if one.sheet == sheet), None)
        if bag is None:
            raise told.BagUnknown
        earlier = self.deeds.pending("place")
        if earlier is not None and earlier["sheet"] != sheet:
            raise told.BagOpen(bag=earlier["bag"], sheet=earlier["sheet"])
        first, second, _name = self._two(who, work, code)
        asked = PlaceBag(sheet=sheet, first=first, second=second, again=earlier is not None)
        placed = self._booked("place", bag.model_dump(mode="json"), partial(self.heart.office.place, asked))
        self._handle("place", lambda: self.at.dispenser.put_in(placed.notes.pieces))
        return told.BagIn(bag=bag.bag, amount=Money(placed.amount_fen))

    def count(self, who: Pass, typed: Mapping[str, str], work: str, code: str) -> Told:
        """All of it, by hand; the office holds it against its books, and the dispenser believes it."""
        first, second, name = self._two(who, work, code)
        sheet = (self.deeds.pending("count") or {}).get("sheet") or self.sheet("C")
        given = {"sheet": sheet, "first": first, "second": second, **_notes(typed), **_bins(typed)}
        asked = _shaped(CountAtKiosk, given)
        self._tell()
        counted = self._booked("count", {"sheet": sheet}, partial(self.heart.office.count, asked))
        self._handle("count", lambda: self.at.dispenser.recount(asked.pieces))
        slip = slips.count(self.at.id, self.clock.now(), counted, f"{who.name} {name}", self.at.language)
        self._print(f"count-{counted.count}", slip)
        facts = {"counted": Money(counted.counted_fen), "count": counted.count}
        if not counted.difference_fen:
            return told.CountAgrees(**facts)
        kind = told.CountOver if counted.difference_fen > 0 else told.CountShort
        return kind(**facts, off=Money(abs(counted.difference_fen)))

    def take_out(self, who: Pass, typed: Mapping[str, str], work: str, code: str) -> Told:
        """Notes that go back to the vault."""
        first, second, _name = self._two(who, work, code)
        earlier = self.deeds.pending("take")
        sheet = earlier["sheet"] if earlier else self.sheet("T")
        asked = _shaped(TakeOut, {"sheet": sheet, "first": first, "second": second, **_notes(typed)})
        pieces = {str(fen): n for fen, n in asked.pieces.items()}
        if earlier and earlier["pieces"] != pieces:
            raise _open(earlier)
        if not self._has(asked.pieces):
            raise told.NotSoMuch
        facts = {"sheet": sheet, "pieces": pieces}
        taken = self._booked("take", facts, partial(self.heart.office.take_out, asked))
        self._handle("take", lambda: self.at.dispenser.take_out(asked.pieces))
        return told.TakenNow(amount=Money(taken.amount_fen), sheet=taken.sheet)

    def end_of_day(self, who: Pass) -> Told:
        """The office hears how it is; the slip says the same."""
        beat = self._tell()
        labels = {place: words.translate(name, self.at.language) for place, name in PLACES.items()}
        slip = slips.day(self.at.id, self.clock.now(), beat, labels, who.name, self.at.language)
        return told.Printed() if self._print("day", slip) else told.NotPrinted()

    def reprint(self) -> Told:
        """Receipts that did not come out, for whoever asks for theirs."""
        printer = self.at.printer
        waiting = printer.waiting() if isinstance(printer, ReceiptQueue) else ()
        if not waiting or not isinstance(printer, ReceiptQueue):
            return told.ReprintNothing()
        try:
            for name in waiting:
                self._on_desk(partial(printer.again, name))
        except (OSError, NoSuchReceipt, DeviceFailed, DeviceDead):
            return told.NotPrinted()
        return told.Reprinted(n=len(waiting))

    def sheet(self, letter: str) -> str:
        """Its number: two sheets may be written in one second."""
        now = self.clock.now()
        return f"{letter}-{now:%Y%m%d-%H%M%S}-{now.microsecond // 1000:03d}"

    # ---- inside ----

    def _two(self, who: Pass, work: str, code: str) -> tuple[str, str, str]:
        """Both tickets and the other's name; cash is touched only while nobody else is served."""
        if self.at.duty.staff is None and self.at.duty.office is None:
            raise told.CloseFirst
        if not who.ticket:
            raise told.LineNeeded
        if not work or not code:
            raise told.SecondNeeded
        entered = self.heart.office.enter(EnterOperator(keeper=_keeping(work, code)))
        if not entered.admitted:
            raise told.SecondWrong(left=entered.left)
        return who.ticket, entered.ticket, entered.name

    def _has(self, pieces: Mapping[int, int]) -> bool:
        there = self.at.dispenser.holds() or {}
        places = [there.get(place, {}) for place in (*BINS, "cassette")]
        return all(sum(place.get(fen, 0) for place in places) >= n for fen, n in pieces.items())

    def _booked(self, name: Name, facts: dict[str, Any], ask: Callable[[], T]) -> T:
        """The office books it. Where it does not answer, the same deed is asked for again, and no other one."""
        self.deeds.begin(name, facts)
        try:
            return ask()
        except NoAnswer as why:
            raise told.DeedUnanswered from why
        except Refused:
            self.deeds.end(name)
            raise

    def _handle(self, name: Name, deed: Callable[[], None]) -> None:
        """What the books have, the dispenser does; where it does not, a count shows it."""
        try:
            self._on_desk(deed)
        except (DeviceFailed, DeviceDead) as why:
            log.error("operator.device", why=str(why))
            raise told.DeviceRefused from why
        finally:
            self.deeds.end(name)
            self._tell()

    def _tell(self) -> Beat:
        beat = self.heart.gather()
        self.heart.say(beat)
        return beat

    def _print(self, name: str, slip: Receipt) -> bool:
        try:
            self.at.printer.print(name, slip)
        except (OSError, DeviceFailed, DeviceDead) as why:
            log.warning("operator.unprinted", why=str(why))
            return False
        return True

    def _on_desk(self, deed: Callable[[], T]) -> T:
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

    @property
    def bags(self) -> tuple[BagWaiting, ...]:
        """What waits beside this machine, and what may be booked as placed already while the machine does not know it."""
        waiting, unknown = self.at.duty.bags, self.deeds.pending("place")
        if unknown is None or any(one.sheet == unknown["sheet"] for one in waiting):
            return waiting
        return (*waiting, BagWaiting.model_validate(unknown))


def _open(earlier: Mapping[str, Any]) -> Told:
    pieces = {int(fen): n for fen, n in earlier["pieces"].items()}
    notes = "，".join(f"{Money(fen)} × {n}" for fen, n in pieces.items())
    return told.DeedOpen(amount=Money(worth_fen(pieces)), sheet=earlier["sheet"], notes=notes)


def _keeping(work: str, code: str) -> Keeping:
    try:
        return Keeping(work=work, code=SecretStr(code))
    except ValidationError:
        raise told.NotAdmitted(left=5) from None


def _pass_of(entered: Entered) -> Pass:
    return Pass(secrets.token_urlsafe(24), entered.name, entered.work, entered.ticket)


def _notes(typed: Mapping[str, str]) -> dict[str, int]:
    try:
        return {f"n{fen}": int(typed.get(f"n{fen}") or 0) for fen in KINDS_FEN}
    except ValueError:
        raise told.NotesWrong from None


def _bins(typed: Mapping[str, str]) -> dict[str, int]:
    try:
        return {f"{name}_fen": Money.yuan(typed.get(name) or "0").fen for name in BINS}
    except (ValueError, ArithmeticError):
        raise told.NotesWrong from None


def _shaped(shape: type[T], given: Mapping[str, object]) -> T:
    try:
        return shape(**given)
    except ValidationError:
        raise told.NotesWrong from None
