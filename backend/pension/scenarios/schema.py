"""What is asked and answered about a pension that has not begun: when, how much, what if."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from backend.kernel.fields import MonthText, Shape
from backend.pension.schema import StepView
from backend.registry.schema import Ident


class Way(Shape):
    """一个可以退休的时间，和到那时够不够最低缴费年限。"""

    name: str = Field(title="退休时间")
    day: date = Field(title="日期")
    age: str = Field(title="年龄", examples=["61岁3个月"])
    minimum_months: int = Field(
        title="最低缴费月数", description="按退休那一年的规定；到法定退休时间已经缴够的，晚退休不增加"
    )
    months: int = Field(title="到那时缴费月数", description="从现在起每个月都缴，含视同缴费")
    missing: int = Field(title="一直缴还差几个月")
    missing_stopped: int = Field(title="现在停缴还差几个月")


class Plan(Shape):
    """什么时候能退休：最早、法定、最晚，还缺什么，哪天以前要办手续。"""

    legal: date = Field(title="法定退休时间")
    age: str = Field(title="法定退休年龄", examples=["61岁3个月"])
    earliest: date = Field(title="弹性提前最早")
    latest: date = Field(title="弹性延迟最晚")
    months: int = Field(title="已有缴费月数", description="含视同缴费")
    ways: tuple[Way, ...] = Field(title="可以退休的时间")
    first: str | None = Field(
        title="最早符合条件的月份", description="从现在起每个月都缴", json_schema_extra={"widget": "month"}
    )
    notice_by: date | None = Field(
        title="提前退休的书面告知期限",
        description="想最早退休，这天以前告知单位；空白就是已经来不及，或者到时缴不够",
    )
    soonest: date | None = Field(title="现在告知最早哪天退休", description="空白就是不能提前退休")
    agree_by: date | None = Field(
        title="延迟退休的书面约定期限",
        description="想晚退休，这天以前和单位约定；空白就是不能延迟，或者已经来不及",
    )
    notice_months: int = Field(title="告知要提前的月数")
    agree_months: int = Field(title="约定要提前的月数")
    today: date = Field(title="今天")
    steps: tuple[StepView, ...] = Field(title="怎么算的")
    warnings: tuple[str, ...] = Field(title="说明")


class AskWhatIf(Shape):
    """换一种打算，每月能领多少。三项都可以不填，不填的照现在的样子。"""

    ident: Ident
    retired: MonthText | None = Field(
        default=None, title="哪个月退休", description="不填就是法定退休的那个月"
    )
    months: int | None = Field(
        default=None, ge=0, le=720, title="从现在起再缴几个月", description="不填就一直缴到退休"
    )
    share: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        title="缴费基数是平均工资的百分之几",
        description="一般从 60 到 300；不填就和现在一样",
        examples=["100"],
    )


class Outcome(Shape):
    """一种打算，和它每月能领多少。"""

    name: str = Field(title="打算")
    usual: bool = Field(title="照现在的样子")
    retired: str = Field(title="退休年月")
    age_name: str = Field(title="退休年龄")
    age: int = Field(title="退休年龄（月）")
    paying: int = Field(title="再缴几个月")
    base_fen: int = Field(title="以后的缴费基数（分）")
    share: int = Field(title="缴费基数是平均工资的百分之几")
    own_fen: int = Field(title="以后自己每月缴（分）")
    months: int = Field(title="到时缴费月数", description="含视同缴费")
    index: str = Field(title="到时平均缴费指数")
    balance_fen: int = Field(title="到时个人账户（分）")
    basic_fen: int = Field(title="基础养老金（分）")
    account_fen: int = Field(title="个人账户养老金（分）")
    transitional_fen: int = Field(title="过渡性养老金（分）")
    additions_fen: int = Field(title="增发和补贴（分）")
    total_fen: int = Field(title="每月养老金（分）")
    obstacle: str = Field(title="不能按月领的原因")
    steps: tuple[StepView, ...] = Field(title="怎么算的")


class Estimates(Shape):
    """几种打算各能领多少。是估算，以退休时的核定为准。"""

    outcomes: tuple[Outcome, ...] = Field(title="几种打算")
    remarks: tuple[str, ...] = Field(title="比一比")
    caution: str = Field(title="请注意")
    assumptions: tuple[str, ...] = Field(title="估算的前提")
    warnings: tuple[str, ...] = Field(title="说明")
