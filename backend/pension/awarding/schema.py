"""What the world says to awards that are made final or recalculated, and hears from them (PEN-07 … PEN-09, PEN-Q4 … PEN-Q6)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from backend.kernel import codes
from backend.kernel.fields import FileId, MonthText, Shape
from backend.payout.recovery.schema import Document
from backend.pension.schema import AwardView, StepView
from backend.registry.schema import Ident

RetiredIn = Annotated[int, Field(ge=1998, le=2099, title="退休年度", examples=[2026])]
Why = Annotated[
    str,
    AfterValidator(codes.checked("recalculation_reason")),
    Field(title="重新核定的原因", json_schema_extra={"widget": "code:recalculation_reason"}, examples=["02"]),
]


class ComponentView(Shape):
    """一项待遇，重新核定以前和以后。"""

    name: str = Field(title="项目")
    before_fen: int = Field(title="原核定（分）")
    after_fen: int = Field(title="现核定（分）")
    change_fen: int = Field(title="相差（分）")


class AskProvisional(Shape):
    """试算：某年退休、还是预核定的人，按现在公布的计发基数和记账利率重新核定会怎样。"""

    year: RetiredIn
    page: int = Field(default=1, ge=1, le=100_000, title="第几页", description="每页 100 人")


class ProvisionalLine(Shape):
    name: str = Field(title="姓名")
    ident: str = Field(title="证件号码")
    retired: str = Field(title="退休年月")
    before_fen: int = Field(title="预核定（分）")
    after_fen: int = Field(title="正式核定（分）")
    change_fen: int = Field(title="每月相差（分）")
    months: int = Field(title="已经发放的月数")
    difference_fen: int = Field(title="补发或者多发（分）", description="负数是多发，要追回")
    final: bool = Field(title="不再是预核定")


class Provisional(Shape):
    """预核定人员的试算结果。"""

    year: int = Field(title="退休年度")
    provisional: int = Field(title="预核定的人数")
    changing: int = Field(title="会重新核定的人数")
    becoming_final: int = Field(title="不再是预核定的人数")
    owed_fen: int = Field(title="要补发的合计（分）")
    overpaid_fen: int = Field(title="多发的合计（分）")
    lines: tuple[ProvisionalLine, ...] = Field(title="清单")
    warnings: tuple[str, ...] = Field(title="说明")


class Finalise(Shape):
    """某年退休的预核定人员，按现在公布的计发基数和记账利率正式核定，补发或者追回差额。办过的不会再办。"""

    year: RetiredIn
    document: Document


class Finalised(Shape):
    """已经重新核定。"""

    year: int = Field(title="退休年度")
    changed: int = Field(title="重新核定的人数")
    final: int = Field(title="不再是预核定的人数")
    provisional: int = Field(title="还是预核定的人数")
    owed_fen: int = Field(title="补发的合计（分）")
    overpaid_fen: int = Field(title="登记追回的合计（分）")
    warnings: tuple[str, ...] = Field(title="说明")


class Recalculate(Shape):
    """核定的依据变了，重新计算养老待遇：已经发放的月份，少发的补发，多发的追回。"""

    ident: Ident
    reason: Why
    document: Document
    retired: MonthText | None = Field(
        default=None, title="更正后的退休年月", description="退休年月没有变的不填"
    )


class Recalculated(Shape):
    """重新核定的结果，和原来的比。"""

    name: str = Field(title="姓名")
    reason: str = Field(title="原因")
    document: str = Field(title="依据的文书")
    decided_on: date = Field(title="核定日期")
    components: tuple[ComponentView, ...] = Field(title="前后对比")
    months: int = Field(title="已经发放、有差额的月数")
    owed_fen: int = Field(title="补发（分）", description="写作“养老金补差”，和养老金一样领取")
    overpaid_fen: int = Field(title="多发、登记追回（分）")
    waiting_fen: int = Field(title="等待补发（分）", description="暂停发放的，恢复以后随月度发放补发")
    award: AwardView = Field(title="现在的核定")


class AskHistory(Shape):
    """一个人的养老待遇重新核定过几次，每次为什么、相差多少。"""

    ident: Ident


class ReplacementView(Shape):
    """一次重新核定。"""

    award: int = Field(title="核定编号")
    replaces: int = Field(title="原核定编号")
    decided_on: date = Field(title="核定日期")
    reason: str = Field(title="原因")
    document: str = Field(title="依据的文书")
    components: tuple[ComponentView, ...] = Field(title="前后对比")
    months: int = Field(title="有差额的月数")
    difference_fen: int = Field(title="差额合计（分）", description="负数是多发")


class History(Shape):
    """重新核定的记录，最近的在前。"""

    name: str = Field(title="姓名")
    owed_fen: int = Field(title="已经补发（分）")
    overpaid_fen: int = Field(title="登记追回（分）")
    waiting_fen: int = Field(title="等待补发（分）")
    replacements: tuple[ReplacementView, ...] = Field(title="重新核定")


class AskNotice(Shape):
    """养老待遇核定表上写的内容。"""

    ident: Ident


class PrintAward(Shape):
    """打印养老待遇核定表，带验证码，任何人都可以在网上查验真伪。"""

    ident: Ident


class NoticeView(Shape):
    """一份养老待遇核定表，照开具时的样子。"""

    award: int = Field(title="核定编号")
    name: str = Field(title="姓名")
    ident: str = Field(title="证件号码")
    sex: str = Field(title="性别")
    birth: date = Field(title="出生日期")
    employer: str = Field(title="退休时的单位")
    retired: str = Field(title="退休年月")
    age: str = Field(title="退休时的年龄")
    first_month: str = Field(title="首次发放月")
    decided_on: date = Field(title="核定日期")
    months_paid: int = Field(title="实际缴费月数")
    deemed_months: int = Field(title="视同缴费月数")
    index: str = Field(title="平均缴费指数")
    base: str = Field(title="计发基数（元/月）")
    base_year: str = Field(title="计发基数的年度")
    account: str = Field(title="个人账户储存额（元）")
    running: str = Field(title="其中计到退休当月的利息（元）")
    divisor: str = Field(title="计发月数")
    components: tuple[StepView, ...] = Field(title="待遇构成")
    total_fen: int = Field(title="合计（分）")
    provisional: bool = Field(title="预核定")
    replaces: str = Field(title="重新核定的原因")
    warnings: tuple[str, ...] = Field(title="说明")
    code: str = Field(default="", title="验证码")


class AwardPrinted(Shape):
    """核定表已经开好。"""

    award: int = Field(title="核定编号")
    name: str = Field(title="姓名")
    code: str = Field(title="验证码")
    file: FileId = Field(title="养老待遇核定表")
