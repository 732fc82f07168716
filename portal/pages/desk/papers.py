"""Papers: the answers of fund accounting as documents, in the reader's language; page, PDF and workbook show the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from backend.accounting import schema
from backend.kernel import codes
from backend.kernel.documents import Cell, Column, Document, Grid
from backend.kernel.funds import Fund
from portal.language import current
from portal.language import gettext as _
from portal.render import moment, month

SIGNERS = ("单位负责人", "财务负责人", "复核", "制表")
Row = tuple[Cell, ...]


def document(answer: Any) -> Document:
    """The paper that an answer is shown as."""
    return replace(PAPERS[type(answer)](answer), language=current.get())


def _facts(answer: Any, when: str) -> tuple[tuple[str, str], ...]:
    return (
        (_("基金"), _(Fund(answer.fund).label)),
        (_("统筹区"), _(codes.name("area", answer.area))),
        (_("期间"), when),
        (_("金额单位"), _("元")),
    )


def _signed() -> tuple[str, ...]:
    """Where the statement is signed on paper."""
    return ((" " * 24).join(f"{_(one)}{_('：')}" for one in SIGNERS),)


def _money(*labels: str) -> tuple[Column, ...]:
    return tuple(Column(label, "fen", 3) for label in labels)


def _grid(title: str, columns: tuple[Column, ...], rows: list[tuple[bool, Row]]) -> Grid:
    """Rows, each with whether it is a total."""
    strong = frozenset(at for at, (total, _row) in enumerate(rows) if total)
    return Grid(title, columns, tuple(row for _total, row in rows), strong)


def _trial(answer: schema.TrialBalance) -> Document:
    columns = (
        Column(_("科目"), width=5),
        Column(_("科目编号"), width=2),
        *_money(_("期初借方"), _("期初贷方"), _("本期借方"), _("本期贷方"), _("期末借方"), _("期末贷方")),
    )
    rows: list[tuple[bool, Row]] = [
        (
            False,
            (
                _(row.account),
                row.code,
                row.opening_debit_fen or None,
                row.opening_credit_fen or None,
                row.debit_fen or None,
                row.credit_fen or None,
                row.closing_debit_fen or None,
                row.closing_credit_fen or None,
            ),
        )
        for row in answer.rows
    ]
    opening, moved, closing = answer.opening_fen, answer.moved_fen, answer.closing_fen
    rows.append((True, (_("合计"), "", opening, opening, moved, moved, closing, closing)))
    title = _("试算平衡表")
    return Document(title, _facts(answer, month(answer.month)), (_grid("", columns, rows),), _signed())


def _sheet(answer: schema.BalanceSheet) -> Document:
    columns = (Column(_("项目"), width=6), Column(_("科目编号"), width=2), *_money(_("年初数"), _("期末数")))
    rows: list[tuple[bool, Row]] = []
    for section, label, start, end in (
        ("asset", _("资产合计"), answer.assets_start_fen, answer.assets_fen),
        ("liability", _("负债合计"), answer.liabilities_start_fen, answer.liabilities_fen),
        ("net", _("净资产合计"), answer.net_start_fen, answer.net_fen),
    ):
        rows += [
            (False, (_(row.account), row.code, row.year_start_fen, row.closing_fen))
            for row in answer.rows
            if row.section == section
        ]
        rows.append((True, (label, "", start, end)))
    both = answer.liabilities_start_fen + answer.net_start_fen, answer.liabilities_fen + answer.net_fen
    rows.append((True, (_("负债和净资产合计"), "", *both)))
    title = _("资产负债表")
    return Document(title, _facts(answer, month(answer.month)), (_grid("", columns, rows),), _signed())


def _flow(answer: schema.IncomeStatement) -> Document:
    columns = (
        Column(_("科目"), width=5),
        Column(_("科目编号"), width=2),
        *_money(_("本月数"), _("上年同月数"), _("本年累计数"), _("上年同期累计数")),
    )
    rows: list[tuple[bool, Row]] = []
    for section, label, total in (
        ("income", _("收入合计"), answer.income),
        ("expense", _("支出合计"), answer.expense),
    ):
        rows += [
            (False, (_(row.account), row.code, *_four(row))) for row in answer.rows if row.section == section
        ]
        rows.append((True, (label, "", *_four(total))))
    rows.append((True, (_("收支差额"), "", *_four(answer.result))))
    grids = (_grid("", columns, rows), _by_month(answer))
    return Document(_("收支表"), _facts(answer, month(answer.month)), grids, _signed())


def _by_month(answer: schema.IncomeStatement) -> Grid:
    columns = (Column(_("月份"), width=3), *_money(_("收入合计"), _("支出合计"), _("收支差额")))
    rows: list[tuple[bool, Row]] = [
        (False, (month(one.month), one.income_fen, one.expense_fen, one.income_fen - one.expense_fen))
        for one in answer.months
    ]
    return _grid(_("各月收入和支出"), columns, rows)


def _four(row: schema.FlowRow | schema.Flow) -> tuple[int, int, int, int]:
    return row.month_fen, row.last_month_fen, row.year_fen, row.last_year_fen


def _ledger(answer: schema.DetailLedger) -> Document:
    columns = (
        Column(_("月份"), width=3),
        Column(_("凭证号"), width=2),
        Column(_("摘要"), width=4),
        Column(_("业务号"), width=6),
        *_money(_("借方"), _("贷方"), _("余额")),
    )
    rows: list[tuple[bool, Row]] = [(True, (_("期初余额"), "", "", "", None, None, answer.opening_fen))]
    rows += [
        (
            False,
            (
                month(row.month),
                str(row.batch),
                _(row.document),
                row.key,
                row.debit_fen or None,
                row.credit_fen or None,
                row.balance_fen,
            ),
        )
        for row in answer.entries
    ]
    closing = (_("期末余额"), "", "", "", answer.debit_fen, answer.credit_fen, answer.closing_fen)
    rows.append((True, closing))
    when = " – ".join(dict.fromkeys(month(one) for one in (answer.first_month, answer.last_month)))
    account = f"{_(schema.NAMES[answer.kind])} · {_('借方') if answer.side == 'D' else _('贷方')}"
    facts = (*_facts(answer, when), (_("科目"), account))
    return Document(_("明细账"), facts, (_grid("", columns, rows),))


def _budget(answer: schema.BudgetReport) -> Document:
    columns = (
        Column(_("科目"), width=6),
        Column(_("科目编号"), width=2),
        *_money(_("预算数"), _("执行数")),
        Column(_("执行进度"), "number", 2),
    )
    rows: list[tuple[bool, Row]] = []
    for section, label, total in (
        ("income", _("收入合计"), (answer.income_budget_fen, answer.income_fen, answer.income_share)),
        ("expense", _("支出合计"), (answer.expense_budget_fen, answer.expense_fen, answer.expense_share)),
    ):
        rows += [
            (False, (_(row.account), row.code, row.budget_fen, row.actual_fen, row.share))
            for row in answer.rows
            if row.section == section
        ]
        rows.append((True, (label, "", *total)))
    grids = [_grid("", columns, rows)]
    if answer.versions:
        grids.append(_versions(answer))
    return Document(_("预算执行"), _facts(answer, str(answer.year)), tuple(grids), _signed())


def _versions(answer: schema.BudgetReport) -> Grid:
    columns = (
        Column(_("科目"), width=4),
        Column(_("第几版"), "number", 2),
        Column(_("金额"), "fen", 3),
        Column(_("依据、调整原因"), width=5),
        Column(_("经办"), width=4),
        Column(_("复核"), width=3),
    )
    rows: list[tuple[bool, Row]] = [
        (
            False,
            (
                _(row.account),
                row.version,
                row.amount_fen,
                row.reason,
                f"{row.maker} {moment(row.made_at)}",
                row.checker,
            ),
        )
        for row in answer.versions
    ]
    return _grid(_("预算的各版"), columns, rows)


def _periods(answer: schema.Periods) -> Document:
    months: list[tuple[bool, Row]] = [
        (
            False,
            (
                month(row.month),
                _(schema.STATUS[row.status]),
                moment(row.opened_at),
                moment(row.closed_at) if row.closed_at else "",
            ),
        )
        for row in answer.periods
    ]
    steps: list[tuple[bool, Row]] = [
        (
            False,
            (month(row.month), _(schema.WHAT[row.what]), row.maker, row.checkers, row.reason, moment(row.at)),
        )
        for row in answer.steps
    ]
    told = tuple(Column(label) for label in (_("月份"), _("状态"), _("打开时间"), _("结账时间")))
    grids = [_grid(_("会计期间"), told, months)]
    if steps:
        heads = (_("月份"), _("事项"), _("经办"), _("审核"), _("原因"), _("时间"))
        grids.append(_grid(_("结账和反月结"), tuple(Column(label) for label in heads), steps))
    return Document(_("会计期间"), ((_("下一个要结的月份"), month(answer.due)),), tuple(grids))


def _corrections(answer: schema.Corrections) -> Document:
    columns = (
        Column(_("月份"), width=3),
        Column(_("凭证号"), width=2),
        Column(_("冲销的凭证号"), width=2),
        Column(_("借方科目"), width=3),
        Column(_("贷方科目"), width=3),
        Column(_("金额"), "fen", 3),
        Column(_("文号"), width=3),
        Column(_("原因"), width=5),
        Column(_("经办"), width=4),
        Column(_("复核"), width=3),
    )
    rows: list[tuple[bool, Row]] = [
        (
            False,
            (
                month(row.month),
                str(row.batch),
                str(row.reverses or ""),
                _(row.debit),
                _(row.credit),
                row.amount_fen,
                row.document,
                row.reason,
                f"{row.maker} {moment(row.at)}",
                row.checker,
            ),
        )
        for row in answer.rows
    ]
    return Document(_("更正记录"), _facts(answer, str(answer.year)), (_grid("", columns, rows),), _signed())


PAPERS: dict[type, Callable[[Any], Document]] = {
    schema.TrialBalance: _trial,
    schema.BalanceSheet: _sheet,
    schema.IncomeStatement: _flow,
    schema.DetailLedger: _ledger,
    schema.BudgetReport: _budget,
    schema.Periods: _periods,
    schema.Corrections: _corrections,
}
