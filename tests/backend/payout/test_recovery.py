"""Overpaid benefits come back: in one go, by instalments, out of later months; never more than was claimed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from backend.kernel import items, ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.period import Month
from backend.kernel.pooling import BeyondReach
from backend.payout import accounts
from backend.payout import service as payout
from backend.payout.recovery import repaying, rules
from backend.payout.recovery.listing import listed
from backend.payout.recovery.schema import (
    AgreeInstalments,
    AgreeOffset,
    AskMine,
    AskRecoveries,
    ClaimOverpaid,
    RecoveryView,
    Repay,
    WithdrawClaim,
)
from backend.pension import service as pension
from backend.pension import stopping
from backend.pension.schema import Award, Suspend
from tests.backend.payout.books import agree
from tests.backend.payout.city import fund
from tests.backend.pension.test_service import MAN, pay_from, with_account
from tests.backend.people import LI, ZHANG, a_person, citizen, officer

DOC = "沪人社追〔2026〕12号"


@pytest.fixture
def man(run: Runner) -> int:
    """In payment here since October, which is run."""
    fund(run)
    person_id = with_account(run, MAN, months=360, balance="182340.15", index=10_500)
    run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    run.system(pay_from, person_id, Month(2026, 10))
    run.system(pension.pay_month, Month(2026, 10), "second")
    return person_id


def claim(run: Runner, fen: int = 100_000, ident: str = MAN, document: str = DOC) -> RecoveryView:
    return run.system(
        repaying.claim_overpaid,
        ClaimOverpaid(ident=ident, amount_fen=fen, reason="07", note="八月、九月多算", document=document),
    )


def repay(run: Runner, recovery: int, fen: int, slip: str = "回单1") -> RecoveryView:
    return run.system(repaying.repay, Repay(recovery=recovery, amount_fen=fen, document=slip))


def offset(run: Runner, recovery: int, percent: int = 20) -> RecoveryView:
    return run.system(
        repaying.agree_offset, AgreeOffset(recovery=recovery, percent=percent, document="抵扣1")
    )


def mine(run: Runner) -> list[RecoveryView]:
    return list(run.system(lambda uow: payout.listing.mine(uow, AskMine(ident=MAN))).recoveries)


def claims(run: Runner) -> int:
    return run.system(lambda uow: ledger.balance(uow, accounts.claims(uow)))


def deposit(run: Runner) -> int:
    return run.system(lambda uow: ledger.balance(uow, accounts.expenditure(uow)))


def test_a_claim_is_booked_once_and_returned_in_one_go(run: Runner, man: int) -> None:
    one = claim(run)
    assert (one.left_fen, one.state, one.reason) == (100_000, "open", "核定或者计算有误")
    assert claims(run) == 100_000
    with pytest.raises(repaying.ClaimedAlready):
        claim(run)
    before = deposit(run)
    done = repay(run, one.recovery, 100_000)
    assert (done.left_fen, done.state) == (0, "closed")
    assert (claims(run), deposit(run) - before) == (0, 100_000)
    with pytest.raises(repaying.SettledAlready):
        repay(run, one.recovery, 1, "回单2")
    assert agree(run)


def test_a_slip_counts_once_and_no_fen_comes_back_too_many(run: Runner, man: int) -> None:
    one = claim(run)
    assert repay(run, one.recovery, 40_000).left_fen == 60_000
    with pytest.raises(repaying.SlipUsed):
        repay(run, one.recovery, 40_000)
    with pytest.raises(repaying.TooMuchBack, match=r"600\.00"):
        repay(run, one.recovery, 60_001, "回单2")
    with pytest.raises(NotFound):
        repay(run, one.recovery + 9, 1)
    assert claims(run) == 60_000
    assert agree(run)


def test_instalments_add_up_and_what_is_late_is_told(run: Runner, man: int, clock: FixedClock) -> None:
    one = claim(run, 100_001)
    repay(run, one.recovery, 1, "回单0")
    plan = run.system(
        repaying.agree_instalments,
        AgreeInstalments(recovery=one.recovery, instalments=3, first="2026-11", document="协议1"),
    )
    assert [(part.due, part.amount_fen) for part in plan.instalments] == [
        ("2026-11", 33_334),
        ("2026-12", 33_333),
        ("2027-01", 33_333),
    ]
    assert (plan.way, plan.agreement, plan.overdue_fen) == ("instalments", "协议1", 0)
    clock.at = datetime(2027, 1, 5, 2, 0, tzinfo=UTC)
    assert repay(run, one.recovery, 40_000).overdue_fen == 26_667
    late = run.system(listed, AskRecoveries(state="overdue")).recoveries
    assert [(view.recovery, view.state) for view in late] == [(one.recovery, "overdue")]
    again = run.system(
        repaying.agree_instalments,
        AgreeInstalments(recovery=one.recovery, instalments=2, first="2027-01", document="协议2"),
    )
    assert [part.amount_fen for part in again.instalments] == [30_000, 30_000]
    assert again.overdue_fen == 0
    repay(run, one.recovery, 60_000, "回单9")
    assert run.system(listed, AskRecoveries(state="overdue")).recoveries == ()
    assert len(run.system(listed, AskRecoveries(state="closed")).recoveries) == 1
    assert agree(run)


@pytest.mark.parametrize(
    ("n", "first", "refusal"),
    [
        (61, "2026-11", repaying.TooManyInstalments),
        (2, "2026-10", repaying.FirstPassed),
        (11, "2026-11", repaying.TooFewFen),
    ],
)
def test_a_plan_has_a_beginning_ahead_and_parts_of_whole_fen(
    run: Runner, man: int, n: int, first: str, refusal: type[Refusal]
) -> None:
    one = claim(run, 10)
    with pytest.raises(refusal):
        run.system(
            repaying.agree_instalments,
            AgreeInstalments(recovery=one.recovery, instalments=n, first=first, document="协议1"),
        )


def test_a_share_of_each_month_is_kept_back_until_it_is_paid_off(
    run: Runner, man: int, clock: FixedClock
) -> None:
    [paid] = run.system(payout.of_person, man, 12)
    gross = paid.amount_fen
    share = gross * 20 // 100
    one = offset_view = offset(run, claim(run, 2 * share + 5).recovery)
    assert (offset_view.way, offset_view.percent) == ("offset", 20)
    batch = run.system(pension.pay_month, Month(2026, 11), "second")
    assert batch.total_fen == gross - share
    [november, _] = run.system(payout.of_person, man, 12)
    assert (november.amount_fen, november.kept_fen) == (gross - share, share)
    assert mine(run)[0].left_fen == claims(run) == share + 5
    clock.at = datetime(2027, 1, 5, 2, 0, tzinfo=UTC)
    batch = run.system(pension.pay_month, Month(2027, 1), "second")  # with December: two months, one debt
    assert batch.total_fen == 2 * gross - share - 5
    assert (mine(run)[0].state, claims(run)) == ("closed", 0)
    assert agree(run)
    clock.at = datetime(2027, 2, 5, 2, 0, tzinfo=UTC)
    assert run.system(pension.pay_month, Month(2027, 2), "second").total_fen == gross
    assert [back.way for back in mine(run)[0].repayments] == ["offset"] * 3
    assert one.recovery == mine(run)[0].recovery


def test_the_oldest_of_two_debts_is_paid_off_first(run: Runner, man: int, clock: FixedClock) -> None:
    old, new = (offset(run, claim(run, 500, document=f"{DOC}-{no}").recovery) for no in (1, 2))
    run.system(pension.pay_month, Month(2026, 11), "second")
    assert {one.recovery: one.left_fen for one in mine(run)} == {old.recovery: 0, new.recovery: 500}
    assert agree(run)


def test_a_month_that_was_not_due_after_all_owes_again_what_was_kept_back_of_it(
    run: Runner, man: int
) -> None:
    one = offset(run, claim(run, 100_000).recovery)
    run.system(pension.pay_month, Month(2026, 11), "second")
    kept = 100_000 - mine(run)[0].left_fen
    run.system(stopping.suspend, Suspend(ident=MAN, since="2026-11", reason="02", document=DOC))
    views = {view.recovery: view.left_fen for view in mine(run)}
    assert views.pop(one.recovery) == 100_000 - kept
    assert list(views.values()) == [kept]
    assert claims(run) == 100_000
    assert agree(run)


def withdraw(run: Runner, recovery: int) -> RecoveryView:
    return run.system(repaying.withdraw, WithdrawClaim(recovery=recovery, document="撤1"))


def test_a_claim_that_was_wrong_is_withdrawn_and_the_month_pays_whole(run: Runner, man: int) -> None:
    one = offset(run, claim(run).recovery)
    [paid] = run.system(payout.of_person, man, 12)
    done = withdraw(run, one.recovery)
    assert (done.left_fen, done.state, done.repayments[0].way) == (0, "closed", "withdrawn")
    assert claims(run) == 0
    assert run.system(pension.pay_month, Month(2026, 11), "second").total_fen == paid.amount_fen
    assert agree(run)
    with pytest.raises(repaying.SettledAlready):
        withdraw(run, one.recovery)


def test_what_came_back_or_was_found_by_a_stop_is_not_withdrawn(run: Runner, man: int) -> None:
    one = claim(run)
    repay(run, one.recovery, 1)
    with pytest.raises(repaying.BackAlready, match=r"0\.01"):
        withdraw(run, one.recovery)
    two = offset(run, claim(run, document=f"{DOC}-2").recovery)
    run.system(pension.pay_month, Month(2026, 11), "second")
    run.system(stopping.suspend, Suspend(ident=MAN, since="2026-11", reason="02", document=DOC))
    [found] = [view for view in mine(run) if view.recovery > two.recovery]
    with pytest.raises(repaying.FoundByStop):
        withdraw(run, found.recovery)
    assert agree(run)


def test_no_more_than_the_highest_share_is_kept_back(run: Runner, man: int) -> None:
    with pytest.raises(repaying.ShareTooLarge, match="百分之20"):
        offset(run, claim(run).recovery, 21)


def test_a_run_and_nothing_to_keep_back_of_it(run: Runner, man: int) -> None:
    """A debt of somebody who draws nothing leaves the others' month as it is."""
    a_person(run, ZHANG)
    offset(run, claim(run, ident=ZHANG).recovery)
    [before] = run.system(payout.of_person, man, 12)
    assert run.system(pension.pay_month, Month(2026, 11), "second").total_fen == before.amount_fen
    assert claims(run) == 100_000


