"""The collect application: one commit whatever happens, the same proof however often, never a TAC unasked for."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardio import apdu, tac
from cardio.card import CardGarbled, CardSession, PinNeeded
from cardio.collect import FOLDER, Begun, CollectCard, Done, Outcome, Proof, Refused, Terms, Unknown
from cardio.layout import SSSE
from cardio.link import Answer, CardFault, CardPulled, SessionOver
from cardio.sim import Fault, Faults, Kind, Persona, SimCard
from cardio.sim.collected import LOGGED
from cardio.tac import Asked, Result
from tests.cardio.office import AMOUNT, AT, WANG, Office, asked
from tests.cardio.people import LI
from tests.cardio.test_sim import TEARS

PAGES = 13  # that a collection writes: five of the record it replaces, eight of the other slot


OFFICE = Office()


def opened(card: SimCard) -> CollectCard:
    session = CardSession(card)
    assert session.verify(card.persona.pin).ok
    return CollectCard(session)


def agree(card: SimCard, wanted: Asked) -> Outcome[Proof]:
    """One whole collection, in a session of its own."""
    collect = opened(card)
    begun = collect.init_collect(wanted)
    assert OFFICE.believes(wanted, begun)
    return collect.collect(wanted, begun, OFFICE.terms(wanted, begun))


def agreed(card: SimCard, wanted: Asked) -> Proof:
    done = agree(card, wanted)
    assert isinstance(done, Done)
    return done.value


def again(card: SimCard) -> SimCard:
    """The same chip, powered up anew."""
    return SimCard(card.persona, nv=card.nv)


def with_some(n: int) -> bytes:
    card = SimCard(WANG)
    for number in range(1, n + 1):
        agreed(card, asked(number))
    return card.nv


def test_card_and_office_hold_the_same_proof_of_one_collection() -> None:
    card = SimCard(WANG)
    proof = agreed(card, asked())
    assert proof == Proof(1, asked().order, AMOUNT, OFFICE.tac(asked(), 1), Result.OPEN)
    fresh = CollectCard(CardSession(again(card)))  # no PIN
    assert fresh.ctc() == 1
    for _ in range(3):
        assert fresh.proof(1) == Done(proof)
    assert fresh.proof(2) == Refused(0x9406)
    assert fresh.proof(0) == Refused(0x9406)


def test_a_new_card_has_agreed_to_nothing() -> None:
    collect = opened(SimCard(WANG))
    assert (collect.ctc(), collect.log(), collect.proof(0)) == (0, (), Refused(0x9406))


def test_both_load_keys_serve_and_a_third_does_not() -> None:
    card = SimCard(WANG)
    for number, index in enumerate(tac.LOAD_VERSIONS, 1):
        assert agreed(card, asked(number, key_index=index)).ctc == number
    with pytest.raises(CardGarbled, match="9403"):
        opened(card).init_collect(asked(key_index=3))


def test_without_the_pin_nothing_is_begun_and_no_log_is_shown() -> None:
    collect = CollectCard(CardSession(SimCard(WANG, nv=with_some(1))))
    with pytest.raises(PinNeeded):
        collect.init_collect(asked())
    with pytest.raises(PinNeeded):
        collect.log()
    assert collect.ctc() == 1


def test_a_card_of_the_field_profile_has_no_such_application() -> None:
    with pytest.raises(CardGarbled, match="6A82"):
        CollectCard(CardSession(SimCard(LI))).ctc()


def test_the_log_shows_the_last_twelve_newest_first_and_how_each_ended() -> None:
    card = SimCard(WANG)
    for number in range(1, 16):
        proof = agreed(card, asked(number, amount_fen=1000 + number))
        mac3 = OFFICE.closing(proof.order, number, Result.PAID)
        assert CollectCard(CardSession(card)).close_order(proof.order, Result.PAID, mac3) == Done(None)
    agreed(card, asked(16, amount_fen=1016))
    rows = opened(card).log()
    assert [row.ctc for row in rows] == list(range(16, 4, -1))
    assert len(rows) == LOGGED
    assert [row.amount_fen for row in rows] == list(range(1016, 1004, -1))
    assert [row.result for row in rows] == [Result.OPEN] + [Result.PAID] * 11
    first = rows[0]
    assert (first.order, first.kiosk, first.month, first.at) == (asked(16).order, "00000001", "2026-11", AT)
    assert first.check == OFFICE.tac(asked(16, amount_fen=1016), 16)[4:].hex().upper()


def test_the_log_read_before_shows_the_collection_made_since() -> None:
    card = SimCard(WANG)
    collect = opened(card)
    assert collect.log() == ()
    begun = collect.init_collect(asked())
    assert isinstance(collect.collect(asked(), begun, OFFICE.terms(asked(), begun)), Done)
    assert [row.ctc for row in collect.log()] == [1]


def test_closing_again_writes_nothing_and_only_the_office_may_close() -> None:
    card = SimCard(WANG)
    order = agreed(card, asked()).order
    mac3 = OFFICE.closing(order, 1, Result.CANCELLED)
    collect = CollectCard(CardSession(card))
    for result, mac in ((Result.PAID, mac3), (Result.CANCELLED, bytes(8))):
        assert collect.close_order(order, result, mac) == Refused(0x9302)
    assert collect.close_order(asked(2).order, Result.CANCELLED, mac3) == Refused(0x9406)
    assert collect.close_order(order, Result.CANCELLED, mac3) == Done(None)
    kept = card.nv
    assert collect.close_order(order, Result.CANCELLED, mac3) == Done(None)
    assert card.nv == kept
    match collect.proof(1):
        case Done(proof):
            assert proof.result is Result.CANCELLED


@pytest.mark.parametrize("before", [1, 13])
def test_torn_at_any_page_a_card_holds_the_old_or_the_new_and_never_a_mixture(before: int) -> None:
    nv = with_some(before)
    old = opened(SimCard(WANG, nv=nv)).log()
    outcomes = set()
    for page, (tear, seed) in product(range(1, PAGES + 1), TEARS):
        torn = SimCard(WANG, Faults(tear_at=page + 4, tear=tear, seed=seed), nv)  # four are the PIN's
        wanted = asked(99, amount_fen=999)
        assert isinstance(agree(torn, wanted), Unknown)
        after = again(torn)
        log = opened(after).log()
        committed = log != old
        outcomes.add((committed, page == PAGES))
        if committed:
            assert (log[0].ctc, log[0].order, log[0].amount_fen) == (before + 1, wanted.order, 999)
            assert log[1:] == old[: LOGGED - 1]
        found = CollectCard(CardSession(again(torn))).proof(before + 1)
        if committed:
            assert found == Done(
                Proof(before + 1, wanted.order, 999, OFFICE.tac(wanted, before + 1), Result.OPEN)
            )
        else:
            assert found == Refused(0x9406)
            assert agreed(after, wanted).tac == OFFICE.tac(wanted, before + 1)
    assert outcomes == {(False, False), (False, True), (True, True)}, "the commit point is the last page"


def test_a_collection_writes_as_many_pages_as_are_torn_above() -> None:
    card = SimCard(WANG, nv=with_some(1))
    agreed(card, asked(2))
    assert card._memory.writes == 4 + PAGES


def test_torn_while_it_is_closed_the_collection_stays_and_can_be_closed_again() -> None:
    nv = with_some(2)
    order, mac3 = asked(2).order, OFFICE.closing(asked(2).order, 2, Result.PAID)
    for page, (tear, seed) in product(range(1, 9), TEARS):
        torn = SimCard(WANG, Faults(tear_at=page, tear=tear, seed=seed), nv)
        told = CollectCard(CardSession(torn)).close_order(order, Result.PAID, mac3)
        assert isinstance(told, Unknown)
        after = CollectCard(CardSession(again(torn)))
        found = after.proof(2)
        assert isinstance(found, Done)
        assert (found.value.order, found.value.tac) == (order, OFFICE.tac(asked(2), 2))
        assert found.value.result in (Result.OPEN, Result.PAID)
        assert after.close_order(order, Result.PAID, mac3) == Done(None)


def commands() -> int:
    card = SimCard(WANG)
    agreed(card, asked())
    return card.commands


@pytest.mark.parametrize("kind", [Kind.PULL_BEFORE, Kind.PULL_AFTER])
@pytest.mark.parametrize("at", range(1, commands() + 1))
def test_pulled_before_or_after_any_command_there_is_one_commit_and_the_identical_tac(
    at: int, kind: Kind
) -> None:
    card = SimCard(WANG, Faults((Fault(kind, at),)))
    try:
        outcome = agree(card, asked())
    except CardPulled:
        outcome = None
    assert card.commands == at
    assert outcome is None or isinstance(outcome, Unknown)
    card.insert()
    match CollectCard(CardSession(card)).proof(1):
        case Done(proof):
            assert outcome is not None, "only COLLECT commits"
        case _:
            proof = agreed(card, asked())
    assert proof.tac == OFFICE.tac(asked(), 1)
    assert CollectCard(CardSession(card)).ctc() == 1


@pytest.mark.parametrize("kind", [Kind.WRONG_SW, Kind.GARBAGE])
def test_where_the_cards_word_says_nothing_it_is_read_back_at_once(kind: Kind) -> None:
    card = SimCard(WANG, Faults((Fault(kind, commands()),), seed=3))  # the answer with the TAC
    assert agreed(card, asked()).tac == OFFICE.tac(asked(), 1)


def test_a_session_that_broke_off_is_never_asked_again() -> None:
    card = SimCard(WANG, Faults((Fault(Kind.PULL_AFTER, commands()),)))
    collect = opened(card)
    begun = collect.init_collect(asked())
    assert isinstance(collect.collect(asked(), begun, OFFICE.terms(asked(), begun)), Unknown)
    card.insert()
    with pytest.raises(SessionOver):
        collect.ctc()
    assert isinstance(collect.proof(1), Unknown)


def test_the_office_is_believed_once_and_only_for_what_was_asked() -> None:
    card = SimCard(WANG)
    collect = opened(card)
    begun = collect.init_collect(asked())
    terms = OFFICE.terms(asked(), begun)
    assert collect.collect(asked(), begun, replace(terms, mac2=bytes(8))) == Refused(0x9302)
    assert collect.collect(asked(), begun, terms) == Refused(0x6985), "one MAC a beginning"
    begun = collect.init_collect(asked(amount_fen=AMOUNT + 1))
    assert collect.collect(asked(), begun, OFFICE.terms(asked(), begun)) == Refused(0x9302)
    begun = collect.init_collect(asked())
    terms = OFFICE.terms(asked(), begun)
    for command in (apdu.select_application(SSSE), apdu.select_folder(FOLDER)):
        assert apdu.exchange(card, command).sw == 0x9000  # and with that the PIN is gone, and what it began
    assert collect.collect(asked(), begun, terms) == Refused(0x6985)
    assert collect.ctc() == 0


class Adversary:
    """Speaks to the card itself and knows every MAC2 the office ever gave, but no key."""

    def __init__(self) -> None:
        self.card = SimCard(WANG)
        self.card.atr()
        self.signed: dict[bytes, Asked] = {}  # the TAC that belongs to each MAC2 of the office
        self.given: list[bytes] = []
        self.begun: Begun | None = None
        self.wanted = asked()
        self.select(pin=True, junk=0)

    def send(self, command: apdu.Command) -> Answer:
        return apdu.exchange(self.card, command)

    def init(self, order: int, amount_fen: int) -> None:
        self.wanted = asked(order, amount_fen=amount_fen)
        data, sw = self.send(apdu.init_collect(self.wanted.encoded))
        begun = Begun(int.from_bytes(data[:4]), data[4], data[6:14], data[14:]) if sw == 0x9000 else None
        self.begun = begun

    def agree(self, honest: bool, guess: int) -> None:
        """With the office's MAC for what was begun last, or a guess."""
        if self.begun is None:
            return
        body = OFFICE.terms(self.wanted, self.begun).encoded
        if honest:
            self.signed[OFFICE.tac(self.wanted, self.begun.ctc + 1)] = self.wanted
            self.given.append(body)
        self.collect(body if honest else body[:10] + guess.to_bytes(8))

    def replay(self, which: int, junk: int) -> None:
        if self.given:
            self.collect(self.given[which % len(self.given)])

    def collect(self, body: bytes) -> None:
        data, sw = self.send(apdu.collect(body))
        if sw == 0x9000:
            assert data[:8] in self.signed

    def select(self, pin: bool, junk: int) -> None:
        self.send(apdu.select_application(SSSE))
        if pin:
            self.send(apdu.verify(WANG.pin))
        self.send(apdu.select_folder(FOLDER))

    def raw(self, ins: int, length: int) -> None:
        self.send(apdu.Command(ins, data=bytes(length), cla=0x80))


