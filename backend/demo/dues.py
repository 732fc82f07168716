"""Dues 征缴 of the demo city: bases as they were declared, a year of bills, and this month's, most of them paid.

The months before this one stand in the accounts already (careers.py), so they are loaded as paid; this month is
billed and paid by the real commands.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import NamedTuple

from sqlalchemy import text

from backend.demo.careers import Career
from backend.demo.cast import CITIZENS, COMPANY_USCC
from backend.kernel.db import Uow
from backend.kernel.period import Month
from backend.levy import service as levy
from backend.registry import service as registry
from backend.registry.schema import Hire

MONTHS = 12  # that are billed, this one among them
OPEN_SHARE = 60  # 演示: percent of this month that the cast's company has paid
FRESH = 2  # 演示: employees whom the cast's company has just hired and not declared
PAYING = (
    80  # 演示: so many payers' receipts are taken one by one; with all of them a start would take too long
)
ALONE = next(one.login for one in CITIZENS if one.key == "flexible")
LATE_PAYER = """
  select e.uscc from registry.employer e join levy.bill b on b.employer_id = e.id
  where b.month = :month and e.uscc <> :company group by e.uscc order by sum(b.n) desc, e.uscc limit 1
"""
PAYERS = """
  select coalesce(e.uscc, p.ident) as payer, sum(b.due - b.paid)::bigint as owed
  from levy.bill b left join registry.employer e on e.id = b.employer_id left join registry.person p on p.id = b.person_id
  where b.month = :month and b.kind = 'dues' and b.paid < b.due
  group by coalesce(e.uscc, p.ident) order by owed desc, payer
"""
SEEKERS = """
  select p.ident, p.name from registry.person p join registry.job j on j.person_id = p.id
  where p.id > :cast and not exists (select from registry.enrolment o where o.person_id = p.id and o.ended is null)
    and not exists (select from pension.award a where a.person_id = p.id)
  group by p.id having max(j.ended) < :first order by p.id limit :n
"""


class Base(NamedTuple):
    """A declared base: who paid, from when, until when, on what wage."""

    employer: int | None
    since: date
    until: date
    wage_fen: int


def bases(career: Career, now: Month) -> Iterator[Base]:
    """What was declared for the months that are billed; a base holds to the end of its year, and one that is still
    paid on is declared anew for the next."""
    begins = now - (MONTHS - 1)
    for one in career.stretches:
        last = Month.parse(one.ended)
        if last < begins:
            continue
        since = max(Month.parse(one.started), begins)
        until = levy.year_end(since)
        yield Base(one.employer, since.first, until.first, one.base_fen)
        if last == now - 1 and until < now:
            yield Base(one.employer, now.first, levy.year_end(now).first, one.base_fen)


def bill_the_year(uow: Uow) -> None:
    """The months before this one, paid when they were due; but the largest employer paid the last of them late."""
    now = Month.of(uow.today)
    for month in (now - (MONTHS - 1)).until(now - 1):
        levy.bill_month(uow, levy.BillMonth(month=str(month)))
        late = _late_payer(uow, month) if month == now - 1 else frozenset()
        levy.paid_before(uow, month, but=late)
    for uscc in late:
        _take(uow, uscc, _owed(uow, now - 1)[uscc], (now - 1).last)


def bill_this_month(uow: Uow) -> None:
    """The largest payers have paid it in time, the cast's company only a part; some, and the cast's flexible worker,
    have paid nothing yet."""
    now = Month.of(uow.today)
    levy.bill_month(uow, levy.BillMonth(month=str(now)))
    paying = min(uow.today, levy.due_day(now))
    for n, (payer, owed) in enumerate(islice(_owed(uow, now).items(), PAYING), 1):
        share = OPEN_SHARE if payer == COMPANY_USCC else 0 if payer == ALONE or not n % 9 else 100
        if share:
            _take(uow, payer, owed * share // 100, paying)


def hire_some(uow: Uow) -> None:
    """Employees of the cast's company who are new this month: nobody has declared their bases."""
    first = uow.today.replace(day=1)
    given = {"cast": len(CITIZENS), "first": first, "n": FRESH}
    for number, name in uow.session.execute(text(SEEKERS), given).all():
        registry.hire(uow, Hire(uscc=COMPANY_USCC, ident=number, name=name, started=first))


def _late_payer(uow: Uow, month: Month) -> frozenset[str]:
    given = {"month": month.first, "company": COMPANY_USCC}
    return frozenset(uow.session.scalars(text(LATE_PAYER), given))


def _owed(uow: Uow, month: Month) -> dict[str, int]:
    """Who owes how much of a month, the largest first; their number → fen."""
    rows = uow.session.execute(text(PAYERS), {"month": month.first})
    return {row.payer: row.owed for row in rows}


def _take(uow: Uow, payer: str, fen: int, day: date) -> None:
    levy.take(
        uow,
        levy.TakeReceipt(
            channel="bank",
            reference=f"{day:%Y%m%d}-{secrets.token_hex(6).upper()}",
            payer=payer,
            amount_fen=fen,
            received_on=day,
        ),
    )
