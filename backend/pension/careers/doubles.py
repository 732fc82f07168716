"""Months paid twice 重复缴费 (PEN-19): one place is kept, the other gives back.

Kept elsewhere: the months count here no more, and the person gets their own part of them back, as it was credited. What
it has borne stays in the account, as it does when a receipt is reversed. Kept by an employer: what the person paid for
themselves is no longer due and waits for them (LEV-08); then the employer reports them (REG-03) and owes (LEV-16).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select, type_coerce

from backend.kernel.actor import Permission
from backend.kernel.db import MoneyType, Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.kernel.pooling import require_reach
from backend.levy import service as levy
from backend.payout import service as payout
from backend.pension import years
from backend.pension.careers.model import Cleared
from backend.pension.careers.schema import ClearDouble, DoubleCleared
from backend.pension.careers.spans import SpanOrder, whose
from backend.pension.careers.summing import Unlisted
from backend.pension.model import Account, Contribution
from backend.registry import service as registry

FUND, REFUND = "pension", "重复缴费退还"
OTHER_REASON = "6399"  # 其他原因中断缴费: they never should have insured themselves then


class UntilMissing(Refusal):
    """留下另一处的，请填写到哪个月止。"""

    status = 422


class MonthNotHere(Refusal):
    """{name}在 {month} 没有本地的缴费记录，没有重复，请核对起止月。"""


class RetiredAlready(Refusal):
    """{name}已经在 {retired} 退休，缴费年限已经用来核定待遇；请先办待遇重算，再清退重复缴费。"""


class ClearedThisMonth(Refusal):
    """{name}这个月已经退还过一次重复缴费，这一次没有办理。请下个月再办，或者一次写全起止月。"""


class AccountHolds(Refusal):
    """个人账户只有 {balance} 元，少于要退还的 {refund} 元，没有办理；请先核对个人账户（PEN-Q2）。"""


class ClearedThere(Refusal):
    """这笔钱缴的 {month} 已经作为重复缴费清退给了本人，没有办理；请先追回清退的钱（PAY-31），再联系管理员。"""


class NeverOwn(Refusal):
    """{name}从 {since} 起没有以灵活就业身份参保，没有可以清退的，请核对月份。"""


@item(
    "PEN-19",
    "重复缴费处理",
    may=Permission.PENSION_DECIDE,
    review=2,
    ready=lambda uow, cmd: _doubled(uow, cmd),
    guide=Guide(
        what="同一个月在两处缴了养老保险的，和本人商定留下一处，另一处清退：留下外地的，本地个人缴纳的部分退还本人，已经得的利息留在个人账户；留下单位的，灵活就业自己缴的全部退还。",
        who="重复缴费的人",
        bring=("居民身份证", "另一处的参保缴费凭证", "本人选择留下哪一处的书面意见"),
        days="十五个工作日",
        law="人社部规〔2016〕5号（转述，没有核对原文）；社会保险法 第十二条、第十四条",
    ),
)
def clear(uow: Uow, cmd: ClearDouble) -> DoubleCleared:
    person, account, months = _doubled(uow, cmd)
    before = account.months_paid
    refund, waiting = ZERO, 0
    if cmd.keeps == "elsewhere":
        refund = _give_up(uow, person, account, _rows(uow, person, months), cmd)
    else:
        waiting = _to_employer(uow, person, months[0])
    uow.session.refresh(account)
    return DoubleCleared(
        name=person.name,
        months=before - account.months_paid,
        refund_fen=refund.fen,
        waiting_fen=waiting,
        months_paid=account.months_paid,
    )


def _doubled(uow: Uow, cmd: ClearDouble) -> tuple[registry.Person, Account, Sequence[Month]]:
    """Whose months, which; refused where there is nothing to clear."""
    require_reach(uow)
    person, account = whose(uow, cmd.ident)
    if person.retired is not None:
        raise RetiredAlready(name=person.name, retired=person.retired)
    first = Month.parse(cmd.since)
    if cmd.keeps == "employer":
        return person, account, [first]
    if cmd.until is None:
        raise UntilMissing
    if (last := Month.parse(cmd.until)) < first:
        raise SpanOrder(first=first, last=last)
    months = list(first.until(last))
    _rows(uow, person, months)
    if payout.owed_this_month(uow, person.id, REFUND):
        raise ClearedThisMonth(name=person.name)
    return person, account, months


def _rows(uow: Uow, person: registry.Person, months: Sequence[Month]) -> Sequence[Contribution]:
    """The contributions of these months, all of them."""
    rows = uow.session.scalars(
        select(Contribution)
        .where(Contribution.person_id == person.id, Contribution.month.between(months[0], months[-1]))
        .order_by(Contribution.month)
    ).all()
    known = {row.month for row in rows}
    for month in months:
        if month not in known:
            raise MonthNotHere(name=person.name, month=month)
    return rows


def _give_up(
    uow: Uow, person: registry.Person, account: Account, rows: Sequence[Contribution], cmd: ClearDouble
) -> Money:
    """These months count here no more; the person's part of them comes out of the account and is owed to them."""
    of_all = uow.session.scalars(select(Contribution.index).where(Contribution.person_id == person.id)).all()
    mean = Unlisted.of(account, list(of_all)).mean
    cleared = [_kept(uow, row, mean if row.index is None else row.index, cmd) for row in rows]
    uow.session.add_all(cleared)
    uow.session.execute(
        delete(Contribution).where(
            Contribution.person_id == person.id,
            Contribution.month.between(rows[0].month, rows[-1].month),
        )
    )
    account.months_paid -= len(cleared)
    account.index_sum -= sum(one.index for one in cleared)
    uow.session.flush()
    refund = sum((one.person_share for one in cleared), ZERO)
    if refund == ZERO:
        return ZERO
    if not years.pay_debt(uow, person.id, refund):
        raise AccountHolds(balance=years.balance(uow, person.id), refund=refund)
    payout.pay_once(uow, person_id=person.id, fund=FUND, what=REFUND, fen=refund.fen)
    return refund


def _kept(uow: Uow, row: Contribution, index: int, cmd: ClearDouble) -> Cleared:
    return Cleared(
        person_id=row.person_id,
        month=row.month,
        employer_id=row.employer_id,
        base=row.base,
        person_share=row.person_share,
        employer_share=row.employer_share,
        index=index,
        place=cmd.place,
        document=cmd.document,
        cleared_on=uow.today,
    )


def _to_employer(uow: Uow, person: registry.Person, since: Month) -> int:
    """From this month on the person never insured themselves; what they paid waits for them. How many fen."""
    if not registry.flexible.cut(uow, person, since, OTHER_REASON):
        raise NeverOwn(name=person.name, since=since)
    billed = levy.billed_themselves_until(uow, person.id)
    if billed is None or billed < since:
        return 0
    asked = levy.Reassess(ident=person.ident, since=str(since), until=str(billed))
    return levy.reassess(uow, asked).returned_fen


def refunded(uow: Uow, person_id: int, year: int) -> Money:
    """What the account gave in a year for months that were cleared: none of it was a pension's."""
    total = select(type_coerce(func.coalesce(func.sum(Cleared.person_share), 0), MoneyType())).where(
        Cleared.person_id == person_id, func.extract("year", Cleared.cleared_on) == year
    )
    return uow.session.scalars(total).one()
