"""Retirement and death end enrolments and jobs from the right month; a death taken back restores them exactly."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from backend.demo import numbers
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.period import Month
from backend.levy import service as levy
from backend.levy.billing import NobodyToBill
from backend.levy.employers.schema import ChangeInsurance
from backend.levy.schema import ChooseBase, Reassess
from backend.levy.unbilled import AskProblems
from backend.pension import service as pension
from backend.pension.schema import Award
from backend.registry import jobs
from backend.registry import service as registry
from backend.registry.model import Enrolment, Job
from backend.registry.schema import Hire, RegisterDeath, WithdrawDeath
from tests.backend.levy.town import (
    MIDDLE,
    SUN,
    WANG,
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
from tests.backend.pension.test_service import MAN, with_account
from tests.backend.people import USCC, ZHANG, a_person

LIN = numbers.citizen_number("310101", "19880215", 3)
PENSION, INSURANCES = "110", ["110", "210", "310", "410"]


def enrolments(run: Runner, ident: str) -> list[tuple[str, str, str | None]]:
    """Insurance, first and last month; the oldest first."""

    def look(uow: Uow) -> list[tuple[str, str, str | None]]:
        who = registry.person(uow, ident).id
        rows = uow.session.query(Enrolment).filter_by(person_id=who)
        return [
            (one.insurance, str(one.started), str(one.ended) if one.ended else None)
            for one in rows.order_by(Enrolment.insurance, Enrolment.started)
        ]

    return run.system(look)


def job(run: Runner, ident: str) -> tuple[date | None, str | None]:
    """When and why it ended."""

    def look(uow: Uow) -> tuple[date | None, str | None]:
        who = registry.person(uow, ident).id
        row = uow.session.query(Job).filter_by(person_id=who).one()
        return row.ended, row.leave_reason

    return run.system(look)


def die(run: Runner, ident: str, died: date) -> None:
    given: dict[str, Any] = {"document": "沪殡2026-1", "reported_by": "女儿张一"}
    run.system(registry.register_death, RegisterDeath(ident=ident, died=died, **given))


def live(run: Runner, ident: str) -> None:
    given: dict[str, Any] = {"document": "沪公证2026-1", "reason": "同名的人登记错了"}
    run.system(registry.withdraw_death, WithdrawDeath(ident=ident, **given))


def test_who_retires_is_insured_to_that_month_and_works_there_no_more(run: Runner, clock: FixedClock) -> None:
    with_account(run, MAN, months=360, balance="182340.15", index=10_500)
    run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    assert enrolments(run, MAN) == [(one, "1993-11", "2023-11") for one in INSURANCES]
    assert job(run, MAN) == (date(2023, 11, 30), "6501")
    at(clock, 2026, 12, 5)
    with pytest.raises(jobs.RetiredThen, match="2023-11 退休"):
        run.system(registry.hire, Hire(uscc=USCC, ident=MAN, name="张秀䶮", started=date(2026, 12, 1)))


def test_who_retires_insuring_themselves_is_not_billed_for_the_month_after(
    run: Runner, clock: FixedClock
) -> None:
    at(clock, 2026, 8, 5)
    person_id = flexible(run, ZHANG)
    run.system(levy.choose_base, ChooseBase(ident=ZHANG, since="2026-08", base_fen=MIDDLE))
    assert bill(run).n == 1
    run.system(lambda uow: uow.emit(registry.Retired(person_id, Month(2026, 8))))
    assert enrolments(run, ZHANG) == [(PENSION, "2026-08", "2026-08")]
    at(clock, 2026, 9, 5)
    with pytest.raises(NobodyToBill):
        bill(run, "2026-09")


def test_who_dies_is_insured_to_that_month_and_on_no_list_after(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    flexible(run, ZHANG)
    declare_all(run)
    die(run, WANG, date(2026, 8, 3))
    die(run, ZHANG, date(2026, 8, 4))
    assert enrolments(run, WANG) == [(one, "2026-07", "2026-08") for one in INSURANCES]
    assert job(run, WANG) == (date(2026, 8, 3), "6401")
    assert bill(run).n == 12, "the month of death is due still; nobody chose a base for the one alone"
    at(clock, 2026, 9, 5)
    assert (bill(run, "2026-09").n, run.system(levy.problems, AskProblems(month="2026-09")).total) == (8, 0)
    sound(run)


def test_what_was_billed_after_a_death_is_lowered_when_the_months_are_assessed_anew(
    run: Runner, clock: FixedClock
) -> None:
    a_town(run, clock)
    declare_all(run)
    bill(run)
    before = owed(run).owed_fen
    die(run, ZHAO, date(2026, 7, 20))
    assert owed(run).owed_fen == before
    run.system(levy.reassess, Reassess(uscc=USCC, ident=ZHAO, since="2026-08", until="2026-08"))
    assert before - owed(run).owed_fen == 160_000 + 80_000 + 90_000 + 20_000 + 5_000 + 5_000 + 9_000
    sound(run)


def test_a_death_taken_back_restores_jobs_and_enrolments_as_they_were(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    flexible(run, ZHANG)
    for number, died in ((WANG, date(2026, 8, 3)), (SUN, date(2025, 1, 1)), (ZHANG, date(2026, 7, 1))):
        before = enrolments(run, number)
        die(run, number, died)
        assert enrolments(run, number) != before
        live(run, number)
        assert enrolments(run, number) == before
    assert job(run, WANG) == job(run, SUN) == (None, None)
    declare(run, WANG, MIDDLE)
    assert bill(run).n == 4


def test_what_the_employer_or_a_retirement_ended_meanwhile_stays_ended(
    run: Runner, clock: FixedClock
) -> None:
    a_town(run, clock)
    die(run, WANG, date(2026, 7, 20))
    given: dict[str, Any] = {"change": "cease", "since": "2026-08", "ground": "沪人社〔2026〕1号"}
    run.system(levy.change_insurance, ChangeInsurance(uscc=USCC, insurance="210", **given))
    live(run, WANG)
    assert enrolments(run, WANG) == [
        (one, "2026-07", "2026-07" if one == "210" else None) for one in INSURANCES
    ]
    die(run, WANG, date(2026, 7, 20))
    person_id = run.system(lambda uow: registry.person(uow, WANG).id)
    run.system(lambda uow: uow.emit(registry.Retired(person_id, Month(2026, 8))))
    live(run, WANG)
    assert enrolments(run, WANG) == [
        (one, "2026-07", "2026-07" if one == "210" else "2026-08") for one in INSURANCES
    ]


def test_a_hire_reported_after_the_death_counts_to_it_and_none_begins_later(
    run: Runner, clock: FixedClock
) -> None:
    a_town(run, clock)

    a_person(run, LIN)
    die(run, LIN, date(2026, 8, 2))
    with pytest.raises(jobs.DeadThen):
        run.system(registry.hire, Hire(uscc=USCC, ident=LIN, name="张秀䶮", started=date(2026, 8, 3)))
    run.system(registry.hire, Hire(uscc=USCC, ident=LIN, name="张秀䶮", started=date(2026, 7, 30)))
    assert enrolments(run, LIN) == [(one, "2026-07", "2026-08") for one in INSURANCES]
    assert job(run, LIN) == (date(2026, 8, 2), "6401")
