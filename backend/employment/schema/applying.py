"""Applications and messages."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from backend.employment.schema.common import ApplicationNo, VacancyNo, labels
from backend.kernel.errors import Wrong
from backend.kernel.fields import Shape
from backend.registry.schema import Ident, Phone, Uscc

APPLICATION_STATES = {
    "new": "已投递",
    "in_progress": "处理中",
    "postponed": "稍后考虑",
    "to_be_hired": "拟录用",
    "accepted": "已录用",
    "refused": "未录用",
    "cancelled": "已撤回",
    "obsolete": "职位已关闭",
    "pool": "进入人才库",
}
REFUSALS = {
    "skills": "技能或经验不符合岗位需要",
    "education": "学历或资格不符合岗位需要",
    "filled": "岗位已经招满",
    "unreachable": "联系不上",
    "no_show": "没有参加面试",
    "terms": "工资或时间没有谈成",
    "other": "其他",
}
Refusal = Literal["skills", "education", "filled", "unreachable", "no_show", "terms", "other"]
ByEmployer = Literal["in_progress", "postponed", "to_be_hired", "accepted", "refused", "pool"]


class ReasonOrNot(Wrong):
    """不录用要选一个原因；其他结果不用选原因"""


class Apply(Shape):
    """申请一个职位。您的姓名和电话只有这家单位能看到。"""

    ident: Ident
    vacancy: VacancyNo
    letter: str = Field(
        default="",
        max_length=1000,
        title="想对单位说的话",
        json_schema_extra={"widget": "textarea"},
    )
    phone: Phone | None = Field(default=None, title="联系电话", description="不写就用登记的电话")


class CancelApplication(Shape):
    """撤回申请。以后还可以再申请。"""

    ident: Ident
    application: ApplicationNo


class MoveApplication(Shape):
    """处理一份申请。不录用要选原因，系统会通知求职者。"""

    uscc: Uscc
    application: ApplicationNo
    state: ByEmployer = Field(
        title="处理结果",
        json_schema_extra=labels({state: APPLICATION_STATES[state] for state in get_args(ByEmployer)}),
    )
    refusal: Refusal | None = Field(default=None, title="不录用的原因", json_schema_extra=labels(REFUSALS))
    note: str = Field(
        default="",
        max_length=500,
        title="留言",
        description="会发给求职者",
        json_schema_extra={"widget": "textarea"},
    )

    @model_validator(mode="after")
    def _reason(self) -> Self:
        if (self.state == "refused") != (self.refusal is not None):
            raise ReasonOrNot
        return self


class StepView(Shape):
    at: datetime
    by: str
    state: str
    state_name: str
    note: str


class ApplicationView(Shape):
    """一份申请和它走到了哪一步。"""

    application: str
    vacancy: str
    title: str
    employer: str
    vacancy_status: str
    vacancy_status_name: str
    state: str
    state_name: str
    refusal: str | None
    applied_at: datetime
    steps: tuple[StepView, ...]


class AskMine(Shape):
    """查询本人的申请和消息。"""

    ident: Ident


class Applications(Shape):
    applications: tuple[ApplicationView, ...]


class ApplicantView(Shape):
    """一位申请人。"""

    application: str
    name: str
    phone: str
    letter: str
    state: str
    state_name: str
    refusal: str | None
    applied_at: datetime
    steps: tuple[StepView, ...]


class Applicants(Shape):
    title: str
    headcount: int
    hired: int
    applicants: tuple[ApplicantView, ...]


class ReadMessages(Shape):
    """把到某一条为止的消息记为已读。"""

    ident: Ident
    until: int = Field(ge=1, le=2**62, title="最后一条消息的编号")


class MessageView(Shape):
    id: int = Field(title="编号")
    at: datetime = Field(title="时间")
    title: str = Field(title="标题")
    body: str = Field(title="内容")
    vacancy: str = Field(title="职位编号")
    read: bool = Field(title="已读")


class Messages(Shape):
    unread: int = Field(title="未读")
    messages: tuple[MessageView, ...] = Field(title="消息")


class Unread(Shape):
    """还有几条消息没有读。"""

    unread: int = Field(title="未读")
