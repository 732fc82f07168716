"""Coming in 转入 (国办发〔2009〕66号 第八条): asked for, accepted with a letter, told by the other place, paid, booked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, select, update

from backend.kernel import files
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO, Money
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.kernel.rules import half_up, millionths, percent
from backend.kernel.settings import settings
from backend.pension import years
from backend.pension.crediting import PARTS, average_wage
from backend.pension.model import Contribution
from backend.pension.rules.transfer import pooled_fen, refund_fen
from backend.pension.transferred import RefundedMonth, TransferCase, TransferMonth, TransferYear
from backend.pension.transferring import cases, doubled, money, table, temporary
from backend.pension.transferring.cases import IN, Held
from backend.pension.transferring.schema import (
    AcceptIn,
    ApplyIn,
    FinishIn,
    ReceiveMoney,
    TellIn,
)
from backend.pension.transferring.shown import TransferView

LAW = "国办发〔2009〕66号 第八条"
INDEX_TOLD = "{months} 个月的缴费指数用转出地的，因为当地没有录入那时的平均工资；补录以后要重算。"


class NotInsuredHere(Refusal):
    """{name}没有在本地参保缴费，先在本地参保，再申请转入。"""


class ReasonMissing(Refusal):
    """不受理的要写明原因，本人看得到。"""

    status = 422


class AccountDiffers(Refusal):
    """个人账户转移额填的是 {told}，信息表里最后一年的年末是 {found}，没有登记。请照表核对；对方填错的，请对方重发。"""


class PooledDiffers(Refusal):
    """统筹基金转移额填的是 {told}，按 {since} 以来的缴费基数的 {rate} 应该是 {found}，没有登记。请对方核对；临时账户的请选明。"""


class MoneyComes(Refusal):
    """已经有转移资金到账，不能改成不划转资金；要退回的，请撤销这件转移。"""


class NoMoneyComes(Refusal):
    """这件转移不划转资金，没有登记到账。对方划了钱的，先在“登记信息表”里选明资金随同划转。"""


class AmountDiffers(Refusal):
    """到账 {received}，信息表上的转移总额是 {total}，差 {short}，不能办结。请和转出地核对，补足或者退回以后再办。"""


class MonthsChanged(Refusal):
    """本地这几个月的缴费在登记信息表以后有了变化（{months}），请重新登记信息表再办结。"""


@item(
    "PEN-61",
    "养老保险关系转入申请",
    may=Permission.PENSION_READ,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="在外地参过保、现在本地参保的，申请把外地的年限和个人账户转过来；不用回原参保地，由经办机构联系。",
        who="在本地参保缴费、还没有退休的人，也可以由单位代办",
        bring=("居民身份证", "原参保地的参保缴费凭证"),
        days="受理、对方转出、本地办结各十五个工作日",
        law=LAW,
    ),
)
def apply(uow: Uow, cmd: ApplyIn) -> TransferView:
    person, account = cases.fit(uow, cmd.ident, statuses="135")
    cases.require_none_open(uow, person)
    cases.require_elsewhere(cmd.other_area)
    if account.status != "1":
        raise NotInsuredHere(name=person.name)
    only = temporary.flagged(uow, person.id) is not None
    if only or (not cmd.posted and temporary.by_rule(person, account, cmd.hukou)):
        age = str(temporary.age_then(person, account))
        raise temporary.OnlyTemporary(name=person.name, first=account.opened, age=age)
    with_money, warnings = cases.moves_money(uow.today, cmd.other_area, None)
    case = cases.opened(
        uow,
        person,
        direction=IN,
        state="applied",
        other_area=cmd.other_area,
        other_agency=cmd.other_agency,
        hukou=cmd.hukou,
        letter=None,
        temporary=False,
        with_money=with_money,
        applied_on=uow.today,
    )
    cases.due(case, uow.today)
    cases.step(uow, case, "applied")
    return cases.view(uow, case, person.name, warnings=warnings)


@item(
    "PEN-62",
    "养老保险关系转入受理",
    may=Permission.PENSION_DECIDE,
    guide=Guide(
        what="审核转入申请，符合条件的给转出地发联系函，不符合的说明原因。",
        who="经办机构",
        days="十五个工作日",
        law=LAW,
    ),
)
def accept(uow: Uow, cmd: AcceptIn) -> TransferView:
    held = cases.held(uow, cmd.ident, IN, "applied")
    case = held.case
    if not cmd.accepted:
        if not cmd.reason.strip():
            raise ReasonMissing
        cases.close(uow, case, "refused", cmd.reason.strip())
        return cases.view(uow, case, held.person.name)
    case.letter, case.state = f"{uow.today.year}-{case.id}", "asked"
    cases.due(case, uow.today)
    cases.step(uow, case, "asked", case.letter)
    return cases.view(uow, case, held.person.name)


@item(
    "PEN-63",
    "转入信息表登记",
    may=Permission.PENSION_DECIDE,
    guide=Guide(
        what="收到原参保地的转移信息表，逐月核对登记；表上的合计和填写的不一致的，退给对方更正，不入账。",
        who="经办机构",
        bring=("原参保地的转移信息表",),
        law=LAW,
    ),
)
def tell(uow: Uow, cmd: TellIn) -> TransferView:
    """Read, held against what was keyed in, and kept; a corrected table takes the place of the one before."""
    held = cases.held(uow, cmd.ident, IN, "asked", "informed")
    case, person = held.case, held.person
    told = table.read(files.fetch(uow, cmd.file).content, case.other_area, person.birth, uow.today)
    _require_sums(cmd, told, uow.today)
    with_money, warnings = cases.moves_money(uow.today, case.other_area, cmd.with_money)
    if not with_money and cases.received(uow, case).fen:
        raise MoneyComes
    case.with_money, case.temporary, case.deemed_months = with_money, cmd.temporary, cmd.deemed_months
    case.account, case.pooled = Money(cmd.account_fen), Money(cmd.pooled_fen)
    case.total, case.file, case.state = case.account + case.pooled, cmd.file, "informed"
    _keep(uow, case, told)
    twice = _doubles(uow, case)
    case.content = case.content | {"doubled": [str(row.month) for row in twice]}
    if not with_money or cases.received(uow, case).fen:
        cases.due(case, uow.today)
    cases.step(uow, case, "informed")
    indices = _indices(cases.months_of(uow, case))  # refuses now what could not be booked
    if indices.told:
        warnings = (*warnings, INDEX_TOLD.format(months=indices.told))
    return cases.view(uow, case, person.name, warnings=warnings)


def _require_sums(cmd: TellIn, told: table.Told, today: date) -> None:
    """What was keyed in and what the file says are the same, to the fen."""
    last = told.years[-1].closing if told.years else ZERO
    if last.fen != cmd.account_fen:
        raise AccountDiffers(told=Money(cmd.account_fen), found=last)
    look = Lookup(today)
    rate, since = look.value("pension.transfer.pooled_rate"), look.value("pension.transfer.pooled_since")
    wages = sum(one.base.fen for one in told.months if one.month >= since)
    found = pooled_fen(wages, millionths(rate))
    if cmd.pooled_fen < found or (cmd.pooled_fen > found and not cmd.temporary):
        raise PooledDiffers(told=Money(cmd.pooled_fen), found=Money(found), since=since, rate=percent(rate))


def _keep(uow: Uow, case: TransferCase, told: table.Told) -> None:
    for kept in (TransferMonth, TransferYear):
        uow.session.execute(delete(kept).where(kept.case_id == case.id))
    uow.session.add_all(
        TransferMonth(
            case_id=case.id,
            month=one.month,
            person_id=case.person_id,
            area=None if cases.is_here(one.area) else one.area,
            employer_id=None,
            base=one.base,
            person_share=one.credited,
            employer_share=ZERO,
            wage_index=one.index,
            counts=False,
        )
        for one in told.months
    )
    uow.session.add_all(
        TransferYear(
            case_id=case.id,
            year=one.year,
            opening=one.opening,
            credited=one.credited,
            interest=one.interest,
            paid=one.paid,
            closing=one.closing,
        )
        for one in told.years
    )
    uow.session.flush()


def _doubles(uow: Uow, case: TransferCase) -> Sequence[TransferMonth]:
    """Months of the table that count here already."""
    return uow.session.scalars(
        select(TransferMonth)
        .join(
            Contribution,
            (Contribution.person_id == TransferMonth.person_id) & (Contribution.month == TransferMonth.month),
        )
        .where(TransferMonth.case_id == case.id)
        .order_by(TransferMonth.month)
    ).all()


@item(
    "PEN-64",
    "转移资金到账登记",
    may=Permission.PAYOUT_RUN,
    guide=Guide(
        what="原参保地划来的钱到了银行账户，按银行回单登记；和信息表一分不差，才记到个人账户里。",
        who="经办机构",
        bring=("银行回单",),
        law=LAW,
    ),
)
def receive(uow: Uow, cmd: ReceiveMoney) -> TransferView:
    """It waits until it agrees with the table to the fen: nothing is in anybody's account before."""
    held = cases.held(uow, cmd.ident, IN, "asked", "informed")
    case = held.case
    if not case.with_money:
        raise NoMoneyComes
    cases.require_day(uow, case, cmd.received_on)
    money.take(uow, case, Money(cmd.amount_fen), cmd.slip, cmd.received_on)
    if case.state == "informed":
        cases.due(case, cmd.received_on)
    cases.step(uow, case, "money", f"{Money(cmd.amount_fen)}")
    return cases.view(uow, case, held.person.name)


