"""Checking 对账: what is owed, at the bank, drawn and claimed back, recomputed from its rows and compared with the ledger.

Each question is one statement, so it sees everything at one moment. The ledger's own questions are in kernel/ledger.
"""

from __future__ import annotations

from sqlalchemy import select, text

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.kernel.settings import settings
from backend.payout.model import BankLine, Payable

# what holds of each payable and of each line, whether it says so itself or follows its file
PAYABLES = str(select(Payable.id, Payable.batch_id, Payable.amount, Payable.state))
LINES = str(select(BankLine.payable_id, BankLine.file_id, BankLine.amount, BankLine.result))
# accounts of the funds that pay benefits here, in the ledger's own signs turned so that more is more
BALANCE = """
select a.fund, a.kind, abs(sum(b.debit - b.credit))::bigint fen from ledger.account a
join ledger.balance b on b.account = a.id where a.area = :area and a.kind = any(:kinds) group by a.fund, a.kind
"""
# a bank order is booked when the bank has paid, a file when it is sent: only then is it owed no more
OWED = f"""
with payables as ({PAYABLES}), lines as ({LINES}), owed as (
  select b.fund, sum(p.amount)::bigint fen from payables p join payout.batch b on b.id = p.batch_id
  where p.state in ('payable', 'held') or (p.state = 'at_bank' and not exists (
    select from lines l where l.payable_id = p.id and l.result = 'sent' and l.file_id is not null))
  group by b.fund
), clearing as (
  select b.fund, sum(l.amount)::bigint fen from lines l
  join payout.bank_file f on f.id = l.file_id join payout.batch b on b.id = f.batch_id
  where l.result = 'sent' group by b.fund
), told as (
  select fund, 'benefit_payable' kind, fen from owed union all select fund, 'bank_clearing', fen from clearing
), kept as ({BALANCE})
select coalesce(told.fund, kept.fund) || ' ' || coalesce(told.kind, kept.kind), coalesce(told.fen, 0) || ' 分',
  coalesce(kept.fen, 0) || ' 分'
from told full join kept using (fund, kind) where coalesce(told.fen, 0) <> coalesce(kept.fen, 0) order by 1
"""  # noqa: S608 - our own words
# what these documents moved on an account, debits less credits
MOVED = """
select a.fund, a.kind, sum(case when t.debit = a.id then t.amount_fen else -t.amount_fen end)::bigint fen
from ledger.transfer t join ledger.batch b on b.id = t.batch and b.ym = t.ym
join ledger.account a on a.id in (t.debit, t.credit)
where b.document = any(:documents) and a.area = :area and a.kind = any(:kinds) group by a.fund, a.kind
"""
CLAIMS = f"""
with told as (
  select fund, 'temporary_payments' kind, sum("left")::bigint fen from payout.recovery group by fund
  union all select fund, 'benefit_expense', sum(fen)::bigint from (
    select b.fund, p.amount fen from payout.payable p join payout.batch b on b.id = p.batch_id
      where p.cancelled_at is null
    union all select r.fund, y.amount from payout.repayment y join payout.recovery r on r.id = y.recovery_id
      where y.way in ('offset', 'account', 'withdrawn')
    union all select fund, -amount from payout.recovery
  ) expense group by fund
), moved as ({MOVED})
select coalesce(told.fund, moved.fund) || ' ' || coalesce(told.kind, moved.kind), coalesce(told.fen, 0) || ' 分',
  coalesce(moved.fen, 0) || ' 分'
from told full join moved using (fund, kind) where coalesce(told.fen, 0) <> coalesce(moved.fen, 0) order by 1
"""  # noqa: S608 - our own words
# how each state of a payable came about: by so many paid lines of files, paid orders, and ones under way
STATES = f"""
with payables as ({PAYABLES}), told as ({LINES}), orders as (
  select payable_id,
    count(*) filter (where state = 'paid' and method = 'cash') cash,
    count(*) filter (where state = 'paid' and method = 'bank') bank,
    count(*) filter (where state in ('opened', 'authorised', 'in_doubt')) living,
    count(*) filter (where contradicted_at is not null) contradicted
  from payout."order" group by payable_id
), lines as (
  select payable_id, count(*) filter (where result = 'paid') paid, count(*) filter (where result = 'sent') sent
  from told where file_id is not null group by payable_id
), seen as (
  select p.id, p.state, coalesce(cash, 0) cash, coalesce(bank, 0) + coalesce(paid, 0) bank,
    coalesce(living, 0) living, coalesce(sent, 0) sent, coalesce(contradicted, 0) contradicted
  from payables p left join orders o on o.payable_id = p.id left join lines l on l.payable_id = p.id
)
select '应付待遇 ' || id, case state when 'collected' then '一张已付的现金领取单' when 'paid' then '银行付过一次'
    when 'at_bank' then '在银行的一笔' when 'held' then '办理中的一张领取单' else '没有付过、没有在办的' end,
  '现金 ' || cash || '、银行 ' || bank || '、在办 ' || living || '、在途 ' || sent
from seen where case state
  when 'collected' then (cash, bank, living, sent) <> (1, 0, 0, 0)
  when 'paid' then (cash, bank, living, sent) <> (0, 1, 0, 0)
  when 'at_bank' then cash + bank > 0 or living + sent <> 1
  when 'held' then cash + bank + sent > 0 or (living <> 1 and contradicted = 0)
  else cash + bank + living + sent > 0 end
order by 1 limit 100
"""  # noqa: S608 - our own words
# what follows a file is one line of it and that line's payable, both or neither; and what a file is paid and sent
# back, line by line, is what the ledger was told of that file
FILES = f"""
with lines as ({LINES}), following as (
  select coalesce(p.id, l.payable_id) payable, p.file_id of, l.file_id "in"
  from (select id, file_id from payout.payable where state = 'filed') p
  full join (select payable_id, file_id from payout.bank_line where result = 'filed') l on l.payable_id = p.id
), moved as (
  select file_id, coalesce(sum(amount) filter (where result = 'paid'), 0)::bigint paid,
    coalesce(sum(amount) filter (where result = 'returned'), 0)::bigint returned
  from lines where file_id is not null group by file_id
), kept as (
  select split_part(key, '/', 2)::bigint file_id, coalesce(sum(total) filter (where document = 'bank-file'), 0)::bigint sent,
    coalesce(sum(total) filter (where split_part(key, '/', 3) = 'paid'), 0)::bigint paid,
    coalesce(sum(total) filter (where split_part(key, '/', 3) = 'returned'), 0)::bigint returned
  from ledger.batch where document in ('bank-file', 'bank-return') group by 1
), told as (
  select '应付待遇 ' || payable what, '报盘文件 ' || coalesce("in"::text, '无') ours,
    '报盘文件 ' || coalesce(of::text, '无') theirs
  from following where "in" is distinct from of
  union all
  select '报盘文件 ' || f.id,
    '报盘 ' || f.total || '、成功 ' || coalesce(m.paid, 0) || '、退回 ' || coalesce(m.returned, 0) || ' 分',
    '报盘 ' || coalesce(k.sent, 0) || '、成功 ' || coalesce(k.paid, 0) || '、退回 ' || coalesce(k.returned, 0) || ' 分'
  from payout.bank_file f left join moved m on m.file_id = f.id left join kept k on k.file_id = f.id
  where (f.total, coalesce(m.paid, 0), coalesce(m.returned, 0))
    is distinct from (coalesce(k.sent, 0), coalesce(k.paid, 0), coalesce(k.returned, 0))
)
select what, ours, theirs from told order by 1 limit 100
"""  # noqa: S608 - our own words
BATCHES = """
select '发放批次 ' || b.id, b.n || ' 笔 ' || b.total || ' 分', coalesce(c.n, 0) || ' 笔 ' || coalesce(c.fen, 0) || ' 分'
from payout.batch b left join (
  select batch_id, count(*) n, sum(amount)::bigint fen from payout.payable group by batch_id
) c on c.batch_id = b.id
where (b.n, b.total) is distinct from (c.n, c.fen)
union all
select '报盘文件 ' || f.id, f.n || ' 笔 ' || f.total || ' 分', coalesce(c.n, 0) || ' 笔 ' || coalesce(c.fen, 0) || ' 分'
from payout.bank_file f left join (
  select file_id, count(*) n, sum(amount)::bigint fen from payout.bank_line group by file_id
) c on c.file_id = f.id
where (f.n, f.total) is distinct from (c.n, c.fen) order by 1
"""
RECOVERIES = """
select '追回 ' || r.id, '还差 ' || r.amount - coalesce(y.fen, 0) || ' 分', '还差 ' || r."left" || ' 分'
from payout.recovery r left join (
  select recovery_id, sum(amount)::bigint fen from payout.repayment group by recovery_id
) y on y.recovery_id = r.id
where r."left" <> r.amount - coalesce(y.fen, 0) order by 1
"""
QUESTIONS = {
    "应付和在途": OWED,
    "支出和暂付": CLAIMS,
    "发放状态": STATES,
    "随报盘文件": FILES,
    "笔数和合计": BATCHES,
    "追回": RECOVERIES,
}
KINDS = {
    "应付和在途": ["benefit_payable", "bank_clearing"],
    "支出和暂付": ["benefit_expense", "temporary_payments"],
}
DOCUMENTS = ["benefit", "benefit-cancel", "overpayment", "repayment", "withdrawal", "offset"]


def check(uow: Uow) -> list[ledger.Difference]:
    """Compare payables, files, orders and claims with the ledger and with each other; [] says that all agree."""
    return [
        ledger.Difference(question, *row)
        for question, asked in QUESTIONS.items()
        for row in uow.session.execute(
            text(asked), {"area": settings().area, "kinds": KINDS.get(question, []), "documents": DOCUMENTS}
        )
    ]
