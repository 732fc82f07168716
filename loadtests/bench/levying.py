"""Levying: the bills of one month for a million insured persons in all insurances, beside a bare copy.

Yardstick: `insert … select` of the very rows that were written (lines of dues and bills) into tables of the same
columns, logged as usual, without a key, a constraint, a default or a trigger.
"""

from __future__ import annotations

import statistics

from sqlalchemy import Engine, text

from backend import migrate, wiring
from backend.kernel import db as kernel
from backend.kernel import embedded
from backend.kernel.period import Month
from backend.kernel.vault import Vault
from backend.levy import service as levy
from backend.levy.schema import BillMonth
from backend.levy.terms import INJURY, MEDICAL, PENSION, UNEMPLOYMENT
from loadtests.bench import frame
from loadtests.bench.copies import Copies, peak_mb
from loadtests.bench.frame import Bar, Figure, Sizes
from loadtests.bench.statements import Statements

FULL = {"persons": 1_000_000, "months": 3, "staff": 50}
QUICK = {"persons": 5_000, "months": 1, "staff": 50}
INSURANCES = (PENSION, UNEMPLOYMENT, MEDICAL, INJURY)  # maternity is levied with medical
ROWS = {
    "due_line": ("levy.due_line", "run_id = (select max(id) from levy.run)"),
    "bill": ("levy.bill", "run_id = (select max(id) from levy.run)"),
}
FILL = (
    """insert into registry.employer (uscc, name, area, industry, injury_class, address, contact, phone, registered_at)
    select 'BENCH' || lpad(n::text, 13, '0'), '单位' || n, '310101', 'C', 1 + n % 8, '示例市人民路', '联系人', '12000000000',
      now() from generate_series(1, :persons / :staff) n""",
    """insert into registry.person (ident, name, sex, birth, nation, education, area, phone, address, registered_at)
    select '310101' || to_char(born, 'YYYYMMDD') || lpad((n / 12000)::text, 4, '0'), '张' || n, '1', born, '01', '60',
      '310101', '12000000000', '示例市黄浦区人民路', now()
    from generate_series(1, :persons) n, lateral (select date '1970-01-01' + n % 12000 as born) b""",
    """insert into registry.enrolment (person_id, insurance, category, employer_id, started)
    select id, code, 'employee', 1 + (id - 1) / :staff, date '2020-01-01'
    from registry.person, unnest(cast(:insurances as text[])) as code""",
    """insert into levy.declared_base (person_id, employer_id, since, until, wage, declared_at)
    select id, 1 + (id - 1) / :staff, cast(:first as date) - interval '6 months', cast(:first as date) + interval '1 year',
      500000 + id % 4000000, now() from registry.person""",
)


def measure(asked: Sizes) -> list[Figure]:
    with frame.city(quick=asked.quick) as house, embedded.running(house.home) as server:
        url = embedded.ensure_database(server, "levying")
        migrate.upgrade(url)
        owner = kernel.engine(url, size=1, role=None)
        run = kernel.runner(url, wiring.HANDLERS, Vault.new(), size=1).system
        this = Month.of(run.clock.today())
        months = [this - back for back in reversed(range(asked.months))]
        copies = Copies(owner, ROWS)
        fill(owner, asked, months[0])
        heard = Statements(run.sessions.kw["bind"])
        before_mb = peak_mb()
        billed, bare, lines = [], [], 0
        for month in months:
            copies.checkpoint()
            with frame.timed() as watch:
                made = run(levy.bill_month, BillMonth(month=str(month)))
            billed.append(watch.seconds)
            lines = made.n
            bare += [copies.bare() for _ in range(2)]
        after_mb = peak_mb()
        run.sessions.kw["bind"].dispose()
        owner.dispose()
    if made.problems or lines != asked.persons * len(INSURANCES):
        raise SystemExit(f"应缴核定不全：{made}")
    return [
        Figure(
            f"核定 {asked.persons:,} 人一个月的应缴，{lines:,} 笔",
            statistics.median(billed),
            "秒",
            "同样的行不加检查地复制",
            statistics.median(bare),
            Bar("ratio", "≤", 6),
            f"五险四笔（生育随医疗征缴）；每次 {', '.join(f'{one:.1f}' for one in billed)} 秒；{heard.told(asked.months)}",
        ),
        Figure("核定进程的内存峰值", after_mb, "MB", "核定以前", before_mb, Bar("value", "≤", 1000)),
    ]


def fill(owner: Engine, asked: Sizes, first: Month) -> None:
    """So many employees, `staff` an employer, all declared; nothing billed yet."""
    given = {
        "persons": asked.persons,
        "staff": asked.staff,
        "first": first.first,
        "insurances": list(INSURANCES),
    }
    with owner.begin() as db:
        for statement in FILL:
            db.execute(text(statement), given)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("vacuum analyze"))


if __name__ == "__main__":
    frame.main(measure, __doc__, FULL, QUICK)
