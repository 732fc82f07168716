"""Back 银行回盘: what the bank says of a file's lines, booked as one set. The whole file or nothing.

Only lines that were still open move anything: an old file read again touches no payment that was sent anew since.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select, text

from backend.kernel import files, ledger
from backend.kernel.actor import Permission
from backend.kernel.db import Uow, in_bulk, one_by_one
from backend.kernel.errors import NotFound
from backend.kernel.items import item
from backend.kernel.pooling import require_reach
from backend.payout import accounts, stopping
from backend.payout.bankfiles import delimited, iso20022, straight
from backend.payout.bankfiles.booking import FEW, Booked, Seen, book, look
from backend.payout.bankfiles.profiles import PAID, Iso, profile
from backend.payout.bankfiles.refusals import AmountDiffers, LineTwice, UnknownLine
from backend.payout.model import BankFile, Batch, Payable
from backend.payout.schema import BankFileRead, ReadBankFile

KNOWN = "analyze back"
TWICE = "select min(no) from (select max(no) no from back group by key having count(*) > 1) twice"
WRONG = """
select min(no) filter (where l.end_to_end is null) unknown, min(no) filter (where b.amount <> l.amount) amount
from back b left join payout.bank_line l on l.end_to_end = b.key and l.file_id = :file
"""
REST = """
insert into back (no, key, code, reason)
select 0, l.end_to_end, :code, '' from payout.bank_line l
where l.file_id = :file and (l.result = 'sent' or l.result = 'filed' and :fresh)
  and not exists (select from back b where b.key = l.end_to_end)
"""
SORT = "insert into few (key, code, reason) select key, code, reason from back where code <> :paid"
ROWS = "select count(*) from back"


@item("PAY-03", "银行回盘", may=Permission.PAYOUT_RUN)
def read_bank_file(uow: Uow, cmd: ReadBankFile) -> BankFileRead:
    """Book what came back. The whole file or nothing; a line that was booked before changes nothing."""
    require_reach(uow)
    in_bulk(uow)
    file = uow.session.scalar(select(BankFile).where(BankFile.id == cmd.file).with_for_update())
    if file is None:
        raise NotFound(what=f"报盘文件 {cmd.file}")
    seen = _read(uow, file, files.fetch(uow, cmd.returned).content)
    booked = book(uow, file, seen)
    _post(uow, file, cmd.returned, booked)
    file.returned, file.returned_at = cmd.returned, uow.now
    uow.session.execute(text("drop table back, few"))
    one_by_one(uow)
    own = or_(Payable.file_id == file.id, Payable.file_id.is_(None))
    stopping.sweep(uow, (Payable.batch_id == file.batch_id) & own)
    return BankFileRead(
        file=file.id,
        paid=booked.paid.n,
        paid_fen=booked.paid.fen,
        returned=booked.returned.n,
        returned_fen=booked.returned.fen,
        pending=booked.pending,
        already=seen.rows - booked.paid.n - booked.returned.n - booked.pending,
    )


def _read(uow: Uow, file: BankFile, content: bytes) -> Seen:
    """What came back, in the tables `back` and `few`; every line of it is one of this file's, and there once."""
    known = profile(file.profile)
    if isinstance(known, Iso):
        _report(uow, known, file, content)
    elif seen := straight.read(uow, known, file, content):
        return seen
    else:
        delimited.taken(uow, known, file, content)
    uow.session.execute(text(KNOWN))
    _require_ours(uow, file)
    uow.session.execute(text(FEW))
    uow.session.execute(text(SORT), {"paid": PAID})
    return look(uow, file, uow.session.execute(text(ROWS)).scalar_one())


def _report(uow: Uow, known: Iso, file: BankFile, content: bytes) -> None:
    uow.session.execute(text(delimited.BACK))
    report = iso20022.Report(known, file)
    _copy(uow, report.lines(content))
    if report.rest is not None:
        facts = {"file": file.id, "code": report.rest, "fresh": file.answered_at is None}
        uow.session.execute(text(REST), facts)


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


def _post(uow: Uow, file: BankFile, returned: str, booked: Booked) -> None:
    """Paid: out of clearing into the expenditure account. Returned: owed again, and free to be drawn."""
    batch = uow.session.get_one(Batch, file.batch_id)
    clearing = accounts.clearing(uow, batch.fund)
    for result, credit, fen in (
        ("paid", accounts.expenditure(uow, batch.fund), booked.paid.fen),
        ("returned", accounts.payable(uow, batch.fund), booked.returned.fen),
    ):
        if not fen:
            continue
        ledger.post(
            uow,
            month=ledger.this_month(uow),
            document="bank-return",
            key=f"bank-return/{file.id}/{result}/{returned}",
            lines=[ledger.Line(clearing, credit, fen)],
            maker=uow.actor.id,
            checker=batch.checker,
        )
