"""Yearly interest: every account bears what the rule says, once; who was corrected bears what is right since."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from backend import wiring
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.db import engine as connect
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.kernel.pooling import BeyondReach
from backend.levy import service as levy
from backend.levy.schema import BillMonth
from backend.pension import interest, stopping
from backend.pension import service as pension
from backend.pension.interest import RateNotPublished, Terms, YearNotOver
from backend.pension.model import Account, AccountYear
from backend.pension.rules.interest import YEAR, Booked, Method, year_fen
from backend.pension.schema import AskStatement, Award, SettleYear, Suspend, YearSettled, YearView
from backend.pension.years import open_year
from backend.registry import service as registry
from backend.registry.schema import Hire, RegisterDeath
from tests.backend.levy import town
from tests.backend.levy.town import WANG, at, carried_out, declare, receive
from tests.backend.payout.city import fund
from tests.backend.pension.test_service import MAN, with_account
from tests.backend.people import USCC, a_person, an_employer, officer
from tests.conftest import TODAY, Fresh

LEFT = 18_234_015  # 182340.15 at 1.5%: 2735.10225
BORNE = 273_510
BY_YEAR, BY_MONTH = Method(62_500, 1_083), Method(62_500)


def settle(run: Runner, year: int = 2025) -> YearSettled:
    return run.system(interest.settle_year, SettleYear(year=year))


def years(run: Runner, ident: str = MAN) -> dict[int, YearView]:
    return {one.year: one for one in run.system(pension.statement, AskStatement(ident=ident)).years}


def change(run: Runner, person: int, at: int, **values: object) -> None:
    def write(uow: Uow) -> None:
        which = AccountYear.person_id == person, AccountYear.year == at
        uow.session.execute(update(AccountYear).where(*which).values(**values))

    run.system(write)


@pytest.fixture
def man(run: Runner) -> int:
    return with_account(run, MAN, months=360, balance="182340.15", index=10_500)


def test_a_year_is_settled_by_two_persons_and_later_years_begin_with_its_interest(
    run: Runner, man: int
) -> None:
    run.system(pension.award, Award(ident=MAN, retired="2023-11"))  # opens 2026
    carried_out(run, "PEN-06", SettleYear(year=2025))
    told = years(run)
    assert (told[2025].interest_fen, told[2025].closing_fen) == (BORNE, LEFT + BORNE)
    assert (told[2025].settled, told[2025].rate) == (True, "1.5%")
    assert told[2026].opening_fen == told[2026].closing_fen == LEFT + BORNE
    assert not told[2026].settled
    assert run.system(pension.check) == []


def test_a_second_run_changes_nothing(run: Runner, man: int) -> None:
    first = settle(run)
    assert (first.accounts, first.interest_fen, first.rate, first.method) == (1, BORNE, "1.5%", "月积数法")
    assert any("个人账户计息办法" in one for one in first.warnings), (
        "nobody has verified which method is used here"
    )
    before = years(run)
    again = settle(run)
    assert (again.accounts, again.interest_fen, again.corrected, again.waiting) == (0, 0, 0, 0)
    assert years(run) == before


def test_a_year_that_is_not_over_or_has_no_rate_is_refused(run: Runner, man: int, clock: FixedClock) -> None:
    with pytest.raises(YearNotOver):
        settle(run, 2026)
    clock.set(datetime(2027, 7, 1, tzinfo=UTC))
    with pytest.raises(RateNotPublished, match="2026"):
        settle(run, 2026)
    with pytest.raises(RateNotPublished, match="2015"):
        settle(run, 2015)
    assert not years(run)[2025].settled


def test_an_officer_of_a_district_does_not_settle_the_city(run: Runner, man: int) -> None:
    with pytest.raises(BeyondReach):
        run.by(officer(area="310101"))(interest.settle_year, SettleYear(year=2025))


@pytest.mark.parametrize(
    ("status", "bears"), [("1", True), ("4", True), ("5", True), ("2", False), ("3", False)]
)
def test_who_bears_interest(run: Runner, man: int, status: str, bears: bool) -> None:
    run.system(lambda uow: setattr(uow.session.get_one(Account, man), "status", status))
    assert settle(run).accounts == bears
    assert years(run)[2025].interest_fen == (BORNE if bears else 0)


def test_an_account_in_which_nothing_moved_bears_too_year_after_year(run: Runner, man: int) -> None:
    """2023 at 3.97%, 2024 at 2.62%, 2025 at 1.5%, each on what the year before left; none before its turn."""
    change(run, man, 2025, year=2023)
    waits = settle(run)
    assert (waits.accounts, waits.waiting) == (0, 1)
    for year in (2023, 2024, 2025):
        assert settle(run, year).accounts == 1
    told = years(run)
    assert [told[year].interest_fen for year in (2023, 2024, 2025)] == [723_890, 496_697, 291_819]
    assert told[2025].closing_fen == LEFT + 723_890 + 496_697 + 291_819
    assert run.system(pension.check) == []


def test_what_others_gave_before_stays(run: Runner, man: int) -> None:
    change(run, man, 2025, rate=0)
    assert (settle(run).accounts, settle(run).corrected) == (0, 0)
    assert years(run)[2025].interest_fen == 0


def test_what_is_credited_bears_from_the_month_in_which_it_comes(run: Runner, clock: FixedClock) -> None:
    """August is paid in September, October's in the next year: four months of the first year for the first, none
    for the second, whose month it is for changes nothing."""
    at(clock, 2025, 8, 5)
    an_employer(run)
    a_person(run, WANG)
    run.system(registry.hire, Hire(uscc=USCC, ident=WANG, name="张秀䶮", started=date(2025, 7, 1)))
    declare(run, WANG, 1_000_000, since="2025-08")
    run.system(levy.bill_month, BillMonth(month="2025-08"))
    at(clock, 2025, 9, 5)
    owed = sum(bill.due_fen for bill in town.owed(run).bills)
    receive(run, "B0001", owed)
    at(clock, 2025, 10, 5)
    run.system(levy.bill_month, BillMonth(month="2025-10"))
    at(clock, 2026, 3, 5)
    receive(run, "B0002", 10 * owed)
    assert settle(run).accounts == 1
    told = years(run, WANG)
    assert told[2025].credited_fen == told[2026].credited_fen == 80_000
    assert told[2025].interest_fen == 400, "800 yuan, four months at 1.5%"
    assert told[2026].opening_fen == 80_400
    before = told
    assert settle(run).corrected == 0
    assert years(run, WANG) == before


def paid_in_2025(run: Runner, clock: FixedClock, man: int) -> int:
    """Two payments in 2025, of October's whole arrears and of November's month; the account's part of a month."""
    change(run, man, 2025, year=2024, rate=0)
    clock.set(datetime(2025, 10, 10, tzinfo=UTC))
    fund(run)
    award = run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    for month in (10, 11):
        clock.set(datetime(2025, month, 10, tzinfo=UTC))
        run.system(pension.pay_month, Month(2025, month), "second")
    clock.set(TODAY)
    return award.account_fen


