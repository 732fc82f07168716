"""Bad cards: each its own kind, told before anything is asked of its holder, and none of them trusted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from cardio.card import (
    Accepted,
    BankCard,
    CardCloned,
    CardExpired,
    CardGarbled,
    CardLocked,
    CardOfOtherArea,
    CardSession,
    CardTooOld,
    CardUnfinished,
    TerminalCard,
)
from cardio.keys import response
from cardio.link import Answer, CardDirty, CardFault, CardMute, Link, NotSocialSecurityCard, SessionOver
from cardio.sam import KeyRing, Purpose, SoftSam
from cardio.sim import Persona, SimCard, bad
from tests.cardio.people import CHALLENGE, LI
from tests.cardio.test_card import Altered

RING = KeyRing.new()
GOOD = replace(LI, read_key=None).equipped(RING)
SAM = SoftSam(RING)
HERE = Accepted(areas=("31",), on=date(2026, 11, 26))


def session(link: Link) -> CardSession:
    return CardSession(link, sam=SAM, accepted=HERE)


def visit(link: Link, pin: str = LI.pin) -> bytes:
    """All that a kiosk asks of a card."""
    asked = session(link)
    asked.read()
    assert asked.verify(pin).ok
    return asked.prove(CHALLENGE)


def test_a_good_card_is_none_of_them() -> None:
    assert visit(SimCard(GOOD)) == response(GOOD.key, CHALLENGE)


KINDS: dict[str, type[CardFault]] = {
    "cloned": CardCloned,
    "foreign": CardOfOtherArea,
    "expired": CardExpired,
    "locked": CardLocked,
    "unfinished": CardUnfinished,
    "empty": CardUnfinished,
    "old": CardTooOld,
    "wrong-way": CardMute,
    "bank-card": BankCard,
    "door-card": NotSocialSecurityCard,
    "other-application": NotSocialSecurityCard,
    "sam-card": TerminalCard,
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_bad_card_is_named(kind: str) -> None:
    with pytest.raises(CardFault) as told:
        visit(bad.CARDS[kind](GOOD))
    assert type(told.value) is KINDS[kind]


def test_every_kind_of_bad_card_is_tested_here() -> None:
    assert bad.CARDS.keys() == KINDS.keys() | {"dirty", "pin-blocked"}


def test_a_blocked_card_says_so_and_takes_no_pin_any_more() -> None:
    asked = session(bad.pin_blocked(GOOD))
    *_, left = asked.read()
    assert left == 0
    assert asked.verify(GOOD.pin).blocked


def test_a_clone_is_seen_before_its_holder_is_asked_for_anything() -> None:
    card = bad.cloned(GOOD)
    with pytest.raises(CardFault):
        session(card).read()
    assert card.commands < 12, "not even the name was read"


def test_a_clone_of_a_card_without_secure_messaging_is_seen_by_its_proof() -> None:
    """By the module where it holds that key; else by the backend, which always does."""
    plain = replace(GOOD, read_key=None, channel_key=None, puk=None)
    card = bad.cloned(plain)
    asked = session(card)
    asked.read()
    asked.verify(plain.pin)
    with pytest.raises(CardCloned):
        asked.prove(CHALLENGE)
    kiosk = SoftSam(RING.for_area(GOOD.area))
    asked = CardSession(bad.cloned(plain), sam=kiosk)
    asked.verify(plain.pin)
    assert asked.prove(CHALLENGE) != response(plain.key, CHALLENGE), "without that key the backend sees it"


@pytest.mark.parametrize("said", [b"", bytes(16), bytes(24)], ids=len)
def test_a_clone_that_claims_secure_messaging_and_says_anything_is_seen(said: bytes) -> None:
    def change(apdu: bytes, answer: Answer) -> Answer:
        greeting = apdu[1] == 0xC0 and len(answer.data) == 16
        return Answer(said, 0x9000) if greeting else answer

    with pytest.raises(CardCloned):
        session(Altered(SimCard(GOOD), change)).read()


def test_a_dirty_card_is_told_as_dirty_and_a_try_later_it_works() -> None:
    """Whatever was lost is unknown, the session is over, and no PIN is lost by the right one."""
    card = bad.dirty(GOOD)
    seen = 0
    for _ in range(60):
        asked = session(card)
        try:
            asked.read()
            asked.verify(GOOD.pin)
            asked.prove(CHALLENGE)
        except CardDirty:
            seen += 1
            with pytest.raises(SessionOver):
                asked.tries()
        asked.close()
    assert 10 < seen < 60, "now and then"
    assert card.tries >= 2


def test_blank_records_are_an_unfinished_card_and_one_blank_item_a_garbled_one() -> None:
    for blank in (0x00, 0xFF):
        erased = Altered(
            SimCard(LI),
            lambda apdu, answer, blank=blank: (
                answer._replace(data=answer.data[:2] + bytes([blank]) * (len(answer.data) - 2))
                if apdu[1] == 0xB2
                else answer
            ),
        )
        with pytest.raises(CardUnfinished):
            CardSession(erased).read()
    one = Altered(
        SimCard(LI),
        lambda apdu, answer: (
            answer._replace(data=answer.data[:2] + bytes(len(answer.data) - 2))
            if apdu[1] == 0xB2 and answer.data[:1] == b"\x07"
            else answer
        ),
    )
    with pytest.raises(CardGarbled) as told:
        CardSession(one).read()
    assert type(told.value) is CardGarbled


def test_a_machine_that_names_no_area_and_no_day_serves_every_card() -> None:
    for kind in ("foreign", "expired"):
        assert CardSession(bad.CARDS[kind](LI)).read()


def test_a_card_of_another_area_is_no_clone_to_a_module_of_this_one() -> None:
    kiosk = SoftSam(RING.for_area("310000"))
    there = Persona.issue(
        bytes(16), **{**fields(GOOD), "area": "320000", "card_code": "320000" + GOOD.card_code[6:]}
    )
    with pytest.raises(CardOfOtherArea):
        CardSession(SimCard(there.equipped(RING)), sam=kiosk).read()


def fields(persona: Persona) -> dict[str, object]:
    names = (
        "area",
        "card_code",
        "card_no",
        "ident",
        "name",
        "sex",
        "nation",
        "birth",
        "issued",
        "expires",
        "pin",
    )
    return {name: getattr(persona, name) for name in names}


def test_a_kiosks_module_holds_no_key_that_proves_or_pays() -> None:
    kiosk = SoftSam(RING.for_area("310000"))
    assert {purpose for purpose in Purpose if kiosk.versions(purpose)} == {
        Purpose.RK,
        Purpose.STK,
        Purpose.PAD,
    }


@pytest.mark.parametrize("said", [b"", bytes(8), bytes(15), bytes(17)], ids=len)
def test_a_random_number_of_another_length_is_none(said: bytes) -> None:
    def change(apdu: bytes, answer: Answer) -> Answer:
        return Answer(said, 0x9000) if apdu[1] == 0x84 else answer

    with pytest.raises(CardGarbled, match="不对"):
        session(Altered(SimCard(GOOD), change)).read()
