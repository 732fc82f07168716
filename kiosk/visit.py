"""Visit: carries out what the table decides — takes events in, does the effects, keeps the screen true."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import structlog

from backend.kernel.language import ZH
from kiosk import collecting, flow, matter, pin, reading, recover, serving
from kiosk.case import PIN_DIGITS, Comfort, Kiosk, Screen
from kiosk.devices.port import DeviceDead, DeviceFailed
from kiosk.flow import Do, Event, State
from kiosk.journal import JournalFailed
from kiosk.middle import Middle
from kiosk.reading import Effect
from kiosk.told import SignInAgain

log = structlog.get_logger()
EFFECTS: Final[Mapping[Do, Effect]] = {
    **reading.EFFECTS,
    **collecting.EFFECTS,
    **serving.EFFECTS,
}
ASK_S: Final = 60.0  # nobody touched anything: do you need more time?
ANSWER_S: Final = 30.0  # and nobody answered
WISHES_S: Final = (
    30.0  # nobody put a card in: as long as it takes to hear all that can be chosen of the voice
)
ASKS: Final = flow.WAITING - {
    State.STOPPED,
    State.WELCOME,
    State.STACKED,
    State.PRESENTING,
    State.TAKE_CARD,
}
LIMITS_S: Final[Mapping[State, float]] = {
    State.STACKED: 180.0,  # the card is left in: nobody else may find notes behind it
    State.PRESENTING: 45.0,  # the notes are left lying: taken back in
}
STAFF_S: Final = 60.0
OUTBOX_S: Final = 15.0  # between two tries to deliver what the backend does not know
DOUBTS_S: Final = 300.0  # between two questions whether doubts have been counted
PERSON: Final = flow.GESTURES - {  # what a press on the screen may say; the rest is the machine's to know
    Event.CARD_IN,
    Event.CARD_OUT,
    Event.WAITED,
    Event.TAKEN,
}


class Teller:
    """One kiosk at work. Not for several threads: one calls, all may read `screen`."""

    def __init__(
        self,
        kiosk: Kiosk,
        monotonic: Callable[[], float] = time.monotonic,
        effects: Mapping[Do, Effect] = EFFECTS,
        table: Callable[[State, Event], flow.Step] = flow.step,
    ) -> None:
        self.kiosk = kiosk
        self._effects, self._table = effects, table
        self.state = State.BOOTING
        self._monotonic = monotonic
        self._served: int | None = None  # the insertion being served
        self._strolls = False  # somebody looks around without a card
        self._touched = self._since = self._sent = self._asked = monotonic()
        self._asking, self._staff_until = False, 0.0
        self._was = State.BOOTING  # the state before this one
        self._middle = Middle(kiosk, monotonic)
        self.screen = Screen(0, State.BOOTING)

    # ---- from outside ----

    def start(self) -> None:
        """Settle what the last run left, then serve."""
        try:
            recover.boot(self.kiosk)
            recover.deliver(self.kiosk, self.kiosk.caller.once)
            recover.ask_again(self.kiosk, self.kiosk.caller.once)  # counted while it was off?
        except (DeviceFailed, DeviceDead, JournalFailed, recover.NumbersUsedUp) as why:
            log.error("kiosk.unsettled", why=str(why))
            self.handle(Event.UNSETTLED)
            return
        self.handle(Event.SETTLED)

    def press(self, event: Event, choice: int = 0, seen: State | None = None) -> None:
        """A button on the screen; one pressed twice counts once: `seen` is the screen it stood on."""
        self.touch()
        if seen not in (None, self.state):
            return
        if event in PERSON and self._makes_sense(event, choice):
            self.handle(self._led(event))
        if self.state is State.JOBS and not self.kiosk.matter.jobs:
            self.handle(Event.BACK)  # who came to a vacancy with the card in has no list to go back to

    def _led(self, event: Event) -> Event:
        """Back to the menu goes only who signed in, with a card that still knows it; everybody else is led out."""
        case = self.kiosk.case
        if event is not Event.BACK or flow.ONE_BACK.get(self.state) is not State.MENU:
            return event
        if case is not None and not case.signed_in:
            self.kiosk.say(SignInAgain())
        return Event.BACK if case is not None and case.signed_in else Event.LEAVE

    def _makes_sense(self, event: Event, choice: int) -> bool:
        """Whether what the button needs is there; a late or made-up press does nothing."""
        case = self.kiosk.case
        if event in (Event.CASH, Event.BANK):
            return self._choose_method(event)
        if event is Event.PIN_TYPED:
            return case is not None and max(len(case.typed), case.hidden) == PIN_DIGITS
        if event is Event.CHOSEN and case is not None and self.state is State.CHOOSING:
            found = reading.due(self.kiosk)
            if 0 <= choice < len(found):
                case.payable = found[choice]
                return True
        if event is Event.COLLECT and self.state is State.RESULT:
            return bool(reading.due(self.kiosk))
        return serving.pressed(self.kiosk, self.state, event, choice)

    def _choose_method(self, event: Event) -> bool:
        case = self.kiosk.case
        if case is None or case.account is None or self.state is not State.METHOD:
            return False
        case.method = "cash" if event is Event.CASH else "bank"
        return self.kiosk.gives_cash if event is Event.CASH else case.account.bank is not None

    def type_digit(self, digit: str) -> None:
        self.touch()
        case = self.kiosk.case
        if (
            self.state in flow.PINS
            and self.kiosk.pad is None
            and case is not None
            and len(case.typed) < PIN_DIGITS
            and digit in "0123456789"
        ):
            case.typed += digit
            self._publish()

    def type_key(self, key: str) -> None:
        """A key of the letters on the screen."""
        self.touch()
        if self.state is State.WORDS:
            self.kiosk.matter = matter.typed(self.kiosk.matter, key)
            self._publish()

    def erase(self) -> None:
        self.touch()
        if self.kiosk.case is not None:
            self.kiosk.case.typed = ""
            self._publish()

    def speak(self, language: str) -> None:
        self.touch()
        self.kiosk.language = language
        self._publish()

    def arrange(self, wish: str) -> None:
        """Voice and screen as this visitor wants them."""
        self.touch()
        self.kiosk.comfort = self.kiosk.comfort.wish(wish)
        self._publish()

    def call_staff(self) -> None:
        self.touch()
        log.warning("staff.called", state=self.state.name)
        self._staff_until = self._monotonic() + STAFF_S
        self._publish()

    def touch(self) -> None:
        """Somebody is there."""
        self._touched = self._monotonic()
        if self._asking:
            self._asking = False
            self._publish()

    def tick(self) -> None:
        """What nobody presses: the card slot, the notes at the shutter, the time, the outbox."""
        self._look()
        self._listen()
        if self.state is State.PRESENTING and self._notes_taken():
            self.handle(Event.TAKEN)
        self._mind_the_time()
        if self.state in (State.WELCOME, State.TAKE_CARD):
            self._send()

    # ---- inside ----

    def handle(self, event: Event) -> None:
        """One event and everything the machine does about it, until a person has the next move."""
        following: Event | None = event
        while following is not None:
            step = self._table(self.state, following)
            if flow.illegal(self.state, following):
                log.error("flow.illegal", state=self.state.name, event=following.name)
            if following is Event.WAITED:
                self._strolls = False
            if following is Event.CARD_OUT:
                self._served = None
                self._middle.remember()
            if following is Event.CARD_IN and self.state is State.WELCOME:
                self._served = self.kiosk.slot.insertion()
                self.kiosk.said = self.kiosk.errand = None
                self._staff_until = 0.0
            following = self._do(step)
            if following is Event.VISITED:
                following = self._middle.goes_on(self._served)
        self._look()

    def _do(self, step: flow.Step) -> Event | None:
        """Go there, do the effects in order; the first that answers ends them."""
        self._go(step.state)
        answer = None
        for effect in step.effects:
            try:
                answer = self._effects[effect](self.kiosk)
            except (JournalFailed, recover.NumbersUsedUp) as why:
                log.error("journal.failed", why=str(why))
                answer = Event.DISK_FAILED
            if answer is not None:
                break
        self._publish()
        return answer

    def _go(self, state: State) -> None:
        self._was = self.state
        if state is not self.state:
            self.state, self._since, self._asking = state, self._monotonic(), False
            self._touched = self._since
            self.kiosk.comfort = replace(self.kiosk.comfort, open=False)
            if state is State.WELCOME:
                if not self._strolls:  # who looked around may put the card in next
                    self._forget_wishes()
                elif self.kiosk.slot.insertion() is None:  # or somebody else, who wears no headset
                    self.kiosk.comfort = replace(self.kiosk.comfort, headset=False)
                self._strolls, self.kiosk.errand = False, None
            elif state in flow.WITHOUT_CARD and self._served is None:
                self._strolls = True
            if state in flow.PINS:
                pin.ask(self.kiosk, state)
            elif state not in (State.CHECKING, State.FETCHING):
                pin.drop(self.kiosk)
        self._tidy(state)
        self._publish()

    def _tidy(self, state: State) -> None:
        """What an earlier screen left counts no more where something else begins."""
        at = self.kiosk
        if state is State.MENU and at.case is not None:
            at.case.payable, at.case.resumed = None, False
            at.case.typed = at.case.old = at.case.new = ""
            at.matter = matter.begun(at.matter)
        old = state is State.TAKE_CARD and at.errand is not None and self._was is not State.FETCHING
        if old or state in (State.MENU, State.METHOD):
            at.said = None

    def _forget_wishes(self) -> None:
        """The next visitor finds the machine as it was."""
        self.kiosk.language, self.kiosk.comfort = ZH, Comfort()

    def _look(self) -> None:
        """A card put in, pulled or swapped since the last look."""
        now_in = self.kiosk.slot.insertion()
        if self.state is State.WELCOME:
            self._welcome(now_in)
        elif self.state in (State.TAKE_CARD, State.STACKED):
            if now_in is None or now_in != self._served:
                self.handle(Event.CARD_OUT)
        elif self._served is not None and now_in != self._served and self.state in flow.WAITING:
            self.handle(Event.LEAVE if self._told_of_bank else Event.CARD_OUT)
        elif self.state is State.RESULT and now_in is not None and now_in != self._served:
            self.handle(Event.LEAVE)  # the next person is there
        elif self._served is None and now_in is not None and self.state in flow.WITHOUT_CARD:
            self._middle.wants(self.state, now_in)
            self.handle(Event.LEAVE)  # who looked around has put the card in
        elif (now_in is not None) != self.screen.card_in:
            self._publish()

    def _listen(self) -> None:
        """What the pin pad has to say while the PIN is asked for."""
        if self.state not in flow.PINS:
            return
        said = pin.heard(self.kiosk)
        if self.kiosk.case is not None and self.kiosk.case.hidden != self.screen.typed and self.kiosk.pad:
            self.touch()
            self._publish()
        if said is not None:
            self.handle(self._led(said))

    def _welcome(self, now_in: int | None) -> None:
        """Out of service, nobody new is served; what the screen says of it is kept true."""
        duty, shown = self.kiosk.duty, self.screen
        closed = self._closed
        told = (closed, duty.offline, self.kiosk.hindered, self.kiosk.offers)
        left_in = closed is not None and (now_in is not None) != shown.card_in
        if told != (shown.closed, shown.offline, shown.hindered, shown.services) or left_in:
            self._publish()
        if closed is None and now_in is not None:
            self.handle(Event.CARD_IN)

    @property
    def _closed(self) -> str | None:
        return self.kiosk.duty.closed(self._monotonic())

    @property
    def _told_of_bank(self) -> bool:
        """Whether how it ended stood there while the card was in, and nothing else is to come."""
        errand = self.kiosk.errand
        read = self.state is State.RESULT and self.screen.card_in
        return read and errand is not None and errand.ending == "to_bank"

    @property
    def _wishes(self) -> bool:
        return (self.kiosk.language, self.kiosk.comfort) != (ZH, Comfort())

    @property
    def _staff_called(self) -> bool:
        return self._monotonic() < self._staff_until

    def _notes_taken(self) -> bool:
        try:
            return self.kiosk.dispenser.taken()
        except (DeviceFailed, DeviceDead):
            return False

    def _mind_the_time(self) -> None:
        now = self._monotonic()
        if self.screen.staff_called and not self._staff_called:
            self._publish()
        if self.state is State.WELCOME and now - self._touched > WISHES_S and self._wishes:
            self._forget_wishes()  # who chose them has gone without a card
            self._publish()
        if now - self._since > LIMITS_S.get(self.state, float("inf")):
            self.handle(Event.WAITED)
        elif self.state in ASKS and now - self._touched > ASK_S:
            if now - self._touched > ASK_S + ANSWER_S:
                self.handle(Event.WAITED)
            elif not self._asking:
                self._asking = True
                self._publish()

    def _send(self) -> None:
        """Behind the scenes: the outbox, and whether doubts are settled."""
        at, now = self.kiosk, self._monotonic()
        if at.duty.offline:  # the heartbeat finds out when the line is back; nobody waits for it here
            return
        try:
            if at.journal.outbox() and now - self._sent > OUTBOX_S:
                self._sent = now
                recover.deliver(at, at.caller.once)
            elif at.journal.doubts() and now - self._asked > DOUBTS_S:
                self._asked = now
                recover.ask_again(at, at.caller.once)
                self._publish()
        except JournalFailed:
            self.handle(Event.DISK_FAILED)

    def _publish(self) -> None:
        """Fix what a page may show now."""
        at, case = self.kiosk, self.kiosk.case
        self.screen = Screen(
            version=self.screen.version + 1,
            state=self.state,
            language=at.language,
            comfort=at.comfort,
            insertion=self._served,
            said=at.said,
            masked_name=case.masked_name if case else "",
            typed=max(len(case.typed), case.hidden) if case else 0,
            pad=at.pad is not None,
            camera=at.camera is not None,
            hindered=at.hindered if self.state is State.WELCOME else None,
            tries=case.tries if case else None,
            account=case.account if case else None,
            due=reading.due(at),
            payable=case.payable if case else None,
            errand=replace(at.errand) if at.errand else None,
            gives_cash=at.gives_cash,
            resumed=case.resumed if case else False,
            services=at.offers,
            matter=at.matter,
            asking=self._asking,
            staff_called=self._staff_called,
            closed=self._closed,
            offline=at.duty.offline,
            card_in=at.slot.insertion() is not None,
        )
