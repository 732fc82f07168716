"""What the world says to careers 缴费年限 and hears from it: what is recognised, withdrawn, cleared."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field
from pydantic.config import JsonDict

from backend.kernel.fields import MonthText, Shape
from backend.registry.schema import Ident

GROUNDS: JsonDict = {
    "state_worker": "国有、集体企业固定工在当地开始缴费以前的连续工龄",
    "institution": "机关事业单位工作年限",
    "soldier": "军龄",
    "youth": "上山下乡知青年限",
    "other": "国家规定的其他年限",
}
CARRIED = "carried"  # recognised before periods were kept (migration 0019); nobody may choose it
GROUND_NAMES: JsonDict = {**GROUNDS, CARRIED: "本系统启用以前认定"}
KINDS: JsonDict = {
    "underground": "井下",
    "heat": "高温",
    "height": "高空",
    "heavy": "特别繁重体力劳动",
    "toxic": "有毒有害",
    "plateau": "高海拔地区",
}
POSTS: JsonDict = {"worker": "生产操作（工人）岗位，原五十周岁", "manager": "管理技术岗位，原五十五周岁"}
Said = Annotated[str, Field(pattern=r"^[^<>|=+@]{2,100}$")]
Evidence = Annotated[Said, Field(title="证明材料", examples=["招工审批表、工资调整审批表"])]
Archive = Annotated[
    str,
    Field(
        pattern=r"^[^<>|=+@]{2,60}$",
        title="档案编号",
        description="材料所在的职工档案",
        examples=["沪档-0231-17"],
    ),
]
Paper = Annotated[
    str,
    Field(
        pattern=r"^[^<>|=+@]{2,60}$",
        title="文书号",
        description="依据的文书、告知书或者协议的编号",
        examples=["沪人社函〔2026〕12号"],
    ),
]
Because = Annotated[
    str, Field(min_length=2, max_length=200, title="原因", json_schema_extra={"widget": "textarea"})
]


class RecogniseDeemed(Shape):
    """认定一段视同缴费年限：从哪个月到哪个月，依据哪些档案材料。"""

    ident: Ident
    first: MonthText = Field(title="起始月")
    last: MonthText = Field(title="终止月")
    ground: Literal["state_worker", "institution", "soldier", "youth", "other"] = Field(
        title="年限种类", json_schema_extra={"labels": GROUNDS}
    )
    evidence: Evidence
    archive: Archive


class RecogniseSpecial(Shape):
    """认定一段特殊工种：在哪个单位、什么岗位、哪一类，从哪个月到哪个月。"""

    ident: Ident
    first: MonthText = Field(title="起始月")
    last: MonthText = Field(title="终止月")
    kind: Literal["underground", "heat", "height", "heavy", "toxic", "plateau"] = Field(
        title="工种类别", json_schema_extra={"labels": KINDS}
    )
    post: Annotated[Said, Field(max_length=50)] = Field(title="岗位", examples=["炉前工"])
    employer: Said = Field(title="当时的单位")
    evidence: Evidence
    archive: Archive


class RecogniseOther(Shape):
    """国家对退休时间另有规定的人：依据哪条规定，可以在哪几个月退休。"""

    ident: Ident
    earliest: MonthText = Field(title="最早可以退休的月份")
    latest: MonthText = Field(title="最晚可以退休的月份")
    rule: str = Field(
        min_length=4,
        max_length=200,
        pattern=r"^[^<>|=+@]+$",
        title="依据的规定",
        examples=["国务院关于高级专家离休退休若干问题的暂行规定 第二条"],
    )
    evidence: Evidence


class WithdrawRecognised(Shape):
    """撤销一段认定错了的视同缴费、特殊工种或者另有规定的退休时间；要更正的，撤销以后重新认定。"""

    what: Literal["deemed", "special", "other"] = Field(
        title="撤销哪一种",
        json_schema_extra={
            "labels": {"deemed": "视同缴费年限", "special": "特殊工种", "other": "另有规定的退休时间"}
        },
    )
    no: int = Field(ge=1, le=2**62, title="认定编号", description="在“缴费年限查询”（PEN-Q10）里")
    because: Because


class Recognised(Shape):
    """认定或者撤销以后的年限。"""

    no: int = Field(title="认定编号")
    name: str = Field(title="姓名")
    first: str = Field(title="起始月")
    last: str = Field(title="终止月")
    months: int = Field(title="月数")
    deemed_months: int = Field(title="视同缴费月数合计")
    special_months: int = Field(title="特殊工种月数合计")
    warnings: tuple[str, ...] = Field(title="说明")


class DecideTrack(Shape):
    """认定女职工的退休岗位：单位怎么说、依据什么材料；以后可以再认定，历史都留着。"""

    ident: Ident
    track: Literal["worker", "manager"] = Field(title="岗位类别", json_schema_extra={"labels": POSTS})
    post: Annotated[Said, Field(max_length=50)] = Field(title="岗位名称", examples=["装配工"])
    evidence: Evidence
    document: Paper = Field(title="单位证明的文书号")


class TrackDecided(Shape):
    """认定以后的原退休年龄和法定退休时间。"""

    name: str = Field(title="姓名")
    before: int = Field(title="以前的原退休年龄")
    after: int = Field(title="现在的原退休年龄")
    legal: date = Field(title="法定退休时间")


class ClearDouble(Shape):
    """处理重复缴费的月份：留下一处，另一处清退。"""

    ident: Ident
    keeps: Literal["elsewhere", "employer"] = Field(
        title="留下哪一处",
        json_schema_extra={
            "labels": {
                "elsewhere": "留下外地（或者另一处）的，本地的清退，个人缴纳的部分退还本人",
                "employer": "留下单位的，灵活就业自己缴的清退，转为待转金退还",
            }
        },
    )
    since: MonthText = Field(title="从哪个月起")
    until: MonthText | None = Field(
        default=None, title="到哪个月止", description="留下单位的不填，以后的月份都清退"
    )
    place: Said = Field(title="另一处", description="另一处的经办机构，或者用人单位的名称")
    document: Paper


class DoubleCleared(Shape):
    """清退的结果。"""

    name: str = Field(title="姓名")
    months: int = Field(title="清退的月数")
    refund_fen: int = Field(title="退还本人的个人缴费（分）")
    waiting_fen: int = Field(title="转为待转金的（分）", description="请再办“待转金退回”（LEV-08）退给本人")
    months_paid: int = Field(title="清退以后的累计缴费月数")


class AskCareer(Shape):
    """一个人的缴费年限：缴了哪些月、缺哪些月、视同缴费、特殊工种和重复的月份。"""

    ident: Ident


class SpanView(Shape):
    """Months in a row."""

    first: str = Field(title="起")
    last: str = Field(title="止")
    months: int = Field(title="月数")


class PaidSpan(SpanView):
    """一处缴费的连续月份。"""

    employer: str = Field(title="缴费单位")


class DeemedView(SpanView):
    """一段视同缴费年限。"""

    no: int = Field(title="认定编号")
    ground: str = Field(title="年限种类", json_schema_extra={"labels": GROUND_NAMES})
    evidence: str = Field(title="证明材料")
    archive: str = Field(title="档案编号")
    decided_on: date = Field(title="认定日期")
    withdrawn: str = Field(title="撤销原因", description="空白就是有效")


class SpecialView(SpanView):
    """一段特殊工种。"""

    no: int = Field(title="认定编号")
    kind: str = Field(title="工种类别", json_schema_extra={"labels": KINDS})
    post: str = Field(title="岗位")
    employer: str = Field(title="当时的单位")
    evidence: str = Field(title="证明材料")
    archive: str = Field(title="档案编号")
    decided_on: date = Field(title="认定日期")
    withdrawn: str = Field(title="撤销原因", description="空白就是有效")


class DoubleView(SpanView):
    """重复的月份，要处理。"""

    why: Literal["deemed", "job", "retired"] = Field(
        title="怎么重复的",
        json_schema_extra={
            "labels": {
                "deemed": "既认定了视同缴费，又实际缴了费：请更正视同缴费年限（PEN-11）",
                "job": "登记在单位就业，又自己缴费：请核对由谁缴（PEN-19）",
                "retired": "退休以后还缴了费：不计入年限",
            }
        },
    )


class ClearedView(SpanView):
    """清退了的月份，不再计入年限。"""

    place: str = Field(title="留下的一处")
    document: str = Field(title="文书号")
    refund_fen: int = Field(title="退还本人（分）")
    cleared_on: date = Field(title="清退日期")


class CareerView(Shape):
    """缴费年限。"""

    name: str = Field(title="姓名")
    months: int = Field(title="累计月数", description="实际缴费和视同缴费合计")
    paid_months: int = Field(title="实际缴费月数")
    deemed_months: int = Field(title="视同缴费月数")
    unlisted_months: int = Field(title="没有逐月记录的月数", description="以前的经办机构只转来合计")
    missing_months: int = Field(title="中断的月数")
    index: str = Field(title="平均缴费指数")
    how: str = Field(title="指数的算法")
    paid: tuple[PaidSpan, ...] = Field(title="实际缴费")
    missing: tuple[SpanView, ...] = Field(title="中断的月份")
    deemed: tuple[DeemedView, ...] = Field(title="视同缴费年限")
    special: tuple[SpecialView, ...] = Field(title="特殊工种")
    doubles: tuple[DoubleView, ...] = Field(title="重复的月份")
    cleared: tuple[ClearedView, ...] = Field(title="清退的月份")
    warnings: tuple[str, ...] = Field(title="说明")
