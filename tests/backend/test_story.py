"""Two years of the demo city through the real commands; at every month's end every fen is where it belongs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from rich.progress import Progress
from sqlalchemy import text

from backend import wiring
from backend.demo.load import load
from backend.demo.story import Story
from backend.kernel import ledger, params
from backend.kernel.clock import CHINA, FixedClock
from backend.kernel.db import Runner, Uow, runner
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.kernel.vault import Vault
from tests.backend import sums

PERSONS, MONTHS = 100, 24
RATE, RATES = "pension.account.interest_rate", {2026: Decimal("0.026"), 2027: Decimal("0.019")}  # invented
LOADED = datetime(2026, 6, 15, 10, tzinfo=CHINA)
SINCE = date(
    2026, 6, 1
)  # this month's dues are billed by the real command; the months before were loaded as paid
# what a story of two years must have had in it, so that its sums say something
HAPPENED = {
    "money reversed": "select count(*) from levy.receipt where reversed_at is not null",
    "money given back": "select count(*) from levy.receipt where refunded > 0",
    "money ahead": "select count(*) from levy.receipt where array_length(batches, 1) > 1",
    "money from nobody known, found out": "select count(*) from ledger.batch where document = 'allocation'",
    "money by file": "select count(*) from levy.receipt where file is not null",
    "paid online": "select count(*) from levy.receipt where reference like 'DEMO-%'",
    "late fees": "select count(*) from levy.bill where kind = 'late_fee'",
    "late fees paid": "select count(*) from levy.bill where kind = 'late_fee' and settled_at is not null",
    "undeclared": "select count(*) from levy.due_line where kind = 'undeclared'",
    "not billable": "select count(*) from levy.problem",
    "written off": "select count(*) from levy.bill where written_off > 0",
    "sent back by the bank": "select count(*) from payout.bank_line where result = 'returned'",
    "paid after all": """select count(*) from payout.bank_line r join payout.bank_line p using (payable_id)
      left join payout.bank_file f on f.id = p.file_id
      where r.result = 'returned' and (p.result = 'paid' or p.result = 'filed' and f.answered_at is not null)""",
    "drawn in cash": """select count(*) from payout."order" where state = 'paid'""",
    "not handed out": """select count(*) from payout."order" where state = 'released'""",
    "counted by two": """select count(*) from payout."order" where evidence ->> 'counted' = 'true'""",
    "died": "select count(*) from registry.death",
    "claimed from the dead": "select count(*) from payout.overpaid",
    "given back by relatives": "select count(*) from payout.repayment where way = 'returned'",
    "kept back": "select count(*) from payout.repayment where way = 'offset'",
    "resumed": "select count(*) from payout.stop where lifted_at is not null",
    "arrears of a pension": """select count(*) from payout.payable p join payout.batch b on b.id = p.batch_id
      where p.month < b.month""",
    "newly retired": "select count(*) from pension.award where decided_at > '2026-07-01'",
    "closed": "select count(*) from ledger.period where status = 'closed'",
    "opened again": "select count(*) from ledger.step where what = 'reopened'",
    "interest": "select count(*) from pension.account_year where rate > 0 and interest > 0",
    "years carried": "select count(*) from ledger.batch where document = 'year-end'",
}
MOVED = """
  select count(*) from (select person_id from registry.enrolment where insurance = '110' and started > '2026-06-01'
    and employer_id is not null group by person_id) moved
  join registry.enrolment before using (person_id) where before.ended is not null and before.insurance = '110'
"""
UNDECLARED = """
  select l.insurance, l.employer_share + l.person_share as fen, b.employer_share + b.person_share as before
  from levy.due_line l join levy.due_line b on b.person_id = l.person_id and b.insurance = l.insurance
    and b.employer_id = l.employer_id and b.month = l.month - interval '1 month' and b.seq = 1
  where l.kind = 'undeclared'
"""


@pytest.fixture
def city(
    fresh: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Runner, FixedClock]]:
    """The demo city on the day of its loading, in a database of its own: what is committed is committed."""
    monkeypatch.setenv("RENSHE_HOME", str(tmp_path))
    settings.cache_clear()
    publish(monkeypatch)
    url, clock = fresh(), FixedClock(LOADED)
    made = runner(url, wiring.HANDLERS, Vault.new(), size=2)
    run = Runner(made.sessions, made.handlers, clock=clock, vault=made.vault).system
    load(url, run, PERSONS, 0, Progress(disable=True))
    yield run, clock
    run.sessions.kw["bind"].dispose()
    settings.cache_clear()
    params._found.cache_clear()


def publish(monkeypatch: pytest.MonkeyPatch) -> None:
    """Interest rates of the two years that end in the story, which nobody has published yet."""
    history = params.history

    def dated(path: str, area: str = params.NATION) -> tuple[params.Found, ...]:
        known = history(path, area)
        if path != RATE or not known:
            return known
        return known[:-1] + tuple(
            replace(known[0], since=date(year, 1, 1), value=rate) for year, rate in RATES.items()
        )

    monkeypatch.setattr(params, "history", dated)
    params._found.cache_clear()


@pytest.mark.slow
def test_two_years_of_the_city(city: tuple[Runner, FixedClock]) -> None:
    run, clock = city
    start = run(sums.before, SINCE)
    sums.hold(run, start)
    story = Story(run, clock)
    for month in story.tell(MONTHS):
        assert month.wrong == (), month.month
        assert run(trial_balance_is_nothing, month.month)
        sums.hold(run, start)
    happened = {what: run(counted, asked) for what, asked in HAPPENED.items()}
    assert all(happened.values()), happened
    assert run(counted, MOVED)
    assert happened["closed"] == MONTHS, "all but the month that is going on"
    assert happened["years carried"] == 2 * 5, "two Decembers of five funds"
    assert run(a_tenth_more)
    assert never_paid(run, story.payers.silent)


def trial_balance_is_nothing(uow: Uow, month: Month) -> bool:
    lines = ledger.trial_balance(uow, month)
    return all(
        sum(line.closing_fen for line in lines if line.account.fund is fund) == 0
        for fund in {line.account.fund for line in lines}
    )


def counted(uow: Uow, asked: str) -> int:
    return int(uow.session.scalar(text(asked)) or 0)


def a_tenth_more(uow: Uow) -> bool:
    """Who does not declare owes a tenth more than the month before, each share to the half fen."""
    lines = sums.rows(uow, UNDECLARED)
    for line in lines:
        assert abs(line["fen"] * 100 - line["before"] * 110) <= 100, line
    return bool(lines)


def never_paid(run: Runner, silent: str) -> bool:
    """The one that never declares has not paid a fen for two years; only its oldest month was given up."""
    asked = """select b.month, sum(b.paid) paid, sum(b.written_off) off from levy.bill b
      join registry.employer e on e.id = b.employer_id where e.uscc = :uscc and b.month > :since
      group by b.month order by b.month"""
    months = run(sums.rows, asked, uscc=silent, since=SINCE)
    assert len(months) == MONTHS
    assert all(not month["paid"] for month in months)
    return [bool(month["off"]) for month in months] == [True, *[False] * (MONTHS - 1)]
