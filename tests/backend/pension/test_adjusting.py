"""Yearly adjustment: everybody once by the rule, arrears since January, and all of it taken back where it was wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, column, select, update, values

from backend import wiring
from backend.kernel import ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.money import Money
from backend.kernel.params import Missing
from backend.kernel.period import Month
from backend.kernel.pooling import BeyondReach
from backend.payout import accounts
from backend.payout.model import Overpaid, Payable, Recovery, Repayment
from backend.payout.recovery import repaying
from backend.payout.recovery.schema import Repay
from backend.pension import service as pension
from backend.pension.adjusting import service as adjusting
from backend.pension.adjusting.asking import NothingToAdjust
from backend.pension.adjusting.due import SQL
from backend.pension.adjusting.reversing import LaterYearStands, ReversedAlready
from backend.pension.adjusting.running import NobodyToAdjust, YearNotBegun
from backend.pension.adjusting.schema import (
    AdjustmentReversed,
    AdjustYear,
    AskAdjustments,
    AskRuns,
    ReverseAdjustment,
    TryYear,
    YearAdjusted,
)
from backend.pension.amounts import amount_of
from backend.pension.awarding import recalculating
from backend.pension.awarding.differences import WAITING
from backend.pension.awarding.model import Settlement
from backend.pension.awarding.schema import Recalculate
from backend.pension.benefits import ITEM
from backend.pension.model import Account, Adjustment, Contribution
from backend.pension.model import Award as AwardRow
from backend.pension.rules.adjustment import Pensioner, Scheme, increase
from backend.pension.schema import AskMine, Award, Resume, Suspend
from backend.registry import service as registry
from backend.registry.schema import RegisterDeath, WithdrawDeath
from tests.backend.levy.town import carried_out
from tests.backend.payout.city import fund
from tests.backend.pension.test_rules import SCHEMES
from tests.backend.pension.test_service import MAN, with_account
from tests.backend.people import LI, a_person, officer
from tests.conftest import TODAY

DOC = "沪人社撤〔2025〕1号"
DIED = "死亡证明 2025-3"
HE, OTHER = "310101196406150116", "310101196406150132"  # sixty in June 2024
JANUARY = Month(2025, 1)


def on(clock: FixedClock, month: int, day: int = 15, year: int = 2025) -> None:
    clock.set(datetime(year, month, day, 2, tzinfo=UTC))


@pytest.fixture
def man(run: Runner, clock: FixedClock) -> int:
    """Retired in June 2024, decided in January 2025, before anything was paid here."""
    on(clock, 1)
    person = with_account(run, HE, months=367, balance="182340.15", index=10_500)
    fund(run)
    run.system(pension.award, Award(ident=HE, retired="2024-06"))
    return person


def pay(run: Runner, clock: FixedClock, *months: int) -> None:
    for month in months:
        on(clock, month)
        run.system(pension.pay_month, Month(2025, month), "second")


def adjust(run: Runner, year: int = 2025) -> YearAdjusted:
    return run.system(adjusting.adjust_year, AdjustYear(year=year))


def reverse(run: Runner, number: int) -> AdjustmentReversed:
    return run.system(adjusting.reverse, ReverseAdjustment(number=number, because="参数录错了", document=DOC))


def standing_award(uow: Uow, person: int) -> AwardRow:
    return uow.session.scalars(
        select(AwardRow).where(AwardRow.person_id == person, AwardRow.state != "replaced")
    ).one()


def base(run: Runner, person: int) -> int:
    return run.system(standing_award, person).total.fen


def gain(run: Runner, person: int) -> int:
    """2025: 40, 1 for each of thirty whole years, 0.6% of the pension to the jiao; 61 years old."""
    return 4_000 + 3_000 + (base(run, person) * 6 + 5_000) // 10_000 * 10


def posted(run: Runner, *states: str) -> dict[str, int]:
    """What is owed or was paid: months of the pension, and arrears under +."""
    rows = run.system(
        lambda uow: uow.session.execute(
            select(Payable.item, Payable.month, Payable.amount, Payable.state)
            .where(Payable.cancelled_at.is_(None))
            .order_by(Payable.id)
        ).all()
    )
    return {
        ("" if item == ITEM else "+") + str(month): fen.fen
        for item, month, fen, state in rows
        if not states or state in states
    }


def draw(run: Runner) -> None:
    """Everything that is free, as if drawn, without a kiosk."""

    def book(uow: Uow) -> None:
        for due in uow.session.scalars(select(Payable).where(Payable.stored == "payable")).all():
            due.state, due.settled_at = "collected", uow.now
            ledger.post(
                uow,
                month=ledger.this_month(uow),
                document="collection",
                key=f"drawn/{due.id}",
                lines=[ledger.Line(accounts.payable(uow), accounts.expenditure(uow), due.amount.fen)],
                maker="a",
                checker="b",
            )

    run.system(book)


def claims(run: Runner) -> list[int]:
    return [
        one.fen for one in run.system(lambda uow: uow.session.scalars(select(Recovery.left)).all()) if one
    ]


def agree(run: Runner) -> bool:
    """All books and checks (payables are drawn without orders here); and every person has in the end what the months that
    stand are worth, less what is still claimed of them."""
    asked = (ledger.check, *wiring.CHECKS)
    wrong = [found for one in asked for found in run.system(one) if found.question != "发放状态"]
    assert wrong == [], [str(one) for one in wrong]
    assert run.system(_got) == run.system(_worth)
    return True


def _got(uow: Uow) -> int:
    """What was posted and not cancelled or waits to be, less what was claimed of it (and not taken back)."""
    paid = uow.session.scalars(select(Payable.amount).where(Payable.cancelled_at.is_(None)))
    claimed = uow.session.scalars(select(Recovery.amount))
    wrong = uow.session.scalars(select(Repayment.amount).where(Repayment.way == "withdrawn"))
    waiting = uow.session.scalars(select(Settlement.fen).where(WAITING))
    return sum(one.fen for one in (*paid, *wrong)) + sum(waiting) - sum(one.fen for one in claimed)


def _worth(uow: Uow) -> int:
    months = (
        select(amount_of(Payable.month))
        .select_from(Payable)
        .join(AwardRow, (AwardRow.person_id == Payable.person_id) & (AwardRow.state != "replaced"))
        .where(Payable.item == ITEM, Payable.cancelled_at.is_(None))
        .where(~Overpaid.claimed(Payable.id))
    )
    return sum(one.fen for one in uow.session.scalars(months))


def die(run: Runner, day: date) -> None:
    run.system(registry.register_death, RegisterDeath(ident=HE, died=day, document=DIED, reported_by="李四"))


def live(run: Runner) -> None:
    run.system(
        registry.withdraw_death,
        WithdrawDeath(ident=HE, document="在世证明 2025-3", reason="同名同姓，登记错了人"),
    )


PEOPLE = st.lists(
    st.tuples(st.integers(1, 1_000_000), st.integers(0, 600), st.integers(40, 110), st.integers(0, 1)),
    min_size=1,
    max_size=50,
)


@given(SCHEMES, st.integers(0, 20), PEOPLE)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_database_works_it_out_to_the_same_fen(
    run: Runner, scheme: Scheme, short_years: int, people: list[tuple[int, int, int, int]]
) -> None:
    rule = Scheme(**{**scheme.__dict__, "short_years": short_years, "short": 2_500})
    names = ("n", "pension", "months", "age", "favoured")
    given = values(*(column(name, BigInteger) for name in names), name="given").data(
        [(n, *one) for n, one in enumerate(people)]
    )
    told = increase(Pensioner(*(given.c[name] for name in names[1:])), rule, SQL)
    asked = select(told.fixed, told.linked, told.tilted, told.top_up, told.total).order_by(given.c.n)
    found = [tuple(row) for row in run.system(lambda uow: uow.session.execute(asked).all())]
    plain = [increase(Pensioner(*one), rule) for one in people]
    assert found == [(one.fixed, one.linked, one.tilted, one.top_up, one.total) for one in plain]


def test_a_year_is_adjusted_by_three_persons_with_arrears_since_january(
    run: Runner, man: int, clock: FixedClock
) -> None:
    pay(run, clock, *range(1, 9))
    was, more = base(run, man), gain(run, man)
    carried_out(run, "PEN-41", AdjustYear(year=2025))
    assert posted(run)["+2025-08"] == 8 * more, "one payable for eight months"
    pay(run, clock, 9)
    months = posted(run)
    assert (months["2024-12"], months["2025-01"], months["2025-09"]) == (was, was, was + more)
    award = run.system(pension.view_award, AskMine(ident=HE))
    assert (award.total_fen, award.present_fen) == (was, was + more)
    assert [(one.year, one.increase_fen) for one in award.increases] == [(2025, more)]
    assert agree(run)


def test_a_second_run_gives_nobody_anything_and_says_so(run: Runner, man: int, clock: FixedClock) -> None:
    pay(run, clock, 1, 2, 3)
    first = adjust(run)
    assert (first.persons, first.monthly_fen, first.arrears_fen) == (1, gain(run, man), 3 * gain(run, man))
    assert (first.run, first.waiting, first.arrears_persons) == (1, 0, 1)
    assert any("没有核实过" in one for one in first.warnings)
    before = posted(run)
    with pytest.raises(NobodyToAdjust, match="2025 年没有需要调整的人"):
        adjust(run)
    assert posted(run) == before
    assert agree(run)


def test_who_was_decided_late_is_taken_in_and_each_month_is_paid_at_its_own_amount(
    run: Runner, man: int, clock: FixedClock
) -> None:
    pay(run, clock, 1, 2, 3, 4)
    adjust(run)
    late = with_account(run, OTHER, months=240, balance="90000", index=8_000)
    on(clock, 5)
    run.system(pension.award, Award(ident=OTHER, retired="2024-06"))
    again = adjust(run)
    assert (again.run, again.persons, again.arrears_fen) == (2, 1, 0), "nothing of theirs is posted yet"
    pay(run, clock, 5)
    whole = base(run, late)
    added = 4_000 + 2_000 + (whole * 6 + 5_000) // 10_000 * 10
    theirs = run.system(
        lambda uow: {
            str(month): fen.fen
            for month, fen in uow.session.execute(
                select(Payable.month, Payable.amount).where(Payable.person_id == late)
            )
        }
    )
    assert theirs == {f"2024-{month:02}": whole for month in range(7, 13)} | {
        f"2025-{month:02}": whole + added for month in range(1, 6)
    }
    assert agree(run)


def test_each_year_comes_in_its_turn(run: Runner, clock: FixedClock) -> None:
    """Retired in 2023: 2024 first, then 2025 on top of it; paid here since 2025 they have had 2024's elsewhere."""
    on(clock, 1)
    fund(run)
    person = with_account(run, MAN, months=360, balance="182340.15", index=10_500)
    run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    with pytest.raises(NobodyToAdjust, match="更早的年度还没有调整的有 1 人"):
        adjust(run)
    pay(run, clock, 1)
    whole = base(run, person)
    of_2024 = 6_000 + 3_000 + (whole * 12 + 5_000) // 10_000 * 10
    assert adjust(run, 2024).arrears_fen == 13 * of_2024
    second = adjust(run)
    of_2025 = 4_000 + 3_000 + ((whole + of_2024) * 6 + 5_000) // 10_000 * 10
    assert (second.monthly_fen, second.arrears_fen) == (of_2025, of_2025)
    assert posted(run)["+2025-01"] == 13 * of_2024
    assert posted(run)["+2024-12"] == of_2025, "one of this month stands already: the label goes back"
    told = run.system(adjusting.mine, AskAdjustments(ident=MAN))
    assert [(one.year, one.after_fen) for one in told.years] == [
        (2025, whole + of_2024 + of_2025),
        (2024, whole + of_2024),
    ]
    assert told.present_fen == whole + of_2024 + of_2025
    assert agree(run)


