"""The disability allowance: three kinds, each month paid once at its own rate, and the end of it to the fen."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from backend.demo.numbers import citizen_number
from backend.exchange.scope import scope_of
from backend.exchange.sources import SOURCES
from backend.kernel import items
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.errors import Refusal
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.payout.model import Payable
from backend.payout.schema import BatchView
from backend.pension import service as pension
from backend.pension.careers.chosen import TellEarly
from backend.pension.living import allowance, allowing, lapsing, proving
from backend.pension.living.allowed import Allow, AllowanceView, AskAllowance, EndAllowance, RunAllowances
from backend.pension.living.proved import ProveMatch, RunLapses
from backend.pension.schema import Award
from backend.registry import service as registry
from backend.registry.schema import Hire, Leave, RegisterDeath, WithdrawDeath
from tests.backend.payout.books import agree
from tests.backend.payout.city import fund
from tests.backend.pension.test_service import with_account
from tests.backend.pension.test_stopping import balance
from tests.backend.people import USCC, citizen, officer

NEAR = citizen_number("310101", "19660910", 1)  # legal age 2027-03-10
FAR = citizen_number("310101", "19750305", 1)  # legal age 2037-10-05
PAPER = "劳鉴〔2026〕7号"


@pytest.fixture(autouse=True)
def _funded(run: Runner) -> None:
    fund(run)


def a_sick_man(run: Runner, ident: str, months: int = 240) -> int:
    person_id = with_account(run, ident, months=months, balance="90000", index=10_000)
    left = Leave(uscc=USCC, ident=ident, ended=date(2026, 11, 20), reason="6301")
    run.system(registry.leave, left)
    return person_id


def allow(run: Runner, ident: str, **more: Any) -> AllowanceView:
    given = {"ident": ident, "document": PAPER, "appraised": "2026-11-10"}
    return run.system(allowance.allow, Allow.model_validate(given | more))


def pay(run: Runner, clock: FixedClock, year: int, month: int) -> BatchView:
    clock.at = datetime(year, month, 10, 2, 0, tzinfo=UTC)
    return run.system(allowing.run_month, RunAllowances(month=str(Month(year, month))))


def mine(run: Runner, ident: str, person_id: int) -> AllowanceView:
    asked = items.perform(run.by(citizen(ident, person_id)), items.find("PEN-Q22"), AskAllowance(ident=ident))
    assert isinstance(asked, AllowanceView)
    return asked


def owed(run: Runner) -> dict[str, int]:
    rows = select(Payable.month, Payable.amount).where(
        Payable.item == "病残津贴", Payable.cancelled_at.is_(None)
    )
    found = run.system(lambda uow: uow.session.execute(rows.order_by(Payable.month)).all())
    return {str(month): amount.fen for month, amount in found}


def holds(run: Runner) -> None:
    assert agree(run)
    assert run.system(pension.check) == []
    assert run.system(pension.drawing.check) == []


def test_near_the_legal_age_it_is_worked_out_as_a_pension_and_the_account_gives_its_part(
    run: Runner, clock: FixedClock
) -> None:
    """Base 12434, index 1, 20 years: 2486.80; 90000 with 1350.00 for 2025 and 91350 × 1.5 % × 11 ÷ 12 for 2026, ÷ 137.8
    as a pension's; the account gives that, month by month."""
    person_id = a_sick_man(run, NEAR)
    done = allow(run, NEAR)
    assert (done.kind, done.state, done.first_month, done.last_month) == (
        "full",
        "coming",
        "2026-12",
        "2027-03",
    )
    [rate] = done.rates
    assert (rate.basic_fen, rate.account_fen) == (248_680, 67_200), "60岁2个月: 137.8 months, to the jiao"
    assert rate.facts["account"] == "92606.06"
    assert [step.name for step in rate.steps][:2] == ["2025 年的利息", "2026 年的利息"]
    assert any("记账利率没有公布" in one for one in done.warnings)
    assert any("没有核对过原文" in one for one in done.warnings)
    before = balance(run, person_id)
    assert pay(run, clock, 2026, 12).total_fen == rate.total_fen
    assert pay(run, clock, 2027, 2).n == 2, "January with February"
    assert before - balance(run, person_id) == Money(3 * rate.account_fen)
    with pytest.raises(Refusal, match="没有再发"):
        pay(run, clock, 2027, 2)
    holds(run)


