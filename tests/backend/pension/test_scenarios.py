"""When can I retire, what will I get, what if: by the award's own calculators, on the person's own facts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.demo import numbers
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.kernel.sentences import Invalid
from backend.pension import service as pension
from backend.pension.calculators import AskPension
from backend.pension.calculators import pension as calculated
from backend.pension.careers.choosing import dates
from backend.pension.careers.summing import Listed
from backend.pension.model import Account, AccountYear, Contribution
from backend.pension.scenarios import estimates, plan, what_if
from backend.pension.scenarios.estimating import Limits, courses, worked
from backend.pension.scenarios.schema import AskWhatIf
from backend.pension.scenarios.standing import AccountClosed, RetiredAlready, Standing
from backend.pension.schema import AskMine, Award
from backend.registry import service as registry
from tests.backend.pension.test_service import MAN, WOMAN
from tests.backend.people import LI, a_person

DUE = "310101196603150019"  # a man born 1966-03: his legal month was 2026-07, his latest is 2029-07
CENT = Decimal("0.01")


def a_career(run: Runner, ident: str, *, months: int, balance: str, index: int) -> int:
    """A person whose account is as a working life leaves it; the interest of 2025 has not been given."""
    person_id, held = a_person(run, ident), Money.yuan(balance)

    def fill(uow: Uow) -> None:
        known = registry.person(uow, ident)
        uow.session.add(
            Account(
                person_id=person_id,
                status="1",
                opened=Month(1995, 1),
                track=60 if known.sex == "1" else 55,
                months_paid=months,
                deemed_months=0,
                index_sum=months * index,
            )
        )
        uow.session.flush()
        nothing = {name: Money(0) for name in ("credited", "interest", "paid")}
        year = AccountYear(person_id=person_id, year=2025, months=12, opening=held, closing=held, **nothing)
        uow.session.add(year)

    run.system(fill)
    return person_id


def pays(uow: Uow, ident: str, base: str) -> None:
    uow.session.add(
        Contribution(
            person_id=registry.person(uow, ident).id,
            month=Month(2026, 10),
            base=Money.yuan(base),
            person_share=Money(0),
            employer_share=Money(0),
        )
    )


def change(uow: Uow, ident: str, **values: object) -> None:
    account = uow.session.get_one(Account, registry.person(uow, ident).id)
    for name, value in values.items():
        setattr(account, name, value)


def test_the_three_days_and_until_when_they_must_be_agreed(run: Runner) -> None:
    a_career(run, WOMAN, months=300, balance="90000", index=8_000)
    found = run.system(plan, AskMine(ident=WOMAN))
    assert [one.day for one in found.ways] == [date(2026, 9, 10), date(2027, 3, 10), date(2030, 3, 10)]
    assert (found.age, found.ways[0].age, found.ways[2].age) == ("55岁6个月", "55岁", "58岁6个月")
    assert (found.notice_by, found.soonest) == (None, None), "in three months it is past 10 February"
    assert found.agree_by == date(2027, 2, 10)
    assert [one.minimum_months for one in found.ways] == [180, 180, 180]
    assert found.first == "2026-11"


def test_before_the_reform_is_in_force_its_day_can_be_read_already(run: Runner, clock: FixedClock) -> None:
    """In November 2024: who is sixty in December has one day; whose day the reform moves reads the terms to come."""
    clock.set(datetime(2024, 11, 25, tzinfo=UTC))
    old, moved = (
        numbers.citizen_number("310101", "19641231", 1),
        numbers.citizen_number("310101", "19650515", 1),
    )
    for ident in (old, moved):
        a_career(run, ident, months=300, balance="90000", index=8_000)
    found = run.system(plan, AskMine(ident=old))
    assert ([one.day for one in found.ways], found.agree_by) == ([date(2024, 12, 31)], None)
    found = run.system(plan, AskMine(ident=moved))
    assert [one.day for one in found.ways] == [date(2025, 5, 15), date(2025, 7, 15), date(2028, 7, 15)]
    assert (found.notice_by, found.agree_by) == (date(2025, 2, 15), date(2025, 6, 15))


def test_what_is_missing_is_measured_by_the_year_of_retirement_whether_one_goes_on_or_stops(
    run: Runner,
) -> None:
    """190 months are enough today, and 50 too few in 2053."""
    a_career(run, LI, months=190, balance="50000", index=8_000)
    earliest, legal, latest = run.system(plan, AskMine(ident=LI)).ways
    assert (legal.day, legal.minimum_months, legal.missing_stopped, legal.missing) == (
        date(2053, 1, 1),
        240,
        50,
        0,
    )
    assert legal.months == 190 + Month(2053, 1).number - Month(2026, 11).number + 1
    assert (earliest.day, latest.day) == (date(2050, 1, 1), date(2056, 1, 1))


def test_who_is_short_reads_the_first_month_that_is_enough(run: Runner) -> None:
    """Born 1971-09, 150 months: 180 are reached in 2029-04; the minimum still is 180 then."""
    a_career(run, WOMAN, months=150, balance="50000", index=8_000)
    found = run.system(plan, AskMine(ident=WOMAN))
    assert found.first == "2029-04"
    assert [one.missing for one in found.ways] == [30, 25, 0]


def test_who_reached_the_age_before_the_reform_has_one_day(run: Runner) -> None:
    a_career(run, MAN, months=360, balance="182340.15", index=10_500)
    found = run.system(plan, AskMine(ident=MAN))
    assert [one.day for one in found.ways] == [date(2023, 11, 15)]
    assert (found.notice_by, found.soonest, found.agree_by) == (None, None, None)


@pytest.mark.parametrize(
    ("ident", "retired", "balance"), [(MAN, "2023-11", "182340.15"), (DUE, "2026-07", "0")]
)
def test_an_estimate_of_this_month_is_the_award_to_the_fen(
    run: Runner, ident: str, retired: str, balance: str
) -> None:
    """Where no interest is running since the last year was settled: an award does not count it, an estimate does."""
    a_career(run, ident, months=360, balance=balance, index=10_500)
    first, *later = run.system(estimates, AskMine(ident=ident)).outcomes
    assert run.system(what_if, AskWhatIf(ident=ident)).outcomes[0] == first
    award = run.system(pension.award, Award(ident=ident, retired=retired))
    assert (first.name, first.retired, first.total_fen) == ("现在退休", retired, award.total_fen)
    assert first.steps == award.steps
    assert [one.retired for one in later] == ([] if ident == MAN else ["2029-07"])


def test_stopping_going_on_and_staying_to_the_last_on_a_base_that_stays(run: Runner) -> None:
    """What the account will hold is reckoned here once more, year by year."""
    a_career(run, LI, months=240, balance="90000", index=8_000)
    run.system(pays, LI, "10000")
    found = run.system(estimates, AskMine(ident=LI))
    stop, go_on, late = found.outcomes
    assert (stop.retired, go_on.retired, late.retired) == ("2053-01", "2053-01", "2056-01")
    assert (stop.paying, go_on.paying, late.paying) == (0, 315, 351)
    assert (go_on.own_fen, go_on.share) == (200_000, 80), "who pays alone pays twenty per cent"
    held = Decimal(90000)
    for _ in range(2025, 2053):
        held += (held * Decimal("0.015")).quantize(CENT, ROUND_HALF_UP)
    held += (held * Decimal("0.015") / 12).quantize(CENT, ROUND_HALF_UP)
    assert stop.balance_fen == held * 100, "the year of retirement bears to its month"
    by_hand = calculated(
        AskPension.model_validate(
            {"area": "310101", "retired": "2053-01", "base": "12434", "index": "0.8", "months": 240}
            | {"account": str(held), "age": {"years": 63, "months": 0}}
        )
    )
    assert stop.total_fen == Money.yuan(by_hand.total).fen
    assert stop.total_fen < go_on.total_fen < late.total_fen
    [waiting] = found.remarks
    assert f"晚领 36 个月，少领 {Money(36 * go_on.total_fen)} 元" in waiting
    assert any("12,434.00" in one for one in found.assumptions)
    assert any("个人账户计息办法" in one for one in found.warnings)


def test_too_few_months_are_told_in_place_of_an_amount(run: Runner) -> None:
    a_career(run, LI, months=190, balance="50000", index=8_000)
    stop, go_on, _ = run.system(estimates, AskMine(ident=LI)).outcomes
    assert (stop.total_fen, stop.steps) == (0, ())
    assert "缴费 190 个月，最低要 240 个月，还差 50 个月" in stop.obstacle
    assert go_on.total_fen
    assert go_on.obstacle == ""


def test_another_course_is_told_beside_the_usual_one(run: Runner) -> None:
    a_career(run, LI, months=240, balance="90000", index=8_000)
    run.system(pays, LI, "10000")
    usual, asked = run.system(what_if, AskWhatIf(ident=LI, share=300)).outcomes
    assert (usual.base_fen, asked.base_fen, asked.share) == (1_000_000, 3_773_100, 300)
    assert asked.total_fen > usual.total_fen
    early = run.system(what_if, AskWhatIf(ident=LI, retired="2050-01", months=60)).outcomes[1]
    assert (early.retired, early.age_name, early.paying, early.months) == ("2050-01", "60岁", 60, 300)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"retired": "2049-12"}, "“哪个月退休”要在 2050-01 到 2056-01 之间"),
        ({"retired": "2056-02"}, "“哪个月退休”要在 2050-01 到 2056-01 之间"),
        ({"months": 316}, "到 2053-01 退休，从现在起最多还能缴 315 个月"),
        ({"share": 59}, "缴费基数只能在平均工资的百分之 60 到百分之 300 之间"),
        ({"share": 301}, "缴费基数只能在平均工资的百分之 60 到百分之 300 之间"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(run: Runner, asked: dict[str, object], told: str) -> None:
    a_career(run, LI, months=240, balance="90000", index=8_000)
    run.system(pays, LI, "10000")
    with pytest.raises(Invalid) as refused:
        run.system(what_if, AskWhatIf.model_validate({"ident": LI} | asked))
    assert refused.value.fields == {next(iter(asked)): told}


def test_a_lower_base_may_cost_more_than_the_months_give_and_that_is_said(run: Runner) -> None:
    """A long deemed service where the transitional pension follows one's own index (Shandong)."""
    a_career(run, WOMAN, months=30, balance="9000", index=25_000)
    run.system(change, WOMAN, deemed_months=360)
    run.system(pays, WOMAN, "7546")

    def moved(uow: Uow) -> None:
        registry.person(uow, WOMAN).area = "370102"

    run.system(moved)
    stop, go_on, _ = (found := run.system(estimates, AskMine(ident=WOMAN))).outcomes
    assert go_on.total_fen < stop.total_fen
    assert f"每月反而少 {Money(stop.total_fen - go_on.total_fen)} 元" in found.remarks[0]
    assert f"平均缴费指数从 {stop.index} 降到 {go_on.index}" in found.remarks[0]