def test_who_was_taken_over_had_the_years_before_elsewhere(run: Runner, man: int, clock: FixedClock) -> None:
    def take_over(uow: Uow) -> None:
        award = standing_award(uow, man)
        award.retired, award.first_month, award.pays_from = Month(2015, 3), Month(2015, 4), JANUARY

    run.system(take_over)
    pay(run, clock, 1, 2)
    with pytest.raises(NobodyToAdjust, match="有 0 人"):
        adjust(run, 2024)
    assert adjust(run).arrears_fen == 2 * gain(run, man)


def test_the_suspended_are_adjusted_and_get_their_months_when_they_resume(
    run: Runner, man: int, clock: FixedClock
) -> None:
    pay(run, clock, *range(1, 7))
    run.system(pension.stopping.suspend, Suspend(ident=HE, since="2025-05", reason="02", document=DOC))
    done = adjust(run)
    more = gain(run, man)
    assert done.arrears_fen == 4 * more, "May and June are not due now"
    run.system(pension.stopping.resume, Resume(ident=HE, document=DOC))
    pay(run, clock, 7)
    months = posted(run)
    assert months["2025-05"] == months["2025-06"] == months["2025-07"] == base(run, man) + more
    assert agree(run)


def test_a_stop_after_the_run_takes_back_what_its_months_had_in_arrears(
    run: Runner, man: int, clock: FixedClock
) -> None:
    pay(run, clock, *range(1, 7))
    adjust(run)
    more = gain(run, man)
    run.by(officer(area="310101"))(
        pension.stopping.suspend, Suspend(ident=HE, since="2025-05", reason="02", document=DOC)
    )
    assert posted(run)["+2025-06"] == 4 * more
    assert claims(run) == []
    assert agree(run)
    run.system(pension.stopping.resume, Resume(ident=HE, document=DOC))
    pay(run, clock, 7)
    assert posted(run)["2025-05"] == base(run, man) + more
    assert agree(run)


