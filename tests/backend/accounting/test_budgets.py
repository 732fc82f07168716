"""Budgets: every version stays, a revision says why, and the year's figures stand beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.accounting.budgets import BudgetNotApproved, ReasonMissing, SameBudget, set_budget
from backend.accounting.schema import SetBudget
from backend.accounting.statements import NoSuchAccount
from backend.kernel import cases, items
from backend.kernel.batch import each_line
from backend.kernel.db import Runner
from backend.kernel.review import Decide, review
from backend.kernel.sentences import Invalid
from backend.systems import CATALOGUE
from tests.backend.accounting.world import CLERK, FIRST, ask, done, two_years

CONTRIBUTIONS: dict[str, Any] = {"fund": "pension", "year": 2026, "kind": "contribution_income"}


def test_a_budget_is_set_and_revised_with_a_reason(run: Runner) -> None:
    first = done(run, "FIN-04", **CONTRIBUTIONS, amount="4400.00", reason="批复〔2026〕1号")
    assert (first.version, first.before_fen, first.amount_fen) == (1, None, 4_400_00)
    second = done(run, "FIN-04", **CONTRIBUTIONS, amount="5000", reason="费率调整")
    assert (second.version, second.before_fen) == (2, 4_400_00)
    told = ask(run, "FIN-Q5", fund="pension", year=2026)
    assert [(one.version, one.amount_fen, one.reason) for one in told.versions] == [
        (1, 4_400_00, "批复〔2026〕1号"),
        (2, 5_000_00, "费率调整"),
    ]
    assert {(one.maker, one.checker) for one in told.versions} == {(CLERK.id, FIRST.id)}


def test_a_budget_waits_until_another_has_approved_it(run: Runner) -> None:
    filed = ask(run, "FIN-04", **CONTRIBUTIONS, amount="4400.00")
    assert isinstance(filed, items.Filed)
    assert ask(run, "FIN-Q5", fund="pension", year=2026).versions == ()
    with pytest.raises(cases.OwnCase):
        run.by(replace(CLERK, permissions=FIRST.permissions))(
            review, Decide(no=filed.case_no, decision="approved")
        )
    command = SetBudget.model_validate(CONTRIBUTIONS | {"amount": "1"})
    with pytest.raises(BudgetNotApproved):  # nor may a program set one that nobody has seen
        run(set_budget, command)


def test_a_revision_without_a_reason_or_without_a_change_is_none(run: Runner) -> None:
    done(run, "FIN-04", **CONTRIBUTIONS, amount="4400.00")
    with pytest.raises(ReasonMissing, match="调整要写明原因"):
        done(run, "FIN-04", **CONTRIBUTIONS, amount="5000")
    with pytest.raises(SameBudget, match=r"本来就是 4,400\.00 元"):
        done(run, "FIN-04", **CONTRIBUTIONS, amount="4400", reason="没有变")
    with pytest.raises(NoSuchAccount):
        done(run, "FIN-04", fund="pension", year=2026, kind="critical_illness_expense", amount="1")
    with pytest.raises(Invalid):
        done(run, "FIN-04", fund="pension", year=2026, kind="cash", amount="1")


def test_the_years_figures_stand_beside_the_budget(run: Runner) -> None:
    two_years(run)
    done(run, "FIN-04", **CONTRIBUTIONS, amount="4400.00")
    done(run, "FIN-04", fund="pension", year=2026, kind="transfer_expense", amount="10")
    told = ask(run, "FIN-Q5", fund="pension", year=2026)
    assert [(row.code, row.budget_fen, row.actual_fen, row.share) for row in told.rows] == [
        ("4001", 4_400_00, 2_200_00, "50.00%"),
        ("4101", None, 20_00, ""),
        ("5001", None, 850_00, ""),
        ("5101", 10_00, 0, "0.00%"),
    ]
    assert (told.income_budget_fen, told.income_fen) == (4_400_00, 2_220_00)
    assert (told.expense_budget_fen, told.expense_fen) == (10_00, 850_00)


def test_a_file_of_budgets_is_read_line_by_line(run: Runner) -> None:
    rows = [
        {"fund": "pension", "year": "2026", "kind": "contribution_income", "amount": "4400.00"},
        {"fund": "pension", "year": "2026", "kind": "benefit_expense", "amount": "-1"},
        {"fund": "injury", "year": "2026", "kind": "injury_prevention_expense", "amount": "12.5"},
    ]
    lines = list(each_line(run.by(CLERK), CATALOGUE["FIN-04"], rows, key="budget"))
    assert [line.ok for line in lines] == [True, False, True]
    for line in lines:
        if isinstance(line.done, items.Filed):
            run.by(FIRST)(review, Decide(no=line.done.case_no, decision="approved"))
    assert ask(run, "FIN-Q5", fund="injury", year=2026).expense_budget_fen == 12_50


@pytest.mark.parametrize(
    "statement", ["update accounting.budget set amount = 1", "delete from accounting.budget"]
)
def test_no_program_changes_a_version(run: Runner, statement: str) -> None:
    done(run, "FIN-04", **CONTRIBUTIONS, amount="1")
    with pytest.raises(DBAPIError) as told:
        run(lambda uow: uow.session.execute(text(statement)))
    assert getattr(told.value.orig, "sqlstate", None) == "42501"
