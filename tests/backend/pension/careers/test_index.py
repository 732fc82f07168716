"""The average index by the modes provinces use, to the place; and what a career comes to at a retirement."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.db import Runner, Uow
from backend.kernel.money import Money
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.kernel.settings import Settings
from backend.pension.careers import summing
from backend.pension.careers.model import DeemedPeriod
from backend.pension.careers.summing import Career, career
from backend.pension.model import Account, Contribution
from backend.pension.rules.index import MODES, PARTS, month, month_index, year_count, year_mean
from tests.backend.pension.test_service import MAN, with_account

# 29 calendar years, the first of ten months: the sum of all months' indices over twelve is 22.017
SICHUAN = [(7_641 * 10, 10), *[(7_635 * 12, 12)] * 27, (264_204 * 10 - 76_410 - 7_635 * 324, 12)]
YEARS = st.lists(st.tuples(st.integers(6_000, 30_000), st.integers(1, 12)), min_size=1, max_size=45)


def test_sichuan_counts_calendar_years_where_others_count_months() -> None:
    """22.017 ÷ 29 = 0.759; over its 346 months the same sum is 0.7636."""
    assert sum(total for total, _ in SICHUAN) == 2_642_040 == 22.017 * 12 * PARTS
    assert sum(months for _, months in SICHUAN) == 346
    assert year_count(SICHUAN, (0, 0), 3) == 759
    assert month(SICHUAN, (0, 0), 4) == 7636


@pytest.mark.parametrize(("places", "expected"), [(2, 76), (3, 764), (4, 7636)])
def test_an_index_is_rounded_once_at_its_end(places: int, expected: int) -> None:
    assert month(SICHUAN, (0, 0), places) == expected


def test_the_mean_of_years_weighs_a_short_year_as_a_long_one() -> None:
    years = [(10_000 * 12, 12), (7_000 * 2, 2)]
    assert (year_mean(years, (0, 0), 4), month(years, (0, 0), 4)) == (8_500, 9_571)


@given(YEARS, st.integers(0, 400), st.integers(6_000, 30_000))
def test_what_is_even_is_the_same_by_every_mode(spells: list[tuple[int, int]], rest: int, found: int) -> None:
    """Whole years at one index, and a rest at the same: no mode can tell them apart."""
    whole = [(found * 12, 12) for _ in spells]
    assert {mode(whole, (found * rest, rest), 4) for mode in MODES.values()} == {found}


@given(YEARS)
def test_counting_calendar_years_never_gives_more_than_counting_months(spells: list[tuple[int, int]]) -> None:
    years = [(found * months, months) for found, months in spells]
    assert year_count(years, (0, 0), 4) <= month(years, (0, 0), 4)
    low, high = min(found for found, _ in spells), max(found for found, _ in spells)
    assert low <= year_mean(years, (0, 0), 4) <= high


def test_a_months_index_is_its_base_over_the_average_wage() -> None:
    assert [month_index(fen, 1_243_400) for fen in (746_000, 1_243_400, 3_730_200)] == [6_000, 10_000, 30_000]


# ---- a career ----


@pytest.fixture
def man(run: Runner) -> int:
    """360 months at 1.05, of which only the sum is known."""
    return with_account(run, MAN, months=360, balance="182340.15", index=10_500)


def paid(uow: Uow, person_id: int, months: dict[Month, int | None], total: int) -> None:
    """These months are listed in addition; `total` is what their indices add up to."""
    account = uow.session.get_one(Account, person_id)
    account.months_paid, account.index_sum = account.months_paid + len(months), account.index_sum + total
    for when, found in months.items():
        uow.session.add(
            Contribution(
                person_id=person_id,
                month=when,
                employer_id=None,
                base=Money(1_000_000),
                person_share=Money(80_000),
                employer_share=Money(160_000),
                index=found,
            )
        )


def test_months_after_the_retirement_do_not_count(run: Runner, man: int) -> None:
    run.system(paid, man, {Month(2023, 11): 20_000, Month(2023, 12): 30_000, Month(2024, 1): None}, 60_500)
    assert run.system(career, man, Month(2023, 11)) == Career(361, 0, Decimal("1.0526")), (
        "(360 × 1.05 + 2.0) ÷ 361; of the month without an index of its own the account's mean is left out"
    )
    assert run.system(career, man, Month(2024, 1)).months == 363


def in_sichuan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summing, "settings", lambda: Settings(area="510100"))


def test_a_career_in_sichuan_is_averaged_by_its_calendar_years(
    run: Runner, man: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """360 months of which no year is known are thirty years; four months of 2023 are one more."""
    in_sichuan(monkeypatch)
    months: dict[Month, int | None] = {Month(2023, 1) + n: 15_000 for n in range(4)}
    run.system(paid, man, months, 60_000)
    assert run.system(career, man, Month(2023, 11)).index == Decimal("1.032"), "(360 × 1.05 + 6) ÷ 12 ÷ 31"
    assert "自然年数" in summing.how(Lookup(Month(2023, 11).first, "510100"))
    assert summing.warnings(Month(2023, 11)) == tuple(
        one for one in summing.warnings(Month(2023, 11)) if "视同缴费" in one
    ), "of its way of averaging only the deemed index is not known"


def test_where_deemed_months_have_an_index_of_their_own_they_weigh_in(
    run: Runner, man: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summing, "settings", lambda: Settings(area="110000"))

    def deem(uow: Uow) -> None:
        uow.session.get_one(Account, man).deemed_months = 40
        uow.session.add(
            DeemedPeriod(
                person_id=man,
                first=Month(1989, 9),
                last=Month(1992, 12),
                ground="state_worker",
                evidence="招工表",
                archive="档案 1",
                decided_on=run.clock.today(),
                withdrawn_on=None,
                withdrawn_because=None,
            )
        )

    run.system(deem)
    assert run.system(career, man, Month(2023, 11)) == Career(400, 40, Decimal("1.045")), (
        "(360 × 1.05 + 40 × 1.0) ÷ 400"
    )
