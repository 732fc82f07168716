"""A session: what it reads, how it refuses, and that a lost answer is never taken for "did not happen"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from cardio import card as cards
from cardio import tlv
from cardio.card import CardIdentity, CardSession, Holder, PinResult
from cardio.keys import SoftwareTerminalKey, card_key, response
from cardio.link import (
    Answer,
    CardFault,
    CardMute,
    CardPulled,
    CardStuck,
    Link,
    NotSocialSecurityCard,
    SessionOver,
)
from cardio.sim import Fault, Faults, Kind, Persona, SimCard
from tests.cardio.people import CHALLENGE, LI, READ_MASTER, ZHOU, like

WRONG = PinResult(ok=False, tries_left=2, blocked=False)
RIGHT = PinResult(ok=True, tries_left=None, blocked=False)


@pytest.mark.parametrize("persona", [LI, ZHOU, like(version="1.00")], ids=lambda one: one.version)
def test_a_visit(persona: Persona) -> None:
    session = CardSession(SimCard(persona))
    assert session.identify() == CardIdentity(
        persona.card_no,
        persona.card_code,
        "310000",
        persona.version,
        persona.issued,
        persona.expires,
        "SM4",
    )
    assert session.holder() == Holder(persona.ident, persona.name, persona.sex, persona.nation, persona.birth)
    assert session.tries() == 3
    assert session.verify(persona.pin) == RIGHT
    assert session.prove(CHALLENGE) == response(persona.key, CHALLENGE)
    session.close()


def test_a_visit_is_short_enough_for_a_slow_card(card: SimCard) -> None:
    """A real card takes up to a fifth of a second a command."""
    visit(card)
    assert card.commands <= 25


def test_a_long_name_is_read_over_both_of_its_fields() -> None:
    name = "阿卜杜热西提·艾尔肯江·买买提·䶮𬭎龴"
    assert CardSession(SimCard(like(name=name))).holder().name == name


def test_the_right_pin_gives_all_tries_back_and_three_wrong_ones_block(card: SimCard) -> None:
    session = CardSession(card)
    assert session.verify("999999") == WRONG
    assert session.verify(LI.pin) == RIGHT
    assert card.tries == 3
    assert [session.verify("999999").tries_left for _ in range(3)] == [2, 1, 0]
    blocked = PinResult(ok=False, tries_left=0, blocked=True)
    assert session.verify(LI.pin) == blocked
    assert session.tries() == 0
    session.close()
    assert CardSession(card).verify(LI.pin) == blocked


def test_asking_for_the_tries_costs_none(card: SimCard) -> None:
    session = CardSession(card)
    assert [session.tries() for _ in range(10)] == [3] * 10


@pytest.mark.parametrize("pin", ["", "12345", "abcdef", "１２３４５６"])
def test_what_is_no_pin_is_refused_before_it_reaches_the_card(card: SimCard, pin: str) -> None:
    session = CardSession(card)
    with pytest.raises(cards.PinMalformed, match="六位数字"):
        session.verify(pin)
    assert (card.tries, card.commands) == (3, 0)
    assert session.verify(LI.pin) == RIGHT


def test_no_proof_before_the_pin_nor_after_a_wrong_one(card: SimCard) -> None:
    session = CardSession(card)
    with pytest.raises(cards.PinNeeded):
        session.prove(CHALLENGE)
    session.verify(LI.pin)
    session.verify("999999")
    with pytest.raises(cards.PinNeeded):
        session.prove(CHALLENGE)


def test_the_next_session_starts_without_the_pin(card: SimCard) -> None:
    session = CardSession(card)
    session.verify(LI.pin)
    session.close()
    with pytest.raises(SessionOver):
        session.prove(CHALLENGE)
    with pytest.raises(cards.PinNeeded):
        CardSession(card).prove(CHALLENGE)


def test_more_files_are_read_by_their_layout() -> None:
    held = {
        "DF03/EF07": {"70": "001", "73": "2026-11-01"},
        "DF02/EF07": {"1": "0102", "2": "0304"},
        "DF01/EF15": {"5A": "3132"},
        "SSSE/EF08": {"00": "FFD8" + "AB" * 700},
        "SSSE/EF0D": {"EB": "310101"},
    }
    session = CardSession(SimCard(like(files=held)))
    assert session.file("DF03/EF07") == {"70": "001", "73": date(2026, 11, 1)}
    assert session.file("DF02/EF07") == {"1": "0102", "2": "0304"}
    assert session.file("SSSE/EF0D") == {"EB": "310101"}
    assert session.file("DF01/EF15") == {"5A": "3132"}
    with pytest.raises(cards.PinNeeded):
        session.file("SSSE/EF08")
    session.verify(LI.pin)
    assert session.file("SSSE/EF08") == {"照片": "FFD8" + "AB" * 700}
    with pytest.raises(cards.CardGarbled):
        session.file("DF04/EF05")
    assert session.tries() is not None


def locked_card() -> SimCard:
    return SimCard(like(read_key=card_key(READ_MASTER, LI.area, LI.card_code)))


def test_a_card_that_asks_for_a_known_terminal_gets_one() -> None:
    session = CardSession(locked_card(), SoftwareTerminalKey(READ_MASTER))
    assert session.holder().name == LI.name


@pytest.mark.parametrize("terminal", [None, SoftwareTerminalKey(bytes(16))])
def test_a_card_that_asks_for_a_known_terminal_shows_its_holder_to_no_other(
    terminal: SoftwareTerminalKey | None,
) -> None:
    session = CardSession(locked_card(), terminal)
    assert session.identify().card_no == LI.card_no
    with pytest.raises(cards.TerminalNotTrusted, match="没有通过"):
        session.holder()


def reads(link: Altered) -> list[tuple[int, int]]:
    """The record number and the length of every READ RECORD so far."""
    return [(apdu[2], apdu[4]) for apdu in link.asked if apdu[1] == 0xB2]


def test_a_read_that_was_answered_is_not_asked_again() -> None:
    """Records are asked for in a row; where the card says something else, it goes on from there."""
    held = {"DF01/EF15": {"5A": "3132", "5B": "33"}}
    link = Altered(SimCard(like(files=held)), lambda apdu, answer: answer)
    session = CardSession(link)
    session.identify()
    del link.asked[:]
    assert session.file("DF01/EF15") == {"5A": "3132", "5B": "33"}
    assert reads(link) == [(1, 0), (1, 4), (2, 0), (2, 3), (3, 0)]
    link = Altered(locked_card(), lambda apdu, answer: answer)
    session = CardSession(link, SoftwareTerminalKey(READ_MASTER))
    session.identify()
    del link.asked[:]
    session.holder()
    assert [number for number, _ in reads(link)] == [1, 1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("algorithm", ["3DES", "SSF33"])
def test_an_old_card_can_be_read_but_not_prove_itself(algorithm: str) -> None:
    session = CardSession(SimCard(like(algorithm=algorithm)))
    assert session.identify().algorithm == algorithm
    session.verify(LI.pin)
    with pytest.raises(cards.CardTooOld):
        session.prove(CHALLENGE)


class Altered:
    """A real simulated card whose answers a test may change on the way."""

    def __init__(self, card: SimCard, change: Callable[[bytes, Answer], Answer]) -> None:
        self.card, self.change = card, change
        self.asked: list[bytes] = []

    def atr(self) -> bytes:
        return self.card.atr()

    def send(self, apdu: bytes) -> Answer:
        self.asked.append(apdu)
        return self.change(apdu, self.card.send(apdu))

    def close(self) -> None:
        self.card.close()


def says(sw: int, ins: int) -> Callable[[bytes, Answer], Answer]:
    return lambda apdu, answer: Answer(b"", sw) if apdu[1] == ins else answer


@pytest.mark.parametrize(
    ("sw", "fault"),
    [
        (0x6A82, NotSocialSecurityCard),
        (0x6D00, NotSocialSecurityCard),
        (0x6A81, cards.CardLocked),
        (0x6283, cards.CardLocked),
    ],
)
def test_what_the_first_select_says_of_a_card(sw: int, fault: type[CardFault]) -> None:
    with pytest.raises(fault):
        CardSession(Altered(SimCard(LI), says(sw, 0xA4))).identify()


def record_of(tag: int, value: bytes) -> Callable[[bytes, Answer], Answer]:
    def change(apdu: bytes, answer: Answer) -> Answer:
        mine = apdu[1] == 0xB2 and answer.data[:1] == bytes([tag])
        return Answer(tlv.encode(tag, value), 0x9000) if mine else answer

    return change


@pytest.mark.parametrize(
    ("tag", "value", "fault"),
    [
        (0x03, b"9.99", cards.CardOfUnknownVersion),
        (0x03, b"\xff\xff\xff\xff", cards.CardGarbled),
        (0x05, b"\x20\x26\x13\x01", cards.CardGarbled),
        (0x05, b"\0\0\0\0", cards.CardGarbled),
        (0x07, b"D00000012", cards.CardGarbled),
        (0x01, b"\x31\x00\x00", cards.CardGarbled),
        (0x08, b"110105194912310021", cards.CardGarbled),
        (0x09, b"\xc1", cards.CardGarbled),
        (0x09, b"\0" * 30, cards.CardGarbled),
        (0x0B, b"\xab", cards.CardGarbled),
    ],
    ids=lambda one: one.hex() if isinstance(one, bytes) else str(one),
)
def test_wrong_data_on_the_card_is_seen(tag: int, value: bytes, fault: type[CardFault]) -> None:
    session = CardSession(Altered(SimCard(LI), record_of(tag, value)))
    with pytest.raises(fault):
        session.holder()


def test_a_missing_item_is_seen() -> None:
    for tag in (0x01, 0x07, 0x08, 0x0D):
        session = CardSession(Altered(SimCard(LI), record_of(tag, b"")))
        with pytest.raises(CardFault):
            session.holder()


@pytest.mark.parametrize("sw", [0x6F00, 0x6300, 0x6581, 0x9100, 0x6100, 0x6C04])
@pytest.mark.parametrize("right", [True, False])
def test_where_the_answer_to_the_pin_says_nothing_the_card_is_asked_again(sw: int, right: bool) -> None:
    def change(apdu: bytes, answer: Answer) -> Answer:
        return Answer(b"", sw) if apdu[1] == 0x20 and len(apdu) > 5 else answer

    card = SimCard(LI)
    result = CardSession(Altered(card, change)).verify(LI.pin if right else "999999")
    assert result == (RIGHT if right else WRONG)
    assert card.tries == (3 if right else 2)


def test_where_the_card_tells_nothing_at_all_nothing_is_made_up(card: SimCard) -> None:
    session = CardSession(Altered(card, says(0x6F00, 0x20)))
    assert session.tries() is None
    with pytest.raises(cards.CardGarbled):
        session.verify(LI.pin)


def test_a_proof_of_another_length_is_no_proof(card: SimCard) -> None:
    def change(apdu: bytes, answer: Answer) -> Answer:
        return Answer(b"12345678", 0x9000) if apdu[1] == 0x88 else answer

    session = CardSession(Altered(card, change))
    session.verify(LI.pin)
    with pytest.raises(cards.CardGarbled):
        session.prove(CHALLENGE)


# ---- a session dies at its first exception ----


def go_through(session: CardSession, pin: str) -> bytes:
    session.read()
    session.verify(pin)
    return session.prove(CHALLENGE)


def visit(link: Link, pin: str = LI.pin) -> bytes:
    return go_through(CardSession(link), pin)


COMMANDS, VERIFY = 16, 14  # of one visit; which of them carries the PIN


def test_how_many_commands_a_visit_has() -> None:
    link = Altered(SimCard(LI), lambda apdu, answer: answer)
    visit(link)
    assert len(link.asked) == COMMANDS
    assert [at for at, apdu in enumerate(link.asked, 1) if apdu[1] == 0x20 and len(apdu) > 5] == [VERIFY]


@pytest.mark.parametrize("kind", [Kind.PULL_BEFORE, Kind.PULL_AFTER])
@pytest.mark.parametrize("at", range(1, COMMANDS + 1))
def test_pulled_at_any_command_the_visit_ends_and_the_next_one_succeeds(at: int, kind: Kind) -> None:
    card = SimCard(LI, Faults((Fault(kind, at),)))
    with pytest.raises(CardPulled, match="拔得太早"):
        visit(card)
    assert card.commands == at
    card.insert()
    assert CardSession(card).tries() == 3
    assert visit(card) == response(LI.key, CHALLENGE)


@pytest.mark.parametrize(("kind", "left"), [(Kind.PULL_BEFORE, 3), (Kind.PULL_AFTER, 2)])
def test_whether_a_lost_pin_cost_a_try_only_the_card_knows(kind: Kind, left: int) -> None:
    card = SimCard(LI, Faults((Fault(kind, VERIFY),)))
    with pytest.raises(CardPulled):
        visit(card, "999999")
    card.insert()
    assert CardSession(card).tries() == left


@pytest.mark.parametrize("kind", [Kind.PULL_BEFORE, Kind.PULL_AFTER, Kind.HANG])
@pytest.mark.parametrize("at", [1, 5, 12, VERIFY, VERIFY + 1])
def test_after_the_first_exception_nothing_is_sent_any_more(at: int, kind: Kind) -> None:
    card = SimCard(LI, Faults((Fault(kind, at),)))
    session = CardSession(card)
    with pytest.raises((CardPulled, CardStuck)):
        go_through(session, LI.pin)
    card.insert()
    card.atr()  # somebody else has powered the next card in the same slot
    for ask in (
        session.holder,
        session.tries,
        lambda: session.verify(LI.pin),
        lambda: session.prove(CHALLENGE),
        lambda: session.file("SSSE/EF0D"),
    ):
        with pytest.raises(SessionOver):
            ask()
    assert card.commands == at
    assert card.tries == 3


def test_a_bug_in_a_link_kills_the_session_too(card: SimCard) -> None:
    def broken(apdu: bytes, answer: Answer) -> Answer:
        raise ZeroDivisionError

    session = CardSession(Altered(card, broken))
    with pytest.raises(ZeroDivisionError):
        session.identify()
    with pytest.raises(SessionOver):
        session.identify()


def test_a_card_without_an_answer_to_reset_is_mute() -> None:
    with pytest.raises(CardMute, match="芯片"):
        CardSession(SimCard(LI, Faults(mute=True)))


def test_every_fault_speaks_to_the_person() -> None:
    def kinds(kind: type[CardFault]) -> list[type[CardFault]]:
        return [kind, *(deeper for one in kind.__subclasses__() for deeper in kinds(one))]

    for kind in kinds(CardFault):
        sentence = (kind.__doc__ or "").partition("\n")[0]
        assert sentence.endswith("。"), kind
        assert any("\u4e00" <= char <= "\u9fff" for char in sentence), kind
