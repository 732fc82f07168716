"""Money moved 资金划转、调剂金: between a fund's own deposits, and between pooling areas (FIN-03, FIN-05).

社会保险经办条例 第四十条: the expenditure account takes what the treasury account allots, pays what the fund spends,
and remits to the level above and allots to the level below. No account is drawn beyond what it holds.
"""

from __future__ import annotations

from backend.accounting.schema import DIRECTIONS, FundsMoved, FundsPooled, MoveFunds, PoolFunds
from backend.kernel import codes, ledger, pooling
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.kernel.pooling import BeyondReach

# from which deposit to which
ROUTES = {
    "receipts_to_treasury": ("receipts_deposit", "treasury_deposit"),
    "state_treasury_to_treasury": ("state_treasury_deposit", "treasury_deposit"),
    "treasury_to_expenditure": ("treasury_deposit", "expenditure_deposit"),
    "expenditure_to_treasury": ("expenditure_deposit", "treasury_deposit"),
}
# what the payer spends and what the receiver takes in
POOLED = {
    "up": ("superior_remittance_expense", "inferior_remittance_income"),
    "down": ("inferior_subsidy_expense", "superior_subsidy_income"),
}


class SlipReversed(Refusal):
    """凭单 {slip} 记的账已经红字冲销，没有再入账。请用新的凭单号录入更正以后的内容。"""


class NotSuperior(Refusal):
    """{direction}的两个统筹区要是上下级：{upper}不是{lower}的上级，没有入账。请核对付款方和收款方。"""

    status = 422


@item(
    "FIN-03",
    "基金资金划转",
    may=Permission.FUND_KEEP,
    review=1,
    guide=Guide(
        what="把基金从收入户、国库划入财政专户，从财政专户拨到支出户，或者退回。",
        who="经办机构财务人员",
        bring=("银行或者财政的拨款凭证",),
        days="复核后当场入账",
        law="社会保险经办条例 第四十条",
    ),
)
def move_funds(uow: Uow, cmd: MoveFunds) -> FundsMoved:
    area = pooling.area_of(uow, cmd.area)
    payer, receiver = (ledger.account(uow, cmd.fund, area, kind) for kind in ROUTES[cmd.way])
    fen = Money.yuan(cmd.amount).fen
    key = f"transfer/{cmd.fund}/{area}/{cmd.slip}"
    if not _booked(uow, key, cmd.slip):
        ledger.require_covered(uow, payer, fen)
    batch = _post(uow, cmd.month, "transfer", key, ledger.Line(receiver, payer, fen))
    return FundsMoved(
        batch=batch, left_fen=ledger.balance(uow, payer), holds_fen=ledger.balance(uow, receiver)
    )


def _booked(uow: Uow, key: str, slip: str) -> bool:
    """Whether a slip was booked already; one that was reversed is not booked again under its number."""
    batch = ledger.posted(uow, key)
    if batch is not None and ledger.reversal_of(uow, batch) is not None:
        raise SlipReversed(slip=slip)
    return batch is not None


def _post(uow: Uow, month: str | None, document: str, key: str, line: ledger.Line) -> int:
    """Posted once a key."""
    return ledger.post(
        uow,
        month=Month.parse(month) if month else ledger.this_month(uow),
        document=document,
        key=key,
        lines=[line],
    )


@item(
    "FIN-05",
    "调剂金上解和补助",
    may=Permission.FUND_KEEP,
    review=1,
    guide=Guide(
        what="登记下级向上级上解的调剂金，或者上级给下级的补助。",
        who="经办机构财务人员",
        bring=("上解通知或者补助批复", "银行凭证"),
        days="复核后当场入账",
        law="社会保险法 第六十四条；社会保险经办条例 第四十条",
    ),
)
def pool_funds(uow: Uow, cmd: PoolFunds) -> FundsPooled:
    """Each side's books by themselves, once a slip: what one level has booked the other may still have to."""
    upper, lower = (cmd.receiver, cmd.payer) if cmd.direction == "up" else (cmd.payer, cmd.receiver)
    if not pooling.superior(upper, lower):
        raise NotSuperior(
            direction=DIRECTIONS[cmd.direction],
            upper=codes.name("area", upper),
            lower=codes.name("area", lower),
        )
    paid = _pay(uow, cmd) if pooling.within_reach(uow, cmd.payer) else None
    received = _receive(uow, cmd) if pooling.within_reach(uow, cmd.receiver) else None
    if paid is None and received is None:
        raise BeyondReach(area=codes.name("area", upper))
    return FundsPooled(paid=paid, received=received)


def _pay(uow: Uow, cmd: PoolFunds) -> int:
    """What the paying account does not hold is refused."""
    expense = ledger.account(uow, cmd.fund, cmd.payer, POOLED[cmd.direction][0])
    deposit = ledger.account(uow, cmd.fund, cmd.payer, "expenditure_deposit")
    key, fen = _key(cmd, "out"), Money.yuan(cmd.amount).fen
    if not _booked(uow, key, cmd.slip):
        ledger.require_covered(uow, deposit, fen)
    return _post(uow, cmd.month, "pooling", key, ledger.Line(expense, deposit, fen))


def _receive(uow: Uow, cmd: PoolFunds) -> int:
    deposit = ledger.account(uow, cmd.fund, cmd.receiver, "receipts_deposit")
    income = ledger.account(uow, cmd.fund, cmd.receiver, POOLED[cmd.direction][1])
    key = _key(cmd, "in")
    _booked(uow, key, cmd.slip)
    line = ledger.Line(deposit, income, Money.yuan(cmd.amount).fen)
    return _post(uow, cmd.month, "pooling", key, line)


def _key(cmd: PoolFunds, side: str) -> str:
    return f"pooling/{cmd.fund}/{cmd.payer}/{cmd.receiver}/{cmd.direction}/{cmd.slip}/{side}"
