"""Schemas of notices to pay 催缴通知 (LEV-20, LEV-23, LEV-Q20 … LEV-Q22)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from backend.kernel.fields import FileId, Shape
from backend.registry.schema import Ident, Uscc

STATES = {
    "open": "还没有缴清",
    "overdue": "过了期限还没有缴清",
    "paid": "没有欠缴了",
    "deferred": "已签缓缴协议",
    "replaced": "已由新的通知代替",
}
Number = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-[0-9]{1,9}$",
        title="通知编号",
        description="年份和号，中间一个短横线",
        examples=["2026-12"],
    ),
]


class IssueNotices(Shape):
    """给所有过了缴款期限还没有缴清、又没有签缓缴协议的缴款人发催缴通知；再做一次，只补还没有通知的。"""


class NoticesIssued(Shape):
    """What one run has made."""

    issued: int = Field(title="新发通知（份）")
    employers: int = Field(title="其中单位（户）")
    persons: int = Field(title="其中个人（人）")
    owed_fen: int = Field(title="催缴的欠费（分）")
    late_fee_fen: int = Field(title="到今天的滞纳金（分）")
    pay_by: date = Field(title="限期")
    closed: int = Field(title="已经办结的旧通知（份）")
    replaced: int = Field(title="由新通知代替（份）")
    still_open: int = Field(title="还没有办结（份）")
    warnings: tuple[str, ...] = Field(default=(), title="提醒")


class NoticeLine(Shape):
    """What a notice says of one bill."""

    month: str = Field(title="核定月份")
    insurance_name: str = Field(title="险种")
    kind_name: str = Field(title="项目")
    due_day: date = Field(title="缴款期限")
    owed_fen: int = Field(title="欠缴（分）")
    late_fee_fen: int = Field(title="到通知那天的滞纳金（分）")


class NoticeRow(Shape):
    """A notice as it was issued, and what has come since."""

    notice: str = Field(title="通知编号")
    number: str = Field(title="统一社会信用代码或者证件号码")
    name: str = Field(title="名称")
    issued_on: date = Field(title="通知日期")
    pay_by: date = Field(title="限期")
    owed_fen: int = Field(title="通知的欠缴（分）")
    late_fee_fen: int = Field(title="到通知那天的滞纳金（分）")
    paid_fen: int = Field(title="通知以后已缴（分）")
    left_fen: int = Field(title="现在还欠（分）")
    state: str = Field(title="状态", json_schema_extra={"labels": dict(STATES)})


class NoticeView(NoticeRow):
    """With its lines."""

    employer: bool = Field(title="单位")
    lines: tuple[NoticeLine, ...] = Field(title="明细")


class AskNotices(Shape):
    """催缴通知：通知了谁、限到哪天、以后缴了多少。"""

    state: Literal["open", "overdue", "closed"] = Field(
        default="open",
        title="哪些",
        json_schema_extra={"labels": {"open": "没有办结的", "overdue": "过了期限的", "closed": "办结的"}},
    )


class Notices(Shape):
    """Notices: open ones by their day, closed ones the newest first."""

    n: int = Field(title="通知（份）")
    owed_fen: int = Field(title="通知的欠缴合计（分）")
    notices: tuple[NoticeRow, ...] = Field(title="催缴通知")


class AskEmployerNotices(Shape):
    """一个单位收到的催缴通知。"""

    uscc: Uscc
    notice: Number | None = Field(default=None, title="通知编号")


class AskPersonNotices(Shape):
    """一个灵活就业人员收到的催缴通知。"""

    ident: Ident
    notice: Number | None = Field(default=None, title="通知编号")


class OwnNotices(Shape):
    """A payer's notices, the newest first."""

    notices: tuple[NoticeView, ...] = Field(title="催缴通知")


class PrintNotice(Shape):
    """一份催缴通知的文书，PDF。"""

    notice: Number


class NoticePrinted(Shape):
    """The paper of a notice."""

    notice: str = Field(title="通知编号")
    name: str = Field(title="名称")
    file: FileId = Field(title="通知书")
