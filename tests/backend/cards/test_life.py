"""From the application to the grave: every card through its whole life, by the real items."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from backend.cards import service as cards
from backend.cards.refusals import (
    AgentIsHolder,
    AgentUnknown,
    AlreadyApplied,
    CardAtRest,
    ChallengeUsed,
    HasCard,
    HolderActivates,
    LossFirst,
    NotExpiring,
    NothingToReplace,
    NotMade,
    NotWaiting,
    OtherCard,
    PhotoHeavy,
    PhotoLying,
    PhotoMissing,
    PhotoNot,
    PhotoSmall,
    ReasonNeeded,
)
from backend.cards.schema import HandOut
from backend.kernel import cardkeys
from backend.kernel.cases import OwnCase
from backend.kernel.clock import FixedClock
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound, Refusal
from backend.payout.refusals import CardStopped
from backend.registry import service as registry
from backend.registry.cards import HolderDead
from tests.backend.cards.factory import Factory
from tests.backend.cards.town import CARD_NO, CLERK, Town, picture
from tests.backend.payout.terminal import CODE, Card, Terminal
from tests.backend.people import LI, officer

SECOND = "31A000027"
DEATH = {"died": "2026-11-20", "document": "死证-1", "reported_by": "李四（儿子）"}


def test_a_first_card_from_the_application_to_the_kiosk(town: Town, factory: Factory) -> None:
    no = town.apply()
    assert [town.mine("CRD-Q1").application.state_name] == ["待审核"]
    town.ask("CRD-22", no=no, approve=True)
    [made] = factory.make()
    assert town.mine("CRD-Q1").application.state_name == "待领卡"
    out = town.ask("CRD-26", card_no=made.card_no, taken_by="holder")
    assert out.status == "inactive"
    machine, card = Terminal(town.run), Card(town.run.vault, town.ident, made.card_no, made.card_code)
    with pytest.raises(CardStopped, match="还没有启用"):
        machine.visit(card)
    town.mine("CRD-07", card_no=made.card_no)
    assert machine.visit(card).name == "张秀䶮"
    assert town.run.system(cards.check) == []


def test_the_old_card_serves_until_the_new_one_does_and_not_a_moment_longer(
    town: Town, factory: Factory
) -> None:
    town.old_card()
    machine, old = Terminal(town.run), Card(town.run.vault, town.ident, CARD_NO, CODE)
    town.ask("CRD-22", no=town.apply("damaged"), approve=True)
    [made] = factory.make()
    town.ask("CRD-26", card_no=made.card_no, taken_by="holder")
    visit = machine.visit(old)
    town.mine("CRD-07", card_no=made.card_no)
    with pytest.raises(CardStopped, match="换成新卡"):
        machine.ask("CRD-14", visit=visit.visit)
    assert (town.status(), town.status(made.card_no)) == ("replaced", "active")
    assert town.run.system(cards.check) == []


def test_an_agent_takes_a_card_with_evidence_and_only_the_holder_activates_it(
    town: Town, factory: Factory
) -> None:
    town.ask("CRD-22", no=town.apply(), approve=True)
    [made] = factory.make()
    paper = town.keep("委托书.pdf", b"%PDF-1.7", CLERK)
    agent = {"card_no": made.card_no, "taken_by": "agent", "agent_name": "李四"}
    with pytest.raises(AgentUnknown):
        town.ask("CRD-26", **agent, agent_ident=LI)
    with pytest.raises(AgentIsHolder):
        town.ask("CRD-26", **agent, agent_ident=town.ident, evidence=paper)
    with pytest.raises(HolderActivates):
        town.ask("CRD-26", **agent, agent_ident=LI, evidence=paper, activate=True)
    assert town.ask("CRD-26", **agent, agent_ident=LI, evidence=paper).status == "inactive"
    assert town.mine("CRD-07", card_no=made.card_no).status == "active"


def test_only_the_card_that_was_made_for_them_is_handed_out(town: Town, factory: Factory) -> None:
    with pytest.raises(NotMade):
        town.ask("CRD-26", card_no=CARD_NO, taken_by="holder")
    town.ask("CRD-22", no=town.apply(), approve=True)
    with pytest.raises(NotWaiting, match="待制卡"):
        town.ask("CRD-26", card_no=CARD_NO, taken_by="holder")
    factory.make()
    with pytest.raises(OtherCard):
        town.ask("CRD-26", card_no=CARD_NO, taken_by="holder")


def test_a_card_is_handed_out_where_its_holder_chose_to_fetch_it(town: Town, factory: Factory) -> None:
    there, elsewhere = officer("officer:5", area="310115"), officer("officer:6", area="310112")
    no = town.mine("CRD-21", reason="first", photo=town.keep("a.jpg", picture()), area="310115").no
    assert town.ask("CRD-Q2", there).applications == (), "it is looked at where they are registered"
    with pytest.raises(NotFound):
        town.ask("CRD-26", there, card_no=CARD_NO, taken_by="holder")
    town.ask("CRD-22", no=no, approve=True)
    with pytest.raises(NotWaiting, match="待制卡"):
        town.ask("CRD-26", there, card_no=CARD_NO, taken_by="holder")
    [made] = factory.make()
    for one in (there, officer("officer:7", area="310101"), CLERK):
        seen = town.ask("CRD-Q2", one, state="made")
        assert ([row.no for row in seen.applications], seen.counts["made"]) == ([no], 1)
    seen = town.ask("CRD-Q2", elsewhere)
    assert (seen.applications, sum(seen.counts.values())) == ((), 0)
    with pytest.raises(NotFound):
        town.ask("CRD-26", elsewhere, card_no=made.card_no, taken_by="holder")

    def hand_out(uow: Uow) -> str:
        asked = HandOut(ident=town.ident, card_no=made.card_no, taken_by="holder", activate=True)
        done = cards.hand_out(uow, asked)
        with pytest.raises(NotFound):
            registry.person(uow, town.ident)
        return done.status

    assert town.run.by(there)(hand_out) == "active", "and nothing more is seen of its holder"
    assert town.run.system(cards.check) == []


def test_the_reason_of_an_application_must_fit_the_card_there_is(town: Town, clock: FixedClock) -> None:
    with pytest.raises(NothingToReplace):
        town.apply("damaged")
    town.old_card()
    with pytest.raises(HasCard):
        town.apply("first")
    with pytest.raises(LossFirst):
        town.apply("lost")
    with pytest.raises(NotExpiring, match="2034-01-01"):
        town.apply("expired")
    town.mine("CRD-02")
    town.apply("lost")
    with pytest.raises(AlreadyApplied):
        town.apply("lost")


def test_a_photograph_is_checked_and_the_last_one_is_used_again(town: Town) -> None:
    def with_photo(content: bytes | None) -> str:
        photo = {} if content is None else {"photo": town.keep("a.jpg", content)}
        return str(town.mine("CRD-21", reason="first", area="310101", **photo).no)

    for content, refusal in (
        (None, PhotoMissing),
        (b"%PDF-1.7 not a picture", PhotoNot),
        (b"\xff\xd8\xff\xe0\x00\x00", PhotoNot),
        (picture(500, 400), PhotoLying),
        (picture(200, 300), PhotoSmall),
        (picture(more=300_000), PhotoHeavy),
    ):
        with pytest.raises(refusal):
            with_photo(content)
    town.mine("CRD-23", no=with_photo(picture()))
    assert with_photo(None).startswith("S")


def test_a_refused_application_says_why_and_may_be_made_again(town: Town) -> None:
    no = town.apply()
    with pytest.raises(ReasonNeeded):
        town.ask("CRD-22", no=no, approve=False)
    town.ask("CRD-22", no=no, approve=False, note="照片里戴了帽子")
    assert [one.said for one in town.mine("CRD-Q1").earlier] == ["照片里戴了帽子"]
    with pytest.raises(NotWaiting, match="没有通过"):
        town.ask("CRD-22", no=no, approve=True)
    assert town.apply() != no


@pytest.mark.parametrize("approve", [True, False])
def test_nobody_decides_an_application_that_they_filed_themselves(town: Town, approve: bool) -> None:
    photo = town.keep("照片.jpg", picture(), CLERK)
    no = town.ask("CRD-21", CLERK, reason="first", photo=photo, area="310101").no
    with pytest.raises(OwnCase):
        town.ask("CRD-22", CLERK, no=no, approve=approve, note="照片里戴了帽子")
    assert town.mine("CRD-Q1").application.state == "applied"
    assert town.ask("CRD-22", officer("officer:3"), no=no, approve=approve, note="照片里戴了帽子").no == no


def test_with_its_holder_a_card_dies_and_lives_again_as_it_was(town: Town, clock: FixedClock) -> None:
    town.old_card()
    no = town.apply("damaged")
    town.mine("CRD-03")
    town.ask("REG-21", **DEATH)
    assert town.run.system(cards.check) == []
    seen = town.ask("CRD-Q1")
    assert [one.status for one in seen.cards] == ["cancelled"]
    assert [(one.no, one.state) for one in seen.earlier] == [(no, "ended")]
    with pytest.raises(HolderDead):
        town.ask("CRD-21", reason="first", area="310101")
    town.ask("REG-23", document="在世证明-1", reason="同名同姓登记错了")
    assert town.status() == "suspended", "its rest is not over"
    town.ask("REG-21", **DEATH | {"document": "死证-2"})
    clock.set(clock.now() + timedelta(days=10))
    town.ask("REG-23", document="在世证明-2", reason="同名同姓登记错了")
    assert town.status() == "active"
    assert town.run.system(cards.check) == []


def test_no_card_is_registered_for_the_dead(town: Town) -> None:
    town.ask("REG-21", **DEATH)
    with pytest.raises(HolderDead, match="REG-23"):
        town.old_card()
    assert town.run.system(cards.check) == []


def test_a_death_is_taken_back_also_where_another_card_serves_by_then(town: Town) -> None:
    town.old_card()
    town.ask("REG-21", **DEATH)
    given = {"card_no": SECOND, "card_code": f"310000D156000005{2:016}", "area": "310000", "version": "3.00"}
    days = {"issued": date(2024, 1, 2), "expires": date(2034, 1, 1)}
    town.run.system(
        lambda uow: registry.add_card(uow, town.person_id, registry.Card(**given, **days)) and None
    )
    town.ask("REG-23", document="在世证明-1", reason="同名同姓登记错了")
    assert (town.status(), town.status(SECOND)) == ("replaced", "active")
    assert town.run.system(cards.check) == []


def test_of_two_cards_that_a_death_stopped_the_one_that_served_serves_again(
    town: Town, clock: FixedClock
) -> None:
    town.old_card()
    town.mine("CRD-02")
    town.old_card(card_no=SECOND, card_code=f"310000D156000005{2:016}")
    town.mine("CRD-03")
    town.ask("CRD-04", card_no=CARD_NO)
    town.ask("REG-21", **DEATH)
    clock.set(clock.now() + timedelta(days=10))
    town.ask("REG-23", document="在世证明-1", reason="同名同姓登记错了")
    assert (town.status(), town.status(SECOND)) == ("active", "replaced")
    assert town.run.system(cards.check) == []


def test_a_cancelled_card_is_not_brought_back_by_a_death_withdrawn(town: Town) -> None:
    town.old_card()
    town.ask("CRD-08", card_no=CARD_NO, note="出国定居，卡已交回")
    town.ask("REG-21", **DEATH)
    town.ask("REG-23", document="在世证明-1", reason="同名同姓登记错了")
    assert town.status() == "cancelled"


def test_a_new_pin_is_allowed_for_one_card_and_one_number_of_it(town: Town) -> None:
    town.old_card()
    number = "00112233445566778899AABBCCDDEEFF"
    asked = {"card_no": CARD_NO, "challenge": number, "reason": "forgotten", "note": "核对身份证"}
    done = town.ask("CRD-09", **asked)
    puk = cardkeys.card_key(town.run.vault.cards, "PUK", 1, "310000", CODE)
    assert done.cipher_key == cardkeys.cmac(puk, b"e" + bytes.fromhex(number)).hex()
    assert done.mac_key == cardkeys.cmac(puk, b"m" + bytes.fromhex(number)).hex()
    with pytest.raises(ChallengeUsed):
        town.ask("CRD-09", **asked)
    with pytest.raises(NotFound):
        town.ask("CRD-09", **asked | {"card_no": "31A000027"})
    town.mine("CRD-02")
    with pytest.raises(CardAtRest):
        town.ask("CRD-09", **asked | {"challenge": "F" * 32})


def test_a_citizen_may_not_do_what_the_counter_does(town: Town, factory: Factory) -> None:
    town.old_card()
    for code, fields in (
        ("CRD-09", {"card_no": CARD_NO, "challenge": "0" * 32, "reason": "forgotten"}),
        ("CRD-08", {"card_no": CARD_NO, "note": "不要了"}),
        ("CRD-26", {"card_no": CARD_NO, "taken_by": "holder"}),
        ("CRD-06", {"code": "274913"}),
    ):
        with pytest.raises(Refusal) as refused:
            town.mine(code, **fields)
        assert refused.value.status == 403
