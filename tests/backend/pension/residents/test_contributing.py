"""Who may take part, what a year's payment does to account and ledger, and how it is undone; nothing twice, nothing lost."""

from __future__ import annotations

from datetime import date

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.errors import Refusal
from backend.kernel.pooling import BeyondReach
from backend.pension.residents import contributing, enrolling, reversing, subsidising
from backend.pension.residents import service as residents
from backend.pension.residents.accounts import NotEnrolled, credit
from backend.pension.residents.schema import (
    Allot,
    AskScheme,
    AskTiers,
    ChooseTier,
    Collective,
    Pay,
    PayOnline,
    Reverse,
)
from backend.registry import service as registry
from backend.registry.schema import Hire, RegisterDeath
from tests.backend.levy.town import carried_out
from tests.backend.pension.residents.village import (
    NEAR,
    OLD,
    YOUNG,
    a_resident,
    all_agrees,
    at,
    balance,
    booked,
    born,
    enrol,
    mine,
    pay,
    pay_back,
)
from tests.backend.people import USCC, a_person, an_employer, citizen, officer

ALONE = Reverse(channel="bank", reference=f"{YOUNG[-8:]}-2026", reason="记错了人")


@pytest.fixture
def young(run: Runner) -> int:
    return a_resident(run, YOUNG)


def test_a_year_paid_goes_into_the_account_with_its_subsidy_and_into_the_books_as_it_came(
    run: Runner, young: int
) -> None:
    got = pay(run, YOUNG, 2026)
    assert (got.payment.amount_fen, got.payment.subsidy_fen, got.months) == (50_000, 6_000, 12)
    assert balance(run, YOUNG).fen == 56_000
    assert booked(run, "contribution_income") == -50_000
    assert booked(run, "receipts_deposit") == 50_000
    assert booked(run, "fiscal_subsidy") == 0, "its money has not come"
    assert all_agrees(run)


def test_a_slip_is_taken_once_and_a_year_is_paid_once(run: Runner, young: int) -> None:
    pay(run, YOUNG, 2026)
    with pytest.raises(contributing.SlipTaken, match=r"500\.00"):
        pay(run, YOUNG, 2025, reference=f"{YOUNG[-8:]}-2026")
    with pytest.raises(contributing.YearPaid, match="2026"):
        pay(run, YOUNG, 2026, 1000, reference="OTHER-1")
    assert (balance(run, YOUNG).fen, booked(run, "contribution_income")) == (56_000, -50_000)


@pytest.mark.parametrize(
    ("year", "yuan", "changed", "why"),
    [
        (2027, 500, {}, contributing.YearAhead),
        (2026, 450, {}, contributing.NotATier),
        (2026, 500, {"amount_fen": 50_001}, contributing.NotATier),
        (2026, 500, {"received_on": date(2026, 11, 25)}, contributing.MoneyAhead),
        (2026, 500, {"received_on": date(2009, 8, 31)}, contributing.MoneyBefore),
    ],
)
def test_what_cannot_be_paid_is_refused(
    run: Runner, young: int, year: int, yuan: int, changed: dict[str, object], why: type[Refusal]
) -> None:
    with pytest.raises(why):
        pay(run, YOUNG, year, yuan, **changed)
    assert balance(run, YOUNG).fen == 0


def test_years_gone_by_are_paid_without_subsidy_until_fifteen_years_are_full(run: Runner) -> None:
    a_resident(run, NEAR)
    assert mine(run, NEAR).may_pay[-1] == 2009
    pay_back(run, NEAR, 2011, 2024)
    assert pay(run, NEAR, 2025).months == 180
    assert balance(run, NEAR).fen == 15 * 50_000
    with pytest.raises(contributing.EnoughPaid, match="180"):
        pay(run, NEAR, 2010)
    with pytest.raises(contributing.EnoughPaid):
        pay(run, NEAR, 2026)  # sixty since May
    assert mine(run, NEAR).may_pay == ()
    assert all_agrees(run)


def test_nobody_pays_for_a_year_in_which_they_were_a_child(run: Runner) -> None:
    a_resident(run, teen := born("20080301"))
    assert mine(run, teen).may_pay == (2026, 2025, 2024)
    with pytest.raises(contributing.YearTooEarly, match="2024"):
        pay(run, teen, 2023)


