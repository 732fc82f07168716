"""Strike: one declared cut, carried out when its point comes — held, frozen or while the kiosk waits."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Final

from kiosk.drill import creep, scene
from kiosk.drill.cuts import Cut
from kiosk.drill.site import Site
from kiosk.flow import State
from kiosk.visit import LIMITS_S

SHORT_CUT_S: Final = (0.2, 1.0)
DRAWN_IN_S: Final = LIMITS_S[State.PRESENTING] + 15


@dataclass
class Fault:
    """One cut, carried out when its point comes."""

    site: Site
    cut: Cut
    done: bool = False
    over: bool = False  # the person goes away
    _thread: threading.Thread | None = None

    def arm(self) -> None:
        """Before the person comes."""
        self.site.door.forget()
        self.site.hand.voice.forget()
        match self.cut.kind:
            case "card":
                self.site.hand.tell(hold=[self.cut.step, self.cut.side])
            case "wire":
                self.site.house.tell_door(f"hold {self.cut.step} {self.cut.side}")
            case "disk":
                self.site.creeper.tell("watch")

    def look(self, state: str) -> bool:
        """Called before every deed of the person; whether they stay."""
        kind, step = self.cut.kind, self.cut.step
        if self.done or self.over:
            return not self.over
        if kind == "rest" and state == step:
            self._rest()
        elif kind == "disk" and state == self._creeps_from() and self._thread is None:
            self._thread = threading.Thread(target=self._creep, name="creep")
            self._thread.start()
        elif kind in ("card", "wire"):
            voice = self.site.hand.voice if kind == "card" else self.site.door
            if voice.said("at"):
                self._held()
        return not self.over

    def wait(self) -> None:
        if self._thread is not None:
            self._thread.join()

    # ---- at a held command or request ----

    def _held(self) -> None:
        house, hands, how = self.site.house, self.site.hand, self.cut.how
        self.done = True
        match how:
            case "card pulled":
                self._pull()
            case "kiosk dies":
                house.kill("kiosk")
                self.over = True
            case "pcscd dies":
                self._pcscd()
            case "portal dies" | "postgres dies":
                house.kill(how.split()[0])
            case "disk full":
                house.fill_disk()
            case _:
                self._network()
        if self.cut.kind == "card":
            hands.tell(go=True)
        else:
            house.tell_door(self._word())

    def _word(self) -> str:
        """What becomes of the held request or answer."""
        if self.cut.how.startswith("network") or (self.cut.how, self.cut.side) == ("portal dies", "after"):
            return "drop"
        if self.cut.how == "kiosk dies":  # under way when the power went: it may arrive or not
            return self.site.rng.choice(("go", "drop"))
        return "go"

    def _network(self) -> None:
        house = self.site.house
        house.cable("down")
        house.tell_door("drop")
        if self.cut.how == "network cut":
            time.sleep(self.site.rng.uniform(*SHORT_CUT_S))
        else:
            self.site.screen.until(lambda state: state not in ("OPENING", "CONFIRMING", "REPORTING"), 20)
        house.cable("up")

    def _pull(self) -> None:
        self.site.hand.pull()
        self.over = True

    def _pcscd(self) -> None:
        self.site.service.stop_service()
        self.site.hand.pull()
        self.site.service.start_service()
        self.over = self.cut.step != "PRESENTING"

    # ---- while the kiosk waits for the person ----

    def _rest(self) -> None:
        house, how = self.site.house, self.cut.how
        self.done = True
        match how:
            case "card pulled":
                self._pull()
            case "pcscd dies":
                self._pcscd()
                self.over = False
            case "portal dies" | "postgres dies":
                house.kill(how.split()[0])
            case "network cut":
                self._network()
            case "disk full":
                house.fill_disk()
                if self.cut.step == "WELCOME":
                    house.kill("kiosk")
                    self.over = True
            case "journal lost":
                with house.unattended():
                    house.kill("kiosk")
                    house.lose_journal()
                    self._in_the_dark()
                self.over = True
            case scene.TAKES_SOME:
                self._takes_some()

    def _takes_some(self) -> None:
        """The rest lies there until the kiosk draws it in."""
        screen = self.site.screen
        screen.post("/tray/mishap", name="part", on="true")
        screen.post("/tray/cash")
        screen.until(lambda state: state != "PRESENTING", DRAWN_IN_S)
        screen.post("/tray/mishap", name="part", on="false")
        self.over = True

    # ---- at a point on the kiosk's disk ----

    def _creeps_from(self) -> str:
        if self.cut.step in creep.BEFORE_CASH:
            return "METHOD"
        return "STACKED" if self.cut.step in creep.BEFORE_NOTES else "PRESENTING"

    def _creep(self) -> None:
        process = self.site.house.kiosk.process
        if process is None or self.site.creeper.ask(f"creep {process.pid} {self.cut.step}") != "still":
            return
        with self.site.house.unattended():
            self.site.house.kill("kiosk")
            self._in_the_dark()
        self.done = self.over = True

    def _in_the_dark(self) -> None:
        """Perhaps somebody takes what lies in reach of a dead machine, or some of it."""
        if self.site.rng.randrange(2):
            left = self.site.rng.choice((0, scene.LEFT_LYING))
            scene.take_in_the_dark(self.site.house.kiosk_home / "dispenser.json", left)
