"""One's own residents' pension: what was paid, what there will be at sixty, the account; and who has reached the age."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, ColumnElement, SQLColumnExpression, cast, func, select

from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.items import question
from backend.kernel.money import ZERO, Money
from backend.kernel.params import Lookup
from backend.kernel.period import Month, add_months
from backend.kernel.rules import MILLION, Steps, percent
from backend.pension.residents.accounts import account_of, balance, months_of
from backend.pension.residents.awarding import award_of, basic_at, parts, view_of
from backend.pension.residents.contributing import payable_years
from backend.pension.residents.enrolling import NoSuchTier, subsidy_of
from backend.pension.residents.model import ResidentAccount, ResidentAward, ResidentPayment, ResidentYear
from backend.pension.residents.paid import LIVING, paid_years, views
from backend.pension.residents.schema import (
    AskMine,
    AskReached,
    AskScheme,
    Estimate,
    Overview,
    Reached,
    ReachedView,
    Scheme,
    Statement,
)
from backend.pension.residents.subsidising import owed_of, unsettled
from backend.pension.residents.terms import Span, look, span
from backend.pension.rules.residents import YEAR
from backend.pension.schema import YearView
from backend.registry import service as registry

SHOWN = 200
GUESSED = "“到龄大约领多少”按现在的档次、补贴和标准测算，没有算以后的利息和调整，只供参考。"


@question("RES-Q1", "我的居民养老保险", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def mine(uow: Uow, ask: AskMine) -> Overview:
    who, at = registry.person(uow, ask.ident), look(uow.today)
    account = account_of(uow, who.id, who.name)
    known, awarded = span(who.birth, at), award_of(uow, who.id)
    paid, bank = paid_years(uow, who.id), registry.bank_account(uow, who.id)
    months = months_of(uow, account)
    estimate = None
    if account.status == "1" and who.died is None:
        estimate = _estimate(uow, account, known, months, at, paid=uow.today.year in paid)
    return Overview(
        name=who.name,
        status=account.status,
        opened=str(account.opened),
        months=months,
        required_months=known.required,
        balance_fen=balance(uow, who.id).fen,
        reaches=str(known.reached),
        tier_fen=account.tier.fen,
        paid_this_year=uow.today.year in paid,
        may_pay=payable_years(uow, who, account),
        estimate=estimate,
        award=view_of(uow, who, awarded) if awarded else None,
        payments=views(uow, who.id),
        bank=f"{bank.bank} ****{bank.number[-4:]}" if bank else None,
        by_bank=bank is not None and bank.standing,
        warnings=(*at.warnings(), *([GUESSED] if estimate else [])),
    )


@question("RES-Q5", "居民养老保险个人账户对账单", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def statement(uow: Uow, ask: AskMine) -> Statement:
    who = registry.person(uow, ask.ident)
    account = account_of(uow, who.id, who.name)
    return Statement(
        name=who.name,
        status=account.status,
        months=months_of(uow, account),
        balance_fen=balance(uow, who.id).fen,
        years=_years(uow, who.id),
    )


def _years(uow: Uow, person_id: int) -> tuple[YearView, ...]:
    rows = uow.session.scalars(
        select(ResidentYear).where(ResidentYear.person_id == person_id).order_by(ResidentYear.year)
    )
    return tuple(
        YearView(
            year=row.year,
            months=row.months,
            opening_fen=row.opening.fen,
            credited_fen=row.credited.fen,
            interest_fen=row.interest.fen,
            paid_fen=row.paid.fen,
            closing_fen=row.closing.fen,
            settled=row.rate is not None,
            rate=percent(Decimal(row.rate) / MILLION) if row.rate else "",
        )
        for row in rows
    )


def _estimate(
    uow: Uow, account: ResidentAccount, known: Span, months: int, at: Lookup, *, paid: bool
) -> Estimate | None:
    """Going on as now until the age is reached: every year the tier that is chosen, with its subsidy. None where the
    tier is none any more, or years are missing that cannot be paid by then."""
    tier = account.tier
    try:
        yearly = tier + subsidy_of(at, tier.fen // 100)
    except NoSuchTier:
        return None
    this = uow.today.year
    left = max(0, known.reached.year - this + 1 - paid) if known.reached >= Month.of(uow.today) else 0
    missing = max(0, known.required - months) // YEAR
    left, back = max(left, 0), max(0, missing - left)
    then = months + YEAR * (left + back)
    held = balance(uow, account.person_id) + Money(yearly.fen * left + tier.fen * back)
    part, addition = parts(held, then, known.minimum, at, Steps())
    basic = basic_at(Month.of(uow.today), at)
    return Estimate(
        from_month=str(max(known.reached, Month.of(uow.today)) + 1),
        months=then,
        balance_fen=held.fen,
        basic_fen=basic.fen,
        account_fen=part.fen,
        addition_fen=addition.fen,
        total_fen=(basic + part + addition).fen,
    )


@question("RES-Q3", "到龄没有核定居民养老待遇的人", may=Permission.PENSION_READ)
def reached(uow: Uow, ask: AskReached) -> Reached:
    """Who is old enough and not paid yet, the oldest first; of persons within the officer's reach."""
    at = look(uow.today)
    age = int(at.value("resident.benefit.age"))
    person = registry.Person
    wanted = (
        select(person, ResidentAccount)
        .join(ResidentAccount, ResidentAccount.person_id == person.id)
        .where(ResidentAccount.status == "1", person.died.is_(None), person.birth <= _born(uow.today, age))
        .order_by(person.birth, person.id)
    )
    total = uow.session.scalars(select(func.count()).select_from(wanted.subquery())).one()
    people = []
    for who, account in uow.session.execute(wanted.limit(SHOWN)):
        known, months = span(who.birth, at), months_of(uow, account)
        people.append(
            ReachedView(
                ident=who.ident,
                name=who.name,
                reached=str(known.reached),
                months=months,
                required_months=known.required,
                short=max(0, known.required - months),
            )
        )
    return Reached(total=total, people=tuple(people))


def _born(today: date, age: int) -> date:
    """Born by the end of this month so many years ago: of that age this month."""
    return Month.of(add_months(today, -12 * age)).last


@question("RES-Q4", "居民养老保险总体情况", may=Permission.PENSION_READ)
def scheme(uow: Uow, ask: AskScheme) -> Scheme:
    paid = (ResidentPayment.year == uow.today.year, ResidentPayment.kind == "own", LIVING)
    newest = (
        select(ResidentYear.closing)
        .where(ResidentYear.person_id == ResidentAccount.person_id)
        .order_by(ResidentYear.year.desc())
        .limit(1)
        .scalar_subquery()
    )
    held = uow.session.scalar(select(func.sum(cast(newest, BigInteger))).select_from(ResidentAccount))
    return Scheme(
        enrolled=_count(uow, ResidentAccount.person_id, ResidentAccount.status == "1"),
        paid_this_year=_count(uow, ResidentPayment.id, *paid),
        receiving=_count(uow, ResidentAward.id, ResidentAward.state == "active"),
        suspended=_count(uow, ResidentAward.id, ResidentAward.state == "suspended"),
        accounts_fen=int(held or ZERO.fen),
        unallotted_fen=owed_of(uow.session.scalars(unsettled()).all()).fen,
    )


def _count(uow: Uow, what: SQLColumnExpression[int], *where: ColumnElement[bool]) -> int:
    return int(uow.session.scalars(select(func.count(what)).where(*where)).one())
