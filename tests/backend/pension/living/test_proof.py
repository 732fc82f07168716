"""Proof of life: a proof is good for twelve months; who gives none is told, then not paid, and gets all of it when they do."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from backend.kernel import files, items
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.errors import Forbidden, NotFound, Refusal
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.payout.refusals import ProofWrong
from backend.pension import service as pension
from backend.pension.living import lapsing, proving
from backend.pension.living.model import Proof
from backend.pension.living.proved import (
    AskLapses,
    AskProof,
    Lapses,
    LapsesRun,
    ProofState,
    ProveMatch,
    ProveSelf,
    ProveVisit,
    RunLapses,
)
from backend.pension.model import Award as AwardRow
from backend.pension.schema import Resume, Suspend
from backend.registry import service as registry
from backend.registry.schema import RegisterDeath
from tests.backend.payout.books import agree
from tests.backend.payout.terminal import Card, Terminal
from tests.backend.pension.test_service import MAN
from tests.backend.pension.test_stopping import draw, owing, total
from tests.backend.people import ZHANG, a_person, citizen, officer


def at(clock: FixedClock, year: int, month: int, day: int) -> None:
    clock.at = datetime(year, month, day, 2, 0, tzinfo=UTC)


def lapses(run: Runner) -> LapsesRun:
    return run.system(lapsing.run, RunLapses())


def listed(run: Runner, state: str) -> Lapses:
    return run.system(lapsing.listed, AskLapses(state=state))


def mine(run: Runner, person_id: int) -> ProofState:
    return items.perform(run.by(citizen(MAN, person_id)), items.find("PEN-Q20"), AskProof(ident=MAN))  # type: ignore[return-value]


def suspended_for_want_of_a_proof(run: Runner, clock: FixedClock) -> None:
    """Awarded on 2026-11-24: good until 2027-11-24, told on the 25th, not paid from February on."""
    at(clock, 2027, 11, 25)
    lapses(run)
    run.system(pension.pay_month, Month(2027, 11), "second")
    at(clock, 2027, 12, 5)
    run.system(pension.pay_month, Month(2027, 12), "second")
    at(clock, 2028, 1, 5)
    run.system(pension.pay_month, Month(2028, 1), "second")
    assert lapses(run).suspended == 1


def test_who_asked_for_the_pension_themselves_needs_no_proof_for_a_year(
    run: Runner, man: int, clock: FixedClock
) -> None:
    at(clock, 2027, 11, 24)
    state = mine(run, man)
    assert (state.state, state.valid_until, state.last_day) == ("good", date(2027, 11, 24), None)
    assert lapses(run).reminded == 0
    at(clock, 2027, 11, 25)
    assert mine(run, man).state == "lapsed"


def test_who_was_paid_elsewhere_before_has_a_year_from_the_first_month_here(
    run: Runner, man: int, clock: FixedClock
) -> None:
    run.system(lambda uow: uow.session.execute(update(AwardRow).values(decided_on=date(2023, 11, 30))))
    assert mine(run, man).valid_until == date(2027, 9, 1)
    at(clock, 2027, 9, 2)
    assert lapses(run).reminded == 1


def test_who_lets_it_lapse_is_told_first_and_has_the_whole_grace(
    run: Runner, man: int, clock: FixedClock
) -> None:
    at(clock, 2027, 11, 25)
    assert [one.ident for one in listed(run, "lapsed").people] == [MAN]
    done = lapses(run)
    assert (done.reminded, done.suspended, done.waiting) == (1, 0, 1)
    assert done.grace_until == date(2027, 12, 25)
    state = mine(run, man)
    assert (state.state, state.grace_until) == ("reminded", date(2027, 12, 25))
    assert any("没有核实过" in one for one in state.warnings)
    at(clock, 2027, 12, 25)
    assert lapses(run).suspended == 0
    at(clock, 2027, 12, 26)
    assert [one.lapsed for one in listed(run, "overdue").people] == [date(2027, 11, 24)]
    done = lapses(run)
    assert (done.reminded, done.suspended, done.suspended_from) == (0, 1, "2028-01")
    again = lapses(run)
    assert (again.reminded, again.suspended) == (0, 0), "nobody is stopped twice"
    state = mine(run, man)
    assert (state.state, state.suspended_from) == ("suspended", "2028-01")
    assert listed(run, "suspended").people[0].suspended_from == "2028-01"


def test_a_proof_given_afterwards_resumes_with_every_month_of_the_stop(
    run: Runner, man: int, clock: FixedClock
) -> None:
    suspended_for_want_of_a_proof(run, clock)
    at(clock, 2028, 4, 10)
    with pytest.raises(Refusal):
        run.system(pension.pay_month, Month(2028, 4), "second")
    done = items.perform(run.by(citizen(MAN, man)), items.find("PEN-23"), ProveSelf(ident=MAN))
    assert (done.payment, done.valid_until) == ("resumed", date(2029, 4, 10))  # type: ignore[union-attr]
    batch = run.system(pension.pay_month, Month(2028, 4), "second")
    assert (batch.n, batch.total_fen) == (3, 3 * total(run)), "February, March, April"
    assert mine(run, man).state == "good"
    assert agree(run)
    assert run.system(pension.check) == []


def test_drawing_money_by_card_and_pin_is_a_proof_and_resumes_too(
    run: Runner, man: int, kiosk: Terminal, card: Card, clock: FixedClock
) -> None:
    suspended_for_want_of_a_proof(run, clock)
    at(clock, 2028, 3, 3)
    visit = kiosk.visit(card)
    opened = kiosk.open(visit)
    confirmed = kiosk.confirm(visit, opened, card)
    assert mine(run, man).state == "suspended"
    assert confirmed.token
    kiosk.dispenser.hand_out(opened.order, confirmed.token, visit.payables[0].amount_fen)
    kiosk.report(opened.order, "paid", kiosk.dispenser.status(opened.order))
    state = mine(run, man)
    assert (state.state, state.last_way, state.last_day) == ("good", "collection", date(2028, 3, 3))
    assert run.system(pension.pay_month, Month(2028, 3), "second").n == 2


def test_a_card_is_a_proof_only_once_it_has_answered(
    run: Runner, man: int, kiosk: Terminal, card: Card
) -> None:
    begun = kiosk.begin(card)
    with pytest.raises(ProofWrong):
        kiosk.ask("CRD-14", visit=begun.visit)
    done = kiosk.ask("CRD-14", visit=kiosk.visit(card).visit)
    assert (done.way, done.valid_until) == ("card", date(2027, 11, 24))
    kiosk.ask("CRD-14", visit=kiosk.visit(card).visit)
    assert len(mine(run, man).proofs) == 1, "once a day and way"


def test_a_picture_taken_at_the_kiosk_is_kept_for_officers(
    run: Runner, man: int, kiosk: Terminal, card: Card
) -> None:
    taken = run.by(kiosk.actor)(files.keep, name="photo.png", content=b"not looked at").file
    with pytest.raises(NotFound):
        kiosk.ask("CRD-14", visit=kiosk.visit(card).visit, photo="x" * 22)
    kiosk.ask("CRD-14", visit=kiosk.visit(card).visit, photo=taken)
    (proof,) = mine(run, man).proofs
    kept = proof.evidence.partition("照片 ")[2].rstrip("）")
    assert run.by(officer())(files.fetch, kept).content == b"not looked at"
    with pytest.raises(NotFound):
        run.by(officer())(files.fetch, taken)


def test_thirty_proofs_a_day_at_one_kiosk_keep_thirty_pictures(
    run: Runner, man: int, kiosk: Terminal, card: Card
) -> None:
    pictures = {b"picture %d" % number for number in range(30)}
    for picture in pictures:
        taken = run.by(kiosk.actor)(files.keep, name="photo.png", content=picture).file
        kiosk.ask("CRD-14", visit=kiosk.visit(card).visit, photo=taken)
    ours = select(files.File.id).where(files.File.ours)
    kept = run.system(lambda uow: uow.session.scalars(ours).all())
    assert {run.by(officer())(files.fetch, file).content for file in kept} == pictures


def test_a_proof_by_data_keeps_the_pension_running_and_a_line_fails_alone(
    run: Runner, man: int, clock: FixedClock
) -> None:
    at(clock, 2027, 12, 1)
    lapses(run)
    for day, refusal in ((date(2027, 12, 2), proving.DayAhead), (date(2026, 11, 30), proving.TooOld)):
        with pytest.raises(refusal):
            run.system(proving.prove_match, ProveMatch(ident=MAN, day=day, source="医保门诊结算"))
    run.system(proving.prove_match, ProveMatch(ident=MAN, day=date(2026, 12, 1), source="医保门诊结算"))
    assert mine(run, man).state == "good"
    at(clock, 2028, 1, 20)
    assert lapses(run).suspended == 0, "told of the older lapse only: the newer one is told first"
    assert mine(run, man).state == "reminded"


def test_a_visit_is_proof_when_a_second_officer_has_looked(run: Runner, man: int) -> None:
    command = ProveVisit(ident=MAN, day=date(2026, 11, 20), evidence="家中，核对居民身份证")
    filed = items.perform(run.by(officer()), items.find("PEN-24"), command)
    assert isinstance(filed, items.Filed)
    assert mine(run, man).last_day is None
    run.by(officer("officer:2", "复核"))(items.decide, filed.case_no, "approved", "")
    [one] = mine(run, man).proofs
    assert (one.way, one.evidence) == ("visit", "家中，核对居民身份证")


def test_nobody_proves_for_another_nor_what_cannot_be(run: Runner, man: int) -> None:
    a_person(run, ZHANG)
    with pytest.raises(Forbidden):
        items.perform(run.by(citizen(MAN, man)), items.find("PEN-23"), ProveSelf(ident=ZHANG))
    with pytest.raises(Forbidden):
        items.perform(run.by(officer()), items.find("PEN-23"), ProveSelf(ident=MAN))
    with pytest.raises(proving.NothingToProve):
        run.system(proving.my_proof, AskProof(ident=ZHANG))
    death = RegisterDeath(ident=MAN, died=date(2026, 11, 3), document="死证 1", reported_by="儿子")
    run.system(registry.register_death, death)
    with pytest.raises(proving.RegisteredDead, match="REG-23"):
        run.system(proving.prove_match, ProveMatch(ident=MAN, day=date(2026, 11, 5), source="公交刷卡"))


def test_where_drawn_months_are_claimed_an_officer_resumes_and_that_is_a_proof(run: Runner, man: int) -> None:
    draw(run, 10)
    stop = Suspend(ident=MAN, since="2026-10", reason="02", claims=True, document="停1号")
    run.system(pension.stopping.suspend, stop)
    assert owing(run) == total(run)
    done = run.system(proving.prove_match, ProveMatch(ident=MAN, day=date(2026, 11, 5), source="公交刷卡"))
    assert done.payment == "at_counter"
    run.system(pension.stopping.resume, Resume(ident=MAN, since="2026-11", document="复1号"))
    assert [one.way for one in mine(run, man).proofs] == ["visit", "match"]


def test_another_reason_still_stands_after_the_proof(run: Runner, man: int, clock: FixedClock) -> None:
    suspended_for_want_of_a_proof(run, clock)

    def also(uow: object) -> None:
        payout.stop(
            uow,  # type: ignore[arg-type]
            person_id=man,
            fund="pension",
            what="基本养老金",
            since=Month(2028, 3),
            reason="04",
            document="失踪",
            claims=False,
        )

    run.system(also)
    at(clock, 2028, 4, 10)
    run.system(proving.prove_match, ProveMatch(ident=MAN, day=date(2028, 4, 9), source="医保门诊结算"))
    state = run.system(lambda uow: uow.session.scalars(select(AwardRow.state)).one())
    assert state == "suspended"
    assert mine(run, man).state == "good"


def test_what_is_kept_of_a_proof_is_never_changed(run: Runner, man: int) -> None:
    run.system(proving.prove_match, ProveMatch(ident=MAN, day=date(2026, 11, 5), source="公交刷卡"))

    def tamper(uow: object) -> None:
        uow.session.query(Proof).update({"day": date(2026, 11, 24)})  # type: ignore[attr-defined]

    with pytest.raises(Exception, match="permission denied"):
        run.system(tamper)
