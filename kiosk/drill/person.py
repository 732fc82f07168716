"""Person: somebody in front of a real kiosk, who does what the screen asks by pressing what is on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import httpx

LOOK_S: Final = 0.01
PRESSES: Final = {"MENU": "COLLECT", "METHOD": "CASH", "REFUSED": "LEAVE", "RESULT": "LEAVE"}


@dataclass
class Screen:
    """The kiosk's own web page."""

    url: str

    def __post_init__(self) -> None:
        self._http = httpx.Client(
            base_url=self.url, headers={"origin": self.url}, timeout=15, trust_env=False
        )

    def health(self) -> dict[str, object]:
        """What it says of itself; nothing while it is dead."""
        try:
            found: dict[str, object] = self._http.get("/health").json()
            return found
        except (httpx.HTTPError, ValueError):
            return {}

    def state(self) -> str:
        return str(self.health().get("state", ""))

    def post(self, path: str, **form: str) -> None:
        try:
            self._http.post(path, data=form)
        except httpx.HTTPError:
            return  # it died under the finger; the next look shows it

    def close(self) -> None:
        self._http.close()

    def until(self, good: Callable[[str], bool], seconds: float) -> str:
        """The state as soon as it is such; else the last one seen."""
        deadline = time.monotonic() + seconds
        while not good(state := self.state()) and time.monotonic() < deadline:
            time.sleep(LOOK_S)
        return state


@dataclass
class Person:
    """One visit. `pull` takes the card out; before every deed `look` may end the visit."""

    screen: Screen
    pin: str
    insert: Callable[[], None]
    pull: Callable[[], None]
    look: Callable[[str], bool]  # the state → whether to go on
    card: bool = False
    states: list[str] = field(default_factory=list)

    def visit(self, seconds: float) -> None:
        """Until it is over, or nothing more comes of it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = self.screen.state()
            if not self.states or self.states[-1] != state:
                self.states.append(state)
            if not self.look(state) or not self._do(state):
                return
            time.sleep(LOOK_S)

    def leave(self) -> None:
        if self.card:
            self.take_card()

    def take_card(self) -> None:
        self.pull()
        self.card = False

    def _press(self, event: str, state: str) -> None:
        self.screen.post("/press", event=event, at=state)

    def _do(self, state: str) -> bool:
        """Whether there is more to come."""
        if state in PRESSES:
            self._press(PRESSES[state], state)
        elif state == "WELCOME":
            return self._begin()
        elif state == "PIN":
            for digit in (*self.pin, "confirm"):
                self.screen.post("/pin", digit=digit)
        elif state == "PRESENTING":
            self.screen.post("/tray/cash")
        elif state in ("STACKED", "TAKE_CARD") and self.card:
            self.take_card()
        return state != "STOPPED"

    def _begin(self) -> bool:
        """Put the card in, once; back at the welcome the visit is over."""
        if not self.card and len(self.states) == 1:
            self.card = True
            self.insert()
        return self.card
