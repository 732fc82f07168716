"""How many months are asked, of whom: PEN-04, PEN-07 and PEN-69 ask the same, and none sends anybody in a circle."""

from __future__ import annotations

from datetime import date

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import Refusal
from backend.kernel.period import Month
from backend.pension import service as pension
from backend.pension.awarding import finalising
from backend.pension.awarding.schema import AskProvisional
from backend.pension.careers import choosing
from backend.pension.careers.chosen import AgreeLate, AskLate
from backend.pension.model import Account
from backend.pension.schema import Award
from backend.pension.transferring import bridging
from backend.pension.transferring import service as transferring
from backend.pension.transferring.schema import MoveScheme
from backend.registry import service as registry
from backend.registry.schema import Leave
from tests.backend.levy.town import at
from tests.backend.payout.city import fund
from tests.backend.pension.careers.test_flexible import ZHAO
from tests.backend.pension.careers.test_index import paid as on_record
from tests.backend.pension.movers import insured, paid
from tests.backend.pension.test_service import with_account
from tests.backend.people import USCC

LEGAL = Month(2027, 8)  # of ZHAO, when 180 months are asked; 186 in 2030, 192 in 2031


@pytest.mark.parametrize(
    ("retired", "at_legal", "asked"),
    [
        ("2027-05", 100, 180),
        ("2027-08", 100, 180),
        ("2030-08", 180, 180),
        ("2030-08", 179, 186),
        ("2031-01", 179, 192),
    ],
)
def test_late_asks_no_more_of_who_had_enough_at_the_legal_age(
    retired: str, at_legal: int, asked: int
) -> None:
    assert choosing.needed(LEGAL, Month.parse(retired), at_legal) == asked


def test_early_and_legal_ask_what_their_own_year_asks() -> None:
    legal = Month(2031, 1)
    assert [choosing.needed(legal, Month(year, 1), 0) for year in (2028, 2029, 2030, 2031)] == [
        180,
        180,
        186,
        192,
    ]


@pytest.fixture
def person(run: Runner, clock: FixedClock) -> int:
    """170 months at the legal age; who pays on has 180 ten months later."""
    at(clock, 2026, 11, 24)
    fund(run)
    person_id = insured(run, ZHAO)
    run.system(on_record, person_id, {LEGAL - n: 9_000 for n in range(170)}, 170 * 9_000)
    return person_id


def goes_on(run: Runner, person_id: int, clock: FixedClock, first: Month, months: int) -> None:
    """So many months in a row; then they leave, and it is February 2030, when 186 are asked."""
    paid(run, person_id, first, first + (months - 1))
    run.system(registry.leave, Leave(uscc=USCC, ident=ZHAO, ended=date(2026, 11, 20), reason="6301"))
    at(clock, 2030, 2, 10)


def award(run: Runner, retired: str) -> str:
    return run.system(pension.award, Award(ident=ZHAO, retired=retired)).retired


def move(run: Runner, direction: str) -> str:
    given = {"ident": ZHAO, "direction": direction, "document": "申1"}
    return run.system(transferring.move, MoveScheme.model_validate(given)).direction


def test_who_has_too_few_for_this_year_may_change_to_the_residents_scheme(
    run: Runner, person: int, clock: FixedClock
) -> None:
    """180, but only since this year began: both say 186, and the way that both name is open."""
    goes_on(run, person, clock, Month(2029, 4), 10)
    with pytest.raises(choosing.TooFewMonths, match=r"还差 6 个月才满 186 个月；.*转入居民养老保险"):
        award(run, "2030-01")
    with pytest.raises(bridging.TooFewToTake, match="180 个月，不满 186 个月"):
        move(run, "to_employees")
    assert move(run, "to_residents") == "to_residents"


def test_who_had_enough_in_a_year_that_asked_less_is_awarded_from_then_and_nobody_says_otherwise(
    run: Runner, person: int, clock: FixedClock
) -> None:
    """180 in December 2029: retired then, they have a pension; the residents' scheme is not for them."""
    goes_on(run, person, clock, Month(2029, 3), 11)
    with pytest.raises(choosing.EnoughBefore, match=r"到 2029-12 已经缴满 180 个月.*要满 186 个月.*2029-12"):
        award(run, "2030-01")
    with pytest.raises(bridging.EnoughMonths, match="到 2029-12 已满 180 个月"):
        move(run, "to_residents")
    assert award(run, "2029-12") == "2029-12"


@pytest.mark.parametrize("months", [*range(8, 17), 20])
def test_nobody_is_refused_by_both(run: Runner, person: int, clock: FixedClock, months: int) -> None:
    """Paid up to the month before: either some month gives a pension, or the residents' scheme takes them."""
    goes_on(run, person, clock, Month(2030, 2) - months, months)

    def awarded(uow: Uow, month: Month) -> None:
        who = registry.person(uow, ZHAO)
        choosing.may_retire(uow, who, uow.session.get_one(Account, person), month)

    able = False
    for month in LEGAL.until(Month(2030, 2)):
        try:
            run.system(awarded, month)
        except Refusal:
            continue
        able = True
    try:
        moved = bool(move(run, "to_residents"))
    except bridging.EnoughMonths:
        moved = False
    assert moved is not able


def test_a_late_award_with_what_was_asked_at_the_legal_age_is_made_final_too(
    run: Runner, clock: FixedClock
) -> None:
    at(clock, 2026, 11, 24)
    person_id = with_account(run, ZHAO, months=181, balance="90000", index=9_000)
    careers, late = pension.careers, {"ident": ZHAO, "month": "2030-08"}
    run.system(careers.ask_late, AskLate.model_validate(late | {"document": "申请 1 号"}))
    run.system(careers.agree_late, AgreeLate.model_validate(late | {"uscc": USCC}))
    at(clock, 2030, 9, 5)
    assert award(run, "2030-08") == "2030-08"

    def one_less(uow: Uow) -> None:
        uow.session.get_one(Account, person_id).months_paid = 180

    run.system(one_less)
    found = run.system(finalising.provisional, AskProvisional(year=2030))
    assert (found.changing, found.warnings) == (1, ())
