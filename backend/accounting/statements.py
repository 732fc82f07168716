"""Statements 会计报表: trial balance, balance sheet, income and expense, the detail of an account (FIN-Q1 … FIN-Q4)."""

from __future__ import annotations

from collections.abc import Iterable

from backend.accounting.books import RESULT, Stand, flows, kinds_of, stands
from backend.accounting.rules import sides, standing
from backend.accounting.schema import (
    AskFund,
    AskLedger,
    BalanceSheet,
    DetailLedger,
    Entry,
    Flow,
    FlowRow,
    IncomeStatement,
    MonthFlow,
    SheetRow,
    TrialBalance,
    TrialRow,
)
from backend.kernel import ledger, pooling
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.funds import Fund, chart
from backend.kernel.items import question
from backend.kernel.period import Month

DOCUMENTS = {
    "opening": "期初建账",
    "benefit": "待遇核定应付",
    "benefit-cancel": "停发撤销",
    "collection": "持卡领取待遇",
    "bank-file": "银行报盘",
    "bank-return": "银行回盘",
    "cassette": "自助机加钞",
    "cash-taken": "自助机现金回库",
    "cash-count": "自助机清点差额",
    "cash-difference": "现金差额处理",
    "overpayment": "多发待遇立账",
    "repayment": "多发待遇退回",
    "offset": "多发待遇抵扣",
    "withdrawal": "多发登记撤销",
    "receipt": "社会保险费到账",
    "allocation": "待转金分配",
    "refund": "待转金退款",
    "reversal": "冲正",
    "transfer": "资金划转",
    "transfer-received": "转移资金到账",
    "transfer-booked": "转移收入入账",
    "transfer-returned": "转移资金退回",
    "transfer-decided": "转移支出应付",
    "transfer-undone": "转出撤销",
    "transfer-paid": "转移资金划付",
    "scheme-in": "居民养老账户并入",
    "scheme-out": "职工养老账户转居民",
    "pooling": "调剂金",
    "correction": "更正凭证",
    "year-end": "年结",
}
UNCARRIED = "收支差额（未结转）"
Sum = tuple[int, int]


class NoSuchAccount(Refusal):
    """{fund}没有“{kind}”这个科目，请换一个科目。"""

    status = 404


class MonthsReversed(Refusal):
    """起始月份在截止月份之后，请核对。"""

    status = 422


@question("FIN-Q1", "试算平衡表", may=Permission.FUND_READ)
def trial_balance(uow: Uow, ask: AskFund) -> TrialBalance:
    area, fund = pooling.area_of(uow, ask.area), Fund(ask.fund)
    rows = tuple(
        _trial_row(one) for one in stands(ledger.trial_balance(uow, Month.parse(ask.month)), fund, area)
    )
    return TrialBalance(
        fund=ask.fund,
        area=area,
        month=ask.month,
        rows=rows,
        opening_fen=sum(row.opening_debit_fen for row in rows),
        moved_fen=sum(row.debit_fen for row in rows),
        closing_fen=sum(row.closing_debit_fen for row in rows),
    )


def _trial_row(one: Stand) -> TrialRow:
    opening, closing = sides(one.opening_fen), sides(one.closing_fen)
    return TrialRow(
        code=one.kind.code,
        account=one.kind.name,
        opening_debit_fen=opening[0],
        opening_credit_fen=opening[1],
        debit_fen=one.debit_fen,
        credit_fen=one.credit_fen,
        closing_debit_fen=closing[0],
        closing_credit_fen=closing[1],
    )


@question("FIN-Q2", "资产负债表", may=Permission.FUND_READ)
def balance_sheet(uow: Uow, ask: AskFund) -> BalanceSheet:
    area, month = pooling.area_of(uow, ask.area), Month.parse(ask.month)
    return sheet_of(
        Fund(ask.fund),
        area,
        month,
        ledger.trial_balance(uow, Month(month.year - 1, 12)),
        ledger.trial_balance(uow, month),
    )


def sheet_of(
    fund: Fund,
    area: str,
    month: Month,
    before: Iterable[ledger.TrialLine],
    now: Iterable[ledger.TrialLine],
) -> BalanceSheet:
    """The sheet of a fund from two trial balances: of the last December, and of the month."""
    start = {one.kind.kind: one.closing_fen for one in stands(before, fund, area)}
    end = {one.kind.kind: one.closing_fen for one in stands(now, fund, area)}
    rows = [
        SheetRow(
            section=kind.element,
            code=kind.code,
            account=kind.name,
            year_start_fen=standing(kind.normal, start.get(kind.kind, 0)),
            closing_fen=standing(kind.normal, end.get(kind.kind, 0)),
        )
        for kind in kinds_of(fund)
        if kind.element not in RESULT and kind.kind in end
    ]
    uncarried = [
        -sum(fen for kind, fen in one.items() if chart()[kind].element in RESULT) for one in (start, end)
    ]
    rows.append(
        SheetRow(
            section="net", code="", account=UNCARRIED, year_start_fen=uncarried[0], closing_fen=uncarried[1]
        )
    )
    totals = {section: _both(rows, section) for section in ("asset", "liability", "net")}
    return BalanceSheet(
        fund=fund.value,
        area=area,
        month=str(month),
        rows=tuple(rows),
        assets_start_fen=totals["asset"][0],
        assets_fen=totals["asset"][1],
        liabilities_start_fen=totals["liability"][0],
        liabilities_fen=totals["liability"][1],
        net_start_fen=totals["net"][0],
        net_fen=totals["net"][1],
    )


