"""Back 银行回盘: what the bank says of a file's lines, booked as one set. The whole file or nothing.

Only lines that were still open move anything: an old file read again touches no payment that was sent anew since.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text

from backend.kernel import codes, files, ledger
from backend.kernel.actor import Permission
from backend.kernel.db import Uow, in_bulk
from backend.kernel.errors import NotFound
from backend.kernel.items import item
from backend.kernel.pooling import require_reach
from backend.payout import accounts, stopping
from backend.payout.bankfiles import delimited, iso20022
from backend.payout.bankfiles.profiles import PAID, PENDING, RESULTS, Iso, profile
from backend.payout.bankfiles.refusals import AmountDiffers, LineTwice, UnknownLine
from backend.payout.model import BankFile, Batch, Payable
from backend.payout.schema import BankFileRead, ReadBankFile

STAGE = """
create temporary table back (no bigint, key text, theirs text, code text, reason text, amount bigint,
  bad boolean, formula boolean) on commit drop
"""
KNOWN = "analyze back"
TWICE = "select min(no) from (select max(no) no from back group by key having count(*) > 1) twice"
WRONG = """
select min(no) filter (where l.end_to_end is null) unknown, min(no) filter (where b.amount <> l.amount) amount
from back b left join payout.bank_line l on l.end_to_end = b.key and l.file_id = :file
"""
REST = """
insert into back (no, key, code, reason)
select 0, l.end_to_end, :code, '' from payout.bank_line l
where l.file_id = :file and l.result = 'sent' and not exists (select from back b where b.key = l.end_to_end)
"""
BOOK = """
with settled as (
  update payout.bank_line l
  set result = case b.code when :paid then 'paid' else 'returned' end, code = b.code,
    reason = case when b.code = :paid then '' when b.reason = '' then n.name else left(b.reason, 100) end
  from back b left join unnest(cast(:codes as text[]), cast(:names as text[])) n (code, name) on n.code = b.code
  where l.end_to_end = b.key and b.code <> :pending and l.file_id = :file and l.result = 'sent'
  returning l.payable_id, l.result, l.amount
), moved as (
  update payout.payable p set state = case s.result when 'paid' then 'paid' else 'payable' end,
    settled_at = case s.result when 'paid' then cast(:now as timestamptz) end
  from settled s where p.id = s.payable_id
)
select result, count(*), sum(amount)::bigint from settled group by result
"""
COUNTED = "select count(*) lines, count(*) filter (where code = :pending) pending from back"


@item("PAY-03", "银行回盘", may=Permission.PAYOUT_RUN)
def read_bank_file(uow: Uow, cmd: ReadBankFile) -> BankFileRead:
    """Book what came back. The whole file or nothing; a line that was booked before changes nothing."""
    require_reach(uow)
    in_bulk(uow)
    file = uow.session.scalar(select(BankFile).where(BankFile.id == cmd.file).with_for_update())
    if file is None:
        raise NotFound(what=f"报盘文件 {cmd.file}")
    _stage(uow, file, files.fetch(uow, cmd.returned).content)
    _require_ours(uow, file)
    counted = uow.session.execute(text(COUNTED), {"pending": PENDING}).one()
    booked = _book(uow, file)
    _post(uow, file, cmd.returned, booked)
    file.returned, file.returned_at = cmd.returned, uow.now
    uow.session.execute(text("drop table back"))
    stopping.sweep(uow, Payable.batch_id == file.batch_id)
    paid, returned = booked.get("paid", (0, 0)), booked.get("returned", (0, 0))
    return BankFileRead(
        file=file.id,
        paid=paid[0],
        paid_fen=paid[1],
        returned=returned[0],
        returned_fen=returned[1],
        pending=counted.pending,
        already=counted.lines - paid[0] - returned[0] - counted.pending,
    )


def _stage(uow: Uow, file: BankFile, content: bytes) -> None:
    """What came back into the table `back` of this transaction's own, in our own result codes."""
    uow.session.execute(text(STAGE))
    known = profile(file.profile)
    if isinstance(known, Iso):
        report = iso20022.Report(known, file)
        _copy(uow, report.lines(content))
        if report.rest is not None:
            uow.session.execute(text(REST), {"file": file.id, "code": report.rest})
    else:
        delimited.taken(uow, known, file, content)
    uow.session.execute(text(KNOWN))


def _copy(uow: Uow, lines: Any) -> None:
    raw: Any = uow.session.connection().connection.cursor()
    with raw, raw.copy("copy back (no, key, code, reason, amount) from stdin") as copy:
        for one in lines:
            copy.write_row((one.no, one.key, one.code, one.reason, one.fen))


def _require_ours(uow: Uow, file: BankFile) -> None:
    if no := uow.session.scalar(text(TWICE)):
        raise LineTwice(no=no)
    wrong = uow.session.execute(text(WRONG), {"file": file.id}).one()
    if wrong.unknown is not None:
        raise UnknownLine(no=wrong.unknown, file=file.id)
    if wrong.amount is not None:
        raise AmountDiffers(no=wrong.amount, file=file.id)


def _book(uow: Uow, file: BankFile) -> dict[str, tuple[int, int]]:
    """How many were paid and returned, and how much."""
    table = codes.table(RESULTS).codes
    facts = {
        "file": file.id,
        "now": uow.now,
        "paid": PAID,
        "pending": PENDING,
        "codes": list(table),
        "names": [one.name for one in table.values()],
    }
    return {result: (n, fen) for result, n, fen in uow.session.execute(text(BOOK), facts)}


def _post(uow: Uow, file: BankFile, returned: str, booked: dict[str, tuple[int, int]]) -> None:
    """Paid: out of clearing into the expenditure account. Returned: owed again, and free to be drawn."""
    batch = uow.session.get_one(Batch, file.batch_id)
    clearing = accounts.clearing(uow, batch.fund)
    credit = {"paid": accounts.expenditure(uow, batch.fund), "returned": accounts.payable(uow, batch.fund)}
    for result, (_, fen) in sorted(booked.items()):
        ledger.post(
            uow,
            month=ledger.this_month(uow),
            document="bank-return",
            key=f"bank-return/{file.id}/{result}/{returned}",
            lines=[ledger.Line(clearing, credit[result], fen)],
            maker=uow.actor.id,
            checker=batch.checker,
        )