def test_who_has_retired_or_gone_elsewhere_has_nothing_to_estimate(run: Runner) -> None:
    a_career(run, MAN, months=360, balance="182340.15", index=10_500)
    a_career(run, LI, months=240, balance="90000", index=8_000)
    run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    run.system(change, LI, status="3")
    for ask in (plan, estimates):
        with pytest.raises(RetiredAlready, match="已经退休"):
            run.system(ask, AskMine(ident=MAN))
        with pytest.raises(AccountClosed, match="已转出"):
            run.system(ask, AskMine(ident=LI))


@settings(max_examples=40, deadline=None)
@given(
    birth=st.dates(date(1966, 1, 1), date(2004, 12, 31)),
    track=st.sampled_from([50, 55, 60]),
    paid=st.integers(0, 300),
    deemed=st.integers(0, 120),
    index=st.integers(6_000, 30_000),
    balance=st.integers(0, 60_000_000),
    area=st.sampled_from(["310101", "370102", "440106", "510104", "330106"]),
)
def test_more_gives_less_only_where_it_is_said(
    birth: date, track: int, paid: int, deemed: int, index: int, balance: int, area: str
) -> None:
    at = Standing(
        area=area,
        birth=birth,
        dates=dates("1" if track == 60 else "2", track, birth),
        today=date(2026, 11, 24),
        paid=paid,
        deemed=deemed,
        account=Account(person_id=1, months_paid=paid, deemed_months=deemed, index_sum=paid * index),
        listed=Listed({}, {}),
        balance_fen=balance,
        first_year=2026,
        opening_fen=balance,
        years={},
        last=None,
    )
    found = worked(at, limits := Limits.of(at), courses(at, limits.floor_fen))
    able = [one for one in found.outcomes if not one.obstacle]
    for less, more in pairwise(able):
        fallen = [one for one in found.remarks if one.startswith(f"“{more.name}”每月反而少")]
        assert bool(fallen) == (more.total_fen < less.total_fen)