def test_who_is_too_young_a_student_dead_or_insured_by_an_employer_cannot_enrol(
    run: Runner, clock: FixedClock
) -> None:
    a_person(run, child := born("20101125"))  # sixteen tomorrow
    with pytest.raises(enrolling.TooYoung, match="2026-11-25"):
        enrol(run, child)
    a_person(run, YOUNG)
    with pytest.raises(enrolling.AtSchool):
        enrol(run, YOUNG, student=True)
    with pytest.raises(enrolling.HukouElsewhere, match="浙江"):
        enrol(run, YOUNG, hukou="330106")
    with pytest.raises(enrolling.NoSuchTier, match="2000"):
        enrol(run, YOUNG, 501)
    an_employer(run)
    run.system(registry.hire, Hire(uscc=USCC, ident=YOUNG, name="张秀䶮", started=date(2026, 11, 1)))
    with pytest.raises(enrolling.WithEmployees, match="2026-11"):
        enrol(run, YOUNG)
    died = RegisterDeath(ident=YOUNG, died=date(2026, 11, 20), document="死亡证明1号", reported_by="家属")
    run.system(registry.register_death, died)
    with pytest.raises(enrolling.Deceased):
        enrol(run, YOUNG)
    at(clock, 2026, 11, 25)
    assert enrol(run, child).required_months == 180


def test_born_on_the_29th_of_february_comes_of_age_on_the_last_of_february(
    run: Runner, clock: FixedClock
) -> None:
    a_person(run, leap := born("19680229"))
    at(clock, 2028, 2, 28)
    assert enrol(run, leap).reaches == "2028-02"


def test_who_takes_a_job_pays_no_more_for_this_year(run: Runner, young: int) -> None:
    an_employer(run)
    run.system(registry.hire, Hire(uscc=USCC, ident=YOUNG, name="刘桂兰", started=date(2026, 11, 1)))
    with pytest.raises(enrolling.WithEmployees):
        pay(run, YOUNG, 2026)
    assert 2026 not in mine(run, YOUNG).may_pay


def test_nobody_enrols_twice_or_pays_before_enrolling(run: Runner, young: int) -> None:
    with pytest.raises(enrolling.EnrolledAlready, match="参保缴费"):
        enrol(run, YOUNG)
    a_person(run, NEAR)
    with pytest.raises(NotEnrolled, match="RES-01"):
        pay(run, NEAR, 2026)


def test_who_was_old_when_it_began_need_not_pay_and_who_was_near_it_pays_each_year(run: Runner) -> None:
    a_person(run, OLD)
    assert enrol(run, OLD).required_months == 0
    a_person(run, between := born("19560910"))  # sixty in 2016: seven whole years after 2009-09
    assert enrol(run, between).required_months == 84


def test_a_citizen_enrols_chooses_and_pays_online_for_themselves_only(run: Runner) -> None:
    me = a_person(run, YOUNG)
    own = run.by(citizen(YOUNG, me))
    own(residents.enrol, enrolling.Enrol(ident=YOUNG, hukou="310115", tier=100))
    assert own(residents.choose, ChooseTier(ident=YOUNG, tier=2000)).since == 2026
    got = own(residents.pay_online, PayOnline(ident=YOUNG, year=2026, tier=2000))
    assert got.payment.reference.startswith("DEMO-")
    assert own(residents.choose, ChooseTier(ident=YOUNG, tier=100)).since == 2027
    assert balance(run, YOUNG).fen == 206_000
    assert all_agrees(run)


def test_a_collective_helps_once_a_year_within_the_highest_tier(run: Runner, young: int) -> None:
    help = {
        "ident": YOUNG,
        "year": 2026,
        "amount_fen": 30_000,
        "payer": "示例村村民委员会",
        "channel": "bank",
        "reference": "CUN-0001",
        "received_on": date(2026, 11, 1),
    }
    with pytest.raises(contributing.TooMuchHelp, match=r"2,000\.00"):
        run.system(residents.help_with, Collective.model_validate(help | {"amount_fen": 200_001}))
    got = run.system(residents.help_with, Collective.model_validate(help))
    assert (got.balance_fen, got.months, booked(run, "collective_subsidy")) == (30_000, 0, -30_000)
    with pytest.raises(contributing.SlipTaken):
        run.system(residents.help_with, Collective.model_validate(help | {"year": 2025}))
    with pytest.raises(contributing.HelpedAlready, match=r"300\.00"):
        run.system(residents.help_with, Collective.model_validate(help | {"reference": "CUN-0002"}))
    assert all_agrees(run)


