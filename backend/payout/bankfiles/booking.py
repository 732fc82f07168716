"""Booking 登记: what a bank says of a file's lines becomes true, by exception.

Two tables of this transaction's own say what came back: `back`, whose lines are named, and `few`, what is said of those
that are not simply paid. As long as a file is not answered, its lines follow it (`payout.following`). Of an answer the
smaller part is written: either most is paid, then the file is answered and the others no longer follow it; or less
is, then what is paid is written and the others go on waiting. Lines that say all of themselves are booked one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from backend.kernel import codes
from backend.kernel.db import Uow, in_bulk, one_by_one
from backend.payout.bankfiles.profiles import PAID, PENDING, RESULTS
from backend.payout.following import FILED
from backend.payout.model import BankFile

FEW = "create temporary table few (key text, code text, reason text) on commit drop"
# a hash of a million texts misses the processor's cache at every look: in pieces that fit it takes half the time
PIECES = """select set_config('work_mem', '512kB', true), set_config('enable_hashagg', 'off', true)"""
AT_ONCE = """select set_config('work_mem', '128MB', true), set_config('enable_hashagg', 'on', true)"""
LOOK = """
select count(*), coalesce(sum(amount), 0)::bigint, count(*) filter (where result = 'filed'),
  coalesce(sum(amount) filter (where result = 'filed'), 0)::bigint, count(*) filter (where result = 'sent')
from payout.bank_line l where l.file_id = :file and exists (select from back b where b.key = l.end_to_end {same})
"""
FOLLOWING = "select count(*) from payout.bank_line where file_id = :file and result = 'filed'"
TALLY = """
select l.result, f.code = :pending pending, count(*) n, sum(l.amount)::bigint fen
from few f join payout.bank_line l on l.end_to_end = f.key group by 1, 2
"""
SAID = """
select l.end_to_end, l.payable_id, l.amount, case f.code when :pending then 'sent' else 'returned' end result,
  case f.code when :pending then '' else f.code end code,
  case when f.code = :pending then '' when f.reason = '' then n.name else left(f.reason, 100) end reason
from few f join payout.bank_line l on l.end_to_end = f.key
left join unnest(cast(:codes as text[]), cast(:names as text[])) n (code, name) on n.code = f.code
where case l.result when 'sent' then f.code <> :pending
  when 'filed' then case f.code when :pending then :whole else :fresh end else false end
"""
OTHERS = """
union all
select end_to_end, payable_id, amount, case when named then 'paid' else 'sent' end,
  case when named then :paid else '' end, ''
from (
  select l.end_to_end, l.payable_id, l.amount, l.result,
    exists (select from back b where b.key = l.end_to_end) named,
    exists (select from few f where f.key = l.end_to_end) few
  from payout.bank_line l where l.file_id = :file and l.result in ('sent', 'filed')
) l
where not few and case result when 'sent' then named else :fresh and named <> :whole end
"""
BOOK = """
with news as materialized ({said}), lines as (
  update payout.bank_line l set result = n.result, code = n.code, reason = n.reason
  from news n where l.end_to_end = n.end_to_end
), payables as (
  update payout.payable p set file_id = null,
    state = case n.result when 'paid' then 'paid' when 'returned' then 'payable' else 'at_bank' end,
    settled_at = case n.result when 'paid' then cast(:now as timestamptz) end
  from news n where p.id = n.payable_id
)
select result, count(*) n, sum(amount)::bigint fen from news group by result
"""


@dataclass(frozen=True)
class Sum:
    """How many lines, and how much."""

    n: int = 0
    fen: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.n + other.n, self.fen + other.fen)

    def __sub__(self, other: Sum) -> Sum:
        return Sum(self.n - other.n, self.fen - other.fen)


NONE = Sum()


@dataclass(frozen=True)
class Seen:
    """What came back (`rows`), and the lines of its file that are named in it.

    As many as came back: then each of them is a line of the file, and there once.
    """

    rows: int
    named: Sum
    filed: Sum  # of the named, those that follow the file
    sent: int  # of the named, those that wait by themselves
    unnamed: int  # of those that follow the file


@dataclass(frozen=True)
class Booked:
    """What an answer changed, and how many lines the bank still works on."""

    paid: Sum
    returned: Sum
    pending: int


def look(uow: Uow, file: BankFile, rows: int, same: str = "") -> Seen:
    """Which lines of the file are named in `back`, which has so many rows; `same`: what else must agree."""
    uow.session.execute(text(PIECES))
    n, fen, filed, filed_fen, sent = uow.session.execute(
        text(LOOK.format(same=same)), {"file": file.id}
    ).one()
    uow.session.execute(text(AT_ONCE))
    following = filed  # all of them, where all lines are named
    if n < file.n:
        following = uow.session.execute(text(FOLLOWING), {"file": file.id}).scalar_one()
    return Seen(rows, Sum(n, fen), Sum(filed, filed_fen), sent, unnamed=following - filed)


def book(uow: Uow, file: BankFile, seen: Seen) -> Booked:
    one_by_one(uow)
    found = uow.session.execute(text(TALLY), {"pending": PENDING})
    few = {(stored, pending): Sum(n, fen) for stored, pending, n, fen in found}
    fresh = file.answered_at is None
    paid = seen.filed - few.get((FILED, True), NONE) - few.get((FILED, False), NONE) if fresh else NONE
    whole = paid.n > seen.unnamed + few.get((FILED, True), NONE).n
    more = seen.sent - few.get(("sent", True), NONE).n - few.get(("sent", False), NONE).n
    others = more > 0 or (seen.unnamed > 0 if whole else paid.n > 0)
    written = _write(uow, file, fresh=fresh, whole=whole, others=others)
    if whole:
        file.answered_at = uow.now
    return Booked(
        paid=written.get("paid", NONE) + (paid if whole else NONE),
        returned=written.get("returned", NONE),
        pending=sum(one.n for (_, pending), one in few.items() if pending),
    )


def _write(uow: Uow, file: BankFile, *, fresh: bool, whole: bool, others: bool) -> dict[str, Sum]:
    """The lines that say all of themselves from now on, and their payables; `others`: not only the few."""
    table = codes.table(RESULTS).codes
    facts = {
        "file": file.id,
        "now": uow.now,
        "paid": PAID,
        "pending": PENDING,
        "fresh": fresh,
        "whole": whole,
        "codes": list(table),
        "names": [one.name for one in table.values()],
    }
    if others:
        in_bulk(uow)
    said = SAID + OTHERS if others else SAID
    found = uow.session.execute(text(BOOK.format(said=said)), facts)
    return {result: Sum(n, fen) for result, n, fen in found}
