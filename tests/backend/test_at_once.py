"""Two who do the same run at the same moment do it once: the second waits for the first, and finds it done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import psycopg
import pytest

from backend import wiring
from backend.accounting import service as accounting
from backend.demo.story import bank
from backend.demo.story.office import Office
from backend.kernel import files, items
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow, runner
from backend.kernel.errors import Refusal
from backend.kernel.money import Money
from backend.kernel.sentences import read
from backend.kernel.vault import Vault
from backend.levy import service as levy
from backend.levy.billing import NobodyToBill
from backend.payout import service as payout
from backend.payout.bankfiles.profiles import PAID
from backend.payout.bankfiles.refusals import NothingToSend
from backend.payout.batches import AlreadyRun
from tests.backend import sums
from tests.backend.levy.town import MIDDLE, declare_all
from tests.backend.people import USCC, ZHANG
from tests.backend.walk import FIRST, a_place

WAITING = (
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)
LONGEST_S = 60


@pytest.fixture
def owner(fresh: Callable[[], str]) -> str:
    """A database of its own, where commits are commits."""
    return fresh()


@pytest.fixture
def run(owner: str, clock: FixedClock) -> Iterator[Runner]:
    """The town in it, with a connection for each of the two."""
    made = runner(owner, wiring.HANDLERS, Vault.new(), size=2)
    run = replace(made, clock=clock).system
    a_place(run, clock)
    declare_all(run)
    Office(run).do("LEV-03", ident=ZHANG, since=str(FIRST), base_fen=MIDDLE)
    yield run
    run.sessions.kw["bind"].dispose()


@pytest.fixture
def at_once(run: Runner, owner: str) -> Callable[..., list[Any]]:
    return partial(_at_once, run, owner)


def _at_once(run: Runner, owner: str, code: str, **body: Any) -> list[Any]:
    """Two do it; the first keeps its transaction open until the second waits for it. Answers, or refusals."""
    known = items.find(code)
    command, worked = read(known.asks, body), threading.Event()

    def first(uow: Uow) -> Any:
        answer = known.run(replace(uow, approvers=("officer:2",)), command)
        worked.set()
        until_one_waits(owner)
        return answer

    def second() -> Any:
        worked.wait(LONGEST_S)
        try:
            return run(lambda uow: known.run(replace(uow, approvers=("officer:2",)), command))
        except Refusal as refusal:
            return type(refusal)

    with ThreadPoolExecutor(2) as threads:
        done = [threads.submit(run, first), threads.submit(second)]
        return [one.result(LONGEST_S) for one in done]


def until_one_waits(owner: str) -> None:
    deadline = time.monotonic() + LONGEST_S
    with psycopg.connect(owner, autocommit=True) as db:
        while db.execute(WAITING).fetchone() == (0,):
            assert time.monotonic() < deadline, "the second does not wait"
            time.sleep(0.01)


def test_one_month_one_batch_one_file_one_answer_and_one_days_money(
    run: Runner, at_once: Callable[..., list[Any]]
) -> None:
    office = Office(run)
    billed, again = at_once("LEV-04", month=str(FIRST))
    assert (billed.run, billed.n, again) == (1, 13, NobodyToBill)
    posted, again = at_once("PEN-05", month=str(FIRST))
    assert (posted.n, again) == (2, AlreadyRun)
    sent, again = at_once("PAY-02", batch=posted.batch)
    assert (sent.n, again) == (2, NothingToSend)
    content = bank.answer("plain", run(files.fetch, sent.sent).content, lambda number: PAID)
    kept = run(files.keep, name="回盘.txt", content=content).file
    paid, again = at_once("PAY-03", file=sent.file, returned=kept)
    assert [(one.paid, one.already) for one in (paid, again)] == [(2, 0), (0, 2)]
    whole, day = Money(office.do("LEV-Q1", uscc=USCC).owed_fen).text, run.clock.today()
    lines = f"H|bank|{day:%Y%m%d}\nB0001|{USCC}|户名|{whole}|{day:%Y%m%d}\nT|1|{whole}\n"
    kept = run(files.keep, name="到账.txt", content=lines.encode("gb18030")).file
    taken, again = at_once("LEV-14", channel="bank", day=day.isoformat(), file=kept)
    assert [(one.taken, one.already) for one in (taken, again)] == [(1, 0), (0, 1)]
    for check in (accounting.check, levy.check, payout.check):
        assert run(check) == []
    sums.hold(run)
