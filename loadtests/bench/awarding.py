"""Awarding: one person's pension is decided through the API at a steady rate, as officers do it.

PEN-04 needs two approvals, so three things are measured, each of all the persons in turn: filing it, and the second
approval, which reckons, writes award, working and audit, and ends jobs and enrolments; and the public calculator, which is
the reckoning alone. The first approvals in between are not counted. Yardstick: an empty endpoint at the same rate.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, text

from backend import connect
from backend.demo.cast import PASSWORD
from backend.kernel import db as kernel
from backend.kernel import embedded
from loadtests.bench import frame, yardsticks
from loadtests.bench.clients import Ran, together
from loadtests.bench.frame import Bar, Figure, Sizes
from loadtests.bench.steady import Post, Seen, steady
from loadtests.figures import percentile
from loadtests.house import House, answers, free_port
from loadtests.line import Line, cookie

FULL = {"rate": 50, "seconds": 20, "warm": 2}
QUICK = {"rate": 10, "seconds": 2, "warm": 0}
BAR_MS = 50
MAKER, FIRST, SECOND = "310001", "310002", "310003"  # officers of the demo city: 经办, 复核, 局长
RETIRED = "2023-11"  # of men born in November 1963
SESSION = "renshe_session"
PORTAL = [sys.executable, "-m", "portal"]  # as it is started: two processes
WAITING = "select no from kernel.case where item = 'PEN-04' and state = 'waiting' order by no"
WEIGHTS, CHECK = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
CALCULATED = {
    "area": "310000",
    "retired": RETIRED,
    "base": "12183",
    "index": "1.0500",
    "months": 360,
    "account": "182340.15",
    "age": {"years": 60, "months": 0},
}
FILL = (
    """insert into registry.person (ident, name, sex, birth, nation, education, area, phone, address, registered_at)
    select ident, '张新', '1', date '1963-11-15', '01', '60', '310101', '12000000000', '示例市黄浦区人民路', now()
    from unnest(cast(:idents as text[])) ident""",
    """insert into pension.account (person_id, status, opened, track, months_paid, deemed_months, index_sum)
    select id, '1', date '1993-11-01', 60, 360, 0, 3780000 from registry.person where ident = any(:idents)""",
    """insert into pension.account_year
      (year, person_id, months, opening, credited, interest, paid, closing, rate, moved)
    select y, id, 12, 14000000 + 1000000 * (y - 2020), 1000000, 0, 0, 15000000 + 1000000 * (y - 2020), 0,
      array[1000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    from registry.person, generate_series(2020, 2025) y where ident = any(:idents)""",
    """insert into registry.enrolment (person_id, insurance, started, category)
    select id, '110', date '1993-11-01', 'employee' from registry.person where ident = any(:idents)""",
)


def measure(asked: Sizes) -> list[Figure]:
    n = asked.rate * (asked.seconds + asked.warm + 1)
    with frame.city(quick=asked.quick) as house, embedded.running(house.home) as server:
        owner = kernel.engine(embedded.ensure_database(server, connect.DATABASE), size=1, role=None)
        idents = fill(owner, n)
        with house.program("portal", PORTAL, lambda: answers(f"{house.url}/health")):
            filed, approved, reckoned = decided(house, owner, idents, asked)
        port = free_port()
        with house.program(
            "empty", yardsticks.command(port), lambda: answers(f"http://127.0.0.1:{port}/empty")
        ):
            empty = at_rate(port, ["/empty"], asked)
        house.must("ledger", "check")
    return [
        figure("第二人审核，核定办成", approved, empty, asked),
        figure("经办，受理", filed, empty, asked),
        figure("养老金测算", reckoned, empty, asked),
    ]


def numbers(n: int) -> list[str]:
    """Citizen numbers of men who were sixty in November 2023, five hundred a day."""
    bodies = (f"310101196311{1 + no // 500:02d}{2 * (no % 500) + 1:03d}" for no in range(n))
    return [
        body + CHECK[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]
        for body in bodies
    ]


def fill(owner: Engine, n: int) -> list[str]:
    """So many persons with thirty years of contribution, whom the demo city does not have yet."""
    with owner.begin() as db:
        known = set(db.execute(text("select ident from registry.person")).scalars())
        idents = [one for one in numbers(2 * n) if one not in known][:n]
        for statement in FILL:
            db.execute(text(statement), {"idents": idents})
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("vacuum analyze"))
    return idents


def decided(
    house: House, owner: Engine, idents: Sequence[str], asked: Sizes
) -> tuple[Ran[Seen], Ran[Seen], Ran[Seen]]:
    with Line(house.portal) as line:
        maker, first, second = (signed_in(line, name) for name in (MAKER, FIRST, SECOND))
    filing = [Post("/api/v1/items/PEN-04", {"ident": one, "retired": RETIRED}, maker) for one in idents]
    filed = at_rate(house.portal, filing, asked)
    cases = waiting(owner)
    with Line(house.portal) as line:
        for no in cases:
            if line.post("/api/v1/items/CAS-01", look(no), Authorization=f"Bearer {first}").status != 200:
                raise SystemExit(f"办件 {no} 没有审成")
    approved = at_rate(house.portal, [Post("/api/v1/items/CAS-01", look(no), second) for no in cases], asked)
    done = len(cases) - len(waiting(owner))
    if done < len(approved.found[0].ms):
        raise SystemExit(f"审核了 {len(approved.found[0].ms)} 件，只办成 {done} 件")
    return filed, approved, at_rate(house.portal, [Post("/api/v1/calculators/pension", CALCULATED)], asked)


def waiting(owner: Engine) -> list[int]:
    with owner.connect() as db:
        return list(db.execute(text(WAITING)).scalars())


def signed_in(line: Line, name: str) -> str:
    return cookie(line.form("/sign-in", name=name, password=PASSWORD), SESSION)


def look(no: int) -> dict[str, Any]:
    return {"no": no, "decision": "approved"}


def at_rate(port: int, what: Sequence[str | Post], asked: Sizes) -> Ran[Seen]:
    ran = together(steady, [(port, what, asked.rate, asked.seconds)], asked.warm)
    if wrong := ran.found[0].wrong:
        raise SystemExit(f"没有全部办成：{wrong[:3]}")
    return ran


def figure(name: str, ran: Ran[Seen], empty: Ran[Seen], asked: Sizes) -> Figure:
    ms, bare = ran.found[0].ms, empty.found[0].ms
    return Figure(
        f"养老待遇核定接口 p99，{name}，每秒 {asked.rate} 次",
        percentile(ms, 99),
        "毫秒",
        "空接口 p99，同样的频率",
        percentile(bare, 99),
        Bar("value", "≤", BAR_MS),
        f"{len(ms)} 次，从应该发出时算起：p50 {percentile(ms, 50):.1f}、p95 {percentile(ms, 95):.1f}、最长 {max(ms):.0f} 毫秒；"
        f"客户端占全机 CPU 的 {ran.share:.0%}",
    )


if __name__ == "__main__":
    frame.main(measure, __doc__, FULL, QUICK)
