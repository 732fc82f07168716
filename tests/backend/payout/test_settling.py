"""Settling: an order ends on the dispenser's own word, on a count by two persons, or stays in doubt (R6, R11)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from backend.kernel import items, ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.payout import service as payout
from backend.payout.refusals import (
    HeldElsewhere,
)
from backend.payout.settling import DrawnMeanwhile
from backend.registry.model import BankAccount
from tests.backend.payout.books import agree
from tests.backend.payout.city import AMOUNT, owed
from tests.backend.payout.filed import answer, send, states
from tests.backend.payout.terminal import Card, Terminal
from tests.backend.people import officer


@pytest.mark.parametrize(
    "lie",
    [
        {"presented": "no"},
        {"amount_fen": AMOUNT - 1},
        {"order": "00000001000100ff"},
        {"dispenser": "D-00000099"},
    ],
)
def test_paid_is_believed_only_on_the_dispensers_word_for_this_order(
    kiosk: Terminal, card: Card, lie: dict
) -> None:
    visit = kiosk.visit(card)
    opened = kiosk.open(visit)
    token = kiosk.confirm(visit, opened, card).token
    assert token
    kiosk.dispenser.hand_out(opened.order, token, AMOUNT)
    assert kiosk.report(opened.order, "paid", kiosk.dispenser.status(opened.order, **lie)).state == "in_doubt"
    assert kiosk.report(opened.order, "paid", kiosk.dispenser.status(opened.order)).state == "paid"


def test_a_forged_signature_changes_nothing_but_doubt(kiosk: Terminal, card: Card) -> None:
    visit = kiosk.visit(card)
    opened = kiosk.open(visit)
    token = kiosk.confirm(visit, opened, card).token
    assert token
    kiosk.dispenser.hand_out(opened.order, token, AMOUNT)
    kiosk.dispenser.clear()
    lying = kiosk.dispenser.status(opened.order).model_copy(update={"presented": "no"})
    assert kiosk.report(opened.order, "not", lying).state == "in_doubt"


def test_not_paid_needs_a_dead_token(run: Runner, kiosk: Terminal, card: Card) -> None:
    visit = kiosk.visit(card)
    opened = kiosk.open(visit)
    kiosk.confirm(visit, opened, card)
    assert kiosk.report(opened.order, "not", kiosk.dispenser.status(opened.order)).state == "in_doubt"
    kiosk.dispenser.clear()
    assert kiosk.report(opened.order, "not", kiosk.dispenser.status(opened.order)).state == "released"
    assert owed(run) == AMOUNT
    assert run.system(ledger.check) == []
    assert kiosk.open(kiosk.visit(card)).state == "opened"


@pytest.mark.parametrize("before", [True, False])
def test_a_word_about_another_order_or_from_before_proves_nothing(
    kiosk: Terminal, card: Card, before: bool
) -> None:
    """A kiosk that kept a signed "no" for later cannot have a paid order released with it."""
    visit = kiosk.visit(card)
    opened = kiosk.open(visit)
    early = kiosk.dispenser.status(opened.order)
    token = kiosk.confirm(visit, opened, card).token
    assert token
    kiosk.dispenser.hand_out(opened.order, token, AMOUNT)
    kiosk.dispenser.clear()
    kept = early if before else kiosk.dispenser.status("00000001000100ff")
    assert kiosk.report(opened.order, "not", kept).state == "in_doubt"
    assert kiosk.report(opened.order, "paid", kiosk.dispenser.status(opened.order)).state == "paid"


def test_a_late_report_on_a_finished_order_changes_nothing(run: Runner, kiosk: Terminal, card: Card) -> None:
    visit = kiosk.visit(card)
    opened = kiosk.open(visit)
    kiosk.confirm(visit, opened, card)
    kiosk.dispenser.clear()
    kiosk.report(opened.order, "not", kiosk.dispenser.status(opened.order))
    paid = kiosk.dispenser.status(opened.order, presented="yes", amount_fen=AMOUNT)
    assert kiosk.report(opened.order, "paid", paid).state == "released"
    assert kiosk.confirm(visit, opened, card).token is None


def test_time_cancels_what_was_only_opened_and_never_releases_what_was_authorised(
    run: Runner, clock: FixedClock, kiosk: Terminal, card: Card
) -> None:
    visit = kiosk.visit(card)
    first = kiosk.open(visit)
    clock.set(clock.now() + timedelta(minutes=11))
    assert run.system(payout.settle_stale) == (1, 0)
    assert kiosk.report(first.order, "not").state == "cancelled"
    visit = kiosk.visit(card)
    second = kiosk.open(visit)
    kiosk.confirm(visit, second, card)
    clock.set(clock.now() + timedelta(days=3))
    assert run.system(payout.settle_stale) == (0, 1)
    with pytest.raises(HeldElsewhere):
        kiosk.open(kiosk.visit(card))


@pytest.mark.parametrize(
    ("handed_out", "state", "still_owed"), [(True, "paid", 0), (False, "released", AMOUNT)]
)
def test_two_persons_count_what_is_in_doubt(
    run: Runner, kiosk: Terminal, card: Card, handed_out: bool, state: str, still_owed: int
) -> None:
    visit = kiosk.visit(card)
    opened = kiosk.open(visit)
    kiosk.confirm(visit, opened, card)
    assert kiosk.report(opened.order, "unknown").state == "in_doubt"
    command = items.CATALOGUE["PAY-21"].asks(order=opened.order, handed_out=handed_out)
    assert run.system(items.CATALOGUE["PAY-21"].run, command).model_dump()["state"] == state
    assert owed(run) == still_owed
    assert run.system(ledger.check) == []


@pytest.mark.parametrize(("counted", "state", "still_owed"), [(True, "paid", 0), (False, "released", AMOUNT)])
def test_a_word_that_contradicts_a_count_holds_the_pension_until_it_is_counted_again(
    run: Runner, kiosk: Terminal, card: Card, counted: bool, state: str, still_owed: int
) -> None:
    """The notes were counted as there; then the dispenser, repaired, signs that it handed them out."""
    visit = kiosk.visit(card)
    opened = kiosk.open(visit)
    token = kiosk.confirm(visit, opened, card).token
    assert token
    kiosk.report(opened.order, "unknown")
    count = items.CATALOGUE["PAY-21"]
    run.system(count.run, count.asks(order=opened.order, handed_out=False))
    kiosk.dispenser.hand_out(opened.order, token, AMOUNT)
    assert kiosk.report(opened.order, "paid", kiosk.dispenser.status(opened.order)).state == "released"
    with pytest.raises(HeldElsewhere):
        kiosk.open(kiosk.visit(card))
    again = run.by(replace(officer(), id="officer:9"))
    done = again(
        lambda uow: count.run(
            replace(uow, approvers=("officer:8",)), count.asks(order=opened.order, handed_out=counted)
        )
    )
    assert done.model_dump()["state"] == state
    assert owed(run) == still_owed
    assert run.system(ledger.check) == []


def test_a_word_that_contradicts_a_count_when_the_bank_has_the_money_already_pays_nothing_more(
    run: Runner, kiosk: Terminal, card: Card
) -> None:
    """Counted as there, sent to the bank in a file; only then the dispenser signs that it handed them out."""
    visit = kiosk.visit(card)
    opened = kiosk.open(visit)
    token = kiosk.confirm(visit, opened, card).token
    assert token
    kiosk.report(opened.order, "unknown")
    count = items.CATALOGUE["PAY-21"]
    run.system(count.run, count.asks(order=opened.order, handed_out=False))
    run.system(lambda uow: uow.session.execute(update(BankAccount).values(standing=True)))
    sent = send(run)
    kiosk.dispenser.hand_out(opened.order, token, AMOUNT)
    assert kiosk.report(opened.order, "paid", kiosk.dispenser.status(opened.order)).state == "released"
    with pytest.raises(DrawnMeanwhile):
        run.system(count.run, count.asks(order=opened.order, handed_out=True))
    run.system(count.run, count.asks(order=opened.order, handed_out=False))
    answer(run, sent, "00")
    assert states(run) == ["paid"]
    assert agree(run)
