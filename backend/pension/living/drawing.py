"""Drawing 病残津贴的个人账户支出: what of an allowance is the account's comes out of it in the month in which it is booked.

What months that stand for an allowance should have drawn, and what was drawn (`DisabilityDrawn`), are compared and the
difference is moved: after a run, a stop, and a stop undone alike. So nothing is drawn twice, and everything goes back.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Date, Select, and_, cast, func, select, true

from backend.kernel import ledger
from backend.kernel.db import MonthType, Uow
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.pension import interest, years
from backend.pension.benefits import FUND
from backend.pension.living.model import Disability, DisabilityRate
from backend.pension.living.receiving import ALLOWANCE
from backend.pension.model import DisabilityDrawn

QUESTION = "病残津贴的个人账户支出"


def _parts() -> Select[*tuple[Any, ...]]:
    """What each month that stands should have drawn: person_id, booked, part."""
    stands = payout.months_standing(ALLOWANCE).subquery("stands")
    rate = (
        select(DisabilityRate.account.label("part"))
        .join(Disability, Disability.id == DisabilityRate.disability_id)
        .where(
            Disability.person_id == stands.c.person_id,
            Disability.first_month <= stands.c.month,
            DisabilityRate.since <= stands.c.month,
        )
        .order_by(Disability.first_month.desc(), DisabilityRate.since.desc())
        .limit(1)
        .lateral("rate")
    )
    booked = cast(func.date_trunc("month", func.timezone("Asia/Shanghai", stands.c.posted_at)), Date)
    return (
        select(stands.c.person_id, cast(booked, MonthType()).label("booked"), rate.c.part)
        .select_from(stands)
        .join(rate, true())
        .where(rate.c.part > ZERO)
    )


def settle(uow: Uow, person_id: int) -> None:
    """The account gives what it should have given, and no more, as far as it holds it."""
    parts = _parts().subquery("parts")
    wanted = Counter[Month]()
    for booked, part in uow.session.execute(
        select(parts.c.booked, parts.c.part).where(parts.c.person_id == person_id)
    ):
        wanted[booked] += part.fen
    rows = select(DisabilityDrawn).where(DisabilityDrawn.person_id == person_id).with_for_update()
    drawn = {row.booked: row for row in uow.session.scalars(rows)}
    for booked in sorted({*wanted, *drawn}):
        _move(uow, person_id, booked, wanted[booked], drawn.get(booked))
    uow.session.flush()


def _move(uow: Uow, person_id: int, booked: Month, wanted: int, known: DisabilityDrawn | None) -> None:
    had = known.amount.fen if known else 0
    if wanted == had:
        return
    moved = years.draw_in(uow, person_id, booked, wanted - had)
    if known is None:
        known = DisabilityDrawn(person_id=person_id, booked=booked, amount=ZERO)
        uow.session.add(known)
    known.amount += Money(moved)
    if booked.year < uow.today.year:
        interest.renew(uow, person_id, booked.year)


def settle_batch(uow: Uow, batch: int) -> None:
    """After a run: of whom it posted, those of whose allowance a part is the account's."""
    posted, parts = payout.months_posted(batch).subquery("posted"), _parts().subquery("parts")
    whom = select(posted.c.person_id).join(parts, parts.c.person_id == posted.c.person_id).distinct()
    for person_id in uow.session.scalars(whom.order_by(posted.c.person_id)).all():
        settle(uow, person_id)


def on_withdrawn(uow: Uow, fact: payout.Withdrawn) -> None:
    """Months that were not due after all give the account its part back."""
    if (fact.fund, fact.item) == (FUND, ALLOWANCE):
        settle(uow, fact.person_id)


def check(uow: Uow) -> list[ledger.Difference]:
    """Whose account gave more for an allowance than its months say. (Less is what it did not hold.)"""
    parts = _parts().subquery("parts")
    told = (
        select(parts.c.person_id, parts.c.booked, func.sum(parts.c.part).label("fen"))
        .group_by(parts.c.person_id, parts.c.booked)
        .subquery("told")
    )
    same = and_(told.c.person_id == DisabilityDrawn.person_id, told.c.booked == DisabilityDrawn.booked)
    ours = func.coalesce(told.c.fen, 0)
    wrong = (
        select(DisabilityDrawn, ours)
        .outerjoin(told, same)
        .where(DisabilityDrawn.amount > ours)
        .order_by(DisabilityDrawn.person_id, DisabilityDrawn.booked)
    )
    return [
        ledger.Difference(
            QUESTION, f"人员 {row.person_id} 的 {row.booked}", f"{fen} 分", f"{row.amount.fen} 分"
        )
        for row, fen in uow.session.execute(wrong)
    ]