def test_an_account_in_payment_bears_on_what_is_left(run: Runner, clock: FixedClock, man: int) -> None:
    """23 months are drawn in October and bear nothing for three months, one in November for two."""
    part = paid_in_2025(run, clock, man)
    assert settle(run).accounts == 1
    bears = 12 * LEFT - 3 * 23 * part - 2 * part
    told = years(run)[2025]
    assert told.paid_fen == 24 * part
    assert told.interest_fen == (2 * bears * 15_000 + 12_000_000) // 24_000_000
    assert run.system(pension.check) == []


def test_months_that_were_not_due_bear_as_if_never_drawn(run: Runner, clock: FixedClock, man: int) -> None:
    part = paid_in_2025(run, clock, man)
    settle(run)
    run.system(stopping.suspend, Suspend(ident=MAN, since="2025-11", reason="02", document="沪2026-1"))
    told = years(run)[2025]
    bears = 12 * LEFT - 3 * 23 * part
    assert told.interest_fen == (2 * bears * 15_000 + 12_000_000) // 24_000_000
    assert settle(run).corrected == 0
    assert run.system(pension.check) == []


def test_a_death_that_is_told_late_takes_back_what_came_after(run: Runner, man: int) -> None:
    """Died in June 2025: half a year. What the years since began with goes with it."""
    run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    settle(run)
    run.system(
        registry.register_death,
        RegisterDeath(ident=MAN, died=date(2025, 6, 3), document="沪2026-2", reported_by="王芳"),
    )
    told = years(run)
    assert told[2025].interest_fen == 136_755
    assert told[2026].opening_fen == LEFT + 136_755
    assert (settle(run).corrected, run.system(pension.check)) == (0, [])


