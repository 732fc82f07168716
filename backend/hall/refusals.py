"""What somebody at a kiosk may be refused by the hall: without their full name, which others could read."""

from __future__ import annotations

from backend.kernel.errors import NotFound, Refusal


class NothingReceived(Refusal):
    """您现在没有按月领取的养老待遇，不用做资格认证，也开不出养老待遇证明。有疑问请到柜台查询。"""

    status = 404


class NothingLevied(Refusal):
    """{year} 年还没有您的缴费记录。刚参保的，请等单位下个月缴费以后再查。"""

    status = 404


class OtherCard(NotFound):
    """没有找到这张卡，没有挂失。请返回重新选择，或者到柜台办理。"""


class CannotBeLost(Refusal):
    """尾号 {tail} 的卡现在是“{status}”，不用再挂失。要换新卡，请带身份证到柜台办理。"""
