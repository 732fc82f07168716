"""What a kiosk asks the service hall 服务大厅 for, and hears: flat shapes that another machine can read."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from backend.kernel.fields import Shape
from backend.payout.schema import HEX16

VisitNo = Annotated[str, Field(pattern=HEX16, title="来访号")]
Vacancy = Annotated[  # as employment has it; its own schema is more than a kiosk need load
    str, Field(pattern=r"^V[0-9A-HJKMNP-TV-Z]{10}$", title="职位编号", examples=["V3K7M9Q2XTA"])
]
CardMark = Annotated[
    str,
    Field(pattern=HEX16, title="哪一张卡", description="“我的卡”里给出的记号，不是卡号，只在这次来访里有效"),
]
PAPERS = {"career": "参保缴费证明（全部年份）", "benefit": "养老待遇证明"}
PaperKind = Literal["career", "benefit"]
NEWS = {"application": "求职申请", "notice": "催缴通知", "money": "待遇发放"}
NewsKind = Literal["application", "notice", "money"]


# ---- papers and records (KSK-01, KSK-Q1) ----


class MakePaper(Shape):
    """在自助机上开一张证明，带验证码。"""

    visit: VisitNo
    kind: PaperKind = Field(title="哪一种证明", json_schema_extra={"labels": {**PAPERS}})


class PaperLine(Shape):
    """One insurance, or one benefit."""

    name: str = Field(title="项目")
    first: str = Field(title="起")
    last: str | None = Field(default=None, title="止")
    months: int | None = Field(default=None, title="月数")
    amount_fen: int | None = Field(default=None, title="每月金额（分）")
    state: str | None = Field(default=None, title="状态")


class Paper(Shape):
    """一张证明：姓名和号码遮掩，全文凭验证码在网上看。"""

    kind: PaperKind = Field(title="证明", json_schema_extra={"labels": {**PAPERS}})
    code: str = Field(title="验证码")
    masked_name: str = Field(title="姓名（遮掩）")
    masked_ident: str = Field(title="公民身份号码（遮掩）")
    issued_on: date = Field(title="开具日期")
    lines: tuple[PaperLine, ...] = Field(title="内容")


class AskRecords(Shape):
    """本人今年每个月的缴费。"""

    visit: VisitNo


class MonthPaid(Shape):
    """One month, all insurances together."""

    month: str = Field(title="费款所属期")
    insurances: int = Field(title="险种（个）")
    person_fen: int = Field(title="个人部分（分）")
    paid: bool = Field(title="已缴清")


class Records(Shape):
    """今年的缴费记录，最近的月在前。"""

    year: int = Field(title="年")
    on: date = Field(title="查询日期")
    masked_name: str = Field(title="姓名（遮掩）")
    masked_ident: str = Field(title="公民身份号码（遮掩）")
    months: tuple[MonthPaid, ...] = Field(title="每个月")


# ---- proof of life (KSK-Q2; the proof itself is CRD-14) ----


class AskLife(Shape):
    """本人的资格认证有效到哪天。"""

    visit: VisitNo


class Life(Shape):
    """资格认证现在怎样。"""

    state: str = Field(title="状态")
    valid_until: date = Field(title="有效到")
    last_day: date | None = Field(title="上一次认证")
    grace_until: date | None = Field(title="最晚认证日期")
    suspended_from: str | None = Field(title="停发起始月")


# ---- one's cards (KSK-Q3, KSK-02) ----


class AskCards(Shape):
    """本人名下的社会保障卡。"""

    visit: VisitNo


class CardRow(Shape):
    """A card by its last digits: the whole number stands on no screen."""

    card: CardMark
    tail: str = Field(title="卡号尾号")
    status: str = Field(title="状态代码")
    status_name: str = Field(title="状态")
    issued: date = Field(title="发卡日期")
    here: bool = Field(title="正插在机器里")
    can_be_lost: bool = Field(title="可以挂失")


class Cards(Shape):
    cards: tuple[CardRow, ...] = Field(title="社会保障卡")


class LoseCard(Shape):
    """在自助机上挂失自己的一张社会保障卡：卡片立刻停用，账户和待遇不受影响。"""

    visit: VisitNo
    card: CardMark


class CardLost(Shape):
    """卡已经挂失。"""

    tail: str = Field(title="卡号尾号")
    here: bool = Field(title="正插在机器里")


# ---- work (KSK-Q4, KSK-03) ----


class AskJob(Shape):
    """一个职位；插了卡的，还看本人是不是申请过。"""

    vacancy: Vacancy
    visit: VisitNo | None = Field(default=None, title="来访号")


class Job(Shape):
    """一个职位在自助机上看得到的内容。"""

    vacancy: Vacancy
    title: str = Field(title="职位名称")
    employer: str = Field(title="单位")
    area: str = Field(title="地区")
    address: str = Field(title="工作地点")
    work: str = Field(title="工作内容")
    conditions: str = Field(title="招聘条件")
    education: str = Field(title="最低学历")
    experience_years: int = Field(title="工作经验（年）")
    salary_min_fen: int = Field(title="折合月工资下限（分）")
    salary_max_fen: int = Field(title="折合月工资上限（分）")
    openings: int = Field(title="还招几个人")
    applicants: int = Field(title="申请数")
    contact: str = Field(title="联系人")
    phone: str = Field(title="联系电话")
    open: bool = Field(title="正在招聘")
    status: str = Field(title="状态")
    applied: str | None = Field(default=None, title="本人的申请走到哪一步")
    own_phone: str | None = Field(default=None, title="本人登记的电话（遮掩）")


class ApplyHere(Shape):
    """插着卡申请一个职位，用登记的姓名和电话。"""

    visit: VisitNo
    vacancy: Vacancy


class Applied(Shape):
    """申请已经送到单位。"""

    title: str = Field(title="职位名称")
    employer: str = Field(title="单位")
    state: str = Field(title="走到哪一步")


# ---- messages (KSK-Q5, KSK-04) ----


class AskNews(Shape):
    """本人的消息：求职申请的答复、催缴通知、到账的待遇。"""

    visit: VisitNo


class NewsRow(Shape):
    """One message. Of money and notices the reader's own words are made from what stands here."""

    kind: NewsKind = Field(title="哪一种", json_schema_extra={"labels": {**NEWS}})
    on: date = Field(title="日期")
    id: int = Field(default=0, title="编号", description="求职申请的答复才有")
    title: str = Field(default="", title="标题")
    body: str = Field(default="", title="内容")
    item: str = Field(default="", title="待遇项目")
    month: str | None = Field(default=None, title="月份")
    amount_fen: int | None = Field(default=None, title="金额（分）")
    state: str = Field(default="", title="状态")
    pay_by: date | None = Field(default=None, title="限期")
    read: bool = Field(default=True, title="已读")


class News(Shape):
    unread: int = Field(title="未读")
    rows: tuple[NewsRow, ...] = Field(title="消息", description="最近的在前")


class ReadNews(Shape):
    """把到某一条为止的求职消息记为已读。"""

    visit: VisitNo
    until: int = Field(ge=1, le=2**62, title="最后一条消息的编号")


class NewsRead(Shape):
    unread: int = Field(title="未读")


# ---- the guide (KSK-Q6) ----


class AskGuide(Shape):
    """个人可以办的事：是什么、谁能办、带什么、多久、依据。"""


class GuideItem(Shape):
    code: str = Field(title="事项编号")
    title: str = Field(title="事项")
    what: str = Field(title="是什么")
    who: str = Field(title="谁可以办")
    bring: tuple[str, ...] = Field(title="要带什么")
    days: str = Field(title="多久办好")
    law: str = Field(title="依据")
    here: bool = Field(title="这台机器能办")


class GuideGroup(Shape):
    name: str = Field(title="业务")
    items: tuple[GuideItem, ...] = Field(title="事项")


class Guidebook(Shape):
    groups: tuple[GuideGroup, ...] = Field(title="办事指南")
