"""Told: what only this machine can tell — a class each, its docstring the sentence that is read.

What the backend refuses and what a card does wrong comes in their own words; `words.said` says all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from backend.kernel.errors import Told
from kiosk.devices.camera import CameraTrouble
from kiosk.devices.dispenser import Fault
from kiosk.devices.pinpad import PadTrouble
from kiosk.devices.port import DeviceDead, DeviceFailed, DeviceHealth
from kiosk.devices.printer import Trouble


class PinWrong(Told):
    """密码不对，请再输一次。"""


class PinBlocked(Told):
    """密码已经连续输错，卡已锁定。您的钱是安全的，请带身份证到柜台解锁。"""


class NothingDue(Told):
    """现在没有可以领取的待遇。有疑问请到柜台查询。"""


class NotDone(Told):
    """这次没有办成，您的钱没有动。请取卡后重新办理，或者到柜台办理。"""


class CashBroken(Told):
    """出钞没有成功，钱已经退回您的待领账上，没有少。请选择转到银行卡，或者到另一台自助机办理。"""


class NotTaken(Told):
    """现金没有取走，已经收回。钱退回您的待领账上，没有少，您可以重新领取。"""


class InDoubt(Told):
    """这笔领取正在核实，您的钱有记录，不会少。请记下领取单号 {order}，工作人员会联系您。"""


class NotesShort(Told):
    """这台机器里的现金凑不出这笔钱，没有出钞。钱已经退回您的待领账上，没有少。请选择转到银行卡，或者到另一台自助机办理。"""


class ShutterShut(Told):
    """出钞口打不开，现金没有出来。钱已经退回您的待领账上，没有少。请选择转到银行卡，或者到另一台自助机办理。"""


class PaperOut(Told):
    """打印机没有纸了，回单没有打出来。您的钱已经记好账，不会少。请记下领取单号；想要纸质回单，请叫工作人员。"""


class PaperJammed(Told):
    """打印机卡纸了，回单没有打出来。您的钱已经记好账，不会少。请不要拉纸，记下领取单号；想要纸质回单，请叫工作人员。"""


class PrinterOpen(Told):
    """打印机的盖子没有合上，回单没有打出来。您的钱已经记好账，不会少。请记下领取单号；想要纸质回单，请叫工作人员。"""


class PrinterSilent(Told):
    """打印机没有反应，回单没有打出来。您的钱已经记好账，不会少。请记下领取单号；想要纸质回单，请叫工作人员。"""


class PadSilent(Told):
    """密码键盘没有反应，这台机器现在不能办理。您的钱不受影响。请到另一台自助机或柜台办理。"""


class PadKeyStuck(Told):
    """密码键盘上有一个键按下去没有弹起来，这台机器现在不能办理。您的钱不受影响。请到另一台自助机或柜台办理。"""


class PadErased(Told):
    """密码键盘的安全保护已经启动，为了您的安全，这台机器不再收密码。您的钱不受影响。请到另一台自助机或柜台办理。"""


class CameraSilent(Told):
    """摄像头没有连上，现在不能拍照。您的待遇不受影响。请到另一台自助机或柜台办理。"""


class CameraDark(Told):
    """照片上看不见人。请看看镜头有没有被挡住，正对镜头、站到亮一点的地方再试一次；还是不行，请叫工作人员。"""


class ReaderAway(Told):
    """读卡器没有连上，这台机器现在不能办理。您的钱不受影响。卡还在卡口里的，请取出来，到另一台自助机或柜台办理。"""


# the device's own word for its trouble → what the person reads
CASH: Final[Mapping[str, type[Told]]] = {
    Fault.CASH_UNIT: NotesShort,
    Fault.NOT_DISPENSABLE: NotesShort,
    Fault.SHUTTER_NOT_OPEN: ShutterShut,
    Fault.USER_ERROR: ShutterShut,
}
PAPER: Final[Mapping[str, type[Told]]] = {
    Trouble.PAPER_OUT: PaperOut,
    Trouble.MEDIA_JAMMED: PaperJammed,
    Trouble.COVER_OPEN: PrinterOpen,
}
PAD: Final[Mapping[str, type[Told]]] = {
    PadTrouble.KEYS_ERASED: PadErased,
    PadTrouble.KEY_STUCK: PadKeyStuck,
}
LENS: Final[Mapping[str, type[Told]]] = {
    CameraTrouble.BLACK: CameraDark,
    CameraTrouble.BLANK: CameraDark,
}
Failure = DeviceFailed | DeviceDead | OSError


def _by(codes: Mapping[str, type[Told]], why: Failure, otherwise: type[Told]) -> Told:
    return codes.get(getattr(why, "code", ""), otherwise)()


def cash(why: Failure) -> Told:
    """Of an order that the dispenser did not hand out; whether it really did not, its signed status says."""
    return _by(CASH, why, CashBroken)


def paper(why: Failure) -> Told:
    return _by(PAPER, why, PrinterSilent)


def pad(why: Failure) -> Told:
    return _by(PAD, why, PadSilent)


def lens(why: Failure) -> Told:
    return _by(LENS, why, CameraSilent)


def hindrance(slot: DeviceHealth, keys: DeviceHealth | None) -> Told | None:
    """What keeps everybody from being served, to be read before a card is put in."""
    if slot.state in ("failed", "away"):
        return ReaderAway()
    if keys is not None and keys.state in ("failed", "away"):
        return PAD.get(keys.code, PadSilent)()
    return None
