"""Applications 求职申请: a person applies and may take it back; the employer answers; both see every step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import select

from backend.employment import messages
from backend.employment.model import ACTIVE, Application, ApplicationStep, Vacancy
from backend.employment.outbox import tell
from backend.employment.rules import STATUS_NAMES, rulebook, status
from backend.employment.schema import (
    APPLICATION_STATES,
    REFUSALS,
    Applicants,
    ApplicantView,
    Applications,
    ApplicationView,
    Apply,
    AskMine,
    AskOwnVacancy,
    CancelApplication,
    MoveApplication,
    StepView,
)
from backend.employment.vacancies import Counts, by_no, counts, own, public_no, standing_of
from backend.kernel.actor import Kind
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import Guide, item, question
from backend.kernel.period import age_on
from backend.registry import service as registry

ANSWERS = {"in_progress", "postponed", "to_be_hired", "accepted", "refused", "pool"}
NEXT: dict[str, set[str]] = {
    "new": ANSWERS,
    "in_progress": ANSWERS - {"in_progress"},
    "postponed": ANSWERS - {"postponed"},
    "pool": ANSWERS - {"pool"},
    "to_be_hired": {"in_progress", "accepted", "refused"},
    "refused": {"in_progress"},
}
STEPS_BY = {"seeker": "求职者", "employer": "用人单位", "system": "系统"}


class NotRecruiting(Refusal):
    """这个职位{status}，不能再申请；可以看看相似的职位。"""


class AlreadyApplied(Refusal):
    """您已经申请过这个职位（{state}），不用再申请；进展在“我的申请”里看。"""


class TooYoung(Refusal):
    """未满 {age} 周岁不能就业，劳动法第十五条禁止招用未满十六周岁的人。"""


class CannotMove(Refusal):
    """这份申请现在是“{state}”，不能改成“{wanted}”，请刷新页面后再办。"""


class NothingToCancel(Refusal):
    """这份申请已经{state}，不能再撤回。"""


@item(
    "EMP-11",
    "申请职位",
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="申请一个正在招聘的职位，单位处理以后系统通知您。姓名和电话只有这家单位能看到。",
        who="年满十六周岁的求职者",
        law="就业促进法 第三条",
    ),
)
def apply(uow: Uow, cmd: Apply) -> ApplicationView:
    row = by_no(uow, cmd.vacancy, share=True)
    now, status_name = standing_of(uow, row)
    if now in {"draft", "in_review", "refused"}:
        raise NotFound(what=f"职位 {cmd.vacancy}")
    if now != "open":
        raise NotRecruiting(status=status_name)
    who = registry.person(uow, cmd.ident, lock=True)  # so that two clicks make one application
    lowest = rulebook(uow.today, row.area).amounts.lowest_age
    if age_on(who.birth, uow.today).years < lowest:
        raise TooYoung(age=lowest)
    application = uow.session.scalar(
        select(Application).where(Application.vacancy_id == row.id, Application.person_id == who.id)
    )
    if application is not None and application.state != "cancelled":
        raise AlreadyApplied(state=APPLICATION_STATES[application.state])
    if application is None:
        application = Application(
            no=public_no("A"), vacancy_id=row.id, person_id=who.id, refusal=None, answered_at=None
        )
        uow.session.add(application)
    application.letter, application.phone = cmd.letter, cmd.phone or who.phone
    application.applied_at, application.answered_at = uow.now, None
    _step(uow, application, "new", "seeker", "")
    tell(uow, row.id)
    return _views(uow, [application])[0]


@item("EMP-12", "撤回申请", by=(Kind.CITIZEN,))
def cancel(uow: Uow, cmd: CancelApplication) -> ApplicationView:
    who = registry.person(uow, cmd.ident)
    application = _by_no(uow, cmd.application)
    if application is None or application.person_id != who.id:
        raise NotFound(what=f"申请 {cmd.application}")
    if application.state not in ACTIVE:
        raise NothingToCancel(state=APPLICATION_STATES[application.state])
    _step(uow, application, "cancelled", "seeker", "")
    tell(uow, application.vacancy_id)
    return _views(uow, [application])[0]


@item(
    "EMP-13",
    "处理申请",
    by=(Kind.EMPLOYER,),
    guide=Guide(
        what="查看、暂缓、拟录用、录用或者不录用一位申请人。不录用要选与岗位有关的原因。",
        who="发布职位的单位",
        law="就业促进法 第二十六条",
    ),
)
def move(uow: Uow, cmd: MoveApplication) -> ApplicantView:
    boss = registry.employer(uow, cmd.uscc)
    application = _by_no(uow, cmd.application, change_vacancy=True)
    row = uow.session.get(Vacancy, application.vacancy_id) if application else None
    if application is None or row is None or row.employer_id != boss.id:
        raise NotFound(what=f"申请 {cmd.application}")
    closed = standing_of(uow, row)[0] in {"withdrawn", "filled"}
    if closed or cmd.state not in NEXT.get(application.state, set()):
        raise CannotMove(state=APPLICATION_STATES[application.state], wanted=APPLICATION_STATES[cmd.state])
    hired = counts(uow, [row.id]).get(row.id, Counts()).hired
    application.answered_at = application.answered_at or uow.now
    _step(uow, application, cmd.state, "employer", cmd.note, cmd.refusal)
    _tell_seeker(uow, application, row, boss.name, cmd.note)
    if cmd.state == "accepted" and hired + 1 >= row.headcount:
        fill(uow, row)
    if cmd.state in {"accepted", "refused"}:
        tell(uow, row.id)
    return _applicants(uow, [application])[0]


def fill(uow: Uow, row: Vacancy) -> None:
    """Everybody wanted has been found."""
    row.filled_at = uow.now
    close_rest(uow, row, "已经招满")


def close_rest(uow: Uow, row: Vacancy, why: str) -> None:
    """The applications that nobody decided end with their vacancy, and each person is told."""
    uow.session.flush()
    rest = uow.session.scalars(
        select(Application)
        .where(Application.vacancy_id == row.id, Application.state.in_(ACTIVE))
        .order_by(Application.id)
        .with_for_update(of=Application)
    ).all()
    for application in rest:
        _step(uow, application, "obsolete", "system", why)
        messages.write(
            uow,
            application.person_id,
            f"职位已关闭：{row.title}"[:60],
            f"您申请的“{row.title}”{why}，申请随之结束。可以看看相似的职位。",
            row.no,
        )


def _by_no(uow: Uow, no: str, *, change_vacancy: bool = False) -> Application | None:
    """The application, locked; its vacancy before it, so that no two commands wait for each other."""
    vacancy_id = uow.session.scalar(select(Application.vacancy_id).where(Application.no == no))
    if vacancy_id is None:
        return None
    uow.session.scalars(
        select(Vacancy)
        .where(Vacancy.id == vacancy_id)
        .with_for_update(of=Vacancy, read=not change_vacancy)
        .execution_options(populate_existing=True)
    ).one()
    return uow.session.scalar(
        select(Application)
        .where(Application.no == no)
        .with_for_update(of=Application)
        .execution_options(populate_existing=True)
    )


def _step(
    uow: Uow, application: Application, state: str, by: str, note: str, refusal: str | None = None
) -> None:
    application.state, application.refusal, application.changed_at = state, refusal, uow.now
    uow.session.flush()
    uow.session.add(
        ApplicationStep(
            application_id=application.id, at=uow.now, by=by, state=state, refusal=refusal, note=note
        )
    )
    uow.session.flush()


def _tell_seeker(uow: Uow, application: Application, row: Vacancy, employer: str, note: str) -> None:
    name = APPLICATION_STATES[application.state]
    reason = f"原因：{REFUSALS[application.refusal]}。" if application.refusal else ""
    said = f"单位留言：{note}" if note else ""
    messages.write(
        uow,
        application.person_id,
        f"{name}：{row.title}"[:60],
        f"{employer}处理了您对“{row.title}”的申请，结果是{name}。{reason}{said}",
        row.no,
    )


# ---- who sees what ----


@question("EMP-Q3", "我的申请", by=(Kind.CITIZEN,))
def mine(uow: Uow, ask: AskMine) -> Applications:
    who = registry.person(uow, ask.ident)
    rows = uow.session.scalars(
        select(Application)
        .where(Application.person_id == who.id)
        .order_by(Application.changed_at.desc(), Application.id.desc())
    ).all()
    return Applications(applications=tuple(_views(uow, rows)))


@question("EMP-Q2", "职位的申请人", by=(Kind.EMPLOYER,))
def applicants(uow: Uow, ask: AskOwnVacancy) -> Applicants:
    _, row = own(uow, ask.uscc, ask.vacancy)
    rows = uow.session.scalars(
        select(Application)
        .where(Application.vacancy_id == row.id, Application.state != "cancelled")
        .order_by(Application.applied_at, Application.id)
    ).all()
    return Applicants(
        title=row.title,
        headcount=row.headcount,
        hired=sum(one.state == "accepted" for one in rows),
        applicants=tuple(_applicants(uow, rows)),
    )


def _steps(uow: Uow, application_ids: Collection[int]) -> dict[int, tuple[StepView, ...]]:
    found: defaultdict[int, list[StepView]] = defaultdict(list)
    rows = uow.session.scalars(
        select(ApplicationStep)
        .where(ApplicationStep.application_id.in_(application_ids))
        .order_by(ApplicationStep.id)
    )
    for row in rows:
        said = REFUSALS[row.refusal] if row.refusal else ""
        found[row.application_id].append(
            StepView(
                at=row.at,
                by=STEPS_BY[row.by],
                state=row.state,
                state_name=APPLICATION_STATES[row.state],
                note="；".join(part for part in (said, row.note) if part),
            )
        )
    return {one: tuple(steps) for one, steps in found.items()}


def _views(uow: Uow, rows: Sequence[Application]) -> list[ApplicationView]:
    steps = _steps(uow, [row.id for row in rows])
    vacancies = {
        row.id: (row, employer)
        for row, employer in uow.session.execute(
            select(Vacancy, registry.Employer.name)
            .join(registry.Employer, registry.Employer.id == Vacancy.employer_id)
            .where(Vacancy.id.in_([row.vacancy_id for row in rows]))
        )
    }
    views = []
    for row in rows:
        vacancy, employer = vacancies[row.vacancy_id]
        standing = status(vacancy, uow.today)
        views.append(
            ApplicationView(
                application=row.no,
                vacancy=vacancy.no,
                title=vacancy.title,
                employer=employer,
                vacancy_status=standing,
                vacancy_status_name=STATUS_NAMES[standing],
                state=row.state,
                state_name=APPLICATION_STATES[row.state],
                refusal=REFUSALS[row.refusal] if row.refusal else None,
                applied_at=row.applied_at,
                steps=steps.get(row.id, ()),
            )
        )
    return views


def _applicants(uow: Uow, rows: Sequence[Application]) -> list[ApplicantView]:
    steps = _steps(uow, [row.id for row in rows])
    found = uow.session.execute(
        select(registry.Person.id, registry.Person.name).where(
            registry.Person.id.in_([row.person_id for row in rows])
        )
    )
    names = {row.id: row.name for row in found}
    return [
        ApplicantView(
            application=row.no,
            name=names[row.person_id],
            phone=row.phone,
            letter=row.letter,
            state=row.state,
            state_name=APPLICATION_STATES[row.state],
            refusal=REFUSALS[row.refusal] if row.refusal else None,
            applied_at=row.applied_at,
            steps=steps.get(row.id, ()),
        )
        for row in rows
    ]