def test_what_was_drawn_since_is_not_taken_back(run: Runner, man: int) -> None:
    """All of it was drawn in the next year but a yuan: a correction takes that and no more."""
    run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    settle(run)
    drawn = LEFT + BORNE - 100
    change(run, man, 2026, paid=Money(drawn), closing=Money(100), moved=[-drawn, *[0] * 11])
    change(run, man, 2025, interest=Money(BORNE + 500), closing=Money(LEFT + BORNE + 500))
    change(
        run,
        man,
        2026,
        opening=Money(LEFT + BORNE + 500),
        closing=Money(100),
        paid=Money(drawn + 500),
        moved=[-drawn - 500, *[0] * 11],
    )
    done = settle(run)
    assert (done.corrected, done.corrected_fen) == (1, -100)
    assert years(run)[2026].closing_fen == 0
    assert (settle(run).corrected, run.system(pension.check)) == (0, [])


def test_the_check_finds_interest_that_is_not_the_rules_and_years_that_do_not_follow(
    run: Runner, man: int
) -> None:
    run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    settle(run)
    change(run, man, 2025, interest=Money(BORNE - 1), closing=Money(LEFT + BORNE - 1))
    found = [str(one) for one in run.system(pension.check)]
    assert found == [
        f"个人账户：人员 {man} 的 2026 年年初，应为{LEFT + BORNE - 1} 分，实为{LEFT + BORNE} 分",
        f"个人账户：人员 {man} 的 2025 年利息，应为{BORNE} 分，实为{BORNE - 1} 分",
    ]


def test_the_database_refuses_months_that_are_not_the_years(run: Runner, man: int) -> None:
    with pytest.raises(IntegrityError, match="moved_adds_up"):
        change(run, man, 2025, moved=[1, *[0] * 11])
    with pytest.raises(IntegrityError, match="twelve_months"):
        change(run, man, 2025, moved=[0] * 13)


class Drawn(NamedTuple):
    """A random year of somebody's account."""

    opening: int
    credits: list[int]
    draws: list[int]
    died: date | None


def _possible(one: Drawn) -> bool:
    left = one.opening
    for came, went in zip(one.credits, one.draws, strict=True):
        left += came - went
        if left < 0:
            return False
    return True


ACCOUNTS = st.builds(
    Drawn,
    st.one_of(st.just(0), st.integers(0, 40_000_000)),
    st.lists(st.one_of(st.just(0), st.integers(0, 300_000)), min_size=12, max_size=12),
    st.lists(st.one_of(st.just(0), st.integers(0, 200_000)), min_size=12, max_size=12),
    st.one_of(st.none(), st.dates(date(2024, 1, 1), date(2026, 6, 30))),
).filter(_possible)


