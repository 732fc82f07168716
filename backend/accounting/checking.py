"""Checking 对账: that every fund's statements balance and say of its deposits what the ledger's lines say."""

from __future__ import annotations

from sqlalchemy import text

from backend.accounting.correcting import CORRECTION, MANUAL
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
# every correcting voucher says by which document and why, and nothing else claims to be one
UNEXPLAINED = text(
    """
    with booked as (
      select b.id, b.reverses from ledger.batch b left join ledger.batch o on o.id = b.reverses
      where b.document = :correction or o.document = any (:manual)
    )
    select '凭证 ' || coalesce(b.id, c.batch), case when b.id is null then '没有更正依据' else '有更正依据' end,
      case when c.batch is null then '没有' else '有' end
    from booked b full join accounting.correction c on c.batch = b.id
    where b.id is null or c.batch is null or b.reverses is distinct from c.reverses order by 1
    """
)


def check(uow: Uow, month: Month | None = None) -> list[ledger.Difference]:
    """What differs in the ledger, and in the statements of a month (else the current one); [] says that all agree."""
    return ledger.check(uow) + statements_differ(uow, month or ledger.this_month(uow)) + unexplained(uow)


def unexplained(uow: Uow) -> list[ledger.Difference]:
    named = {"correction": CORRECTION, "manual": list(MANUAL)}
    return [ledger.Difference("更正凭证", *row) for row in uow.session.execute(UNEXPLAINED, named)]


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
