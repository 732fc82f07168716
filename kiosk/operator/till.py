"""Till: what two operators do to the cash of this machine. Booked once and done once, whatever is lost, sent twice or killed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog
from pydantic import ValidationError

from backend.kernel.errors import Told
from backend.kernel.money import Money
from backend.kiosks.schema import BagWaiting, CountAtKiosk, EnterOperator, PlaceBag, TakeOut
from backend.payout.notes import KINDS_FEN, worth_fen
from kiosk.client import NoAnswer, Refused
from kiosk.devices.port import DeviceDead, DeviceFailed
from kiosk.operator import slips, told
from kiosk.operator.deeds import Name
from kiosk.operator.passes import Pass, keeping

if TYPE_CHECKING:
    from kiosk.operator.panel import Panel

log = structlog.get_logger()
T = TypeVar("T")
SHEET_LETTERS: Final[Mapping[Name, str]] = {"count": "C", "take": "T"}
# refusals that come only after the office has looked for the sheet: it is not booked (backend/kiosks/cash.py; a test compares)
OF_THE_SHEET: Final = frozenset(
    {"NoSuchBag", "MoreThanThere", "SheetUsed", "OrdersHeld", "StillServing", "NothingThere"}
)
BINS: Final = ("rejected", "retracted", "caught")


class Till:
    """One deed at a time, from its first look to its last note."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        self._one = threading.Lock()

    def place(self, who: Pass, sheet: str, work: str, code: str) -> Told:
        """The bag's notes count as inside from the office's word on; then they go into the cassettes."""
        with self._one:
            if (before := self._ended(sheet)) is not None:
                return before
            bag = next((one for one in self.bags if one.sheet == sheet), None)
            if bag is None:
                raise told.BagUnknown
            earlier = self.panel.deeds.pending("place")
            if earlier is not None and earlier["sheet"] != sheet:
                raise _bag_open(earlier)
            self._after_others("place")
            first, second, _name = self._two(who, work, code)
            asked = PlaceBag(sheet=sheet, first=first, second=second, again=earlier is not None)
            facts = bag.model_dump(mode="json")
            placed = self._booked("place", facts, partial(self.panel.heart.office.place, asked))
            self._handle("place", lambda: self.panel.at.dispenser.put_in(sheet, placed.notes.pieces))
        return told.BagIn(bag=bag.bag, amount=Money(placed.amount_fen))

    def count(self, who: Pass, typed: Mapping[str, str], work: str, code: str) -> Told:
        """All of it, by hand; the office holds it against its books, and the dispenser believes it."""
        with self._one:
            sheet = self.sheet_for("count", typed)
            if (before := self._ended(sheet)) is not None:
                return before
            self._after_others("count")
            first, second, name = self._two(who, work, code)
            given = {"sheet": sheet, "first": first, "second": second, **_notes(typed), **_bins(typed)}
            asked = _shaped(CountAtKiosk, given)
            self.panel.tell()
            counted = self._booked("count", {"sheet": sheet}, partial(self.panel.heart.office.count, asked))
            self._handle("count", lambda: self.panel.at.dispenser.recount(sheet, asked.pieces))
        slip = slips.count(
            self.panel.at.id, self.panel.clock.now(), counted, f"{who.name} {name}", self.panel.at.language
        )
        self.panel.print(f"count-{counted.count}", slip)
        facts = {"counted": Money(counted.counted_fen), "count": counted.count}
        if not counted.difference_fen:
            return told.CountAgrees(**facts)
        kind = told.CountOver if counted.difference_fen > 0 else told.CountShort
        return kind(**facts, off=Money(abs(counted.difference_fen)))

    def take_out(self, who: Pass, typed: Mapping[str, str], work: str, code: str) -> Told:
        """Notes that go back to the vault."""
        with self._one:
            sheet = self.sheet_for("take", typed)
            if (before := self._ended(sheet)) is not None:
                return before
            self._after_others("take")
            first, second, _name = self._two(who, work, code)
            asked = _shaped(TakeOut, {"sheet": sheet, "first": first, "second": second, **_notes(typed)})
            if not asked.pieces:
                raise told.NothingWritten
            pieces = {str(fen): n for fen, n in asked.pieces.items()}
            earlier = self.panel.deeds.pending("take")
            if earlier is None:
                self._require(asked.pieces)
            elif earlier["pieces"] != pieces:
                raise _take_open(earlier)
            facts = {"sheet": sheet, "pieces": pieces}
            taken = self._booked("take", facts, partial(self.panel.heart.office.take_out, asked))
            self._handle("take", lambda: self.panel.at.dispenser.take_out(sheet, asked.pieces))
        return told.TakenNow(amount=Money(taken.amount_fen), sheet=taken.sheet)

    def sheet_for(self, name: Name, typed: Mapping[str, str]) -> str:
        """The number of a deed: the unanswered one's, else that of the page it was written on (so that a page sent
        twice is one deed), else a new one."""
        earlier = self.panel.deeds.pending(name)
        return earlier["sheet"] if earlier else typed.get("sheet") or self.sheet(SHEET_LETTERS[name])

    def sheet(self, letter: str) -> str:
        """Its number: two sheets may be written in one second."""
        now = self.panel.clock.now()
        return f"{letter}-{now:%Y%m%d-%H%M%S}-{now.microsecond // 1000:03d}"

    # ---- inside ----

    def _two(self, who: Pass, work: str, code: str) -> tuple[str, str, str]:
        """Both tickets and the other's name; cash is touched only while staff at the machine have closed it (the office,
        which may open it again at any time, does not know what is open here)."""
        if self.panel.at.duty.staff is None:
            raise told.CloseFirst
        if not who.ticket:
            raise told.LineNeeded
        if not work or not code:
            raise told.SecondNeeded
        entered = self.panel.heart.office.enter(EnterOperator(keeper=keeping(work, code)))
        if not entered.admitted:
            raise told.SecondWrong(left=entered.left)
        return who.ticket, entered.ticket, entered.name

    def require_settled(self) -> None:
        """Nothing is open: what lies inside is what the books say."""
        for name, open_ in OPEN.items():
            if (facts := self.panel.deeds.pending(name)) is not None:
                raise open_(facts)

    def _after_others(self, name: Name) -> None:
        """One deed after the other, in the order they were begun."""
        if self.panel.deeds.pending(name) is None:
            self.require_settled()

    def _require(self, pieces: Mapping[int, int]) -> None:
        there = self.panel.at.dispenser.holds()
        if there is None:
            raise told.DispenserSilent
        places = [there.get(place, {}) for place in (*BINS, "cassette")]
        if any(sum(place.get(fen, 0) for place in places) < n for fen, n in pieces.items()):
            raise told.NotSoMuch

    def _ended(self, sheet: str) -> Told | None:
        """What to say of a page that is sent once more."""
        ended = self.panel.deeds.ended(sheet)
        if ended == "refused":
            raise told.DeviceRefused
        return told.DoneAlready(sheet=sheet) if ended else None

    def _booked(self, name: Name, facts: dict[str, Any], ask: Callable[[], T]) -> T:
        """The office books it. Where it does not answer, the same deed is asked for again, and no other one.

        A refusal to the second asking may be about who asks; it says nothing of whether the first one was booked.
        """
        unsure = self.panel.deeds.pending(name) is not None
        self.panel.deeds.begin(name, facts)
        try:
            return ask()
        except NoAnswer as why:
            raise told.DeedUnanswered from why
        except Refused as why:
            if not unsure or why.code in OF_THE_SHEET:
                self.panel.deeds.end(name)
            raise

    def _handle(self, name: Name, deed: Callable[[], None]) -> None:
        """What the books have, the dispenser does; where it does not, a count shows it.

        While the desk is too busy for it, it stays open: asked again, it is done once.
        """
        try:
            self.panel.on_desk(deed)
        except (DeviceFailed, DeviceDead) as why:
            log.error("operator.device", why=str(why))
            self.panel.deeds.end(name, "refused")
            raise told.DeviceRefused from why
        else:
            self.panel.at.short_fen = None  # what the machine was too short for may be there now
            self.panel.deeds.end(name, "done")
        finally:
            self.panel.tell()

    @property
    def bags(self) -> tuple[BagWaiting, ...]:
        """What waits beside this machine, and what may be booked as placed already while the machine does not know it."""
        waiting, unknown = self.panel.at.duty.bags, self.panel.deeds.pending("place")
        if unknown is None or any(one.sheet == unknown["sheet"] for one in waiting):
            return waiting
        return (*waiting, BagWaiting.model_validate(unknown))


def _take_open(earlier: Mapping[str, Any]) -> Told:
    pieces = {int(fen): n for fen, n in earlier["pieces"].items()}
    notes = "，".join(f"{Money(fen)} × {n}" for fen, n in pieces.items())
    return told.DeedOpen(amount=Money(worth_fen(pieces)), sheet=earlier["sheet"], notes=notes)


def _bag_open(earlier: Mapping[str, Any]) -> Told:
    return told.BagOpen(bag=earlier["bag"], sheet=earlier["sheet"])


def _count_open(earlier: Mapping[str, Any]) -> Told:
    return told.CountOpen(sheet=earlier["sheet"])


OPEN: Final[Mapping[Name, Callable[[Mapping[str, Any]], Told]]] = {
    "place": _bag_open,
    "take": _take_open,
    "count": _count_open,
}


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
