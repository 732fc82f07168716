"""Changing the PIN: the old one must be right, the new one not easily guessed, and no torn page mixes the two."""

from __future__ import annotations

from itertools import product
from zlib import crc32

import pytest

from cardio import card as cards
from cardio.card import CardSession, PinResult
from cardio.link import Answer, CardPulled, SessionOver
from cardio.sim import Fault, Faults, Kind, SimCard, Tear
from tests.cardio.people import LI
from tests.cardio.test_card import Altered, says

NEW = "246801"
WRONG = "975310"
DONE = PinResult(ok=True, tries_left=None, blocked=False)
TEARS = [(Tear.OLD, 0), (Tear.NEW, 0), (Tear.HALF, 0), *((Tear.GARBAGE, seed) for seed in range(10))]


def takes(card: SimCard, pin: str) -> bool:
    """Whether the same chip, powered up again, takes this PIN."""
    return CardSession(SimCard(LI, nv=card.nv)).verify(pin).ok


def test_a_new_pin_counts_at_once_and_for_good(card: SimCard) -> None:
    session = CardSession(card)
    assert session.change_pin(LI.pin, NEW) == DONE
    assert session.verify(NEW) == DONE
    assert session.verify(LI.pin).tries_left == 2
    session.close()
    assert takes(card, NEW)
    assert not takes(card, LI.pin)
    assert CardSession(card).change_pin(NEW, LI.pin) == DONE
    assert takes(card, LI.pin)


def test_a_wrong_old_pin_costs_a_try_and_three_block(card: SimCard) -> None:
    session = CardSession(card)
    assert [session.change_pin(WRONG, NEW) for _ in range(3)] == [
        PinResult(ok=False, tries_left=left, blocked=left == 0) for left in (2, 1, 0)
    ]
    assert session.change_pin(LI.pin, NEW) == PinResult(ok=False, tries_left=0, blocked=True)
    assert not takes(card, NEW)


def test_a_wrong_old_pin_takes_back_what_the_right_one_opened(card: SimCard) -> None:
    session = CardSession(card)
    session.verify(LI.pin)
    session.change_pin(WRONG, NEW)
    with pytest.raises(cards.PinNeeded):
        session.prove(bytes(16))


@pytest.mark.parametrize("new", ["000000", "123456", "456789", "987654", LI.pin])
def test_a_pin_that_is_guessed_first_never_reaches_the_card(card: SimCard, new: str) -> None:
    session = CardSession(card)
    with pytest.raises(cards.PinTooSimple, match="换一个"):
        session.change_pin(LI.pin, new)
    assert (card.tries, card.commands) == (3, 0)


@pytest.mark.parametrize(("old", "new"), [("", NEW), ("12345", NEW), (LI.pin, "24680"), (LI.pin, "24680a")])
def test_what_is_no_pin_never_reaches_the_card(card: SimCard, old: str, new: str) -> None:
    with pytest.raises(cards.PinMalformed):
        CardSession(card).change_pin(old, new)
    assert card.commands == 0


def test_where_the_answer_says_nothing_the_card_is_asked_again(card: SimCard) -> None:
    """Even where the right PIN was given before: only what this command did counts."""
    for sw, (old, result) in product((0x6F00, 0x6300, 0x6100), ((LI.pin, True), (WRONG, False))):
        card = SimCard(LI)
        session = CardSession(Altered(card, says(sw, 0x5E)))
        session.verify(LI.pin)
        changed = session.change_pin(old, NEW)
        assert changed == PinResult(ok=result, tries_left=None if result else 2, blocked=False)
        assert takes(card, NEW) is result
    not_done = SimCard(LI)
    session = CardSession(Altered(not_done, lambda apdu, answer: answer))
    session.verify(LI.pin)
    session = CardSession(Deaf(not_done))
    assert session.change_pin(LI.pin, NEW) == PinResult(ok=False, tries_left=3, blocked=False)
    assert takes(not_done, LI.pin)


class Deaf(Altered):
    """A reader that loses CHANGE PIN on the way and makes up an answer."""

    def __init__(self, card: SimCard) -> None:
        super().__init__(card, lambda apdu, answer: answer)

    def send(self, apdu: bytes) -> Answer:
        return Answer(b"", 0x6F00) if apdu[1] == 0x5E else super().send(apdu)


@pytest.mark.parametrize(("kind", "now"), [(Kind.PULL_BEFORE, LI.pin), (Kind.PULL_AFTER, NEW)])
def test_a_card_pulled_at_the_change_holds_one_of_the_two_and_all_tries(kind: Kind, now: str) -> None:
    whole = SimCard(LI)
    CardSession(whole).change_pin(LI.pin, NEW)
    card = SimCard(LI, Faults((Fault(kind, whole.commands),)))
    session = CardSession(card)
    with pytest.raises(CardPulled):
        session.change_pin(LI.pin, NEW)
    with pytest.raises(SessionOver):
        session.tries()
    card.insert()
    assert CardSession(card).tries() == 3
    assert takes(card, now)


@pytest.mark.parametrize("page", range(1, 7))
def test_a_change_torn_at_any_page_leaves_the_old_pin_or_the_new_one(page: int) -> None:
    torn = 0
    for (tear, seed), old in product(TEARS, (LI.pin, WRONG)):
        card = SimCard(LI, Faults(tear_at=page, tear=tear, seed=seed))
        try:
            CardSession(card).change_pin(old, NEW)
        except CardPulled:
            torn += 1
        after = SimCard(LI, nv=card.nv)
        assert after.tries >= 2, "one try at most"
        assert takes(card, LI.pin) is not takes(card, NEW)
        if old == WRONG or page <= 4:
            assert takes(card, LI.pin)
    assert torn == len(TEARS) * (2 if page <= 2 else 1)


def test_a_card_saved_before_it_could_change_its_pin_keeps_the_one_it_was_made_with() -> None:
    """As older programs wrote it: sequence 1, three tries, nothing; and its checksum."""
    body = bytes.fromhex("000000010300000000000000")
    old = body + crc32(body).to_bytes(4) + bytes(16)
    card = SimCard(LI, nv=old)
    assert card.nv == SimCard(LI).nv
    assert CardSession(card).change_pin(LI.pin, NEW) == DONE