WORDS = st.one_of(
    st.tuples(st.just(Adversary.init), st.integers(1, 3), st.integers(1, 2)),
    st.tuples(st.just(Adversary.agree), st.sampled_from([True, True, False]), st.integers(0, 2**64 - 1)),
    st.tuples(st.just(Adversary.replay), st.integers(0, 5), st.just(0)),
    st.tuples(st.just(Adversary.select), st.booleans(), st.just(0)),
    st.tuples(st.just(Adversary.raw), st.integers(0, 255), st.integers(0, 30)),
)


@settings(max_examples=150)
@given(st.lists(WORDS, max_size=25))
def test_no_sequence_of_commands_gives_a_tac_the_office_did_not_sign(
    said: list[tuple[Any, Any, Any]],
) -> None:
    adversary = Adversary()
    for do, first, second in said:
        do(adversary, first, second)
    left = CollectCard(CardSession(SimCard(WANG, nv=adversary.card.nv)))
    ctc = left.ctc()
    assert ctc <= len(adversary.given)
    match left.proof(ctc):
        case Done(proof):
            wanted = adversary.signed[proof.tac]
            assert (wanted.order, wanted.amount_fen) == (proof.order, proof.amount_fen)
        case found:
            assert (ctc, found) == (0, Refused(0x9406))


