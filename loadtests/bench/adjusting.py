"""Adjusting: a year's adjustment of a million pensions with nine months' arrears, beside a bare copy of the same rows.

Yardstick: `insert … select` of the very rows that were written (adjustments, awards, payables of the arrears, ledger
lines) into tables of the same columns, logged as usual, without a key, a constraint, a default or a trigger.
"""

from __future__ import annotations

import statistics
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Engine, text

from backend import migrate, wiring
from backend.kernel import db as kernel
from backend.kernel import embedded, ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.period import Month
from backend.kernel.vault import Vault
from backend.pension import service as pension
from backend.pension.adjusting.schema import AdjustYear, ReverseAdjustment
from loadtests.bench import frame, payday
from loadtests.bench.copies import Copies, checkpoint, peak_mb
from loadtests.bench.frame import Bar, Figure, Sizes
from loadtests.bench.statements import Statements

FULL = {"persons": 1_000_000, "runs": 2}
QUICK = {"persons": 5_000, "runs": 1}
YEAR, MONTHS = 2025, 9
ROWS = {
    "adjustment": ("pension.adjustment", "run_id = (select max(id) from pension.adjustment_run)"),
    "award": ("pension.award", f"adjusted = {YEAR}"),
    "payable": ("payout.payable", "batch_id = (select max(id) from payout.batch)"),
    "transfer": ("ledger.transfer", "batch = (select max(id) from ledger.batch where document = 'benefit')"),
}
# what nine months left behind: posted and paid, as many payables as months
POSTED = """insert into payout.payable (batch_id, person_id, month, item, amount, state, settled_at)
  select :batch, person_id, :month, '基本养老金', total, 'collected', now() from pension.award"""
BATCH = """insert into payout.batch (fund, item, area, month, run, n, total, maker, checker, posted_at)
  select 'pension', '基本养老金', area, :month, 1, count(*), sum(total), 'bench/maker', 'bench/checker', now()
  from pension.award group by area returning id"""


def measure(asked: Sizes) -> list[Figure]:
    with frame.city(quick=asked.quick) as house, embedded.running(house.home) as server:
        url = embedded.ensure_database(server, "adjusting")
        migrate.upgrade(url)
        owner = kernel.engine(url, size=1, role=None)
        clock = FixedClock(datetime(YEAR, MONTHS, 20, 2, tzinfo=UTC))
        run = replace(kernel.runner(url, wiring.HANDLERS, Vault.new(), size=1), clock=clock).system
        payday.fill(owner, run, asked.persons, Month(YEAR, 1))
        post(owner)
        copies = Copies(owner, ROWS)
        heard = Statements(run.sessions.kw["bind"])
        before_mb = peak_mb()
        adjusted, bare, taken = [], [], []
        for _ in range(asked.runs):
            copies.checkpoint()
            with frame.timed() as watch:
                done = run(pension.adjusting.adjust_year, AdjustYear(year=YEAR))
            if (done.persons, done.arrears_persons, done.waiting) != (asked.persons, asked.persons, 0):
                raise SystemExit(f"没有全部调整：{done}")
            adjusted.append(watch.seconds)
            bare += [copies.bare() for _ in range(2)]
            wrong = [str(one) for ask in (ledger.check, pension.adjusting.check) for one in run(ask)]
            if wrong:
                raise SystemExit(f"账不符：{wrong[:5]}")
            taken.append(reverse(owner, run, done.number))
        after_mb = peak_mb()
        run.sessions.kw["bind"].dispose()
        owner.dispose()
    name = f"给 {asked.persons:,} 人调整一年的养老金，补发 {MONTHS} 个月，连同余额"
    note = f"每次 {', '.join(f'{one:.1f}' for one in adjusted)} 秒；{heard.told(asked.runs)}；账相符"
    return [
        Figure(
            name,
            statistics.median(adjusted),
            "秒",
            "同样的行不加检查地复制",
            statistics.median(bare),
            Bar("ratio", "≤", 8),
            note,
        ),
        Figure("撤销这次调整（都还没有领）", statistics.median(taken), "秒"),
        Figure("调整进程的内存峰值", after_mb, "MB", "调整以前", before_mb, Bar("value", "≤", 500)),
    ]


def post(owner: Engine) -> None:
    """The months that arrears are for; statistics, and nothing left to write."""
    with owner.begin() as db:
        for month in range(1, MONTHS + 1):
            at = Month(YEAR, month).first
            batch = db.execute(text(BATCH), {"month": at}).scalar_one()
            db.execute(text(POSTED), {"batch": batch, "month": at})
    vacuum(owner)


def vacuum(owner: Engine) -> None:
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("vacuum analyze"))
    checkpoint(owner)


def reverse(owner: Engine, run: Runner, number: int) -> float:
    """As before the run, by the real command; then the tables are as a night leaves them."""
    command = ReverseAdjustment(number=number, because="再量一次", document="测量")
    with frame.timed() as watch:
        run(pension.adjusting.reverse, command)
    vacuum(owner)
    return watch.seconds


if __name__ == "__main__":
    frame.main(measure, __doc__, FULL, QUICK)
