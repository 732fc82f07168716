"""Hiring and leaving: days that can be, enrolments that never overlap, and no name for who does not work there."""

from __future__ import annotations

from datetime import date

import pytest

from backend.kernel import codes
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.errors import Refusal
from backend.registry import jobs
from backend.registry import service as registry
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


def hire(run: Runner, started: date, uscc: str = USCC, ident: str = LI, name: str = NAME) -> str:
    return run.system(registry.hire, Hire(uscc=uscc, ident=ident, name=name, started=started)).enrolled_from


def leave(run: Runner, ended: date, uscc: str = USCC) -> str:
    return run.system(registry.leave, Leave(uscc=uscc, ident=LI, ended=ended)).enrolled_until


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
        run.system(registry.leave, Leave(uscc=USCC, ident=number, ended=date(2026, 4, 1)))
    assert told.value.message == jobs.NotEmployed().message
