"""Checking 对账: an award's present amount is what was decided and what its standing adjustments gave; each adjustment was
paid in arrears for as many months as were posted without it."""

from __future__ import annotations

from sqlalchemy import text

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.pension.benefits import ITEM

AMOUNTS = """
with given as (
  select award_id, sum(increase)::bigint fen, max(year) newest from pension.adjustment where undone_at is null group by award_id
)
select '核定 ' || a.id, coalesce(g.fen, 0) || ' 分', a.increase || ' 分'
from pension.award a left join given g on g.award_id = a.id
where a.state <> 'replaced' and (a.increase <> coalesce(g.fen, 0) or a.adjusted < g.newest) order by a.id
"""
# months of the year and later that stand and were posted before the run
COVERED = """
select '核定 ' || a.id || ' 的 ' || d.year || ' 年调整', c.n || ' 个月', d.arrears_months || ' 个月'
from pension.adjustment d join pension.adjustment_run r on r.id = d.run_id
join pension.award a on a.id = d.award_id and a.state <> 'replaced'
join lateral (
  select count(*) n from payout.payable p where p.person_id = a.person_id and p.item = :item
    and p.month >= make_date(d.year, 1, 1) and p.batch_id <= r.after_batch and p.cancelled_at is null
    and not exists (select from payout.overpaid o where o.payable_id = p.id and o.lifted_at is null)
) c on true
where d.undone_at is null and c.n <> d.arrears_months order by a.id, d.year
"""
QUESTIONS = {"待遇调整后的标准": AMOUNTS, "待遇调整补发的月数": COVERED}


def check(uow: Uow) -> list[ledger.Difference]:
    """[] says that all agree."""
    return [
        ledger.Difference(question, *row)
        for question, asked in QUESTIONS.items()
        for row in uow.session.execute(text(asked), {"item": ITEM} if ":item" in asked else {})
    ]
