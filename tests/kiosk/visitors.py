"""What a person does at a kiosk, step by step."""

from __future__ import annotations

from typing import Any

from kiosk.drill.scene import Machine
from kiosk.flow import Event, State
from tests.kiosk.conftest import Office
from tests.kiosk.people import PIN

AMOUNT = 458037


def card_in(machine: Machine) -> None:
    machine.slot.insert(0)
    machine.teller.tick()


def card_out(machine: Machine) -> None:
    machine.slot.pull()
    machine.teller.tick()


def type_pin(machine: Machine, pin: str = PIN) -> None:
    for digit in pin:
        machine.teller.type_digit(digit)
    machine.teller.press(Event.PIN_TYPED)


def in_menu(office: Office, **more: Any) -> Machine:
    machine = office.on(**more)
    card_in(machine)
    type_pin(machine)
    assert machine.teller.state is State.MENU
    return machine


def at_cash(office: Office, **more: Any) -> Machine:
    machine = in_menu(office, **more)
    machine.teller.press(Event.COLLECT)
    machine.teller.press(Event.CASH)
    return machine


def code(machine: Machine) -> str:
    said = machine.teller.screen.said
    return said.code if said is not None else ""
