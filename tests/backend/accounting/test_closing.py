"""Months close one after the other, open again with a trace, and a closed year is carried to the fund's balance."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from backend.accounting import checking, closing, statements
from backend.kernel import cases, ledger
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import Forbidden
from backend.kernel.period import Month
from backend.kernel.review import Decide, review
from tests.backend.accounting.world import (
    CLERK,
    FIRST,
    LAST_YEAR,
    NOVEMBER,
    OCTOBER,
    SECOND,
    ask,
    book,
    done,
    settle,
    two_years,
)
from tests.backend.people import officer

YEAR_2025 = [Month(2025, 11), Month(2025, 12)]
YEAR_2026 = list(Month(2026, 1).until(Month(2026, 12)))
SLIPPED = (
    "update ledger.balance set debit = debit + 5 where debit > 0 and account ="
    " (select id from ledger.account where kind = 'receipts_deposit')"
)
WHY = "十月的利息记错了科目"


def an_october(run: Runner) -> None:
    run(book, OCTOBER, (("receipts_deposit", "interest_income", 100_00),))


def test_the_month_that_is_due_is_closed_by_two_persons(run: Runner) -> None:
    an_october(run)
    changed = done(run, "FIN-01", month="2026-10")
    assert (changed.month, changed.status) == ("2026-10", "closed")
    told = ask(run, "FIN-Q6")
    assert told.due == "2026-11"
    assert [(one.month, one.status) for one in told.periods] == [("2026-10", "closed")]
    [step] = told.steps
    assert (step.what, step.maker, step.checkers) == ("closed", CLERK.id, FIRST.id)
    with pytest.raises(ledger.PeriodNotOpen):
        run(book, OCTOBER, (("receipts_deposit", "interest_income", 1),), "late")


def test_only_the_month_that_is_due_is_closed(run: Runner) -> None:
    an_october(run)
    for month in ("2026-09", "2026-11"):
        with pytest.raises(closing.NotDue, match=f"下一个要结的月份是 2026-10，不是 {month}"):
            done(run, "FIN-01", month=month)


def test_a_month_is_not_closed_before_it_is_over(run: Runner, clock: FixedClock) -> None:
    run(book, NOVEMBER, (("receipts_deposit", "interest_income", 1),))
    with pytest.raises(closing.MonthNotOver):
        done(run, "FIN-01", month="2026-11")
    clock.set(datetime(2026, 12, 1, tzinfo=UTC))
    assert done(run, "FIN-01", month="2026-11").status == "closed"


def test_a_month_in_which_nothing_was_booked_is_closed_too(run: Runner, clock: FixedClock) -> None:
    an_october(run)
    clock.set(datetime(2026, 12, 2, tzinfo=UTC))
    for month in ("2026-10", "2026-11"):
        done(run, "FIN-01", month=month)
    assert {one.month: one.status for one in run(ledger.calendar)} == {
        OCTOBER: "closed",
        NOVEMBER: "closed",
    }


def test_books_that_differ_are_not_closed(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    an_october(run)
    wrong = ledger.Difference("余额", "账户 1", "借方 1", "借方 2")
    monkeypatch.setattr(checking, "check", lambda uow, month: [wrong])
    with pytest.raises(closing.BooksDiffer, match="有 1 处不符"):
        done(run, "FIN-01", month="2026-10")


def test_the_newest_closed_month_opens_again_when_two_others_agree(run: Runner) -> None:
    an_october(run)
    done(run, "FIN-01", month="2026-10")
    filed = ask(run, "FIN-02", month="2026-10", reason=WHY)
    run.by(FIRST)(review, Decide(no=filed.case_no, decision="approved"))
    with pytest.raises(ledger.PeriodNotOpen):
        run(book, OCTOBER, (("receipts_deposit", "interest_income", 1),), "late")
    with pytest.raises(cases.SecondLook):
        run.by(FIRST)(review, Decide(no=filed.case_no, decision="approved"))
    run.by(SECOND)(review, Decide(no=filed.case_no, decision="approved"))
    run(book, OCTOBER, (("receipts_deposit", "interest_income", 1),), "late")
    told = ask(run, "FIN-Q6")
    assert told.due == "2026-10"
    step = told.steps[-1]
    assert (step.month, step.what, step.reason) == ("2026-10", "reopened", WHY)
    assert step.checkers == f"{FIRST.id}、{SECOND.id}"
    done(run, "FIN-01", month="2026-10")
    assert [one.what for one in ask(run, "FIN-Q6").steps] == ["closed", "reopened", "closed"]
    assert run(ledger.check) == []


def test_no_older_month_opens_again_and_none_that_is_open(run: Runner) -> None:
    an_october(run)
    settle(run, Month(2026, 9))
    done(run, "FIN-01", month="2026-10")
    for month in ("2026-09", "2026-11"):
        with pytest.raises(ledger.NotNewest, match="不是最近结账的月份"):
            done(run, "FIN-02", month=month, reason=WHY)


def test_periods_are_asked_for_by_year(run: Runner) -> None:
    settle(run, *YEAR_2025, Month(2026, 1))
    assert [one.month for one in ask(run, "FIN-Q6", year=2025).periods] == ["2025-11", "2025-12"]
    assert len(ask(run, "FIN-Q6", year=2025).steps) == 2
    assert ask(run, "FIN-Q6").steps[0].maker == "system"


# ---- the year ----


def a_closed_year(run: Runner, clock: FixedClock) -> None:
    two_years(run)
    two_years(run, "injury")
    clock.set(datetime(2027, 1, 5, tzinfo=UTC))
    settle(run, *YEAR_2025, *YEAR_2026)


def test_a_year_is_carried_to_the_balance_of_each_fund(run: Runner, clock: FixedClock) -> None:
    a_closed_year(run, clock)
    told = done(run, "FIN-06", year=2026)
    assert told.month == "2027-01"
    assert [(one.fund, one.income_fen, one.expense_fen, one.result_fen) for one in told.funds] == [
        ("pension", 2_220_00, 850_00, 1_370_00),
        ("injury", 2_220_00, 850_00, 1_370_00),
    ]
    sheet = ask(run, "FIN-Q2", fund="pension", month="2027-01")
    net = {row.account: row.closing_fen for row in sheet.rows if row.section == "net"}
    assert net == {"一般基金结余": 1_370_00, "收支差额（未结转）": 400_00}  # 2025 is not carried yet
    assert sheet.assets_fen == sheet.liabilities_fen + sheet.net_fen
    assert done(run, "FIN-06", year=2025).funds[0].result_fen == 400_00
    sheet = ask(run, "FIN-Q2", fund="pension", month="2027-01")
    assert [row.closing_fen for row in sheet.rows if row.section == "net"] == [1_770_00, 0]
    trial = ask(run, "FIN-Q1", fund="pension", month="2027-01")
    assert all(
        row.closing_debit_fen == row.closing_credit_fen == 0 for row in trial.rows if row.code[0] in "45"
    )
    assert run(checking.check, Month(2027, 1)) == []


def test_the_carrying_is_no_income_of_the_month_in_which_it_is_booked(run: Runner, clock: FixedClock) -> None:
    a_closed_year(run, clock)
    done(run, "FIN-06", year=2026)
    for closed in (False, True):  # by its lines, then by what was kept when it was closed
        if closed:
            settle(run, Month(2027, 1))
        told = ask(run, "FIN-Q3", fund="pension", month="2027-01")
        assert (told.income.month_fen, told.expense.month_fen) == (0, 0)
        assert told.result.last_year_fen == 0  # of January 2026
    assert ask(run, "FIN-Q3", fund="pension", month="2026-12").result.year_fen == 1_370_00


def test_a_year_is_carried_once(run: Runner, clock: FixedClock) -> None:
    a_closed_year(run, clock)
    done(run, "FIN-06", year=2026)
    with pytest.raises(closing.NothingToCarry):
        done(run, "FIN-06", year=2026)
    with pytest.raises(closing.NothingToCarry):
        done(run, "FIN-06", year=2026, area="310115")


def test_a_year_with_an_open_month_is_not_carried(run: Runner, clock: FixedClock) -> None:
    two_years(run)
    settle(run, *YEAR_2025, *YEAR_2026[:11])
    with pytest.raises(closing.YearNotClosed, match="2026 年的 12 个月还没有全部结账"):
        done(run, "FIN-06", year=2026)
    with pytest.raises(closing.YearNotClosed):
        done(run, "FIN-06", year=2024)


def test_a_loss_is_carried_too(run: Runner, clock: FixedClock) -> None:
    run(book, NOVEMBER, (("benefit_expense", "benefit_payable", 10_00),))
    clock.set(datetime(2027, 1, 5, tzinfo=UTC))
    settle(run, NOVEMBER, Month(2026, 12))
    assert done(run, "FIN-06", year=2026).funds[0].result_fen == -10_00
    sheet = ask(run, "FIN-Q2", fund="pension", month="2027-01")
    assert sheet.net_fen == -10_00


def test_a_carried_year_stays_closed(run: Runner, clock: FixedClock) -> None:
    a_closed_year(run, clock)
    done(run, "FIN-06", year=2026)
    with pytest.raises(ledger.YearCarried, match="2026 年已经年结，2026-12 不能再打开"):
        done(run, "FIN-02", month="2026-12", reason=WHY)


def test_who_may_not_keep_the_books_closes_nothing(run: Runner) -> None:
    an_october(run)
    for role in ("经办", "复核", "审计"):
        with pytest.raises(Forbidden):
            ask(run, "FIN-01", officer("officer:9", role), month="2026-10")


# ---- what `renshe ledger check` says of statements ----


def test_statements_that_agree_are_silent(run: Runner) -> None:
    two_years(run)
    assert run(checking.check) == []
    assert run(checking.check, LAST_YEAR) == []


def test_a_sheet_that_says_other_than_the_trial_balance_is_found(run: Runner) -> None:
    two_years(run)

    def found(uow: Uow) -> list[ledger.Difference]:
        lines = ledger.trial_balance(uow, NOVEMBER)
        [(fund, area)] = ledger.funds_kept(uow)
        sheet = statements.sheet_of(fund, area, NOVEMBER, (), lines)
        wrong = sheet.model_copy(update={"assets_fen": sheet.assets_fen + 1})
        return checking._unbalanced(fund, area, wrong, lines)

    assert "资产 292000、负债和净资产 292000" in str(run(found)[0])


def test_a_deposit_that_differs_from_its_lines_is_found(owner: Engine, clock: FixedClock) -> None:
    """The owner slips an amount into what an account holds: the statement shows it, the lines do not."""
    with owner.connect() as connection:
        outer = connection.begin()
        sessions = sessionmaker[Session](bind=connection, join_transaction_mode="create_savepoint")
        books = Runner(sessions, actor=SYSTEM, clock=clock)
        two_years(books)
        books(lambda uow: uow.session.execute(text(SLIPPED)))
        found = [str(one) for one in books(checking.statements_differ, NOVEMBER)]
        outer.rollback()
    assert any("2026-11 1002，应为292000 分，实为292005 分" in one for one in found), found
