"""Deciding 停用、恢复、服务设置: what the bureau wants of a kiosk; it hears of it with its next heartbeat."""

from __future__ import annotations

import re

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import item
from backend.kiosks import happening
from backend.kiosks.model import Machine
from backend.kiosks.schema import MachineSet, OfferServices, StartKiosk, StopKiosk


class AlreadyStopped(Refusal):
    """自助机 {kiosk} 已经停用，原因是：{reason}。"""


class NotStoppedNow(Refusal):
    """自助机 {kiosk} 没有停用，不需要恢复。"""


class Sealed(Refusal):
    """自助机 {kiosk} 因为安全原因已被封停（{why}），不能在这里恢复。请重新登记设备密钥。"""


def machine(uow: Uow, kiosk: str) -> Machine:
    """What is decided for a kiosk, locked."""
    decided = uow.session.get(Machine, kiosk, with_for_update=True)
    if decided is None:
        decided = Machine(kiosk=kiosk, stopped=None, stopped_by=None, stopped_at=None, services=None)
        uow.session.add(decided)
        uow.session.flush()
    return decided


@item("KSK-41", "停用自助机", may=Permission.KIOSK_MANAGE)
def stop(uow: Uow, cmd: StopKiosk) -> MachineSet:
    """From its next heartbeat on it begins nothing new; what is under way is finished first."""
    happening.within(uow, cmd.kiosk)
    decided = machine(uow, cmd.kiosk)
    if decided.stopped is not None:
        raise AlreadyStopped(kiosk=cmd.kiosk, reason=decided.stopped)
    decided.stopped, decided.stopped_by, decided.stopped_at = cmd.reason, uow.actor.id, uow.now
    happening.note(uow, cmd.kiosk, "stop", cmd.reason)
    return MachineSet(kiosk=cmd.kiosk, serve=False)


@item("KSK-42", "恢复自助机", may=Permission.KIOSK_MANAGE)
def start(uow: Uow, cmd: StartKiosk) -> MachineSet:
    device = happening.within(uow, cmd.kiosk)
    if device.stopped:
        raise Sealed(kiosk=cmd.kiosk, why=device.stopped)
    decided = machine(uow, cmd.kiosk)
    if decided.stopped is None:
        raise NotStoppedNow(kiosk=cmd.kiosk)
    decided.stopped = decided.stopped_by = decided.stopped_at = None
    happening.note(uow, cmd.kiosk, "start", cmd.reason)
    return MachineSet(kiosk=cmd.kiosk, serve=True)


@item("KSK-43", "设置自助机的服务", may=Permission.KIOSK_MANAGE)
def offer(uow: Uow, cmd: OfferServices) -> MachineSet:
    happening.within(uow, cmd.kiosk)
    decided = machine(uow, cmd.kiosk)
    decided.services = [one for one in re.split(r"[,， ]+", cmd.services) if one] or None
    happening.note(uow, cmd.kiosk, "services", cmd.services)
    return MachineSet(kiosk=cmd.kiosk, serve=decided.stopped is None)
