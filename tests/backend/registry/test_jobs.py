"""Hiring and leaving: days that can be, enrolments that never overlap, and no name for who does not work there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from backend.kernel import codes
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow, runner
from backend.kernel.errors import Refusal
from backend.kernel.period import Month
from backend.kernel.vault import Vault
from backend.registry import finding, jobs
from backend.registry import service as registry
from backend.registry.model import Enrolment, Job
from backend.registry.persons import WrongDay
from backend.registry.schema import AskPerson, Hire, Leave
from tests.backend.people import LI, USCC, ZHANG, a_person, an_employer

OTHER = "91310000MA1FL3XA97"
NAME = "张秀䶮"
TODAY = date(2026, 11, 24)


@pytest.fixture
def town(run: Runner) -> None:
    an_employer(run)
    an_employer(run, OTHER, name="另一家有限公司")
    a_person(run, LI)


def hired(
    run: Runner, started: date, uscc: str = USCC, ident: str = LI, name: str = NAME, **said: Any
) -> Any:
    return run.system(registry.hire, Hire(uscc=uscc, ident=ident, name=name, started=started, **said))


def hire(run: Runner, started: date, uscc: str = USCC, ident: str = LI, name: str = NAME) -> str:
    return str(hired(run, started, uscc, ident, name).enrolled_from)


def left(run: Runner, ended: date, uscc: str = USCC, reason: str = "6301") -> Any:
    return run.system(registry.leave, Leave(uscc=uscc, ident=LI, ended=ended, reason=reason))


def leave(run: Runner, ended: date, uscc: str = USCC) -> str:
    return str(left(run, ended, uscc).enrolled_until)


def enrolled(run: Runner) -> list[tuple[str, str | None]]:
    seen = run.system(registry.view_person, AskPerson(ident=LI))
    pension = codes.name("insurance", "110")
    return [(one.started, one.ended) for one in reversed(seen.enrolments) if one.insurance_name == pension]


def test_who_changes_employer_within_a_month_is_enrolled_by_the_new_one_from_the_next(
    run: Runner, town: None
) -> None:
    hire(run, date(2026, 3, 2))
    leave(run, date(2026, 5, 10))
    assert hire(run, date(2026, 5, 20), OTHER) == "2026-06"
    assert enrolled(run) == [("2026-03", "2026-05"), ("2026-06", None)]


def test_who_leaves_again_before_that_month_was_never_enrolled_there(run: Runner, town: None) -> None:
    hire(run, date(2026, 3, 2))
    leave(run, date(2026, 5, 10))
    hire(run, date(2026, 5, 20), OTHER)
    assert leave(run, date(2026, 5, 25), OTHER) == "2026-05"
    assert enrolled(run) == [("2026-03", "2026-05")]
    assert hire(run, date(2026, 5, 28), OTHER) == "2026-06"


def test_a_backdated_hiring_does_not_run_into_another_enrolment(run: Runner, town: None) -> None:
    hire(run, date(2026, 3, 2))
    leave(run, date(2026, 5, 10))
    with pytest.raises(jobs.EnrolledMeanwhile, match="从 2026-03 到 2026-05"):
        hire(run, date(2026, 4, 1), OTHER)
    with pytest.raises(jobs.EnrolledMeanwhile):
        hire(run, date(2025, 1, 1), OTHER)


def test_the_same_employer_hires_again_after_the_last_day_not_on_it(run: Runner, town: None) -> None:
    hire(run, date(2026, 3, 2))
    leave(run, date(2026, 3, 2))
    with pytest.raises(jobs.StillThere):
        hire(run, date(2026, 3, 2))
    assert hire(run, date(2026, 3, 3)) == "2026-04"
    with pytest.raises(jobs.AlreadyEmployed):
        hire(run, date(2026, 7, 1))


def test_who_is_enrolled_elsewhere_is_not_enrolled_twice(run: Runner, town: None) -> None:
    hire(run, date(2026, 3, 2))
    with pytest.raises(jobs.StillEnrolled):
        hire(run, date(2026, 5, 1), OTHER)


def test_no_day_lies_ahead_or_before_the_beginning(run: Runner, town: None) -> None:
    with pytest.raises(jobs.DayAhead, match="入职日期不能晚于今天"):
        hire(run, date(2026, 11, 25))
    hire(run, TODAY)
    for ended in (date(2026, 11, 25), date(9999, 12, 31)):
        with pytest.raises(jobs.DayAhead, match="离职日期"):
            leave(run, ended)
    with pytest.raises(WrongDay, match="不能早于 2026-11-24"):
        leave(run, date(2026, 11, 23))
    assert leave(run, TODAY) == "2026-11"


def test_nobody_works_before_the_very_day_they_are_sixteen(
    run: Runner, town: None, clock: FixedClock
) -> None:
    young = "310101201007310016"  # born on the last of July 2010
    a_person(run, young)
    with pytest.raises(jobs.NotYetWorking, match="2026-07-31"):
        hire(run, date(2026, 7, 30), ident=young)
    assert hire(run, date(2026, 7, 31), ident=young) == "2026-07"


def test_an_employer_learns_no_name_from_a_number(run: Runner, town: None) -> None:
    """The same words for a number that is not registered and for a name that is not theirs."""
    said = set()
    for number in (LI, ZHANG):
        with pytest.raises(jobs.NameDiffers) as told:
            hire(run, date(2026, 3, 2), ident=number, name="李四")
        said.add(told.value.template)
        assert NAME not in told.value.message
    assert len(said) == 1


@pytest.mark.parametrize("number", [LI, ZHANG])
def test_of_who_does_not_work_there_nothing_is_said(run: Runner, town: None, number: str) -> None:
    hire(run, date(2026, 3, 2), OTHER)
    with pytest.raises(Refusal) as told:
        run.system(registry.leave, Leave(uscc=USCC, ident=number, ended=date(2026, 4, 1), reason="6301"))
    assert told.value.message == jobs.NotEmployed().message


def test_a_hire_is_called_what_it_is_and_says_how_late_it_was_reported(run: Runner, town: None) -> None:
    first = hired(run, date(2026, 3, 2))
    assert (first.reason, first.late_days, first.limit_days) == ("新参保", 267 - 30, 30)
    gone = left(run, date(2026, 10, 10), reason="6302")
    assert (gone.reason, gone.late_days, gone.limit_days) == ("统筹范围内转出", 45 - 15, 15)
    assert hired(run, date(2026, 10, 25), OTHER).reason == "统筹范围内转入"
    left(run, date(2026, 10, 30), OTHER)
    back = hired(run, date(2026, 11, 23))
    assert (back.reason, back.late_days) == ("恢复缴费", 0)
    rows = run.system(lambda uow: uow.session.query(Job).order_by(Job.started).all())
    assert [(one.hire_reason, one.hire_reported, one.leave_reason) for one in rows] == [
        ("11", TODAY, "6302"),
        ("14", TODAY, "6301"),
        ("12", TODAY, None),
    ]


def test_who_went_out_of_the_area_comes_back_from_outside(run: Runner, town: None) -> None:
    hire(run, date(2026, 3, 2))
    left(run, date(2026, 5, 10), reason="6404")
    back = hired(run, date(2026, 9, 1), OTHER, reason="13")
    assert (back.reason, back.enrolled_from) == ("统筹范围外转入", "2026-09")
    assert enrolled(run) == [("2026-03", "2026-05"), ("2026-09", None)]


def test_a_reason_that_cannot_be_is_refused(run: Runner, town: None) -> None:
    with pytest.raises(jobs.ReasonDiffers, match="没有参加过本市的社会保险，增员原因不能是“恢复缴费”"):
        hired(run, date(2026, 3, 2), reason="12")
    hire(run, date(2026, 3, 2))
    leave(run, date(2026, 5, 10))
    with pytest.raises(jobs.ReasonDiffers, match="请改成“恢复缴费”"):
        hired(run, date(2026, 9, 1), reason="11")


def flexible(run: Runner, since: Month) -> None:
    def enrol(uow: Uow) -> None:
        who = registry.person(uow, LI).id
        given = {"category": "flexible", "employer_id": None, "started": since, "ended": None}
        uow.session.add(Enrolment(person_id=who, insurance="110", **given))

    run.system(enrol)


def test_who_insured_themselves_is_taken_over_month_by_month_in_each_insurance(
    run: Runner, town: None
) -> None:
    """The pension of the month of hiring is the flexible worker's own; nothing insured them against injury yet."""
    flexible(run, Month(2026, 3))
    with pytest.raises(jobs.FlexibleMeanwhile, match="2026-03"):
        hired(run, date(2026, 10, 30))
    assert hire(run, date(2026, 11, 2)) == "2026-11"
    assert enrolled(run) == [("2026-03", "2026-11"), ("2026-12", None)]
    seen = run.system(registry.view_person, AskPerson(ident=LI))
    assert {one.started for one in seen.enrolments if one.insurance != "110"} == {"2026-11"}


@pytest.fixture
def real(fresh: Any) -> Iterator[Runner]:
    """Real commits."""
    run = runner(fresh(), {}, Vault.new(), size=4)
    yield run
    run.sessions.kw["bind"].dispose()


def test_nobody_is_hired_where_the_registration_is_just_being_cancelled(real: Runner) -> None:
    """The hiring waits for the cancellation, and then reads of it."""
    an_employer(real)
    a_person(real, LI)
    said: list[str] = []

    def second() -> None:
        try:
            hire(real, real.clock.today())
        except finding.EmployerCancelled as refusal:
            said.append(refusal.message)

    thread = threading.Thread(target=second)

    def first(uow: Uow) -> None:
        boss = registry.lock_employer(uow, USCC)
        thread.start()
        time.sleep(0.3)
        assert thread.is_alive()
        registry.insuring.close(uow, boss)

    real.system(first)
    thread.join(60)
    assert len(said) == 1
