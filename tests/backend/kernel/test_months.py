"""A month in a schema is one that the calendar reads, in these ten digits, of a year anybody alive can mean."""

from __future__ import annotations

import pytest
from pydantic import Field

from backend.kernel.fields import MonthText, Shape
from backend.kernel.sentences import Invalid, read
from backend.systems import CATALOGUE


class Ask(Shape):
    month: MonthText = Field(title="月份")


@pytest.mark.parametrize("month", ["1900-01", "2026-11", " 2026-11 ", "2099-12"])
def test_what_is_a_month(month: str) -> None:
    assert read(Ask, {"month": month}).month == month.strip()


@pytest.mark.parametrize(
    "month",
    [
        "0000-05",
        "1899-12",
        "2100-01",
        "2026-00",
        "2026-13",
        "2026-1",
        "２０２６-05",
        "٢٠٢٦-05",
        "2026-05-01",
        "",
        "x",
    ],
)
def test_what_is_none_is_refused_with_a_sentence(month: str) -> None:
    with pytest.raises(Invalid, match="“月份”请写成年-月"):
        read(Ask, {"month": month})


@pytest.mark.parametrize("month", [202611, None, ["2026-11"]])
def test_nor_is_what_is_no_text(month: object) -> None:
    with pytest.raises(Invalid, match="月份"):
        read(Ask, {"month": month})


def test_the_months_payment_takes_such_a_month() -> None:
    with pytest.raises(Invalid):
        read(CATALOGUE["PEN-05"].asks, {"month": "２０２６-05"})
