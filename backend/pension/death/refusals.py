"""What stands in the way of money after a death, in the words that the family or the officer reads."""

from __future__ import annotations

from backend.kernel.errors import Refusal


class NotDead(Refusal):
    """{name}没有登记死亡，没有办理。请先办“死亡登记”（REG-21），再来核定。"""


class BeforeTheLaw(Refusal):
    """{name}在 {died} 去世，早于 {since}，遗属待遇要按当时本省的规定由人工核定，这里不能办理。"""


class IncomeNotPublished(Refusal):
    """{year} 年去世的人要用的上一年度城镇居民人均可支配收入还没有录入，没有办理。公布以后先请管理员录入政策参数。"""


class NothingPaidIn(Refusal):
    """{name}没有缴费记录，没有参加过企业职工基本养老保险，不能领取这里的丧葬补助金和抚恤金。"""


class MovedAway(Refusal):
    """{name}的养老保险关系已经转到外地，请到转入地办理。"""


class InjuryPays(Refusal):
    """因工死亡的，丧葬补助金由工伤保险基金支付，养老保险的遗属待遇只给因病或者非因工死亡的人，没有办理。请办工亡待遇。"""


class DecidedAlready(Refusal):
    """{name}的丧葬补助金和抚恤金已经核定过（遗属核定编号 {decision}），没有再办；核定错了的，请先办“遗属核定撤销”（PEN-54）。"""


class InheritedAlready(Refusal):
    """{name}的个人账户已经结清（遗属核定编号 {decision}），没有再办；以后又有的钱，请办“个人账户继承补差”（PEN-53）。"""


class NotInherited(Refusal):
    """{name}的个人账户还没有结清，没有可以补差的。请先办“个人账户继承”（PEN-51）。"""


class NothingToAdd(Refusal):
    """{name}的个人账户没有可以补差的：账户没有新的钱，结清时预先用的记账利率也没有新公布的。"""


class MonthsToCome(Refusal):
    """{name} {month} 的养老金还没有发放，账户还要支付这一个月，没有结清。请等这个月发放以后再办。"""


class UnderWay(Refusal):
    """{name}去世以后月份的养老金有 {n} 笔正在银行或者自助机办理，没有结清。请等办完以后再办。"""


class HeirIsDeceased(Refusal):
    """领取人里有去世的{name}本人，没有办理，请核对号码。"""

    status = 422


class HeirDied(Refusal):
    """领取人{name}登记了死亡，不能领取，没有办理。请把份额改给在世的继承人。"""


class HeirTwice(Refusal):
    """领取人{name}写了两次，没有办理，请合成一行。"""

    status = 422


class TwoSpouses(Refusal):
    """领取人里有两位配偶，没有办理，请核对关系。"""

    status = 422


class SharesNotWhole(Refusal):
    """各人的份额加起来是 {sum}，不是正好全部（1），没有办理，请核对份额。"""

    status = 422


class WithdrawnAlready(Refusal):
    """遗属核定 {decision} 已经撤销过，不需要再办。"""
