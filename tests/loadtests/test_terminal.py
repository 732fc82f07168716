"""The load's kiosk against the real backend: its mathematics is what a kiosk, a card and a dispenser do."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend.kernel import auth, ledger
from backend.kernel.db import Runner
from backend.payout import service as payout
from backend.registry import service as registry
from loadtests.terminal import Asked, BareCard, ChipCard, Collected, Dispenser, Terminal, Wrong
from tests.backend.payout.city import AMOUNT, a_retiree, fund
from tests.backend.people import ZHANG

KIOSK, DISPENSER = "0000a001", "D-0000a001"


@pytest.fixture
def terminal(run: Runner) -> Terminal:
    fund(run)
    key = secrets.token_hex(32)
    run.system(auth.register_device, id=KIOSK, name="负载测试自助机", area="310101", key=key)
    run.system(payout.enrol_dispenser, KIOSK, DISPENSER)
    run.system(payout.load, KIOSK, 10 * AMOUNT, f"{KIOSK}/opening")
    told = {"id": KIOSK, "key": key, "dispenser": DISPENSER}
    return Terminal.of(told | {"dispenser_key": run.vault.dispenser_key(DISPENSER).hex()})


@pytest.fixture
def known(run: Runner) -> dict[str, str]:
    """The retiree's card as `load.json` tells it, and one payment due."""
    card = a_retiree(run, card_no="D00000013", code="310000D1560000050000000000000001")
    person = run.system(registry.person, ZHANG)
    return {
        "card_no": card.card_no,
        "card_code": card.card_code,
        "area": card.area,
        "ident": card.ident,
        "name": person.name,
        "sex": person.sex,
        "nation": person.nation,
        "birth": person.birth.isoformat(),
        "issued": date(2024, 1, 2).isoformat(),
        "expires": date(2034, 1, 1).isoformat(),
        "version": "3.00",
        "key": run.vault.card_key(card.area, card.card_code).hex(),
        "pin": "123456",
    }


def carried(api: TestClient, terminal: Terminal, going: Any, asked: Asked) -> Any:
    """The conversation over HTTP, to its end."""
    while True:
        code, body = asked
        headers = {"Authorization": terminal.authorization, "Idempotency-Key": secrets.token_hex(16)}
        answer = api.post(f"/api/v1/items/{code}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        try:
            asked = going.send(answer.json())
        except StopIteration as end:
            return end.value


@pytest.mark.parametrize("made", [BareCard, ChipCard])
def test_a_payment_is_collected_once_and_then_nothing_is_due(
    api: TestClient, run: Runner, terminal: Terminal, known: dict[str, str], made: Any
) -> None:
    going = terminal.collect(made(known))
    done = carried(api, terminal, going, next(going))
    assert isinstance(done, Collected)
    assert (done.amount_fen, done.left) == (AMOUNT, 0)
    assert done.order in done.receipt_no
    again = terminal.collect(made(known))
    assert carried(api, terminal, again, next(again)) is None
    assert run.system(ledger.check) == []


def test_a_chip_answers_as_its_key_does(known: dict[str, str]) -> None:
    challenge = bytes(range(16))
    assert ChipCard(known).answer(challenge) == BareCard(known).answer(challenge)


def test_a_dispenser_takes_a_token_once_and_only_its_own() -> None:
    dispenser = Dispenser("D-1", bytes(32))
    token = dispenser._sign(f"a|{dispenser.nonce}|500")
    for order, amount_fen, said in (("b", 500, token), ("a", 600, token), ("a", 500, None)):
        with pytest.raises(Wrong):
            dispenser.hand_out(order, amount_fen, said)
    before = dispenser.nonce
    dispenser.hand_out("a", 500, token)
    assert dispenser.nonce > before
    with pytest.raises(Wrong):
        dispenser.hand_out("a", 500, token)
    assert dispenser.status("a")["presented"] == "yes"
    assert (dispenser.status("b")["presented"], dispenser.status("b")["amount_fen"]) == ("no", 0)


def test_an_answer_about_another_order_ends_the_visit() -> None:
    terminal = Terminal(KIOSK, "key", Dispenser(DISPENSER, bytes(32)))
    known = dict.fromkeys(("card_no", "card_code", "area", "ident", "key"), "00" * 16)
    due = {"entitlement": "1", "amount_fen": 500, "state": "payable"}
    going = terminal.collect(BareCard(known))
    next(going)
    going.send({"visit": "v", "challenge": "00" * 16})
    going.send({"visit": "v", "payables": [due]})
    with pytest.raises(Wrong):
        going.send({"order": "0" * 16, "state": "opened", "nonce": "00" * 16})


def test_the_journal_is_a_chain_and_orders_count_up() -> None:
    terminal = Terminal(KIOSK, "key", Dispenser(DISPENSER, bytes(32)))
    first, second = terminal._journal("ORDERED a"), terminal._journal("OUT a")
    assert (first["journal_seq"], second["journal_seq"]) == (1, 2)
    other = replace(terminal, head="1" * 64)
    assert other._journal("OUT a")["journal_head"] != second["journal_head"]
