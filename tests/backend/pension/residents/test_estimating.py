"""The public calculator of a resident's pension: to the fen, in the area's terms, in both languages."""

from __future__ import annotations

import pytest

from backend.kernel.calculators import run
from backend.kernel.language import EN, translate
from backend.kernel.params import Missing
from backend.pension.residents.enrolling import NoSuchTier
from tests.backend.levy.test_calculators import CHINESE, PLACES

NATION = {"area": "110000", "month": "2024-06", "account": "13900", "years": 15}


def test_basic_and_account_by_the_nations_terms() -> None:
    got = run("resident-pension", NATION)
    assert (got["basic"], got["account"], got["addition"], got["total"]) == (
        "123.00",
        "100.00",
        "0.00",
        "223.00",
    )
    assert got["missing"] == 0


def test_paying_on_adds_to_the_account_and_beyond_fifteen_years_to_the_pension() -> None:
    asked = {"area": "310115", "month": "2026-12", "account": "15000", "years": 14, "tier": 1000, "more": 3}
    got = run("resident-pension", asked)
    # 15000 + 3 × 1060 = 18180 ÷ 139 = 130.79; 17 years are two beyond fifteen
    assert (got["balance"], got["account"], got["addition"], got["total"]) == (
        "18180.00",
        "130.79",
        "20.00",
        "1640.79",
    )
    assert run("resident-pension", asked | {"more": 0})["missing"] == 1


def test_what_there_is_not_is_refused() -> None:
    with pytest.raises(NoSuchTier):
        run("resident-pension", NATION | {"tier": 501, "more": 1})
    with pytest.raises(Missing):
        run("resident-pension", NATION | {"month": "2009-08"})


def test_every_step_and_warning_is_told_in_english_too() -> None:
    got = run("resident-pension", NATION | {"area": "310000", "month": "2026-12", "tier": 500, "more": 2})
    for text in (*got["warnings"], *(step[part] for step in got["steps"] for part in ("name", "formula"))):
        assert not CHINESE.search(PLACES.sub("", translate(text, EN))), text
