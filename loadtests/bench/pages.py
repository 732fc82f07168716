"""Pages: home and search page a second, beside an empty endpoint and a page of one ORM query.

The same settings of the server, the same clients (processes with one kept-open connection each, asking again as
soon as they are answered), one server at a time. No bar: the ratios tell what a page of ours costs.
"""

from __future__ import annotations

import time
from urllib.parse import urlencode

from backend import connect
from backend.kernel import embedded
from loadtests.bench import frame, yardsticks
from loadtests.bench.clients import Ran, together
from loadtests.bench.frame import Figure, Sizes
from loadtests.house import answers, free_port
from loadtests.line import Line
from loadtests.told import WORDS

FULL = {"clients": 8, "seconds": 8, "warm": 2}
QUICK = {"clients": 2, "seconds": 1, "warm": 0}
HOME = ["/"]
SEARCH = [f"/jobs?{urlencode({'q': word})}" for word in WORDS]


def measure(asked: Sizes) -> list[Figure]:
    with frame.city(quick=asked.quick) as house:
        with frame.everything(house, frame.address(house), quick=asked.quick):
            home, search = (closed(house.portal, paths, asked) for paths in (HOME, SEARCH))
        port = free_port()
        with embedded.running(house.home) as server:
            url = embedded.ensure_database(server, connect.DATABASE)
            ready = f"http://127.0.0.1:{port}/orm"
            with house.program("bare", yardsticks.command(port, url), lambda: answers(ready)):
                empty, orm = (closed(port, [path], asked) for path in ("/empty", "/orm"))
    return [
        Figure(
            f"{name}，{asked.clients} 个客户端",
            rate(ours, asked),
            "次/秒",
            what,
            rate(bare, asked),
            note=told(ours),
        )
        for name, ours in (("首页", home), ("找职位的网页", search))
        for what, bare in (("空接口", empty), ("一次 ORM 查询的网页", orm))
    ]


def rate(ran: Ran[int], asked: Sizes) -> float:
    return sum(ran.found) / float(asked.seconds)


def told(ran: Ran[int]) -> str:
    return f"客户端占全机 CPU 的 {ran.share:.0%}"


def closed(port: int, paths: list[str], asked: Sizes) -> Ran[int]:
    return together(again, [(port, paths, asked.seconds)] * asked.clients, asked.warm)


def again(begin: float, port: int, paths: list[str], seconds: float) -> int:
    """One client: how many were answered from `begin` until the time was over, one at least."""
    number, turn, end = 0, 0, begin + seconds
    with Line(port) as line:
        while time.monotonic() < end or not number:
            reply = line.get(paths[turn % len(paths)])
            if reply.status != 200:
                raise RuntimeError(f"{paths[turn % len(paths)]}: {reply.status}")
            turn += 1
            now = time.monotonic()
            number += begin <= now and (now < end or not number)
    return number


if __name__ == "__main__":
    frame.main(measure, __doc__, FULL, QUICK)
