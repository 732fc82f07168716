"""Months billed before are settled: late declarations, wrong wages, who came or left late; to the fen, in every fund."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from backend.kernel import ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.kernel.rules import half_up
from backend.levy import service as levy
from backend.levy.certified import Certify
from backend.levy.model import Bill, Receipt
from backend.levy.reassessing import (
    NobodyNamed,
    NotBilledYet,
    NothingToReassess,
    SpanWrong,
    WageOfWhom,
)
from backend.levy.rules.reassessing import Billed, Shares, further
from backend.levy.schema import (
    AskEmployeeBases,
    AskEmployerReceipts,
    AskOwnLines,
    AskPersonBills,
    ChooseBase,
    Reassess,
    ReassessedView,
    ReverseReceipt,
)
from backend.pension import service as pension
from backend.pension.schema import AskStatement
from backend.registry import service as registry
from backend.registry.schema import Hire, Leave
from tests.backend.levy.town import (
    MIDDLE,
    SUN,
    WANG,
    WHOLE,
    ZHAO,
    a_town,
    at,
    bill,
    carried_out,
    contributions,
    declare,
    declare_all,
    flexible,
    owed,
    receive,
    sound,
)
from tests.backend.people import USCC, ZHANG, a_person

# of 10,000 yuan a month: 16 + 8, 9 + 2, 0.5 + 0.5 and 0.9 per cent
OF_MIDDLE = 160_000 + 80_000 + 90_000 + 20_000 + 5_000 + 5_000 + 9_000


@pytest.fixture
def billed(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    declare_all(run)
    bill(run)


def again(run: Runner, since: str = "2026-08", until: str = "2026-08", **more: Any) -> ReassessedView:
    given = {"uscc": USCC, "since": since, "until": until}
    return run.system(levy.reassess, Reassess.model_validate(given | more))


def balance(run: Runner, ident: str) -> tuple[int, int]:
    """Months paid, and what the account holds."""
    seen = run.system(pension.statement, AskStatement(ident=ident))
    return seen.months_paid, seen.balance_fen


def a_year_undeclared(run: Runner, clock: FixedClock) -> None:
    """Everything to June is paid; in July nobody has declared, and a tenth more is billed."""
    for month in ("2026-09", "2026-10", "2026-11", "2026-12", *(f"2027-0{n}" for n in range(1, 8))):
        at(clock, int(month[:4]), int(month[5:]), 5)
        if month > "2026-09":
            receive(run, f"P{month}", owed(run).owed_fen)
        bill(run, month)


def test_who_declares_late_is_settled_by_what_was_declared(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    """社会保险法 第六十二条: 110 % of 10,000 yuan was paid; 12,000 declared is more, and the base is the new one."""
    a_year_undeclared(run, clock)
    receive(run, "July", owed(run).owed_fen)
    assert contributions(run, ZHAO)[-1] == ("2027-07", 1_000_000, 88_000)
    before = balance(run, ZHAO)
    declare(run, ZHAO, 1_200_000, since="2027-07")
    done = again(run, "2027-07", "2027-07")
    right = (192_000, 96_000, 108_000, 24_000, 6_000, 6_000, 10_800)
    paid = (176_000, 88_000, 99_000, 22_000, 5_500, 5_500, 9_900)
    assert done.difference_fen == sum(right) - sum(paid)
    assert (done.supplement_fen, done.reduction_fen, done.lines) == (0, 0, 4)
    assert contributions(run, ZHAO)[-1] == ("2027-07", 1_000_000, 88_000), "it counts when it is paid"
    receive(run, "More", done.difference_fen)
    assert contributions(run, ZHAO)[-1] == ("2027-07", 1_200_000, 96_000)
    assert balance(run, ZHAO) == (before[0], before[1] + 8_000)
    sound(run)
    carried_out(run, "LEV-07", ReverseReceipt(channel="bank", reference="More", reason="银行退回"))
    assert contributions(run, ZHAO)[-1] == ("2027-07", 1_000_000, 88_000)
    assert balance(run, ZHAO) == before
    sound(run)
    with pytest.raises(NothingToReassess):
        again(run, "2027-07", "2027-07")


def test_a_month_is_shown_and_certified_once_with_what_was_added_later(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    a_year_undeclared(run, clock)
    receive(run, "July", owed(run).owed_fen)
    declare(run, ZHAO, 1_200_000, since="2027-07")
    done = again(run, "2027-07", "2027-07")
    assert july(run) == (1_200_000, 192_000, 96_000, False)
    [seen] = run.system(levy.employee_bases, AskEmployeeBases(uscc=USCC, ident=ZHAO)).employees
    assert seen.billed_fen == 1_200_000
    assert certified(run) == {("2026-08", "2027-07", 12)}, "it counts as it did"
    receive(run, "More", done.difference_fen)
    assert certified(run) == {("2026-08", "2027-07", 12)}
    assert july(run) == (1_200_000, 192_000, 96_000, True)


def july(run: Runner) -> tuple[int, int, int, bool]:
    """What the pension insurance of that month shows to the person."""
    lines = run.system(levy.own_lines, AskOwnLines(ident=ZHAO)).lines
    [one] = [line for line in lines if (line.month, line.insurance_name[:2]) == ("2027-07", "企业")]
    return one.base_fen, one.employer_fen, one.person_fen, one.paid


def certified(run: Runner) -> set[tuple[str, str, int]]:
    spans = run.system(levy.certify, Certify(ident=ZHAO)).spans
    return {(span.first, span.last, span.months) for span in spans}


def test_the_check_finds_a_bill_that_asks_other_than_its_lines(run: Runner, billed: None) -> None:
    def more(uow: Uow) -> int:
        bill = uow.session.scalars(select(Bill).where(Bill.insurance == "110").limit(1)).one()
        bill.due = bill.due + Money(100)
        return bill.id

    changed = run.system(more)
    [found] = run.system(levy.check)
    assert (found.question, found.where) == ("应收单的明细", f"应收单 {changed}")


def test_money_from_before_the_books_is_taken_back_without_them(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    run.system(levy.paid_before, Month(2026, 8))
    [known] = run.system(levy.receipts_of_employer, AskEmployerReceipts(uscc=USCC)).receipts
    carried_out(run, "LEV-07", ReverseReceipt(channel="bank", reference=known.reference, reason="银行退回"))
    assert owed(run).owed_fen == known.amount_fen
    assert run.system(ledger.trial_balance, run.system(ledger.this_month)) == ()
    sound(run)


def test_what_was_paid_too_much_waits_for_its_payer_in_the_books_of_each_fund(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    """110 % of 10,000 yuan was paid and 10,000 declared: a tenth of every share comes back."""
    a_year_undeclared(run, clock)
    receive(run, "July", owed(run).owed_fen)
    before = balance(run, ZHAO)
    declare(run, ZHAO, MIDDLE, since="2027-07")
    done = again(run, "2027-07", "2027-07")
    assert (done.reduction_fen, done.returned_fen) == (OF_MIDDLE // 10, OF_MIDDLE // 10)
    assert (done.difference_fen, done.supplement_fen) == (0, 0)
    seen = owed(run)
    assert (seen.owed_fen, seen.unallocated_fen) == (0, OF_MIDDLE // 10)
    assert contributions(run, ZHAO)[-1] == ("2027-07", 1_000_000, 80_000)
    assert balance(run, ZHAO) == (before[0], before[1] - 8_000)
    assert waiting(run) == OF_MIDDLE // 10
    sound(run)
    carried_out(run, "LEV-07", ReverseReceipt(channel="bank", reference="July", reason="银行退回"))
    assert waiting(run) == 0
    sound(run)


def waiting(run: Runner) -> int:
    month = run.system(ledger.this_month)
    lines = run.system(ledger.trial_balance, month)
    return sum(-line.closing_fen for line in lines if line.account.kind == "unallocated_receipts")


def test_what_is_not_paid_yet_is_lowered(run: Runner, clock: FixedClock, billed: None) -> None:
    a_year_undeclared(run, clock)
    before = owed(run).owed_fen
    declare(run, ZHAO, MIDDLE, since="2027-07")
    done = again(run, "2027-07", "2027-07")
    assert (done.reduction_fen, done.returned_fen) == (OF_MIDDLE // 10, 0)
    assert owed(run).owed_fen == before - OF_MIDDLE // 10
    receive(run, "July", owed(run).owed_fen)
    assert contributions(run, ZHAO)[-1] == ("2027-07", 1_000_000, 80_000)
    sound(run)


def test_money_given_back_pays_what_is_wanting_elsewhere(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    a_year_undeclared(run, clock)
    receive(run, "July", owed(run).owed_fen)
    declare(run, ZHAO, MIDDLE, since="2027-07")
    declare(run, WANG, MIDDLE, since="2027-07")
    done = again(run, "2027-07", "2027-07")
    assert done.difference_fen > 0
    assert done.returned_fen == OF_MIDDLE // 10
    assert owed(run).owed_fen == done.difference_fen - done.returned_fen
    sound(run)


def test_a_bill_completed_by_lowering_counts(run: Runner, clock: FixedClock, billed: None) -> None:
    a_year_undeclared(run, clock)
    receive(run, "July", owed(run).owed_fen - OF_MIDDLE // 10)
    assert len(contributions(run, ZHAO)) == 11
    declare(run, ZHAO, MIDDLE, since="2027-07")
    again(run, "2027-07", "2027-07")
    assert owed(run).owed_fen == 0
    assert contributions(run, ZHAO)[-1] == ("2027-07", 1_000_000, 80_000)
    sound(run)


def test_who_was_hired_late_is_made_good_in_a_bill_of_this_month(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    a_person(run, ZHANG)
    at(clock, 2026, 9, 28)
    bill(run, "2026-09")
    run.system(registry.hire, Hire(uscc=USCC, ident=ZHANG, name="张秀䶮", started=date(2026, 8, 3)))
    declare(run, ZHANG, MIDDLE)
    done = again(run, until="2026-09")
    assert (done.supplement_fen, done.lines) == (2 * OF_MIDDLE, 8)
    new = [one for one in owed(run).bills if str(one.due_day) == "2026-10-25"]
    assert sum(one.due_fen for one in new) == 2 * OF_MIDDLE, "the due day of September is over"
    receive(run, "Whole", owed(run).owed_fen)
    assert contributions(run, ZHANG) == [("2026-08", 1_000_000, 80_000), ("2026-09", 1_000_000, 80_000)]
    assert balance(run, ZHANG) == (2, 160_000)
    sound(run)


def test_who_had_left_is_taken_off_and_counts_no_longer(run: Runner, clock: FixedClock, billed: None) -> None:
    receive(run, "B0001", WHOLE)
    assert balance(run, ZHAO)[0] == 1
    run.system(registry.leave, Leave(uscc=USCC, ident=ZHAO, ended=date(2026, 7, 31), reason="6301"))
    done = again(run)
    assert (done.reduction_fen, done.returned_fen) == (OF_MIDDLE, OF_MIDDLE)
    assert contributions(run, ZHAO) == []
    assert balance(run, ZHAO) == (0, 0)
    sound(run)


def test_a_wage_found_to_be_wrong_is_put_right_for_one_person_and_these_months(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    receive(run, "B0001", WHOLE)
    done = again(run, ident=ZHAO, wage_fen=1_100_000)
    assert done.difference_fen == OF_MIDDLE // 10
    lower = again(run, ident=ZHAO, wage_fen=900_000)
    assert (lower.reduction_fen, lower.returned_fen) == (OF_MIDDLE // 5, OF_MIDDLE // 10)
    assert owed(run).owed_fen == 0, "the difference that was never paid is gone, the rest goes back"
    assert contributions(run, ZHAO) == [("2026-08", 900_000, 72_000)]
    sound(run)


def test_a_flexible_worker_is_settled_too(run: Runner, clock: FixedClock) -> None:
    at(clock, 2026, 8, 5)
    flexible(run, ZHAO)
    flexible(run, SUN)
    run.system(levy.choose_base, ChooseBase(ident=SUN, since="2026-08", base_fen=1_000_000))
    bill(run)
    run.system(levy.choose_base, ChooseBase(ident=ZHAO, since="2026-08", base_fen=1_000_000))
    done = again(run, uscc=None, ident=ZHAO)
    assert done.supplement_fen == 200_000
    receive(run, "F0001", 200_000, payer=ZHAO)
    assert run.system(levy.of_person, AskPersonBills(ident=ZHAO)).owed_fen == 0
    assert contributions(run, ZHAO) == [("2026-08", 1_000_000, 80_000)]
    sound(run)


def test_the_next_undeclared_month_rests_on_the_month_as_it_was_put_right(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    a_year_undeclared(run, clock)
    declare(run, ZHAO, MIDDLE, since="2027-07")
    again(run, "2027-07", "2027-07")
    at(clock, 2027, 8, 5)
    assert bill(run, "2027-08").n == 12
    sound(run)


def test_what_cannot_be_reassessed_is_said(run: Runner, clock: FixedClock, billed: None) -> None:
    for refusal, wrong in (
        (NobodyNamed, {"uscc": None}),
        (WageOfWhom, {"wage_fen": 1}),
        (SpanWrong, {"until": "2026-07"}),
        (SpanWrong, {"since": "2010-01"}),
        (NotBilledYet, {"until": "2026-09"}),
        (NothingToReassess, {}),
    ):
        with pytest.raises(refusal):
            again(run, **wrong)


def test_another_person_approves(run: Runner, clock: FixedClock, billed: None) -> None:
    receive(run, "B0001", WHOLE)
    carried_out(
        run, "LEV-16", Reassess(uscc=USCC, ident=ZHAO, since="2026-08", until="2026-08", wage_fen=1_100_000)
    )
    assert owed(run).owed_fen == OF_MIDDLE // 10


@given(
    right=st.builds(Shares, *[st.integers(1, 10**7)] * 3, st.integers(0, 10**7)),
    billed=st.lists(
        st.builds(Shares, *[st.integers(0, 10**7)] * 3, st.integers(-(10**6), 10**7)), max_size=4
    ),
)
def test_all_lines_together_are_what_it_should_be_and_none_takes_more_than_there_is(
    right: Shares, billed: list[Shares]
) -> None:
    known = [Billed(n, shares) for n, shares in enumerate(billed, 1)]
    lines = further(right, known)
    total = sum((line.shares for line in lines), sum(billed, Shares()))
    assert (total.employer, total.person) == (right.employer, right.person)
    assert not lines or total.relief == right.relief
    for one in known:
        left = sum((line.shares for line in lines if line.run_id == one.run_id), one.shares)
        assert left.employer >= 0
        assert left.person >= 0


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(wages=st.lists(st.integers(1, 5_000_000), min_size=1, max_size=4), paid=st.integers(1, 2 * WHOLE))
def test_whatever_is_found_and_paid_in_between_the_books_agree(
    run: Runner, clock: FixedClock, wages: list[int], paid: int
) -> None:
    """In one town that goes on and on: a wage is put right, money comes, and nothing is lost."""
    known = run.system(_receipts)
    if not known:
        a_town(run, clock)
        declare_all(run)
        bill(run)
    for n, wage in enumerate(wages):
        with suppress(NothingToReassess):
            again(run, ident=ZHAO, wage_fen=wage)
        receive(run, f"H{known:04d}-{n}", paid)
        sound(run)
    seen = owed(run)
    assert seen.owed_fen == 0 or seen.unallocated_fen == 0
    if not seen.owed_fen:
        base = min(max(wages[-1], 754_600), 3_773_100)
        assert contributions(run, ZHAO)[0][2] == half_up(base * 8, 100)


def _receipts(uow: Uow) -> int:
    return uow.session.query(Receipt).count()
