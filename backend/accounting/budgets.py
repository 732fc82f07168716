"""Budgets 基金预算: set by account and year, every version kept, beside what was carried out (FIN-04, FIN-Q5).

社会保险法 第六十五条、第六十六条: a fund is balanced by its budget, set up by pooling area and by insurance.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from backend.accounting.books import RESULT, flows, kinds_of
from backend.accounting.model import Budget
from backend.accounting.rules import share
from backend.accounting.schema import AskBudget, BudgetReport, BudgetRow, BudgetSet, BudgetVersion, SetBudget
from backend.accounting.statements import NoSuchAccount
from backend.kernel import auth, pooling
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.funds import AccountKind, Fund, chart
from backend.kernel.items import Guide, item, question
from backend.kernel.money import Money
from backend.kernel.period import Month


class ReasonMissing(Refusal):
    """{year} 年“{kind}”已经有预算 {amount} 元，调整要写明原因，没有改。"""

    status = 422


class BudgetNotApproved(Refusal):
    """预算还没有人复核，没有登记。请由另一个人复核以后再办。"""


class SameBudget(Refusal):
    """{year} 年“{kind}”的预算本来就是 {amount} 元，没有改。"""


@item(
    "FIN-04",
    "登记基金预算",
    may=Permission.FUND_KEEP,
    review=1,
    guide=Guide(
        what="登记批准的基金预算，或者按批准的调整方案改预算。",
        who="经办机构财务人员",
        bring=("预算或者预算调整方案的批复",),
        days="复核后当场办结",
        law="社会保险法 第六十五条、第六十六条；社会保险经办条例 第三十七条、第三十九条",
    ),
)
def set_budget(uow: Uow, cmd: SetBudget) -> BudgetSet:
    area, kind = pooling.area_of(uow, cmd.area), chart()[cmd.kind]
    if Fund(cmd.fund) not in kind.funds:
        raise NoSuchAccount(fund=Fund(cmd.fund).label, kind=kind.name)
    before = _newest(_versions(uow, cmd.fund, area, cmd.year)).get(cmd.kind)
    amount = Money.yuan(cmd.amount)
    if before is not None:
        facts = {"year": cmd.year, "kind": kind.name, "amount": str(before.amount)}
        if before.amount == amount:
            raise SameBudget(**facts)
        if not cmd.reason:
            raise ReasonMissing(**facts)
    if not uow.approvers:
        raise BudgetNotApproved
    made = Budget(
        fund=cmd.fund,
        area=area,
        year=cmd.year,
        kind=cmd.kind,
        version=before.version + 1 if before else 1,
        amount=amount,
        reason=cmd.reason,
        maker=uow.actor.id,
        checker=uow.approvers[-1],
        made_at=uow.now,
    )
    uow.session.add(made)
    uow.session.flush()
    return BudgetSet(
        version=made.version, before_fen=before.amount.fen if before else None, amount_fen=amount.fen
    )


def _versions(uow: Uow, fund: str, area: str, year: int) -> list[Budget]:
    query = (
        select(Budget)
        .where(Budget.fund == fund, Budget.area == area, Budget.year == year)
        .order_by(Budget.id)
    )
    return list(uow.session.scalars(query))


def _newest(versions: list[Budget]) -> dict[str, Budget]:
    return {one.kind: one for one in versions}


@question("FIN-Q5", "预算执行", may=Permission.FUND_READ)
def budget_report(uow: Uow, ask: AskBudget) -> BudgetReport:
    area, fund = pooling.area_of(uow, ask.area), Fund(ask.fund)
    versions = _versions(uow, ask.fund, area, ask.year)
    newest = _newest(versions)
    actual: dict[str, int] = {}
    for (kind, _month), fen in flows(uow, fund, area, Month(ask.year, 1), Month(ask.year, 12)).items():
        actual[kind] = actual.get(kind, 0) + fen
    rows = tuple(
        _row(kind, newest.get(kind.kind), actual.get(kind.kind, 0))
        for kind in kinds_of(fund)
        if kind.element in RESULT and (kind.kind in newest or kind.kind in actual)
    )
    income, expense = (_sums(rows, section) for section in RESULT)
    names = auth.shown(uow, {id for one in versions for id in (one.maker, one.checker)})
    return BudgetReport(
        fund=ask.fund,
        area=area,
        year=ask.year,
        rows=rows,
        income_budget_fen=income[0],
        income_fen=income[1],
        income_share=share(income[1], income[0]),
        expense_budget_fen=expense[0],
        expense_fen=expense[1],
        expense_share=share(expense[1], expense[0]),
        versions=tuple(_version(one, names) for one in versions),
    )


def _sums(rows: Iterable[BudgetRow], section: str) -> tuple[int, int]:
    """What was planned and what was carried out."""
    mine = [row for row in rows if row.section == section]
    return sum(row.budget_fen or 0 for row in mine), sum(row.actual_fen for row in mine)


def _row(kind: AccountKind, budget: Budget | None, actual_fen: int) -> BudgetRow:
    planned = budget.amount.fen if budget else None
    return BudgetRow(
        section=kind.element,
        code=kind.code,
        account=kind.name,
        budget_fen=planned,
        version=budget.version if budget else 0,
        actual_fen=actual_fen,
        share=share(actual_fen, planned),
    )


def _version(one: Budget, names: dict[str, str]) -> BudgetVersion:
    return BudgetVersion(
        code=chart()[one.kind].code,
        account=chart()[one.kind].name,
        version=one.version,
        amount_fen=one.amount.fen,
        reason=one.reason,
        maker=names.get(one.maker, one.maker),
        checker=names.get(one.checker, one.checker),
        made_at=one.made_at,
    )
