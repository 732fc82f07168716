"""Lost and found: at once, for a week, by telephone, for good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.cards import service as cards
from backend.cards.refusals import (
    AnotherComing,
    CodeLocked,
    CodeSimple,
    FoundAtCounter,
    NoCode,
)
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.items import NotYours
from backend.kernel.sentences import Invalid
from backend.payout.refusals import CardStopped
from backend.registry import service as registry
from backend.registry.cards import AnotherServes, CardNotNow, NoCard
from tests.backend.cards.factory import Factory
from tests.backend.cards.town import CARD_NO, Town
from tests.backend.payout.terminal import CODE, Card, Terminal
from tests.backend.people import LI, a_person, citizen

SECOND = "31A000027"


def terminal(town: Town) -> tuple[Terminal, Card]:
    return Terminal(town.run), Card(town.run.vault, town.ident, CARD_NO, CODE)


def test_a_card_reported_lost_is_refused_by_the_next_request_of_a_kiosk_that_has_it(town: Town) -> None:
    town.old_card()
    machine, card = terminal(town)
    visit = machine.visit(card)
    assert visit.name == "张秀䶮"
    town.mine("CRD-03")
    with pytest.raises(CardStopped, match="临时停用"):
        machine.ask("CRD-14", visit=visit.visit)
    with pytest.raises(CardStopped, match="临时停用"):
        machine.visit(card)
    town.mine("CRD-04")
    assert machine.visit(card).name == "张秀䶮"


def test_a_temporary_loss_lapses_by_itself_after_its_last_day(town: Town, clock: FixedClock) -> None:
    town.old_card()
    until = town.mine("CRD-03").until
    assert (until - clock.today()).days == 6, "seven days with today"
    assert town.run.system(cards.lapse) == 0
    clock.set(clock.now() + timedelta(days=6))
    assert (town.run.system(cards.lapse), town.status()) == (0, "suspended")
    clock.set(clock.now() + timedelta(days=1))
    assert (town.run.system(cards.lapse), town.status()) == (1, "active")
    assert town.run.system(cards.check) == []


def test_a_temporary_loss_ends_for_others_also_where_its_holder_has_another_card_by_now(
    run: Runner, town: Town, clock: FixedClock
) -> None:
    town.old_card()
    town.mine("CRD-03")
    town.old_card(card_no=SECOND, card_code=f"310000D156000005{2:016}")
    neighbour = Town(run, LI)
    neighbour.old_card(card_no="31A000035", card_code=f"310000D156000005{3:016}")
    neighbour.mine("CRD-03")
    clock.set(clock.now() + timedelta(days=7))
    assert run.system(cards.lapse) == 2
    assert (town.status(), town.status(SECOND), neighbour.status("31A000035")) == (
        "replaced",
        "active",
        "active",
    )
    assert run.system(cards.lapse) == 0
    assert run.system(cards.check) == []


def test_of_two_cards_whose_rest_is_over_the_newer_serves(town: Town, clock: FixedClock) -> None:
    town.old_card()
    town.mine("CRD-03")
    town.old_card(card_no=SECOND, card_code=f"310000D156000005{2:016}")
    town.mine("CRD-03")
    clock.set(clock.now() + timedelta(days=7))
    assert town.run.system(cards.lapse) == 2
    assert (town.status(), town.status(SECOND)) == ("replaced", "active")
    assert town.run.system(cards.check) == []


def test_a_formal_loss_has_no_end_and_is_taken_back_at_the_counter_only(
    town: Town, clock: FixedClock
) -> None:
    town.old_card()
    town.mine("CRD-03")
    town.mine("CRD-02")
    clock.set(clock.now() + timedelta(days=30))
    assert (town.run.system(cards.lapse), town.status()) == (0, "lost")
    with pytest.raises(FoundAtCounter):
        town.mine("CRD-04")
    assert town.ask("CRD-04", card_no=CARD_NO, note="核对过本人和卡").status == "active"
    assert [one.deed for one in town.mine("CRD-Q1").cards[0].history] == [
        "find",
        "report_loss",
        "suspend",
        "register",
    ]


def test_a_lost_card_is_not_found_again_while_another_is_being_made(town: Town) -> None:
    town.old_card()
    town.mine("CRD-02")
    no = town.apply("lost")
    with pytest.raises(AnotherComing, match=no):
        town.ask("CRD-04", card_no=CARD_NO)
    town.mine("CRD-23", no=no)
    assert town.ask("CRD-04", card_no=CARD_NO).status == "active"


@pytest.mark.parametrize("code", ["CRD-03", "CRD-02", "CRD-04"])
def test_who_has_no_card_is_told_so(town: Town, code: str) -> None:
    with pytest.raises(NoCard):
        town.mine(code)


def test_what_may_not_follow_is_refused_with_what_to_do(town: Town) -> None:
    town.old_card()
    with pytest.raises(CardNotNow, match="现在是“正常”，不能解挂，没有办理。这张卡可以正常使用。"):
        town.mine("CRD-04")
    town.mine("CRD-03")
    with pytest.raises(CardNotNow, match="找不到请办理正式挂失"):
        town.mine("CRD-03")


def test_a_found_card_does_not_serve_beside_another(town: Town) -> None:
    town.old_card()
    town.mine("CRD-02")
    town.old_card(card_no="31A000027", card_code="310000D156000005" + "0" * 16)
    with pytest.raises(AnotherServes, match="0027"):
        town.ask("CRD-04", card_no=CARD_NO)
    assert town.run.system(cards.check) == []


def test_a_card_that_may_have_been_copied_never_serves_again(town: Town) -> None:
    town.old_card()
    machine, card = terminal(town)
    town.run.system(
        lambda uow: registry.freeze_card(uow, registry.cards_of(uow, town.person_id)[0].id),
    )
    town.mine("CRD-02")
    assert town.status() == "lost"
    assert town.ask("CRD-04", card_no=CARD_NO, note="核对过本人和卡").status == "frozen"
    with pytest.raises(CardStopped):
        machine.visit(card)
    with pytest.raises(CardNotNow, match="请本人带身份证和卡到柜台核查、换卡"):
        town.ask("CRD-04", card_no=CARD_NO)
    assert town.run.system(cards.check) == []


def test_a_card_that_was_never_activated_is_not_activated_by_being_found(
    town: Town, factory: Factory
) -> None:
    town.ask("CRD-22", no=town.apply(), approve=True)
    [made] = factory.make()
    town.ask("CRD-26", card_no=made.card_no, taken_by="holder")
    town.mine("CRD-02")
    assert town.ask("CRD-04", card_no=made.card_no).status == "inactive"
    assert town.mine("CRD-07", card_no=made.card_no).status == "active"
    town.mine("CRD-02")
    assert town.ask("CRD-04", card_no=made.card_no).status == "active"
    assert town.run.system(cards.check) == []


def test_nobody_reports_another_persons_card(town: Town) -> None:
    town.old_card()
    stranger = citizen(LI, a_person(town.run, LI, name="李四"))
    for code in ("CRD-02", "CRD-03", "CRD-04", "CRD-Q1"):
        with pytest.raises(NotYours):
            town.ask(code, stranger)
    assert town.status() == "active"


def test_the_telephone_stops_a_card_by_its_holders_code(town: Town) -> None:
    town.old_card()
    with pytest.raises(NoCode):
        town.ask("CRD-06", code="274913")
    town.mine("CRD-05", code="274913")
    done = town.ask("CRD-06", code="274913")
    assert (done.stopped, done.tail, town.status()) == (True, "0019", "suspended")
    assert town.mine("CRD-Q1").telephone == "set"


@pytest.mark.parametrize("code", ["000000", "345678", "195003", "070029"])
def test_a_code_that_anybody_tries_first_is_refused(town: Town, code: str) -> None:
    with pytest.raises(CodeSimple):
        town.mine("CRD-05", code=code)


@pytest.mark.parametrize("code", ["27491", "2749133", "27491a", "２７４９１３", ""])
def test_a_code_is_six_digits(town: Town, code: str) -> None:
    with pytest.raises(Invalid):
        town.mine("CRD-05", code=code)


def test_five_wrong_codes_lock_it_until_the_holder_sets_another(town: Town) -> None:
    town.old_card()
    town.mine("CRD-05", code="274913")
    left = [town.ask("CRD-06", code="274914").tries_left for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(CodeLocked):
        town.ask("CRD-06", code="274913")
    assert (town.status(), town.mine("CRD-Q1").telephone) == ("active", "locked")
    town.mine("CRD-05", code="861502")
    assert town.ask("CRD-06", code="861502").stopped


def test_a_right_code_makes_wrong_ones_forgotten(town: Town) -> None:
    town.old_card()
    town.mine("CRD-05", code="274913")
    town.ask("CRD-06", code="111113")
    town.ask("CRD-06", code="274913")
    town.mine("CRD-04")
    assert town.ask("CRD-06", code="111113").tries_left == 4
