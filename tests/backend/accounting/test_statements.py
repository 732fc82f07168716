"""Statements: what the books say of a fund by month and year, and what nobody may ask."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backend.accounting import schema
from backend.accounting.statements import NoSuchAccount
from backend.kernel import audit, ledger
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import Forbidden
from backend.kernel.funds import chart
from backend.kernel.pooling import BeyondReach
from backend.kernel.sentences import Invalid
from tests.backend.accounting.world import AREA, LAST_YEAR, NOVEMBER, OCTOBER, ask, book, two_years
from tests.backend.people import officer


@pytest.fixture(autouse=True)
def world(run: Runner) -> None:
    two_years(run)


def test_the_trial_balance_stands_in_two_columns_that_agree(run: Runner) -> None:
    told = ask(run, "FIN-Q1", fund="pension", month="2026-11")
    rows = {row.code: row for row in told.rows}
    assert list(rows) == ["1002", "2002", "4001", "4101", "5001"]
    assert (rows["1002"].opening_debit_fen, rows["1002"].debit_fen, rows["1002"].closing_debit_fen) == (
        1_720_00,
        1_200_00,
        2_920_00,
    )
    assert (rows["2002"].closing_debit_fen, rows["2002"].closing_credit_fen) == (0, 1_150_00)
    assert told.moved_fen == 1_650_00 == sum(row.credit_fen for row in told.rows)
    assert told.opening_fen == sum(row.opening_credit_fen for row in told.rows)
    assert told.closing_fen == sum(row.closing_credit_fen for row in told.rows)


def test_cash_in_several_kiosks_is_one_line_of_a_statement(run: Runner) -> None:
    def load(uow: Uow, kiosk: str, fen: int) -> None:
        cash = ledger.account(uow, "pension", AREA, "cash", kiosk)
        deposit = ledger.account(uow, "pension", AREA, "treasury_deposit")
        lines = [ledger.Line(cash, deposit, fen)]
        ledger.post(uow, month=NOVEMBER, document="cassette", key=kiosk, lines=lines, maker="m", checker="c")

    run(load, "00000001", 5_00)
    run(load, "00000002", 7_00)
    told = ask(run, "FIN-Q1", fund="pension", month="2026-11")
    assert [row.closing_debit_fen for row in told.rows if row.code == "1001"] == [12_00]
    cash = ask(run, "FIN-Q4", fund="pension", kind="cash", first_month="2026-11", last_month="2026-11")
    assert [entry.balance_fen for entry in cash.entries] == [5_00, 12_00]
    assert {entry.document for entry in cash.entries} == {"自助机加钞"}


def test_assets_are_liabilities_and_net_assets(run: Runner) -> None:
    told = ask(run, "FIN-Q2", fund="pension", month="2026-11")
    assert told.assets_fen == 2_920_00 == told.liabilities_fen + told.net_fen
    assert (told.liabilities_fen, told.net_fen) == (1_150_00, 1_770_00)
    assert told.assets_start_fen == 700_00 == told.liabilities_start_fen + told.net_start_fen
    assert told.rows[-1].account == "收支差额（未结转）"
    assert told.rows[-1].closing_fen == 1_770_00


def test_income_and_expense_of_month_and_year_stand_beside_last_years(run: Runner) -> None:
    told = ask(run, "FIN-Q3", fund="pension", month="2026-11")
    rows = {row.code: row for row in told.rows}
    assert list(rows) == ["4001", "4101", "5001"]
    contributions = rows["4001"]
    assert (contributions.month_fen, contributions.year_fen) == (1_200_00, 2_200_00)
    assert (contributions.last_month_fen, contributions.last_year_fen) == (700_00, 700_00)
    assert told.income.year_fen == 2_220_00
    assert told.expense.year_fen == 850_00
    assert told.result.year_fen == 1_370_00
    assert told.result.last_year_fen == 400_00
    assert [(one.month, one.income_fen, one.expense_fen) for one in told.months[-2:]] == [
        ("2026-10", 1_020_00, 400_00),
        ("2026-11", 1_200_00, 450_00),
    ]
    assert len(told.months) == 11


def test_the_year_to_date_ends_with_the_month_that_is_asked_for(run: Runner) -> None:
    told = ask(run, "FIN-Q3", fund="pension", month="2026-10")
    assert told.income.year_fen == 1_020_00
    assert told.result.last_year_fen == 0


def test_a_correction_takes_from_the_income_of_its_own_month(run: Runner) -> None:
    wrong = run(book, NOVEMBER, (("receipts_deposit", "interest_income", 9_00),), "wrong")
    run(ledger.reverse, wrong, month=NOVEMBER, maker="m", checker="c")
    told = ask(run, "FIN-Q3", fund="pension", month="2026-11")
    assert told.income.month_fen == 1_200_00


def test_the_detail_of_an_account_runs_from_opening_to_closing(run: Runner) -> None:
    told = ask(
        run,
        "FIN-Q4",
        fund="pension",
        kind="benefit_payable",
        first_month="2026-10",
        last_month="2026-11",
    )
    assert (told.side, told.opening_fen, told.closing_fen) == ("C", 300_00, 1_150_00)
    assert [(one.month, one.credit_fen, one.balance_fen) for one in told.entries] == [
        (str(OCTOBER), 400_00, 700_00),
        (str(NOVEMBER), 450_00, 1_150_00),
    ]
    assert (told.debit_fen, told.credit_fen) == (0, 850_00)


def test_an_account_never_opened_has_nothing_on_it(run: Runner) -> None:
    told = ask(run, "FIN-Q4", fund="pension", kind="bonds", first_month=str(LAST_YEAR), last_month="2026-11")
    assert (told.opening_fen, told.entries, told.closing_fen) == (0, (), 0)


def test_a_fund_without_books_has_empty_statements(run: Runner) -> None:
    assert ask(run, "FIN-Q1", fund="injury", month="2026-11").rows == ()
    assert ask(run, "FIN-Q2", fund="injury", month="2026-11").assets_fen == 0
    assert ask(run, "FIN-Q3", fund="injury", month="2026-11").rows == ()


def test_funds_and_areas_are_kept_apart(run: Runner) -> None:
    run(book, NOVEMBER, (("receipts_deposit", "contribution_income", 5),), fund="injury")
    run(book, NOVEMBER, (("receipts_deposit", "contribution_income", 7),), area="310115")
    assert ask(run, "FIN-Q3", fund="injury", month="2026-11").income.year_fen == 5
    assert ask(run, "FIN-Q3", fund="pension", month="2026-11", area="310115").income.year_fen == 7
    assert ask(run, "FIN-Q3", fund="pension", month="2026-11").income.month_fen == 1_200_00


def test_what_a_fund_does_not_have_is_said(run: Runner) -> None:
    with pytest.raises(NoSuchAccount, match="工伤保险基金没有“大病保险支出”"):
        ask(
            run,
            "FIN-Q4",
            fund="injury",
            kind="critical_illness_expense",
            first_month="2026-11",
            last_month="2026-11",
        )
    with pytest.raises(Exception, match="起始月份在截止月份之后"):
        ask(run, "FIN-Q4", fund="injury", kind="bonds", first_month="2026-11", last_month="2026-10")
    with pytest.raises(Invalid):
        ask(run, "FIN-Q1", fund="pension", month="2026-11", area="999999")
    with pytest.raises(Invalid):
        ask(run, "FIN-Q1", fund="lottery", month="2026-11")


def test_an_officer_of_a_part_does_not_read_the_books_of_the_whole(run: Runner) -> None:
    with pytest.raises(BeyondReach):
        ask(run, "FIN-Q1", officer("officer:9", "财务", area="310115"), fund="pension", month="2026-11")
    with pytest.raises(Forbidden):
        ask(run, "FIN-Q1", officer("officer:9", "经办"), fund="pension", month="2026-11")


def test_reading_the_books_leaves_a_trace(run: Runner) -> None:
    ask(run, "FIN-Q2", fund="pension", month="2026-11")
    rows = run.system(
        lambda uow: uow.session.scalars(select(audit.Row).where(audit.Row.item == "FIN-Q2")).all()
    )
    assert [row.outcome for row in rows] == ["read"]


def test_the_kinds_that_may_be_asked_for_are_the_chart() -> None:
    asked = schema.AskLedger.model_json_schema()["properties"]["kind"]["enum"]
    assert asked == list(chart())
    planned = schema.SetBudget.model_json_schema()["properties"]["kind"]["enum"]
    assert planned == [name for name, kind in chart().items() if kind.element in ("income", "expense")]
