"""The check before publishing: what the law forbids is found, and what only looks like it is not."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend.employment.rules import Advert, Finding, check, rulebook
from backend.kernel.money import Money

CASES = Path(__file__).parent / "cases"
DAY = date(2026, 11, 24)
SHANGHAI = "310115"
SAID = {
    (group, number): case
    for group, cases in yaml.load((CASES / "adverts.yaml").read_text("utf-8"), yaml.BaseLoader).items()
    for number, case in enumerate(cases, 1)
}
LAWFUL = Advert(
    title="仓库管理员",
    work="负责仓库收货、发货和每月盘点，保持账物相符。",
    conditions="有相关工作经验，认真负责",
    benefits="五险一金，双休",
    pay_min_fen=500_000,
    pay_max_fen=800_000,
    valid_until=date(2027, 1, 1),
    employer="示例精密机械有限公司",
    verified_on=date(2026, 11, 1),
)


def advert(case: dict[str, str]) -> Advert:
    """The lawful advert with what the case changes."""
    low, high = (Money.yuan(part).fen for part in case.get("工资", "5000-8000").split("-"))
    changed: dict[str, Any] = {
        "conditions": case.get("条件", LAWFUL.conditions),
        case.get("栏", "conditions"): case["写"],
        "type": case.get("类型", "full"),
        "pay_unit": case.get("单位", "month"),
        "pay_min_fen": low,
        "pay_max_fen": high,
        "source": case.get("来源", ""),
        "licence": case.get("许可证"),
        "employer": case.get("单位名称", LAWFUL.employer),
        "valid_until": date.fromisoformat(case.get("有效期", "2027-01-01")),
        "verified_on": date.fromisoformat(case.get("核验", "2026-11-01")),
    }
    return Advert(**{**vars(LAWFUL), **changed})


def found(given: Advert) -> tuple[Finding, ...]:
    return check(given, rulebook(DAY, SHANGHAI))


@pytest.mark.parametrize("case", SAID.values(), ids=[f"{group} {number}" for group, number in SAID])
def test_advert(case: dict[str, str]) -> None:
    said = {f"{finding.rule} {finding.severity}" for finding in found(advert(case))}
    expected = set() if case["找到"] == "无" else {case["找到"]}
    assert expected <= said
    assert said <= expected | {case.get("也可", "")}, case["写"]
