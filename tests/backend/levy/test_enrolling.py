"""Who has no employer insures themselves, from a month that is not billed yet, and stops; nobody is insured twice."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from backend.kernel import params
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.period import Month
from backend.levy import enrolling
from backend.levy import service as levy
from backend.levy.billing import NobodyToBill
from backend.levy.enrolled import AskFlexible, EnrolFlexible, FlexibleStopped, StopFlexible
from backend.levy.schema import AskOwnBase, AskPersonBills, ChooseBase
from backend.pension import service as pension
from backend.pension.schema import AskMine
from backend.registry import service as registry
from backend.registry.schema import Hire, RegisterDeath
from tests.backend.levy.conftest import forget
from tests.backend.levy.town import MIDDLE, WANG, a_town, at, bill, sound
from tests.backend.people import USCC, ZHANG, a_person, citizen
from tests.backend.registry.test_ending import LIN, enrolments

YOUNG = "310101201009010017"
RATE = """
flexible:
  rate:
    label: 灵活就业人员医疗保险缴费比例
    unit: rate
    values:
      2026-01-01: {value: 0.08, source: 测试, evidence: K}
"""


def enrol(run: Runner, ident: str, since: str, **chosen: Any) -> tuple[str, ...]:
    return run.system(levy.enrol_flexible, EnrolFlexible(ident=ident, since=since, **chosen)).insurances


def stop(run: Runner, ident: str, until: str) -> FlexibleStopped:
    return run.system(levy.stop_flexible, StopFlexible(ident=ident, until=until, reason="6399"))


def choose(run: Runner, ident: str, since: str) -> None:
    run.system(levy.choose_base, ChooseBase(ident=ident, since=since, base_fen=MIDDLE))


def test_a_citizen_enrols_alone_chooses_a_base_is_billed_and_stops(run: Runner, clock: FixedClock) -> None:
    at(clock, 2026, 8, 5)
    mine = run.by(citizen(LIN, a_person(run, LIN)))
    done = mine(levy.enrol_flexible, EnrolFlexible(ident=LIN, since="2026-08"))
    assert done.insurances == ("企业职工基本养老保险",)
    assert run.system(pension.mine, AskMine(ident=LIN)).months_paid == 0, "the account is open"
    choose(run, LIN, "2026-08")
    assert bill(run).total_fen == 200_000
    with pytest.raises(enrolling.EndPast, match="最早停到 2026-08"):
        stop(run, LIN, "2026-07")
    assert stop(run, LIN, "2026-08").insurances == done.insurances
    with pytest.raises(enrolling.NotFlexible):
        stop(run, LIN, "2026-09")
    at(clock, 2026, 9, 5)
    with pytest.raises(NobodyToBill):
        bill(run, "2026-09")
    assert len(run.system(levy.of_person, AskPersonBills(ident=LIN)).bills) == 1
    assert enrol(run, LIN, "2026-09") == done.insurances, "and may come again"
    assert enrolments(run, LIN) == [("110", "2026-08", "2026-08"), ("110", "2026-09", None)]
    sound(run)


def test_from_a_month_that_is_neither_billed_nor_far(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    a_person(run, LIN)
    with pytest.raises(enrolling.SincePast, match="请从 2026-08"):
        enrol(run, LIN, "2026-07")
    bill(run)
    with pytest.raises(enrolling.SincePast, match="请从 2026-09"):
        enrol(run, LIN, "2026-08")
    with pytest.raises(enrolling.SinceTooFar, match="2026-09"):
        enrol(run, LIN, "2026-10")
    enrol(run, LIN, "2026-09")
    assert run.system(levy.own_base, AskOwnBase(ident=LIN)).month == "2026-09", (
        "the base can be chosen at once"
    )
    with pytest.raises(enrolling.EndTooFar):
        stop(run, LIN, "2026-10")
    stop(run, LIN, "2026-08")
    assert enrolments(run, LIN) == [], "what never began never was"


def test_nobody_is_insured_twice_or_who_cannot_be(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    with pytest.raises(enrolling.EmployedThere, match="示例精密机械有限公司"):
        enrol(run, WANG, "2026-08")
    a_person(run, YOUNG)
    with pytest.raises(enrolling.TooYoung, match="2026-09-01 才满 16 周岁"):
        enrol(run, YOUNG, "2026-08")
    assert enrol(run, YOUNG, "2026-09")
    a_person(run, LIN)
    enrol(run, LIN, "2026-08")
    with pytest.raises(enrolling.EnrolledAlready, match="从 2026-08"):
        enrol(run, LIN, "2026-09")
    stop(run, LIN, "2026-08")
    with pytest.raises(enrolling.EnrolledUntil, match="最早从 2026-09"):
        enrol(run, LIN, "2026-08")
    given: dict[str, Any] = {"document": "沪殡2026-1", "reported_by": "女儿张一"}
    run.system(registry.register_death, RegisterDeath(ident=LIN, died=date(2026, 8, 1), **given))
    with pytest.raises(enrolling.RegisteredDead):
        enrol(run, LIN, "2026-09")


def test_who_draws_a_pension_needs_no_insurance(run: Runner, clock: FixedClock) -> None:
    at(clock, 2026, 8, 5)
    a_person(run, ZHANG)

    def retire(uow: Uow) -> None:
        registry.person(uow, ZHANG).retired = Month(2020, 3)

    run.system(retire)
    with pytest.raises(enrolling.InPension, match="2020-03 退休"):
        enrol(run, ZHANG, "2026-08")
    seen = run.system(levy.flexible, AskFlexible(ident=ZHANG))
    assert (seen.may_enrol, seen.may_stop) == (False, False)


def test_what_the_area_does_not_open_cannot_be_chosen(run: Runner, clock: FixedClock) -> None:
    at(clock, 2026, 8, 5)
    a_person(run, LIN)
    with pytest.raises(enrolling.NotOpened, match="上海市没有开放灵活就业人员参加职工基本医疗保险"):
        enrol(run, LIN, "2026-08", medical=True)
    with pytest.raises(enrolling.NothingChosen):
        enrol(run, LIN, "2026-08", pension=False)


def test_where_medical_is_open_it_is_enrolled_and_billed_on_the_same_base(
    another_law: Path, run: Runner, clock: FixedClock
) -> None:
    law = another_law / "310000" / "medical.yaml"
    law.write_text((law.read_text("utf-8") if law.exists() else "") + RATE, "utf-8")
    forget()
    at(clock, 2026, 8, 5)
    a_person(run, LIN)
    assert params.value("medical.flexible.rate", date(2026, 8, 1), "310000")
    assert enrol(run, LIN, "2026-08") == ("企业职工基本养老保险", "职工基本医疗保险")
    base = run.system(levy.own_base, AskOwnBase(ident=LIN))
    assert base.floor_due_fen == 150_920 + 60_368, "7546 × 20% and × 8%"
    choose(run, LIN, "2026-08")
    assert bill(run).total_fen == 200_000 + 80_000
    sound(run)


def test_whoever_is_hired_stops_insuring_themselves(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    a_person(run, LIN)
    enrol(run, LIN, "2026-08")
    run.system(registry.hire, Hire(uscc=USCC, ident=LIN, name="张秀䶮", started=date(2026, 8, 5)))
    assert [one for one in enrolments(run, LIN) if one[0] == "110"] == [
        ("110", "2026-08", "2026-08"),
        ("110", "2026-09", None),
    ]