def test_at_the_legal_age_it_becomes_the_pension_as_it_is(run: Runner, clock: FixedClock) -> None:
    person_id = a_sick_man(run, NEAR)
    rate = allow(run, NEAR).rates[0]
    pay(run, clock, 2027, 3)
    award = run.system(pension.award, Award(ident=NEAR, retired="2027-03"))
    assert (award.total_fen, award.account_fen, award.first_month) == (
        rate.total_fen,
        rate.account_fen,
        "2027-04",
    )
    assert not award.provisional
    clock.at = datetime(2027, 4, 10, 2, 0, tzinfo=UTC)
    assert run.system(pension.pay_month, Month(2027, 4), "second").n == 1
    with pytest.raises(Refusal):
        pay(run, clock, 2027, 4)
    assert list(owed(run)) == ["2026-12", "2027-01", "2027-02", "2027-03"]
    assert mine(run, NEAR, person_id).state == "over"
    holds(run)


def test_who_retires_earlier_is_not_paid_both(run: Runner, clock: FixedClock) -> None:
    person_id = a_sick_man(run, NEAR)
    allow(run, NEAR)
    before = balance(run, person_id)
    early = TellEarly(ident=NEAR, month="2026-12", told_on=date(2026, 9, 1), document="告知 1 号")
    run.system(pension.careers.tell_early, early)
    pay(run, clock, 2027, 2)
    award = run.system(pension.award, Award(ident=NEAR, retired="2026-12"))
    assert list(owed(run)) == ["2026-12"]
    assert run.system(pension.pay_month, Month(2027, 2), "second").n == 2
    assert before - balance(run, person_id) == Money(3 * award.account_fen)
    holds(run)


def test_far_from_the_legal_age_it_is_the_basic_part_until_five_years_before(
    run: Runner, clock: FixedClock
) -> None:
    person_id = a_sick_man(run, FAR)
    done = allow(run, FAR)
    assert (done.kind, done.total_fen, done.last_month) == ("basic", 248_680, "2037-10")
    assert done.rates[0].account_fen == 0
    before = balance(run, person_id)
    assert pay(run, clock, 2027, 1).n == 2
    assert balance(run, person_id) == before, "the account is left alone"
    assert pay(run, clock, 2032, 12).n == 71
    full, basic = mine(run, FAR, person_id).rates
    assert (full.since, basic.since) == ("2032-11", "2026-12")
    assert full.account_fen > 0
    months = owed(run)
    assert (months["2032-10"], months["2032-11"]) == (basic.total_fen, full.total_fen)
    assert before - balance(run, person_id) == Money(2 * full.account_fen), "November's and December's"
    holds(run)


def test_the_auditors_are_told_of_it_as_of_any_benefit(run: Runner, clock: FixedClock) -> None:
    a_sick_man(run, FAR)
    allow(run, FAR)
    pay(run, clock, 2026, 12)
    run.system(lambda uow: uow.session.execute(update(Payable).values(stored="collected", stored_at=uow.now)))
    [row] = run.system(lambda uow: list(SOURCES[13].rows(uow, scope_of(uow, None))))
    assert (row["AAA037"], row["AIC160"], row["AAE019"]) == ("病残津贴", Month(2026, 12), Money(248_680))


def test_a_short_career_is_paid_for_so_many_months(run: Runner, clock: FixedClock) -> None:
    """100 months: 12, and 3 for each of four years (one of them begun) beyond five."""
    a_sick_man(run, FAR, months=100)
    done = allow(run, FAR)
    assert (done.kind, done.last_month) == ("limited", "2028-11")
    assert pay(run, clock, 2029, 3).n == 24


def test_months_after_a_recovery_are_not_paid_and_the_account_has_its_part_again(
    run: Runner, clock: FixedClock
) -> None:
    person_id = a_sick_man(run, NEAR)
    before, part = balance(run, person_id), allow(run, NEAR).rates[0].account_fen
    pay(run, clock, 2027, 2)
    given = {"ident": NEAR, "why": "recovered", "day": "2027-01-15", "document": "复查1号"}
    done = run.system(allowance.end_allowance, EndAllowance.model_validate(given))
    assert (done.since, done.cancelled) == ("2027-02", 1)
    assert before - balance(run, person_id) == Money(2 * part)
    with pytest.raises(allowance.NoAllowance):
        run.system(allowance.end_allowance, EndAllowance.model_validate(given))
    holds(run)
    clock.at = datetime(2027, 2, 20, 2, 0, tzinfo=UTC)
    assert allow(run, NEAR).first_month == "2027-03", "sick again"
    assert pay(run, clock, 2027, 3).n == 1
    holds(run)


def test_what_an_allowance_took_is_no_part_of_a_later_pension(run: Runner, clock: FixedClock) -> None:
    """Recovered in January: what December and January took is gone from what the pension is divided from."""
    person_id = a_sick_man(run, NEAR)
    allow(run, NEAR)
    pay(run, clock, 2026, 12)
    pay(run, clock, 2027, 1)
    given = {"ident": NEAR, "why": "recovered", "day": "2027-01-05", "document": "复查1号"}
    run.system(allowance.end_allowance, EndAllowance.model_validate(given))
    clock.at = datetime(2027, 4, 2, 2, 0, tzinfo=UTC)
    award = run.system(pension.award, Award(ident=NEAR, retired="2027-03"))
    held = balance(run, person_id)
    assert Money.yuan(Decimal(award.facts["settled"])) == held
    assert Money.yuan(Decimal(award.facts["account"])) > held, "with the interest that runs"
    holds(run)