def test_who_died_in_march_gets_january_to_march(run: Runner, man: int, clock: FixedClock) -> None:
    pay(run, clock, *range(1, 6))
    die(run, date(2025, 3, 31))
    assert adjust(run).arrears_fen == 3 * gain(run, man)
    assert agree(run)


def test_who_died_the_year_before_gets_nothing(run: Runner, man: int, clock: FixedClock) -> None:
    pay(run, clock, 1)
    die(run, date(2024, 12, 31))
    with pytest.raises(NobodyToAdjust):
        adjust(run)


@pytest.mark.parametrize("drawn", [False, True])
def test_a_death_known_late_takes_back_the_arrears_of_later_months_and_a_mistake_gives_them_again(
    run: Runner, man: int, clock: FixedClock, drawn: bool
) -> None:
    pay(run, clock, *range(1, 9))
    adjust(run)
    more = gain(run, man)
    if drawn:
        draw(run)
    die(run, date(2025, 3, 20))
    if drawn:
        assert sorted(claims(run)) == [5 * more, 5 * base(run, man)]
    else:
        assert claims(run) == []
        assert posted(run)["+2025-08"] == 3 * more
    assert agree(run)
    live(run)
    pay(run, clock, 9)
    assert claims(run) == []
    assert agree(run)
    assert sum(posted(run).values()) == 15 * base(run, man) + 9 * more, "what they would have had, to the fen"


