"""`make load`: a fresh demo city, the whole mix at rising load, one table, and the books checked afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from loadtests.figures import written
from loadtests.house import ROOT, House, temporary

PERSONS, VACANCIES, MONTHS = 3000, 2000, 10
SECONDS, USERS = 90, 50
console = Console()


def main() -> int:
    seconds, users = (
        int(os.environ.get(name) or default)
        for name, default in (("LOAD_SECONDS", SECONDS), ("LOAD_USERS", USERS))
    )
    with temporary() as home:
        house = House(home / "city")
        house.home.mkdir()
        house.must("init", "--demo", f"--persons={PERSONS}", f"--vacancies={VACANCIES}")
        crowd = [
            f"--kiosks={users}",
            f"--months={MONTHS}",
            f"--citizens={users}",
            f"--employers={users // 4 + 1}",
        ]
        subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "loadtests.bench.crowd", *crowd], cwd=ROOT, env=house.env, check=True
        )
        with house.up(PERSONS, VACANCIES):
            console.print(f"示例市已就绪：{house.url}；{seconds} 秒，最多 {users} 人同时")
            result = run(house, seconds, users)
        show(result)
        problems = wrong(result)
        for what, command in (("总账", ("ledger", "check")), ("留痕", ("audit", "verify"))):
            checked = house.renshe(*command)
            console.print(f"{what}复核：{checked.stdout.strip() or checked.stderr.strip()[-500:]}")
            if checked.returncode:
                problems.append(f"{what}复核不符")
    for problem in problems:
        console.print(f"[red]{problem}[/]")
    console.print("[bold red]没有通过[/]" if problems else "[bold green]通过[/]")
    return 1 if problems else 0


def run(house: House, seconds: int, users: int) -> dict[str, Any]:
    """Locust on the house, headless; what it found."""
    kept = house.home / "load-result.json"
    env = house.env | {
        "LOAD_SECONDS": str(seconds),
        "LOAD_USERS": str(users),
        "LOAD_TOLD": str(house.home / "load.json"),
        "LOAD_RESULT": str(kept),
        "PYTHONPATH": str(ROOT),
    }
    command = ["-m", "locust", "-f", "loadtests/locustfile.py", "--headless", "--host", house.url]
    log = house.home / "locust.log"
    with log.open("wb") as out:
        subprocess.run(  # noqa: S603 - our own program
            [sys.executable, *command, "--only-summary", "--stop-timeout", "10"],
            cwd=ROOT,
            env=env,
            stdout=out,
            stderr=out,
            timeout=seconds + 120,
            check=False,
        )
    if not kept.exists():
        raise SystemExit(log.read_text("utf-8", "replace")[-4000:])
    found: dict[str, Any] = json.loads(kept.read_text("utf-8"))
    return found


def show(result: dict[str, Any]) -> None:
    table = Table("请求", "次数", "次/秒", "p50 毫秒", "p95 毫秒", "p99 毫秒", "差错", title="负载测试")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in result["rows"]:
        ms = (written(row["ms"][percent]) for percent in ("50", "95", "99"))
        errors = f"[red]{row['errors']}[/]" if row["errors"] else "0"
        table.add_row(row["name"], f"{row['requests']:,}", written(row["per_second"]), *ms, errors)
    console.print(table)
    paid = f"{result['paid_fen'] // 100:,}.{result['paid_fen'] % 100:02d}"
    console.print(f"持卡领取办成 {result['collections']} 笔，共 {paid} 元")
    if result["nobody_after_s"] is not None:
        console.print(f"[yellow]第 {result['nobody_after_s']:.0f} 秒起没有人还有待遇可领，自助机停用[/]")
    for error in result["errors"]:
        console.print(f"[yellow]{error}[/]", soft_wrap=True)


def wrong(result: dict[str, Any]) -> list[str]:
    """Why the load does not pass: an answer of 5xx or none at all, or a kind of request that never succeeded."""
    problems = [f"{name}：{n} 次得到 5xx 或者没有回答" for name, n in result["broken"].items()]
    never = [row["name"] for row in result["rows"] if row["errors"] >= row["requests"]]
    problems += [f"{name}：没有一次办成" for name in never]
    problems += [f"负载程序自己出了错：{bug}" for bug in result["bugs"]]
    if not result["collections"]:
        problems.append("没有办成一笔持卡领取")
    return problems


if __name__ == "__main__":
    sys.exit(main())
