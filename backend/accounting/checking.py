"""Checking 对账: that every fund's statements balance and say of its deposits what the ledger's lines say."""

from __future__ import annotations

from backend.accounting.rules import balanced, standing
from backend.accounting.schema import BalanceSheet
from backend.accounting.statements import sheet_of
from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.kernel.funds import Fund, chart
from backend.kernel.period import Month

FIRST = Month(1900, 1)
DEPOSITS = ("receipts_deposit", "treasury_deposit", "expenditure_deposit", "state_treasury_deposit")
QUESTION = "报表"


def check(uow: Uow, month: Month | None = None) -> list[ledger.Difference]:
    """What differs in the ledger, and in the statements of a month (else the current one); [] says that all agree."""
    return ledger.check(uow) + statements_differ(uow, month or ledger.this_month(uow))


def statements_differ(uow: Uow, month: Month) -> list[ledger.Difference]:
    now = ledger.trial_balance(uow, month)
    found = []
    for fund, area in ledger.funds_kept(uow):
        sheet = sheet_of(fund, area, month, (), now)
        found += [*_unbalanced(fund, area, sheet, now), *_other_deposits(uow, fund, area, month, sheet)]
    return found


def _unbalanced(
    fund: Fund, area: str, sheet: BalanceSheet, lines: tuple[ledger.TrialLine, ...]
) -> list[ledger.Difference]:
    """资产 ＝ 负债 ＋ 净资产 ＋ 收入 － 支出, from the trial balance itself and as the sheet adds it up."""
    sums = dict.fromkeys(("asset", "liability", "net", "income", "expense"), 0)
    for line in lines:
        if (line.account.fund, line.account.area) == (fund, area):
            kind = chart()[line.account.kind]
            sums[kind.element] += standing(kind.normal, line.closing_fen)
    right = sums["liability"] + sums["net"] + sums["income"] - sums["expense"]
    same = (sheet.assets_fen, sheet.liabilities_fen + sheet.net_fen) == (sums["asset"], right)
    if same and balanced(*sums.values()):
        return []
    where = f"{fund.label} {area} {sheet.month} 资产负债表"
    told = f"资产 {sheet.assets_fen}、负债和净资产 {sheet.liabilities_fen + sheet.net_fen}"
    return [ledger.Difference(QUESTION, where, f"资产 {sums['asset']}、负债和净资产 {right}", told)]


def _other_deposits(
    uow: Uow, fund: Fund, area: str, month: Month, sheet: BalanceSheet
) -> list[ledger.Difference]:
    """The sheet goes back from what stands now; here the months are added up from the first one on."""
    accounts = [one for one in ledger.accounts_of(uow, fund, area) if one.kind in DEPOSITS]
    added = {one.code: 0 for one in accounts}
    for moved in ledger.movements(uow, accounts, FIRST, month):
        added[moved.account.code] += moved.debit_fen - moved.credit_fen
    stated = {row.code: row.closing_fen for row in sheet.rows if row.code in added}
    return [
        ledger.Difference(
            QUESTION,
            f"{fund.label} {area} {month} {code}",
            f"{added[code]} 分",
            f"{stated.get(code, 0)} 分",
        )
        for code in sorted(added)
        if stated.get(code, 0) != added[code]
    ]
