"""The real stack with two readers: the holder's card in one, the machine's security module in the other."""

from __future__ import annotations

import time

import pytest

from cardio.card import BankCard, CardCloned, CardSession
from cardio.keys import response
from cardio.link import CardStuck, NotSocialSecurityCard
from cardio.sam import COUNTER, KeyRing, PcscSam
from cardio.sim import Fault, Faults, Kind, SimCard, bad
from cardio.sim.psam import SimSam
from tests.cardio.people import CHALLENGE, LI
from tests.cardio.test_pcsc import SETTLE_S, Slot, slots  # noqa: F401 - a fixture

pytestmark = pytest.mark.pcsc
RING = KeyRing.new(versions=2)
GOOD = LI.equipped(RING, version=1)  # made before the keys were changed
NEW = "246801"


def test_a_visit_a_new_pin_and_a_copy_through_both_readers(slots: tuple[Slot, Slot]) -> None:  # noqa: F811
    holders, machines = slots
    module = SimSam(RING.for_area(LI.area, COUNTER))
    with machines.insert(module):
        sam = PcscSam(machines.link)
        card = SimCard(GOOD)
        with holders.insert(card):
            link = holders.link()
            session = CardSession(link, sam=sam)
            assert session.holder().name == LI.name
            assert session.verify(LI.pin).ok
            assert session.prove(CHALLENGE) == response(GOOD.key, CHALLENGE)
            assert session.change_pin(LI.pin, NEW).ok
            session.unblock("135799")
            assert session.verify("135799").ok
            session.close()
        time.sleep(SETTLE_S)
        with holders.insert(bad.cloned(GOOD)):
            session = CardSession(holders.link(), sam=sam)
            with pytest.raises(CardCloned):
                session.read()
            session.close()
        sam.close()


@pytest.mark.parametrize(("kind", "fault"), [("bank-card", BankCard), ("door-card", NotSocialSecurityCard)])
def test_a_card_of_another_trade_is_named_through_the_whole_stack(
    slots: tuple[Slot, Slot],  # noqa: F811
    kind: str,
    fault: type[Exception],
) -> None:
    with slots[0].insert(bad.CARDS[kind](LI)):
        session = CardSession(slots[0].link())
        with pytest.raises(fault):
            session.read()
        session.close()


def test_a_dirty_card_that_says_nothing_does_not_hold_the_machine(slots: tuple[Slot, Slot]) -> None:  # noqa: F811
    card = SimCard(LI, Faults((Fault(Kind.MUTE, 5),)))
    with slots[0].insert(card):
        session = CardSession(slots[0].link(deadline_s=0.3))
        with pytest.raises(CardStuck):
            session.read()
    time.sleep(SETTLE_S)
    with slots[0].insert(card):
        session = CardSession(slots[0].link())
        assert session.holder().name == LI.name
        session.close()