def test_what_came_back_of_a_claim_is_owed_again_when_the_death_was_a_mistake(
    run: Runner, man: int, clock: FixedClock
) -> None:
    pay(run, clock, *range(1, 5))
    adjust(run)
    draw(run)
    die(run, date(2025, 1, 20))
    more = gain(run, man)
    ours = run.system(
        lambda uow: uow.session.scalars(
            select(Recovery).where(Recovery.source.startswith("adjustment/"))
        ).one()
    )
    assert ours.left.fen == 3 * more
    run.system(repaying.repay, Repay(recovery=ours.id, amount_fen=more, document="回单 1"))
    live(run)
    assert claims(run) == []
    assert posted(run, "payable") == {"+2025-03": more}, "a fen that came back is owed again, and only that"
    assert agree(run)


def test_reversed_before_anybody_drew_it_the_run_leaves_nothing_behind(
    run: Runner, man: int, clock: FixedClock
) -> None:
    pay(run, clock, 1, 2, 3)
    number, whole = adjust(run).number, base(run, man)
    more = gain(run, man)
    done = reverse(run, number)
    assert (done.persons, done.cancelled, done.cancelled_fen, done.claimed) == (1, 1, 3 * more, 0)
    pay(run, clock, 4)
    assert posted(run)["2025-04"] == whole
    assert not any(month.startswith("+") for month in posted(run))
    assert run.system(adjusting.mine, AskAdjustments(ident=HE)).years == ()
    told = run.system(adjusting.runs, AskRuns(year=2025)).runs
    assert [(one.number, one.state, one.because) for one in told] == [(number, "reversed", "参数录错了")]
    assert agree(run)


