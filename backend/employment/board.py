"""The public board 招聘信息: a vacancy as everybody sees it, similar ones, supply and demand."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert

from backend.employment.model import ACTIVE, Application, CountedFigures, Refresh, Vacancy, is_open
from backend.employment.rules import TYPES, demand_ratio
from backend.employment.schema import (
    AskFigures,
    AskSimilar,
    AskVacancy,
    Figures,
    Similar,
    SimilarRow,
    VacancyView,
)
from backend.employment.vacancies import Counts, by_no, counts, pay, schooling, standing_of
from backend.kernel import codes
from backend.kernel.actor import Kind, reach
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound
from backend.kernel.items import question
from backend.registry import service as registry

HIDDEN = {"draft", "in_review", "refused"}  # nobody but the employer and officers
ANSWERS_WITHIN = timedelta(days=180)  # how far back an employer's answers count
OF_THE_NEWEST = 200  # vacancies, of an employer that has written thousands
FEW_ANSWERS = 3  # fewer say nothing typical
NEAREST_OF = 200  # the newest of an occupation, among which the nearest are looked for
COUNTED_AGAIN = timedelta(minutes=1)
COUNTING = 7_301_227  # the first half of the locks by which one counts and the others do not wait
LEVELS = (10, 7, 4, 1)  # 细类, 小类, 中类, 大类: letters of an occupation code that agree


@question("EMP-Q5", "职位详情", by=(Kind.ANYONE,))
def vacancy(uow: Uow, ask: AskVacancy) -> VacancyView:
    row = by_no(uow, ask.vacancy)
    if standing_of(uow, row)[0] in HIDDEN:
        raise NotFound(what=f"职位 {ask.vacancy}")
    return view(uow, row)


def view(uow: Uow, row: Vacancy) -> VacancyView:
    """Everything about a vacancy that may be shown."""
    status, status_name = standing_of(uow, row)
    counted = counts(uow, [row.id]).get(row.id, Counts())
    refreshed = uow.session.scalars(
        select(Refresh.day).where(Refresh.vacancy_id == row.id).order_by(Refresh.day.desc())
    )
    return VacancyView(
        vacancy=row.no,
        title=row.title,
        employer=registry.employer_by_id(uow, row.employer_id).name,
        occupation=row.occupation,
        occupation_name=codes.name("occupation", row.occupation),
        type=row.type,
        type_name=TYPES[row.type],
        headcount=row.headcount,
        hired=counted.hired,
        area=row.area,
        area_name=codes.full_name(row.area),
        address=row.address,
        work=row.work,
        conditions=row.conditions,
        education=row.education,
        education_name=schooling(row.education),
        experience_years=row.experience_years,
        pay=pay(row),
        pay_unit=row.pay_unit,
        pay_min_fen=row.pay_min.fen,
        pay_max_fen=row.pay_max.fen,
        salary_min_fen=row.salary_min.fen,
        salary_max_fen=row.salary_max.fen,
        benefits=row.benefits,
        contact=row.contact,
        phone=row.phone,
        source=row.source,
        status=status,
        status_name=status_name,
        first_published=row.first_published,
        valid_until=row.valid_until,
        refreshed=tuple(refreshed),
        applicants=counted.applicants,
        applicants_per_opening=demand_ratio(counted.applicants, row.headcount) or "0.00",
        response_hours=response_hours(uow, row.employer_id),
    )


def response_hours(uow: Uow, employer_id: int) -> int | None:
    """The employer's typical time to a first answer: half of its answers came sooner; None where too few."""
    newest = (
        select(Vacancy.id)
        .where(Vacancy.employer_id == employer_id)
        .order_by(Vacancy.id.desc())
        .limit(OF_THE_NEWEST)
    )
    took = Application.answered_at - Application.applied_at
    answers, typical = uow.session.execute(
        select(func.count(), func.percentile_disc(0.5).within_group(took)).where(
            Application.vacancy_id.in_(newest),
            Application.answered_at.is_not(None),
            Application.applied_at > uow.now - ANSWERS_WITHIN,
        )
    ).one()
    if answers < FEW_ANSWERS:
        return None
    return -int(-typical // timedelta(hours=1))


@question("EMP-Q6", "相似的职位", by=(Kind.ANYONE,))
def similar(uow: Uow, ask: AskSimilar) -> Similar:
    """Open vacancies of the nearest occupation, the nearest place first; also when this one has ended."""
    row = by_no(uow, ask.vacancy)
    if standing_of(uow, row)[0] in HIDDEN:
        raise NotFound(what=f"职位 {ask.vacancy}")
    found: list[tuple[Vacancy, str]] = []
    for letters in LEVELS[:-1]:
        wanted = ask.limit - len(found)
        if wanted <= 0:
            break
        seen = {row.id, *(one.id for one, _ in found)}
        found += _alike(uow, row, letters, wanted, seen)
    return Similar(
        vacancies=tuple(
            SimilarRow(
                vacancy=one.no,
                title=one.title,
                employer=employer,
                area_name=codes.full_name(one.area),
                pay=pay(one),
                first_published=one.first_published,
            )
            for one, employer in found
            if one.first_published
        )
    )


def _alike(uow: Uow, row: Vacancy, letters: int, limit: int, seen: set[int]) -> list[tuple[Vacancy, str]]:
    """The newest of the same city whose occupation agrees so far, those of the same district first."""
    whole = letters == LEVELS[0]
    newest = (
        select(Vacancy.id)
        .where(
            is_open(uow.today),
            Vacancy.occupation == row.occupation
            if whole
            else Vacancy.occupation.startswith(row.occupation[:letters]),
            Vacancy.area.startswith(row.area[:2]),
            Vacancy.id.not_in(seen),
        )
        .order_by(Vacancy.first_published.desc(), Vacancy.id)
        .limit(NEAREST_OF)
    )
    rows = uow.session.execute(
        select(Vacancy, registry.Employer.name)
        .join(registry.Employer, registry.Employer.id == Vacancy.employer_id)
        .where(Vacancy.id.in_(newest))
        .order_by((Vacancy.area == row.area).desc(), Vacancy.first_published.desc(), Vacancy.id)
        .limit(limit)
    )
    return [(one, employer) for one, employer in rows]


@question("EMP-Q7", "人力资源供求", by=(Kind.ANYONE,))
def figures(uow: Uow, ask: AskFigures) -> Figures:
    """Counted at most once a minute: it takes a second in a large city, and the home page asks for it."""
    asked = ask.model_dump_json(exclude_none=True)
    counted = uow.session.get(CountedFigures, asked)
    if counted is not None and (uow.now - counted.at < COUNTED_AGAIN or not _alone(uow, asked)):
        return Figures.model_validate(counted.answer)
    found = _count(uow, ask)
    now = {"at": uow.now, "answer": found.model_dump(mode="json")}
    uow.session.execute(
        insert(CountedFigures)
        .values(asked=asked, **now)
        .on_conflict_do_update(index_elements=["asked"], set_=now)
    )
    return found


def _alone(uow: Uow, asked: str) -> bool:
    """Whether nobody else is counting the same."""
    locked = select(func.pg_try_advisory_xact_lock(COUNTING, func.hashtext(asked)))
    return bool(uow.session.scalar(locked))


def _count(uow: Uow, ask: AskFigures) -> Figures:
    asked = _filter(uow, ask)
    open_vacancies, headcount = uow.session.execute(
        select(func.count(), func.coalesce(func.sum(Vacancy.headcount), 0)).where(*asked)
    ).one()
    applicants, hired, seekers = uow.session.execute(
        select(
            func.count().filter(Application.state != "cancelled"),
            func.count().filter(Application.state == "accepted"),
            func.count(Application.person_id.distinct()).filter(Application.state.in_(ACTIVE)),
        )
        .select_from(Application)
        .join(Vacancy, Vacancy.id == Application.vacancy_id)
        .where(*asked)
    ).one()
    wanted = int(headcount) - hired
    return Figures(
        open_vacancies=open_vacancies,
        persons_wanted=wanted,
        applicants=applicants,
        seekers=seekers,
        demand_ratio=demand_ratio(wanted, seekers),
        on=uow.today,
    )


def _filter(uow: Uow, ask: AskFigures) -> list[ColumnElement[bool]]:
    """Open vacancies in the area and below, of the occupation and below, that ask for no more schooling."""
    asked = [is_open(uow.today)]
    if ask.area:
        asked.append(Vacancy.area.startswith(reach(ask.area)))
    if ask.occupation:
        branch = ask.occupation
        while branch.endswith("-00"):
            branch = branch.removesuffix("-00")
        asked.append(Vacancy.occupation.startswith(branch))
    if ask.education:
        asked.append(Vacancy.education == ask.education)
    if ask.type:
        asked.append(Vacancy.type == ask.type)
    return asked