def _both(rows: Iterable[SheetRow], section: str) -> Sum:
    mine = [row for row in rows if row.section == section]
    return sum(row.year_start_fen for row in mine), sum(row.closing_fen for row in mine)


@question("FIN-Q3", "收支表", may=Permission.FUND_READ)
def income_statement(uow: Uow, ask: AskFund) -> IncomeStatement:
    area, fund, month = pooling.area_of(uow, ask.area), Fund(ask.fund), Month.parse(ask.month)
    moved = flows(uow, fund, area, Month(month.year - 1, 1), month)
    kinds = [kind for kind in kinds_of(fund) if any(known == kind.kind for known, _ in moved)]
    rows = [
        FlowRow(section=kind.element, code=kind.code, account=kind.name, **_flow(moved, [kind.kind], month))
        for kind in kinds
    ]
    income, expense = (
        _flow(moved, [kind.kind for kind in kinds if kind.element == element], month) for element in RESULT
    )
    return IncomeStatement(
        fund=ask.fund,
        area=area,
        month=ask.month,
        rows=tuple(rows),
        income=Flow(**income),
        expense=Flow(**expense),
        result=Flow(**{name: income[name] - expense[name] for name in income}),
        months=tuple(_month_flow(moved, one) for one in Month(month.year, 1).until(month)),
    )


def _flow(moved: dict[tuple[str, Month], int], kinds: list[str], month: Month) -> dict[str, int]:
    def over(first: Month, last: Month) -> int:
        return sum(fen for (kind, one), fen in moved.items() if kind in kinds and first <= one <= last)

    year, last_year = Month(month.year, 1), Month(month.year - 1, 1)
    return {
        "month_fen": over(month, month),
        "last_month_fen": over(month - 12, month - 12),
        "year_fen": over(year, month),
        "last_year_fen": over(last_year, month - 12),
    }


def _month_flow(moved: dict[tuple[str, Month], int], month: Month) -> MonthFlow:
    fen = {
        element: sum(
            fen for (kind, one), fen in moved.items() if one == month and chart()[kind].element == element
        )
        for element in RESULT
    }
    return MonthFlow(month=str(month), income_fen=fen["income"], expense_fen=fen["expense"])


@question("FIN-Q4", "明细账", may=Permission.FUND_READ)
def detail_ledger(uow: Uow, ask: AskLedger) -> DetailLedger:
    area, fund, kind = pooling.area_of(uow, ask.area), Fund(ask.fund), chart()[ask.kind]
    first, last = Month.parse(ask.first_month), Month.parse(ask.last_month)
    if first > last:
        raise MonthsReversed
    if fund not in kind.funds:
        raise NoSuchAccount(fund=fund.label, kind=kind.name)
    statements = [
        ledger.statement(uow, one.id, first, last)
        for one in ledger.accounts_of(uow, fund, area)
        if one.kind == kind.kind
    ]
    lines = sorted(
        (line for one in statements for line in one.lines), key=lambda line: (line.month, line.batch)
    )
    stands_at = opening = standing(kind.normal, sum(one.opening_fen for one in statements))
    entries = []
    for line in lines:
        stands_at += standing(kind.normal, line.debit_fen - line.credit_fen)
        entries.append(_entry(line, stands_at))
    return DetailLedger(
        fund=ask.fund,
        area=area,
        kind=ask.kind,
        first_month=ask.first_month,
        last_month=ask.last_month,
        side=kind.normal,
        opening_fen=opening,
        entries=tuple(entries),
        debit_fen=sum(line.debit_fen for line in lines),
        credit_fen=sum(line.credit_fen for line in lines),
        closing_fen=stands_at,
    )


def _entry(line: ledger.StatementLine, balance_fen: int) -> Entry:
    return Entry(
        month=str(line.month),
        batch=line.batch,
        document=titled(line.document),
        key=line.key,
        debit_fen=line.debit_fen,
        credit_fen=line.credit_fen,
        balance_fen=balance_fen,
    )


def titled(document: str) -> str:
    """What a voucher is, in words.

    >>> titled("year-end")
    '年结'
    """
    return DOCUMENTS.get(document, document)
