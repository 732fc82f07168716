"""The service hall: who stands at a kiosk with a proved card is served by the other systems, masked, and nobody else is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from backend.employment.applying import AlreadyApplied
from backend.employment.schema import AskVacancy
from backend.hall import guiding, refusals
from backend.hall.schema import AskJob
from backend.kernel import items
from backend.kernel.actor import ANYONE, Actor, Kind
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.errors import Forbidden, NotFound
from backend.kernel.sentences import Invalid, read
from backend.levy import service as levy
from backend.levy.certified import AskCertificate
from backend.levy.certifying import NothingPaid
from backend.payout.refusals import CardStopped, HolderDied, ProofWrong, VisitExpired
from backend.registry import service as registry
from backend.registry.schema import IssueCard, RegisterDeath, ReportLoss
from backend.systems import CATALOGUE
from tests.backend.employment.city import a_market, answer, apply, post
from tests.backend.levy.town import WHOLE, ZHAO, a_town, bill, declare_all, receive
from tests.backend.payout.terminal import CODE, Card, Terminal
from tests.backend.people import ZHANG, an_employer, officer

VISITED = ("KSK-01", "KSK-02", "KSK-03", "KSK-04", "KSK-Q1", "KSK-Q2", "KSK-Q3", "KSK-Q4", "KSK-Q5")
MORE = {
    "KSK-01": {"kind": "career"},
    "KSK-02": {"card": "0" * 32},
    "KSK-03": {"vacancy": "V3K7M9Q2XTA"},
    "KSK-04": {"until": 1},
    "KSK-Q4": {"vacancy": "V3K7M9Q2XTA"},
}


def a_card(run: Runner, ident: str) -> Card:
    run.system(
        registry.issue_card,
        IssueCard(
            ident=ident,
            card_no="31A000027",
            card_code=CODE[:-1] + "B",
            version="3.00",
            issued=date(2024, 1, 2),
            expires=date(2034, 1, 1),
        ),
    )
    return Card(run.vault, ident, "31A000027", CODE[:-1] + "B")


@pytest.fixture
def zhao(run: Runner, clock: FixedClock) -> tuple[Terminal, str]:
    """Somebody whose employer has paid August, at a kiosk; the visit's number comes with it."""
    a_town(run, clock)
    declare_all(run)
    bill(run)
    receive(run, "B0001", WHOLE)
    terminal = Terminal(run)
    return terminal, terminal.visit(a_card(run, ZHAO)).visit


@pytest.mark.parametrize("code", VISITED)
def test_a_card_that_has_not_answered_is_served_nothing(
    run: Runner, kiosk: Terminal, card: Card, code: str
) -> None:
    an_employer(run)
    begun = kiosk.begin(card)
    vacancy = {"vacancy": post(run).vacancy} if code == "KSK-Q4" else {}
    with pytest.raises(ProofWrong):
        kiosk.ask(code, visit=begun.visit, **(MORE.get(code, {}) | vacancy))


@pytest.mark.parametrize("code", VISITED)
def test_only_a_kiosk_may_ask_and_only_with_a_visit_that_is_one(
    run: Runner, kiosk: Terminal, code: str
) -> None:
    known, more = CATALOGUE[code], MORE.get(code, {})
    for actor in (ANYONE, officer(), Actor(Kind.CITIZEN, "citizen:1", subject=ZHANG, subject_id=1)):
        with pytest.raises(Forbidden):
            items.perform(run.by(actor), known, read(known.asks, {"visit": "0" * 32, **more}))
    with pytest.raises(Invalid):
        kiosk.ask(code, visit="../../etc/passwd", **more)


def test_a_visit_of_another_kiosk_or_of_eleven_minutes_ago_is_none(
    run: Runner, kiosk: Terminal, card: Card, clock: FixedClock
) -> None:
    visit = kiosk.visit(card).visit
    with pytest.raises(VisitExpired):
        Terminal(run, "00000002").ask("KSK-Q3", visit=visit)
    assert kiosk.ask("KSK-Q3", visit=visit).cards
    clock.set(clock.now() + timedelta(minutes=11))
    with pytest.raises(VisitExpired):
        kiosk.ask("KSK-Q3", visit=visit)