def test_everybody_sees_their_own_debts_and_officers_those_of_their_area(run: Runner, man: int) -> None:
    claim(run)
    other = a_person(run, LI, area="310115")
    claim(run, ident=LI)
    seen = items.perform(run.by(citizen(LI, other)), items.find("PAY-Q4"), AskMine(ident=LI))
    assert len(seen.recoveries) == 1  # type: ignore[union-attr]
    with pytest.raises(items.NotYours):
        items.perform(run.by(citizen(LI, other)), items.find("PAY-Q4"), AskMine(ident=MAN))
    here = items.perform(run.by(officer(area="310115")), items.find("PAY-Q3"), AskRecoveries())
    assert len(here.recoveries) == 1  # type: ignore[union-attr]


def test_a_part_of_the_city_claims_nothing_for_the_whole(run: Runner, man: int) -> None:
    with pytest.raises(BeyondReach):
        run.by(officer(area="310101"))(
            repaying.claim_overpaid,
            ClaimOverpaid(ident=MAN, amount_fen=1, reason="07", note="多算", document=DOC),
        )


@pytest.mark.parametrize(
    "statement",
    [
        "update payout.recovery set amount = 1",
        "update payout.repayment set amount = 1",
        "delete from payout.repayment",
        "delete from payout.recovery",
        "delete from payout.stop",
        "update payout.stop set since = date '2020-01-01'",
        "update payout.payable set amount = 1",
    ],
)
def test_the_database_keeps_what_was_claimed_and_what_came_back(
    run: Runner, man: int, statement: str
) -> None:
    claim(run)
    with pytest.raises(ProgrammingError, match="permission denied"):
        run.system(lambda uow: uow.session.execute(text(statement)))


