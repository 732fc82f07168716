"""Closing: a month of a whole city is checked and closed, beside a bare sum of its lines.

The month holds a million pensions and what every employer paid of a bill. Yardstick: one statement that adds the
month's lines up by account, debits and credits.
"""

from __future__ import annotations

import statistics
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine, text

from backend import migrate, wiring
from backend.accounting import service as accounting
from backend.accounting.schema import CloseMonth, ReopenMonth
from backend.kernel import db as kernel
from backend.kernel import embedded, ledger
from backend.kernel.clock import CHINA, FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.funds import Fund
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.kernel.vault import Vault
from backend.pension import service as pension
from loadtests.bench import frame, payday
from loadtests.bench.copies import checkpoint, peak_mb
from loadtests.bench.frame import Bar, Figure, Sizes
from loadtests.bench.statements import Statements

FULL = {"persons": 1_000_000, "staff": 50, "runs": 3}
QUICK = {"persons": 5_000, "staff": 50, "runs": 1}
LEVIED = (Fund.PENSION, Fund.UNEMPLOYMENT, Fund.MEDICAL, Fund.INJURY)
SEALED = 1000
# what each employer paid of a fund's dues, a batch and a line each, as a day's file of receipts is booked
RECEIPTS = """
with given as (
  select nextval(pg_get_serial_sequence('ledger.batch', 'id')) as id, n, 1000000 + n % 500000 as fen
  from generate_series(1, :payers) n
), header as (
  insert into ledger.batch (id, ym, document, key, maker, checker, approved_at, n, total)
  overriding system value
  select id, :ym, 'receipt', 'bench/' || :fund || '/' || n, 'bench/maker', 'bench/checker', now(), 1, fen from given
)
insert into ledger.transfer (ym, batch, line, debit, credit, amount_fen)
select :ym, id, 1, :debit, :credit, fen from given
"""
BARE = """
select account, sum(debit), sum(credit) from (
  select debit as account, sum(amount_fen) as debit, 0 as credit from ledger.transfer where ym = :ym group by debit
  union all select credit, 0, sum(amount_fen) from ledger.transfer where ym = :ym group by credit
) sides group by account
"""


def measure(asked: Sizes) -> list[Figure]:
    with frame.city(quick=asked.quick) as house, embedded.running(house.home) as server:
        url = embedded.ensure_database(server, "closing")
        migrate.upgrade(url)
        owner = kernel.engine(url, size=1, role=None)
        now = kernel.runner(url, wiring.HANDLERS, Vault.new(), size=1).system
        month = Month.of(now.clock.today()) - 1
        day = datetime.combine(month.last, datetime.min.time(), CHINA)
        lines = fill(owner, replace(now, clock=FixedClock(day)), asked, month)
        heard = Statements(now.sessions.kw["bind"])
        before_mb = peak_mb()
        closed, bare = [], []
        for _ in range(asked.runs):
            now(reopen, month)
            checkpoint(owner)
            with frame.timed() as watch:
                now(accounting.close_month, CloseMonth(month=str(month)))
            closed.append(watch.seconds)
            bare += [bare_sum(owner, month) for _ in range(2)]
        after_mb = peak_mb()
        now.sessions.kw["bind"].dispose()
        owner.dispose()
    return [
        Figure(
            f"月结：核对总账和报表，结 {lines:,} 笔分录的一个月",
            statistics.median(closed),
            "秒",
            "同样的分录按账户加一遍",
            statistics.median(bare),
            None,
            f"每次 {', '.join(f'{one:.1f}' for one in closed)} 秒；{heard.told(asked.runs)}",
        ),
        Figure("月结进程的内存峰值", after_mb, "MB", "月结以前", before_mb, Bar("value", "≤", 1000)),
    ]


def fill(owner: Engine, then: Runner, asked: Sizes, month: Month) -> int:
    """The month's pensions by the real command, its receipts, all sealed; how many lines that is."""
    payday.fill(owner, then, asked.persons, month)
    then(pension.pay_month, month, checker="bench/checker")
    ym = month.year * 100 + month.month
    for fund in LEVIED:
        sides = then(_sides, fund)
        given = {"ym": ym, "payers": asked.persons // asked.staff, "fund": fund.value}
        with owner.begin() as db:
            db.execute(text(RECEIPTS), given | dict(zip(("debit", "credit"), sides, strict=True)))
    while then(ledger.seal, SEALED):
        pass
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("vacuum analyze"))
    with owner.connect() as db:
        return int(db.scalar(text("select count(*) from ledger.transfer where ym = :ym"), {"ym": ym}) or 0)


def _sides(uow: Uow, fund: Fund) -> tuple[int, int]:
    area = settings().area
    debit, credit = ("receipts_deposit", "contribution_income")
    return ledger.account(uow, fund, area, debit), ledger.account(uow, fund, area, credit)


def reopen(uow: Uow, month: Month) -> None:
    """As before it was closed."""
    if month in {one.month for one in ledger.calendar(uow) if one.status == "closed"}:
        two = replace(uow, approvers=("bench/first", "bench/second"))
        accounting.reopen_month(two, ReopenMonth(month=str(month), reason="性能测量再结一次"))


def bare_sum(owner: Engine, month: Month) -> float:
    with frame.timed() as watch, owner.connect() as db:
        db.execute(text(BARE), {"ym": month.year * 100 + month.month}).all()
    return watch.seconds


if __name__ == "__main__":
    frame.main(measure, __doc__, FULL, QUICK)
