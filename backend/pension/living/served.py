"""Schemas of imprisonment 服刑 (PEN-27, PEN-28)."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from backend.kernel.fields import Shape
from backend.payout.recovery.schema import Document
from backend.registry.schema import Ident


class Imprison(Shape):
    """领取养老金的人被判处拘役、有期徒刑以上刑罚，从判决生效的次月起停发；服刑的月份以后不补发。"""

    ident: Ident
    effective: date = Field(title="判决生效日期", description="撤销假释、缓刑收监执行的，写收监日期")
    released: date | None = Field(
        default=None, title="刑满释放日期", description="报告得晚、已经释放的才写；写了就只停到释放当月"
    )
    claims: bool = Field(
        default=True, title="追回已经领走的", description="停发的月份里已经领走的，登记为多发待遇"
    )
    document: Document = Field(title="判决书或者执行通知书号", examples=["〔2026〕沪刑终8号"])


class Release(Shape):
    """刑满释放，从释放的次月起按服刑前的标准恢复发放，服刑的月份不补发。"""

    ident: Ident
    released: date = Field(title="刑满释放日期")
    document: Document = Field(title="释放证明书号", examples=["〔2027〕释字3号"])
