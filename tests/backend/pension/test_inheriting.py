"""An account is inherited: it bears to the month of death, settles what was overpaid, ends at nothing, and whatever was
wrong can be taken back to the fen."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.demo.story.office import Office
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.payout.model import Recovery
from backend.pension import service as pension
from backend.pension.death import refusals
from backend.pension.death import service as death
from backend.pension.death.model import SurvivorDecision
from backend.pension.death.schema import (
    AskUnsettled,
    DecisionWithdrawn,
    SupplementAccount,
    SurvivorDecisionView,
    WithdrawSurvivors,
)
from backend.pension.interest import settle_year
from backend.pension.model import AccountYear
from backend.pension.schema import SettleYear
from tests.backend.levy.conftest import another_law, forget
from tests.backend.pension.family import (
    BOOK,
    SON,
    THREE,
    WIFE,
    a_family,
    all_agrees,
    claims,
    grant,
    inherit,
    owed,
    pay,
    status,
)
from tests.backend.pension.family import draw as draw_all
from tests.backend.pension.test_service import MAN, with_account
from tests.backend.pension.test_stopping import balance, die, draw, man, part, total
from tests.backend.pension.test_undoing import live

__all__ = ["another_law", "man"]
DIED = date(2026, 11, 3)
LEFT = 18_234_015  # of 2025, which bears 1.5 %
BORNE, BORNE_2026 = (
    273_510,
    253_987,
)  # eleven months of 2026 at the rate of 2025, less what November's payments bore
INHERITED = "个人账户余额继承"


@pytest.fixture
def dead(run: Runner, man: int) -> int:
    a_family(run)
    die(run, DIED)
    return man


def publish(law: Path) -> None:
    """The rate of 2026 is 2.6 %, and entered."""
    file, old = law / "pension.yaml", "2026-01-01: {value: ended, source: 2026 年记账利率还没有公布"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, "2026-01-01: {value: 0.026, source: 测试用"), "utf-8")
    forget()


def rows(run: Runner, person_id: int) -> list[tuple[object, ...]]:
    """The account, year by year, as it stands."""

    def ask(uow: Uow) -> list[tuple[object, ...]]:
        found = uow.session.scalars(
            select(AccountYear).where(AccountYear.person_id == person_id).order_by(AccountYear.year)
        )
        return [
            (
                one.year,
                one.opening,
                one.credited,
                one.interest,
                one.paid,
                one.closing,
                one.rate,
                tuple(one.moved),
            )
            for one in found
        ]

    return run.system(ask)


def add(run: Runner, document: str = "补差1") -> SurvivorDecisionView:
    return run.system(death.supplement, SupplementAccount(ident=MAN, document=document))


def withdraw(run: Runner, decision: int) -> DecisionWithdrawn:
    return run.system(death.withdraw, WithdrawSurvivors(decision=decision, document="撤销1"))


def test_what_is_left_with_its_interest_is_the_heirs(run: Runner, dead: int) -> None:
    each = part(run)
    told = Office(run).do("PEN-51", ident=MAN, heirs=THREE, document=BOOK)
    whole = LEFT + BORNE + BORNE_2026 - 3 * each
    assert told.total_fen == whole == sum(one.amount_fen for one in told.parts)
    assert [one.name for one in told.steps] == ["账户利息", "账户利息", "账户余额", "由继承人领取"]
    assert any("2026 年的记账利率还没有公布" in one for one in told.warnings)
    assert (balance(run, dead), status(run, dead)) == (ZERO, "2")
    last = rows(run, dead)[-1]
    assert last[4] == Money(3 * each + whole), "what the account paid in the year, its end included"
    assert pay(run).total_fen == whole
    assert owed(run)[SON, INHERITED][1] in (whole // 4, whole // 4 + 1)
    assert all_agrees(run)
    with pytest.raises(refusals.InheritedAlready, match="PEN-53"):
        inherit(run)


def test_who_had_not_retired_leaves_all_of_it(run: Runner) -> None:
    person = with_account(run, MAN, months=240, balance="182340.15", index=10_000)
    a_family(run)
    run.system(settle_year, SettleYear(year=2025))
    die(run, date(2026, 2, 28))
    told = inherit(run)
    assert told.total_fen == LEFT + BORNE + 46_269, "two months of 2026 on 185075.25 at 1.5 %"
    assert [row[3] for row in rows(run, person)] == [Money(BORNE), Money(46_269)]
    assert all_agrees(run)


def test_a_death_found_out_years_later_bears_to_its_month_and_no_longer(
    run: Runner, clock: FixedClock
) -> None:
    """Nothing moved since 2023: the years between are opened, bear by their own rates, and end in May 2025."""
    person = with_account(run, MAN, months=240, balance="10000", index=10_000)
    run.system(lambda uow: setattr(uow.session.get_one(AccountYear, (2025, person)), "year", 2023))
    a_family(run)
    die(run, date(2025, 5, 31))
    told = inherit(run)
    interest = [row[3].fen for row in rows(run, person)]  # type: ignore[attr-defined]
    assert interest == [39_700, 27_240, 6_668, 0], "3.97 %, 2.62 %, five twelfths of 1.5 %, nothing"
    assert told.total_fen == 1_000_000 + sum(interest)
    assert told.warnings == tuple(one for one in told.warnings if "还没有公布" not in one)
    assert all_agrees(run)


def test_what_was_paid_after_the_death_comes_out_of_the_account_first(run: Runner, man: int) -> None:
    a_family(run)
    draw(run, 10)
    die(run, date(2026, 9, 30))
    fen = total(run)
    assert claims(run) == fen
    before = balance(run, man)
    told = inherit(run)
    assert (claims(run), balance(run, man)) == (0, ZERO)
    borne = sum(row[3].fen for row in rows(run, man))  # type: ignore[attr-defined]
    assert told.total_fen == before.fen + borne - fen
    assert "抵扣多领的养老金" in [one.name for one in told.steps]
    assert all_agrees(run)


def test_an_account_that_does_not_cover_the_debt_leaves_the_rest_of_it(run: Runner, man: int) -> None:
    a_family(run)
    draw(run, 10)
    die(run, date(2026, 9, 30))

    def nearly_drawn(uow: Uow) -> None:
        row = uow.session.get_one(AccountYear, (2026, man))
        gone = row.closing - Money(5_000)
        row.paid, row.closing = row.paid + gone, Money(5_000)
        row.moved = [*row.moved[:10], row.moved[10] - gone.fen, row.moved[11]]
        uow.session.get_one(AccountYear, (2025, man)).rate = row.rate = 0

    run.system(nearly_drawn)
    told = inherit(run)
    assert (told.total_fen, told.parts, claims(run)) == (0, (), total(run) - 5_000)
    assert (balance(run, man), status(run, man)) == (ZERO, "2")
    assert all_agrees(run)


def test_as_long_as_the_account_has_to_pay_it_is_not_closed(run: Runner, man: int, clock: FixedClock) -> None:
    a_family(run)
    clock.at = datetime(2026, 12, 5, 2, 0, tzinfo=UTC)
    die(run, date(2026, 12, 2))
    with pytest.raises(refusals.MonthsToCome, match="2026-12"):
        inherit(run)
    run.system(pension.pay_month, Month(2026, 12), "second")
    assert inherit(run).total_fen > 0
    assert all_agrees(run)


def test_what_is_under_way_at_a_bank_is_waited_for(run: Runner, man: int) -> None:
    a_family(run)
    draw(run, 11, "at_bank")
    die(run, date(2026, 10, 31))
    with pytest.raises(refusals.UnderWay, match="1 笔"):
        inherit(run)


def test_the_published_rate_is_made_good_to_the_same_heirs(
    run: Runner, dead: int, clock: FixedClock, another_law: Path
) -> None:
    inherit(run, THREE)
    pay(run)
    with pytest.raises(refusals.NothingToAdd):
        add(run)
    clock.at = datetime(2027, 7, 1, 2, 0, tzinfo=UTC)
    publish(another_law)
    [one] = run.system(death.unsettled, AskUnsettled()).people
    assert one.account == "rate"
    more = 440_243 - BORNE_2026  # the same eleven months at 2.6 %
    told = add(run)
    assert (told.total_fen, len(told.parts)) == (more, 3)
    assert (balance(run, dead), status(run, dead)) == (ZERO, "2")
    with pytest.raises(refusals.NothingToAdd):
        add(run)
    pay(run)
    assert all_agrees(run)


def test_what_comes_in_after_the_end_is_found_and_given_to_the_heirs(run: Runner, dead: int) -> None:
    with pytest.raises(refusals.NotInherited):
        add(run)
    inherit(run)

    def credit(uow: Uow) -> None:
        row = uow.session.get_one(AccountYear, (2026, dead))
        row.credited, row.closing = row.credited + Money(80_000), row.closing + Money(80_000)
        row.moved = [*row.moved[:10], row.moved[10] + 80_000, row.moved[11]]

    run.system(credit)
    assert [str(one) for one in run.system(death.check)] == [
        f"遗属待遇：人员 {dead} 已结清的账户，应为0 分，实为80000 分"
    ]
    people = run.system(death.unsettled, AskUnsettled()).people
    assert (people[0].account, people[0].balance_fen) == ("more", 80_000)
    assert add(run).total_fen == 80_000
    assert all_agrees(run)


def test_a_wrong_decision_is_taken_back_and_decided_again(run: Runner, dead: int) -> None:
    before = rows(run, dead)
    first = inherit(run)
    pay(run)
    done = withdraw(run, first.decision)
    assert (done.cancelled_fen, done.claimed_fen) == (first.total_fen, 0)
    assert [row[:6] for row in rows(run, dead)] == [row[:6] for row in before]
    assert rows(run, dead) == before
    assert (status(run, dead), owed(run)[WIFE, INHERITED][0]) == ("4", "cancelled")
    with pytest.raises(refusals.WithdrawnAlready):
        withdraw(run, first.decision)
    with pytest.raises(NotFound):
        withdraw(run, 10**9)
    assert inherit(run, THREE).total_fen == first.total_fen
    assert (done := pay(run)).waiting == 1, "the widow's was cancelled this month; hers is paid with the next"
    assert all_agrees(run)


def test_the_right_heirs_are_paid_next_month(run: Runner, dead: int, clock: FixedClock) -> None:
    first = grant(run)
    pay(run)
    draw_all(run, WIFE)
    done = withdraw(run, first.decision)
    assert (done.cancelled_fen, done.claimed_fen) == (0, first.total_fen)
    assert claims(run) == first.total_fen
    grant(run, THREE)
    clock.at = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
    assert (pay(run).n, pay_nothing(run)) == (6, True)
    assert all_agrees(run)


def pay_nothing(run: Runner) -> bool:
    with pytest.raises(Refusal):
        pay(run)
    return True


def test_who_lives_has_everything_as_it_was(run: Runner, dead: int, clock: FixedClock) -> None:
    """Half of it was drawn by the family: that is claimed back, the rest is not paid; the pension goes on."""
    before = rows(run, dead)
    granted, inherited = grant(run, THREE), inherit(run, THREE)
    pay(run)
    draw_all(run, WIFE)
    taken = sum(fen for (ident, _item), (_state, fen) in owed(run).items() if ident == WIFE)
    live(run)
    assert rows(run, dead) == before
    assert (status(run, dead), claims(run)) == ("4", taken)
    assert {state for (ident, _), (state, _fen) in owed(run).items() if ident != WIFE} == {"cancelled"}
    rows_of = select(Recovery.amount).order_by(Recovery.id)
    assert sum(fen.fen for fen in run.system(lambda uow: uow.session.scalars(rows_of).all())) == taken
    standing = run.system(
        lambda uow: uow.session.scalars(select(SurvivorDecision.withdrawn_document).distinct()).all()
    )
    assert standing == ["在世证明 2026-3"]
    clock.at = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
    run.system(pension.pay_month, Month(2026, 12), "second")
    assert balance(run, dead) == before[-1][5] - Money(part(run))  # type: ignore[operator]
    assert all_agrees(run)
    assert granted.total_fen + inherited.total_fen > taken


def test_what_nobody_posted_yet_is_never_posted(run: Runner, dead: int) -> None:
    grant(run)
    inherit(run)
    live(run)
    assert pay_nothing(run)
    assert (owed(run), claims(run)) == ({}, 0)
    assert all_agrees(run)


def test_months_paid_after_the_death_and_netted_are_due_again_to_who_lives(run: Runner, man: int) -> None:
    a_family(run)
    start = rows(run, man)
    draw(run, 10)
    die(run, date(2026, 9, 30))
    inherit(run)
    live(run)
    assert (claims(run), status(run, man)) == (0, "4")
    each = part(run)
    assert balance(run, man) == start[-1][5] + Money(each)  # type: ignore[operator]
    assert all_agrees(run), "November was cancelled and is paid with the next run"


def test_the_next_years_interest_leaves_a_closed_account_alone(
    run: Runner, dead: int, clock: FixedClock
) -> None:
    inherit(run)
    before = rows(run, dead)
    assert run.system(settle_year, SettleYear(year=2025)).accounts == 0
    assert rows(run, dead) == before
    assert all_agrees(run)
