"""Posting 发布招聘信息: an employer writes a vacancy, corrects it, refreshes it, and takes it down."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from backend.employment.applying import close_rest, fill
from backend.employment.checking import examine, own_view, posted, settle
from backend.employment.model import Refresh, Vacancy, standing
from backend.employment.outbox import tell
from backend.employment.rules import STATUS_NAMES, a_month, rulebook
from backend.employment.schema import (
    AskOwnVacancies,
    AskOwnVacancy,
    EditVacancy,
    MarkFilled,
    OwnVacancies,
    OwnVacancyRow,
    OwnVacancyView,
    Posted,
    RefreshVacancy,
    WithdrawVacancy,
    WriteVacancy,
)
from backend.employment.vacancies import Counts, counts, own, public_no, standing_of, within_reach
from backend.kernel import codes
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item, question
from backend.kernel.money import Money
from backend.kernel.period import add_months
from backend.registry import service as registry

ON_A_PAGE = 50
NOT_COLUMNS = {"uscc", "vacancy", "submit", "pay_min", "pay_max"}
ENDED = {"withdrawn", "filled"}


class VacancyEnded(Refusal):
    """这个职位{status}，不能再改；还要招人请另写一则。"""


class NotPublished(Refusal):
    """这个职位现在是“{status}”，只有发布过、还没有结束的职位才能标记招满。"""


class StillHiredFor(Refusal):
    """已经录用了 {hired} 人，招聘人数不能少于这个数。"""


class NotOpen(Refusal):
    """这个职位现在是“{status}”，只有招聘中的职位才能刷新；过期的请修改有效期后重新提交。"""


class RefreshedToday(Refusal):
    """今天已经刷新过，明天再来；每天刷新一次就够了。"""


class ValidTooLong(Refusal):
    """有效期要在今天和 {last} 之间，请改日期。"""

    status = 422


@item(
    "EMP-01",
    "发布招聘信息",
    may=Permission.EMPLOYMENT_REVIEW,
    by=(Kind.EMPLOYER,),
    guide=Guide(
        what="写明岗位、人数、工作、地点、工资和有效期，提交后当场审查：合格的立刻发布，有疑问的由工作人员核对，"
        "违反规定的说明是哪一条、怎么改。",
        who="已经登记并实名核验的用人单位；职业中介机构还要有人力资源服务许可证",
        days="当场发布；要核对的两个工作日",
        law="人力资源市场暂行条例 第二十四条",
    ),
)
def write(uow: Uow, cmd: WriteVacancy) -> Posted:
    boss = registry.active_employer(uow, cmd.uscc)
    within_reach(uow, cmd.area)
    row = Vacancy(no=public_no("V"), employer_id=boss.id, written_by=uow.actor.id, created_at=uow.now)
    _fill_in(uow, row, cmd)
    uow.session.add(row)
    uow.session.flush()
    return _submit_or_keep(uow, row, boss, submit=cmd.submit)


@item("EMP-02", "修改招聘信息", may=Permission.EMPLOYMENT_REVIEW, by=(Kind.EMPLOYER,))
def edit(uow: Uow, cmd: EditVacancy) -> Posted:
    boss, row = own(uow, cmd.uscc, cmd.vacancy, lock=True)
    within_reach(uow, cmd.area)
    status, status_name = standing_of(uow, row)
    if status in ENDED:
        raise VacancyEnded(status=status_name)
    hired = counts(uow, [row.id]).get(row.id, Counts()).hired
    if cmd.headcount < max(hired, 1):
        raise StillHiredFor(hired=hired)
    _fill_in(uow, row, cmd)
    row.written_by = uow.actor.id
    uow.session.flush()
    return _submit_or_keep(uow, row, boss, submit=cmd.submit)


def _fill_in(uow: Uow, row: Vacancy, cmd: WriteVacancy | EditVacancy) -> None:
    """What the employer wrote, and what the pay comes to in a month."""
    for name, value in cmd.model_dump(exclude=NOT_COLUMNS).items():
        setattr(row, name, value)
    amounts = rulebook(uow.today, cmd.area).amounts
    row.pay_min, row.pay_max = Money.yuan(cmd.pay_min), Money.yuan(cmd.pay_max)
    row.salary_min, row.salary_max = (
        Money(a_month(pay.fen, cmd.pay_unit, cmd.type, amounts)) for pay in (row.pay_min, row.pay_max)
    )


def _submit_or_keep(uow: Uow, row: Vacancy, boss: registry.Employer, *, submit: bool) -> Posted:
    if submit:
        return settle(uow, row, boss)
    examine(uow, row, boss)
    shown = row.passed is True
    row.submitted_at = row.reviewed_at = row.passed = None
    if shown:
        tell(uow, row.id)
    return posted(uow, row)


@item("EMP-03", "撤回招聘信息", may=Permission.EMPLOYMENT_REVIEW, by=(Kind.EMPLOYER,))
def withdraw(uow: Uow, cmd: WithdrawVacancy) -> Posted:
    _, row = own(uow, cmd.uscc, cmd.vacancy, lock=True)
    status, status_name = standing_of(uow, row)
    if status in ENDED:
        raise VacancyEnded(status=status_name)
    _withdraw(uow, row, f"不再招聘{f'（{cmd.reason}）' if cmd.reason else ''}")
    return posted(uow, row)


def _withdraw(uow: Uow, row: Vacancy, why: str) -> None:
    row.withdrawn_at = uow.now
    close_rest(uow, row, why)
    tell(uow, row.id)


def on_closed(uow: Uow, fact: registry.EmployerClosed) -> None:
    """Who is not registered any more looks for nobody."""
    rows = uow.session.scalars(
        select(Vacancy)
        .where(Vacancy.employer_id == fact.employer_id, standing(uow.today).notin_(ENDED))
        .order_by(Vacancy.id)
        .with_for_update(of=Vacancy)
    ).all()
    for row in rows:
        _withdraw(uow, row, "不再招聘（单位已经注销）")


@item("EMP-04", "职位已招满", may=Permission.EMPLOYMENT_REVIEW, by=(Kind.EMPLOYER,))
def mark_filled(uow: Uow, cmd: MarkFilled) -> Posted:
    _, row = own(uow, cmd.uscc, cmd.vacancy, lock=True)
    status, status_name = standing_of(uow, row)
    if status not in {"open", "expired"}:
        raise NotPublished(status=status_name)
    fill(uow, row)
    tell(uow, row.id)
    return posted(uow, row)


@item("EMP-07", "刷新招聘信息", may=Permission.EMPLOYMENT_REVIEW, by=(Kind.EMPLOYER,))
def refresh(uow: Uow, cmd: RefreshVacancy) -> Posted:
    _, row = own(uow, cmd.uscc, cmd.vacancy, lock=True)
    status, status_name = standing_of(uow, row)
    if status != "open":
        raise NotOpen(status=status_name)
    if cmd.valid_until is not None:
        row.valid_until = _within(uow, cmd.valid_until, row.area)
    fresh = uow.session.scalar(
        insert(Refresh)
        .values(vacancy_id=row.id, day=uow.today, at=uow.now)
        .on_conflict_do_nothing()
        .returning(Refresh.vacancy_id)
    )
    if fresh is None and cmd.valid_until is None:
        raise RefreshedToday
    tell(uow, row.id)
    return posted(uow, row)


def _within(uow: Uow, until: date, area: str) -> date:
    last = add_months(uow.today, rulebook(uow.today, area).amounts.longest_valid)
    if not uow.today <= until <= last:
        raise ValidTooLong(last=last)
    return until


# ---- what an employer sees of its own ----


@question("EMP-Q1", "本单位的职位", may=Permission.EMPLOYMENT_READ, by=(Kind.EMPLOYER,))
def own_vacancies(uow: Uow, ask: AskOwnVacancies) -> OwnVacancies:
    boss = registry.employer(uow, ask.uscc)
    within_reach(uow, boss.area)
    total = uow.session.scalar(
        select(func.count()).select_from(Vacancy).where(Vacancy.employer_id == boss.id)
    )
    rows = uow.session.execute(
        select(Vacancy, standing(uow.today))
        .where(Vacancy.employer_id == boss.id)
        .order_by(Vacancy.created_at.desc(), Vacancy.id.desc())
        .offset((ask.page - 1) * ON_A_PAGE)
        .limit(ON_A_PAGE)
    ).all()
    counted = counts(uow, [row.id for row, _ in rows])
    return OwnVacancies(
        total=total or 0,
        vacancies=tuple(
            OwnVacancyRow(
                vacancy=row.no,
                title=row.title,
                area_name=codes.full_name(row.area),
                status=status,
                status_name=STATUS_NAMES[status],
                headcount=row.headcount,
                first_published=row.first_published,
                valid_until=row.valid_until,
                **counted.get(row.id, Counts())._asdict(),
            )
            for row, status in rows
        ),
    )


@question("EMP-Q9", "本单位的一个职位", may=Permission.EMPLOYMENT_READ, by=(Kind.EMPLOYER,))
def own_vacancy(uow: Uow, ask: AskOwnVacancy) -> OwnVacancyView:
    return own_view(uow, own(uow, ask.uscc, ask.vacancy)[1])
