"""Money is whole fen, and nothing else is money."""

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


def test_nothing_is_nothing() -> None:
    assert not ZERO
    assert Money(1) - Money(1) == ZERO
    assert Money(1) + Money(2) == Money(3)
