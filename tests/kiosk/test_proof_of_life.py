"""Proof of life at a kiosk: whoever is photographed is told before, and when there is no picture; it is as good without."""

from __future__ import annotations

import pytest

from kiosk import pages
from kiosk.client import Refused
from kiosk.devices.camera import CameraPlan, SimCamera
from kiosk.drill.scene import Machine
from kiosk.flow import Event, State
from tests.kiosk.conftest import Office
from tests.kiosk.test_services import facts, machine, press
from tests.kiosk.visitors import code

__all__ = ["machine"]
PHOTOGRAPHED = "按确认时会拍一张照片留存，不比对人脸"


def voice(html: str) -> str:
    return html.partition('id="voice" hidden>')[2].partition("</div>")[0]


@pytest.mark.parametrize("camera", [None, SimCamera(invents=True)], ids=["none", "one"])
def test_life_is_proved_with_or_without_a_camera_and_whoever_is_photographed_is_told_before(
    machine: Machine, office: Office, camera: SimCamera | None
) -> None:
    machine.teller.kiosk.camera = camera
    assert press(machine, Event.PROVE_LIFE) is State.LIFE
    html = pages.render(machine.teller.screen, None, "1")
    assert (PHOTOGRAPHED in html) == ("会拍一张照片留存" in voice(html)) == (camera is not None)
    assert office.books.hall.proved == []
    assert press(machine, Event.YES) is State.DONE
    (photo,) = office.books.hall.proved
    assert (photo in office.books.hall.files) == (camera is not None)
    assert (code(machine), "2027年11月24日" in facts(machine)) == ("LifeConfirmed", True)


@pytest.mark.parametrize("choice", [0, 1], ids=["again", "without"])
@pytest.mark.parametrize(
    ("plan", "why"), [(CameraPlan(away=True), "CameraSilent"), (CameraPlan(covered=True), "CameraDark")]
)
def test_who_could_not_be_photographed_is_told_once_and_says_how_to_go_on(
    machine: Machine, office: Office, plan: CameraPlan, why: str, choice: int
) -> None:
    machine.teller.kiosk.camera = SimCamera(plan=plan, invents=True)
    assert press(machine, Event.PROVE_LIFE, Event.YES) is State.UNSEEN
    assert (code(machine), office.books.hall.proved) == (why, [])
    assert "照样认证" in voice(pages.render(machine.teller.screen, None, "1"))
    assert press(machine, choice) is State.DONE
    assert (code(machine), office.books.hall.proved) == ("LifeConfirmedUnseen", [""])


def test_a_lens_that_is_free_again_takes_the_picture_at_the_second_try(
    machine: Machine, office: Office
) -> None:
    machine.teller.kiosk.camera = camera = SimCamera(plan=CameraPlan(covered=True), invents=True)
    assert press(machine, Event.PROVE_LIFE, Event.YES, Event.BACK) is State.LIFE
    assert press(machine, Event.YES) is State.UNSEEN
    camera.plan = CameraPlan()
    assert (press(machine, 0), code(machine)) == (State.DONE, "LifeConfirmed")
    assert office.books.hall.proved[0] in office.books.hall.files


def test_a_picture_that_the_office_does_not_keep_is_not_told_as_kept(
    machine: Machine, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise Refused("TooManyFiles", "")

    machine.teller.kiosk.camera = SimCamera(invents=True)
    monkeypatch.setattr(machine.teller.kiosk.caller, "hand_in", full)
    assert press(machine, Event.PROVE_LIFE, Event.YES) is State.DONE
    assert (office.books.hall.proved, code(machine)) == ([""], "LifeConfirmedUnseen")
