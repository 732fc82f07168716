"""Books 财务 (tables 18–20): chart of accounts, balances by month and vouchers of the pension funds' ledgers."""

from __future__ import annotations

from collections.abc import Iterator

from backend.exchange.scope import Scope, Values
from backend.exchange.standard import meaning
from backend.kernel import ledger
from backend.kernel.clock import CHINA
from backend.kernel.db import Uow
from backend.kernel.funds import Fund, chart
from backend.kernel.ledger import Account, TrialLine, VoucherLine
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month

FUNDS = Fund.PENSION, Fund.RESIDENT_PENSION
SIDES = {"D": "借", "C": "贷"}
SIGNED = 30  # characters that the standard gives to who made, checked and booked a voucher
BOOKED_BY = "系统自动记账"
DOCUMENTS = {
    "opening": "期初建账",
    "benefit": "待遇应付",
    "bank-file": "银行报盘",
    "bank-return": "银行回盘",
    "collection": "持卡领取",
    "cassette": "自助机加钞、清点",
    "cash-taken": "自助机现金回库",
    "cash-count": "自助机清点差额",
    "cash-difference": "现金差额处理",
    "receipt": "征缴到账",
    "allocation": "待转金记到缴款人",
    "refund": "待转金退回",
    "transfer-received": "转移资金到账",
    "transfer-booked": "转移收入入账",
    "transfer-returned": "转移资金退回",
    "transfer-decided": "转移支出应付",
    "transfer-undone": "转出撤销",
    "transfer-paid": "转移资金划付",
    "scheme-in": "居民养老账户并入",
    "scheme-out": "职工养老账户转居民",
    "resident-payment": "居民养老缴费到账",
    "resident-reversal": "居民养老缴费冲正",
    "resident-subsidy": "居民养老缴费补贴拨付",
    "resident-transfer-in": "居民养老账户转入",
    "resident-transfer-out": "居民养老账户转出",
}


def chart_lines(uow: Uow, scope: Scope) -> Iterator[Values]:
    for fund in FUNDS:
        accounts = sorted(ledger.accounts_of(uow, fund, scope.area), key=_place)
        for year in sorted({month.year for month in _months(uow, scope)}):
            for account in accounts:
                yield {**_set_of_books(fund, scope), **_account(account), "AAD081": year, **_side(account)}


def balances(uow: Uow, scope: Scope) -> Iterator[Values]:
    for month in _months(uow, scope):
        for line in ledger.trial_balance(uow, month):
            account = line.account
            if account.fund in FUNDS and account.area == scope.area and _moved(line):
                sign = 1 if chart()[account.kind].normal == "D" else -1
                yield {
                    **_set_of_books(account.fund, scope),
                    **_account(account),
                    **_period(month),
                    **_side(account),
                    "AAD087": Money(sign * line.opening_fen),
                    "AAD088": Money(line.debit_fen),
                    "AAD089": Money(line.credit_fen),
                    "AAD092": Money(sign * line.closing_fen),
                }


def voucher_lines(uow: Uow, scope: Scope) -> Iterator[Values]:
    """Two lines for what a voucher moved between two accounts: one debited, one credited."""
    months = _months(uow, scope)
    if not months:
        return
    for fund in FUNDS:
        for line in ledger.vouchers(uow, fund, scope.area, months[0], months[-1]):
            said = _voucher(line, fund, scope)
            amount = Money(line.fen)
            yield {**said, **_account(line.debit), "EAD143": amount, "EAD144": ZERO}
            yield {**said, **_account(line.credit), "EAD143": ZERO, "EAD144": amount}


def _voucher(line: VoucherLine, fund: Fund, scope: Scope) -> Values:
    return {
        **_set_of_books(fund, scope),
        **_period(line.month),
        "AAD131": str(line.batch),
        "AAD138": line.approved_at.astimezone(CHINA).date(),
        "AAD128": f"{DOCUMENTS.get(line.document, line.document)} {line.key}",
        "ZZA001": line.maker[:SIGNED],
        "ZZA002": line.checker[:SIGNED],
        "ZZA003": BOOKED_BY,
    }


def _months(uow: Uow, scope: Scope) -> tuple[Month, ...]:
    return tuple(month for month in ledger.known_months(uow) if scope.year in (None, month.year))


def _set_of_books(fund: Fund, scope: Scope) -> Values:
    """账套: one a fund and pooling area."""
    return {"ZZA101": f"{scope.area}-{meaning('AAE140', fund.value)[0]}", "ZZA101N": fund.label}


def _account(account: Account) -> Values:
    """科目, to the sub-account of a kiosk where there is one."""
    code, name = account.code, chart()[account.kind].name
    if account.owner:
        code, name = f"{code}-{account.owner}", f"{name}--{account.owner}"
    return {"EAD004": code, "EAD006": name}


def _side(account: Account) -> Values:
    return {"EAD011": SIDES[chart()[account.kind].normal]}


def _period(month: Month) -> Values:
    return {"AAD081": month.year, "AAD082": f"{month.month}月"}


def _place(account: Account) -> tuple[str, str]:
    return account.code, account.owner or ""


def _moved(line: TrialLine) -> bool:
    return any((line.opening_fen, line.debit_fen, line.credit_fen))
