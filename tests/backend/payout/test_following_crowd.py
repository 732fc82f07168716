"""Whoever stops, collects or reads at the moment in which a file is answered: one waits, and nothing falls between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text, update

from backend import wiring
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.db import runner as make_runner
from backend.kernel.period import Month
from backend.kernel.vault import Vault
from backend.payout import service as payout
from backend.payout.model import Recovery
from backend.payout.refusals import SentToBank
from backend.payout.schema import BankFileView
from backend.registry.model import BankAccount, Person
from tests.backend.payout.books import agree
from tests.backend.payout.city import AMOUNT, a_retiree, fund
from tests.backend.payout.filed import command, send, states, told
from tests.backend.payout.terminal import Card, Terminal

PATIENCE_S = 60
WAITING = """select exists (select from pg_locks l join pg_stat_activity a using (pid)
  where not l.granted and a.datname = current_database())"""
Work = Callable[[Uow], Any]


@pytest.fixture
def run(fresh: Callable[[], str], clock: FixedClock) -> Iterator[Runner]:
    """A database of its own, real commits, three connections."""
    made = make_runner(fresh(), wiring.HANDLERS, Vault.new(), size=3)
    yield replace(made, actor=SYSTEM, clock=clock)
    made.sessions.kw["bind"].dispose()


@pytest.fixture
def card(run: Runner) -> Card:
    """Of one pensioner who is paid by bank."""
    fund(run)
    made = a_retiree(run)
    run.system(lambda uow: uow.session.execute(update(BankAccount).values(standing=True)))
    return made


@pytest.fixture
def sent(run: Runner, card: Card) -> BankFileView:
    return send(run)


def waiting(uow: Uow) -> bool:
    return bool(uow.session.execute(text(WAITING)).scalar_one())


def meanwhile(run: Runner, first: Work, second: Callable[[], Any]) -> tuple[Any, bool]:
    """`second` begins when `first` is done and not yet committed: what came of it, and whether it had to wait."""
    done, go = threading.Event(), threading.Event()

    def holding(uow: Uow) -> None:
        first(uow)
        done.set()
        assert go.wait(PATIENCE_S)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(run.system, holding)
        assert done.wait(PATIENCE_S), one.result(0)
        other = pool.submit(second)
        waited = _waits(run, other)
        go.set()
        one.result(PATIENCE_S)
        return other.exception(PATIENCE_S) or other.result(), waited


def _waits(run: Runner, work: Future[Any]) -> bool:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and not work.done():
        if run.system(waiting):
            return True
        time.sleep(0.01)
    assert work.done()
    return False


def stopping(uow: Uow) -> Any:
    person = uow.session.scalars(select(Person.id)).one()
    return payout.stop(
        uow,
        person_id=person,
        fund="pension",
        what="基本养老金",
        since=Month(2026, 11),
        reason="03",
        document="停1",
        claims=True,
    )


def answering(run: Runner, sent: BankFileView, code: str) -> Work:
    asked = command(run, sent, told(run, sent, [code]))
    return lambda uow: payout.read_bank_file(uow, asked)


def owing(run: Runner) -> int:
    return run.system(lambda uow: sum(one.left.fen for one in uow.session.scalars(select(Recovery))))


@pytest.mark.parametrize(("code", "state", "claimed"), [("00", "paid", AMOUNT), ("03", "cancelled", 0)])
def test_a_stop_while_the_answer_is_booked_waits_and_sees_it(
    run: Runner, sent: BankFileView, code: str, state: str, claimed: int
) -> None:
    _, waited = meanwhile(run, answering(run, sent, code), lambda: run.system(stopping))
    assert waited
    assert states(run) == [state]
    assert owing(run) == claimed
    assert agree(run)


@pytest.mark.parametrize(("code", "state", "claimed"), [("00", "paid", AMOUNT), ("03", "cancelled", 0)])
def test_an_answer_while_somebody_is_stopped_waits_and_sees_it(
    run: Runner, sent: BankFileView, code: str, state: str, claimed: int
) -> None:
    answer = answering(run, sent, code)
    _, waited = meanwhile(run, stopping, lambda: run.system(answer))
    assert waited
    assert states(run) == [state]
    assert owing(run) == claimed
    assert agree(run)


def test_a_file_that_is_made_while_somebody_is_stopped_leaves_them_out(run: Runner, card: Card) -> None:
    refused, waited = meanwhile(run, stopping, lambda: send(run))
    assert waited
    assert "没有等待银行发放的人" in str(refused)
    assert states(run) == ["cancelled"]
    assert agree(run)


def test_a_card_at_a_kiosk_gets_what_comes_back_and_never_what_is_paid(
    run: Runner, card: Card, sent: BankFileView
) -> None:
    kiosk = Terminal(run)
    visit = kiosk.visit(card)
    refused, waited = meanwhile(run, answering(run, sent, "90"), lambda: kiosk.open(visit))
    assert isinstance(refused, SentToBank)
    assert not waited
    opened, waited = meanwhile(run, answering(run, sent, "03"), lambda: kiosk.open(visit))
    assert waited
    assert opened.state == "opened"
    assert states(run) == ["held"]
    assert agree(run)


def test_paid_by_the_bank_a_card_gets_nothing_at_any_moment(
    run: Runner, card: Card, sent: BankFileView
) -> None:
    kiosk = Terminal(run)
    visit = kiosk.visit(card)
    refused, _ = meanwhile(run, answering(run, sent, "00"), lambda: kiosk.open(visit))
    assert isinstance(refused, SentToBank)
    with pytest.raises(SentToBank):
        kiosk.open(visit)
    assert states(run) == ["paid"]
    assert agree(run)


def test_one_answer_read_twice_at_once_is_booked_once(run: Runner, sent: BankFileView) -> None:
    answer = answering(run, sent, "00")
    read, waited = meanwhile(run, answer, lambda: run.system(answer))
    assert waited
    assert (read.paid, read.already) == (0, 1)
    assert agree(run)
