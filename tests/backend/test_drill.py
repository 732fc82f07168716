"""The drills against the real thing: simulated cuts over HTTP, real processes killed from outside, runs killed and redone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.drill.runs import totals
from kiosk.drill import creep, cuts, real

RENSHE = Path(sys.executable).parent / "renshe"
EACH_WAY = 375


def drill(*options: str, which: str = "collect", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [RENSHE, "drill", which, *options],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "160"} | env,
    )


@pytest.mark.slow
def test_cut_at_declared_points_the_real_books_and_the_notes_agree() -> None:
    done = drill("--faults=10", "--seed=3")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "丢失 0，重复支付 0" in done.stdout
    assert "相符" in done.stdout


@pytest.mark.slow
@pytest.mark.pcsc
@pytest.mark.skipif(real.missing() is not None, reason=real.missing() or "")
def test_real_processes_are_killed_and_nothing_is_lost_and_nothing_paid_twice() -> None:
    done = drill("--real", "--faults=4", "--seed=1")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "丢失 0，重复支付 0" in done.stdout
    assert "声明的断点 124 个，切到 4 个" in done.stdout


@pytest.mark.slow
def test_runs_that_are_killed_and_done_again_come_to_what_an_undisturbed_city_comes_to() -> None:
    """The process, the database's process, and the whole server: with this seed each is killed."""
    done = drill("--kills=4", f"--seed={EACH_WAY}", "--persons=100", which="runs")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "丢失 0，重复 0" in done.stdout
    for way in ("办理进程", "数据库会话进程", "整个数据库"):
        assert way in done.stdout


def test_what_is_less_is_lost_and_what_is_more_is_doubled() -> None:
    expected = {"bills": (2, 300), "paid": (1, 100)}
    assert totals.lost(expected, expected) == totals.doubled(expected, expected) == []
    found = {"bills": (2, 200), "more": (1, 100), "paid": (1, 100)}
    assert totals.lost(expected, found) == ["bills (2, 300) ≠ (2, 200)"]
    assert totals.doubled(expected, found) == ["more (1, 100) ≠ (0, 0)"]


def test_what_is_missing_is_said() -> None:
    done = drill("--real", "--faults=1", PATH="/nowhere")
    assert done.returncode == 2
    assert "缺少" in done.stderr or "root" in done.stderr


def test_every_step_meets_every_fault_that_can_meet_it() -> None:
    declared = cuts.cuts()
    assert len(set(declared)) == len(declared) == 124
    assert len({cut.told for cut in declared}) == len(declared), "told apart in the report"
    assert {cut.step for cut in declared if cut.kind == "disk"} == set(creep.POINTS)
    faults = {cut.how for cut in declared}
    for fault in (
        "kiosk dies",
        "portal dies",
        "postgres dies",
        "pcscd dies",
        "card pulled",
        "network cut",
        "disk full",
    ):
        assert fault in faults
