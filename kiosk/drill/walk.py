"""Walk: somebody who does at a kiosk whatever comes to mind, drawn to what nobody has done there yet.

Where the machine rests, every gesture there is may be made: offered on the screen or not. What the table knows is
done as a person does it (press, pull, wait); what it ignores is thrown at it past the screen's own guard.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from random import Random
from typing import Final

from kiosk import flow
from kiosk.drill.coverage import Coverage, Pair
from kiosk.drill.scene import Machine
from kiosk.flow import GESTURES, TABLE, WAITING, Event, State
from kiosk.visit import ANSWER_S, ASK_S, LIMITS_S

STEPS: Final = 60  # of one boot
TRIES: Final = 4  # after so many a pair that did not come about draws nobody any more
CHOICES: Final = 4  # buttons beside each other
WRONG_PIN: Final = "999999"
ANYTHING: Final = (*(event for event in Event if event in GESTURES), Event.DISK_FAILED)


@dataclass
class Wanderer:
    coverage: Coverage
    rng: Random
    tried: Counter[Pair] = field(default_factory=Counter)

    def go(self, machine: Machine, *, knows_pin: bool) -> None:
        """Until the machine is out of service and offers nothing new, or enough is done."""
        self.pin_known = knows_pin
        for _ in range(STEPS):
            state = machine.teller.state
            if state not in WAITING or (state is State.STOPPED and not self._new(state)):
                return
            event = self._choice(state)
            self.tried[state, event] += 1
            self.do(machine, event)

    def before_power(self, machine: Machine) -> None:
        """Gestures before a machine that settles what the last run left."""
        for event in ANYTHING:
            if flow.ignored(State.BOOTING, event):
                machine.teller.handle(event)

    # ---- what to do ----

    def _new(self, state: State) -> list[Event]:
        """What has not been met here and may still be."""
        return [
            event
            for event in ANYTHING
            if not self.coverage.pairs[state, event] and self.tried[state, event] < TRIES
        ]

    def _choice(self, state: State) -> Event:
        new = self._new(state)
        harmless = [event for event in new if flow.ignored(state, event)]
        if harmless or new:
            return self.rng.choice(harmless or new)
        if (towards := self._towards(state)) is not None and self.rng.randrange(4):
            return towards
        return self.rng.choice([e for e in GESTURES if (state, e) in TABLE] or [Event.CARD_IN])

    def _towards(self, state: State) -> Event | None:
        """The gesture that leads soonest to where something is new, if the machine does what it mostly does."""
        seen: set[State] = {state}
        queue: deque[tuple[State, Event | None]] = deque([(state, None)])
        while queue:
            here, first = queue.popleft()
            if here is not state and here in WAITING and self._new(here):
                return first
            for (before, event), after in TABLE.items():
                if before is here and after.state not in seen and (first is not None or event in GESTURES):
                    seen.add(after.state)
                    queue.append((after.state, first or event))
        return None

    # ---- doing it ----

    def do(self, machine: Machine, event: Event) -> None:
        """As a person does it; what no person does, or what nothing offers, is said to the machine itself."""
        teller = machine.teller
        state = teller.state
        if (state, event) not in TABLE or event is Event.DISK_FAILED:
            teller.handle(event)
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
        if event.name.endswith("_TYPED"):
            card = machine.slot.cards[0]
            for digit in card.persona.pin if self.pin_known else WRONG_PIN:
                machine.teller.type_digit(digit)
        machine.teller.press(event, self.rng.randrange(CHOICES))
