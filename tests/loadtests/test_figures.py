"""Percentiles and the numbers in a table: nearest rank, never between two measured values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.figures import percentile, percentile_of_counts, written

MEASURED = st.lists(st.integers(min_value=0, max_value=1000), min_size=1, max_size=200)


def test_the_nearest_rank_is_a_measured_value() -> None:
    hundred = list(range(1, 101))
    assert [percentile(hundred, p) for p in (1, 50, 95, 99, 100)] == [1, 50, 95, 99, 100]
    assert percentile([7.0], 99) == 7.0
    assert percentile([3, 1, 2, 4], 50) == 2
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)


@given(MEASURED, st.sampled_from([1, 50, 90, 95, 99, 99.9, 100]))
def test_so_many_per_cent_do_not_exceed_it_and_fewer_are_below(measured: list[int], percent: float) -> None:
    found = percentile(measured, percent)
    assert sum(one <= found for one in measured) * 100 >= percent * len(measured)
    assert sum(one < found for one in measured) * 100 < percent * len(measured)


@given(MEASURED, st.sampled_from([50, 95, 99, 100]))
def test_counts_give_the_same_as_the_values_they_count(measured: list[int], percent: float) -> None:
    counts = {float(one): measured.count(one) for one in measured}
    assert percentile_of_counts(counts, percent) == percentile(measured, percent)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.012345, "0.0123"), (0.5, "0.500"), (12.34, "12.3"), (123.4, "123"), (1234.5, "1,234")],
)
def test_three_digits_that_count(value: float, text: str) -> None:
    assert written(value) == text
