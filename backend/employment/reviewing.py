"""Reviewing 审核招聘信息: an officer decides what the check left in doubt; the employer may appeal once."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select

from backend.employment.checking import own_view, posted, publish, record, reviews
from backend.employment.model import Vacancy, standing
from backend.employment.outbox import tell
from backend.employment.schema import Appeal, AskQueue, DecideVacancy, Posted, Queue
from backend.employment.vacancies import by_no, own, standing_of, within_reach
from backend.kernel.actor import Kind, Permission, reach
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item, question

ON_A_PAGE = 20


class NotInReview(Refusal):
    """这则招聘信息现在是“{status}”，不需要审核；请刷新页面。"""


class OwnWriting(Refusal):
    """这则招聘信息是您代填的，审核要由另一位同事来做。"""


class OwnRefusal(Refusal):
    """这则招聘信息上次是您退回的，申诉要由另一位同事复核。"""


class ReasonNeeded(Refusal):
    """退回要写明理由，用人单位才知道怎么改。"""

    status = 422


class SourceMissing(Refusal):
    """转发的招聘信息没有写明来源，不能发布；请退回，让单位补写来源。"""


class NotRefused(Refusal):
    """这则招聘信息现在是“{status}”，没有可以申诉的决定。"""


class AlreadyAppealed(Refusal):
    """申诉已经复核并维持原决定；请按意见修改内容后重新提交。"""


@item("EMP-05", "审核招聘信息", may=Permission.EMPLOYMENT_REVIEW)
def decide(uow: Uow, cmd: DecideVacancy) -> Posted:
    row = by_no(uow, cmd.vacancy, lock=True)
    within_reach(uow, row.area)
    status, status_name = standing_of(uow, row)
    if status != "in_review":
        raise NotInReview(status=status_name)
    if row.written_by == uow.actor.id:
        raise OwnWriting
    earlier = [one for one in reviews(uow, row.id) if one.decision in {"published", "refused", "appealed"}]
    if len(earlier) > 1 and earlier[-1].decision == "appealed" and earlier[-2].by == uow.actor.id:
        raise OwnRefusal
    if cmd.decision == "publish":
        if row.forwarded and not row.source:
            raise SourceMissing
        publish(uow, row, cmd.reason)
    else:
        if not cmd.reason:
            raise ReasonNeeded
        row.reviewed_at, row.passed = uow.now, False
        record(uow, row, "refused", cmd.reason)
    tell(uow, row.id)
    return posted(uow, row)


@item(
    "EMP-06",
    "招聘信息申诉",
    by=(Kind.EMPLOYER,),
    guide=Guide(
        what="认为招聘信息没有违反规定的，说明理由，由另一位工作人员复核。",
        who="招聘信息没有通过审核的用人单位",
        days="五个工作日",
        law="人力资源市场暂行条例 第二十九条",
    ),
)
def appeal(uow: Uow, cmd: Appeal) -> Posted:
    _, row = own(uow, cmd.uscc, cmd.vacancy, lock=True)
    status, status_name = standing_of(uow, row)
    if status != "refused":
        raise NotRefused(status=status_name)
    since = row.submitted_at
    if any(
        one.decision == "appealed" and since is not None and one.at >= since for one in reviews(uow, row.id)
    ):
        raise AlreadyAppealed
    row.reviewed_at, row.passed = None, None
    record(uow, row, "appealed", cmd.reason)
    return posted(uow, row)


@question("EMP-Q8", "待审核的招聘信息", may=Permission.EMPLOYMENT_REVIEW)
def queue(uow: Uow, ask: AskQueue) -> Queue:
    waiting: list[ColumnElement[bool]] = [
        Vacancy.submitted_at.is_not(None),
        Vacancy.reviewed_at.is_(None),
        standing(uow.today) == "in_review",
        Vacancy.area.startswith(reach(uow.actor.area)),
    ]
    total = uow.session.scalar(select(func.count()).select_from(Vacancy).where(*waiting))
    rows = uow.session.scalars(
        select(Vacancy)
        .where(*waiting)
        .order_by(Vacancy.submitted_at, Vacancy.id)
        .offset((ask.page - 1) * ON_A_PAGE)
        .limit(ON_A_PAGE)
    ).all()
    return Queue(total=total or 0, vacancies=tuple(own_view(uow, row) for row in rows))
