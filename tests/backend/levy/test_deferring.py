"""Agreements to pay later: what they spare, how they are kept or broken, and what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from backend.kernel import files
from backend.kernel.calculators import run as calculate
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.sentences import Invalid
from backend.levy import service as levy
from backend.levy.deferred import AskDeferrals, Defer, DeferralView, EndDeferral
from backend.levy.deferring import (
    DeferralRunning,
    DocumentUsed,
    EndedAlready,
    FirstPartPassed,
    NothingToDefer,
    TooLong,
    TooManyParts,
)
from backend.levy.rules.deferring import Part, Plan
from backend.levy.schema import AskArrears, ReverseReceipt
from tests.backend.levy.test_receipt_files import line, take, written, yuan
from tests.backend.levy.town import (
    DUES,
    WHOLE,
    a_town,
    at,
    bill,
    carried_out,
    declare_all,
    owed,
    receive,
    sound,
)
from tests.backend.people import USCC, officer

NO = "沪社保缓〔2026〕1号"
THIRD = WHOLE // 3 + 1


@pytest.fixture
def billed(run: Runner, clock: FixedClock) -> None:
    """August's dues of the three are fifteen days late: it is the ninth of September."""
    a_town(run, clock)
    declare_all(run)
    bill(run)
    at(clock, 2026, 9, 9)


def a_file(run: Runner) -> str:
    return str(run.by(officer())(files.keep, name="担保.pdf", content=b"%PDF-1.7 guarantee").file)


def deferred(run: Runner, **changed: Any) -> DeferralView:
    """Three parts from September, by two officers; they are due on the 25th."""
    given = {
        "uscc": USCC,
        "document": NO,
        "parts": 3,
        "first": "2026-09",
        "guarantee": "mortgage",
        "file": a_file(run),
        "reason": "停工停产，暂时没有收入",
    }
    carried_out(run, "LEV-21", Defer.model_validate(given | changed))
    return agreement(run)


def agreement(run: Runner) -> DeferralView:
    return run.system(levy.deferrals, AskDeferrals()).deferrals[0]


