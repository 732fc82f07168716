"""Vacancies 职位: find one by its number, count what belongs to it, say its pay."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import func, select

from backend.employment.model import Application, Vacancy
from backend.employment.rules import PAY_UNITS, SCHOOLING, STATUS_NAMES, status
from backend.employment.rules.standing import Status
from backend.kernel import codes
from backend.kernel.actor import Kind, reach
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal
from backend.registry import service as registry

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: read aloud without doubt
LENGTH = 10
LITTLE_SCHOOLING = 1  # to have finished primary school is to ask for nothing
NO_SCHOOLING_NAME = "学历不限"


class VacancyOutOfReach(Refusal):
    """工作地区 {area} 不在您的辖区内，请转给当地经办机构办理。"""

    status = 403


class Counts(NamedTuple):
    """Applications for a vacancy: all that stand, those hired, those nobody has answered."""

    applicants: int = 0
    hired: int = 0
    unanswered: int = 0


def public_no(letter: str) -> str:
    """A number that says nothing and cannot be guessed."""
    return letter + "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def by_no(uow: Uow, no: str, *, lock: bool = False, share: bool = False) -> Vacancy:
    """The vacancy; `lock` to change it, `share` so that nobody changes it meanwhile."""
    found = select(Vacancy).where(Vacancy.no == no)
    if lock or share:
        found = found.with_for_update(of=Vacancy, read=share).execution_options(populate_existing=True)
    row = uow.session.scalar(found)
    if row is None:
        raise NotFound(what=f"职位 {no}")
    return row


def own(uow: Uow, uscc: str, no: str, *, lock: bool = False) -> tuple[registry.Employer, Vacancy]:
    """An employer and one of its vacancies; another's is as good as none."""
    boss = registry.employer(uow, uscc)
    row = by_no(uow, no, lock=lock)
    if row.employer_id != boss.id:
        raise NotFound(what=f"职位 {no}")
    within_reach(uow, row.area)
    return boss, row


def within_reach(uow: Uow, area: str) -> None:
    """An officer works for an area and those below it."""
    if uow.actor.kind is Kind.OFFICER and not area.startswith(reach(uow.actor.area)):
        raise VacancyOutOfReach(area=codes.full_name(area))


def standing_of(uow: Uow, row: Vacancy) -> tuple[Status, str]:
    """Where it stands today, and its name."""
    now = status(row, uow.today)
    return now, STATUS_NAMES[now]


def counts(uow: Uow, vacancy_ids: Collection[int]) -> dict[int, Counts]:
    rows = uow.session.execute(
        select(
            Application.vacancy_id,
            func.count().filter(Application.state != "cancelled"),
            func.count().filter(Application.state == "accepted"),
            func.count().filter(Application.state == "new"),
        )
        .where(Application.vacancy_id.in_(vacancy_ids))
        .group_by(Application.vacancy_id)
    )
    return {vacancy_id: Counts(*numbers) for vacancy_id, *numbers in rows}


def pay(row: Vacancy) -> str:
    """Pay as people say it: 5,000–8,000 元/月."""
    low, high = (str(amount).removesuffix(".00") for amount in (row.pay_min, row.pay_max))
    return f"{low if low == high else f'{low}–{high}'} {PAY_UNITS[row.pay_unit]}"


def schooling(education: str) -> str:
    if SCHOOLING[education] <= LITTLE_SCHOOLING:
        return NO_SCHOOLING_NAME
    return codes.name("education", education)
