"""What may be wrong with a card, each said to whoever holds it; `detail` is for the log."""

from __future__ import annotations

from typing import Final

from cardio.link import CardFault
from cardio.status import Status, describe, status


class CardGarbled(CardFault):
    """卡里的资料读出来不对。请取出卡片，擦一擦芯片再试；还是不行，请带身份证到柜台检查卡片。"""


class CardOfUnknownVersion(CardFault):
    """本机还不认识这一版的社会保障卡。请到柜台办理。"""


class CardTooOld(CardFault):
    """这张卡是早期的社会保障卡，不能在自助机上核对身份。请到柜台办理，或者换领新卡。"""


class CardLocked(CardFault):
    """这张社会保障卡已被锁定或停用。您的待遇不受影响，请带身份证到柜台办理。"""


class PinNeeded(CardFault):
    """要先输入卡片密码，才能继续。"""


class PinMalformed(CardFault):
    """密码是六位数字，请重新输入。"""


class PinTooSimple(CardFault):
    """新密码太容易被人猜到，或者和原来的一样。请换一个：不要六个一样的数字，也不要 123456 这样连着的。"""


class TerminalNotTrusted(CardFault):
    """这张卡只允许经过认证的机器读取，本机没有通过。请到柜台办理。"""


FAULTS: Final = {
    Status.NOT_ALLOWED: PinNeeded,
    Status.NOT_NOW: PinNeeded,
    Status.PIN_BLOCKED: CardLocked,
    Status.INVALIDATED: CardLocked,
}


def fault(sw: int) -> CardFault:
    return FAULTS.get(status(sw), CardGarbled)(describe(sw))