def ready(uow: Uow, cmd: FinishIn) -> Held:
    """Whether everything is there and agrees."""
    held = cases.held(uow, cmd.ident, IN, "informed")
    case, got = held.case, cases.received(uow, held.case)
    if case.with_money and got != case.total:
        raise AmountDiffers(received=got, total=case.total, short=case.total - got)
    cases.fit(uow, cmd.ident, statuses="1")
    twice = {str(row.month) for row in _doubles(uow, case)}
    if changed := twice ^ set(case.content.get("doubled", ())):
        raise MonthsChanged(months="、".join(cases.runs(sorted(changed))))
    return held


@item(
    "PEN-65",
    "养老保险关系转入办结",
    may=Permission.PENSION_DECIDE,
    review=1,
    ready=ready,
    guide=Guide(
        what="信息表和资金都到了、分文不差，月份计入年限，个人账户并入；两地重复的月份只算一次，外地的个人账户部分退给本人。",
        who="经办机构",
        days="十五个工作日",
        law=LAW,
    ),
)
def finish(uow: Uow, cmd: FinishIn) -> TransferView:
    held = ready(uow, cmd)
    case, person = held.case, held.person
    if case.with_money:
        money.book(uow, case, case.total)
    rows, twice = cases.months_of(uow, case), _doubles(uow, case)
    case.doubled = _refund(uow, held, rows, twice)
    case.booked = case.account - case.doubled
    fresh = [row for row in rows if row not in twice]
    _count(uow, held, fresh)
    years.credit(uow, person.id, case.booked, len(fresh))
    case.decided_on = uow.today
    cases.close(uow, case, "done")
    return cases.view(uow, case, person.name)