def test_who_is_insured_again_is_paid_to_the_end_of_that_month(run: Runner, clock: FixedClock) -> None:
    a_sick_man(run, FAR)
    allow(run, FAR)
    pay(run, clock, 2027, 2)
    hired = Hire(uscc=USCC, ident=FAR, name="张秀䶮", started=date(2027, 1, 5))
    run.system(registry.hire, hired)
    assert list(owed(run)) == ["2026-12", "2027-01"]
    holds(run)


def test_a_death_ends_it_and_a_death_that_was_none_undoes_that(run: Runner, clock: FixedClock) -> None:
    person_id = a_sick_man(run, NEAR)
    before, part = balance(run, person_id), allow(run, NEAR).rates[0].account_fen
    pay(run, clock, 2027, 2)
    death = RegisterDeath(ident=NEAR, died=date(2027, 1, 3), document="死证 1", reported_by="儿子")
    run.system(registry.register_death, death)
    assert list(owed(run)) == ["2026-12", "2027-01"]
    assert before - balance(run, person_id) == Money(2 * part)
    holds(run)
    lives = WithdrawDeath(ident=NEAR, document="在世证明1", reason="登记错了人")
    run.system(registry.withdraw_death, lives)
    assert pay(run, clock, 2027, 3).n == 2
    assert before - balance(run, person_id) == Money(4 * part)
    holds(run)


def test_it_too_waits_for_a_proof_of_life(run: Runner, clock: FixedClock) -> None:
    person_id = a_sick_man(run, FAR)
    allow(run, FAR)
    pay(run, clock, 2027, 11)
    clock.at = datetime(2027, 11, 25, 2, 0, tzinfo=UTC)
    assert run.system(lapsing.run, RunLapses()).reminded == 1
    clock.at = datetime(2027, 12, 26, 2, 0, tzinfo=UTC)
    assert run.system(lapsing.run, RunLapses()).suspended == 1
    assert pay(run, clock, 2028, 2).n == 1, "December's; January and February wait"
    state = mine(run, FAR, person_id)
    assert state.stopped is not None
    assert (state.state, state.stopped.since) == ("stopped", "2028-01")
    proof = ProveMatch(ident=FAR, day=date(2028, 2, 9), source="医保住院结算")
    assert run.system(proving.prove_match, proof).payment == "resumed"
    assert pay(run, clock, 2028, 2).n == 2
    holds(run)


def test_who_may_not_have_it_is_told_why(run: Runner, clock: FixedClock) -> None:
    with_account(run, NEAR, months=240, balance="90000", index=10_000)
    with pytest.raises(allowance.StillInsured, match="2026-12"):
        allow(run, NEAR)
    a_sick_man(run, FAR, months=0)
    with pytest.raises(allowance.NeverPaid):
        allow(run, FAR)
    for days in (
        {"appraised": "2026-11-25"},
        {"applied": "2026-11-25"},
        {"appraised": "1960-01-01"},
        {"applied": "2026-11-09"},
    ):
        with pytest.raises(allowance.DaysWrong):
            allow(run, FAR, **days)
    with pytest.raises(allowance.TooEarly, match="2025-01-01"):
        allow(run, FAR, appraised="2024-02-29", applied="2024-12-31")
    clock.at = datetime(2027, 3, 1, 2, 0, tzinfo=UTC)
    with pytest.raises(allowance.AtLegalAge, match="2027-03-10"):
        allow(run, NEAR)
    run.system(pension.award, Award(ident=NEAR, retired="2027-03"))
    with pytest.raises(allowance.HasPension):
        allow(run, NEAR, applied="2026-12-01")


def test_it_is_decided_by_three_and_only_once(run: Runner) -> None:
    a_sick_man(run, FAR)
    command = Allow.model_validate({"ident": FAR, "document": PAPER, "appraised": "2026-11-10"})
    filed = items.perform(run.by(officer()), items.find("PEN-29"), command)
    assert isinstance(filed, items.Filed)
    for n in (2, 3):
        with pytest.raises(Refusal, match="病残津贴"):
            run.system(pension.viewing.mine, AskAllowance(ident=FAR))
        run.by(officer(f"officer:{n}", "复核"))(items.decide, filed.case_no, "approved", "")
    assert run.system(pension.viewing.mine, AskAllowance(ident=FAR)).kind == "basic"
    with pytest.raises(allowance.HasAllowance, match="2026-12"):
        allow(run, FAR)
