"""Months paid twice: one place is kept, the other gives back to the fen, and nothing counts or is paid twice."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from backend.kernel import ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.errors import Forbidden
from backend.levy import service as levy
from backend.levy.schema import ChooseBase, Reassess, RefundReceipt, ReverseReceipt, TakeReceipt
from backend.payout import service as payout
from backend.payout.schema import AskPayments
from backend.pension import service as pension
from backend.pension.careers import doubles
from backend.pension.careers.schema import AskCareer, CareerView, ClearDouble, DoubleCleared
from backend.pension.schema import AskMine, AskStatement
from backend.registry import service as registry
from backend.registry.schema import Hire
from backend.wiring import CHECKS
from tests.backend.levy.town import (
    MIDDLE,
    WHOLE,
    ZHAO,
    a_town,
    at,
    bill,
    carried_out,
    contributions,
    declare,
    declare_all,
    receive,
)
from tests.backend.payout.city import fund
from tests.backend.people import USCC, a_person, officer
from tests.backend.registry.test_ending import LIN

careers = pension.careers
TWO_MONTHS = 2 * 80_000  # of a base of 10,000 yuan


def clear(run: Runner, ident: str, **given: Any) -> DoubleCleared:
    asked = {"ident": ident, "keeps": "elsewhere", "place": "苏州市社会保险经办机构", "document": "函 1 号"}
    return run.system(careers.clear, ClearDouble.model_validate(asked | given))


def seen(run: Runner, ident: str) -> CareerView:
    return run.system(careers.of_person, AskCareer(ident=ident))


def books_agree(run: Runner) -> None:
    for check in (ledger.check, *CHECKS):
        assert run.system(check) == []


@pytest.fixture
def town(run: Runner, clock: FixedClock) -> None:
    """August and September are paid for everybody; it is the fifth of October."""
    a_town(run, clock)
    fund(run)
    declare_all(run)
    bill(run)
    receive(run, "R0001", WHOLE)
    at(clock, 2026, 9, 5)
    bill(run, "2026-09")
    receive(run, "R0002", WHOLE)
    at(clock, 2026, 10, 5)


def test_months_that_count_elsewhere_give_the_person_their_part_back_to_the_fen(
    run: Runner, town: None
) -> None:
    carried_out(
        run,
        "PEN-19",
        ClearDouble(
            ident=ZHAO, keeps="elsewhere", since="2026-08", until="2026-09", place="苏州", document="函 1 号"
        ),
    )
    mine = run.system(pension.mine, AskMine(ident=ZHAO))
    assert (mine.months_paid, mine.balance_fen, mine.average_index) == (0, 0, "1")
    (year,) = run.system(pension.statement, AskStatement(ident=ZHAO)).years
    assert (year.credited_fen, year.paid_fen, year.closing_fen) == (TWO_MONTHS, TWO_MONTHS, 0)
    (owed,) = run.system(payout.payments, AskPayments(ident=ZHAO)).payments
    assert (owed.item, owed.amount_fen, owed.state) == ("重复缴费退还", TWO_MONTHS, "payable")
    (one,) = seen(run, ZHAO).cleared
    assert (one.first, one.last, one.refund_fen) == ("2026-08", "2026-09", TWO_MONTHS)
    books_agree(run)
    with pytest.raises(doubles.MonthNotHere, match="2026-08"):
        clear(run, ZHAO, since="2026-08", until="2026-08")


def test_what_was_cleared_is_not_counted_again_and_stays_paid(run: Runner, town: None) -> None:
    """A later assessment of the month reaches the fund, not the account; its receipt can no longer be reversed."""
    assert clear(run, ZHAO, since="2026-08", until="2026-08").refund_fen == 80_000
    with pytest.raises(doubles.ClearedThisMonth):
        clear(run, ZHAO, since="2026-09", until="2026-09")
    higher = Reassess(uscc=USCC, ident=ZHAO, since="2026-08", until="2026-08", wage_fen=1_200_000)
    more = run.system(levy.reassess, higher)
    receive(run, "R0003", more.difference_fen)
    assert contributions(run, ZHAO) == [("2026-09", 1_000_000, 80_000)]
    with pytest.raises(doubles.ClearedThere, match="2026-08"):
        carried_out(run, "LEV-07", ReverseReceipt(channel="bank", reference="R0001", reason="打错了"))
    lower = Reassess(uscc=USCC, ident=ZHAO, since="2026-08", until="2026-08", wage_fen=800_000)
    with pytest.raises(doubles.ClearedThere):
        run.system(levy.reassess, lower)
    assert seen(run, ZHAO).paid_months == 1
    books_agree(run)


def test_only_months_that_are_here_and_by_who_may_move_money(run: Runner, town: None) -> None:
    with pytest.raises(doubles.MonthNotHere, match="2026-07"):
        clear(run, ZHAO, since="2026-07", until="2026-08")
    with pytest.raises(doubles.UntilMissing):
        clear(run, ZHAO, since="2026-08")
    asked = {"ident": ZHAO, "keeps": "elsewhere", "since": "2026-08", "until": "2026-08"}
    given = ClearDouble.model_validate(asked | {"place": "苏州", "document": "函 1 号"})
    with pytest.raises(Forbidden):
        run.by(officer(area="310101"))(careers.clear, given)
    with pytest.raises(doubles.NeverOwn):
        clear(run, ZHAO, since="2026-08", keeps="employer")


def test_what_somebody_paid_for_themselves_while_employed_goes_back_and_the_employer_owes(
    run: Runner, clock: FixedClock
) -> None:
    """200 yuan in a hundred of 10,000 for two months: all of it waits for the person, and is paid back."""
    a_town(run, clock)
    a_person(run, LIN)
    run.system(levy.enrol_flexible, levy.EnrolFlexible(ident=LIN, since="2026-08"))
    run.system(levy.choose_base, ChooseBase(ident=LIN, since="2026-08", base_fen=MIDDLE))
    for month, day in ((8, 5), (9, 5)):
        at(clock, 2026, month, day)
        bill(run, f"2026-{month:02d}")
        paid = {"channel": "bank", "reference": f"L000{month}", "payer": LIN, "amount_fen": 200_000}
        run.system(levy.take, TakeReceipt.model_validate(paid | {"received_on": run.clock.today()}))
    assert contributions(run, LIN) == [("2026-08", 1_000_000, 80_000), ("2026-09", 1_000_000, 80_000)]
    at(clock, 2026, 10, 5)
    done = clear(run, LIN, since="2026-08", keeps="employer", place="示例精密机械有限公司")
    assert (done.months, done.refund_fen, done.waiting_fen, done.months_paid) == (2, 0, 400_000, 0)
    assert contributions(run, LIN) == []
    assert run.system(pension.mine, AskMine(ident=LIN)).balance_fen == 0
    for month in (8, 9):
        back = run.system(
            levy.refund, RefundReceipt(channel="bank", reference=f"L000{month}", reason="重复缴费")
        )
        assert back.refunded_fen == 200_000
    run.system(registry.hire, Hire(uscc=USCC, ident=LIN, name="张秀䶮", started=date(2026, 8, 1)))
    declare(run, LIN, MIDDLE)
    owed = run.system(levy.reassess, Reassess(uscc=USCC, ident=LIN, since="2026-08", until="2026-09"))
    assert owed.supplement_fen >= 2 * 240_000, "pension, and the other insurances"
    books_agree(run)


def test_what_was_paid_last_year_can_be_taken_back_this_year(
    run: Runner, clock: FixedClock, town: None
) -> None:
    """A month of 2026 falls away in 2027: that year has one month fewer than none, and the books agree."""
    at(clock, 2027, 1, 5)
    carried_out(run, "LEV-07", ReverseReceipt(channel="bank", reference="R0001", reason="打错了"))
    *_, this = run.system(pension.statement, AskStatement(ident=ZHAO)).years
    assert (this.year, this.months, this.credited_fen, this.closing_fen) == (2027, -1, -80_000, 80_000)
    assert seen(run, ZHAO).paid_months == 1
    assert clear(run, ZHAO, since="2026-09", until="2026-09").refund_fen == 80_000
    books_agree(run)
