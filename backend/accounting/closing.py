"""Closing 结账: months in their order, opened again with a trace, and the year carried (FIN-01, 02, 06, FIN-Q6)."""

from __future__ import annotations

from backend.accounting import checking
from backend.accounting.books import RESULT, flows
from backend.accounting.rules import standing
from backend.accounting.schema import (
    AskPeriods,
    CarriedFund,
    CloseMonth,
    CloseYear,
    PeriodChanged,
    PeriodRow,
    Periods,
    ReopenMonth,
    StepRow,
    YearClosed,
)
from backend.kernel import auth, ledger, pooling
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.funds import Fund, chart
from backend.kernel.items import Guide, item, question
from backend.kernel.period import Month


class NotDue(Refusal):
    """下一个要结的月份是 {due}，不是 {month}，没有结账。月份要一个接一个地结。"""


class MonthNotOver(Refusal):
    """{month} 还没有过完，不能结账。请到下个月再结。"""


class BooksDiffer(Refusal):
    """总账或者报表有 {n} 处不符，没有结账。请系统管理员用对账命令列出每一处，查清以后再结。"""


class YearNotClosed(Refusal):
    """{year} 年的 12 个月还没有全部结账，不能年结。请先把 12 月结账。"""


class NothingToCarry(Refusal):
    """{year} 年没有需要结转的收入和支出，或者已经年结过了。"""


@item(
    "FIN-01",
    "基金月结",
    may=Permission.FUND_KEEP,
    review=1,
    guide=Guide(
        what="核对总账，结上一个月的账。结账以后这个月不能再记账。",
        who="经办机构财务人员",
        days="复核后当场办结",
        law="社会保险经办条例 第四十一条",
    ),
)
def close_month(uow: Uow, cmd: CloseMonth) -> PeriodChanged:
    ledger.stand_still(uow)
    month, due = Month.parse(cmd.month), due_month(uow)
    if month != due:
        raise NotDue(due=due, month=month)
    if month >= ledger.this_month(uow):
        raise MonthNotOver(month=month)
    if differences := checking.check(uow, month):
        raise BooksDiffer(n=len(differences))
    if month not in {one.month for one in ledger.calendar(uow)}:
        ledger.open_period(uow, month)  # nothing was booked in it
    ledger.close_period(uow, month)
    return PeriodChanged(month=cmd.month, status="closed")


def due_month(uow: Uow) -> Month:
    """The month to be closed next: after the newest closed one, else the first that was opened."""
    known = ledger.calendar(uow)
    closed = [one.month for one in known if one.status == "closed"]
    if closed:
        return max(closed) + 1
    return min((one.month for one in known), default=ledger.this_month(uow))


@item(
    "FIN-02",
    "基金反月结",
    may=Permission.FUND_KEEP,
    review=2,
    guide=Guide(
        what="发现差错时打开最近结账的月份。谁、什么时候、为什么，永久留存。",
        who="经办机构财务人员",
        bring=("差错的说明",),
        days="两人审核后当场办结",
        law="社会保险经办条例 第三十七条、第四十一条",
    ),
)
def reopen_month(uow: Uow, cmd: ReopenMonth) -> PeriodChanged:
    ledger.reopen_period(uow, Month.parse(cmd.month), cmd.reason)
    return PeriodChanged(month=cmd.month, status="open")


@question("FIN-Q6", "会计期间", may=Permission.FUND_READ)
def periods(uow: Uow, ask: AskPeriods) -> Periods:
    def asked(month: Month) -> bool:
        return ask.year is None or month.year == ask.year

    steps = [one for one in ledger.steps(uow) if asked(one.month)]
    names = auth.shown(uow, {id for one in steps for id in (one.maker, *one.checkers)})
    return Periods(
        due=str(due_month(uow)),
        periods=tuple(
            PeriodRow.model_validate(
                {
                    "month": str(one.month),
                    "status": one.status,
                    "opened_at": one.opened_at,
                    "closed_at": one.closed_at,
                }
            )
            for one in ledger.calendar(uow)
            if asked(one.month)
        ),
        steps=tuple(_step(one, names) for one in steps),
    )


def _step(one: ledger.Step, names: dict[str, str]) -> StepRow:
    return StepRow.model_validate(
        {
            "month": str(one.month),
            "what": one.what,
            "maker": names.get(one.maker, one.maker),
            "checkers": "、".join(names.get(id, id) for id in one.checkers),
            "reason": one.reason,
            "at": one.at,
        }
    )


@item(
    "FIN-06",
    "基金年结",
    may=Permission.FUND_KEEP,
    review=1,
    guide=Guide(
        what="十二个月都结账以后，把全年的收入和支出转入基金结余。",
        who="经办机构财务人员",
        days="复核后当场办结",
        law="社会保险法 第六十四条；社会保险经办条例 第四十一条",
    ),
)
def close_year(uow: Uow, cmd: CloseYear) -> YearClosed:
    area = pooling.area_of(uow, cmd.area)
    ledger.stand_still(uow)
    known = {one.month: one.status for one in ledger.calendar(uow)}
    if known.get(Month(cmd.year, 12)) != "closed":  # which nobody could close before the eleven others
        raise YearNotClosed(year=cmd.year)
    into = min((month for month, status in known.items() if status == "open"), default=due_month(uow))
    ledger.open_period(uow, into)
    carried = [one for fund in Fund if (one := _carry(uow, fund, area, cmd.year, into))]
    if not carried:
        raise NothingToCarry(year=cmd.year)
    return YearClosed(year=cmd.year, month=str(into), funds=tuple(carried))


def _carry(uow: Uow, fund: Fund, area: str, year: int, into: Month) -> CarriedFund | None:
    """One batch a fund: every account of income and expense of the year goes to the fund's balance."""
    key = f"{ledger.YEAR_END}/{year}/{fund}/{area}"
    sums = dict.fromkeys(RESULT, 0)
    kinds: dict[str, int] = {}
    for (kind, _month), fen in flows(uow, fund, area, Month(year, 1), Month(year, 12)).items():
        kinds[kind] = kinds.get(kind, 0) + fen
        sums[chart()[kind].element] += fen
    if ledger.posted(uow, key) or not any(kinds.values()):
        return None
    balance = ledger.account(uow, fund, area, "fund_balance")
    lines = []
    for kind, fen in sorted(kinds.items()):
        one, net = ledger.account(uow, fund, area, kind), standing(chart()[kind].normal, fen)
        if net:  # debits less credits: what stands in credit is emptied by a debit
            lines.append(ledger.Line(one, balance, -net) if net < 0 else ledger.Line(balance, one, net))
    batch = ledger.post(uow, month=into, document=ledger.YEAR_END, key=key, lines=lines)
    return CarriedFund(
        fund=fund.value,
        batch=batch,
        income_fen=sums["income"],
        expense_fen=sums["expense"],
        result_fen=sums["income"] - sums["expense"],
    )