@settings(max_examples=100)
@given(st.lists(st.binary(min_size=0, max_size=40).map(lambda end: b"\x80" + end), max_size=20))
def test_any_command_of_its_class_gets_an_answer_and_changes_nothing(said: list[bytes]) -> None:
    card = SimCard(WANG, nv=with_some(1))
    collect = opened(card)
    collect.ctc()  # its folder is selected
    kept = card.nv
    for command in said:
        answer = card.send(command)
        assert len(answer.data) <= 256
    assert card.nv == kept


@given(st.binary(max_size=60), st.integers(0, 0xFFFF))
def test_whatever_a_broken_card_answers_is_unknown_or_refused_and_never_done(data: bytes, sw: int) -> None:
    class Broken(SimCard):
        def send(self, command: bytes) -> Any:
            answer = super().send(command)
            return type(answer)(data, sw) if command[0] == 0x80 else answer

    card = Broken(WANG)
    collect = CollectCard(CardSession(card))
    for outcome in (
        collect.proof(1),
        collect.collect(asked(), Begun(0, 1, bytes(8), b""), Terms(AT, "2026-11", bytes(8))),
    ):
        if isinstance(outcome, Done):
            assert sw == 0x9000
            assert len(data) in (12, 21)
    try:
        collect.ctc()
    except CardFault:
        return
    assert (sw, len(data)) == (0x9000, 4)


def test_a_persona_with_a_collect_profile_comes_back_from_json_and_needs_its_keys() -> None:
    assert Persona.from_json(WANG.to_json()) == WANG
    with pytest.raises(Exception, match="领取密钥"):
        replace(WANG, tac_key=None)
    with pytest.raises(Exception, match="这种卡"):
        replace(WANG, profile="other")
