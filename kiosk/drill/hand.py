"""Hand: cards of people at the reader's slot, in a process of its own beside the driver.

`python -m kiosk.drill.hand` inside the card service's network. On standard input one order a line, as JSON:
`{"insert": persona}`, `{"pull": true}`, `{"hold": [step, "before"|"after"]}`, `{"go": true}`; on standard output
`in`, `out`, and `at` when the held step is there.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from cardio.link import Answer, CardPulled
from cardio.sim import Persona, SimCard
from cardio.vpcd import PORT, InReader, dial

LONGEST_WAIT_S: Final = 4.0  # the kiosk gives a command up after five seconds
REST_S: Final = 0.5  # the service needs this long to see that a card torn out is gone
# step → the cards that have it
STEPS: Final[Mapping[str, Callable[[Persona], bool]]] = {
    "SELECT": lambda card: True,
    "EXTERNAL AUTHENTICATE": lambda card: card.version == "3.00",
    "READ RECORD": lambda card: True,
    "VERIFY": lambda card: True,
    "PROVE VISIT": lambda card: True,
    "PROVE ORDER": lambda card: card.profile == "field",
    "INIT COLLECT": lambda card: card.profile == "collect",
    "COLLECT": lambda card: card.profile == "collect",
}


class Held:
    """Where a card waits for a word: one step, before it acts or after."""

    def __init__(self) -> None:
        self._step = ("", "")
        self._go = threading.Event()
        self._lock = threading.Lock()

    def hold(self, step: str, when: str) -> None:
        with self._lock:
            self._step = (step, when)
            self._go.clear()

    def go(self) -> None:
        with self._lock:
            self._step = ("", "")
            self._go.set()

    def meet(self, step: str, when: str) -> None:
        with self._lock:
            if self._step != (step, when):
                return
            self._step = ("", "")
        say("at")
        self._go.wait(LONGEST_WAIT_S)


class HeldCard(SimCard):
    """A card that can be made to wait, and be pulled while it waits."""

    def __init__(self, persona: Persona, nv: bytes | None, held: Held) -> None:
        super().__init__(persona, None, nv)
        self._held, self._proofs, self._out = held, 0, False

    def send(self, apdu: bytes) -> Answer:
        step = self._step(apdu)
        self._held.meet(step, "before")
        self._there()
        answer = super().send(apdu)
        self._held.meet(step, "after")
        self._there()
        return answer

    def take(self) -> None:
        self._out = True

    def _there(self) -> None:
        if self._out:
            raise CardPulled("taken out")

    def _step(self, apdu: bytes) -> str:
        match apdu[1]:
            case 0xA4:
                return "SELECT"
            case 0x82:
                return "EXTERNAL AUTHENTICATE"
            case 0x50:
                return "INIT COLLECT"
            case 0x52:
                return "COLLECT"
            case 0xB2:
                return "READ RECORD"
            case 0x20 if len(apdu) > 5:
                return "VERIFY"
            case 0x88:
                self._proofs += 1
                return "PROVE VISIT" if self._proofs == 1 else "PROVE ORDER"
        return ""


class Hand:
    def __init__(self) -> None:
        self._held = Held()
        self._inside: tuple[HeldCard, InReader] | None = None
        self._kept: dict[str, bytes] = {}  # card number → what its memory holds
        self._free_at = 0.0

    def told(self, order: dict[str, Any]) -> None:
        if "insert" in order:
            self._insert(Persona.from_json(order["insert"]))
        elif "pull" in order:
            self._pull()
        elif "hold" in order:
            self._held.hold(*order["hold"])
        elif "go" in order:
            self._held.go()

    def _insert(self, persona: Persona) -> None:
        time.sleep(max(0.0, self._free_at - time.monotonic()))
        card = HeldCard(persona, self._kept.get(persona.card_no), self._held)
        self._inside = card, InReader(card, _line())
        say("in")

    def _pull(self) -> None:
        if self._inside is not None:
            card, inside = self._inside
            card.take()
            inside.hang_up()
            self._held.go()
            inside.wait()
            self._kept[card.persona.card_no] = card.nv
            self._inside, self._free_at = None, time.monotonic() + REST_S
        say("out")


def _line() -> Any:
    """The driver may be starting."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return dial("127.0.0.1", PORT)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    hand = Hand()
    say("ready")
    for line in sys.stdin:
        hand.told(json.loads(line))


if __name__ == "__main__":
    main()