def test_reversed_after_it_was_paid_it_is_claimed_with_the_months_since_and_may_be_done_again(
    run: Runner, man: int, clock: FixedClock
) -> None:
    pay(run, clock, 1, 2, 3)
    number, more = adjust(run).number, gain(run, man)
    pay(run, clock, 4, 5)
    draw(run)
    filed = ReverseAdjustment(number=number, because="参数录错了", document=DOC)
    carried_out(run, "PEN-42", filed)
    assert claims(run) == [5 * more]
    assert agree(run)
    again = adjust(run)
    assert (again.run, again.arrears_fen) == (2, 5 * more)
    assert agree(run)
    with pytest.raises(ReversedAlready):
        reverse(run, number)
    with pytest.raises(NotFound):
        reverse(run, number + 99)


def test_a_year_that_a_later_one_rests_on_is_not_reversed(run: Runner, clock: FixedClock) -> None:
    on(clock, 1)
    fund(run)
    with_account(run, MAN, months=360, balance="182340.15", index=10_500)
    run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    pay(run, clock, 1)
    first, second = adjust(run, 2024).number, adjust(run).number
    with pytest.raises(LaterYearStands, match="1 人"):
        reverse(run, first)
    reverse(run, second)
    reverse(run, first)
    assert claims(run) == []
    assert agree(run)


def test_what_a_reversal_claimed_of_a_month_is_not_claimed_again_with_the_whole_month(
    run: Runner, man: int, clock: FixedClock
) -> None:
    pay(run, clock, 1, 2)
    number, more = adjust(run).number, gain(run, man)
    pay(run, clock, 3, 4, 5)
    draw(run)
    reverse(run, number)
    die(run, date(2025, 4, 2))
    assert sorted(claims(run)) == [4 * more, base(run, man) + more], "May is claimed whole: its increase once"
    assert agree(run)
    live(run)
    assert sum(claims(run)) == 5 * more
    assert agree(run)


def test_a_new_award_is_given_each_year_anew_by_its_own_facts(
    run: Runner, man: int, clock: FixedClock
) -> None:
    pay(run, clock, 1, 2, 3)
    adjust(run)
    more = gain(run, man)
    pay(run, clock, 4)
    recalculate(run, man, 12)
    award = run.system(standing_award, man)
    raised = gain(run, man) + 100
    assert (award.adjusted, award.increase.fen) == (2025, raised), (
        "a year more, and a share of a higher pension"
    )
    assert raised > more
    told = run.system(adjusting.mine, AskAdjustments(ident=HE))
    assert [(one.before_fen, one.arrears_months) for one in told.years] == [(award.total.fen, 3)]
    assert agree(run), "three months had it in arrears, April was posted with it"
    recalculate(run, man, -12)
    assert run.system(standing_award, man).increase.fen == more
    assert agree(run)


def recalculate(run: Runner, person_id: int, months: int) -> None:
    """So many months more are on record, or fewer."""

    def write(uow: Uow) -> None:
        account = uow.session.get_one(Account, person_id)
        account.months_paid += months
        account.index_sum += months * 10_500

    run.system(write)
    asked = Recalculate(ident=HE, reason="01", document=DOC)
    run.system(recalculating.recalculate, asked)


