"""Paying online by the demo bank, and what a payer is shown: what is owed until when, late fees, where money went."""

from __future__ import annotations

from datetime import date

import pytest

from backend.kernel import items
from backend.kernel.actor import Actor, Kind
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.levy import service as levy
from backend.levy.online import MoreThanOwed, NothingToPay
from backend.levy.schema import (
    AskEmployeeBases,
    AskEmployerReceipts,
    AskOwnBase,
    AskOwnLines,
    AskPersonReceipts,
    ChooseBase,
    PayOnline,
    PayOwnOnline,
)
from backend.registry import service as registry
from tests.backend.levy.town import (
    DUES,
    HIGH,
    LOW,
    MIDDLE,
    SUN,
    WANG,
    WHOLE,
    ZHAO,
    a_town,
    at,
    bill,
    declare,
    declare_all,
    flexible,
    owed,
    receive,
    sound,
)
from tests.backend.people import USCC, ZHANG, citizen

LATE = 15  # days from 25 August to 9 September
FEE = sum((2 * fen * LATE * 500 + 1_000_000) // 2_000_000 for fen in DUES.values())


@pytest.fixture
def billed(run: Runner, clock: FixedClock) -> Runner:
    """The employer itself, before August's bill."""
    boss = a_town(run, clock)
    declare_all(run)
    bill(run)
    return run.by(Actor(Kind.EMPLOYER, "employer:1", area="310115", subject=USCC, subject_id=boss))


def pay(run: Runner, fen: int, key: str | None = None, uscc: str = USCC) -> object:
    return items.perform(run, items.find("LEV-10"), PayOnline(uscc=uscc, amount_fen=fen), key)


def test_what_is_owed_and_until_when(run: Runner, billed: Runner, clock: FixedClock) -> None:
    seen = owed(run)
    assert (seen.owed_fen, seen.overdue_fen, seen.fee_fen, seen.settle_fen) == (WHOLE, 0, 0, WHOLE)
    assert (seen.due_day, seen.overdue_since, seen.fees) == (date(2026, 8, 25), None, ())
    assert [(one.month, one.due_fen, one.owed_fen) for one in seen.months] == [("2026-08", WHOLE, WHOLE)]
    at(clock, 2026, 9, 9)
    late = owed(run)
    assert (late.due_day, late.overdue_since) == (None, date(2026, 8, 25))
    assert (late.overdue_fen, late.fee_fen, late.settle_fen) == (WHOLE, FEE, WHOLE + FEE)
    assert {(one.days, one.rate, one.raised) for one in late.fees} == {(LATE, "0.05%", False)}


def test_paid_whole_it_is_a_receipt_like_any_banks_and_pressing_twice_is_pressing_once(
    run: Runner, billed: Runner
) -> None:
    assert pay(billed, WHOLE, "k1") == pay(billed, WHOLE, "k1")
    [receipt] = run.system(levy.receipts_of_employer, AskEmployerReceipts(uscc=USCC)).receipts
    assert receipt.reference.startswith("DEMO-20260805-")
    assert (receipt.channel_name, receipt.amount_fen, receipt.unallocated_fen) == ("银行", WHOLE, 0)
    assert {one.insurance_name: one.amount_fen for one in receipt.parts}["失业保险"] == DUES["210"]
    assert owed(run).owed_fen == 0
    sound(run)
    with pytest.raises(NothingToPay):
        pay(billed, 1)


def test_a_part_leaves_the_rest_and_nobody_pays_more_than_is_owed(run: Runner, billed: Runner) -> None:
    with pytest.raises(MoreThanOwed):
        pay(billed, WHOLE + 1)
    pay(billed, 100_000)
    assert owed(run).owed_fen == WHOLE - 100_000
    sound(run)


def test_paid_late_the_fee_goes_with_it_and_what_is_left_of_it_is_explained(
    run: Runner, billed: Runner, clock: FixedClock
) -> None:
    at(clock, 2026, 9, 9)
    pay(billed, WHOLE)
    seen = owed(run)
    assert (seen.owed_fen, seen.settle_fen) == (FEE, FEE)
    assert {(one.raised, one.days, one.until) for one in seen.fees} == {(True, LATE, date(2026, 9, 9))}
    assert sum(one.fee_fen for one in seen.fees) == FEE
    assert sum(one.late_fen for one in seen.fees) == WHOLE
    pay(billed, FEE)
    assert owed(run).fees == ()
    sound(run)


def test_settling_everything_today_leaves_nothing(run: Runner, billed: Runner, clock: FixedClock) -> None:
    at(clock, 2026, 9, 9)
    pay(billed, WHOLE + FEE)
    assert owed(run).settle_fen == 0
    sound(run)


def test_nobody_pays_in_anothers_name(run: Runner, billed: Runner) -> None:
    with pytest.raises(items.NotYours):
        pay(billed, 100, uscc="91350100M000100Y43")


def test_a_flexible_worker_pays_their_own(run: Runner, clock: FixedClock) -> None:
    at(clock, 2026, 8, 5)
    id = flexible(run, ZHAO)
    own = run.by(citizen(ZHAO, id))
    ask = AskOwnBase(ident=ZHAO)
    assert own(levy.own_base, ask).base_fen is None
    own(levy.choose_base, ChooseBase(ident=ZHAO, since="2026-08", base_fen=1_000_000))
    known = own(levy.own_base, ask)
    assert (known.month, known.base_fen, known.until) == ("2026-08", 1_000_000, "2027-06")
    assert (known.floor_due_fen, known.ceiling_due_fen) == (150_920, 754_620)
    bill(run)
    assert own(levy.own_base, ask).month == "2026-09"
    items.perform(own, items.find("LEV-11"), PayOwnOnline(ident=ZHAO, amount_fen=200_000))
    [receipt] = own(levy.receipts_of_person, AskPersonReceipts(ident=ZHAO)).receipts
    assert [one.amount_fen for one in receipt.parts] == [200_000]
    [line] = own(levy.own_lines, AskOwnLines(ident=ZHAO)).lines
    assert (line.payer, line.employer_fen + line.person_fen, line.paid) == ("灵活就业", 200_000, True)


def test_a_persons_months_say_by_whom_and_whether_paid(run: Runner, billed: Runner) -> None:
    ask = AskOwnLines(ident=ZHAO)
    lines = run.system(levy.own_lines, ask).lines
    assert [one.insurance_name for one in lines] == [
        "企业职工基本养老保险",
        "失业保险",
        "职工基本医疗保险",
        "工伤保险",
    ]
    assert {(one.payer, one.base_fen, one.paid) for one in lines} == {
        ("示例精密机械有限公司", 1_000_000, False)
    }
    receive(run, "B0001", WHOLE - 1)
    assert sum(not one.paid for one in run.system(levy.own_lines, ask).lines) == 1
    receive(run, "B0002", 1)
    assert all(one.paid for one in run.system(levy.own_lines, ask).lines)
    flexible(run, ZHANG)
    assert run.system(levy.own_lines, AskOwnLines(ident=ZHANG)).lines == ()


def test_who_has_no_base_stands_first(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    declare(run, WANG, LOW)
    declare(run, SUN, HIGH)
    seen = run.system(levy.employee_bases, AskEmployeeBases(uscc=USCC))
    assert (seen.total, seen.undeclared, seen.month, seen.share_percent) == (3, 1, "2026-08", 110)
    assert [(one.ident, one.wage_fen, one.month) for one in seen.employees] == [
        (ZHAO, None, "2026-08"),
        (WANG, LOW, "2026-08"),
        (SUN, HIGH, "2026-08"),
    ]
    assert run.system(registry.ident_behind, seen.employees[0].handle) == ZHAO
    bill(run)
    after = run.system(levy.employee_bases, AskEmployeeBases(uscc=USCC))
    assert after.month == "2026-09"
    assert {one.ident: (one.month, one.billed_fen) for one in after.employees} == {
        ZHAO: ("2026-08", None),
        WANG: ("2026-09", 754_600),
        SUN: ("2026-09", 3_773_100),
    }
    [only] = run.system(levy.employee_bases, AskEmployeeBases(uscc=USCC, ident=WANG)).employees
    assert only.ident == WANG
    declare(run, ZHAO, MIDDLE)
    assert run.system(levy.employee_bases, AskEmployeeBases(uscc=USCC)).undeclared == 0


def test_in_the_last_month_of_the_base_year_all_are_to_be_declared_anew(
    run: Runner, clock: FixedClock
) -> None:
    a_town(run, clock)
    declare_all(run)
    at(clock, 2027, 7, 2)
    assert run.system(levy.employee_bases, AskEmployeeBases(uscc=USCC)).undeclared == 3