def _refund(uow: Uow, held: Held, rows: Sequence[TransferMonth], twice: Sequence[TransferMonth]) -> Money:
    """The doubled months' part of the account, month by month to the last fen."""
    credited = sum(row.person_share.fen for row in rows)
    known = set(
        uow.session.scalars(select(RefundedMonth.month).where(RefundedMonth.person_id == held.person.id))
    )
    months: dict[Month, Money] = {}
    so_far = given = 0
    for row in twice:
        so_far += row.person_share.fen
        upto = refund_fen(held.case.account.fen, so_far, credited)
        if row.month not in known:
            months[row.month] = Money(upto - given)
        given = upto
    return doubled.refund(uow, held.person, months, held.case.id) if months else ZERO


class _Indices:
    """缴费指数 of months, ten-thousandths, by the average wages of the place where the pension is paid."""

    def __init__(self) -> None:
        self.total = self.told = 0


def _indices(rows: Sequence[TransferMonth]) -> _Indices:
    """The other place's own index stands in where no average wage is known here (params.Missing where neither is)."""
    found = _Indices()
    for row in rows:
        found.total += _index(row)
        found.told += _as_told(row)
    return found


def _as_told(row: TransferMonth) -> bool:
    return row.wage_index is not None and not _known(row.month)


def _index(row: TransferMonth) -> int:
    if row.wage_index is not None and _as_told(row):
        return row.wage_index
    return half_up(row.base.fen * PARTS, average_wage(row.month))


def _known(month: Month) -> bool:
    look = Lookup(month.first, settings().area)
    return look.optional("pension.contribution.ceiling") is not None


def _count(uow: Uow, held: Held, fresh: Sequence[TransferMonth]) -> None:
    """The months count here from now on, with the place where they were paid."""
    account = held.account
    account.months_paid += len(fresh)
    account.index_sum += _indices(fresh).total
    if fresh:
        account.opened = min(account.opened, fresh[0].month)
    uow.session.add_all(
        Contribution(
            person_id=held.person.id,
            month=row.month,
            employer_id=None,
            area=row.area,
            base=row.base,
            person_share=row.person_share,
            employer_share=ZERO,
            index=_index(row),
        )
        for row in fresh
    )
    moved = [row.month for row in fresh]
    uow.session.execute(
        update(TransferMonth)
        .where(TransferMonth.case_id == held.case.id, TransferMonth.month.in_(moved))
        .values(counts=True)
    )
    uow.session.flush()
