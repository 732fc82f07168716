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


class CardListed(Told):
    """这张社会保障卡已经停用，不能办理业务。您的钱是安全的，请带身份证到柜台办理。"""


class NothingDue(Told):
    """现在没有可以领取的待遇。有疑问请到柜台查询。"""


class NotDone(Told):
    """这次没有办成，您的钱没有动。请取卡后重新办理，或者到柜台办理。"""


class CashBroken(Told):
    """出钞没有成功，钱已经退回您的待领账上，没有少。请选择转到银行卡，或者到另一台自助机办理。"""


class NotTaken(Told):
    """现金没有取走，已经收回。钱退回您的待领账上，没有少，您可以重新领取。"""


class PartTaken(Told):
    """现金取走了一部分，剩下的已经收进机器，给您留着。三个工作日内工作人员会联系您，把剩下的补给您。"""


class InDoubt(Told):
    """这笔领取正在核实，您的钱有记录，不会少。请记下领取单号 {order}，工作人员会联系您。"""


class NotesShort(Told):
    """这台机器里的现金凑不出这笔钱，没有出钞。钱已经退回您的待领账上，没有少。请选择转到银行卡，或者到另一台自助机办理。"""


class ShutterShut(Told):
    """出钞口打不开，现金没有出来。钱已经退回您的待领账上，没有少。请选择转到银行卡，或者到另一台自助机办理。"""


class PaperOut(Told):
    """打印机没有纸了。您的钱已经记好账，请记下领取单号；想要回单，请叫工作人员。"""


class PaperJammed(Told):
    """打印机卡纸了，请不要拉。您的钱已经记好账，请记下领取单号；想要回单，请叫工作人员。"""


class PrinterOpen(Told):
    """打印机的盖子没有合上。您的钱已经记好账，请记下领取单号；想要回单，请叫工作人员。"""


class PrinterSilent(Told):
    """打印机没有反应。您的钱已经记好账，请记下领取单号；想要回单，请叫工作人员。"""


class PadSilent(Told):
    """密码键盘没有反应，这台机器现在不能办理。您的钱不受影响。请到另一台自助机或柜台办理。"""


class PadKeyStuck(Told):
    """密码键盘上有一个键按下去没有弹起来，这台机器现在不能办理。您的钱不受影响。请到另一台自助机或柜台办理。"""


class PadErased(Told):
    """密码键盘的安全保护已经启动，为了您的安全，这台机器不再收密码。您的钱不受影响。请到另一台自助机或柜台办理。"""


class CameraSilent(Told):
    """摄像头没有反应，没有拍到照片。您的待遇不受影响。请再试一次；不拍照，也照样认证。"""


class CameraDark(Told):
    """照片上看不见人。请看看镜头有没有被挡住，正对镜头、站到亮一点的地方再试一次；不拍照，也照样认证。"""


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


class MaybeDone(Told):
    """网络断了，这件事可能办成了，也可能没有。您的钱没有动。请过几分钟插卡再看一次；要紧的，请到柜台查询。"""


class PinsDiffer(Told):
    """两次输入的新密码不一样，没有修改。请重新输入新密码。"""


class OldPinWrong(Told):
    """原来的密码不对，没有修改。请再输一次现在用的密码。"""


class SignInAgain(Told):
    """密码没有修改，仍用原来的密码。要办别的，请取卡以后再插一次。"""


class PinChanged(Told):
    """密码已经改好。下次请用新密码，不要告诉任何人。"""


class LifeConfirmed(Told):
    """认证办好了，有效到{until}。{payment}。"""


class LifeConfirmedUnseen(Told):
    """认证办好了，有效到{until}。这次没有留下照片，不影响认证。{payment}。"""


class CardReported(Told):
    """尾号 {tail} 的卡已经挂失，从现在起谁也不能用它。要补办新卡，请带身份证到柜台。"""


class ThisCardReported(Told):
    """尾号 {tail} 的卡已经挂失，就是现在插着的这张，从现在起不能再用。要补办新卡，请带身份证到柜台。"""


class ApplicationSent(Told):
    """申请已经送到。{employer}答复以后，您在“看消息”里能看到。"""


class Printed(Told):
    """已经打印，请在下面取纸。"""


class NoPaper(Told):
    """打印机没有打出来，可能缺纸。内容没有丢，请换一台自助机，或者到柜台打印。"""


class NothingFound(Told):
    """没有找到“{words}”的职位。请返回换一个词，或者选一种常见的工作。"""


class NoNews(Told):
    """现在没有消息。"""
