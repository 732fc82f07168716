"""Frame: what every figure has in common — sizes, the yardstick beside it, the bar, one table, JSON."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import psycopg
from rich.console import Console
from rich.table import Table

from backend import connect
from backend.kernel import embedded
from loadtests.figures import written
from loadtests.house import PATIENCE_S, House, NotUp, temporary

CITY = "BENCH_CITY"  # a home with the demo city in it, stopped: each script works on a copy
PERSONS, VACANCIES = 3000, 2000
QUICK_PERSONS, QUICK_VACANCIES = 300, 200
LISTENING = """select count(distinct channel) from (select case when query ilike 'listen%vacancy%' then 1
  when query ilike 'listen%procrastinate%' then 2 end as channel from pg_stat_activity) heard"""
WIDE = 140
console = Console(width=None if sys.stdout.isatty() else WIDE)


@dataclass(frozen=True)
class Bar:
    """What must hold, of the figure itself or of its ratio to the yardstick."""

    of: Literal["value", "ratio"]
    sign: Literal["≤", "≥"]
    limit: float

    def holds(self, value: float, ratio: float) -> bool:
        found = value if self.of == "value" else ratio
        return found <= self.limit if self.sign == "≤" else found >= self.limit

    def __str__(self) -> str:
        return f"{self.sign} {self.limit:g}{' ×' if self.of == 'ratio' else ''}"


@dataclass(frozen=True)
class Figure:
    """One measured number beside its yardstick from the same run."""

    name: str
    value: float
    unit: str
    yardstick: str = ""
    beside: float = 0.0
    bar: Bar | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.value / self.beside if self.beside else 0.0

    @property
    def holds(self) -> bool | None:
        """None where there is no bar."""
        return self.bar.holds(self.value, self.ratio) if self.bar else None

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Figure:
        return cls(**{**plain, "bar": Bar(**plain["bar"]) if plain["bar"] else None})


Sizes = argparse.Namespace
Measure = Callable[[Sizes], list[Figure]]


def sizes(
    about: str, full: Mapping[str, int], quick: Mapping[str, int], argv: Sequence[str] | None = None
) -> Sizes:
    """Each size by --name or BENCH_NAME, else as the run is: full, or quick with --quick."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--quick", action="store_true", help="small sizes; no bar is judged")
    parser.add_argument("--json", type=Path, help="write the figures here instead of a table")
    for name in full:
        parser.add_argument(f"--{name}", type=int)
    asked = parser.parse_args(argv)
    for name, usual in full.items():
        if getattr(asked, name) is None:
            said = os.environ.get(f"BENCH_{name.upper()}")
            setattr(asked, name, int(said) if said else quick[name] if asked.quick else usual)
    return asked


def main(measure: Measure, about: str | None, full: Mapping[str, int], quick: Mapping[str, int]) -> None:
    """One script alone: measure, then a table or JSON."""
    asked = sizes(about or "", full, quick)
    figures = measure(asked)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(one) for one in figures], ensure_ascii=False), "utf-8")
    else:
        console.print(table(figures, judged=not asked.quick))
        notes(figures)


def table(figures: Sequence[Figure], *, judged: bool) -> Table:
    shown = Table("项目", "测得", "标尺（同一次运行）", "比值", "要求", "结果", title="性能测量")
    shown.columns[1].justify = shown.columns[3].justify = "right"
    for each in shown.columns:
        each.overflow = "fold"
    for one in figures:
        beside = f"{one.yardstick}：{written(one.beside)} {one.unit}" if one.yardstick else "—"
        ratio = written(one.ratio) if one.beside else "—"
        measured = f"{written(one.value)} {one.unit}"
        shown.add_row(one.name, measured, beside, ratio, str(one.bar or "—"), verdict(one, judged=judged))
    return shown


def verdict(one: Figure, *, judged: bool) -> str:
    if one.holds is None:
        return "—"
    if not judged:
        return "不判"
    return "[green]达到[/]" if one.holds else "[bold red]没有达到[/]"


def notes(figures: Sequence[Figure]) -> None:
    for one in figures:
        if one.note:
            console.print(f"  {one.name}：{one.note}", highlight=False, soft_wrap=True)


@contextmanager
def city(*, quick: bool) -> Iterator[House]:
    """A demo city of this script's own, stopped; a copy where whoever runs all scripts has made one already."""
    with temporary() as home:
        house = House(home / "city")
        made = os.environ.get(CITY)
        if made:
            copy(Path(made), house.home)
        else:
            found(house, quick=quick)
        yield house


@contextmanager
def everything(house: House, url: str, *, quick: bool) -> Iterator[None]:
    """All programs as `make run` starts them, from when the last of them is at work."""
    with house.up(*people(quick=quick)):
        deadline = time.monotonic() + PATIENCE_S
        while not listening(url):
            if time.monotonic() > deadline:
                raise NotUp("索引程序或者后台任务没有起来")
            time.sleep(0.02)
        yield


def listening(url: str) -> bool:
    """Whether indexer and worker both wait for their calls."""
    with psycopg.connect(url, autocommit=True) as db:
        seen = db.execute(LISTENING).fetchone()
    return seen is not None and seen[0] == 2


def address(house: House) -> str:
    """Where the owner finds the house's database once it runs."""
    with embedded.running(house.home) as server:
        return embedded.ensure_database(server, connect.DATABASE)


def found(house: House, *, quick: bool) -> None:
    """The demo city, started once and stopped: its search index is built too."""
    house.home.mkdir()
    with house.up(*people(quick=quick)):
        pass


def people(*, quick: bool) -> tuple[int, int]:
    return (QUICK_PERSONS, QUICK_VACANCIES) if quick else (PERSONS, VACANCIES)


def copy(source: Path, target: Path) -> None:
    """Everything, and whose it is: PostgreSQL's files may belong to a user of their own."""

    def one(source: str, target: str) -> str:
        shutil.copy2(source, target)
        _same_owner(source, target)
        return target

    shutil.copytree(source, target, copy_function=one)
    for folder in (source, *(path for path in source.rglob("*") if path.is_dir())):
        _same_owner(str(folder), str(target / folder.relative_to(source)))


def _same_owner(source: str, target: str) -> None:
    if os.geteuid() == 0:
        known = Path(source).stat()
        os.chown(target, known.st_uid, known.st_gid)


@dataclass
class Watch:
    """How long a block took."""

    seconds: float = 0.0

    @property
    def ms(self) -> float:
        return self.seconds * 1000


@contextmanager
def timed() -> Iterator[Watch]:
    watch = Watch()
    began = time.perf_counter()
    yield watch
    watch.seconds = time.perf_counter() - began


def machine() -> str:
    """On what the figures were measured."""
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} 核，开始时负载 {load:.1f}，Python {sys.version.split()[0]}"
