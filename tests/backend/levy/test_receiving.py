"""Receipts: whole, partial, too much, unknown, twice, late, reversed, refunded; and what the accounts get."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from backend.kernel import ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Clash, Runner, Uow
from backend.levy import service as levy
from backend.levy.adjusting import NothingOwed
from backend.levy.receiving import (
    HasPayer,
    LaterMoneyOnIt,
    NothingWaiting,
    PayerUnknown,
    ReceivedAhead,
    RefundedAlready,
    ReversedAlready,
    TakenAlready,
)
from backend.levy.schema import (
    AllocateReceipt,
    AskArrears,
    AskEmployerReceipts,
    RefundReceipt,
    ReverseReceipt,
    WriteOff,
)
from backend.pension import service as pension
from backend.pension.schema import AskStatement
from tests.backend.levy.town import (
    DUES,
    SUN,
    WANG,
    WHOLE,
    ZHAO,
    a_town,
    at,
    bill,
    carried_out,
    contributions,
    declare_all,
    flexible,
    owed,
    receive,
    sound,
)
from tests.backend.people import USCC, ZHANG

LATE = 15  # days from 25 August to 9 September


@pytest.fixture
def billed(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    declare_all(run)
    bill(run)


def reverse(run: Runner, reference: str, channel: str = "bank") -> None:
    carried_out(run, "LEV-07", ReverseReceipt(channel=channel, reference=reference, reason="银行退回"))


def test_paid_in_time_and_whole_the_accounts_get_their_part(run: Runner, billed: None) -> None:
    seen = receive(run, "B0001", WHOLE)
    assert (seen.dues_fen, seen.late_fee_fen, seen.unallocated_fen) == (WHOLE, 0, 0)
    assert owed(run).owed_fen == 0
    assert contributions(run, ZHAO) == [("2026-08", 1_000_000, 80_000)]
    assert contributions(run, SUN) == [("2026-08", 3_773_100, 301_848)]
    statement = run.system(pension.statement, AskStatement(ident=ZHAO))
    year = statement.years[-1]
    assert (statement.months_paid, year.year, year.months, year.credited_fen) == (1, 2026, 1, 80_000)
    assert statement.balance_fen == 80_000
    sound(run)


def test_in_part_nobody_is_credited_until_the_rest_has_come(run: Runner, billed: None) -> None:
    receive(run, "B0001", WHOLE - 1)
    assert contributions(run, ZHAO) == []
    assert owed(run).owed_fen == 1
    receive(run, "B0002", 1)
    assert contributions(run, ZHAO) == [("2026-08", 1_000_000, 80_000)]
    sound(run)


def test_a_part_is_shared_out_over_the_insurances_to_the_last_fen(run: Runner, billed: None) -> None:
    receive(run, "B0001", 1_000_001)
    paid = {one.insurance_name: one.paid_fen for one in owed(run).bills}
    assert sum(paid.values()) == 1_000_001
    assert abs(paid["企业职工基本养老保险"] - 1_000_001 * DUES["110"] // WHOLE) <= 1
    sound(run)


def test_too_much_waits_and_pays_the_next_month(run: Runner, clock: FixedClock, billed: None) -> None:
    receive(run, "B0001", WHOLE + 777)
    assert owed(run).unallocated_fen == 777
    at(clock, 2026, 9, 5)
    bill(run, "2026-09")
    seen = owed(run)
    assert (seen.unallocated_fen, seen.owed_fen) == (0, WHOLE - 777)
    sound(run)


def test_from_nobody_known_it_waits_until_somebody_says_whose_it_is(run: Runner, billed: None) -> None:
    seen = receive(run, "B0009", WHOLE, payer="某某公司")
    assert (seen.unallocated_fen, seen.dues_fen) == (WHOLE, 0)
    with pytest.raises(PayerUnknown):
        run.system(levy.allocate, AllocateReceipt(channel="bank", reference="B0009", payer="某某公司"))
    carried_out(run, "LEV-06", AllocateReceipt(channel="bank", reference="B0009", payer=USCC))
    assert owed(run).owed_fen == 0
    assert contributions(run, WANG) == [("2026-08", 754_600, 60_368)]
    sound(run)
    with pytest.raises(NothingWaiting):
        run.system(levy.allocate, AllocateReceipt(channel="bank", reference="B0009", payer=USCC))


def test_one_reference_is_taken_once_and_not_before_its_day(run: Runner, billed: None) -> None:
    receive(run, "B0001", 500)
    with pytest.raises(TakenAlready):
        receive(run, "B0001", 500)
    receive(run, "B0001", 500, channel="tax")
    with pytest.raises(ReceivedAhead):
        receive(run, "B0002", 500, received_on="2026-08-06")


def test_a_reference_is_free_again_once_its_receipt_was_reversed(run: Runner, billed: None) -> None:
    """Each time it is one receipt, with lines of its own in the ledger; the reversed ones keep their trace."""
    for _ in range(2):
        receive(run, "B0001", WHOLE)
        with pytest.raises(TakenAlready):
            receive(run, "B0001", WHOLE)
        reverse(run, "B0001")
        with pytest.raises(ReversedAlready):
            run.system(levy.reverse, ReverseReceipt(channel="bank", reference="B0001", reason="又一次"))
    receive(run, "B0001", WHOLE + 300)
    carried_out(run, "LEV-08", RefundReceipt(channel="bank", reference="B0001", reason="多缴"))
    seen = run.system(levy.receipts_of_employer, AskEmployerReceipts(uscc=USCC)).receipts
    assert [(one.amount_fen, one.reversed) for one in seen] == [
        (WHOLE + 300, False),
        (WHOLE, True),
        (WHOLE, True),
    ]
    assert owed(run).owed_fen == 0
    sound(run)


def test_two_living_receipts_of_one_reference_are_refused_by_the_database(run: Runner, billed: None) -> None:
    receive(run, "B0001", 500)

    def again(uow: Uow) -> None:
        uow.session.execute(
            text(
                "insert into levy.receipt (channel, reference, payer, amount, unallocated, refunded, batches,"
                " received_on, taken_at) values ('bank', 'B0001', '', 5, 5, 0, '{}', '2026-08-05', now())"
            )
        )

    with pytest.raises(Clash):
        run.system(again)


def test_what_comes_late_raises_its_fee_which_is_paid_after_all_dues(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    """0.05 % a day from the day after the 25th, of each insurance's part, to the fen."""
    at(clock, 2026, 9, 9)
    fee = sum((2 * fen * LATE * 500 + 1_000_000) // 2_000_000 for fen in DUES.values())
    assert owed(run).overdue_fen == WHOLE
    assert run.system(levy.arrears, AskArrears()).payers[0].owed_fen == WHOLE
    seen = receive(run, "T0001", WHOLE + 100, channel="tax")
    assert (seen.dues_fen, seen.late_fee_fen) == (WHOLE, 100)
    assert owed(run).owed_fen == fee - 100
    assert contributions(run, ZHAO), "the dues are paid in full; the fee is another matter"
    receive(run, "T0002", fee - 100, channel="tax")
    assert owed(run).owed_fen == 0
    assert run.system(levy.arrears, AskArrears()).payers == ()
    sound(run)


def test_a_reversed_receipt_leaves_the_dues_owed_and_the_accounts_as_before(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    at(clock, 2026, 9, 9)
    receive(run, "B0001", WHOLE + 50)
    reverse(run, "B0001")
    seen = owed(run)
    assert (seen.owed_fen, seen.unallocated_fen) == (WHOLE, 0)
    assert contributions(run, ZHAO) == []
    assert run.system(pension.statement, AskStatement(ident=ZHAO)).balance_fen == 0
    sound(run)
    with pytest.raises(ReversedAlready):
        run.system(levy.reverse, ReverseReceipt(channel="bank", reference="B0001", reason="又一次"))
    receive(run, "B0002", WHOLE, received_on="2026-08-20")
    assert contributions(run, ZHAO) == [("2026-08", 1_000_000, 80_000)]
    assert owed(run).owed_fen == 0
    sound(run)


def test_money_that_paid_another_receipts_fee_is_reversed_first(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    at(clock, 2026, 9, 9)
    receive(run, "B0001", WHOLE)
    receive(run, "B0002", 100)
    with pytest.raises(LaterMoneyOnIt):
        run.system(levy.reverse, ReverseReceipt(channel="bank", reference="B0001", reason="银行退回"))
    reverse(run, "B0002")
    reverse(run, "B0001")
    assert owed(run).owed_fen == WHOLE
    sound(run)


def test_what_nobody_owes_goes_back(run: Runner, billed: None) -> None:
    receive(run, "B0001", WHOLE + 300)
    carried_out(run, "LEV-08", RefundReceipt(channel="bank", reference="B0001", reason="多缴"))
    assert owed(run).unallocated_fen == 0
    with pytest.raises(NothingWaiting):
        run.system(levy.refund, RefundReceipt(channel="bank", reference="B0001", reason="多缴"))
    with pytest.raises(RefundedAlready):
        run.system(levy.reverse, ReverseReceipt(channel="bank", reference="B0001", reason="退回"))
    sound(run)


def test_money_with_a_payer_is_nobody_elses(run: Runner, billed: None) -> None:
    receive(run, "B0001", WHOLE + 300)
    flexible(run, ZHANG)
    with pytest.raises(HasPayer):
        run.system(
            levy.allocate,
            AllocateReceipt(channel="bank", reference="B0001", payer=ZHANG),
        )


def test_two_others_agree_before_dues_are_written_off(run: Runner, billed: None) -> None:
    receive(run, "B0001", WHOLE - DUES["410"])
    left = next(one for one in owed(run).bills if one.insurance_name == "工伤保险")
    carried_out(run, "LEV-09", WriteOff(bill=left.bill, reason="单位破产，清偿完毕"))
    assert owed(run).owed_fen < DUES["410"]
    with pytest.raises(NothingOwed):
        run.system(levy.write_off, WriteOff(bill=left.bill, reason="又一次"))
    sound(run)


def test_what_was_written_off_was_not_paid_and_credits_nobody(run: Runner, billed: None) -> None:
    receive(run, "B0001", WHOLE - 1)
    (left,) = [one for one in owed(run).bills if one.owed_fen]
    carried_out(run, "LEV-09", WriteOff(bill=left.bill, reason="单位破产，清偿完毕"))
    reverse(run, "B0001")
    receive(run, "B0002", WHOLE - 1)
    assert owed(run).owed_fen == 0
    short = left.insurance_name == "企业职工基本养老保险"
    assert contributions(run, ZHAO) == ([] if short else [("2026-08", 1_000_000, 80_000)])
    sound(run)


def test_each_fund_gets_its_own(run: Runner, billed: None) -> None:
    receive(run, "B0001", WHOLE)
    lines = run.system(ledger.trial_balance, ledger_month(run))
    income = {
        str(line.account.fund): -line.closing_fen
        for line in lines
        if line.account.kind == "contribution_income"
    }
    assert income == {
        "pension": DUES["110"],
        "medical": DUES["310"],
        "unemployment": DUES["210"],
        "injury": DUES["410"],
    }


def ledger_month(run: Runner) -> object:
    return run.system(ledger.this_month)