def test_a_card_reported_lost_while_it_is_in_is_served_no_more(
    run: Runner, kiosk: Terminal, card: Card
) -> None:
    visit = kiosk.visit(card).visit
    run.system(registry.report_loss, ReportLoss(ident=ZHANG))
    with pytest.raises(CardStopped):
        kiosk.ask("KSK-Q5", visit=visit)


def test_whose_death_is_registered_meanwhile_is_served_no_more(
    run: Runner, kiosk: Terminal, card: Card
) -> None:
    visit = kiosk.visit(card).visit
    run.system(
        registry.register_death,
        RegisterDeath(
            ident=ZHANG, died=date(2026, 11, 20), document="死亡证明 1 号", reported_by="李明（儿子）"
        ),
    )
    with pytest.raises((HolderDied, CardStopped)):
        kiosk.ask("KSK-Q5", visit=visit)


def test_a_paper_is_the_portals_certificate_with_its_holder_masked(
    run: Runner, zhao: tuple[Terminal, str]
) -> None:
    kiosk, visit = zhao
    paper = kiosk.ask("KSK-01", visit=visit, kind="career")
    assert (paper.masked_name, paper.masked_ident) == ("张*䶮", "310***********0017")
    assert {(one.first, one.last, one.months) for one in paper.lines} == {("2026-08", "2026-08", 1)}
    checked = run.by(ANYONE)(levy.verify, AskCertificate(code=paper.code))
    assert (checked.kind, checked.name) == ("person", "张*䶮")
    assert ZHAO not in paper.model_dump_json()


def test_this_years_records_are_month_by_month(zhao: tuple[Terminal, str]) -> None:
    kiosk, visit = zhao
    found = kiosk.ask("KSK-Q1", visit=visit)
    (month,) = found.months
    assert (found.year, month.month, month.paid) == (2026, "2026-08", True)
    assert month.insurances == 4
    assert month.person_fen == 80_000 + 20_000 + 5_000


def test_who_has_nothing_to_print_is_told_so_without_a_name(kiosk: Terminal, card: Card) -> None:
    visit = kiosk.visit(card).visit
    for code, more, refusal in (
        ("KSK-01", {"kind": "career"}, NothingPaid),
        ("KSK-01", {"kind": "benefit"}, refusals.NothingReceived),
        ("KSK-Q1", {}, refusals.NothingLevied),
        ("KSK-Q2", {}, refusals.NothingReceived),
    ):
        with pytest.raises(refusal) as refused:
            kiosk.ask(code, visit=visit, **more)
        assert "张" not in refused.value.message


def test_ones_card_is_reported_lost_by_its_mark_and_stops_at_once(kiosk: Terminal, card: Card) -> None:
    visit = kiosk.visit(card).visit
    (row,) = kiosk.ask("KSK-Q3", visit=visit).cards
    assert (row.tail, row.here, row.can_be_lost) == (card.card_no[-4:], True, True)
    with pytest.raises(refusals.OtherCard):
        kiosk.ask("KSK-02", visit=visit, card="f" * 32)
    assert kiosk.ask("KSK-Q3", visit=visit).cards[0].can_be_lost, "nothing happened"
    lost = kiosk.ask("KSK-02", visit=visit, card=row.card)
    assert (lost.tail, lost.here) == (row.tail, True)
    with pytest.raises(CardStopped):
        kiosk.begin(card)


