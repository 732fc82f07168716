"""Interest: a year of a million individual accounts, beside a bare copy and bare updates of the same rows.

Yardsticks: `insert … select` of the very rows that were written (the year, and the next one that begins with its
interest) into tables of the same columns; and updates of all those rows there. Logged as usual, without a key, a
constraint, a default or a trigger.
"""

from __future__ import annotations

import statistics

from sqlalchemy import Engine, text

from backend import migrate, wiring
from backend.kernel import db as kernel
from backend.kernel import embedded, params
from backend.kernel.db import Runner
from backend.kernel.vault import Vault
from backend.pension import service as pension
from backend.pension.schema import SettleYear
from loadtests.bench import frame
from loadtests.bench.copies import Copies, checkpoint, peak_mb
from loadtests.bench.frame import Bar, Figure, Sizes
from loadtests.bench.statements import Statements

FULL = {"persons": 1_000_000, "runs": 3}
QUICK = {"persons": 5_000, "runs": 1}
RATE = "pension.account.interest_rate"
PENSIONERS = 4  # one account in so many is in payment
ROWS = {"account_year": ("pension.account_year", "year >= {year}")}
FILL = (
    """insert into registry.person (ident, name, sex, birth, nation, education, area, phone, address, registered_at)
    select '310101' || to_char(born, 'YYYYMMDD') || lpad((n / 12000)::text, 4, '0'), '张' || n, '1', born, '01', '60',
      '310101', '12000000000', '示例市黄浦区人民路', now()
    from generate_series(1, :persons) n, lateral (select date '1950-01-01' + n % 12000 as born) b""",
    """insert into pension.account (person_id, status, opened, track, months_paid, deemed_months, index_sum)
    select id, case when id % :pensioners = 0 then '4' else '1' end, date '1995-01-01', 60, 300, 60, 3150000
    from registry.person""",
    # the year before, whose interest is given; the year; and the one that has begun since
    """insert into pension.account_year
      (year, person_id, months, opening, credited, interest, paid, closing, rate, moved)
    select :year - 1, person_id, 0, held, 0, 0, 0, held, 0, array_fill(0::bigint, array[12])
    from pension.account, lateral (select 8000000 + person_id % 9000000 as held) h""",
    """insert into pension.account_year (year, person_id, months, opening, credited, interest, paid, closing, moved)
    select :year, person_id, 12, closing, 12 * came, 0, 12 * went, closing + 12 * (came - went),
      array_fill((came - went)::bigint, array[12])
    from pension.account join pension.account_year y using (person_id),
      lateral (select case status when '4' then 0 else 60000 + person_id % 200000 end as came,
        case status when '4' then 90000 + person_id % 50000 else 0 end as went) m
    where y.year = :year - 1""",
    """insert into pension.account_year (year, person_id, months, opening, credited, interest, paid, closing)
    select :year + 1, person_id, 0, closing, 0, 0, 0, closing from pension.account_year where year = :year""",
)
AGAIN = (
    """update pension.account_year n set opening = n.opening - y.interest, closing = n.closing - y.interest
    from pension.account_year y where y.year = :year and n.year > :year and n.person_id = y.person_id""",
    """update pension.account_year set closing = closing - interest, interest = 0, rate = null where year = :year""",
)
BARE = (
    "update bench_account_year set interest = interest + 1, closing = closing + 1, rate = 1 where year = :year",
    "update bench_account_year set opening = opening + 1, closing = closing + 1 where year > :year",
)


def measure(asked: Sizes) -> list[Figure]:
    with frame.city(quick=asked.quick) as house, embedded.running(house.home) as server:
        url = embedded.ensure_database(server, "interest")
        migrate.upgrade(url)
        owner = kernel.engine(url, size=1, role=None)
        run = kernel.runner(url, wiring.HANDLERS, Vault.new(), size=1).system
        year = newest(run)
        with owner.begin() as db:
            for statement in FILL:
                given = {"persons": asked.persons, "pensioners": PENSIONERS, "year": year}
                db.execute(text(statement), given)
        copies = Copies(owner, {name: (of, which.format(year=year)) for name, (of, which) in ROWS.items()})
        heard = Statements(run.sessions.kw["bind"])
        before_mb = peak_mb()
        settled, bare, updated = [], [], []
        for _ in range(asked.runs):
            ready(owner, year)
            with frame.timed() as watch:
                done = run(pension.interest.settle_year, SettleYear(year=year))
            if (done.accounts, done.waiting) != (asked.persons, 0):
                raise SystemExit(f"没有全部结息：{done}")
            settled.append(watch.seconds)
            bare += [copies.bare() for _ in range(2)]
            updated.append(bare_updates(owner, year))
        after_mb = peak_mb()
        wrong = [str(one) for one in run(pension.check)]
        run.sessions.kw["bind"].dispose()
        owner.dispose()
    if wrong:
        raise SystemExit(f"个人账户不符：{wrong[:5]}")
    name = f"给 {asked.persons:,} 个个人账户结一年的利息，连同下一年的年初"
    note = f"每次 {', '.join(f'{one:.1f}' for one in settled)} 秒；{heard.told(asked.runs)}；个人账户相符"
    median = statistics.median(settled)
    return [
        Figure(
            name,
            median,
            "秒",
            "同样的行不加检查地复制",
            statistics.median(bare),
            Bar("ratio", "≤", 6),
            note,
        ),
        Figure("同上", median, "秒", "同样的行不加检查地更新", statistics.median(updated)),
        Figure("结息进程的内存峰值", after_mb, "MB", "结息以前", before_mb, Bar("value", "≤", 1000)),
    ]


def newest(run: Runner) -> int:
    """The last year that is over and whose rate is published."""
    known = [one.since.year for one in params.history(RATE) if one.value != params.ENDED]
    return max(year for year in known if year < run.clock.today().year)


def ready(owner: Engine, year: int) -> None:
    """As before the year was settled; statistics, and nothing left to write."""
    with owner.begin() as db:
        for statement in AGAIN:
            db.execute(text(statement), {"year": year})
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("vacuum analyze"))
    checkpoint(owner)


def bare_updates(owner: Engine, year: int) -> float:
    """How long the rows that `Copies` has just written take to change where nothing is checked."""
    checkpoint(owner)
    with frame.timed() as watch, owner.begin() as db:
        for statement in BARE:
            db.execute(text(statement), {"year": year})
    return watch.seconds


if __name__ == "__main__":
    frame.main(measure, __doc__, FULL, QUICK)
