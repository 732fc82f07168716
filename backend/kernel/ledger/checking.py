"""Checking 对账: recompute everything the ledger keeps, from its lines, and say where it differs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import TextClause, text

from backend.kernel.db import Uow
from backend.kernel.ledger.sealing import verify_seals

# Each question is one statement, so it sees the books at one moment while others go on posting.
BALANCES = text(
    """
    with pairs as (select debit, credit, sum(amount_fen) as fen from ledger.transfer group by debit, credit),
    moved as (
      select account, sum(debit) as debit, sum(credit) as credit from (
        select debit as account, fen as debit, 0 as credit from pairs
        union all select credit, 0, fen from pairs
      ) sides group by account
    ),
    kept as (select account, sum(debit) as debit, sum(credit) as credit from ledger.balance group by account)
    select '账户 ' || coalesce(k.account, m.account) as "where",
      '借方 ' || coalesce(m.debit, 0) || '、贷方 ' || coalesce(m.credit, 0) as expected,
      '借方 ' || coalesce(k.debit, 0) || '、贷方 ' || coalesce(k.credit, 0) as found
    from kept k full join moved m on m.account = k.account
    where (coalesce(m.debit, 0), coalesce(m.credit, 0)) <> (coalesce(k.debit, -1), coalesce(k.credit, -1))
    order by 1
    """
)
PENDING = text(
    """
    with held as (
      select account, sum(debit) as debit, sum(credit) as credit from (
        select debit as account, amount_fen as debit, 0 as credit from ledger.hold where state = 'pending'
        union all select credit, 0, amount_fen from ledger.hold where state = 'pending'
      ) sides group by account
    ),
    kept as (
      select account, sum(pending_debit) as debit, sum(pending_credit) as credit
      from ledger.balance group by account
    )
    select '账户 ' || coalesce(k.account, h.account) || ' 的预留' as "where",
      '借方 ' || coalesce(h.debit, 0) || '、贷方 ' || coalesce(h.credit, 0) as expected,
      '借方 ' || coalesce(k.debit, 0) || '、贷方 ' || coalesce(k.credit, 0) as found
    from kept k full join held h on h.account = k.account
    where (coalesce(h.debit, 0), coalesce(h.credit, 0)) <> (coalesce(k.debit, -1), coalesce(k.credit, -1))
    order by 1
    """
)
FUNDS = text(
    """
    select fund || ' ' || area as "where", '借方等于贷方' as expected,
      '借方 ' || sum(debit) || '、贷方 ' || sum(credit) as found
    from ledger.balance b join ledger.account a on a.id = b.account
    group by fund, area having sum(debit) <> sum(credit) order by 1
    """
)
ACCOUNTS = text(
    """
    select '账户 ' || a.id as "where", a.shards || ' 行余额' as expected, count(b.*) || ' 行' as found
    from ledger.account a left join ledger.balance b
      on b.account = a.id and b.normal = a.normal and b.no_overdraft = a.no_overdraft and b.shard < a.shards
    group by a.id having count(b.*) <> a.shards order by a.id
    """
)
CROSSED = text(
    """
    select '账户 ' || m.debit || ' 和 ' || m.credit as "where", '同一基金、同一地区' as expected,
      coalesce(d.fund || ' ' || d.area, '无此账户') || '、'
        || coalesce(c.fund || ' ' || c.area, '无此账户') as found
    from (select distinct debit, credit from ledger.transfer) m
    left join ledger.account d on d.id = m.debit left join ledger.account c on c.id = m.credit
    where (d.fund, d.area) is distinct from (c.fund, c.area) or d.id is null or c.id is null order by 1
    """
)
BATCHES = text(
    """
    with written as (
      select ym, batch, count(*) as n, sum(amount_fen) as fen, min(line) as first, max(line) as last
      from ledger.transfer group by ym, batch
    )
    select '凭证 ' || coalesce(b.id, w.batch) as "where",
      coalesce(b.n || ' 笔 ' || b.total || ' 分', '没有凭证头') as expected,
      coalesce(w.n || ' 笔 ' || w.fen || ' 分', '没有分录') as found
    from ledger.batch b full join written w on w.batch = b.id and w.ym = b.ym
    where (b.n, b.total, 1, b.n) is distinct from (w.n, w.fen, w.first, w.last) order by 1
    """
)
REVERSALS = text(
    """
    select '凭证 ' || b.id as "where", '逐笔冲正凭证 ' || o.id as expected, '有分录不符' as found
    from ledger.batch b join ledger.batch o on o.id = b.reverses
    where o.reverses is not null or o.n <> (
      select count(*) from ledger.transfer r join ledger.transfer t
        on t.ym = o.ym and t.batch = o.id and t.line = r.line
        and t.debit = r.credit and t.credit = r.debit and t.amount_fen = r.amount_fen
      where r.ym = b.ym and r.batch = b.id
    ) order by b.id
    """
)
HOLDS = text(
    """
    select '预留 ' || h.key as "where", '凭证 ' || h.batch || ' 入账 ' || h.amount_fen || ' 分' as expected,
      coalesce(t.amount_fen || ' 分', '没有分录') as found
    from ledger.hold h left join ledger.batch b on b.id = h.batch
    left join ledger.transfer t on t.ym = b.ym and t.batch = b.id
    where h.state = 'posted'
      and (h.debit, h.credit, h.amount_fen, 1) is distinct from (t.debit, t.credit, t.amount_fen, b.n)
    order by h.id
    """
)
# the walls themselves: every trigger there and on, no month without its partition, no right too many
GUARDS = text(
    """
    with walls (name, trigger) as (
      values ('transfer', 'posted'), ('transfer', 'only_added'), ('batch', 'whole'), ('batch', 'only_added'),
        ('account', 'opened'), ('account', 'only_added'), ('hold', 'reserved'), ('hold', 'only_added'),
        ('seal', 'only_added'), ('period', 'only_added'), ('balance', 'only_added'), ('step', 'only_added'),
        ('total', 'only_added')
      union all select 'transfer_' || ym, 'only_added' from ledger.period
    )
    select 'ledger.' || name as "where", '触发器 ' || trigger || ' 有效' as expected, '没有或已停用' as found
    from walls where not exists (
      select from pg_trigger t
      join pg_class c on c.oid = t.tgrelid join pg_namespace s on s.oid = c.relnamespace
      where s.nspname = 'ledger' and c.relname = name and tgname = trigger and tgenabled in ('O', 'A')
    )
    union all
    select 'ledger.' || relname, '业务程序没有 ' || right_ || ' 权', '有'
    from pg_class c join pg_namespace s on s.oid = c.relnamespace,
      unnest(array['insert', 'update', 'delete', 'truncate', 'trigger']) as right_
    where s.nspname = 'ledger' and relkind in ('r', 'p') and (right_ <> 'insert' or relname <> 'transfer')
      and has_table_privilege('renshe_app', c.oid, right_)
    order by 1, 2
    """
)
# a closed month was closed by somebody, the last thing that happened to it
PERIODS = text(
    """
    select '会计期间 ' || p.ym as "where", case p.status when 'closed' then '最后一次是结账' else '没有结账' end as expected,
      coalesce(s.what, '没有记录') as found
    from ledger.period p
    left join lateral (select what from ledger.step where ym = p.ym order by id desc limit 1) s on true
    where p.status = 'closed' and s.what is distinct from 'closed' or p.status = 'open' and s.what = 'closed'
    order by p.ym
    """
)
# what was kept when a month was closed is what its lines add up to
TOTALS = text(
    """
    with kept as (
      select p.ym, t.account, t.carrying, t.debit, t.credit from ledger.period p
      join lateral (select id from ledger.step where ym = p.ym order by id desc limit 1) s on true
      join ledger.total t on t.step = s.id where p.status = 'closed'
    ), added as (
      select p.ym, m.* from ledger.period p, lateral ledger.sums(p.ym) m where p.status = 'closed'
    )
    select '会计期间 ' || ym || ' 账户 ' || account as "where",
      '借方 ' || coalesce(a.debit, 0) || '、贷方 ' || coalesce(a.credit, 0) as expected,
      '借方 ' || coalesce(k.debit, 0) || '、贷方 ' || coalesce(k.credit, 0) as found
    from kept k full join added a using (ym, account, carrying)
    where (k.debit, k.credit) is distinct from (a.debit, a.credit) order by 1
    """
)
QUESTIONS: dict[str, TextClause] = {
    "余额": BALANCES,
    "预留额": PENDING,
    "借贷平衡": FUNDS,
    "余额行": ACCOUNTS,
    "基金分账": CROSSED,
    "凭证": BATCHES,
    "冲正": REVERSALS,
    "预留": HOLDS,
    "会计期间": PERIODS,
    "月合计": TOTALS,
    "保护": GUARDS,
}


@dataclass(frozen=True)
class Difference:
    """One place where the books do not say what their lines say."""

    question: str
    where: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.question}：{self.where}，应为{self.expected}，实为{self.found}"


def check(uow: Uow) -> list[Difference]:
    """Recompute balances, holds, batches, reversals, seals, and look at the walls; [] says that all agree."""
    found = [
        Difference(question, *row)
        for question, asked in QUESTIONS.items()
        for row in uow.session.execute(asked)
    ]
    broken = [Difference("封块", f"第 {one.seq} 块", "与封存时相同", one.what) for one in verify_seals(uow)]
    return found + broken