def test_a_card_replaced_long_ago_cannot_be_lost_again(run: Runner, kiosk: Terminal, card: Card) -> None:
    run.system(registry.report_loss, ReportLoss(ident=ZHANG))
    visit = kiosk.visit(a_card(run, ZHANG)).visit
    rows = {row.tail: row for row in kiosk.ask("KSK-Q3", visit=visit).cards}
    old = rows[card.card_no[-4:]]
    assert (old.here, old.can_be_lost) == (False, False)
    with pytest.raises(refusals.CannotBeLost):
        kiosk.ask("KSK-02", visit=visit, card=old.card)


def test_a_vacancy_is_applied_for_by_card_once(run: Runner) -> None:
    a_market(run)
    kiosk, no = Terminal(run), post(run).vacancy
    seen = kiosk.ask("KSK-Q4", vacancy=no)
    assert (seen.title, seen.open, seen.applied, seen.own_phone) == ("仓库管理员", True, None, None)
    visit = kiosk.visit(a_card(run, ZHANG)).visit
    assert kiosk.ask("KSK-Q4", vacancy=no, visit=visit).own_phone == "138****0000"
    assert kiosk.ask("KSK-03", visit=visit, vacancy=no).employer == seen.employer
    assert kiosk.ask("KSK-Q4", vacancy=no, visit=visit).applied == "已投递"
    with pytest.raises(AlreadyApplied):
        kiosk.ask("KSK-03", visit=visit, vacancy=no)
    with pytest.raises(NotFound):
        kiosk.ask("KSK-Q4", vacancy="V0000000000")


def test_the_employers_answer_is_a_message_and_is_read_once(run: Runner) -> None:
    a_market(run)
    sent = apply(run, post(run).vacancy)
    answer(run, sent.application, "in_progress", note="请周五来面谈")
    kiosk = Terminal(run)
    visit = kiosk.visit(a_card(run, ZHANG)).visit
    told = kiosk.ask("KSK-Q5", visit=visit)
    (row,) = told.rows
    assert (told.unread, row.kind, row.read) == (1, "application", False)
    assert "请周五来面谈" in row.body
    assert kiosk.ask("KSK-04", visit=visit, until=row.id).unread == 0
    assert kiosk.ask("KSK-Q5", visit=visit).rows[0].read


def test_money_that_came_is_a_message(kiosk: Terminal, card: Card) -> None:
    visit = kiosk.visit(card)
    assert kiosk.ask("KSK-Q5", visit=visit.visit).rows == ()
    opened = kiosk.open(visit)
    token = kiosk.confirm(visit, opened, card).token
    assert token is not None
    amount = visit.payables[0].amount_fen
    kiosk.dispenser.hand_out(opened.order, token, amount)
    kiosk.report(opened.order, "paid", kiosk.dispenser.status(opened.order))
    (row,) = kiosk.ask("KSK-Q5", visit=visit.visit).rows
    assert (row.kind, row.month, row.amount_fen, row.item) == ("money", "2026-11", amount, "基本养老金")


def test_the_guide_is_the_catalogues_own_words(kiosk: Terminal) -> None:
    groups = kiosk.ask("KSK-Q6").groups
    assert [group.name for group in groups] == list(guiding.GROUPS)
    for group in groups:
        for one in group.items:
            known = CATALOGUE[one.code]
            assert known.guide is not None
            assert (one.title, one.what, one.bring) == (known.title, known.guide.what, known.guide.bring)
            assert Kind.CITIZEN in known.by
    here = {one.code for group in groups for one in group.items if one.here}
    assert here == guiding.HERE


def test_a_vacancy_has_the_number_that_employment_gives() -> None:
    (asked,) = AskJob.model_fields["vacancy"].metadata
    (given,) = AskVacancy.model_fields["vacancy"].metadata
    assert asked.pattern == given.pattern


def test_every_item_of_the_hall_is_the_kiosks_alone() -> None:
    ours = [one for one in CATALOGUE.values() if one.run.__module__.startswith("backend.hall.")]
    assert {one.code for one in ours} == {*VISITED, "KSK-Q6"}
    for one in ours:
        assert (one.by, one.may, one.review) == (frozenset({Kind.KIOSK}), None, 0)
