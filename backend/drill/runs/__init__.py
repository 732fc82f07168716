"""Runs 批量办理演练: bills, payouts, bank files and receipt files are killed at random instants and done again.

Two cities begin the same. One does every run undisturbed; in the other the same run is killed, asked again, perhaps
killed again, until it has happened. After every kill the books are as before or as after it, never between; in
the end both cities come to the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from rich.console import Console
from rich.progress import Progress

from backend import connect
from backend.demo.story.office import Office
from backend.demo.story.payers import Payers
from backend.drill.place import on, place, told_city
from backend.drill.runs import killing, totals
from backend.drill.runs.report import AFTER, INSIDE, Report, show
from backend.drill.runs.totals import Totals
from backend.drill.runs.twin import Twin
from backend.drill.runs.work import Task
from backend.kernel.clock import FixedClock
from backend.kernel.period import Month

CUT = "renshe_cut"  # the disturbed city's database
WEIGHTS = {"client": 15, "backend": 4, "server": 1}  # how often each is killed
BEYOND = 1.1  # instants are drawn from a little more than the length of an undisturbed run
AGAIN = 0.5  # how likely a run is killed once more


def drill(kills: int, seed: int, persons: int, console: Console) -> Report:
    """Months of runs, until so many kills have been made."""
    report = Report(kills, seed)
    with place() as (home, owner), Progress(console=console, transient=True) as progress:
        still, cut = _twins(owner, persons, progress)
        step = progress.add_task("批量办理演练", total=kills)
        drilled = _Drill(home, still, cut, Random(seed), report)  # noqa: S311 - a drill
        month = Month.of(still.clock.today())
        while drilled.left:
            for calm, task in zip(still.tasks(month), cut.tasks(month), strict=True):
                drilled.run(calm, task)
                progress.update(step, completed=kills - drilled.left)
            report.wrong += [f"{month} {one}" for one in cut.office.differences()]
            month += 1
        for twin in (still, cut):
            twin.run.sessions.kw["bind"].dispose()
    show(report, console)
    return report


def _twins(owner: str, persons: int, progress: Progress) -> tuple[Twin, Twin]:
    """A city whose bases for the year are declared, and its copy."""
    run, clock = told_city(owner, persons, progress)
    clock.set(clock.now().replace(month=clock.now().month + 1, day=3))
    Payers(Office(run), Random(0), silent="").declare(Month.of(clock.today()))  # noqa: S311
    run.sessions.kw["bind"].dispose()
    other = urlsplit(owner)._replace(path=f"/{CUT}").geturl()
    with psycopg.connect(urlsplit(owner)._replace(path="/postgres").geturl(), autocommit=True) as db:
        # copied by its log, a sequence would take numbers that no log has yet, and give them again after a crash
        create = sql.SQL("create database {} template {} strategy file_copy")
        db.execute(create.format(sql.Identifier(CUT), sql.Identifier(connect.DATABASE)))
    still, cut = FixedClock(clock.at), FixedClock(clock.at)
    return Twin(owner, on(owner, still, run.vault), still), Twin(other, on(other, cut, run.vault), cut)


@dataclass
class _Drill:
    """What is done to the disturbed city, beside the one that is left in peace."""

    home: Path
    still: Twin
    cut: Twin
    chance: Random
    report: Report

    @property
    def left(self) -> int:
        return self.report.kills - sum(self.report.hits.values())

    def run(self, calm: Task, task: Task) -> None:
        """The run in peace; and in the other city killed, as often as chance will have it, and done."""
        took = killing.undisturbed(self.still.owner, calm)
        before, expected = totals.of(self.cut.run), totals.of(self.still.run)
        again = True
        while self.left and again:
            again = not self._kill(task, took, before, expected) and self.chance.random() < AGAIN
        killing.undisturbed(self.cut.owner, task)
        self._compare(task, expected, totals.of(self.cut.run))
        self.report.runs += 1

    def _kill(self, task: Task, took: float, before: Totals, expected: Totals) -> bool:
        """Killed once at a random instant; whether it had happened by then. What is between the two is wrong."""
        [way] = self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
        kill: dict[str, Callable[[killing.Worker], None]] = {
            "client": killing.client,
            "backend": killing.backend,
            "server": partial(killing.server, self.home),
        }
        killing.killed(self.cut.owner, task, self.chance.uniform(0, took * BEYOND), kill[way])
        for twin in (self.still, self.cut):  # what was open may have been cut too
            twin.run.sessions.kw["bind"].dispose()
        found = totals.of(self.cut.run)
        happened = found != before
        if happened:
            self._compare(task, expected, found)
        self.report.hits[task.name, way, AFTER if happened else INSIDE] += 1
        return happened

    def _compare(self, task: Task, expected: Totals, found: Totals) -> None:
        self.report.compared += len(expected)
        self.report.lost += [f"{task.key} {one}" for one in totals.lost(expected, found)]
        self.report.doubled += [f"{task.key} {one}" for one in totals.doubled(expected, found)]
