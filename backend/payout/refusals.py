"""What a person at a kiosk may be refused, in words for who is frightened for their money.

The kiosk knows them too: some it can tell from what the account says, without asking for money first.
"""

from __future__ import annotations

from backend.kernel.errors import Forbidden, Refusal


class CardUnknown(Refusal):
    """这张卡不是本市发出的社会保障卡，或者卡面信息和登记的不一样。您的钱是安全的，请带身份证到柜台查询。"""

    status = 404


class CardStopped(Refusal):
    """这张社会保障卡已经{status}，不能办理业务。您的钱是安全的，请带身份证到柜台办理。"""


class CardExpired(Refusal):
    """这张社会保障卡在{expires}已经到期。您的钱是安全的，请带身份证到柜台换卡。"""


class CardFrozen(Refusal):
    """这张卡的领取次数和登记的不一样，可能有人仿制，卡已暂停使用，钱没有动。请带身份证到柜台核查换卡。"""


class HolderDied(Refusal):
    """持卡人已经登记去世，这张卡不能再用。还没有领的待遇，请亲属带证明到柜台办理。"""


class ProofWrong(Refusal):
    """卡片没有通过验证，您的钱没有动。请取出卡片，擦一擦芯片再试一次，或者到柜台办理。"""

    status = 403


class VisitExpired(Refusal):
    """这次办理已经超过十分钟，您的钱没有动。为了安全，请取出卡片重新插入。"""


class AlreadyCollected(Refusal):
    """{month}的{item}您已经领过了，领取日期是{day}。每个月只能领一次。"""


class HeldElsewhere(Refusal):
    """{month}的{item}正在另一次办理中，还没有结束。您的钱没有少，请稍后再来，或者到柜台查询。"""


class SentToBank(Refusal):
    """{month}的{item}已经送银行发放，请查看您的银行账户。"""


class Cancelled(Refusal):
    """{month}的{item}已经停发，不能再领。有疑问请到柜台查询。"""


class AmountChanged(Refusal):
    """金额刚刚有变动，您的钱没有动。请退出后重新查看，再领取。"""


class CashShort(Refusal):
    """这台自助机里的现金不够这笔钱，您的钱没有动。请选择转到银行卡，或者换一台自助机。"""


class FundShort(Refusal):
    """发放账户里的钱暂时不够，您的钱没有动。请明天再来，或者到柜台查询。"""


class OtherDispenser(Forbidden):
    """这台自助机的出钞机（{dispenser}）没有登记，没有出钞，您的钱没有动。请选择转到银行卡，或者换一台自助机。"""


class NoBankAccount(Refusal):
    """您还没有登记领取待遇的银行账户，您的钱没有动。请选择现金，或者到柜台登记银行账户。"""