def test_months_paid_after_retirement_are_no_years_of_an_adjustment(run: Runner, clock: FixedClock) -> None:
    """Retired with 359 months, decided late, July paid meanwhile: twenty-nine whole years, also when worked out anew."""
    on(clock, 1)
    person = with_account(run, HE, months=360, balance="182340.15", index=10_500)

    def july(uow: Uow) -> None:
        share = Money(80_000)
        month = Contribution(
            person_id=person,
            month=Month(2024, 7),
            base=Money(960_000),
            person_share=share,
            employer_share=share,
        )
        uow.session.add(month)

    run.system(july)
    fund(run)
    run.system(pension.award, Award(ident=HE, retired="2024-06"))
    linked = gain(run, person) - 100
    assert adjust(run).monthly_fen == linked

    def earlier_months(uow: Uow) -> None:
        uow.session.get_one(Account, person).deemed_months = 12

    run.system(earlier_months)
    run.system(recalculating.recalculate, Recalculate(ident=HE, reason="01", document=DOC))
    assert run.system(standing_award, person).increase.fen == gain(run, person), "thirty by now"


def test_trying_a_year_tells_what_the_run_then_does_and_writes_nothing(
    run: Runner, man: int, clock: FixedClock
) -> None:
    pay(run, clock, 1, 2)
    before = posted(run)
    tried = run.system(adjusting.try_year, TryYear(year=2025))
    assert posted(run) == before
    assert run.system(standing_award, man).adjusted is None
    more = gain(run, man)
    assert (tried.persons, tried.monthly_fen, tried.yearly_fen, tried.arrears_fen) == (
        1,
        more,
        12 * more,
        2 * more,
    )
    assert [(one.group, one.persons, one.increase_fen) for one in tried.by_age] == [("不满 70 岁", 1, more)]
    assert [one.persons for one in tried.by_pension] == [1]
    [example] = tried.examples
    assert (example.age, example.months, example.after_fen) == (60, 367, base(run, man) + more)
    done = adjust(run)
    assert (done.persons, done.monthly_fen, done.arrears_fen, done.percent) == (
        tried.persons,
        tried.monthly_fen,
        tried.arrears_fen,
        tried.percent,
    )
    empty = run.system(adjusting.try_year, TryYear(year=2025))
    assert (empty.persons, empty.examples, empty.percent) == (0, (), "")


def test_one_may_read_how_each_year_came_about(run: Runner, man: int, clock: FixedClock) -> None:
    pay(run, clock, 1)
    adjust(run)
    [year] = run.system(adjusting.mine, AskAdjustments(ident=HE)).years
    assert year.after_fen == year.before_fen + year.increase_fen == base(run, man) + gain(run, man)
    assert [step.value for step in year.steps[:2]] == ["40.00", "30.00"]
    assert year.steps[-1].value == Money(year.after_fen).text
    a_person(run, LI)
    with pytest.raises(NothingToAdjust):
        run.system(adjusting.mine, AskAdjustments(ident=LI))


def test_a_year_that_has_not_begun_or_has_no_notice_is_refused_before_anybody_reviews_it(
    run: Runner, man: int, clock: FixedClock
) -> None:
    with pytest.raises(YearNotBegun):
        adjust(run, 2027)
    clock.set(TODAY)
    with pytest.raises(Missing, match="年度养老金调整办法"):
        carried_out(run, "PEN-41", AdjustYear(year=2026))
    with pytest.raises(BeyondReach):
        run.by(officer(area="310101"))(adjusting.adjust_year, AdjustYear(year=2025))
    with pytest.raises(Refusal):
        carried_out(run, "PEN-42", ReverseAdjustment(number=7, because="参数录错了", document=DOC))


def test_the_check_finds_an_amount_that_is_not_what_was_given(
    run: Runner, man: int, clock: FixedClock
) -> None:
    pay(run, clock, 1, 2)
    adjust(run)

    def spoil(uow: Uow) -> None:
        uow.session.execute(update(AwardRow).values(increase=Money(1)))
        uow.session.execute(update(Adjustment).values(arrears_months=1))

    run.system(spoil)
    found = run.system(adjusting.check)
    assert [one.question for one in found] == ["待遇调整后的标准", "待遇调整补发的月数"]
    assert all(one.where.startswith("核定") for one in found)