def fee(days: int) -> int:
    return sum((2 * fen * days * 500 + 1_000_000) // 2_000_000 for fen in DUES.values())


def test_what_is_owed_is_put_off_in_parts_that_add_up(run: Runner, billed: None) -> None:
    seen = deferred(run)
    assert (seen.state, seen.amount_fen, seen.open_fen, seen.since) == (
        "running",
        WHOLE,
        WHOLE,
        date(2026, 9, 9),
    )
    assert [one.due_day for one in seen.parts] == [date(2026, 9, 25), date(2026, 10, 25), date(2026, 11, 25)]
    assert sum(one.amount_fen for one in seen.parts) == WHOLE
    assert owed(run).deferrals == (seen,)
    assert run.system(levy.arrears, AskArrears()).payers[0].deferred_fen == WHOLE


def test_days_of_an_agreement_that_is_kept_raise_no_late_fee(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    """Fourteen days before it began, from 26 August to 8 September; nothing while it is kept."""
    deferred(run)
    for month, reference in ((9, "B0001"), (10, "B0002"), (11, "B0003")):
        at(clock, 2026, month, 20)
        assert {one.days for one in owed(run).fees} == {14}
        receive(run, reference, min(THIRD, agreement(run).open_fen))
    seen = agreement(run)
    assert (seen.state, seen.open_fen, [one.state for one in seen.parts]) == ("kept", 0, ["paid"] * 3)
    raised = [one for one in owed(run).fees if one.raised]
    assert {(one.days, one.deferred) for one in raised} == {(14, True)}
    assert sum(one.fee_fen for one in raised) == pytest.approx(fee(14), abs=12), "a part may round either way"
    sound(run)


def test_a_part_that_is_short_ends_it_on_its_day_and_fees_run_from_the_next(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    """Nothing came by 25 September: of 45 days to 9 October, 14 before it began and 14 after it ended are charged."""
    deferred(run)
    at(clock, 2026, 9, 25)
    assert agreement(run).state == "running"
    at(clock, 2026, 9, 26)
    seen = agreement(run)
    assert (seen.state, seen.stopped_on, seen.parts[0].state) == ("broken", date(2026, 9, 25), "short")
    assert run.system(levy.arrears, AskArrears()).payers[0].deferred_fen == 0
    at(clock, 2026, 10, 9)
    receive(run, "B0001", WHOLE)
    assert owed(run).owed_fen == fee(14 + 14)
    assert agreement(run).state == "broken", "what comes too late mends nothing"
    sound(run)


def test_money_that_was_there_in_time_counts_whenever_it_is_entered_and_not_once_it_is_reversed(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    deferred(run)
    at(clock, 2026, 9, 28)
    receive(run, "B0001", THIRD, received_on="2026-09-24")
    assert agreement(run).state == "running"
    carried_out(run, "LEV-07", ReverseReceipt(channel="bank", reference="B0001", reason="银行退回"))
    assert (agreement(run).state, agreement(run).stopped_on) == ("broken", date(2026, 9, 25))
    sound(run)


def test_a_file_knows_the_agreement_as_a_single_receipt_does(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    """Its second receipt comes after a part that the first has not filled."""
    deferred(run)
    at(clock, 2026, 10, 9)
    lines = (
        line("F0001", USCC, yuan(100), "20260920"),
        line("F0002", USCC, yuan(WHOLE - 100), "20261009"),
    )
    take(run, written(*lines, head="H|bank|20261009"), day=date(2026, 10, 9))
    fees = {one.days for one in owed(run).fees}
    assert fees <= {14, 28}
    assert owed(run).owed_fen == pytest.approx(fee(28), abs=4)
    sound(run)


def test_ended_before_its_time_its_days_stay_spared(run: Runner, clock: FixedClock, billed: None) -> None:
    deferred(run)
    at(clock, 2026, 9, 14)
    carried_out(run, "LEV-22", EndDeferral(document=NO, reason="转移了担保财产"))
    at(clock, 2026, 9, 24)
    assert (agreement(run).state, owed(run).fee_fen) == ("ended", fee(14 + 10))
    receive(run, "B0001", owed(run).settle_fen)
    assert owed(run).owed_fen == 0, "what settles everything is what paying it raises"
    with pytest.raises(EndedAlready):
        run.system(levy.end_deferral, EndDeferral(document=NO, reason="又一次"))


def test_what_may_not_be_agreed_is_refused_in_a_sentence(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    file = a_file(run)

    def ask(**changed: Any) -> DeferralView:
        given = {
            "uscc": USCC,
            "document": NO,
            "parts": 3,
            "first": "2026-09",
            "guarantee": "surety",
            "file": file,
            "reason": "暂时没有收入",
        }
        return run.system(levy.defer, Defer.model_validate(given | changed))

    with pytest.raises(FirstPartPassed, match="2026-08-25"):
        ask(first="2026-08")
    with pytest.raises(TooLong, match="最长 12 个月"):
        ask(parts=2, first="2027-08")
    with pytest.raises(ValidationError):
        ask(parts=13)
    receive(run, "B0001", WHOLE - 2)
    with pytest.raises(TooManyParts):
        ask()
    assert ask(parts=1).warnings == (
        "“缓缴期间的滞纳金（waived 免收，charged 照收）”没有核实过，依据是："
        "实施社会保险法若干规定（人社部令第13号）第二十二条：提供担保并签订缓缴协议的，免收缓缴期间的滞纳金；没有核对原文。"
        "请以当地经办机构的核定为准。",
    )
    with pytest.raises(DocumentUsed):
        ask()
    with pytest.raises(DeferralRunning):
        ask(document="沪社保缓〔2026〕2号")
    receive(run, "B0002", 2)
    with pytest.raises(NothingToDefer):
        ask(document="沪社保缓〔2026〕2号")


def test_a_bill_is_put_off_once_and_nobody_changes_an_agreement(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    deferred(run)
    at(clock, 2026, 9, 26)
    with pytest.raises(NothingToDefer):
        run.system(
            levy.defer,
            Defer(
                uscc=USCC,
                document="沪社保缓〔2026〕2号",
                parts=1,
                first="2026-10",
                guarantee="pledge",
                file=a_file(run),
                reason="再缓一次",
            ),
        )
    for change in ("update levy.deferral set amount = 1", "update levy.deferral_part set amount = 1"):

        def tamper(uow: Uow, change: str = change) -> None:
            uow.session.execute(text(change))

        with pytest.raises(ProgrammingError):
            run.system(tamper)


def test_what_is_given_up_since_is_asked_for_no_longer() -> None:
    """Of 100, forty were written off: sixty by the first day keep it, and nothing is left."""
    plan = Plan(
        date(2026, 9, 1),
        (Part(date(2026, 9, 25), 60), Part(date(2026, 10, 25), 40)),
        [(date(2026, 9, 3), 60)],
        0,
    )
    assert plan.broken_on(date(2027, 1, 1)) is None
    assert plan.state(date(2026, 9, 4)) == "kept"


@pytest.mark.parametrize(
    ("since", "until", "days", "charged"),
    [
        ("2026-02-01", "2026-02-10", 34, "1700.00"),
        ("2026-01-01", "2026-03-31", 0, "0.00"),
        ("2026-03-11", "2026-04-01", 44, "2200.00"),
        ("2026-01-01", "2026-01-26", 43, "2150.00"),
    ],
)
def test_the_public_calculator_takes_the_days_off(since: str, until: str, days: int, charged: str) -> None:
    known = {"amount": "100000", "due": "2026-01-25", "paid": "2026-03-10"}
    got = calculate("late-fee", known | {"deferred_from": since, "deferred_until": until})
    assert (got["days"], got["fee"]) == (days, charged)


def test_half_a_span_and_one_that_ends_before_it_begins_are_told() -> None:
    known = {"amount": "100", "due": "2026-01-25", "paid": "2026-03-10"}
    for given, field in (
        ({"deferred_from": "2026-02-01"}, "deferred_until"),
        ({"deferred_until": "2026-02-01"}, "deferred_from"),
        ({"deferred_from": "2026-02-02", "deferred_until": "2026-02-01"}, "deferred_until"),
    ):
        with pytest.raises(Invalid) as refused:
            calculate("late-fee", known | given)
        assert list(refused.value.fields) == [field]
