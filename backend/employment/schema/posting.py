"""An employer's vacancies and what is decided about them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, Self

from pydantic import Field, model_validator

from backend.employment.rules import NO_SCHOOLING, PAY_UNITS, TYPES
from backend.employment.schema.applying import APPLICATION_STATES
from backend.employment.schema.board import VacancyView
from backend.employment.schema.common import (
    Education,
    Occupation,
    Page,
    PayUnit,
    Type,
    VacancyNo,
    Yuan,
    labels,
)
from backend.kernel.errors import Wrong
from backend.kernel.fields import Shape
from backend.registry.schema import Area, Phone, Uscc


class LowAboveHigh(Wrong):
    """工资上限不能低于下限，请核对两个数"""


class Advert(Shape):
    """一则招聘信息的内容。"""

    uscc: Uscc
    title: str = Field(
        min_length=2,
        max_length=60,
        title="职位名称",
        description="写岗位名，不写口号",
        examples=["仓库管理员"],
    )
    occupation: Occupation
    type: Type = Field(default="full", title="用工形式", json_schema_extra=labels(TYPES), examples=["full"])
    headcount: int = Field(default=1, ge=1, le=9999, title="招聘人数")
    area: Area = Field(title="工作地区")
    address: str = Field(min_length=2, max_length=120, title="工作地点")
    work: str = Field(
        min_length=10,
        max_length=4000,
        title="工作内容",
        description="每天做什么、上下班时间",
        json_schema_extra={"widget": "textarea"},
    )
    conditions: str = Field(
        default="",
        max_length=2000,
        title="招聘条件",
        description="工作真正需要的技能、经验和资格",
        json_schema_extra={"widget": "textarea"},
    )
    education: Education = Field(default=NO_SCHOOLING, title="最低学历")
    experience_years: int = Field(default=0, ge=0, le=40, title="工作经验（年）")
    pay_unit: PayUnit = Field(default="month", title="工资单位", json_schema_extra=labels(PAY_UNITS))
    pay_min: Yuan = Field(title="工资下限（元）", description="必须写明，不能写面议")
    pay_max: Yuan = Field(title="工资上限（元）", description="多数人能拿到的数")
    benefits: str = Field(
        default="",
        max_length=1000,
        title="福利待遇",
        json_schema_extra={"widget": "textarea"},
    )
    contact: str = Field(min_length=1, max_length=50, title="联系人")
    phone: Phone = Field(title="联系电话")
    valid_until: date = Field(title="有效期至", json_schema_extra={"widget": "day"})
    forwarded: bool = Field(default=False, title="转发的招聘信息")
    source: str = Field(default="", max_length=100, title="信息来源", description="转发的和代招的必须写")
    submit: bool = Field(default=True, title="提交发布", description="不提交就存成草稿，同时告诉您有没有问题")

    @model_validator(mode="after")
    def _low_to_high(self) -> Self:
        if self.pay_max < self.pay_min:
            raise LowAboveHigh
        return self


class WriteVacancy(Advert):
    """写一则招聘信息。提交后当场审查：没有问题立刻发布，有疑问交工作人员核对。"""


class EditVacancy(Advert):
    """修改招聘信息。改完重新审查；原来的内容不再显示。"""

    vacancy: VacancyNo


class WithdrawVacancy(Shape):
    """撤回招聘信息：不再招了。还没有结果的申请随之关闭，并通知求职者。"""

    uscc: Uscc
    vacancy: VacancyNo
    reason: str = Field(default="", max_length=200, title="原因")


class MarkFilled(Shape):
    """职位已经招满。还没有结果的申请随之关闭，并通知求职者。"""

    uscc: Uscc
    vacancy: VacancyNo


class RefreshVacancy(Shape):
    """刷新：说明职位还在招，每天一次；可以同时延长有效期。首次发布日期不变。"""

    uscc: Uscc
    vacancy: VacancyNo
    valid_until: date | None = Field(default=None, title="有效期延长到", json_schema_extra={"widget": "day"})


class DecideVacancy(Shape):
    """决定一则招聘信息能不能发布。退回要写明理由。"""

    vacancy: VacancyNo
    decision: Literal["publish", "refuse"] = Field(
        title="决定", json_schema_extra={"labels": {"publish": "发布", "refuse": "退回"}}
    )
    reason: str = Field(
        default="",
        max_length=500,
        title="理由",
        json_schema_extra={"widget": "textarea"},
    )


class Appeal(Shape):
    """对没有通过审核提出申诉，由另一位工作人员复核。"""

    uscc: Uscc
    vacancy: VacancyNo
    reason: str = Field(
        min_length=5,
        max_length=500,
        title="申诉理由",
        json_schema_extra={"widget": "textarea"},
    )


class FindingView(Shape):
    """审查发现的一个问题：哪一栏、哪几个字、哪一条、怎么改。"""

    rule: str = Field(title="规则")
    severity: Literal["block", "review"] = Field(
        title="轻重", json_schema_extra=labels({"block": "不能发布", "review": "要核对"})
    )
    field: str = Field(
        title="栏目",
        json_schema_extra=labels({name: one.title or name for name, one in Advert.model_fields.items()}),
    )
    excerpt: str = Field(title="原文")
    law: str = Field(title="依据")
    clause: str = Field(title="条款")
    advice: str = Field(title="怎么改")


class ReviewView(Shape):
    at: datetime = Field(title="时间")
    by_name: str = Field(title="审核人")
    decision: str = Field(title="决定")
    reason: str = Field(title="理由")


class Posted(Shape):
    """办理以后这则招聘信息的情况。"""

    vacancy: VacancyNo
    status: str
    status_name: str = Field(title="状态")
    said: str = Field(title="说明")
    findings: tuple[FindingView, ...] = Field(title="审查发现的问题")


class AskOwnVacancies(Shape):
    """查询本单位的职位。"""

    uscc: Uscc
    page: Page = 1


class OwnVacancyRow(Shape):
    """本单位的一个职位。"""

    vacancy: str = Field(title="职位编号")
    title: str = Field(title="职位名称")
    area_name: str = Field(title="地区")
    status: str
    status_name: str = Field(title="状态")
    headcount: int = Field(title="招聘人数")
    hired: int = Field(title="已录用")
    applicants: int = Field(title="申请数")
    unanswered: int = Field(title="待答复")
    first_published: datetime | None = Field(title="首次发布")
    valid_until: date = Field(title="有效期至")


class OwnVacancies(Shape):
    total: int = Field(title="总数")
    vacancies: tuple[OwnVacancyRow, ...] = Field(title="职位")


class AskOwnVacancy(Shape):
    """查询本单位的一个职位。"""

    uscc: Uscc
    vacancy: VacancyNo


class AskQueue(Shape):
    """待审核的招聘信息，先到的在前。"""

    page: Page = 1


class OwnVacancyView(Shape):
    """本单位的一个职位：公开信息，加上审查和申请的情况。"""

    view: VacancyView = Field(title="职位")
    forwarded: bool = Field(title="转发的招聘信息")
    findings: tuple[FindingView, ...] = Field(title="审查发现的问题")
    reviews: tuple[ReviewView, ...] = Field(title="审核记录")
    by_state: dict[str, int] = Field(title="各状态的申请", json_schema_extra=labels(APPLICATION_STATES))


class Queue(Shape):
    total: int = Field(title="总数")
    vacancies: tuple[OwnVacancyView, ...] = Field(title="职位")
