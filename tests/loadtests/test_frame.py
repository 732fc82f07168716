"""The bench's frame: bars, the one table, sizes by argument or environment; the load rises and is judged."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from typing import Any

import pytest
from rich.console import Console

from loadtests import __main__ as load
from loadtests.bench import frame
from loadtests.bench.clients import together
from loadtests.bench.frame import Bar, Figure
from loadtests.bench.statements import kind_of
from loadtests.house import House

SLOW = Figure("发放", 13.0, "秒", "光复制", 2.0, Bar("ratio", "≤", 6))
FAST = Figure("检索", 20.0, "毫秒", "空接口", 2.0, Bar("value", "≤", 30), "说明")
BARE = Figure("首页", 100.0, "次/秒", "空接口", 1000.0)


def shown(*figures: Figure, judged: bool = True) -> str:
    screen = Console(file=io.StringIO(), width=160)
    screen.print(frame.table(figures, judged=judged))
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def test_a_bar_is_of_the_ratio_or_of_the_value_itself() -> None:
    assert (SLOW.ratio, SLOW.holds) == (6.5, False)
    assert FAST.holds is True
    assert BARE.holds is None
    assert Bar("ratio", "≥", 0.1).holds(50, 0.1)
    assert not Bar("ratio", "≥", 0.1).holds(50, 0.09)


def test_one_table_tells_figure_yardstick_ratio_bar_and_verdict() -> None:
    lines = shown(SLOW, FAST, BARE).splitlines()
    slow = next(line for line in lines if "发放" in line)
    assert all(part in slow for part in ("13.0 秒", "光复制：2.00 秒", "6.50", "≤ 6 ×", "没有达到"))
    assert "达到" in next(line for line in lines if "检索" in line)
    assert "达到" not in next(line for line in lines if "首页" in line)


def test_a_quick_run_judges_nothing() -> None:
    assert "没有达到" not in shown(SLOW, judged=False)
    assert "不判" in shown(SLOW, judged=False)


def test_figures_travel_as_json() -> None:
    for one in (SLOW, BARE):
        assert Figure.read(json.loads(json.dumps(asdict(one)))) == one


def test_a_size_is_said_by_argument_then_environment_then_the_kind_of_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    full, quick = {"persons": 1000, "months": 3}, {"persons": 10, "months": 1}
    assert frame.sizes("", full, quick, []).persons == 1000
    assert frame.sizes("", full, quick, ["--quick"]).persons == 10
    monkeypatch.setenv("BENCH_PERSONS", "77")
    assert frame.sizes("", full, quick, ["--quick"]).persons == 77
    asked = frame.sizes("", full, quick, ["--persons", "5"])
    assert (asked.persons, asked.months) == (5, 3)


def _double(begin: float, number: int) -> int:
    if number == 13:
        raise ValueError("unlucky")
    return number * 2 if begin > 0 else 0


def test_clients_run_together_and_a_fault_in_one_is_the_run_s_fault() -> None:
    assert together(_double, [(1,), (2,), (3,)], 0).found == [2, 4, 6]
    with pytest.raises(ValueError, match="unlucky"):
        together(_double, [(1,), (13,)], 0)


def test_a_statement_is_told_by_what_it_writes_to() -> None:
    assert (
        kind_of('with x as (insert into payout."order" (a) values (1)) select 1 from x')
        == 'insert payout."order"'
    )
    assert kind_of("update pension.account set a = 1 from y") == "update pension.account"
    assert kind_of("select a from registry.person p join x on true") == "select registry.person"
    assert kind_of("commit") == "commit"


def result(**changed: Any) -> dict[str, Any]:
    row = {"name": "首页", "requests": 9, "errors": 0}
    return {"rows": [row], "broken": {}, "bugs": [], "collections": 3} | changed


def test_the_load_passes_only_where_nothing_broke_and_something_was_collected() -> None:
    assert load.wrong(result()) == []
    assert load.wrong(result(broken={"首页": 1}))
    assert load.wrong(result(bugs=["Traceback"]))
    assert load.wrong(result(collections=0))
    assert load.wrong(result(rows=[{"name": "首页", "requests": 2, "errors": 2}]))


def test_no_name_of_the_caller_s_own_city_reaches_the_house(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("RENSHE_DATABASE_URL", "postgresql://somewhere")
    monkeypatch.setenv("RENSHE_KIOSK_KEY", "secret")
    env = House(tmp_path).env
    assert {name for name in env if name.startswith("RENSHE_")} == {
        "RENSHE_HOME",
        "RENSHE_PORT",
        "RENSHE_KIOSK_PORT",
    }
