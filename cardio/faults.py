"""What may be wrong with a card, each said to whoever holds it; `detail` is for the log."""

from __future__ import annotations

from typing import Final

from cardio.codecs import PIN, is_simple_pin
from cardio.link import CardFault
from cardio.status import Status, describe, status


class CardGarbled(CardFault):
    """卡里的资料读出来不对。请取出卡片，擦一擦芯片再试；还是不行，请带身份证到柜台检查卡片。"""


class CardUnfinished(CardGarbled):
    """这张卡还没有制作完，里面没有您的资料。请带身份证到发卡的地方换一张。"""


class CardCloned(CardFault):
    """这张卡没有通过真伪核对，不能使用。您的待遇不受影响，请带身份证和这张卡到柜台核实。"""


class CardOfOtherArea(CardFault):
    """这张卡是外地发的，本机办不了。请到发卡地办理，或者到柜台询问异地办理的方法。"""


class CardExpired(CardFault):
    """这张社会保障卡已经过了有效期。您的钱是安全的，请带身份证到柜台换卡。"""


class UnblockRefused(CardFault):
    """卡片没有接受解锁。请核对是不是这个人的卡；再试仍不行，请给持卡人换新卡。"""


class KeyVersionUnknown(CardFault):
    """不知道这张卡的密钥是哪一版；试错了会少一次解锁的机会，所以没有试。请改用密码重置（CRD-09）给的密钥解锁。"""


class BankCard(CardFault):
    """这是银行卡，不是社会保障卡。请取出来，换社会保障卡再插入。"""


class TerminalCard(CardFault):
    """这是机器里用的安全模块卡，不是社会保障卡。请把它交给工作人员。"""


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


def digits(pin: str) -> str:
    """Seen before anything is sent."""
    if not PIN.fullmatch(pin):
        raise PinMalformed
    return pin


def hard_to_guess(new: str, old: str = "") -> str:
    """A new PIN, unless it is what a thief tries first."""
    if new == old or is_simple_pin(new):
        raise PinTooSimple
    return new


FAULTS: Final = {
    Status.NOT_ALLOWED: PinNeeded,
    Status.NOT_NOW: PinNeeded,
    Status.PIN_BLOCKED: CardLocked,
    Status.INVALIDATED: CardLocked,
}


def fault(sw: int) -> CardFault:
    return FAULTS.get(status(sw), CardGarbled)(describe(sw))
