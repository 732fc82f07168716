"""Checking 核对: one serving card a person, a history that ends where the card is, blank cards that add up."""

from __future__ import annotations

from sqlalchemy import text

from backend.kernel import ledger
from backend.kernel.db import Uow

# a question: what it finds, what stands there, what should
STATES = """
select '卡 ' || c.card_no || ' 的状态', c.status, coalesce(e.after, '没有经过') from registry.card c
left join lateral (select after from cards.event where card_id = c.id order by id desc limit 1) e on true
where e.after is distinct from c.status
"""
SERVING = """
select '人 ' || person_id || ' 正在用的卡', count(*) || ' 张', '1 张' from registry.card
where status = 'active' group by person_id having count(*) > 1
"""
DEAD = """
select '卡 ' || c.card_no, c.status, '已登记去世，应当注销' from registry.card c
join registry.person p on p.id = c.person_id
where p.died is not null and c.status not in ('cancelled', 'replaced')
"""
LISTED = """
select '卡 ' || c.card_no || ' 的停用名单',
  case when s.stopped then '停用' when not s.stopped then '恢复' else '不在名单上' end, c.status
from registry.card c
left join lateral (select stopped from cards.stop where card_id = c.id order by serial desc limit 1) s on true
where coalesce(s.stopped, false) = (c.status = 'active')
"""
SERIALS = """
select '停用卡名单的序号', count(*) || ' 项', max(serial)::text from cards.stop having count(*) <> coalesce(max(serial), 0)
"""
STOCK = """
select '空白卡 ' || s.place, s.n || ' 张', coalesce(sum(m.n), 0) || ' 张' from cards.stock s
left join cards.stock_move m on m.place = s.place group by s.place, s.n having s.n <> coalesce(sum(m.n), 0)
"""
FACTORY = """
select '制卡批次 ' || p.id || ' 用的空白卡', used || ' 张', due || ' 张' from cards.production p,
  lateral (select -coalesce(sum(n), 0) used from cards.stock_move where production_id = p.id) m,
  lateral (
    select case when p.state = 'back' then count(*) filter (where result not in ('03', '04')) else p.n end due
    from cards.line where production_id = p.id
  ) l
where used <> due
"""
QUESTIONS = (STATES, SERVING, DEAD, LISTED, SERIALS, STOCK, FACTORY)


def check(uow: Uow) -> list[ledger.Difference]:
    """Where cards do not agree with themselves."""
    return [
        ledger.Difference("社会保障卡", where, expected, found)
        for asked in QUESTIONS
        for where, found, expected in uow.session.execute(text(asked)).all()
    ]
