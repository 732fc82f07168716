"""Checking 对账: the cash of every kiosk, recomputed from its bags, orders, counts and takings, and held against its books
and against what its dispenser counted."""

from __future__ import annotations

from sqlalchemy import text

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.kernel.settings import settings

# loaded = paid + taken + what is there, piece of paper by piece of paper: what each kind of document moved on a kiosk's
# cash is what its own rows say
BOOKS = """
with moved as (
  select a.owner kiosk, b.document,
    sum(case when t.debit = a.id then t.amount_fen else -t.amount_fen end)::bigint fen
  from ledger.account a join ledger.transfer t on a.id in (t.debit, t.credit)
  join ledger.batch b on b.id = t.batch and b.ym = t.ym
  where a.kind = 'cash' and a.area = :area and b.document in ('cassette', 'collection', 'cash-taken', 'cash-count')
  group by a.owner, b.document
), bags as (
  select kiosk, sum(amount)::bigint fen from kiosks.bag group by kiosk
), told as (
  select kiosk, 'cassette' document, fen from bags
  union all
  select o.kiosk, 'collection', -sum(o.amount)::bigint from payout."order" o
    where o.state = 'paid' and o.method = 'cash' group by o.kiosk
  union all select kiosk, 'cash-taken', -sum(amount)::bigint from kiosks.taken group by kiosk
  union all select kiosk, 'cash-count', sum(difference_fen)::bigint from kiosks.count where state <> 'agreed' group by kiosk
)
select '自助机 ' || kiosk || ' ' || document, coalesce(told.fen, 0) || ' 分', coalesce(moved.fen, 0) || ' 分'
from told full join moved using (kiosk, document)
where coalesce(told.fen, 0) <> coalesce(moved.fen, 0)
order by 1
"""
SUSPENSE = """
with told as (
  select kiosk, sum(difference_fen)::bigint fen from kiosks.count where state = 'open' group by kiosk
), kept as (
  select a.owner kiosk, sum(b.credit - b.debit)::bigint fen from ledger.account a join ledger.balance b on b.account = a.id
  where a.kind = 'suspense' and a.area = :area group by a.owner
)
select '自助机 ' || kiosk, coalesce(told.fen, 0) || ' 分', coalesce(kept.fen, 0) || ' 分'
from told full join kept using (kiosk) where coalesce(told.fen, 0) <> coalesce(kept.fen, 0) order by 1
"""
# at its last quiet word: cassettes, stacker, shutter, bins and what is caught, all together
INSIDE = """
select '自助机 ' || kiosk || ' ' || to_char(at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'),
  expected_fen || ' 分', inside_fen || ' 分'
from kiosks.standing where inside_fen <> expected_fen order by 1
"""
QUESTIONS = {"自助机现金账": BOOKS, "待处理现金": SUSPENSE, "自助机机内现金": INSIDE}


def check(uow: Uow) -> list[ledger.Difference]:
    """Where a kiosk's cash does not agree; [] says that all does."""
    return [
        ledger.Difference(question, *row)
        for question, asked in QUESTIONS.items()
        for row in uow.session.execute(text(asked), {"area": settings().area})
    ]
