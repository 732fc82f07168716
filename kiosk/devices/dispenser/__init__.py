"""A simulated cash dispenser: its states and errors after CEN/XFS, its memory, and what can go wrong in it."""

from kiosk.devices.dispenser.device import SimDispenser
from kiosk.devices.dispenser.memory import REMEMBERED, Memory
from kiosk.devices.dispenser.plan import Plan
from kiosk.devices.dispenser.states import Device, Fault, Shutter, Stacker, Unit

__all__ = [
    "REMEMBERED",
    "Device",
    "Fault",
    "Memory",
    "Plan",
    "Shutter",
    "SimDispenser",
    "Stacker",
    "Unit",
]
