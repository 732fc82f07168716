"""Searching: 200,000 vacancies with facets, at a steady rate over HTTP, and the engine alone in one thread.

Every search is words, filters and a sort, twenty hits, the exact total and six facets. Yardsticks: an empty
endpoint at the same rate, and the engine's total alone (the same words and filters, no hits, no facets).
"""

from __future__ import annotations

import gc
import time
from datetime import date

from backend.kernel import embedded
from backend.kernel.clock import SystemClock
from loadtests.bench import frame, yardsticks
from loadtests.bench.board import Asked, asked, documents, table
from loadtests.bench.clients import Ran, together
from loadtests.bench.frame import Bar, Figure, Sizes
from loadtests.bench.steady import Seen, steady
from loadtests.figures import percentile
from loadtests.house import House, answers, free_port
from search.embedded import EmbeddedIndex
from search.port import MAX_SIZE
from search.thesaurus import Thesaurus

FULL = {"vacancies": 200_000, "rate": 100, "seconds": 30, "rounds": 5, "warm": 3}
QUICK = {"vacancies": 2_000, "rate": 20, "seconds": 2, "rounds": 1, "warm": 0}
FACETS = 6
KNOWN, NEW = 0, 100  # seeds: what warms up, and what is measured


def measure(sizes: Sizes) -> list[Figure]:
    today = SystemClock().today()
    with frame.city(quick=sizes.quick) as house:
        home = house.home / "index"
        home.mkdir(exist_ok=True)
        thesaurus = Thesaurus.load(table())
        with frame.timed() as building, EmbeddedIndex(home, thesaurus, write=True) as writer:
            held = writer.rebuild(documents(sizes.vacancies, today))
        with EmbeddedIndex(home, thesaurus) as index:
            engine, count = alone(index, today, sizes.rounds)
        over_http = served(house, sizes, today)
    total = f"{held:,} 个职位"
    return [
        http_figure(total, sizes, *over_http),
        engine_figure(total, sizes, engine, count, building.seconds),
    ]


def http_figure(total: str, sizes: Sizes, found: Ran[Seen], empty: Ran[Seen]) -> Figure:
    ms, bare = found.found[0].ms, empty.found[0].ms
    return Figure(
        f"职位检索接口 p99，{total}，每秒 {sizes.rate} 次",
        percentile(ms, 99),
        "毫秒",
        "空接口 p99，同样的频率",
        percentile(bare, 99),
        Bar("value", "≤", 30),
        f"{len(ms)} 次，从应该发出时算起：p50 {percentile(ms, 50):.1f}、p95 {percentile(ms, 95):.1f}、最长 {max(ms):.0f} 毫秒；"
        f"空接口 p50 {percentile(bare, 50):.1f} 毫秒；客户端占全机 CPU 的 {found.share:.0%}",
    )


def engine_figure(total: str, sizes: Sizes, ms: list[float], count: list[float], building_s: float) -> Figure:
    return Figure(
        f"检索引擎一个线程 p99，{total}",
        percentile(ms, 99),
        "毫秒",
        "同样的查询只要总数 p99",
        percentile(count, 99),
        Bar("value", "≤", 8),
        f"{len(ms)} 次：p50 {percentile(ms, 50):.2f}、p95 {percentile(ms, 95):.2f}、最长 {max(ms):.1f} 毫秒；"
        f"重建索引 {building_s:.0f} 秒",
    )


def alone(index: EmbeddedIndex, today: date, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each search, and of its total alone; the words of a measured search are new to the engine."""
    for one in asked(KNOWN, today):
        whole(index, one)
    gc.collect()
    gc.freeze()  # as the portal does once it is warm
    found = [whole(index, one) for at in range(rounds) for one in asked(NEW + at, today)]
    counted = []
    for at in range(rounds):
        for one in asked(NEW + at, today):
            with frame.timed() as watch:
                index.count(one.query)
            counted.append(watch.ms)
    return found, counted


def whole(index: EmbeddedIndex, one: Asked) -> float:
    """One search, complete: hits, exact total, six facets."""
    began = time.perf_counter()
    answer = index.find(one.query)
    took_ms = (time.perf_counter() - began) * 1000
    if len(answer.facets) != FACETS or len(answer.hits) != min(one.query.size, answer.total, MAX_SIZE):
        raise SystemExit(f"检索答得不全：{one.query}")
    return took_ms


def served(house: House, sizes: Sizes, today: date) -> tuple[Ran[Seen], Ran[Seen]]:
    """The portal with that index under a steady rate, then an empty endpoint under the same."""
    paths = [one.path for at in range(sizes.rounds) for one in asked(NEW + at, today)]
    with (
        embedded.running(house.home),
        house.program("portal", yardsticks.portal(), lambda: answers(f"{house.url}{paths[0]}")),
    ):
        found = together(steady, [(house.portal, paths, sizes.rate, sizes.seconds)], sizes.warm)
    port = free_port()
    with house.program("empty", yardsticks.command(port), lambda: answers(f"http://127.0.0.1:{port}/empty")):
        empty = together(steady, [(port, ["/empty"], sizes.rate, sizes.seconds)], sizes.warm)
    for ran in (found, empty):
        if ran.found[0].wrong:
            raise SystemExit(f"检索没有全部答上：{ran.found[0].wrong[:3]}")
    return found, empty


if __name__ == "__main__":
    frame.main(measure, __doc__, FULL, QUICK)
