"""Walk: somebody who does at a kiosk whatever comes to mind, drawn to what nobody has done there yet.

Where the machine rests, every gesture there is may be made: offered on the screen or not. What the table knows is
done as a person does it (press, pull, wait); what it ignores is thrown at it past the screen's own guard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Final

from kiosk import flow
from kiosk.drill.coverage import Coverage, Pair
from kiosk.drill.faults import ANSWER, DISK_WAYS, GESTURE, Fate, ways
from kiosk.drill.scene import Machine
from kiosk.flow import GESTURES, TABLE, WAITING, Do, Event, State
from kiosk.visit import ANSWER_S, ASK_S, LIMITS_S

STEPS: Final = 60  # of one boot
TRIES: Final = 8  # after so many a pair that did not come about draws nobody any more
CHOICES: Final = 4  # buttons beside each other
OTHER_PINS: Final = ("999999", "135792", "864209")  # the first of them is nobody's
WORDS: Final = ("bao", "cangku", "q")
# gestures that alone bring about what is heard elsewhere
LEADS: Final = {
    (State.LOSING, Event.YES): ((State.FETCHING, Event.CARD_STOPPED),),
    (State.JOB, Event.CARD_IN): ((State.CHECKING, Event.JOB_AGAIN),),
    (State.PIN_AGAIN, Event.PIN_TYPED): (
        (State.PIN_AGAIN, Event.PIN_UNFIT),
        *((State.FETCHING, event) for event in (Event.PIN_UNFIT, Event.PIN_WRONG, Event.PIN_BLOCKED)),
    ),
}
PATIENCE: Final = 20  # times as many tries for them
WHIM: Final = (1, 15)  # of a service's answers are others, once every one that could be has been heard
Place = tuple[State, tuple[Do, ...], bool]  # where the machine is, what it does there, whether a card is in
ANYTHING: Final = (*(event for event in Event if event in GESTURES), Event.DISK_FAILED)


@dataclass
class Wanderer:
    coverage: Coverage
    rng: Random
    tried: Counter[Pair] = field(default_factory=Counter)
    used: Counter[Pair] = field(
        default_factory=Counter
    )  # in this boot: what led nowhere is a long way from then on

    def arrives(self, pin: str) -> None:
        """Somebody with a card comes, and knows its PIN."""
        self.pin = self.new = pin

    def go(self, machine: Machine, *, knows_pin: bool) -> None:
        """Until the machine is out of service and offers nothing new, or enough is done."""
        never = not self.coverage.pairs[State.FETCHING, Event.PIN_BLOCKED]
        self.pin_known, self.forgetful = knows_pin, not self.rng.randrange(2 if never else 8)
        self.used.clear()
        for _ in range(STEPS):
            state = machine.teller.state
            if state not in WAITING or (state is State.STOPPED and not self._new(state, card=True)):
                return
            event = self._choice(state, card=machine.slot.insertion() is not None)
            self.tried[state, event] += 1
            self.used[state, event] += 1
            self.do(machine, event)

    def before_power(self, machine: Machine) -> None:
        """Gestures before a machine that settles what the last run left."""
        for event in ANYTHING:
            if flow.ignored(State.BOOTING, event):
                machine.teller.handle(event)

    # ---- what to do ----

    def _new(self, state: State, *, card: bool) -> list[Event]:
        """What has not been met here and may still be."""
        return [event for event in ANYTHING if self._draws((state, event), card=card)]

    def _draws(self, pair: Pair, *, card: bool) -> bool:
        state, event = pair
        back = event is Event.BACK and flow.ONE_BACK.get(state) is State.MENU
        if not card and pair in TABLE and (event is Event.CARD_OUT or back):
            return False  # who has put none in can do neither
        if any(not self.coverage.pairs[other] for other in LEADS.get(pair, ())) and not (
            card and event is Event.CARD_IN
        ):
            return self.tried[pair] < PATIENCE * TRIES
        return not self.coverage.pairs[pair] and self.tried[pair] < TRIES

    def _choice(self, state: State, *, card: bool) -> Event:
        new = self._new(state, card=card)
        harmless = [event for event in new if flow.ignored(state, event)]
        alive = [
            event for event in new if event is not Event.DISK_FAILED
        ]  # it ends everything: the last to be tried
        if new:
            return self.rng.choice(harmless or alive or new)
        if (towards := self._towards(state, card)) is not None and self.rng.randrange(8):
            return towards
        return self.rng.choice([e for e in Event if e in GESTURES and (state, e) in TABLE] or [Event.CARD_IN])

    def _towards(self, state: State, card: bool) -> Event | None:
        """The gesture that leads soonest to where something is new, if the deeds answer what they have been heard to."""
        known: set[Place] = set()
        ways: list[tuple[int, int, Place, Event | None]] = [(0, 0, (state, (), card), None)]
        order = count(1)
        while ways:
            far, _, place, first = heappop(ways)
            if place in known:
                continue
            known.add(place)
            if first is not None and place[0] in WAITING and self._new(place[0], card=place[2]):
                return first
            for event, after in self._onwards(place):
                longer = far + 1 + self.used[place[0], event]
                heappush(ways, (longer, next(order), after, first or event))
        return None

    def _onwards(self, place: Place) -> Iterator[tuple[Event, Place]]:
        """What may happen next: a gesture where the machine rests, else an answer of what it is doing there."""
        state, deeds, card = place
        heard = {event for deed in deeds for event in self.coverage.answers.get(deed, ())}
        for (before, event), after in TABLE.items():
            if before is not state or event is Event.DISK_FAILED:
                continue
            if not card and after.state is State.MENU:  # who has put no card in is led out
                after = flow.OVER
            if (event in GESTURES and state in WAITING) or event in heard or (deeds and not heard):
                inside = (card or event is Event.CARD_IN) and event is not Event.CARD_OUT
                yield event, (after.state, after.effects, inside)
        if not card and state in flow.WITHOUT_CARD:
            yield Event.CARD_IN, (State.READING, (Do.READ_CARD,), True)

    # ---- doing it ----

    def do(self, machine: Machine, event: Event) -> None:
        """As a person does it; what no person does, or what nothing offers, is said to the machine itself."""
        teller = machine.teller
        state = teller.state
        if (state, event) not in TABLE or event is Event.DISK_FAILED:
            teller.handle(event)
            if event is Event.CARD_IN and state in flow.WITHOUT_CARD and machine.slot.insertion() is None:
                machine.slot.insert(0)  # the machine starts anew with whoever that is
        elif event is Event.CARD_IN:
            machine.slot.insert(0)
        elif event is Event.CARD_OUT:
            machine.slot.pull()
        elif event is Event.TAKEN:
            machine.dispenser.hand()
        elif event is Event.WAITED:
            machine.place.clock.forward(LIMITS_S.get(state, ASK_S + ANSWER_S) + 1)
        else:
            self._press(machine, event)
        teller.tick()

    def _press(self, machine: Machine, event: Event) -> None:
        teller = machine.teller
        if event is Event.PIN_TYPED:
            for digit in self._pin(teller.state):
                teller.type_digit(digit)
        elif event is Event.SEARCH:
            for key in self.rng.choice(WORDS):
                teller.type_key(key)
        changing = teller.state is State.PIN_AGAIN
        teller.press(event, self.rng.randrange(CHOICES))
        if changing and teller.state is State.DONE:
            self.pin = self.new

    def _pin(self, asked: State) -> str:
        """Mostly the one that is asked for."""
        if asked is State.PIN or (asked is State.PIN_OLD and not self.forgetful):
            return self.pin if self.pin_known else OTHER_PINS[0]
        if asked is State.PIN_OLD:
            return OTHER_PINS[0]
        if asked is State.PIN_NEW or not self.rng.randrange(3):
            self.new = self.rng.choice(OTHER_PINS[1:])
        return self.new


@dataclass
class Whims(Fate):
    """While somebody wanders, a deed may answer otherwise than it would: mostly what nobody has heard there yet, or what
    leads to where nobody has done everything yet."""

    tried: Counter[str] = field(default_factory=Counter)

    def meet(self, kind: str, point: str) -> str:
        if kind == GESTURE:
            return next((w for w in ways(kind, point, self.coverage) if self._new(State[point], w)), "")
        if kind != ANSWER:
            return ""
        other = ways(ANSWER, point, self.coverage)
        state = State[point.split()[0]]
        new = [
            way
            for way in other
            if (self._new(state, way.split()[0]) or self._leads(state, way.split()[0]))
            and self.tried[f"{point} {way}"] < TRIES
        ]
        again = [way for way in other if state is State.FETCHING and way not in DISK_WAYS]
        if not new and (not again or self.rng.randrange(WHIM[1]) >= WHIM[0]):
            return ""
        way = self.rng.choice(new or again)
        self.tried[f"{point} {way}"] += 1
        return way

    def _new(self, state: State, event: str) -> bool:
        return not self.coverage.pairs[state, Event[event]]

    def _leads(self, state: State, event: str) -> bool:
        """Whether a service's screen follows on which something that the table knows has not been met."""
        after = TABLE[state, Event[event]].state
        met = (self.coverage.pairs[pair] for pair in TABLE if pair[0] is after and pair[1] in GESTURES)
        return after in flow.ONE_BACK and not all(met)
