"""Going out 转出 (国办发〔2009〕66号 第八条): a letter comes, the account is settled and frozen, the table goes out, and
then the money. From then on the months count where they have gone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select

from backend.kernel import files
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO, Money
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.kernel.rules import millionths
from backend.kernel.settings import settings
from backend.levy import service as levy
from backend.levy.schema import AskPersonBills
from backend.pension import years
from backend.pension.model import Account, AccountYear, Contribution
from backend.pension.rules.transfer import pooled_fen, temporary_pooled_fen
from backend.pension.transferred import TransferCase, TransferMonth, TransferYear
from backend.pension.transferring import accruing, cases, money, table, temporary
from backend.pension.transferring.cases import OUT, Held
from backend.pension.transferring.schema import (
    PayOut,
    SendOut,
    TakeLetter,
)
from backend.pension.transferring.shown import TransferView
from backend.registry import service as registry

LAW = "国办发〔2009〕66号 第八条"
INSURANCE = "110"
MOVED = "3"
MOVABLE = "135"  # also what was paid late, after the relation had gone
TEMPORARY_RATE = (
    "临时账户的单位缴费高于 12% 的按实际、低于的按 12% 转移，依据是人社部发〔2009〕187号（各地引用的原文）。"
)


class StillInsured(Refusal):
    """{name}现在还在本地参保缴费（从 {since} 起），停保以后才能转出。"""


class OwesDues(Refusal):
    """{name}还有 {owed} 元社会保险费没有缴，缴清或者核销以后才能转出。"""


class MonthsMissing(Refusal):
    """{name}的账户记着缴费 {told} 个月，逐月记录只有 {found} 个月，算不清转移多少，没有办理。请先补齐缴费记录。"""


class NothingToMove(Refusal):
    """{name}在本地没有缴费的月份，没有可以转出的关系。"""


@item(
    "PEN-66",
    "养老保险关系转出登记",
    may=Permission.PENSION_DECIDE,
    guide=Guide(
        what="收到转入地的联系函，登记要转出的关系；还在本地参保、欠费或者已经领取养老金的不能转出。",
        who="经办机构",
        bring=("转入地的联系函",),
        days="十五个工作日",
        law=LAW,
    ),
)
def take_letter(uow: Uow, cmd: TakeLetter) -> TransferView:
    person, account = cases.fit(uow, cmd.ident, statuses=MOVABLE)
    cases.require_none_open(uow, person)
    cases.require_elsewhere(cmd.other_area)
    if cmd.received_on > uow.today:
        raise cases.DayAhead(day=cmd.received_on)
    require_free(uow, person, account)
    flag = temporary.flagged(uow, person.id)
    with_money, warnings = cases.moves_money(cmd.received_on, cmd.other_area, None)
    case = cases.opened(
        uow,
        person,
        direction=OUT,
        state="asked",
        other_area=cmd.other_area,
        other_agency=cmd.other_agency,
        hukou=flag.hukou if flag else None,
        letter=cmd.letter,
        temporary=flag is not None,
        with_money=with_money,
        applied_on=cmd.received_on,
    )
    cases.due(case, cmd.received_on)
    cases.step(uow, case, "received", cmd.letter)
    return cases.view(uow, case, person.name, warnings=warnings)


def require_free(uow: Uow, person: registry.Person, account: Account) -> None:
    """Neither insured here any more, nor owing anything of their own, with a record of every month."""
    if since := registry.insured_since(uow, person.id, INSURANCE):
        raise StillInsured(name=person.name, since=since)
    if owed := levy.of_person(uow, AskPersonBills(ident=person.ident)).owed_fen:
        raise OwesDues(name=person.name, owed=Money(owed))
    kept = select(func.count()).where(Contribution.person_id == person.id)
    found = uow.session.scalar(kept) or 0
    if found != account.months_paid:
        raise MonthsMissing(name=person.name, told=account.months_paid, found=found)
    if not found:
        raise NothingToMove(name=person.name)


def ready(uow: Uow, cmd: SendOut) -> Held:
    held = cases.held(uow, cmd.ident, OUT, "asked")
    cases.fit(uow, cmd.ident, statuses=MOVABLE)
    require_free(uow, held.person, held.account)
    return held


@item(
    "PEN-67",
    "养老保险关系转出办理",
    may=Permission.PENSION_DECIDE,
    review=1,
    ready=ready,
    guide=Guide(
        what="个人账户结息到当月，冻结账户，算出转移额，生成信息表发给转入地。",
        who="经办机构",
        days="收到联系函起十五个工作日",
        law=LAW,
    ),
)
def send(uow: Uow, cmd: SendOut) -> TransferView:
    held = ready(uow, cmd)
    case, person, account = held.case, held.person, held.account
    given, told = accruing.settle(uow, person.id)
    rows = _record(uow, held)
    case.account = years.balance(uow, person.id)
    case.pooled = Money(_pooled(case, rows))
    case.total = case.account + case.pooled
    case.with_money, warnings = cases.moves_money(case.applied_on, case.other_area, cmd.with_money)
    case.deemed_months = account.deemed_months
    case.content = {
        "given": given,
        "status": account.status,
        "index_sum": account.index_sum,
        "months": account.months_paid,
        "booked": str(Month.of(uow.today)),
    }
    _freeze(uow, held)
    if case.with_money:
        money.owe(uow, case, case.total)
    case.state, case.decided_on = "decided", uow.today
    cases.step(uow, case, "decided", f"{case.total}")
    _keep_table(uow, held, rows)
    if not (case.with_money and case.total.fen):
        cases.close(uow, case, "done")
    if case.temporary:
        warnings = (*warnings, TEMPORARY_RATE)
    return cases.view(uow, case, person.name, warnings=(*told, *warnings))


def _record(uow: Uow, held: Held) -> Sequence[TransferMonth]:
    """The months and years as they stand are what the table tells; the months go with it."""
    case_id, person_id = held.case.id, held.person.id
    months = uow.session.scalars(
        select(Contribution).where(Contribution.person_id == person_id).order_by(Contribution.month)
    ).all()
    rows = [
        TransferMonth(
            case_id=case_id,
            month=one.month,
            person_id=person_id,
            area=one.area,
            employer_id=one.employer_id,
            base=one.base,
            person_share=one.person_share,
            employer_share=one.employer_share,
            wage_index=one.index,
            counts=True,
        )
        for one in months
    ]
    kept = uow.session.scalars(
        select(AccountYear).where(AccountYear.person_id == person_id).order_by(AccountYear.year)
    ).all()
    uow.session.add_all(
        [
            *rows,
            *(
                TransferYear(
                    case_id=case_id,
                    year=one.year,
                    opening=one.opening,
                    credited=one.credited,
                    interest=one.interest,
                    paid=one.paid,
                    closing=one.closing,
                )
                for one in kept
            ),
        ]
    )
    uow.session.flush()
    return rows


def _pooled(case: TransferCase, rows: Sequence[TransferMonth]) -> int:
    """统筹基金: it bears no interest (人社部发〔2009〕187号)."""
    look = Lookup(case.applied_on)
    since, rate = look.value("pension.transfer.pooled_since"), look.value("pension.transfer.pooled_rate")
    counted = [row for row in rows if row.month >= since]
    if case.temporary:
        return sum(
            temporary_pooled_fen(
                row.base.fen, row.employer_share.fen if row.employer_id else 0, millionths(rate)
            )
            for row in counted
        )
    return pooled_fen(sum(row.base.fen for row in counted), millionths(rate))


def _freeze(uow: Uow, held: Held) -> None:
    """Nothing is left here: neither money nor months."""
    account, person_id = held.account, held.person.id
    if not years.pay_debt(uow, person_id, held.case.account):
        raise RuntimeError("an account holds less than it was just read to hold")
    uow.session.execute(delete(Contribution).where(Contribution.person_id == person_id))
    account.status, account.months_paid, account.index_sum = MOVED, 0, 0
    temporary.gathered(uow, person_id)
    uow.session.flush()


def _keep_table(uow: Uow, held: Held, rows: Sequence[TransferMonth]) -> None:
    """The table as a data file, for the other place to read."""
    content = table.written(rows, cases.years_of(uow, held.case), settings().area)
    name = f"{table.NAME} {held.person.name}.csv"
    held.case.file = files.keep(uow, name=name, content=content, may=Permission.PENSION_READ, ours=True).file


@item(
    "PEN-68",
    "转移资金划付",
    may=Permission.PAYOUT_RUN,
    review=1,
    guide=Guide(
        what="把转移资金从支出户划给转入地的经办机构，登记银行回单，办结转出。",
        who="经办机构",
        bring=("银行回单",),
        days="收到联系函起十五个工作日",
        law=LAW,
    ),
)
def pay(uow: Uow, cmd: PayOut) -> TransferView:
    held = cases.held(uow, cmd.ident, OUT, "decided")
    case = held.case
    cases.require_day(uow, case, cmd.paid_on)
    money.pay(uow, case, case.total, cmd.slip, cmd.paid_on)
    cases.close(uow, case, "done")
    return cases.view(uow, case, held.person.name)


def undo(uow: Uow, held: Held) -> None:
    """It has not gone after all: months, account and interest stand as they did, the money is owed to nobody."""
    case, account, person_id = held.case, held.account, held.person.id
    if case.with_money:
        money.owe_no_more(uow, case, case.total)
    rows = cases.months_of(uow, case)
    uow.session.add_all(
        Contribution(
            person_id=person_id,
            month=row.month,
            employer_id=row.employer_id,
            area=row.area,
            base=row.base,
            person_share=row.person_share,
            employer_share=row.employer_share,
            index=row.wage_index,
        )
        for row in rows
    )
    for row in rows:
        row.counts = False
    kept = case.content
    years.put_back_in(uow, person_id, case.account, Month.parse(kept["booked"]))
    accruing.undo(uow, person_id, kept["given"])
    account.status = kept["status"] if account.status == MOVED else account.status
    account.months_paid += kept["months"]
    account.index_sum += kept["index_sum"]
    if case.temporary:
        temporary.back(uow, person_id)
    case.account = case.pooled = case.total = ZERO
    uow.session.flush()
