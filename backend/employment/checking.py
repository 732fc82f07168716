"""Checking 发布审查: runs the check over a vacancy, keeps what it found, and settles what follows from it."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from backend.employment import rules
from backend.employment.board import view
from backend.employment.model import Application, Finding, Review, Vacancy
from backend.employment.outbox import tell
from backend.employment.rules import Advert, rulebook
from backend.employment.schema import FindingView, OwnVacancyView, Posted, ReviewView
from backend.employment.vacancies import standing_of
from backend.kernel.db import Uow
from backend.registry import service as registry

CHECK, CHECK_NAME = "check", "发布审查"
DECISIONS = {
    "published": "发布",
    "queued": "交人工核对",
    "refused": "不予发布",
    "appealed": "用人单位申诉",
}
SAID = {
    "draft": "已存为草稿，还没有发布。",
    "open": "已经发布，求职者现在可以看到。",
    "in_review": "有需要核对的内容，已交工作人员，核对以后发布。",
    "refused": "没有发布。请按下面的条文修改后重新提交；认为有误的可以申诉。",
    "withdrawn": "已经撤回，不再显示。",
    "filled": "已标记为招满，不再显示。",
    "expired": "有效期已过，不再显示。",
}


def advert_of(row: Vacancy, boss: registry.Employer) -> Advert:
    return Advert(
        title=row.title,
        work=row.work,
        conditions=row.conditions,
        benefits=row.benefits,
        occupation=row.occupation,
        type=row.type,
        pay_unit=row.pay_unit,
        pay_min_fen=row.pay_min.fen,
        pay_max_fen=row.pay_max.fen,
        valid_until=row.valid_until,
        forwarded=row.forwarded,
        source=row.source,
        employer=boss.name,
        licence=boss.licence,
        verified_on=boss.verified_on,
    )


def examine(uow: Uow, row: Vacancy, boss: registry.Employer) -> tuple[rules.Finding, ...]:
    """Check it by today's law and keep what was found in place of what was found before."""
    found = rules.check(advert_of(row, boss), rulebook(uow.today, row.area))
    uow.session.execute(delete(Finding).where(Finding.vacancy_id == row.id))
    uow.session.add_all(Finding(vacancy_id=row.id, **vars(one)) for one in found)
    uow.session.flush()
    return found


def settle(uow: Uow, row: Vacancy, boss: registry.Employer) -> Posted:
    """What happens to a vacancy that is submitted: published, put before an officer, or refused."""
    found = examine(uow, row, boss)
    row.submitted_at, row.reviewed_at, row.passed = uow.now, None, None
    if any(one.severity == "block" for one in found):
        row.reviewed_at, row.passed = uow.now, False
        record(uow, row, "refused", found[0].advice, by_check=True)
    elif found or _refused_by_officer(uow, row):
        record(uow, row, "queued", "", by_check=True)
    else:
        publish(uow, row, "", by_check=True)
    tell(uow, row.id)
    return posted(uow, row)


def publish(uow: Uow, row: Vacancy, reason: str, *, by_check: bool = False) -> None:
    """From now on everybody sees it; the day it was first published stays."""
    row.first_published = row.first_published or uow.now
    row.reviewed_at, row.passed = uow.now, True
    record(uow, row, "published", reason, by_check=by_check)


def record(uow: Uow, row: Vacancy, decision: str, reason: str, *, by_check: bool = False) -> None:
    """Add a line to the vacancy's reviews, with the findings as they stood."""
    uow.session.flush()
    uow.session.add(
        Review(
            vacancy_id=row.id,
            at=uow.now,
            by=CHECK if by_check else uow.actor.id,
            by_name=CHECK_NAME if by_check else uow.actor.name,
            decision=decision,
            reason=reason,
            findings={"findings": [one.model_dump(mode="json") for one in findings(uow, row.id)]},
        )
    )
    uow.session.flush()


def reviews(uow: Uow, vacancy_id: int) -> list[Review]:
    """What was decided about a vacancy, the oldest first."""
    return list(
        uow.session.scalars(select(Review).where(Review.vacancy_id == vacancy_id).order_by(Review.id))
    )


def _refused_by_officer(uow: Uow, row: Vacancy) -> bool:
    """Whether a person refused it last: then a person looks again, whatever the check says."""
    decided = [one for one in reviews(uow, row.id) if one.decision in {"published", "refused"}]
    return bool(decided) and decided[-1].decision == "refused" and decided[-1].by != CHECK


def findings(uow: Uow, vacancy_id: int) -> tuple[FindingView, ...]:
    rows = uow.session.scalars(select(Finding).where(Finding.vacancy_id == vacancy_id).order_by(Finding.id))
    return tuple(_finding(row) for row in rows)


def _finding(row: Finding) -> FindingView:
    names = FindingView.model_fields
    return FindingView.model_validate({name: getattr(row, name) for name in names})


def posted(uow: Uow, row: Vacancy) -> Posted:
    status, status_name = standing_of(uow, row)
    return Posted(
        vacancy=row.no,
        status=status,
        status_name=status_name,
        said=SAID[status],
        findings=findings(uow, row.id),
    )


def own_view(uow: Uow, row: Vacancy) -> OwnVacancyView:
    """A vacancy as its employer and the officers see it."""
    grouped = uow.session.execute(
        select(Application.state, func.count().label("number"))
        .where(Application.vacancy_id == row.id)
        .group_by(Application.state)
    )
    return OwnVacancyView(
        view=view(uow, row),
        forwarded=row.forwarded,
        findings=findings(uow, row.id),
        reviews=tuple(
            ReviewView(at=one.at, by_name=one.by_name, decision=DECISIONS[one.decision], reason=one.reason)
            for one in reviews(uow, row.id)
        ),
        by_state={row.state: row.number for row in grouped},
    )
