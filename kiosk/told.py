"""Told: what only this machine can tell — a class each, its docstring the sentence that is read.

What the backend refuses and what a card does wrong comes in their own words; `words.said` says all of them.
"""

from __future__ import annotations

from backend.kernel.errors import Told


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


class MaybeDone(Told):
    """网络断了，这件事可能办成了，也可能没有。您的钱没有动。请过几分钟插卡再看一次；要紧的，请到柜台查询。"""


class PinsDiffer(Told):
    """两次输入的新密码不一样，没有修改。请重新输入新密码。"""


class OldPinWrong(Told):
    """原来的密码不对，没有修改。请再输一次现在用的密码。"""


class PinChanged(Told):
    """密码已经改好。下次请用新密码，不要告诉任何人。"""


class LifeConfirmed(Told):
    """认证办好了，有效到{until}。{payment}。"""


class CardReported(Told):
    """尾号 {tail} 的卡已经挂失，从现在起谁也不能用它。要补办新卡，请带身份证到柜台。"""


class ThisCardReported(Told):
    """尾号 {tail} 的卡已经挂失，就是现在插着的这张，从现在起不能再用。要补办新卡，请带身份证到柜台。"""


class ApplicationSent(Told):
    """申请已经送到{employer}。单位答复以后，您在“看消息”里能看到。"""


class Printed(Told):
    """已经打印，请在下面取纸。"""


class NoPaper(Told):
    """打印机没有打出来，可能缺纸。内容没有丢，请换一台自助机，或者到柜台打印。"""


class NothingFound(Told):
    """没有找到“{words}”的职位。请返回换一个词，或者选一种常见的工作。"""


class NoNews(Told):
    """现在没有消息。"""
