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