def test_a_payment_reversed_leaves_account_and_books_as_before_and_can_be_paid_again(
    run: Runner, young: int, clock: FixedClock
) -> None:
    pay(run, YOUNG, 2026)
    carried_out(run, "RES-06", ALONE)
    assert (balance(run, YOUNG).fen, booked(run, "contribution_income")) == (0, 0)
    assert mine(run, YOUNG).years[-1].months == 0
    with pytest.raises(reversing.ReversedAlready, match="2026-11-24"):
        run.system(residents.reverse, ALONE)
    assert pay(run, YOUNG, 2026).balance_fen == 56_000
    at(clock, 2027, 1)
    carried_out(
        run, "RES-06", ALONE
    )  # in the next year: the months go from the year in which they were booked
    assert [(one.year, one.months, one.closing_fen) for one in mine(run, YOUNG).years] == [
        (2026, 0, 56_000),
        (2027, 0, 0),
    ]
    assert all_agrees(run)


def test_the_finance_bureau_pays_exactly_what_the_accounts_were_given(run: Runner, young: int) -> None:
    with pytest.raises(subsidising.NothingToAllot):
        run.system(subsidising.allot, Allot(slip="CZ-0001", amount_fen=6_000))
    pay(run, YOUNG, 2026)
    assert run.system(residents.scheme, AskScheme()).unallotted_fen == 6_000
    with pytest.raises(subsidising.NotWhatIsOwed, match=r"60\.00"):
        run.system(subsidising.allot, Allot(slip="CZ-0001", amount_fen=6_001))
    carried_out(run, "RES-07", Allot(slip="CZ-0001", amount_fen=6_000))
    assert (booked(run, "treasury_deposit"), booked(run, "fiscal_subsidy")) == (6_000, -6_000)
    with pytest.raises(subsidising.SlipUsed):
        run.system(subsidising.allot, Allot(slip="CZ-0001", amount_fen=6_000))
    run.system(residents.reverse, ALONE)  # its subsidy was allotted: the next allotment is so much less
    pay(run, YOUNG, 2026, 1000)
    a_resident(run, other := born("19920303"))
    pay(run, other, 2026, 400)
    done = run.system(subsidising.allot, Allot(slip="CZ-0002", amount_fen=3_000))
    assert (done.n, done.returned) == (2, 1)
    assert booked(run, "fiscal_subsidy") == -9_000
    assert all_agrees(run)


def test_an_officer_of_a_district_does_not_take_the_citys_money(run: Runner, young: int) -> None:
    slip = Pay(
        ident=YOUNG,
        year=2026,
        amount_fen=50_000,
        channel="bank",
        reference="B-01",
        received_on=date(2026, 11, 1),
    )
    with pytest.raises(BeyondReach):
        run.by(officer(area="310115"))(residents.pay, slip)


def test_anybody_may_ask_which_tiers_there_are(run: Runner) -> None:
    told = run.system(residents.enrolling.listed, AskTiers(year=2026)).tiers
    assert [one.tier_fen // 100 for one in told] == [*range(100, 1001, 100), 1500, 2000]
    assert {one.subsidy_fen for one in told if one.tier_fen < 50_000} == {3_000}
    assert [len(run.system(residents.enrolling.listed, AskTiers(year=2010)).tiers)] == [5]


def test_the_check_finds_an_account_that_holds_what_nobody_paid(run: Runner, young: int) -> None:
    pay(run, YOUNG, 2026)

    run.system(credit, young, 1, 0)
    found = run.system(residents.check)
    assert [(one.question, one.expected, one.found) for one in found] == [
        ("居民个人账户", "56000 分", "56001 分")
    ]
