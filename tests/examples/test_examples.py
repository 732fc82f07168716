"""Every worked example comes out as written: amounts to the fen, ages to the month."""

import json
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest

from backend.kernel.calculators import run
from backend.systems import calculators

assert calculators, "the catalogue is filled by importing the systems"
CASES = [
    case
    for file in sorted(Path(__file__).parent.glob("*.json"))
    for case in json.loads(file.read_text("utf-8"))
]


def same(want: Any, got: Any) -> bool:
    """Everything expected is there with the same value; amounts compare as numbers."""
    if isinstance(want, dict):
        return isinstance(got, dict) and all(
            key in got and same(value, got[key]) for key, value in want.items()
        )
    if isinstance(want, list):
        return isinstance(got, list) and len(want) == len(got) and all(map(same, want, got))
    if want == got or isinstance(want, bool) or isinstance(got, bool):
        return bool(want == got)
    try:
        return Decimal(str(want)) == Decimal(str(got))
    except InvalidOperation:
        return False


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_example(case: dict[str, Any]) -> None:
    got = run(case["calculator"], case["input"])
    assert same(case["expect"], got), {key: got.get(key) for key in case["expect"]}