@pytest.fixture(scope="module")
def crowd(engine: Engine) -> Iterator[tuple[Runner, list[int]]]:
    """Twelve persons with empty accounts, for one year after the other."""
    with engine.connect() as connection:
        outer = connection.begin()
        sessions = sessionmaker[Session](
            bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        run = Runner(sessions, wiring.HANDLERS, actor=SYSTEM, clock=FixedClock(TODAY))
        an_employer(run)
        yield run, run.system(_people)
        outer.rollback()


def _people(uow: Uow) -> list[int]:
    rows = [
        registry.Person(
            ident=f"3101011960010100{n:02d}",
            name="张秀䶮",
            sex="1",
            birth=date(1960, 1, 1),
            nation="01",
            education="60",
            area="310101",
            phone="",
            address="",
            registered_at=uow.now,
        )
        for n in range(12)
    ]
    uow.session.add_all(rows)
    uow.session.flush()
    uow.session.add_all(
        Account(
            person_id=one.id,
            status="1",
            opened=Month(2000, 1),
            track=60,
            months_paid=0,
            deemed_months=0,
            index_sum=0,
        )
        for one in rows
    )
    return [one.id for one in rows]


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(told=st.lists(ACCOUNTS, min_size=1, max_size=12), by=st.sampled_from([BY_YEAR, BY_MONTH]))
def test_a_column_bears_what_the_rule_says_of_each(
    crowd: tuple[Runner, list[int]], told: list[Drawn], by: Method
) -> None:
    run, people = crowd
    found = run.system(_borne, people, told, by)
    assert found == [_by_rule(one, by) for one in told]


def _by_rule(one: Drawn, by: Method) -> int:
    months = YEAR if one.died is None else max(0, min(YEAR, (one.died.year - 2025) * 12 + one.died.month))
    moved = [came - went for came, went in zip(one.credits, one.draws, strict=True)]
    return year_fen(by, Booked(one.opening, moved, sum(one.credits), sum(one.draws)), months)


def _borne(uow: Uow, people: list[int], told: list[Drawn], by: Method) -> list[int]:
    """What the database's one statement makes of these years; undone at once."""
    with uow.session.begin_nested() as nested:
        for person, one in zip(people, told, strict=False):
            if one.died:
                which = registry.Person.id == person
                uow.session.execute(update(registry.Person).where(which).values(died=one.died))
        rows = [_row(person, one) for person, one in zip(people, told, strict=False)]
        uow.session.execute(insert(AccountYear), rows)
        known = Terms(2025, by, "", "", ())
        given = uow.session.execute(interest.owed(known, fresh=True)).all()
        nested.rollback()
    found = {row.person_id: row.fen for row in given}
    return [found[person] for person, _ in zip(people, told, strict=False)]


def _row(person: int, one: Drawn) -> dict[str, object]:
    credited, paid = sum(one.credits), sum(one.draws)
    return {
        "year": 2025,
        "person_id": person,
        "months": 12,
        "opening": Money(one.opening),
        "credited": Money(credited),
        "interest": Money(0),
        "paid": Money(paid),
        "closing": Money(one.opening + credited - paid),
        "moved": [came - went for came, went in zip(one.credits, one.draws, strict=True)],
    }


def test_a_year_that_is_opened_meanwhile_begins_with_the_interest(fresh: Fresh) -> None:
    """A receipt opens the new year of an account while the last one is settled: it waits, and loses nothing."""
    pool = connect(fresh(), size=2)
    run = Runner(sessionmaker(pool, expire_on_commit=False), wiring.HANDLERS, clock=FixedClock(TODAY))
    person = with_account(run, MAN, months=360, balance="182340.15", index=10_500)
    opened = threading.Thread(
        target=lambda: run.system(lambda uow: open_year(uow, Account.person_id == person))
    )

    def meanwhile(uow: Uow) -> bool:
        interest.settle_year(uow, SettleYear(year=2025))
        opened.start()
        opened.join(0.3)
        return opened.is_alive()

    assert run.system(meanwhile), "the other waits"
    opened.join(60)
    assert years(run)[2026].opening_fen == LEFT + BORNE
    assert run.system(pension.check) == []
    pool.dispose()
