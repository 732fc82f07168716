"""Contribution years 缴费年限查询 (PEN-Q10): months paid, missing, deemed, in hard work, doubled, cleared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import TypeVar

from sqlalchemy import select

from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.items import question
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.pension.careers.model import Cleared, DeemedPeriod, SpecialWork
from backend.pension.careers.schema import (
    AskCareer,
    CareerView,
    ClearedView,
    DeemedView,
    DoubleView,
    PaidSpan,
    SpanView,
    SpecialView,
)
from backend.pension.careers.spans import in_a_row
from backend.pension.careers.summing import Listed, career, how, warnings
from backend.pension.model import Contribution
from backend.pension.statement import account_of
from backend.registry import service as registry

OWN = "灵活就业"
T = TypeVar("T", DeemedPeriod, SpecialWork)


@question("PEN-Q10", "缴费年限查询", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def of_person(uow: Uow, ask: AskCareer) -> CareerView:
    person = registry.person(uow, ask.ident)
    account = account_of(uow, person.id, person.name)
    rows = uow.session.scalars(
        select(Contribution).where(Contribution.person_id == person.id).order_by(Contribution.month)
    ).all()
    deemed = _of(uow, DeemedPeriod, person.id)
    cleared = uow.session.scalars(
        select(Cleared).where(Cleared.person_id == person.id).order_by(Cleared.month)
    ).all()
    at = person.retired or Month.of(uow.today)
    summed, missing = career(uow, person.id, at), _missing(rows, deemed, cleared, at)
    return CareerView(
        name=person.name,
        months=summed.months,
        paid_months=summed.months - summed.deemed_months,
        deemed_months=summed.deemed_months,
        unlisted_months=max(0, account.months_paid - len(rows)),
        missing_months=sum(last - first + 1 for first, last in missing),
        index=str(summed.index),
        how=how(Lookup(at.first, settings().area)),
        paid=tuple(_paid(uow, rows)),
        missing=tuple(SpanView(**_span(first, last)) for first, last in missing),
        deemed=tuple(_deemed(one) for one in deemed),
        special=tuple(_special(one) for one in _of(uow, SpecialWork, person.id)),
        doubles=tuple(_doubles(uow, person, rows)),
        cleared=tuple(_cleared(cleared)),
        warnings=warnings(at),
    )


def _of(uow: Uow, table: type[T], person_id: int) -> Sequence[T]:
    return uow.session.scalars(
        select(table).where(table.person_id == person_id).order_by(table.first, table.id)
    ).all()


def _span(first: Month, last: Month) -> dict[str, object]:
    return {"first": str(first), "last": str(last), "months": last - first + 1}


def _paid(uow: Uow, rows: Sequence[Contribution]) -> Iterator[PaidSpan]:
    """Months in a row, payer by payer."""
    names = registry.employers(uow, {row.employer_id for row in rows if row.employer_id})
    for payer, theirs in groupby(rows, key=lambda row: row.employer_id):
        for first, last in in_a_row(row.month for row in theirs):
            yield PaidSpan(employer=names[payer].name if payer else OWN, **_span(first, last))


def _missing(
    rows: Sequence[Contribution], deemed: Sequence[DeemedPeriod], cleared: Sequence[Cleared], at: Month
) -> list[tuple[Month, Month]]:
    """Between the first month that counts and now (or retirement), those that count nowhere. This month is not over."""
    counted = {row.month for row in rows} | {one.month for one in cleared}
    for one in deemed:
        if one.withdrawn_on is None:
            counted |= set(one.first.until(one.last))
    if not counted:
        return []
    return list(in_a_row(set(min(counted).until(at - 1)) - counted))


def _deemed(one: DeemedPeriod) -> DeemedView:
    return DeemedView(
        no=one.id,
        ground=one.ground,
        evidence=one.evidence,
        archive=one.archive,
        decided_on=one.decided_on,
        withdrawn=one.withdrawn_because or "",
        **_span(one.first, one.last),
    )


def _special(one: SpecialWork) -> SpecialView:
    return SpecialView(
        no=one.id,
        kind=one.kind,
        post=one.post,
        employer=one.employer,
        evidence=one.evidence,
        archive=one.archive,
        decided_on=one.decided_on,
        withdrawn=one.withdrawn_because or "",
        **_span(one.first, one.last),
    )


def _doubles(uow: Uow, person: registry.Person, rows: Sequence[Contribution]) -> Iterator[DoubleView]:
    """What an officer should look at: months that are recognised and paid, paid by who has an employer, or paid after
    retirement."""
    own = [row.month for row in rows if row.employer_id is None]
    jobs = registry.flexible.employed(uow, person) if own else []
    found = {
        "deemed": Listed.of(uow, [person.id]).twice(person.id),
        "job": [month for month in own if any(_worked(month, *job) for job in jobs)],
        "retired": [row.month for row in rows if person.retired and row.month > person.retired],
    }
    for why, months in found.items():
        for first, last in in_a_row(months):
            yield DoubleView(why=why, **_span(first, last))


def _worked(month: Month, started: date, ended: date | None) -> bool:
    """The whole month: in that of being hired who insured themselves pays still."""
    return Month.of(started) < month and (ended is None or month < Month.of(ended))


def _cleared(rows: Sequence[Cleared]) -> Iterator[ClearedView]:
    for (place, document, day), theirs in groupby(
        rows, key=lambda one: (one.place, one.document, one.cleared_on)
    ):
        months = list(theirs)
        for first, last in in_a_row(one.month for one in months):
            fen = sum(one.person_share.fen for one in months if first <= one.month <= last)
            yield ClearedView(
                place=place, document=document, cleared_on=day, refund_fen=fen, **_span(first, last)
            )
