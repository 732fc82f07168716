"""Attacks on the backend by who holds a kiosk's whole disk: its key, its journal, its old tokens. They get nothing."""

from __future__ import annotations

import secrets

import pytest

from backend.kernel import auth
from backend.kernel.db import Runner
from backend.kernel.errors import DeviceUnknown, KioskStopped, NotFound
from backend.payout import service as payout
from backend.payout.refusals import CardUnknown, ProofWrong, VisitExpired
from backend.payout.schema import PresentStatus
from tests.backend.payout.city import AMOUNT, a_retiree, cash, owed
from tests.backend.payout.terminal import Card, Terminal
from tests.backend.people import LI

FORGED = "ab" * 32


@pytest.fixture
def stolen(run: Runner, kiosk: Terminal, card: Card) -> tuple[Terminal, str]:
    """The kiosk after one collection; its order stands in the journal that was stolen with everything else."""
    visit = kiosk.visit(card)
    opened = kiosk.open(visit)
    token = kiosk.confirm(visit, opened, card).token
    assert token is not None
    kiosk.dispenser.hand_out(opened.order, token, AMOUNT)
    kiosk.dispenser.clear()
    kiosk.report(opened.order, "paid", kiosk.dispenser.status(opened.order))
    a_retiree(run, LI, card_no="31A000027", code=card.card_code[:-2] + "BB")  # somebody with a month to draw
    return kiosk, opened.order


def test_a_kiosks_key_without_a_card_proves_opens_and_authorises_nothing(
    run: Runner, stolen: tuple[Terminal, str], card: Card
) -> None:
    thief, _ = stolen
    before = owed(run), cash(run, thief)
    with pytest.raises(CardUnknown):  # a card's number alone does not even begin a visit
        thief.ask("CRD-11", card_no=card.card_no, card_code="0" * 32, area=card.area, ident=card.ident)
    begun = thief.begin(
        card
    )  # who knows all that is printed and stored hears the masked name, and a question
    assert set(type(begun).model_fields) == {"visit", "challenge", "masked_name"}
    with pytest.raises(ProofWrong):
        thief.ask("CRD-12", visit=begun.visit, response=secrets.token_hex(16))
    with pytest.raises(ProofWrong):
        thief.ask(
            "PAY-11",
            order=f"{thief.id}00020001",
            visit=begun.visit,
            entitlement="2",
            amount_fen=AMOUNT,
            method="cash",
            **thief.journal(),
        )
    assert (owed(run), cash(run, thief)) == before


def test_orders_of_a_stolen_journal_give_no_token_and_change_no_more(
    run: Runner, stolen: tuple[Terminal, str]
) -> None:
    thief, order = stolen
    before = owed(run), cash(run, thief)
    again = thief.ask(
        "PAY-12", order=order, proof="00" * 16, dispenser=thief.dispenser.id, dispenser_nonce="ff" * 16
    )
    assert (again.state, again.token) == ("paid", None)
    status = PresentStatus(
        dispenser=thief.dispenser.id,
        order=order,
        nonce="ff" * 16,
        presented="no",
        amount_fen=0,
        signature=FORGED,
    )
    for outcome in ("not", "unknown", "paid"):
        assert thief.report(order, outcome, status).state == "paid"
    assert (owed(run), cash(run, thief)) == before


def test_a_visit_of_a_stolen_disk_is_over_and_nobody_elses_order_answers(
    run: Runner, stolen: tuple[Terminal, str], card: Card
) -> None:
    thief, order = stolen
    visit = thief.visit(card)
    other = Terminal(run, "00000009")
    with pytest.raises(NotFound):
        other.ask(
            "PAY-12", order=order, proof="00" * 16, dispenser=other.dispenser.id, dispenser_nonce="ff" * 16
        )
    with pytest.raises(VisitExpired):
        other.open(visit, amount_fen=AMOUNT)


def test_a_stopped_kiosks_key_is_dead_at_once_and_a_guessed_one_never_lived(
    run: Runner, stolen: tuple[Terminal, str], card: Card
) -> None:
    thief, _ = stolen
    run.system(auth.stop_device, thief.id, "被盗")
    with pytest.raises(KioskStopped):
        run.system(auth.device, thief.id, thief.key)
    with pytest.raises(DeviceUnknown):
        run.system(auth.device, thief.id, FORGED)
    assert run.system(payout.in_suspense) == []
