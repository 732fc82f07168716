"""Review 复核: the items by which a second and third person look at what a first one filed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from backend.kernel import cases
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.fields import Shape
from backend.kernel.items import CATALOGUE, decide, find, item, question


class Decide(Shape):
    """审核一件待审的业务。同意的人数够了，业务当场办理。"""

    no: int = Field(ge=1, le=2**62, title="办件号", examples=["100001"])
    decision: Literal["approved", "refused"] = Field(
        title="意见", json_schema_extra={"labels": {"approved": "同意", "refused": "退回"}}
    )
    note: str = Field(default="", max_length=500, title="说明", json_schema_extra={"widget": "textarea"})


class AskCases(Shape):
    """查询本辖区的办件：一种状态的，或者只要一件。"""

    state: Literal["waiting", "done", "refused"] = Field(
        default="waiting",
        title="状态",
        json_schema_extra={"labels": {"waiting": "待审", "done": "办结", "refused": "退回"}},
    )
    no: int | None = Field(default=None, ge=1, le=2**62, title="办件号", examples=["100001"])


class LookView(Shape):
    """一个人的审核意见。"""

    officer_name: str = Field(title="审核人")
    decision: str = Field(title="意见", json_schema_extra={"labels": {"approved": "同意", "refused": "退回"}})
    note: str = Field(title="说明")
    at: datetime = Field(title="时间")


class CaseView(Shape):
    """一件业务，办到哪里了。"""

    no: int = Field(title="办件号")
    item: str = Field(title="事项编号")
    title: str = Field(title="事项")
    subject: str = Field(title="办理对象")
    state: str
    state_label: str = Field(title="状态")
    maker_name: str = Field(title="经办")
    opened_at: datetime = Field(title="经办时间")
    closed_at: datetime | None = Field(title="办结时间")
    need: int = Field(title="几人审核")
    approved: int = Field(title="已同意")
    command: dict[str, Any] = Field(title="填写的内容")
    answer: dict[str, Any] | None = Field(title="办理结果")
    looks: tuple[LookView, ...] = Field(title="审核意见")
    hindrance: str = Field(title="为什么不能由您审核", description="空白就是可以")


class CaseList(Shape):
    """办件清单，先到的在前。"""

    cases: tuple[CaseView, ...] = Field(title="办件")


@item("CAS-01", "审核办件", may=Permission.CASE_APPROVE)
def review(uow: Uow, cmd: Decide) -> CaseView:
    return _view(uow, *decide(uow, cmd.no, cmd.decision, cmd.note))


@question("CAS-Q1", "办件查询", may=Permission.REGISTRY_READ)
def listed(uow: Uow, ask: AskCases) -> CaseList:
    found = cases.listed(uow, ask.state) if ask.no is None else cases.numbered(uow, ask.no)
    return CaseList(cases=tuple(view(uow, case) for case in found))


def view(uow: Uow, case: cases.Case) -> CaseView:
    """A case with everything that was said about it."""
    return _view(uow, case, cases.looks(uow, case.no))


def _view(uow: Uow, case: cases.Case, looks: list[cases.Look]) -> CaseView:
    title = find(case.item).title if case.item in CATALOGUE else case.item
    why = cases.hindrance(uow.actor, case, looks) if case.state == "waiting" else None
    return CaseView(
        no=case.no,
        item=case.item,
        title=title,
        subject=case.subject,
        state=case.state,
        state_label=cases.STATES[case.state],
        maker_name=case.maker_name,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        need=case.need,
        approved=sum(look.decision == "approved" for look in looks),
        command=case.command,
        answer=case.answer,
        looks=tuple(
            LookView(officer_name=look.officer_name, decision=look.decision, note=look.note, at=look.at)
            for look in looks
        ),
        hindrance=why.message if why else "",
    )
