"""The monthly bill: limits, rates, who has not declared, who cannot be billed, and nobody twice."""

from __future__ import annotations

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.pooling import BeyondReach
from backend.levy import service as levy
from backend.levy.billing import MonthAhead, NobodyToBill
from backend.levy.declaring import BaseBeyond, BilledAlready, NotInsuredThere
from backend.levy.schema import AskPersonBills, AskProblems, BillMonth, ChooseBase, DeclareBase
from backend.registry import service as registry
from backend.registry.schema import Hire
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
)
from tests.backend.people import USCC, ZHANG, a_person, officer


def test_bases_are_held_between_the_limits_and_each_share_is_rounded_once(
    run: Runner, clock: FixedClock
) -> None:
    a_town(run, clock)
    declare_all(run)
    made = bill(run)
    assert (made.n, made.problems, made.total_fen) == (12, 0, WHOLE)
    bills = {one.insurance_name: one.due_fen for one in owed(run).bills}
    assert bills == {
        "企业职工基本养老保险": DUES["110"],
        "职工基本医疗保险": DUES["310"],
        "失业保险": DUES["210"],
        "工伤保险": DUES["410"],
    }


def test_a_month_is_billed_once_and_who_was_missing_in_a_further_run(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    declare_all(run)
    bill(run)
    with pytest.raises(NobodyToBill):
        bill(run)
    a_person(run, ZHANG)
    run.system(
        registry.hire,
        Hire(uscc=USCC, ident=ZHANG, name="张秀䶮", started=clock.today().replace(day=3)),
    )
    declare(run, ZHANG, MIDDLE)
    further = bill(run)
    assert (further.run, further.n) == (2, 4)
    assert owed(run).owed_fen == WHOLE + (160_000 + 80_000 + 90_000 + 20_000 + 5_000 + 5_000 + 9_000)


def test_who_has_not_declared_pays_a_tenth_more_than_the_month_before(run: Runner, clock: FixedClock) -> None:
    """社会保险法 第六十二条. The base year ends in June; nobody has declared for the new one."""
    a_town(run, clock)
    declare_all(run, "2026-08")
    bill(run)
    at(clock, 2027, 7, 5)
    for month in ("2026-09", "2026-10", "2026-11", "2026-12"):
        bill(run, month)
    for month in ("2027-01", "2027-02", "2027-03", "2027-04", "2027-05", "2027-06"):
        assert bill(run, month).total_fen == WHOLE
    july = bill(run, "2027-07")
    assert july.problems == 0
    assert july.total_fen == sum(
        (2 * fen * 11 + 10) // 20
        for fen in (
            *(120_736, 60_368, 160_000, 80_000, 603_696, 301_848),
            *(67_914, 15_092, 90_000, 20_000, 339_579, 75_462),
            *(3_773, 3_773, 5_000, 5_000, 18_866, 18_866),
            *(6_791, 9_000, 33_958),
        )
    )


def test_who_cannot_be_billed_is_on_a_list_with_the_reason_and_stops_nobody(
    run: Runner, clock: FixedClock
) -> None:
    a_town(run, clock)
    declare(run, WANG, LOW)
    declare(run, ZHAO, MIDDLE)
    made = bill(run)
    assert (made.n, made.problems) == (8, 4)
    listed = run.system(levy.problems, AskProblems(month="2026-08")).problems
    assert {(one.ident, one.employer) for one in listed} == {(SUN, "示例精密机械有限公司")}
    assert {one.reason for one in listed} == {"没有申报缴费基数，也没有上个月的应缴可以参照"}
    declare(run, SUN, HIGH)
    assert bill(run).n == 4
    assert owed(run).owed_fen == WHOLE


def test_a_flexible_worker_chooses_between_the_limits_and_pays_both_parts(
    run: Runner, clock: FixedClock
) -> None:
    at(clock, 2026, 8, 5)
    flexible(run, ZHAO)
    for wrong in (754_599, 3_773_101):
        with pytest.raises(BaseBeyond):
            run.system(levy.choose_base, ChooseBase(ident=ZHAO, since="2026-08", base_fen=wrong))
    run.system(levy.choose_base, ChooseBase(ident=ZHAO, since="2026-08", base_fen=1_000_000))
    assert bill(run).total_fen == 200_000
    mine = run.system(levy.of_person, AskPersonBills(ident=ZHAO))
    assert [(one.kind_name, one.due_fen, str(one.due_day)) for one in mine.bills] == [
        ("应缴社会保险费", 200_000, "2026-08-25")
    ]


def test_a_base_is_declared_for_who_is_insured_there_and_before_the_month_is_billed(
    run: Runner, clock: FixedClock
) -> None:
    a_town(run, clock)
    a_person(run, ZHANG)
    with pytest.raises(NotInsuredThere):
        declare(run, ZHANG, MIDDLE)
    declare(run, WANG, LOW)
    declare(run, WANG, MIDDLE)  # said again before the bill: replaced
    declare(run, ZHAO, MIDDLE)
    declare(run, SUN, MIDDLE)
    assert bill(run).total_fen == 3 * (160_000 + 80_000 + 90_000 + 20_000 + 5_000 + 5_000 + 9_000)
    with pytest.raises(BilledAlready):
        declare(run, WANG, LOW)
    declared = run.system(
        levy.declare_base, DeclareBase(uscc=USCC, ident=WANG, since="2026-09", wage_fen=LOW)
    )
    assert declared.until == "2027-06"


def test_a_month_to_come_and_an_officer_of_a_district_are_refused(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    with pytest.raises(MonthAhead):
        bill(run, "2026-09")
    with pytest.raises(BeyondReach):
        run.by(officer(area="310115"))(levy.bill_month, BillMonth(month="2026-08"))
