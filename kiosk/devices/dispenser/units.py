"""Cash units: what lies in each cassette and bin by the device's own count, and what that means for its health."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from kiosk.devices.cassettes import FULL
from kiosk.devices.dispenser.memory import Memory
from kiosk.devices.dispenser.plan import Plan
from kiosk.devices.dispenser.states import Device, Fault, Shutter, Stacker, Unit
from kiosk.devices.port import CashUnit, DeviceHealth

MINIMUM: Final[Mapping[int, int]] = {fen: n // 20 for fen, n in FULL.items()}  # below: LOW; ours
HIGH: Final = (4, 5)  # of what a bin holds; ours


def counted(memory: Memory) -> dict[int, int]:
    """How many pieces the device believes to be in each cassette."""
    return {
        fen: max(0, memory.cassettes.get(fen, 0) + memory.miscounted.get(fen, 0))
        for fen in sorted(memory.initial.keys() | memory.cassettes.keys(), reverse=True)
    }


def usable(memory: Memory, plan: Plan) -> dict[int, int]:
    """From what an amount may be made."""
    out = plan.missing | set(memory.inoperative)
    return {fen: n for fen, n in counted(memory).items() if n and fen not in out}


def units(memory: Memory, plan: Plan) -> tuple[CashUnit, ...]:
    return (*_cassettes(memory, plan), *_bins(memory, plan))


def _cassettes(memory: Memory, plan: Plan) -> Iterator[CashUnit]:
    for fen, count in counted(memory).items():
        dispensed = memory.dispensed.get(fen, 0)
        yield CashUnit(
            kind="cassette",
            fen=fen,
            status=_status(fen, count, memory, plan),
            initial=memory.initial.get(fen, count + dispensed),
            count=count,
            dispensed=dispensed,
            presented=memory.presented.get(fen, 0),
            rejected=memory.rejected.get(fen, 0),
            retracted=memory.retracted.get(fen, 0),
            minimum=MINIMUM.get(fen, 0),
        )


def _status(fen: int, count: int, memory: Memory, plan: Plan) -> Unit:
    if fen in plan.missing:
        return Unit.MISSING
    if fen in memory.inoperative:
        return Unit.INOPERATIVE
    if not count:
        return Unit.EMPTY
    return Unit.LOW if count <= MINIMUM.get(fen, 0) else Unit.OK


def in_bins(memory: Memory) -> int:
    return sum(memory.rejected.values()) + sum(memory.retracted.values())


def _bins(memory: Memory, plan: Plan) -> Iterator[CashUnit]:
    """They share one box here; each tells what came to it."""
    inside = in_bins(memory)
    full = Unit.FULL if inside >= plan.bin_holds else Unit.OK
    part, whole = HIGH
    status = Unit.HIGH if full is Unit.OK and inside * whole >= plan.bin_holds * part else full
    rejected, retracted = sum(memory.rejected.values()), sum(memory.retracted.values())
    yield CashUnit(kind="reject", status=status, count=rejected, rejected=rejected)
    yield CashUnit(kind="retract", status=status, count=retracted, retracted=retracted)


def device(memory: Memory, plan: Plan, *, broken: bool) -> Device:
    if plan.powerless:
        return Device.POWER_OFF
    if plan.dead:
        return Device.OFFLINE
    if broken or memory.jammed:
        return Device.HARDWARE_ERROR
    return Device.USER_ERROR if plan.shutter == "blocked" else Device.ONLINE


def shutter(memory: Memory, plan: Plan) -> Shutter:
    if plan.shutter != "works":
        return Shutter.UNKNOWN if plan.shutter == "unsure" else Shutter.JAMMED
    return Shutter.OPEN if memory.shutter else Shutter.CLOSED


def health(memory: Memory, plan: Plan, *, broken: bool) -> DeviceHealth:
    """The worst there is to say; the counts beside it."""
    state = device(memory, plan, broken=broken)
    if state in (Device.POWER_OFF, Device.OFFLINE):
        return DeviceHealth("away", state, {"device": state})
    found = units(memory, plan)
    facts: dict[str, str | int] = {
        "device": state,
        "shutter": shutter(memory, plan),
        "stacker": Stacker.NOT_EMPTY if memory.stacker else Stacker.EMPTY,
        "rejected": sum(memory.rejected.values()),
        "retracted": sum(memory.retracted.values()),
        "caught": sum(memory.caught.values()),
    }
    for unit in found:
        if unit.fen:
            facts |= {f"cassette_{unit.fen}": unit.count, f"status_{unit.fen}": unit.status}
    if state is not Device.ONLINE:
        return DeviceHealth("failed", state, facts)
    return _of_units(found, facts)


def _of_units(found: tuple[CashUnit, ...], facts: Mapping[str, str | int]) -> DeviceHealth:
    cassettes = [unit.status for unit in found if unit.kind == "cassette"]
    if Unit.FULL in {unit.status for unit in found}:
        return DeviceHealth("failed", Unit.FULL, facts)
    if not {Unit.OK, Unit.LOW} & set(cassettes):
        return DeviceHealth("failed", Fault.CASH_UNIT, facts)
    for status in (Unit.MISSING, Unit.INOPERATIVE, Unit.EMPTY, Unit.LOW, Unit.HIGH):
        if status in {unit.status for unit in found}:
            return DeviceHealth("warns", status, facts)
    return DeviceHealth("ok", Device.ONLINE, facts)
