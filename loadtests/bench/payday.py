"""Payday: a month's pensions of a million persons, posted with balances by the real command, beside a bare copy.

Yardstick: `insert … select` of the very rows that were written (payables, ledger lines, the years of the accounts
drawn on) into tables of the same columns, logged as usual, without a key, a constraint, a default or a trigger.
"""

from __future__ import annotations

import json
import statistics
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, text

from backend import migrate, wiring
from backend.kernel import db as kernel
from backend.kernel import embedded, ledger
from backend.kernel.db import Runner
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.kernel.vault import Vault
from backend.payout import service as payout
from backend.pension import service as pension
from loadtests.bench import frame
from loadtests.bench.copies import Copies, peak_mb
from loadtests.bench.frame import Bar, Figure, Sizes
from loadtests.bench.statements import Statements

FULL = {"persons": 1_000_000, "months": 3}
QUICK = {"persons": 5_000, "months": 1}
FUND_FEN = 10**16
ROWS = {
    "payable": ("payout.payable", "batch_id = (select max(id) from payout.batch)"),
    "transfer": ("ledger.transfer", "batch = (select max(id) from ledger.batch where document = 'benefit')"),
    "account_year": ("pension.account_year", "year = (select max(year) from pension.account_year)"),
}
FILL = (
    """insert into registry.person (ident, name, sex, birth, nation, education, area, phone, address, registered_at)
    select '310101' || to_char(born, 'YYYYMMDD') || lpad((n / 12000)::text, 4, '0'), '张' || n, '1', born, '01', '60',
      '310101', '12000000000', '示例市黄浦区人民路', now()
    from generate_series(1, :persons) n, lateral (select date '1930-01-01' + n % 12000 as born) b""",
    """insert into pension.account (person_id, status, opened, track, months_paid, deemed_months, index_sum)
    select id, '4', date '1995-01-01', 60, 300, 60, 3150000 from registry.person""",
    """insert into pension.account_year (person_id, year, months, opening, credited, interest, paid, closing)
    select id, :year, 0, 20000000 + id % 100000, 0, 0, 0, 20000000 + id % 100000 from registry.person""",
    """insert into pension.award (person_id, area, decided_on, retired, first_month, pays_from, basic, account,
      transitional, additions, total, provisional, state, decided_at)
    select id, :area, date '2020-03-01', date '2020-03-01', date '2020-04-01', :from,
      250000 + id % 5000, 131180, 0, 0, 381180 + id % 5000, false, 'active', timestamptz '2020-03-01'
    from registry.person""",
    """insert into pension.working (award_id, facts, steps)
    select id, cast(:facts as jsonb), cast(:steps as jsonb) from pension.award""",
)


def measure(asked: Sizes) -> list[Figure]:
    with frame.city(quick=asked.quick) as house, embedded.running(house.home) as server:
        url = embedded.ensure_database(server, "payday")
        migrate.upgrade(url)
        owner = kernel.engine(url, size=1, role=None)
        run = kernel.runner(url, wiring.HANDLERS, Vault.new(), size=1).system
        this = Month.of(run.clock.today())
        months = [this - back for back in reversed(range(asked.months))]
        fill(owner, run, asked.persons, months[0])
        copies = Copies(owner, ROWS)
        heard = Statements(run.sessions.kw["bind"])
        before_mb = peak_mb()
        paid, bare = [], []
        for month in months:
            copies.checkpoint()
            with frame.timed() as watch:
                run(pension.pay_month, month, checker="bench/checker")
            paid.append(watch.seconds)
            bare += [copies.bare() for _ in range(2)]
        after_mb = peak_mb()
        wrong = [str(one) for one in run(ledger.check)]
        run.sessions.kw["bind"].dispose()
        owner.dispose()
    if wrong:
        raise SystemExit(f"总账不符：{wrong}")
    rows = f"{asked.persons:,} 笔"
    return [
        Figure(
            f"发放 {rows}养老金，连同余额",
            statistics.median(paid),
            "秒",
            "同样的行不加检查地复制",
            statistics.median(bare),
            Bar("ratio", "≤", 6),
            f"每次 {', '.join(f'{one:.1f}' for one in paid)} 秒；{heard.told(asked.months)}；总账相符",
        ),
        Figure(
            "发放进程的内存峰值",
            after_mb,
            "MB",
            "发放以前",
            before_mb,
            Bar("value", "≤", 500),
        ),
    ]


def fill(owner: Engine, run: Runner, persons: int, first: Month) -> None:
    """So many retirees with accounts and awards, as wide as real ones; the month opened and funded."""
    known = settings().area
    award = pension.work_out(_facts(known))
    given: dict[str, Any] = {
        "persons": persons,
        "from": first.first,
        "area": known,
        "year": run.clock.today().year,
        "facts": json.dumps(_facts(known).view(), ensure_ascii=False),
        "steps": json.dumps(pension.told(award), ensure_ascii=False),
    }
    with owner.begin() as db:
        for statement in FILL:
            db.execute(text(statement), given)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("vacuum analyze"))
    run(payout.open_books, FUND_FEN, FUND_FEN, maker="bench/maker", checker="bench/checker")


def _facts(area: str) -> pension.Facts:
    return pension.Facts(
        area=area,
        retired=Month(2020, 3),
        base=Money.yuan("9580"),
        index=Decimal("1.05"),
        months=360,
        deemed_months=60,
        account=Money.yuan("182340.15"),
        age=720,
    )


if __name__ == "__main__":
    frame.main(measure, __doc__, FULL, QUICK)
