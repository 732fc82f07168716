"""The simulated card: torn writes never give a try, faults come when planned, JSON comes back."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardio import apdu
from cardio.apdu import exchange
from cardio.card import CardGarbled, CardSession
from cardio.layout import SSSE
from cardio.link import CardFault, CardPulled, CardStuck
from cardio.sim import Fault, Faults, Kind, Memory, Persona, SimCard, Tear, load
from cardio.tlv import Malformed
from tests.cardio.people import LI, MASTER, ZHOU, like


def worn(tries: int, odd: bool) -> bytes:
    """A memory with so many tries left, the newest of them in the one slot or the other."""
    memory = Memory()
    for left in (3, tries) if odd else (tries,):
        memory.write_tries(left)
    return memory.image


TEARS = [(Tear.OLD, 0), (Tear.NEW, 0), (Tear.HALF, 0), *((Tear.GARBAGE, seed) for seed in range(50))]


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize("page", [1, 2, 3, 4])
def test_a_torn_pin_check_can_cost_a_try_but_never_give_one(page: int, right: bool) -> None:
    runs = 0
    for (tear, seed), tries, odd in product(TEARS, (1, 2, 3), (True, False)):
        card = SimCard(LI, Faults(tear_at=page, tear=tear, seed=seed), worn(tries, odd))
        try:
            CardSession(card).verify(LI.pin if right else "999999")
        except CardPulled:
            runs += 1
        after = SimCard(LI, nv=card.nv)  # the same chip, powered up again
        allowed = {tries - 1, tries} | ({3} if right and page > 2 else set())
        assert after.tries in allowed
        result = CardSession(after).verify(LI.pin)
        assert result.ok is (SimCard(LI, nv=card.nv).tries > 0)
    assert runs == (len(TEARS) * 6 if right or page <= 2 else 0)


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.sampled_from(Tear), st.integers(0, 99)),
        min_size=4,
        max_size=30,
    )
)
def test_a_thief_with_scissors_learns_of_three_pins_at_most(cuts: list[tuple[int, Tear, int]]) -> None:
    nv, told = None, 0
    for page, tear, seed in cuts:
        card = SimCard(LI, Faults(tear_at=page, tear=tear, seed=seed), nv)
        could = card.tries > 0
        try:
            CardSession(card).verify("999999")
            told += could
        except CardPulled:
            pass
        nv = card.nv
        assert told <= 3 - card.tries


def test_tries_survive_a_pull_and_a_save() -> None:
    card = SimCard(LI)
    CardSession(card).verify("999999")
    card.pull()
    card.insert()
    assert CardSession(card).tries() == 2
    assert CardSession(SimCard(LI, nv=card.nv)).tries() == 2


def test_a_memory_with_no_valid_slot_is_a_broken_chip_not_three_tries() -> None:
    session = CardSession(SimCard(LI, nv=bytes(32)))
    assert session.tries() is None
    with pytest.raises(CardGarbled):
        session.verify(LI.pin)


def test_faults_come_when_planned() -> None:
    plan = Faults((Fault(Kind.WRONG_SW, 2, 0x6F00), Fault(Kind.HANG, 3)))
    card = SimCard(LI, plan)
    card.atr()
    assert card.send(apdu.select_application(SSSE).encoded).sw >> 8 == 0x61
    assert card.send(apdu.tries().encoded) == (b"", 0x6F00)
    with pytest.raises(CardStuck):
        card.send(apdu.tries().encoded)


@given(st.integers(0, 1000), st.integers(1, 20))
def test_noise_is_refused_or_read_but_never_crashes(seed: int, at: int) -> None:
    card = SimCard(LI, Faults((Fault(Kind.GARBAGE, at),), seed=seed))
    session = CardSession(card)
    try:
        session.holder()
        session.tries()
    except CardFault:
        return


def test_a_pulled_card_says_nothing_until_it_is_in_and_powered() -> None:
    card = SimCard(LI)
    session = CardSession(card)
    card.pull()
    with pytest.raises(CardPulled):
        session.identify()
    with pytest.raises(CardPulled):
        card.atr()
    card.insert()
    with pytest.raises(CardPulled):
        card.send(apdu.tries().encoded)
    assert card.atr().hex().upper() == LI.atr


@settings(max_examples=200)
@given(st.lists(st.binary(min_size=0, max_size=30), max_size=20))
def test_any_command_gets_an_answer_and_no_unauthorised_change(commands: list[bytes]) -> None:
    card = SimCard(LI)
    card.atr()
    for command in commands:
        data, sw = card.send(command)
        assert len(data) <= 256
        assert 0 <= sw <= 0xFFFF
    guesses = sum(len(one) == 8 and one[:2] == b"\0\x20" for one in commands)
    assert card.tries >= 3 - guesses


def test_records_are_found_by_number_and_by_tag() -> None:
    card = SimCard(LI)
    card.atr()
    exchange(card, apdu.select_application(SSSE))
    exchange(card, apdu.select_file(0xEF05))
    by_number = exchange(card, apdu.read_record(7))
    assert by_number.data == bytes.fromhex("0709") + LI.card_no.encode()
    assert exchange(card, apdu.Command(0xB2, 0x07, 0x00, le=256)) == by_number
    assert exchange(card, apdu.read_record(8)).sw == 0x6A83


@pytest.mark.parametrize("persona", [LI, ZHOU, like(read_key=bytes(16), files={"DF03/EF07": {"70": "001"}})])
def test_a_persona_comes_back_from_json(persona: Persona, tmp_path: Path) -> None:
    assert Persona.from_json(persona.to_json()) == persona
    assert Persona.from_json(json.loads(persona.to_json())) == persona
    path = tmp_path / "cards.json"
    path.write_text(json.dumps([json.loads(persona.to_json())] * 2), "utf-8")
    assert load(path) == (persona, persona)
    path.write_text(persona.to_json(), "utf-8")
    assert load(path) == (persona,)


@pytest.mark.parametrize(
    "wrong",
    [
        {"card_no": "D00000014"},
        {"ident": "110105194912310021"},
        {"card_code": "310000D15600000500000000000000"},
        {"card_code": LI.card_code.lower()},
        {"area": "320000"},
        {"pin": "12345"},
        {"version": "4.00"},
        {"algorithm": "DES"},
        {"key": b"short"},
        {"name": "𬭎" * 13},
        {"name": ""},
        {"name": "张" * 16, "version": "1.00"},
        {"nation": "x"},
        {"sex": "男性"},
        {"files": {"DF09/EF01": {}}},
        {"files": {"DF03/EF07": {"6D": 5}}},
        {"files": {"DF03/EF07": {"73": "2026-13-01"}}},
    ],
    ids=str,
)
def test_a_card_that_cannot_be_is_refused_when_it_is_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each its own sentence
        like(**wrong)


@pytest.mark.parametrize("text", ["{}", "[]", '"x"', "{", '{"card_no": 1}', "null"])
def test_json_that_is_no_card_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(Malformed):
        Persona.from_json(text)
    path = tmp_path / "cards.json"
    path.write_text("{", "utf-8")
    with pytest.raises(Malformed, match=r"cards\.json"):
        load(path)


def test_a_fault_plan_can_be_written_down() -> None:
    text = '{"faults": [{"kind": "wrong-sw", "at": 3, "sw": "6A82"}], "tear_at": 2, "tear": "half"}'
    assert Faults.from_json(text) == Faults((Fault(Kind.WRONG_SW, 3, 0x6A82),), tear_at=2, tear=Tear.HALF)
    assert Faults.from_json({}) == Faults()


def test_two_cards_of_one_master_have_two_keys() -> None:
    assert LI.key != ZHOU.key
    assert len(MASTER) == len(LI.key) == 16
