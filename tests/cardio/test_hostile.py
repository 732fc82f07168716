"""A hostile card: whatever it says, a session answers or refuses, and never sends after a failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cardio.card import CardIdentity, CardSession, Holder, PinResult
from cardio.codecs import is_card_number, is_citizen_number
from cardio.link import Answer, CardFault, CardMute, CardPulled, CardStuck
from cardio.sim import SimCard
from tests.cardio.people import CHALLENGE, LI


class Hostile:
    """Says whatever hypothesis thinks of; a real card's answers, some of them spoilt."""

    def __init__(self, card: SimCard, plan: list[tuple[str, Any]]) -> None:
        self.card, self.plan, self.broke = card, iter(plan), False

    def atr(self) -> bytes:
        return self.card.atr()

    def send(self, apdu: bytes) -> Answer:
        assert not self.broke, "sent to a link that had failed"
        answer = self.card.send(apdu)
        how, what = next(self.plan, TRUTH)
        if how == "fault":
            self.broke = True
            raise what
        if how == "sw":
            return Answer(answer.data, what)
        if how == "data":
            return Answer(what, answer.sw)
        if how == "flip" and answer.data:
            at = what % len(answer.data)
            flipped = bytes([answer.data[at] ^ 1 << what % 8])
            return Answer(answer.data[:at] + flipped + answer.data[at + 1 :], answer.sw)
        return Answer(answer.data[:what], answer.sw) if how == "cut" else answer

    def close(self) -> None:
        self.card.close()


TRUTH: tuple[str, Any] = ("truth", 0)
SPOILT = st.one_of(
    st.just(TRUTH),
    st.just(TRUTH),
    st.tuples(st.just("sw"), st.integers(0, 0xFFFF)),
    st.tuples(st.just("data"), st.binary(max_size=60)),
    st.tuples(st.just("flip"), st.integers(0, 10_000)),
    st.tuples(st.just("cut"), st.integers(0, 40)),
    st.tuples(st.just("fault"), st.sampled_from([CardPulled(), CardStuck(), CardMute()])),
)


@settings(max_examples=300)
@given(st.lists(SPOILT, max_size=40))
def test_whatever_a_card_does_a_session_answers_or_refuses(plan: list[tuple[str, Any]]) -> None:
    card = SimCard(LI)
    link = Hostile(card, plan)
    session = CardSession(link)
    asks: list[Callable[[], Any]] = [
        session.identify,
        session.holder,
        session.tries,
        lambda: session.file("DF03/EF07"),
        lambda: session.verify(LI.pin),
        lambda: session.prove(CHALLENGE),
    ]
    for ask in asks:
        try:
            found = ask()
        except CardFault:
            continue
        match found:
            case CardIdentity():
                assert is_card_number(found.card_no)
            case Holder():
                assert is_citizen_number(found.ident)
            case bytes():
                assert len(found) == 16
            case _:
                assert isinstance(found, int | dict | PinResult | None)
    assert card.tries == 3  # the right PIN never costs a try, whatever the answers were
