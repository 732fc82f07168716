"""Middle: what somebody was in the middle of when their card came out or went in; for a while they go on there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kiosk import matter, reading
from kiosk.case import Kiosk
from kiosk.moves import Event, State

RESUMES_S: Final = 600.0  # R1: a card pulled in the middle of collecting goes on where it was


@dataclass
class Middle:
    kiosk: Kiosk
    monotonic: Callable[[], float]
    _left: tuple[str, str, float] | None = None  # card, entitlement, until when
    _wanted: tuple[str, int, float] | None = None  # a vacancy, the card put in before it, until when

    def wants(self, state: State, insertion: int) -> None:
        """Whoever puts a card in before a vacancy wants to apply for it."""
        if state is State.JOB:
            self._wanted = (self.kiosk.matter.vacancy, insertion, self.monotonic() + RESUMES_S)

    def remember(self) -> None:
        """What the holder was collecting when the card went; nothing is held for it, its order is cancelled."""
        case, errand = self.kiosk.case, self.kiosk.errand
        unpaid = errand is None or errand.outcome == "not"
        if case is not None and case.payable is not None and unpaid:
            self._left = (case.card, case.payable.entitlement, self.monotonic() + RESUMES_S)

    def goes_on(self, insertion: int | None) -> Event:
        """Where somebody who has just signed in goes on: at the menu, unless they were in the middle of something."""
        wanted, self._wanted = self._wanted, None
        if self._resumes():
            return Event.RESUMED
        if wanted is not None and wanted[1] == insertion and self.monotonic() <= wanted[2]:
            self.kiosk.matter = matter.Matter(vacancy=wanted[0])
            return Event.JOB_AGAIN
        return Event.VISITED

    def _resumes(self) -> bool:
        """Whether this is that card again, in time, and what it was collecting can still be collected."""
        left, self._left = self._left, None
        case = self.kiosk.case
        if case is None or left is None or left[0] != case.card or self.monotonic() > left[2]:
            return False
        case.payable = next((one for one in reading.due(self.kiosk) if one.entitlement == left[1]), None)
        case.resumed = case.payable is not None
        return case.resumed
