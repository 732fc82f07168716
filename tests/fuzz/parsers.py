"""`python -m tests.fuzz.parsers --inputs 1000000 --seed 1`: every reader of foreign bytes, at length.

No crash, no hang (a limit a input), no unbounded memory (a limit of this process). What crashed is kept beside it.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from tests.fuzz.targets import TARGETS, Target

MEMORY: Final = Path("/dev/shm")
LIMIT_S: Final = 2.0
GIGABYTE: Final = 2**30
A_ROUND: Final = 1000


class Hangs(BaseException):
    """One input took longer than any may."""


@dataclass
class Tally:
    inputs: int = 0
    taken: int = 0
    seconds: float = 0.0
    slowest_s: float = 0.0
    crashes: Counter[str] = field(default_factory=Counter)
    kept: list[tuple[bytes, str]] = field(default_factory=list)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--memory-gb", type=float, default=1.0, help="more than what the program has at the start"
    )
    parser.add_argument("--only", choices=list(TARGETS), nargs="*", default=list(TARGETS))
    asked = parser.parse_args(argv)
    console = Console()
    limit_memory(int(asked.memory_gb * GIGABYTE))
    tallies = run(asked.inputs, asked.seed, asked.only, console)
    show(tallies, console)
    return 1 if any(tally.crashes for tally in tallies.values()) else 0


def limit_memory(more: int) -> None:
    """From here on no more than this is given: what wants more fails at once."""
    now = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + more, resource.RLIM_INFINITY))


def run(inputs: int, seed: int, names: list[str], console: Console) -> dict[str, Tally]:
    tallies = {name: Tally() for name in names}
    signal.signal(signal.SIGALRM, _hangs)
    with (
        tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as home,
        _bar(console) as progress,
    ):
        bar = progress.add_task("畸形输入", total=inputs)
        for at, name in enumerate(names):
            share = inputs // len(names) + (at < inputs % len(names))
            for begin in range(0, share, A_ROUND):
                rng = Random(f"{seed} {name} {begin}")
                n = min(A_ROUND, share - begin)
                feed(TARGETS[name], n, rng, Path(home), tallies[name])
                progress.advance(bar, n)
    return tallies


def feed(target: Target, n: int, rng: Random, folder: Path, tally: Tally) -> None:
    """So many inputs into one reader."""
    real = target.real()
    for _ in range(n):
        data = target.spoil(rng, real)
        began = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, LIMIT_S)
        try:
            tally.taken += target.one(data, folder)
        except (Exception, Hangs) as error:  # noqa: BLE001 - what nobody foresaw is what is looked for
            _note(tally, data, error)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        took = time.monotonic() - began
        tally.inputs += 1
        tally.seconds += took
        tally.slowest_s = max(tally.slowest_s, took)


def _hangs(number: int, frame: FrameType | None) -> None:
    raise Hangs


def _note(tally: Tally, data: bytes, error: BaseException) -> None:
    where = traceback.extract_tb(error.__traceback__)[-1]
    what = f"{type(error).__name__} {Path(where.filename).name}:{where.lineno}"
    if not tally.crashes[what]:
        tally.kept.append((data, str(error)[:200]))
    tally.crashes[what] += 1


def show(tallies: dict[str, Tally], console: Console) -> None:
    table = Table(
        "读什么", "输入", "读得懂", "按名拒绝", "每个（微秒）", "最慢（毫秒）", "崩溃", title="畸形输入"
    )
    for name, tally in tallies.items():
        table.add_row(
            name,
            str(tally.inputs),
            str(tally.taken),
            str(tally.inputs - tally.taken - tally.crashes.total()),
            f"{tally.seconds / max(tally.inputs, 1) * 1e6:.0f}",
            f"{tally.slowest_s * 1e3:.1f}",
            str(tally.crashes.total()),
        )
    console.print(table)
    for name, tally in tallies.items():
        for (what, n), (data, why) in zip(tally.crashes.items(), tally.kept, strict=True):
            console.print(f"{name}：{n} 次 {what} {why}\n  {data[:400]!r}", markup=False, soft_wrap=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    total = sum(tally.inputs for tally in tallies.values())
    crashes = sum(tally.crashes.total() for tally in tallies.values())
    console.print(f"共 {total} 个输入，崩溃或者没有回来 {crashes} 个，内存最多 {peak / 2**20:.0f} MB")


def _bar(console: Console) -> Progress:
    return Progress(
        "{task.description}",
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


if __name__ == "__main__":
    sys.exit(main())
