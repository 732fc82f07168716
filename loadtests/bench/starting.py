"""Starting: `renshe up` on a city that is there, until portal, kiosk, indexer and worker are all at work.

Portal and kiosk answer over HTTP; indexer and worker are at work when they listen for their calls in the
database. Yardstick: PostgreSQL alone on the same data, and an empty FastAPI program that answers.
"""

from __future__ import annotations

import statistics
import time

from backend.kernel import embedded
from loadtests.bench import frame, yardsticks
from loadtests.bench.frame import Bar, Figure, Sizes
from loadtests.house import House, answers, free_port

FULL = {"times": 5}
QUICK = {"times": 1}


def measure(asked: Sizes) -> list[Figure]:
    persons, vacancies = frame.people(quick=asked.quick)
    with frame.city(quick=asked.quick) as house:
        url = frame.address(house)
        took = [started(house, url, quick=asked.quick) for _ in range(asked.times)]
        bare = [bare_start(house) for _ in range(asked.times)]
    return [
        Figure(
            f"已有数据时全部启动（{persons:,} 人，{vacancies:,} 个职位）",
            statistics.median(took),
            "秒",
            "光启动数据库和一个空程序",
            statistics.median(bare),
            Bar("value", "≤", 5),
            f"每次 {', '.join(f'{one:.1f}' for one in took)} 秒",
        )
    ]


def started(house: House, url: str, *, quick: bool) -> float:
    """Seconds until the last of the four is at work."""
    began = time.monotonic()
    with frame.everything(house, url, quick=quick):
        return time.monotonic() - began


def bare_start(house: House) -> float:
    port = free_port()
    ready = f"http://127.0.0.1:{port}/empty"
    began = time.monotonic()
    with (
        embedded.running(house.home),
        house.program("bare", yardsticks.command(port), lambda: answers(ready)),
    ):
        return time.monotonic() - began


if __name__ == "__main__":
    frame.main(measure, __doc__, FULL, QUICK)
