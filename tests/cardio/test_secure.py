"""Secure messaging: no altered byte is accepted, nothing is accepted twice, and what is forgotten can be given anew."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardio import apdu, secure, tape
from cardio.apdu import Command, exchange, get_challenge, select_application
from cardio.card import CardGarbled, CardSession, PinNeeded, PinTooSimple, UnblockRefused
from cardio.environment import PUK_TRIES
from cardio.layout import SSSE
from cardio.link import Answer, CardPulled
from cardio.sam import KeyRing, Purpose, SoftSam
from cardio.sam.soft import SoftMeeting
from cardio.secure import Channel, MacWrong
from cardio.sim import Fault, Faults, Kind, SimCard, Tear
from tests.cardio.people import CHALLENGE, LI
from tests.cardio.test_card import Altered

RING = KeyRing.new()
GOOD = LI.equipped(RING)
SAM = SoftSam(RING)
NEW = "246801"
WHO = (LI.area, LI.card_code)
TEARS = [(Tear.OLD, 0), (Tear.NEW, 0), (Tear.HALF, 0), *((Tear.GARBAGE, seed) for seed in range(8))]


def met(card: SimCard) -> SoftMeeting:
    """By hand: what a session does."""
    card.atr()
    exchange(card, select_application(SSSE))
    card_random, _ = exchange(card, get_challenge(16))
    meeting = SAM.meet(*WHO, card_random, 1)
    greeting, sw = exchange(card, secure.mutual_authenticate(meeting.hello))
    assert sw == 0x9000
    assert meeting.confirm(greeting)
    return meeting


def sw(card: SimCard, encoded: bytes) -> int:
    return card.send(encoded).sw


@settings(max_examples=300)
@given(st.data())
def test_an_altered_byte_is_never_accepted_and_ends_the_meeting(data: st.DataObject) -> None:
    card = SimCard(GOOD)
    meeting = met(card)
    good = meeting.verify_command(LI.pin).encoded
    at = data.draw(st.integers(0, len(good) - 1))
    flip = data.draw(st.integers(1, 255))
    spoilt = good[:at] + bytes([good[at] ^ flip]) + good[at + 1 :]
    assert sw(card, spoilt) != 0x9000
    assert sw(card, apdu.tries().encoded) == 0x63C3, "no PIN was taken, no try lost"
    if spoilt[0] & 4 and len(spoilt) - 5 == spoilt[4] and spoilt[1] != secure.UNBLOCK_INS:
        assert sw(card, good) == 0x6985, "over"


@given(st.integers(1, 23), st.binary(max_size=8))
def test_a_cut_or_lengthened_message_is_never_accepted(cut: int, more: bytes) -> None:
    card = SimCard(GOOD)
    good = met(card).verify_command(LI.pin).encoded
    body = good[5:-cut] + more if len(more) != cut else good[5:-cut] + bytes(cut)
    if body == good[5:]:
        return
    assert sw(card, good[:4] + bytes([len(body)]) + body) != 0x9000
    assert card.tries == 3


def test_a_replayed_message_is_refused_with_6988() -> None:
    card = SimCard(GOOD)
    meeting = met(card)
    first, second = meeting.verify_command(LI.pin).encoded, meeting.verify_command(LI.pin).encoded
    assert sw(card, first) == 0x9000
    assert sw(card, first) == 0x6988
    assert sw(card, second) == 0x6985
    met(card)
    assert sw(card, second) == 0x6988, "of an older meeting"


def test_a_message_left_out_or_out_of_turn_is_refused() -> None:
    card = SimCard(GOOD)
    meeting = met(card)
    meeting.verify_command("999999")  # never sent
    assert sw(card, meeting.verify_command(LI.pin).encoded) == 0x6988
    assert card.tries == 3


def test_a_recorded_greeting_opens_nothing() -> None:
    """Neither end accepts what was said in another meeting: both numbers are fresh."""
    card = SimCard(GOOD)
    meeting = met(card)
    exchange(card, get_challenge(16))
    assert exchange(card, secure.mutual_authenticate(meeting.hello)).sw == 0x6300
    assert exchange(card, secure.mutual_authenticate(meeting.hello)).sw == 0x6985, "no number was asked for"
    assert not SAM.meet(*WHO, CHALLENGE, 1).confirm(bytes(16))


def test_who_has_heard_everything_knows_no_pin() -> None:
    first, second = (met(SimCard(GOOD)).verify_command(LI.pin).encoded for _ in range(2))
    assert first != second
    assert bytes.fromhex(LI.pin) not in first + second


def test_a_card_without_the_key_knows_no_secure_messaging() -> None:
    card = SimCard(LI)
    card.atr()
    exchange(card, select_application(SSSE))
    assert sw(card, bytes.fromhex("0420000008") + bytes(8)) == 0x6882
    assert CardSession(card, sam=SAM).verify(LI.pin).ok


@given(st.binary(max_size=60), st.integers(0, 200))
def test_what_is_wrapped_comes_out_whole(data: bytes, before: int) -> None:
    key = bytes(range(16))
    here, there = (Channel.between(key, CHALLENGE, bytes(16)) for _ in range(2))
    here.count = there.count = before
    wrapped = here.wrap(Command(0xD6, 1, 2, data, cla=0x80))
    assert there.unwrap(wrapped.encoded[:5], wrapped.encoded[5:]) == data
    assert here.chain == there.chain


@given(st.binary(max_size=80))
def test_any_bytes_are_refused_unless_they_were_wrapped(said: bytes) -> None:
    channel = Channel.between(bytes(16), CHALLENGE, bytes(16))
    with pytest.raises(MacWrong):
        channel.unwrap(b"\x04\x20\0\0" + bytes([len(said)]), said)


# ---- through a session ----


def test_a_whole_collection_through_secure_messaging_has_25_commands_at_most() -> None:
    card = SimCard(GOOD)
    session = CardSession(card, sam=SoftSam(RING.for_area(LI.area)))
    session.read()
    session.verify(LI.pin)
    session.prove(CHALLENGE)
    session.prove(CHALLENGE)
    assert card.commands <= 25


def test_no_pin_leaves_in_plain_where_both_know_better() -> None:
    link = Altered(SimCard(GOOD), lambda apdu, answer: answer)
    session = CardSession(link, sam=SAM)
    session.verify(LI.pin)
    session.change_pin(LI.pin, NEW)
    carried = [one for one in link.asked if one[1] in (0x20, 0x5E) and len(one) > 5]
    assert len(carried) == 2
    assert all(one[0] & 0x04 for one in carried)
    assert all(bytes.fromhex(pin) not in one for one in link.asked for pin in (LI.pin, NEW))


def test_tries_are_counted_through_it_too_and_survive_a_pulled_card() -> None:
    whole = SimCard(GOOD)
    CardSession(whole, sam=SAM).verify("999999")
    for kind, left in ((Kind.PULL_BEFORE, 3), (Kind.PULL_AFTER, 2)):
        card = SimCard(GOOD, Faults((Fault(kind, whole.commands),)))
        with pytest.raises(CardPulled):
            CardSession(card, sam=SAM).verify("999999")
        card.insert()
        assert CardSession(card, sam=SAM).tries() == left
    assert [CardSession(whole, sam=SAM).verify("999999").tries_left for _ in range(2)] == [1, 0]
    assert CardSession(whole, sam=SAM).verify(LI.pin).blocked


def test_a_message_spoilt_on_the_way_is_a_fault_not_a_wrong_pin() -> None:
    class Spoils(Altered):
        def send(self, apdu: bytes) -> Answer:
            if apdu[0] & 0x04:
                apdu = apdu[:-1] + bytes([apdu[-1] ^ 1])
            return super().send(apdu)

    card = SimCard(GOOD)
    session = CardSession(Spoils(card, lambda apdu, answer: answer), sam=SAM)
    with pytest.raises(CardGarbled):
        session.verify(LI.pin)
    assert card.tries == 3


@pytest.mark.parametrize("page", range(1, 7))
def test_a_protected_change_torn_at_any_page_leaves_the_old_pin_or_the_new_one(page: int) -> None:
    for tear, seed in TEARS:
        card = SimCard(GOOD, Faults(tear_at=page, tear=tear, seed=seed))
        with pytest.raises(CardPulled):
            CardSession(card, sam=SAM).change_pin(LI.pin, NEW)
        assert takes(card, LI.pin) is not takes(card, NEW)
        assert SimCard(GOOD, nv=card.nv).tries >= 2


def takes(card: SimCard, pin: str) -> bool:
    return CardSession(SimCard(GOOD, nv=card.nv)).verify(pin).ok


def test_a_tape_of_secure_messaging_holds_no_pin_and_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "tape"
    with tape.Recorder(SimCard(GOOD), path) as link:
        session = CardSession(link, sam=SAM)
        session.verify(LI.pin)
        session.change_pin(LI.pin, NEW)
        session.unblock("135799")
    with tape.Recorder(SimCard(LI), tmp_path / "plain") as link:
        CardSession(link).change_pin(LI.pin, NEW)
    for pin in (LI.pin, NEW, "135799"):
        assert pin not in path.read_text() + (tmp_path / "plain").read_text()
    told = "\n".join(tape.told(tape.read(path)))
    for words in ("核对密码 ******", "更改密码 ******", "解锁并换新密码", "外部认证"):
        assert words in told


# ---- unblocking ----


def blocked() -> SimCard:
    card = SimCard(GOOD)
    session = CardSession(card)
    for _ in range(3):
        session.verify("999999")
    return card


def test_a_forgotten_pin_is_given_anew_at_a_counter() -> None:
    card = blocked()
    session = CardSession(card, sam=SAM)
    session.unblock(NEW)
    with pytest.raises(PinNeeded):
        session.prove(CHALLENGE)
    assert session.verify(NEW).ok
    assert not takes(card, LI.pin)
    for simple in ("111111", "234567"):
        with pytest.raises(PinTooSimple):
            session.unblock(simple)


def test_who_keeps_the_master_far_away_unblocks_by_the_cards_number() -> None:
    card = blocked()
    session = CardSession(card)
    command = secure.unblock_command(RING.card(Purpose.PUK, *WHO), session.card_random(), NEW)
    session.unblock_by(command)
    assert takes(card, NEW)
    with pytest.raises(UnblockRefused):
        session.unblock_by(command)
    session.card_random()
    with pytest.raises(UnblockRefused):
        session.unblock_by(command)


def test_unblocking_takes_the_puk_and_so_many_wrong_ones_end_it_for_good() -> None:
    card = blocked()
    wrong = bytes(16)
    for _ in range(PUK_TRIES):
        session = CardSession(card)
        with pytest.raises(UnblockRefused, match="新卡"):
            session.unblock_by(secure.unblock_command(wrong, session.card_random(), NEW))
    with pytest.raises(UnblockRefused):
        CardSession(card, sam=SAM).unblock(NEW)
    assert CardSession(card).tries() == 0


def test_a_right_unblocking_gives_back_its_own_tries_too() -> None:
    card = blocked()
    for _ in range(3):
        session = CardSession(card)
        for _ in range(PUK_TRIES - 1):
            with pytest.raises(UnblockRefused):
                session.unblock_by(secure.unblock_command(bytes(16), session.card_random(), NEW))
        CardSession(card, sam=SAM).unblock(NEW)


@settings(max_examples=100)
@given(st.integers(0, 28), st.integers(1, 255))
def test_no_altered_unblocking_is_accepted(at: int, flip: int) -> None:
    card = blocked()
    session = CardSession(card)
    good = secure.unblock_command(RING.card(Purpose.PUK, *WHO), session.card_random(), NEW).encoded
    spoilt = good[:at] + bytes([good[at] ^ flip]) + good[at + 1 :]
    assert sw(card, spoilt) != 0x9000
    assert card.tries == 0


@pytest.mark.parametrize("page", range(1, 5))
def test_an_unblocking_torn_at_any_page_leaves_the_card_blocked_or_with_the_new_pin(page: int) -> None:
    for (tear, seed), right in product(TEARS, (True, False)):
        image = blocked().nv
        card = SimCard(GOOD, Faults(tear_at=page, tear=tear, seed=seed), image)
        session = CardSession(card)
        key = RING.card(Purpose.PUK, *WHO) if right else bytes(16)
        with pytest.raises((CardPulled, UnblockRefused)):
            session.unblock_by(secure.unblock_command(key, session.card_random(), NEW))
        after = SimCard(GOOD, nv=card.nv)
        assert after.tries in ((0, 3) if right and page > 2 else (0,))
        assert takes(card, NEW) is (after.tries == 3)
        assert not takes(card, LI.pin)