def test_no_claim_goes_below_nothing(run: Runner, man: int) -> None:
    claim(run)
    with pytest.raises(IntegrityError, match="within"):
        run.system(lambda uow: uow.session.execute(text('update payout.recovery set "left" = -1')))


def spoil(uow: Uow, statement: str) -> None:
    uow.session.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "question"),
    [
        ("update payout.payable set state = 'paid', settled_at = now()", "应付和在途"),
        ("update payout.payable set state = 'collected'", "发放状态"),
        ('update payout.recovery set "left" = "left" - 1', "追回"),
        ('update payout.recovery set "left" = "left" - 1', "支出和暂付"),
        (
            "update payout.payable set state = 'cancelled', cancelled_at = now()",
            "支出和暂付",
        ),
        ("update payout.batch set n = n + 1", "笔数和合计"),
    ],
)
def test_the_check_finds_what_does_not_agree(run: Runner, man: int, statement: str, question: str) -> None:
    claim(run)
    assert run.system(payout.check) == []
    run.system(spoil, statement)
    assert question in {one.question for one in run.system(payout.check)}


@given(fen=st.integers(1, 10**12), parts=st.integers(1, 60))
def test_parts_add_up_and_differ_by_one_fen(fen: int, parts: int) -> None:
    made = rules.split(fen, parts)
    assert sum(made) == fen
    assert len(made) == min(parts, fen)
    assert max(made) - min(made) <= 1
