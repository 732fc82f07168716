"""A collect card and the office: each holds proof of a collection, nothing else passes for it, copies are found."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from backend.kernel import items, ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Clash, Runner, Uow
from backend.kernel.sentences import read
from backend.payout import service as payout
from backend.payout.refusals import CardStopped, ProofWrong
from backend.systems import CATALOGUE
from cardio.collect import Done
from cardio.tac import Result
from tests.backend.payout.city import cash
from tests.backend.payout.collecting import (
    AMOUNT,
    CARD_NO,
    Holding,
    a_collector,
    agrees,
    asks,
    collects,
    confirms,
    opens,
    pays,
)
from tests.backend.payout.terminal import Terminal
from tests.backend.people import officer

MONTHS = ("2026-09", "2026-10", "2026-11")


@pytest.fixture
def holding(run: Runner, kiosk: Terminal) -> Holding:
    return a_collector(run, *MONTHS)


def kept(run: Runner, order: str) -> Any:
    asked = text('select profile, ctc, tac, state from payout."order" where id = :id')
    return run.system(lambda uow: uow.session.execute(asked, {"id": order}).one())


def card_status(run: Runner) -> str:
    asked = text("select status from registry.card where card_no = :no")
    return str(run.system(lambda uow: uow.session.scalar(asked, {"no": CARD_NO})))


def test_card_and_order_hold_the_same_proof_and_the_books_agree(
    run: Runner, kiosk: Terminal, holding: Holding
) -> None:
    course = collects(kiosk, holding)
    assert course.proof is not None
    order = course.opened.order
    assert kept(run, order) == ("collect", 1, course.proof.tac.hex(), "paid")
    assert holding.collect.proof(1) == Done(course.proof)
    assert cash(run, kiosk) == 10_000_000 - AMOUNT
    assert run.system(ledger.check) == []


def test_the_terms_carry_the_offices_time_and_the_month(kiosk: Terminal, holding: Holding) -> None:
    holding.visits(kiosk)
    course = opens(kiosk, holding)
    assert course.opened.terms is not None
    assert (course.opened.terms.moment, course.opened.terms.month) == ("20261124100000", "2026-11")
    agrees(holding, course)
    (row,) = holding.collect.log()
    assert (row.at, row.month) == (datetime(2026, 11, 24, 10), "2026-11")  # noqa: DTZ001
    assert (row.order, row.amount_fen, row.kiosk) == (course.opened.order, AMOUNT, kiosk.id)


def test_asked_again_the_office_gives_the_same_terms_and_the_same_token(
    kiosk: Terminal, holding: Holding
) -> None:
    holding.visits(kiosk)
    course = opens(kiosk, holding)
    due = holding.visit.payables[0]
    again = kiosk.ask(
        "PAY-11",
        order=course.opened.order,
        visit=holding.visit.visit,
        entitlement=due.entitlement,
        amount_fen=due.amount_fen,
        method="cash",
        begun={"count": 0, "rnd": course.begun.rnd.hex(), "mac1": "00" * 8, "key_version": 1},
        **kiosk.journal(),
    )
    assert again == course.opened
    agrees(holding, course)
    assert confirms(kiosk, course) == confirms(kiosk, course)


def test_an_order_of_a_collect_card_is_proved_by_its_tac_and_nothing_else(
    run: Runner, kiosk: Terminal, holding: Holding
) -> None:
    first = collects(kiosk, holding)
    holding.visits(kiosk)
    field = holding.session.prove(bytes(16)).hex()
    course = opens(kiosk, holding, which=1)
    assert first.proof is not None
    for proof in ("00" * 8, first.proof.tac.hex(), first.proof.tac.hex() * 2, field):
        with pytest.raises(ProofWrong):
            confirms(kiosk, course, proof=proof)
    assert card_status(run) == "active", "a wrong proof says nothing against the card"
    assert kept(run, course.opened.order).state == "opened"


def test_a_tac_replayed_or_of_another_order_authorises_nothing(
    run: Runner, kiosk: Terminal, holding: Holding
) -> None:
    holding.visits(kiosk)
    first = opens(kiosk, holding)
    agrees(holding, first)
    second = opens(kiosk, holding, which=1)
    assert first.proof is not None
    with pytest.raises(ProofWrong):
        confirms(kiosk, second, proof=first.proof.tac.hex())
    agrees(holding, second)
    assert second.proof is not None
    with pytest.raises(ProofWrong):
        confirms(kiosk, first, proof=second.proof.tac.hex())
    assert confirms(kiosk, first).state == "authorised"
    assert confirms(kiosk, second).state == "authorised"
    assert card_status(run) == "active"


@pytest.mark.parametrize(
    "changed",
    [
        {"count": 1},
        {"rnd": "11" * 8},
        {"mac1": "00" * 8},
        {"key_version": 2},
    ],
)
def test_what_the_card_was_not_asked_the_office_does_not_sign(
    run: Runner, kiosk: Terminal, holding: Holding, changed: dict[str, Any]
) -> None:
    holding.visits(kiosk)
    course = opens(kiosk, holding)
    kiosk.report(course.opened.order, "not")
    begun = {
        "count": course.begun.ctc,
        "rnd": course.begun.rnd.hex(),
        "mac1": course.begun.mac1.hex(),
        "key_version": 1,
    }
    with pytest.raises(ProofWrong):
        opens(kiosk, holding, begun=begun | changed)
    with pytest.raises(ProofWrong):  # the MAC of another order
        opens(kiosk, holding, begun=begun)
    assert len(run.system(lambda uow: uow.session.execute(text('select id from payout."order"')).all())) == 1


def test_neither_profile_passes_for_the_other(run: Runner, kiosk: Terminal, holding: Holding) -> None:
    holding.visits(kiosk)
    course = opens(kiosk, holding, begun=None)
    assert course.opened.terms is None
    with pytest.raises(ProofWrong):
        confirms(kiosk, course, proof="ab" * 16)
    run.system(lambda uow: uow.session.execute(text("update registry.card set profile = 'field'")))
    with pytest.raises(ProofWrong):
        opens(kiosk, holding, which=1)


def copies(run: Runner) -> list[Any]:
    question = CATALOGUE["PAY-Q9"]
    found = items.perform(run.by(officer()), question, read(question.asks, {}))
    return list(found.cards)


def test_a_card_behind_its_own_count_is_a_copy_and_both_stop_serving(
    run: Runner, kiosk: Terminal, holding: Holding
) -> None:
    copy = holding.copy()
    collects(kiosk, holding)
    copy.visits(kiosk)
    course = opens(kiosk, copy, which=1)
    assert (course.opened.state, course.opened.frozen, course.opened.terms) == ("refused", True, None)
    assert card_status(run) == "frozen"
    for either in (holding, copy):
        with pytest.raises(CardStopped, match="等待核查"):
            either.visits(kiosk)
    (told,) = copies(run)
    assert (told.card_no, told.count, told.known, told.status_name) == (CARD_NO, 0, 1, "停用待核查")
    assert (told.name, told.order) == ("张*䶮", course.opened.order)
    assert kiosk.report(course.opened.order, "not").state == "cancelled"


def test_two_cards_with_one_number_are_found_when_the_second_proves_it(
    run: Runner, kiosk: Terminal, holding: Holding
) -> None:
    other = Terminal(run, "00000002")
    copy = holding.copy()
    holding.visits(kiosk)
    copy.visits(other)
    first, second = opens(kiosk, holding), opens(other, copy, which=1)
    for one, course in ((holding, first), (copy, second)):
        agrees(one, course)
    confirmed = confirms(kiosk, first)
    refused = confirms(other, second)
    assert (refused.state, refused.token, refused.frozen) == ("refused", None, True)
    assert card_status(run) == "frozen"
    pays(kiosk, first, confirmed)  # what was authorised before runs its course
    assert kept(run, second.opened.order).state == "opened"
    assert other.report(second.opened.order, "not").state == "cancelled"


def test_what_is_in_doubt_stays_so_when_the_card_is_frozen(
    run: Runner, kiosk: Terminal, holding: Holding
) -> None:
    copy = holding.copy()
    holding.visits(kiosk)
    course = opens(kiosk, holding)
    agrees(holding, course)
    confirms(kiosk, course)
    assert kiosk.report(course.opened.order, "unknown").state == "in_doubt"
    copy.visits(kiosk)
    assert opens(kiosk, copy, which=1).opened.frozen
    assert kept(run, course.opened.order).state == "in_doubt"
    assert run.system(ledger.check) == []


def test_an_old_request_come_late_is_refused_and_freezes_nobody(
    run: Runner, clock: FixedClock, kiosk: Terminal, holding: Holding
) -> None:
    holding.visits(kiosk)
    visit, answered = holding.visit, asks(kiosk, holding)
    clock.at += timedelta(minutes=2)  # the request waits somewhere; the holder goes to another kiosk
    other = Terminal(run, "00000002")
    run.system(payout.load, other.id, 10_000_000, "second")
    collects(other, holding)
    holding.visit = visit
    with pytest.raises(ProofWrong):
        opens(kiosk, holding, which=1, answered=answered)
    assert card_status(run) == "active"


def test_a_confirmation_come_late_is_refused_and_freezes_nobody(
    run: Runner, kiosk: Terminal, holding: Holding
) -> None:
    holding.visits(kiosk)
    first, second = opens(kiosk, holding), None
    agrees(holding, first)
    other = Terminal(run, "00000002")
    run.system(payout.load, other.id, 10_000_000, "second")
    second = collects(other, holding)
    assert second.proof is not None
    assert second.proof.ctc == 2
    with pytest.raises(ProofWrong):
        confirms(kiosk, first)
    assert card_status(run) == "active"
    assert kept(run, first.opened.order).state == "opened"


def test_the_next_visit_tells_the_card_how_its_last_collection_ended(
    run: Runner, kiosk: Terminal, holding: Holding
) -> None:
    assert holding.visits(kiosk).closings == ()
    collects(kiosk, holding)
    holding.visits(kiosk)
    (closing,) = holding.visit.closings
    told = holding.collect.close_order(closing.order, Result(closing.ended), bytes.fromhex(closing.mac3))
    assert told == Done(None)
    course = opens(kiosk, holding, which=1)
    agrees(holding, course)  # the card commits; the kiosk gives up
    kiosk.report(course.opened.order, "not")
    holding.visits(kiosk)
    cancelled, paid = holding.visit.closings
    assert (cancelled.ended, paid) == (2, closing)
    assert [row.result for row in holding.collect.log()] == [Result.OPEN, Result.PAID]
    told = holding.collect.close_order(
        cancelled.order, Result(cancelled.ended), bytes.fromhex(cancelled.mac3)
    )
    assert told == Done(None)
    assert [row.result for row in holding.collect.log()] == [Result.CANCELLED, Result.PAID]


def test_the_database_itself_gives_one_number_of_a_card_to_one_order(
    run: Runner, kiosk: Terminal, holding: Holding
) -> None:
    first = collects(kiosk, holding)
    holding.visits(kiosk)
    second = opens(kiosk, holding, which=1)
    agrees(holding, second)
    confirms(kiosk, second)

    def twice(uow: Uow) -> None:
        uow.session.execute(
            text('update payout."order" set ctc = 1 where id = :id'), {"id": second.opened.order}
        )

    with pytest.raises((IntegrityError, Clash)):
        run.system(twice)
    with pytest.raises(IntegrityError):
        run.system(
            lambda uow: uow.session.execute(
                text('update payout."order" set tac = null where id = :id'), {"id": first.opened.order}
            )
        )
