"""What the world says to the registry and hears from it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from backend.kernel import codes, ident
from backend.kernel.fields import FileId, Shape
from backend.kernel.fields import MonthText as MonthText

Ident = Annotated[
    str,
    AfterValidator(ident.citizen_number),
    Field(
        max_length=20,
        title="公民身份号码",
        examples=["11010519491231002X"],
        json_schema_extra={"widget": "ident"},
    ),
]
Uscc = Annotated[
    str,
    AfterValidator(ident.credit_code),
    Field(max_length=20, title="统一社会信用代码", examples=["91350100M000100Y43"]),
]
Area = Annotated[
    str,
    AfterValidator(codes.checked("area")),
    Field(
        pattern=r"^[0-9]{6}$",
        title="行政区划",
        examples=["310115"],
        json_schema_extra={"widget": "code:area"},
    ),
]
CARD_STATUS = {
    "inactive": "未启用",
    "active": "正常",
    "suspended": "临时挂失",
    "lost": "已挂失",
    "replaced": "已换卡",
    "cancelled": "已注销",
    "frozen": "停用待核查",
}
CARD_PROFILES = {"field": "通用", "collect": "领取型"}
CATEGORIES = {"employee": "单位职工", "flexible": "灵活就业人员"}
Name = Annotated[str, Field(min_length=2, max_length=50, pattern=r"^[^<>|]+$", title="姓名")]
Phone = Annotated[
    str, Field(pattern=r"^1[0-9]{10}$|^0[0-9]{2,3}-?[0-9]{7,8}$", title="电话", examples=["13800000000"])
]


class RegisterPerson(Shape):
    """登记一个人。号码里的出生日期和性别由系统读出。"""

    ident: Ident
    name: Name
    sex: Literal["1", "2"] | None = Field(
        default=None,
        title="性别",
        description="旧版外国人永久居留身份证的号码不含性别，要填；其他号码由系统读出，不用填",
        json_schema_extra={"labels": {"1": "男", "2": "女"}},
    )
    nation: Annotated[str, AfterValidator(codes.checked("nation"))] = Field(
        default="01", title="民族", json_schema_extra={"widget": "code:nation"}
    )
    education: Annotated[str, AfterValidator(codes.checked("education"))] = Field(
        default="90", title="文化程度", json_schema_extra={"widget": "code:education"}
    )
    area: Area
    phone: Phone
    address: str = Field(min_length=2, max_length=120, title="住址")


class RegisterEmployer(Shape):
    """登记一个用人单位。"""

    uscc: Uscc
    name: str = Field(min_length=2, max_length=100, pattern=r"^[^<>|]+$", title="单位名称")
    area: Area
    industry: Annotated[str, AfterValidator(codes.checked("industry"))] = Field(
        title="行业", json_schema_extra={"widget": "code:industry"}
    )
    injury_class: int = Field(ge=1, le=8, title="工伤保险行业类别", description="一类至八类")
    address: str = Field(min_length=2, max_length=120, title="地址")
    contact: str = Field(min_length=2, max_length=50, title="联系人")
    phone: Phone
    licence: str | None = Field(
        default=None, max_length=40, title="人力资源服务许可证号", description="职业中介机构填写"
    )


class Hire(Shape):
    """单位新增一名职工：登记就业，单位参加的各项保险一起参保。"""

    uscc: Uscc
    ident: Ident
    name: Name = Field(title="姓名", description="和身份证上的一样，用来核对号码")
    started: date = Field(title="入职日期", json_schema_extra={"widget": "day"})
    occupation: Annotated[str, AfterValidator(codes.checked("occupation"))] | None = Field(
        default=None, title="职业", json_schema_extra={"widget": "code:occupation"}
    )

    reason: Annotated[str, AfterValidator(codes.checked("hire_reason"))] | None = Field(
        default=None,
        title="增员原因",
        description="不选就由系统按参保记录判断；从外地转来的选“统筹范围外转入”",
        json_schema_extra={"widget": "code:hire_reason"},
    )


class Leave(Shape):
    """单位减少一名职工：就业结束，参保到当月止。"""

    uscc: Uscc
    ident: Ident
    ended: date = Field(title="离职日期", json_schema_extra={"widget": "day"})
    reason: Annotated[str, AfterValidator(codes.checked("leave_reason"))] = Field(
        title="减员原因", json_schema_extra={"widget": "code:leave_reason"}
    )


class IssueCard(Shape):
    """登记一张发出的社会保障卡。"""

    ident: Ident
    card_no: str = Field(pattern=r"^[0-9A-Z]{8}[0-9X]$", title="社会保障卡卡号")
    card_code: str = Field(pattern=r"^[0-9A-F]{32}$", title="卡识别码")
    version: Literal["1.00", "2.00", "3.00"] = Field(title="规范版本")
    issued: date = Field(title="发卡日期", json_schema_extra={"widget": "day"})
    expires: date = Field(title="有效期至", json_schema_extra={"widget": "day"})
    profile: Literal["field", "collect"] = Field(
        default="field",
        title="卡的种类",
        description="领取型的卡自己记下每一次领取，并留下证明",
        json_schema_extra={"labels": {**CARD_PROFILES}},
    )


class ReportLoss(Shape):
    """挂失社会保障卡：卡片立刻停用，账户和待遇不受影响。"""

    ident: Ident


class RegisterDeath(Shape):
    """登记一个人去世。"""

    ident: Ident
    died: date = Field(title="死亡日期", json_schema_extra={"widget": "day"})
    document: str = Field(
        pattern=r"^[^<>|=+@]{2,60}$",
        title="证明文件编号",
        description="死亡医学证明、火化证明或者判决书的编号",
    )
    evidence: FileId | None = Field(default=None, title="证明文件", json_schema_extra={"widget": "file"})
    reported_by: str = Field(min_length=2, max_length=50, title="报告人", description="姓名和与本人的关系")


class WithdrawDeath(Shape):
    """死亡登记错了：撤销登记，停发的待遇照常发放，没有发的月份补发，追回的不再追回。"""

    ident: Ident
    document: str = Field(
        pattern=r"^[^<>|=+@]{2,60}$",
        title="证明文件编号",
        description="本人在世的证明、撤销死亡宣告的判决书或者更正证明的编号",
    )
    reason: str = Field(
        min_length=4,
        max_length=200,
        title="原因",
        description="原来怎样登记错的",
        json_schema_extra={"widget": "textarea"},
    )
    evidence: FileId | None = Field(
        default=None, title="证明文件", description="扫描件", json_schema_extra={"widget": "file"}
    )


class ChangeAccount(Shape):
    """登记待遇发到哪个银行账户。"""

    ident: Ident
    bank: str = Field(pattern=r"^[^<>|,=+@\-][^<>|,]{1,39}$", title="开户银行")
    number: str = Field(pattern=r"^[0-9]{8,30}$", title="账号", examples=["6217000000000000004"])
    holder: Name = Field(title="户名", description="和登记的姓名一样")
    standing: bool = Field(default=True, title="每月由银行发放", description="不选就由本人持卡到自助机领取")


class AskPerson(Shape):
    """按公民身份号码查一个人的登记信息。"""

    ident: Ident


class AskEmployer(Shape):
    """按统一社会信用代码查一个单位的登记信息。"""

    uscc: Uscc


class AskStaff(Shape):
    """一个单位现在在职的职工，新来的在前。"""

    uscc: Uscc
    ident: Ident | None = Field(default=None, title="只看一名职工")
    page: int = Field(default=1, ge=1, le=1000, title="第几页")
    size: int = Field(default=20, ge=1, le=1000, title="每页几名")


class Colleague(Shape):
    """Somebody who works there."""

    ident: str = Field(title="证件号码")
    handle: str = Field(title="查询代号")
    name: str = Field(title="姓名")
    started: date = Field(title="入职日期")
    occupation: str | None = Field(title="职业")
    hire_reason: str | None = Field(title="增员原因")


class Staff(Shape):
    """Who works there now."""

    total: int = Field(title="在职职工（人）")
    staff: tuple[Colleague, ...] = Field(title="职工")


class EnrolmentView(Shape):
    insurance: str
    insurance_name: str = Field(title="险种")
    category: str = Field(title="身份")
    started: str = Field(title="起")
    ended: str | None = Field(title="止")


class JobView(Shape):
    employer: str = Field(title="单位")
    started: date = Field(title="起")
    ended: date | None = Field(title="止")
    occupation: str | None = Field(title="职业")


class CardView(Shape):
    card_no: str = Field(title="卡号")
    status: str
    status_name: str = Field(title="状态")
    issued: date = Field(title="发卡日期")
    expires: date = Field(title="有效期至")


class PersonView(Shape):
    """一个人的登记信息。"""

    ident: str = Field(title="公民身份号码")
    name: str = Field(title="姓名")
    sex: str = Field(title="性别")
    birth: date = Field(title="出生日期")
    nation: str = Field(title="民族")
    education: str = Field(title="文化程度")
    area: str
    area_name: str = Field(title="地区")
    phone: str = Field(title="电话")
    address: str = Field(title="住址")
    died: date | None = Field(title="去世日期")
    enrolments: tuple[EnrolmentView, ...] = Field(title="参保")
    jobs: tuple[JobView, ...] = Field(title="就业")
    cards: tuple[CardView, ...] = Field(title="社保卡")
    bank: str | None = Field(title="待遇领取账户")


class EmployerView(Shape):
    uscc: str = Field(title="统一社会信用代码")
    name: str = Field(title="单位名称")
    area: str
    area_name: str = Field(title="地区")
    industry: str = Field(title="行业")
    injury_class: int = Field(title="工伤保险行业类别")
    address: str = Field(title="地址")
    contact: str = Field(title="联系人")
    phone: str = Field(title="电话")
    licence: str | None = Field(title="人力资源服务许可证号")
    verified_on: date | None = Field(title="实名核验")
    employees: int = Field(title="在职职工")
    insured_on: date | None = Field(title="社会保险登记日期")
    cancelled_on: date | None = Field(title="社会保险登记注销日期")


class Registered(Shape):
    """登记办好了。"""

    name: str = Field(title="姓名或名称")
    area_name: str = Field(title="地区")


class Hired(Shape):
    person: str = Field(title="姓名")
    employer: str = Field(title="单位")
    enrolled_from: str = Field(title="参保起始月")
    insurances: tuple[str, ...] = Field(title="险种")
    reason: str = Field(title="增员原因")
    late_days: int = Field(title="超过申报期限（天）")
    limit_days: int = Field(title="申报期限（天）")


class Left(Shape):
    person: str = Field(title="姓名")
    employer: str = Field(title="单位")
    enrolled_until: str = Field(title="参保截止月")
    reason: str = Field(title="减员原因")
    late_days: int = Field(title="超过申报期限（天）")
    limit_days: int = Field(title="申报期限（天）")


class DeathRegistered(Shape):
    """已经登记，待遇从次月起停发。"""

    name: str = Field(title="姓名")
    died: date = Field(title="死亡日期")


class DeathWithdrawn(Shape):
    """已经撤销，停发的待遇随下一次发放补发。"""

    name: str = Field(title="姓名")
    died: date = Field(title="原来登记的死亡日期")


class AccountChanged(Shape):
    """领取账户已经登记。"""

    name: str = Field(title="姓名")
    bank: str = Field(title="开户银行")
    number: str = Field(title="账号（遮掩）")
    standing: bool = Field(title="每月由银行发放")


class CardChanged(Shape):
    card_no: str = Field(title="卡号")
    status: str
    status_name: str = Field(title="状态")
