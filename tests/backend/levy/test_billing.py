"""The monthly bill: limits, rates, who has not declared, who cannot be billed, and nobody twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from threading import Barrier, Thread

import pytest

from backend import wiring
from backend.kernel import progress
from backend.kernel.clock import CHINA, FixedClock
from backend.kernel.db import Runner, Uow, runner
from backend.kernel.pooling import BeyondReach
from backend.kernel.rules import half_up
from backend.kernel.vault import Vault
from backend.levy import service as levy
from backend.levy.billing import STEPS, MonthAhead, NobodyToBill
from backend.levy.declaring import BaseBeyond, BilledAlready, NotInsuredThere
from backend.levy.model import Floating
from backend.levy.reassessing import NothingToReassess
from backend.levy.schema import AskPersonBills, BillMonth, ChooseBase, DeclareBase, Reassess
from backend.levy.unbilled import REASONS, AskProblems
from backend.registry import service as registry
from backend.registry.model import Enrolment
from backend.registry.schema import Hire
from tests.backend.levy.town import (
    AUGUST,
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
    sound,
)
from tests.backend.people import USCC, ZHANG, a_person, officer

OF_ZHAO = (160_000, 80_000, 90_000, 20_000, 5_000, 5_000, 9_000)
EACH = (  # the shares of August, one a person, insurance and part
    *(120_736, 60_368, 67_914, 15_092, 3_773, 3_773, 6_791),
    *OF_ZHAO,
    *(603_696, 301_848, 339_579, 75_462, 18_866, 18_866, 33_958),
)


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
    assert {one.what_to_do[:12] for one in listed} == {"请单位（灵活就业的请本人"}
    declare(run, SUN, HIGH)
    assert bill(run).n == 4
    assert owed(run).owed_fen == WHOLE


def test_each_reason_is_told_with_what_to_do(run: Runner, clock: FixedClock, another_law: Path) -> None:
    """Dead, too young, at a level that is none of its class, flexible where there is no rate, and an insurance
    of which no rate is on record: the others of the month are billed."""
    file = another_law / "310000" / "medical.yaml"
    text = file.read_text("utf-8").replace("2025-07-01: {value: 0.09", "2030-07-01: {value: 0.09")
    file.write_text(text, "utf-8")
    boss = a_town(run, clock)
    declare_all(run)
    run.system(enrolled_otherwise, boss, flexible(run, ZHANG))
    run.system(levy.choose_base, ChooseBase(ident=ZHANG, since="2026-08", base_fen=MIDDLE))
    made = bill(run)
    found = run.system(levy.problems, AskProblems(month="2026-08"))
    assert made.problems == found.total == sum(one.n for one in found.reasons)
    told = {(one.ident, one.insurance_name[-4:], one.reason) for one in found.problems}
    dead, young, no_rate, no_level, no_terms = (
        REASONS[name] for name in ("dead", "young", "no_rate", "no_level", "no_terms")
    )
    each = ("养老保险", "失业保险", "医疗保险", "工伤保险")
    assert told == {
        *((WANG, insurance, dead) for insurance in each),
        *((SUN, insurance, young) for insurance in each),
        (ZHAO, "医疗保险", no_rate),
        (ZHAO, "工伤保险", no_level),
        (ZHANG, "失业保险", no_terms),
    }
    assert [one.reason for one in found.reasons][:2] == [dead, young]
    assert {one.insurance_name[-4:] for one in owed(run).bills} == {"养老保险", "失业保险"}
    assert owed(run).owed_fen == 160_000 + 80_000 + 5_000 + 5_000
    sound(run)


def enrolled_otherwise(uow: Uow, boss: int, flexible_id: int) -> None:
    """What no item lets through, and what was loaded or changed since may bring."""
    registry.person(uow, WANG).died = date(2026, 7, 31)
    registry.person(uow, SUN).birth = date(2010, 9, 1)
    uow.session.add_all(
        [
            Floating(employer_id=boss, since=AUGUST, percent=70, basis="装入", decided_at=uow.now),
            Enrolment(
                person_id=flexible_id,
                insurance="210",
                category="flexible",
                employer_id=None,
                started=AUGUST,
                ended=None,
            ),
        ]
    )


def test_who_dies_is_insured_to_the_end_of_that_month_and_no_longer(run: Runner, clock: FixedClock) -> None:
    """What was billed for later months before anybody knew is taken off again."""
    a_town(run, clock)
    declare_all(run)
    bill(run)
    at(clock, 2026, 9, 5)
    bill(run, "2026-09")
    run.system(die, date(2026, 8, 1))
    asked = Reassess(uscc=USCC, since="2026-08", until="2026-09")
    done = run.system(levy.reassess, asked)
    assert (done.reduction_fen, done.lines) == (sum(OF_ZHAO), 4)
    with pytest.raises(NothingToReassess):
        run.system(levy.reassess, asked)


def die(uow: Uow, day: date) -> None:
    registry.person(uow, ZHAO).died = day


def undeclared_months(run: Runner, clock: FixedClock) -> list[int]:
    """Declared to June 2027; what is billed from July to September, when nobody has."""
    a_town(run, clock)
    declare_all(run)
    at(clock, 2027, 9, 5)
    bills = [bill(run, str(AUGUST + n)).total_fen for n in range(14)]
    assert bills[:11] == [WHOLE] * 11
    return bills[11:]


def more(shares: Iterable[int]) -> list[int]:
    return [half_up(fen * 11, 10) for fen in shares]


def test_month_after_month_undeclared_is_a_tenth_more_each_time_and_settled_when_declared(
    run: Runner, clock: FixedClock
) -> None:
    """上月缴费额的百分之一百一十, read literally: of the month before, whatever it rests on."""
    billed = undeclared_months(run, clock)
    one = more(EACH)
    two = more(one)
    assert billed == [sum(one), sum(two), sum(more(two))]
    seen = owed(run)
    assert seen.compounding
    assert {(bill.undeclared, bill.undeclared_percent) for bill in seen.bills if bill.month > "2027-06"} == {
        (3, 110)
    }
    declare_all(run, "2027-07")
    done = run.system(levy.reassess, Reassess(uscc=USCC, since="2027-07", until="2027-09"))
    assert (done.reduction_fen, done.difference_fen) == (sum(billed) - 3 * WHOLE, 0)
    assert owed(run).owed_fen == 14 * WHOLE
    at(clock, 2027, 10, 5)
    assert bill(run, "2027-10").total_fen == WHOLE
    sound(run)


def test_where_the_last_declared_month_counts_it_is_a_tenth_more_once(
    run: Runner, clock: FixedClock, another_law: Path
) -> None:
    file = another_law / "levy.yaml"
    file.write_text(file.read_text("utf-8").replace("value: last_month", "value: declared_month"), "utf-8")
    assert undeclared_months(run, clock) == [sum(more(EACH))] * 3
    assert not owed(run).compounding


def test_a_run_tells_what_it_is_doing(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    declare(run, WANG, LOW)
    seen = list[tuple[str, int | None]]()
    token = progress.listening.set(lambda name, n: seen.append((name, n)))
    bill(run)
    progress.listening.reset(token)
    names = ("declared", "undeclared", "problems", "bills", "waiting")
    assert seen == list(zip((STEPS[name] for name in names), (12, 8, 8, 4, None), strict=True))


def test_two_runs_at_once_give_one(fresh: Callable[[], str]) -> None:
    """Real commits, two connections: whoever is second is told that nobody is left to bill."""
    clock = FixedClock(datetime(2026, 8, 5, 10, tzinfo=CHINA))
    real = replace(runner(fresh(), wiring.HANDLERS, Vault.new(), size=2), clock=clock)
    a_town(real, clock)
    declare_all(real)
    both, made = Barrier(2), list[object]()

    def one() -> None:
        both.wait()
        try:
            made.append(bill(real).n)
        except NobodyToBill as refusal:
            made.append(type(refusal))

    threads = [Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(made) == {12, NobodyToBill}
    assert owed(real).owed_fen == WHOLE
    sound(real)
    real.sessions.kw["bind"].dispose()


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
