"""Contributing 缴费: a year is paid once, in one sum of a tier; the government adds its part; what was wrong is undone.

Money is booked when it comes (收付实现制). The subsidy is the person's from the day of the payment, and income of the
fund when the finance bureau's money comes (`subsidising`).
"""

from __future__ import annotations

import secrets
from datetime import date

from sqlalchemy import select

from backend.kernel import ledger
from backend.kernel.actor import SYSTEM, Kind, Permission
from backend.kernel.db import Uow, on_behalf
from backend.kernel.errors import Refusal
from backend.kernel.funds import Fund
from backend.kernel.items import Guide, item
from backend.kernel.money import ZERO, Money
from backend.kernel.pooling import require_reach
from backend.levy import accounts as levied
from backend.levy.schema import CHANNELS
from backend.pension.residents.accounts import account_of, balance, credit, holding, months_of
from backend.pension.residents.books import FUND
from backend.pension.residents.enrolling import require_eligible, require_paying, subsidy_of
from backend.pension.residents.model import ResidentAccount, ResidentPayment
from backend.pension.residents.paid import LIVING, paid_years, view
from backend.pension.residents.schema import Collective, Pay, PayOnline, Receipt
from backend.pension.residents.terms import Span, look, span, tiers
from backend.pension.rules.residents import YEAR
from backend.registry import service as registry

PAYMENT = "resident-payment"
INCOME = {"own": "contribution_income", "collective": "collective_subsidy"}
BANK = "DEMO"  # what the demo bank's references begin with


class YearPaid(Refusal):
    """{name} {year} 年度已经缴过 {amount} 元，一年只缴一次，没有再收。"""


class YearAhead(Refusal):
    """{year} 年度还没有到，现在只能缴 {this} 年度和以前的，没有收。"""

    status = 422


class YearTooEarly(Refusal):
    """{name}最早可以补缴 {first} 年度，{year} 年度不能缴，没有收。"""

    status = 422


class EnoughPaid(Refusal):
    """{name}已经缴满 {months} 个月，够领取待遇，不用再补缴，没有收。"""


class NotATier(Refusal):
    """{amount} 元不是当地的缴费档次，没有收。档次是一年 {tiers} 元，请按档次缴。"""

    status = 422


class SlipTaken(Refusal):
    """{channel}流水号 {reference} 的钱已经收过（{amount} 元），没有再收。"""


class MoneyAhead(Refusal):
    """到账日期 {day} 还没有到，请核对。"""

    status = 422


class MoneyBefore(Refusal):
    """到账日期 {day} 早于居民养老保险开始实施的 {began}，请核对。"""

    status = 422


class TooMuchHelp(Refusal):
    """一年的补助不能超过最高的缴费档次 {most} 元，没有收。"""

    status = 422


class HelpedAlready(Refusal):
    """{name} {year} 年度已经记过集体补助 {amount} 元，没有再收。"""


@item(
    "RES-03",
    "居民养老保险缴费到账",
    may=Permission.LEVY_RUN,
    guide=Guide(
        what="每年缴一次居民养老保险费，到账以后记入个人账户，政府补贴同时记入；没有缴满的年度可以补缴。",
        who="参加城乡居民基本养老保险的人",
        bring=("居民身份证或者社会保障卡",),
        law="国发〔2014〕8号 第四条、第七条",
    ),
)
def pay(uow: Uow, cmd: Pay) -> Receipt:
    require_reach(uow)
    return take(uow, cmd)


@item(
    "RES-04",
    "居民养老保险网上缴费（演示银行）",
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="自己在网上缴一年的居民养老保险费。这里的银行是演示用的，不动真钱。",
        who="参加城乡居民基本养老保险的人",
        law="国发〔2014〕8号 第四条",
    ),
)
def pay_online(uow: Uow, cmd: PayOnline) -> Receipt:
    """The bank tells us of the money under a reference of its own, and it is taken as by the system."""
    slip = Pay(
        ident=cmd.ident,
        year=cmd.year,
        amount_fen=Money.yuan(str(cmd.tier)).fen,
        channel="bank",
        reference=f"{BANK}-{uow.today:%Y%m%d}-{secrets.token_hex(8).upper()}",
        received_on=uow.today,
    )
    with on_behalf(uow, SYSTEM, ()) as system:
        return take(system, slip)


