"""Planning 什么时候能退休: the earliest, the legal and the latest day, what is missing, and until when to say so."""

from __future__ import annotations

from datetime import date

from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.items import question
from backend.kernel.params import Lookup
from backend.kernel.period import AgeYM, Month
from backend.pension.scenarios.schema import Plan, Way
from backend.pension.scenarios.standing import Standing, standing
from backend.pension.schema import AskMine, StepView

NOTICE, AGREEMENT = "pension.flexible.notice_months", "pension.flexible.agreement_months"
EARLIEST, LEGAL, LATEST = "最早可以退休", "法定退休", "最晚可以退休"
LONGEST = 50 * 12  # months in which somebody may still come to the minimum


@question("PEN-Q30", "我的退休时间", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def plan(uow: Uow, ask: AskMine) -> Plan:
    at = standing(uow, ask.ident)
    dates, look = at.dates, Lookup(max(uow.today, at.dates.legal), at.area)
    notice, agreement = (int(look.value(term)) if dates.flexible else 0 for term in (NOTICE, AGREEMENT))
    soonest, first = at.soonest, Month.of(dates.earliest)
    return Plan(
        legal=dates.legal,
        age=str(dates.found.age.exact),
        earliest=dates.earliest,
        latest=dates.latest,
        months=at.months,
        ways=_ways(at),
        first=_first(at),
        notice_by=dates.tell_by(first) if soonest == first else None,
        soonest=dates.day_in(soonest) if soonest else None,
        agree_by=dates.agree_by if dates.flexible and uow.today <= dates.agree_by else None,
        notice_months=notice,
        agree_months=agreement,
        today=uow.today,
        steps=tuple(StepView(**step.model_dump()) for step in dates.found.steps),
        warnings=tuple(dict.fromkeys((*dates.found.warnings, *look.warnings()))),
    )


def _ways(at: Standing) -> tuple[Way, ...]:
    """Who reached the age before the reform has one day; the others may choose."""
    dates, legal = at.dates, _way(at, LEGAL, at.dates.legal)
    if not dates.flexible:
        return (legal,)
    return _way(at, EARLIEST, dates.earliest), legal, _way(at, LATEST, dates.latest)


def _way(at: Standing, name: str, day: date) -> Way:
    retired = Month.of(day)
    needed, months = at.needed(retired, at.until(retired)), at.months + at.until(retired)
    return Way(
        name=name,
        day=day,
        age=str(AgeYM.of_months(at.age(retired))),
        minimum_months=needed,
        months=months,
        missing=max(0, needed - months),
        missing_stopped=max(0, needed - at.months),
    )


def _first(at: Standing) -> str | None:
    """The first month in which the age is reached and, paying every month, the minimum too."""
    soonest = max(at.now, Month.of(at.dates.earliest))
    for month in soonest.until(soonest + LONGEST):
        paying = at.until(month)
        if at.months + paying >= at.needed(month, paying):
            return str(month)
    return None
