"""Money is whole fen, and what is split adds back up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.money import ZERO, Money

FEN = st.integers(-(10**14), 10**14)


@pytest.mark.parametrize("text", ["1.001", "NaN", "Infinity", "-Infinity", "1e999", "1e20", "", "元", "١.٥x"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="yuan"):
        Money.yuan(text)


def test_money_is_never_made_of_a_float_or_a_truth_value() -> None:
    for bad in (1.0, True, "1", None):
        with pytest.raises(TypeError):
            Money(bad)  # type: ignore[arg-type]


@given(FEN)
def test_an_amount_reads_back_from_its_text(fen: int) -> None:
    assert Money.yuan(Money(fen).text) == Money(fen)
    assert str(Money(fen)).replace(",", "") == Money(fen).text


@given(FEN, st.integers(1, 500))
def test_equal_shares_add_back_up_and_differ_by_a_fen_at_most(fen: int, shares: int) -> None:
    parts = Money(fen).split(shares)
    assert Money.total(parts) == Money(fen)
    assert max(parts) - min(parts) <= Money(1)


def test_the_sum_of_nothing_is_nothing() -> None:
    assert Money.total([]) == ZERO
    assert not ZERO