def take(uow: Uow, cmd: Pay) -> Receipt:
    who, at = registry.person(uow, cmd.ident, lock=True), look(uow.today)
    account = account_of(uow, who.id, who.name, lock=True)
    require_paying(account, who.name)
    _require_new(uow, cmd.channel, cmd.reference)
    _require_day(uow, cmd.received_on)
    known = tiers(at)
    if cmd.amount_fen % 100 or cmd.amount_fen // 100 not in known:
        raise NotATier(amount=Money(cmd.amount_fen), tiers="、".join(map(str, known)))
    _require_year(uow, who, account, cmd.year, span(who.birth, at))
    subsidised = cmd.year == uow.today.year or at.value("resident.contribution.back_subsidy") == "given"
    row = ResidentPayment(
        person_id=who.id,
        kind="own",
        year=cmd.year,
        amount=Money(cmd.amount_fen),
        subsidy=subsidy_of(at, cmd.amount_fen // 100) if subsidised else ZERO,
        channel=cmd.channel,
        reference=cmd.reference,
        payer=who.name,
        received_on=cmd.received_on,
        batch=None,
        booked_at=uow.now,
    )
    _book(uow, row)
    credit(uow, who.id, row.amount.fen + row.subsidy.fen, YEAR)
    return receipt(uow, who.name, account, row)


def _require_year(uow: Uow, who: registry.Person, account: ResidentAccount, year: int, known: Span) -> None:
    """This year is for who is in no other scheme; a year gone by, or one after the age, for who is short of enough."""
    if year > uow.today.year:
        raise YearAhead(year=year, this=uow.today.year)
    if year < known.first_year:
        raise YearTooEarly(name=who.name, year=year, first=known.first_year)
    if year in paid_years(uow, who.id):
        raise YearPaid(name=who.name, year=year, amount=_paid(uow, who.id, year, "own"))
    if year == uow.today.year:
        require_eligible(uow, who, look(uow.today))
    if (year < uow.today.year or uow.today > known.reached.last) and (
        months := months_of(uow, account)
    ) >= known.minimum:
        raise EnoughPaid(name=who.name, months=months)


def payable_years(uow: Uow, who: registry.Person, account: ResidentAccount) -> tuple[int, ...]:
    """For which years the person may pay now, the newest first."""
    known, paid = span(who.birth, look(uow.today)), paid_years(uow, who.id)
    if account.status != "1" or who.died is not None:
        return ()
    found = []
    for year in range(uow.today.year, known.first_year - 1, -1):
        try:
            if year not in paid:
                _require_year(uow, who, account, year, known)
                found.append(year)
        except Refusal:
            continue
    return tuple(found)


def _paid(uow: Uow, person_id: int, year: int, kind: str) -> Money:
    return uow.session.scalars(
        select(ResidentPayment.amount).where(
            ResidentPayment.person_id == person_id,
            ResidentPayment.year == year,
            ResidentPayment.kind == kind,
            LIVING,
        )
    ).one()


def _require_new(uow: Uow, channel: str, reference: str) -> None:
    known = living(uow, channel, reference)
    if known is not None:
        raise SlipTaken(channel=CHANNELS[channel], reference=reference, amount=known.amount)


def _require_day(uow: Uow, day: date) -> None:
    if day > uow.today:
        raise MoneyAhead(day=day)
    began = look(uow.today).value("resident.scheme.began").first
    if day < began:
        raise MoneyBefore(day=day, began=began)


@item(
    "RES-05",
    "居民养老保险集体补助到账",
    may=Permission.LEVY_RUN,
    guide=Guide(
        what="村集体、社区或者其他组织给参保人的缴费补助、资助，记入本人个人账户。",
        who="有条件的村集体、社区，以及公益慈善组织、个人",
        law="国发〔2014〕8号 第四条",
    ),
)
def help_with(uow: Uow, cmd: Collective) -> Receipt:
    require_reach(uow)
    who, at = registry.person(uow, cmd.ident, lock=True), look(uow.today)
    account = account_of(uow, who.id, who.name, lock=True)
    require_paying(account, who.name)
    _require_new(uow, cmd.channel, cmd.reference)
    _require_day(uow, cmd.received_on)
    most = Money.yuan(str(max(tiers(at))))
    if cmd.amount_fen > most.fen:
        raise TooMuchHelp(most=most)
    if cmd.year > uow.today.year:
        raise YearAhead(year=cmd.year, this=uow.today.year)
    first = span(who.birth, at).first_year
    if cmd.year < first:
        raise YearTooEarly(name=who.name, year=cmd.year, first=first)
    if uow.session.scalar(
        select(ResidentPayment.id).where(
            ResidentPayment.person_id == who.id,
            ResidentPayment.year == cmd.year,
            ResidentPayment.kind == "collective",
            LIVING,
        )
    ):
        amount = _paid(uow, who.id, cmd.year, "collective")
        raise HelpedAlready(name=who.name, year=cmd.year, amount=amount)
    row = ResidentPayment(
        person_id=who.id,
        kind="collective",
        year=cmd.year,
        amount=Money(cmd.amount_fen),
        subsidy=ZERO,
        channel=cmd.channel,
        reference=cmd.reference,
        payer=cmd.payer,
        received_on=cmd.received_on,
        batch=None,
        booked_at=uow.now,
    )
    _book(uow, row)
    credit(uow, who.id, row.amount.fen, 0)
    return receipt(uow, who.name, account, row)


def living(uow: Uow, channel: str, reference: str) -> ResidentPayment | None:
    return uow.session.scalar(
        select(ResidentPayment)
        .where(ResidentPayment.channel == channel, ResidentPayment.reference == reference, LIVING)
        .with_for_update()
    )


def _book(uow: Uow, row: ResidentPayment) -> None:
    uow.session.add(row)
    uow.session.flush()
    row.batch = post(uow, row, PAYMENT, line_of(uow, row))
    uow.session.flush()


def line_of(uow: Uow, row: ResidentPayment) -> ledger.Line:
    deposit = levied.deposit(uow, Fund(FUND), row.channel)
    return ledger.Line(deposit, holding(uow, INCOME[row.kind]), row.amount.fen)


def post(uow: Uow, row: ResidentPayment, document: str, line: ledger.Line) -> int:
    """The slip of the bank, the tax office or the treasury stands for the second person."""
    return ledger.post(
        uow,
        month=ledger.this_month(uow),
        document=document,
        key=f"{document}/{row.id}",
        lines=[line],
        checker=next(reversed(uow.approvers), f"slip:{row.channel}/{row.reference}"),
    )


def receipt(uow: Uow, name: str, account: ResidentAccount, row: ResidentPayment) -> Receipt:
    return Receipt(
        name=name,
        payment=view(row),
        months=months_of(uow, account),
        balance_fen=balance(uow, account.person_id).fen,
    )
