"""Flexible retirement: told three months before, agreed one month before, at most three years, never made longer."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from backend.demo import numbers
from backend.kernel import items
from backend.kernel.actor import Actor, Kind
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import NotFound
from backend.kernel.period import Month
from backend.pension import service as pension
from backend.pension.careers import choosing, flexible
from backend.pension.careers.choosing import Dates, dates
from backend.pension.careers.chosen import (
    AgreeLate,
    AskLate,
    AskRequests,
    AskRetiring,
    Chosen,
    Retiring,
    TellEarly,
    WithdrawChoice,
)
from backend.pension.careers.recognising import InPensionAlready
from backend.pension.model import Account
from backend.pension.schema import Award
from backend.registry import service as registry
from backend.registry.schema import Hire, Leave
from tests.backend.levy.town import at
from tests.backend.pension.careers.test_index import paid
from tests.backend.pension.test_service import MAN, with_account
from tests.backend.people import USCC, an_employer, citizen

careers = pension.careers
OTHER = numbers.credit_code(43, "350100", "91")
# born 1967-01-31: legal age 60 years 7 months (2027-08-31), from 60 (2027-01-31) to 63 years 7 months (2030-08-31)
ZHAO = numbers.citizen_number("310101", "19670131", 1)


@pytest.fixture
def zhao(run: Runner, clock: FixedClock) -> int:
    at(clock, 2026, 11, 24)
    return with_account(run, ZHAO, months=300, balance="90000", index=9_000)


def tell(run: Runner, month: str, **changed: Any) -> Chosen:
    return run(careers.tell_early, TellEarly.model_validate({"ident": ZHAO, "month": month} | changed))


def ask(run: Runner, month: str, **changed: Any) -> Chosen:
    return run(careers.ask_late, AskLate.model_validate({"ident": ZHAO, "month": month} | changed))


def agree(run: Runner, month: str, **changed: Any) -> Chosen:
    given = {"uscc": USCC, "ident": ZHAO, "month": month} | changed
    return run(careers.agree_late, AgreeLate.model_validate(given))


def withdraw(run: Runner) -> None:
    run(careers.withdraw_choice, WithdrawChoice(ident=ZHAO, because="改变主意"))


def award(run: Runner, retired: str) -> str:
    return run.system(pension.award, Award(ident=ZHAO, retired=retired)).retired


def asked(run: Runner) -> Retiring:
    return run(careers.retiring, AskRetiring(ident=ZHAO))


def boss(run: Runner, uscc: str = USCC) -> Runner:
    return run.by(Actor(Kind.EMPLOYER, f"employer:{uscc}", subject=uscc))


# ---- early ----


def test_the_last_day_to_tell_is_three_months_before_at_the_months_end_too() -> None:
    """Born on the 31st: retiring in 2027-05 is on the 31st, so told by 28 February; in 2027-06 on the 30th."""
    when = dates("1", 60, date(1967, 1, 31))
    assert (when.earliest, when.legal, when.latest) == (
        date(2027, 1, 31),
        date(2027, 8, 31),
        date(2030, 8, 31),
    )
    assert [when.tell_by(Month(2027, month)) for month in (1, 5, 6)] == [
        date(2026, 10, 31),
        date(2027, 2, 28),
        date(2027, 3, 30),
    ]
    assert when.agree_by == date(2027, 7, 31)


def test_who_was_born_on_the_29th_of_february_has_days_in_every_year() -> None:
    when: Dates = dates("1", 60, date(1968, 2, 29))
    assert when.legal == date(2028, 12, 29)
    assert when.day_in(Month(2028, 2)) == date(2028, 2, 29)
    assert when.tell_by(Month(2028, 5)) == date(2028, 2, 29)
    assert dates("2", 50, date(1976, 2, 29)).earliest == date(2026, 2, 28)


@pytest.mark.parametrize(("day", "goes"), [(28, True), (1, False)], ids=["in time", "a day late"])
def test_a_notice_of_the_last_day_is_good_and_a_day_later_it_is_not(
    run: Runner, clock: FixedClock, zhao: int, day: int, goes: bool
) -> None:
    at(clock, 2027, 2 if goes else 3, day)
    mine = run.by(citizen(ZHAO, zhao))
    assert asked(mine).tell_by is None, "for the earliest month of all it is too late by now"
    if not goes:
        with pytest.raises(flexible.ToldTooLate, match=r"最晚要在 2027-02-28 .*最早可以选 2027-06"):
            tell(mine, "2027-05")
        return
    told = tell(mine, "2027-05")
    assert (told.deadline, told.since, told.legal) == (
        date(2027, 2, 28),
        date(2027, 2, 28),
        date(2027, 8, 31),
    )
    at(clock, 2027, 5, 31)
    with pytest.raises(choosing.ToldOther, match="是 2027-05，不是 2027-04"):
        award(run, "2027-04")
    assert award(run, "2027-05") == "2027-05"
    with pytest.raises(InPensionAlready):
        withdraw(mine)


def test_nobody_retires_early_who_has_not_said_so(run: Runner, clock: FixedClock, zhao: int) -> None:
    at(clock, 2027, 5, 31)
    with pytest.raises(choosing.NoNotice, match="2027-02-28 以前收到的请补录"):
        award(run, "2027-05")
    with pytest.raises(flexible.PaperMissing):
        tell(run.system, "2027-05", told_on="2027-02-28")
    with pytest.raises(flexible.PaperAhead):
        tell(run.system, "2027-05", told_on="2027-06-01", document="告知 7 号")
    with pytest.raises(flexible.ToldTooLateForAny):
        tell(run.system, "2027-07")
    tell(run.system, "2027-05", told_on="2027-02-28", document="告知 7 号")
    assert award(run, "2027-05") == "2027-05"


@pytest.mark.parametrize("month", ["2026-12", "2027-08", "2030-01"])
def test_an_early_month_lies_between_the_old_age_and_the_legal_one(
    run: Runner, zhao: int, month: str
) -> None:
    with pytest.raises(flexible.OutsideEarly, match="可以选 2027-01 到 2027-07"):
        tell(run.system, month)


def test_a_citizen_tells_only_today_and_for_themselves(run: Runner, zhao: int) -> None:
    mine = run.by(citizen(ZHAO, zhao))
    with pytest.raises(flexible.OnlyToday):
        tell(mine, "2027-05", told_on="2026-10-01")
    with pytest.raises(items.NotYours):
        items.perform(mine, items.find("PEN-15"), TellEarly(ident=MAN, month="2027-05"))
    assert not isinstance(
        items.perform(mine, items.find("PEN-15"), TellEarly(ident=ZHAO, month="2027-05")), items.Filed
    )


def test_a_choice_is_one_and_may_be_taken_back(run: Runner, clock: FixedClock, zhao: int) -> None:
    mine = run.by(citizen(ZHAO, zhao))
    tell(mine, "2027-05")
    with pytest.raises(flexible.ChosenAlready, match="弹性提前退休，退休年月是 2027-05"):
        tell(mine, "2027-06")
    with pytest.raises(flexible.ChosenAlready):
        ask(mine, "2028-01")
    withdraw(mine)
    with pytest.raises(NotFound):
        withdraw(mine)
    assert asked(mine).choice is None
    assert tell(mine, "2027-06").month == "2027-06"


def test_who_will_not_have_enough_months_by_then_cannot_choose(run: Runner, zhao: int) -> None:
    """175 months in 2026-11: 180 are possible by 2027-04, not before."""

    def fewer(uow: Uow) -> None:
        uow.session.get_one(Account, zhao).months_paid = 175

    run.system(fewer)
    with pytest.raises(choosing.TooFewMonths, match="还差 1 个月"):
        tell(run.system, "2027-03")
    assert tell(run.system, "2027-04").month == "2027-04"


def test_who_reached_the_age_before_the_reform_has_nothing_to_choose(run: Runner) -> None:
    with_account(run, MAN, months=300, balance="90000", index=9_000)
    with pytest.raises(flexible.NothingToChoose, match="2023-11-15"):
        run.system(careers.tell_early, TellEarly(ident=MAN, month="2023-10"))
    with pytest.raises(flexible.NothingToChoose):
        run.system(careers.ask_late, AskLate(ident=MAN, month="2024-10", document="申请 1 号"))


# ---- late ----


@pytest.mark.parametrize(
    ("month", "day", "goes"), [(7, 31, True), (8, 1, False)], ids=["in time", "a day late"]
)
def test_an_agreement_of_the_last_day_is_good_and_a_day_later_it_is_not(
    run: Runner, clock: FixedClock, zhao: int, month: int, day: int, goes: bool
) -> None:
    mine = run.by(citizen(ZHAO, zhao))
    assert ask(mine, "2028-08").agreed is None
    with pytest.raises(flexible.AskedOther, match="申请的是延迟到 2028-08"):
        agree(boss(run), "2028-09")
    at(clock, 2027, month, day)
    if not goes:
        with pytest.raises(flexible.AgreedTooLate, match="2027-07-31"):
            agree(boss(run), "2028-08")
        assert award(run, "2027-08") == "2027-08", "so the legal age holds"
        return
    done = agree(boss(run), "2028-08")
    assert (done.agreed, done.agreed_on) == ("2028-08", date(2027, 7, 31))
    with pytest.raises(flexible.AgreedAlready):
        withdraw(mine)
    at(clock, 2028, 9, 5)
    for retired in ("2027-08", "2028-07", "2028-09"):
        with pytest.raises(choosing.AgreedOther, match="约定延迟到 2028-08"):
            award(run, retired)
    assert award(run, "2028-08") == "2028-08"


def test_late_is_never_made_longer_and_is_ended_earlier_by_both(
    run: Runner, clock: FixedClock, zhao: int
) -> None:
    mine = run.by(citizen(ZHAO, zhao))
    ask(mine, "2029-01")
    agree(boss(run), "2029-01")
    at(clock, 2028, 3, 10)
    for month in ("2029-01", "2029-02"):
        with pytest.raises(flexible.NeverLonger, match="2029-01"):
            ask(mine, month)
    with pytest.raises(flexible.EndTooEarly, match="最早在 2028-03"):
        ask(mine, "2028-02")
    sooner = ask(mine, "2028-03")
    assert (sooner.month, sooner.agreed, sooner.deadline) == ("2028-03", "2029-01", None)
    with pytest.raises(choosing.AgreedOther):
        award(run, "2028-03")
    assert agree(boss(run), "2028-03").agreed == "2028-03"
    assert award(run, "2028-03") == "2028-03"


def test_late_is_at_most_three_years_and_only_with_an_employer(
    run: Runner, clock: FixedClock, zhao: int
) -> None:
    mine = run.by(citizen(ZHAO, zhao))
    for month in ("2027-08", "2030-09"):
        with pytest.raises(flexible.OutsideLate, match="可以选 2027-09 到 2030-08"):
            ask(mine, month)
    assert asked(mine).agree_by == date(2027, 7, 31)
    run.system(registry.leave, Leave(uscc=USCC, ident=ZHAO, ended=date(2026, 11, 20), reason="6301"))
    with pytest.raises(flexible.NoEmployer):
        ask(mine, "2030-08")


def test_an_employer_agrees_for_its_own_workers_only_and_learns_nothing_of_others(
    run: Runner, clock: FixedClock, zhao: int
) -> None:
    with pytest.raises(flexible.NothingAsked):
        agree(boss(run), "2028-08")
    ask(run.by(citizen(ZHAO, zhao)), "2028-08")
    an_employer(run, OTHER, name="隔壁有限公司")
    (mine,) = boss(run)(careers.requests, AskRequests(uscc=USCC)).requests
    assert (mine.ident, mine.month, mine.agreed, mine.deadline) == (ZHAO, "2028-08", None, date(2027, 7, 31))
    assert boss(run, OTHER)(careers.requests, AskRequests(uscc=OTHER)).requests == ()
    for number in (ZHAO, numbers.citizen_number("310101", "19670130", 1)):
        with pytest.raises(flexible.NotYourWorker):
            agree(boss(run, OTHER), "2028-08", uscc=OTHER, ident=number)
    agree(boss(run), "2028-08")
    assert boss(run)(careers.requests, AskRequests(uscc=USCC)).requests == ()


def test_who_has_too_few_months_goes_on_paying_without_an_agreement(
    run: Runner, clock: FixedClock, zhao: int
) -> None:
    """174 months at the legal age: 180 six months later, and nobody need agree."""

    def few(uow: Uow, n: int) -> None:
        uow.session.get_one(Account, zhao).months_paid = n

    at(clock, 2027, 9, 5)
    run.system(few, 174)
    with pytest.raises(choosing.TooFewMonths, match="还差 6 个月"):
        award(run, "2027-08")
    at(clock, 2031, 3, 5)
    with pytest.raises(choosing.TooFewMonths, match="才满 192 个月"):
        award(run, "2031-02")
    run.system(pay_later, zhao, 18)
    assert award(run, "2031-02") == "2031-02", "however long it takes"


def pay_later(uow: Uow, person_id: int, n: int) -> None:
    """So many months after the legal age."""
    paid(uow, person_id, {Month(2027, 9) + k: 9_000 for k in range(n)}, n * 9_000)


def test_who_retires_late_by_agreement_needs_what_was_asked_at_the_legal_age(
    run: Runner, clock: FixedClock, zhao: int
) -> None:
    """Legal in 2027 (180 months), agreed to 2030-08, when 186 are asked of others."""
    ask(run.by(citizen(ZHAO, zhao)), "2030-08")
    agree(boss(run), "2030-08")

    def few(uow: Uow) -> None:
        uow.session.get_one(Account, zhao).months_paid = 181

    run.system(few)
    at(clock, 2030, 9, 5)
    assert award(run, "2030-08") == "2030-08"


def test_a_new_employer_is_not_bound_by_what_another_agreed(
    run: Runner, clock: FixedClock, zhao: int
) -> None:
    mine = run.by(citizen(ZHAO, zhao))
    ask(mine, "2029-01")
    agree(boss(run), "2029-01")
    run.system(registry.leave, Leave(uscc=USCC, ident=ZHAO, ended=date(2026, 11, 20), reason="6301"))
    an_employer(run, OTHER, name="隔壁有限公司")
    run.system(registry.hire, Hire(uscc=OTHER, ident=ZHAO, name="张秀䶮", started=date(2026, 11, 23)))
    ask(mine, "2028-01")
    assert agree(boss(run, OTHER), "2028-01", uscc=OTHER).agreed == "2028-01"
