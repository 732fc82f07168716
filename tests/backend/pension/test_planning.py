"""What PEN-Q30 says is soonest, PEN-15 accepts, and no month before it; what is asked for is what PEN-04 asks."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from backend.demo import numbers
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import Refusal
from backend.kernel.period import Month
from backend.pension import service as pension
from backend.pension.careers.choosing import TooFewMonths, dates, require_months
from backend.pension.careers.chosen import TellEarly, WithdrawChoice
from backend.pension.careers.flexible import OutsideEarly, ToldTooLate, ToldTooLateForAny
from backend.pension.model import Account
from backend.pension.scenarios import plan, what_if
from backend.pension.scenarios.schema import AskWhatIf, Plan
from backend.pension.schema import AskMine
from backend.registry import service as registry
from tests.backend.levy.town import at
from tests.backend.pension.test_scenarios import a_career, change

# a man of the reform; legal at 60 years and 11 months, in 2029-01; 180 months are asked then, 198 of who begins in 2032
LATER = numbers.citizen_number("310101", "19680305", 1)


def a_man(run: Runner, birth: str, months: int = 300) -> str:
    ident = numbers.citizen_number("310101", birth, 1)
    a_career(run, ident, months=months, balance="90000", index=8_000)
    return ident


def read(run: Runner, ident: str) -> Plan:
    return run.system(plan, AskMine(ident=ident))


def tell(run: Runner, ident: str, month: Month) -> None:
    """Told, and taken back: so that another may be tried."""
    run.system(pension.careers.tell_early, TellEarly(ident=ident, month=str(month)))
    run.system(pension.careers.withdraw_choice, WithdrawChoice(ident=ident, because="试一试"))


def test_who_tells_between_two_days_of_birth_retires_a_month_later(run: Runner, clock: FixedClock) -> None:
    """Born on the 10th: on 20 December three months lead past 10 March, so the day is 10 April."""
    ident = a_man(run, "19670110")
    at(clock, 2026, 12, 20)
    found = read(run, ident)
    assert (found.notice_by, found.soonest) == (None, date(2027, 4, 10)), "for the earliest it is too late"
    with pytest.raises(ToldTooLate, match=r"最晚要在 2026-12-10 .*最早可以选 2027-04"):
        tell(run, ident, Month(2027, 3))
    at(clock, 2026, 10, 10)
    found = read(run, ident)
    assert (found.notice_by, found.soonest) == (date(2026, 10, 10), date(2027, 1, 10)), "the last day in time"


@pytest.mark.parametrize(
    "birth", ["19670110", "19670131", "19680229", "19670228", "19670430", "19661231", "19670101"]
)
def test_what_the_page_says_is_soonest_is_accepted_and_no_month_before_it(
    run: Runner, clock: FixedClock, birth: str
) -> None:
    """On the last day for each early month, the day before and the day after it, at ends of months, and too late."""
    ident = a_man(run, birth)
    when = dates("1", 60, date.fromisoformat(birth))
    by = [when.tell_by(month) for month in when.early]
    assert all(sooner <= later for sooner, later in pairwise(by))
    days = {one + timedelta(days=n) for one in by for n in (-1, 0, 1)}
    days |= {one.replace(day=1) - timedelta(days=1) for one in by} | {when.legal - timedelta(days=1)}
    for day in sorted(days):
        at(clock, day.year, day.month, day.day)
        soonest = read(run, ident).soonest
        if soonest is not None:
            assert soonest == when.day_in(Month.of(soonest))
            tell(run, ident, Month.of(soonest))
        before = Month.of(soonest) - 1 if soonest else when.legal_month - 1
        with pytest.raises((OutsideEarly, ToldTooLate, ToldTooLateForAny)):
            tell(run, ident, before)


@pytest.mark.parametrize("months", [168, 172, 178, 179, 180])
def test_who_still_has_too_few_months_may_choose_from_when_there_are_enough(
    run: Runner, clock: FixedClock, months: int
) -> None:
    ident = a_man(run, "19670110", months)
    at(clock, 2026, 10, 1)
    soonest = read(run, ident).soonest
    able = list[Month]()
    for month in dates("1", 60, date(1967, 1, 10)).early:
        try:
            tell(run, ident, month)
        except Refusal:
            continue
        able.append(month)
    assert soonest == (able[0].first.replace(day=10) if able else None)


def test_a_day_by_which_to_agree_is_told_until_it_is_over(run: Runner, clock: FixedClock) -> None:
    a_career(run, LATER, months=300, balance="90000", index=8_000)
    at(clock, 2028, 12, 5)
    assert read(run, LATER).agree_by == date(2028, 12, 5)
    for day in (6, 20):
        at(clock, 2028, 12, day)
        found = read(run, LATER)
        assert (found.agree_by, found.soonest, found.notice_by) == (None, None, None)


def test_who_had_enough_at_the_legal_age_is_asked_no_more_for_retiring_late(run: Runner) -> None:
    a_career(run, LATER, months=188, balance="90000", index=8_000)
    earliest, legal, latest = read(run, LATER).ways
    assert [str(Month.of(one.day)) for one in (earliest, legal, latest)] == ["2028-03", "2029-01", "2032-01"]
    assert [one.minimum_months for one in (earliest, legal, latest)] == [180, 180, 180]
    assert latest.missing_stopped == 0
    _, asked = run.system(what_if, AskWhatIf(ident=LATER, retired="2032-01", months=0)).outcomes
    assert (asked.obstacle, asked.months) == ("", 188)
    assert asked.total_fen


def test_who_has_enough_by_the_legal_age_only_if_they_go_on_reads_what_that_takes(run: Runner) -> None:
    """170 months, 27 more until then: ten are enough, for the late day too; who stops is asked for 198 then."""
    a_career(run, LATER, months=170, balance="90000", index=8_000)
    latest = read(run, LATER).ways[2]
    assert (latest.minimum_months, latest.missing_stopped, latest.missing) == (180, 10, 0)
    for further, short in ((0, "最低要 198 个月，还差 28 个月"), (9, "还差 19 个月"), (10, "")):
        _, asked = run.system(what_if, AskWhatIf(ident=LATER, retired="2032-01", months=further)).outcomes
        assert short in asked.obstacle
        assert bool(short) == bool(asked.obstacle)


@pytest.mark.parametrize("retired", ["2028-03", "2029-01", "2029-02", "2030-01", "2032-01"])
def test_an_estimate_refuses_for_too_few_months_exactly_when_an_award_would(
    run: Runner, retired: str
) -> None:
    person_id = a_career(run, LATER, months=0, balance="90000", index=8_000)

    def asked(uow: Uow) -> None:
        person = registry.person(uow, LATER)
        account = uow.session.get_one(Account, person_id)
        require_months(uow, person, account, Month.parse(retired))

    for months in (170, 179, 180, 185, 186, 197, 198):
        run.system(change, LATER, months_paid=months, index_sum=months * 8_000)
        _, told = run.system(what_if, AskWhatIf(ident=LATER, retired=retired, months=0)).outcomes
        try:
            run.system(asked)
        except TooFewMonths as refused:
            short = (
                f"最低要 {refused.facts['minimum']} 个月，还差 {refused.facts['short']} 个月，不能按月领。"
            )
        else:
            short = ""
        assert told.obstacle.endswith(short)
        assert bool(told.obstacle) == bool(short)
