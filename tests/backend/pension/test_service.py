"""From enrolment to the first pension: the account, the award in three steps, the month paid as one set."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from backend.kernel import items, ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import Forbidden
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.payout import accounts
from backend.payout.batches import AlreadyRun, NobodyDue
from backend.pension import service as pension
from backend.pension import years
from backend.pension.careers.choosing import NotRetiredYet, NotYet, TooFewMonths
from backend.pension.careers.chosen import TellEarly
from backend.pension.model import Account, AccountYear
from backend.pension.model import Award as AwardRow
from backend.pension.paying import FutureMonth
from backend.pension.schema import AskMine, AskStatement, Award, RunMonth
from backend.pension.service import AlreadyAwarded, NoAccount
from backend.registry import service as registry
from backend.registry.schema import Hire, Leave
from tests.backend.payout.city import fund
from tests.backend.people import LI, USCC, a_person, an_employer, officer

MAN = "310101196311150017"  # born 1963-11: retires at sixty, before the reform
WOMAN = "310101197109100029"  # on the 55 track, born 1971-09: legal age 55 years 6 months


@pytest.fixture
def man(run: Runner) -> int:
    return with_account(run, MAN, months=360, balance="182340.15", index=10_500)


def with_account(
    run: Runner, ident: str, *, months: int, balance: str, index: int, tells: str = "2026-10"
) -> int:
    """A person enrolled by the real command, with an account as a working life leaves it. The woman retires early, in
    the month that she `tells`, and has told so in time."""
    if not run.system(lambda uow: uow.session.query(registry.Employer).count()):
        an_employer(run)
    person_id = a_person(run, ident)
    run.system(registry.hire, Hire(uscc=USCC, ident=ident, name="张秀䶮", started=date(1993, 11, 1)))

    def fill(uow: Uow) -> None:
        account = uow.session.get_one(Account, person_id)
        account.months_paid, account.index_sum = months, months * index
        left = Money.yuan(balance)
        uow.session.add(
            AccountYear(
                person_id=person_id,
                year=2025,
                months=12,
                opening=left,
                credited=Money(0),
                interest=Money(0),
                paid=Money(0),
                closing=left,
            )
        )

    run.system(fill)
    if ident == WOMAN and months >= 180:
        told = TellEarly(ident=ident, month=tells, told_on=date(2026, 6, 1), document="告知 1 号")
        run.system(pension.careers.tell_early, told)
    return person_id


def test_a_first_enrolment_opens_the_account(run: Runner) -> None:
    an_employer(run)
    a_person(run, LI)
    with pytest.raises(NoAccount):
        run.system(pension.mine, AskMine(ident=LI))
    run.system(registry.hire, Hire(uscc=USCC, ident=LI, name="张秀䶮", started=date(2026, 3, 1)))
    mine = run.system(pension.mine, AskMine(ident=LI))
    assert (mine.status, mine.months_paid, mine.balance_fen) == ("正常", 0, 0)
    run.system(registry.leave, Leave(uscc=USCC, ident=LI, ended=date(2026, 9, 30), reason="6301"))
    run.system(registry.hire, Hire(uscc=USCC, ident=LI, name="张秀䶮", started=date(2026, 10, 8)))


def test_the_award_is_the_calculators_own_sum_and_says_how(run: Runner, man: int) -> None:
    """Base 12434, index 1.05, 30 years: (12434 + 13055.70) ÷ 2 × 30%; 182340.15 ÷ 139."""
    award = run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    assert award.first_month == "2023-12"
    assert (
        award.total_fen == award.basic_fen + award.account_fen + award.transitional_fen + award.additions_fen
    )
    assert award.account_fen == 131_180, "182340.15 ÷ 139 = 1311.80, rounded to the jiao"
    assert {"基础养老金", "个人账户养老金", "合计"} <= {step.name for step in award.steps}
    assert run.system(pension.mine, AskMine(ident=MAN)).status == "退休"
    with pytest.raises(AlreadyAwarded):
        run.system(pension.award, Award(ident=MAN, retired="2023-11"))


def test_nobody_retires_before_their_time_or_with_too_few_months(run: Runner) -> None:
    with_account(run, WOMAN, months=150, balance="50000", index=8_000)
    with pytest.raises(NotYet, match=r"2026-09-10.*2030-03-10"):
        run.system(pension.award, Award(ident=WOMAN, retired="2026-08"))
    with pytest.raises(TooFewMonths, match="还差 30 个月"):
        run.system(pension.award, Award(ident=WOMAN, retired="2026-10"))
    with pytest.raises(NotRetiredYet, match="2027-03"):
        run.system(pension.award, Award(ident=WOMAN, retired="2027-03"))


def test_an_award_of_a_year_without_its_own_base_is_provisional(run: Runner) -> None:
    with_account(run, WOMAN, months=300, balance="90000", index=8_000)
    award = run.system(pension.award, Award(ident=WOMAN, retired="2026-10"))
    assert award.provisional


def test_a_month_is_paid_once_with_all_that_was_owed_since_the_first_and_the_account_gives_its_part(
    run: Runner, clock: FixedClock, man: int
) -> None:
    """Decided three years late: 2023-12 to 2026-11 are 36 months."""
    fund(run)
    award = run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    batch = run.system(pension.pay_month, Month(2026, 11), "second")
    assert (batch.n, batch.total_fen, batch.waiting) == (36, 36 * award.total_fen, 36)
    statement = run.system(pension.statement, AskStatement(ident=MAN))
    year = statement.years[-1]
    assert (year.year, year.paid_fen) == (2026, 36 * award.account_fen)
    assert statement.balance_fen == year.closing_fen == 18_234_015 - 36 * award.account_fen
    assert run.system(ledger.check) == []
    with pytest.raises(AlreadyRun):
        run.system(pension.pay_month, Month(2026, 11), "second")
    clock.set(datetime(2026, 12, 5, tzinfo=UTC))
    assert run.system(pension.pay_month, Month(2026, 12), "second").n == 1
    assert run.system(pension.statement, AskStatement(ident=MAN)).years[-1].paid_fen == 37 * award.account_fen


def test_a_new_year_begins_with_what_the_last_one_left_also_for_who_is_decided_within_it(
    run: Runner, clock: FixedClock, man: int
) -> None:
    fund(run)
    run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    run.system(pay_from, man, Month(2026, 12))
    clock.set(datetime(2026, 12, 5, tzinfo=UTC))
    run.system(pension.pay_month, Month(2026, 12), "second")
    clock.set(datetime(2026, 12, 31, 16, 30, tzinfo=UTC))  # half past midnight in China
    run.system(pension.pay_month, Month(2027, 1), "second")
    _, last, first = run.system(pension.statement, AskStatement(ident=MAN)).years
    assert (last.year, first.year) == (2026, 2027)
    assert first.opening_fen == last.closing_fen == 18_234_015 - last.paid_fen
    assert first.closing_fen == first.opening_fen - last.paid_fen
    with_account(run, WOMAN, months=300, balance="90000", index=8_000)
    late = run.system(pension.award, Award(ident=WOMAN, retired="2026-10"))
    run.system(pension.pay_month, Month(2027, 1), "second")
    statement = run.system(pension.statement, AskStatement(ident=WOMAN))
    assert (statement.years[-1].year, statement.years[-1].paid_fen) == (2027, 3 * late.account_fen)
    assert statement.balance_fen == 9_000_000 - 3 * late.account_fen


def test_who_is_decided_after_the_month_was_run_gets_it_in_a_further_run(run: Runner, man: int) -> None:
    fund(run)
    other = a_person(run, LI)
    assert other
    award = run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    run.system(pay_from, man, Month(2026, 11))
    assert run.system(pension.pay_month, Month(2026, 11), "second").n == 1
    with_account(run, WOMAN, months=300, balance="90000", index=8_000)
    late = run.system(pension.award, Award(ident=WOMAN, retired="2026-10"))
    further = run.system(pension.pay_month, Month(2026, 11), "second")
    assert (further.run, further.n, further.total_fen) == (2, 1, late.total_fen)
    with pytest.raises(AlreadyRun):
        run.system(pension.pay_month, Month(2026, 11), "second")
    assert run.system(owed) == award.total_fen + late.total_fen
    assert run.system(ledger.check) == []


def test_a_decision_that_was_under_way_while_the_month_was_run_is_paid_with_the_next(
    run: Runner, clock: FixedClock, man: int
) -> None:
    """Dated before the run, kept after it: the run could not see it, and the month is owed all the same."""
    fund(run)
    run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    run.system(pay_from, man, Month(2026, 11))
    run.system(pension.pay_month, Month(2026, 11), "second")
    woman = with_account(run, WOMAN, months=300, balance="90000", index=8_000)
    run.system(pension.award, Award(ident=WOMAN, retired="2026-10"))

    def dated_before(uow: Uow) -> None:
        decided = uow.session.scalars(select(AwardRow).where(AwardRow.person_id == woman)).one()
        decided.decided_at = clock.now() - timedelta(seconds=5)

    run.system(dated_before)
    clock.set(datetime(2026, 12, 5, tzinfo=UTC))
    assert run.system(pension.pay_month, Month(2026, 12), "second").n == 1 + 2


def test_a_month_that_was_run_out_of_order_owes_nobody_twice(
    run: Runner, clock: FixedClock, man: int
) -> None:
    fund(run)
    run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    run.system(pay_from, man, Month(2026, 10))
    assert run.system(pension.pay_month, Month(2026, 11), "second").n == 2
    with pytest.raises(NobodyDue):
        run.system(pension.pay_month, Month(2026, 10), "second")


def test_the_dead_are_not_owed_the_months_after_their_last(run: Runner, man: int) -> None:
    fund(run)
    run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    run.system(pay_from, man, Month(2026, 8))

    def die(uow: Uow) -> None:
        uow.session.get_one(registry.Person, man).died = date(2026, 9, 15)

    run.system(die)
    batch = run.system(pension.pay_month, Month(2026, 11), "second")
    assert batch.n == 2, "August, and September in which he died"


def test_an_officer_of_a_district_does_not_move_the_citys_money(run: Runner, man: int) -> None:
    with pytest.raises(Forbidden, match="全上海市统一办理"):
        run.by(officer(area="310101"))(pension.pay_month, Month(2026, 11), "second")


def pay_from(uow: Uow, person_id: int, month: Month) -> None:
    """As of one who was paid elsewhere before."""
    uow.session.scalars(select(AwardRow).where(AwardRow.person_id == person_id)).one().pays_from = month


def owed(uow: Uow) -> int:
    return -ledger.balance(uow, accounts.payable(uow))


def test_when_the_account_is_empty_the_pooled_fund_pays_on(run: Runner, man: int) -> None:
    run.system(pension.award, Award(ident=MAN, retired="2023-11"))

    def nearly_empty(uow: Uow) -> None:
        this = uow.session.get_one(AccountYear, (2026, man))
        this.paid = this.opening - Money(500)
        this.closing = Money(500)
        this.moved = [-this.paid.fen, *[0] * 11]

    run.system(nearly_empty)
    before = run.system(lambda uow: uow.session.get_one(AccountYear, (2026, man)).paid)
    batch = run.system(pension.pay_month, Month(2026, 11), "second")
    assert batch.n == 36
    assert run.system(years.balance, man) == Money(0)
    this = run.system(lambda uow: uow.session.get_one(AccountYear, (2026, man)))
    assert (this.paid - before, this.closing) == (Money(500), Money(0))


def test_a_future_month_or_a_month_with_nobody_is_refused(run: Runner) -> None:
    with pytest.raises(FutureMonth):
        run.system(pension.run_month, RunMonth(month="2027-01"))
    with pytest.raises(NobodyDue):
        run.system(pension.pay_month, Month(2026, 11), "second")


def test_the_award_waits_for_two_reviews(run: Runner, man: int) -> None:
    known = items.find("PEN-04")
    filed = items.perform(run.by(officer()), known, Award(ident=MAN, retired="2023-11"))
    assert isinstance(filed, items.Filed)
    assert (
        run.by(officer("officer:2", "复核"))(items.decide, filed.case_no, "approved", "")[0].state
        == "waiting"
    )
    assert (
        run.by(officer("officer:3", "复核"))(items.decide, filed.case_no, "approved", "")[0].state == "done"
    )
    assert run.system(pension.mine, AskMine(ident=MAN)).award is not None
