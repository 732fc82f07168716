"""Outbox 待索引: tells the indexer, in the same transaction, that what search shows has changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, insert, literal, or_, select, text, update

from backend.employment.model import CountedFigures, Outbox, Vacancy, is_open
from backend.employment.rules import SCHOOLING
from backend.employment.schema import Change, VacancyDoc
from backend.employment.vacancies import Counts, counts
from backend.kernel.clock import CHINA
from backend.kernel.db import Uow
from backend.registry import service as registry

CHANNEL = "vacancy"  # what the indexer listens to
# Numbers are given before the commit, so a lower one may be seen later. Writers share this lock until they
# commit and the reader takes it alone: what it sees has no gaps that fill up behind it.
LOCK = 7_301_226
KEPT = timedelta(days=30)
FIGURES_KEPT = timedelta(minutes=10)
BATCH = 500


def tell(uow: Uow, *vacancy_ids: int) -> None:
    """Say that these have changed. The last thing a command does: no row lock may be waited for after it."""
    if not vacancy_ids:
        return
    uow.session.flush()
    _writing(uow)
    uow.session.execute(insert(Outbox), [{"vacancy_id": one, "at": uow.now} for one in vacancy_ids])


def _writing(uow: Uow) -> None:
    uow.session.execute(text("select pg_advisory_xact_lock_shared(:key)"), {"key": LOCK})
    uow.session.execute(text("select pg_notify(:channel, '')"), {"channel": CHANNEL})


def changed(uow: Uow, after_id: int, limit: int = BATCH) -> tuple[Change, ...]:
    """What has changed since that change, the oldest first; the last one's id is the next `after_id`."""
    _reading(uow)
    rows = uow.session.execute(
        select(Outbox.id, Vacancy.no)
        .join(Vacancy, Vacancy.id == Outbox.vacancy_id)
        .where(Outbox.id > after_id)
        .order_by(Outbox.id)
        .limit(limit)
    )
    return tuple(Change(id=id, vacancy=no) for id, no in rows)


def last_change(uow: Uow) -> int:
    """The newest change; read it before a rebuild, then go on from it."""
    _reading(uow)
    return uow.session.scalar(select(func.max(Outbox.id))) or 0


def _reading(uow: Uow) -> None:
    uow.session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK})


def open_nos(uow: Uow, after: str = "", limit: int | None = None) -> tuple[str, ...]:
    """The numbers of open vacancies in their order, from after one; for a rebuild in batches."""
    query = select(Vacancy.no).where(is_open(uow.today), Vacancy.no > after).order_by(Vacancy.no).limit(limit)
    return tuple(uow.session.scalars(query))


def documents(uow: Uow, nos: Sequence[str]) -> tuple[VacancyDoc, ...]:
    """What search needs of those that are open; one that is not among them is to be taken out."""
    rows = uow.session.execute(
        select(Vacancy, registry.Employer.name)
        .join(registry.Employer, registry.Employer.id == Vacancy.employer_id)
        .where(Vacancy.no.in_(nos), is_open(uow.today))
        .order_by(Vacancy.no)
    ).all()
    counted = counts(uow, [row.id for row, _ in rows])
    return tuple(_document(row, employer, counted.get(row.id, Counts())) for row, employer in rows)


def _document(row: Vacancy, employer: str, counted: Counts) -> VacancyDoc:
    assert row.first_published  # noqa: S101 - the table does not let an open one be without
    return VacancyDoc(
        vacancy=row.no,
        title=row.title,
        employer=employer,
        work=row.work,
        conditions=row.conditions,
        benefits=row.benefits,
        area=row.area,
        occupation=row.occupation,
        salary_min_fen=row.salary_min.fen,
        salary_max_fen=row.salary_max.fen,
        education=SCHOOLING[row.education],
        type=row.type,
        openings=max(1, row.headcount - counted.hired),
        applicants=counted.applicants,
        published=row.first_published.astimezone(CHINA).date(),
        valid_until=row.valid_until,
    )


def expire_due(uow: Uow) -> int:
    """Tell of the open ones whose last day has passed, once each; forget what was read or counted long ago."""
    due = (
        select(Vacancy.id)
        .where(
            Vacancy.passed.is_(True),
            Vacancy.withdrawn_at.is_(None),
            Vacancy.filled_at.is_(None),
            Vacancy.valid_until < uow.today,
            or_(Vacancy.expiry_told.is_(None), Vacancy.expiry_told != Vacancy.valid_until),
        )
        .order_by(Vacancy.id)
        .with_for_update(skip_locked=True)
    )
    ids = list(uow.session.scalars(due))
    if ids:
        uow.session.execute(
            update(Vacancy)
            .where(Vacancy.id.in_(ids))
            .values(expiry_told=Vacancy.valid_until)
            .execution_options(synchronize_session=False)
        )
    uow.session.execute(delete(Outbox).where(Outbox.at < uow.now - KEPT))
    uow.session.execute(delete(CountedFigures).where(CountedFigures.at < uow.now - FIGURES_KEPT))
    tell(uow, *ids)
    return len(ids)


def tell_of_new(uow: Uow, after_id: int) -> None:
    """Say that every vacancy loaded after that one is there."""
    _writing(uow)
    newer = select(Vacancy.id, literal(uow.now)).where(Vacancy.id > after_id, is_open(uow.today))
    uow.session.execute(insert(Outbox).from_select(["vacancy_id", "at"], newer.order_by(Vacancy.id)))
