"""Bank files 报盘/回盘: what is paid by bank every month goes out in one file, and comes back line by line.

社会保险法 第七十三条: benefits are paid in full and in time. Each line has a number that never changes, so it is
paid once and booked once, however often a file goes out or comes back.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from sqlalchemy import bindparam, insert, literal, select, text, true, update
from sqlalchemy.sql import func

from backend.kernel import codes, files, ledger
from backend.kernel.actor import Permission
from backend.kernel.db import Uow, in_bulk
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import Guide, item
from backend.kernel.money import Money
from backend.kernel.pooling import require_reach
from backend.kernel.text import text_of
from backend.payout import accounts
from backend.payout.model import BankFile, BankLine, Batch, Payable
from backend.payout.schema import BankFileRead, BankFileView, MakeBankFile, ReadBankFile
from backend.registry import service as registry

ENCODING = "gb18030"
PAID, PENDING = "00", "90"
RESULTS = "bank_result"  # the code table


class NothingToSend(Refusal):
    """批次 {batch} 里没有等待银行发放的人，可能文件已经做过了。"""


class UnknownLine(Refusal):
    """回盘第 {no} 行的流水号不在报盘文件 {file} 里，文件没有登记，请和银行核对。"""

    status = 422


class BadLine(Refusal):
    """回盘第 {no} 行的格式不对，应该是“流水号|结果|原因”，文件没有登记。"""

    status = 422


class BadResult(Refusal):
    """回盘第 {no} 行的结果 {code} 不在《{table}》里，文件没有登记，请和银行核对。"""

    status = 422


class LineTwice(Refusal):
    """回盘第 {no} 行的流水号在文件里出现了两次，结果却不一样，文件没有登记，请和银行核对。"""

    status = 422


# ---- out ----


@item(
    "PAY-02",
    "银行报盘",
    may=Permission.PAYOUT_RUN,
    guide=Guide(
        what="把每月由银行发放的人做成文件送银行。",
        who="经办机构",
        law="社会保险法 第七十三条",
    ),
)
def make_bank_file(uow: Uow, cmd: MakeBankFile) -> BankFileView:
    require_reach(uow)
    in_bulk(uow)
    batch = uow.session.get(Batch, cmd.batch)
    if batch is None:
        raise NotFound(what=f"发放批次 {cmd.batch}")
    number = uow.session.scalar(_writing(batch.id), {"made_at": uow.now})
    if number is None:
        raise NothingToSend(batch=batch.id)
    file = uow.session.get_one(BankFile, number)
    kept = files.keep(
        uow,
        name=f"报盘-{file.id}-{uow.today:%Y%m%d}.txt",
        content=_written(uow, file),
        may=Permission.PAYOUT_READ,
    )
    file.sent = kept.file
    ledger.post(
        uow,
        month=ledger.this_month(uow),
        document="bank-file",
        key=f"bank-file/{file.id}",
        lines=[
            ledger.Line(accounts.payable(uow, batch.fund), accounts.clearing(uow, batch.fund), file.total.fen)
        ],
        maker=uow.actor.id,
        checker=batch.checker,
    )
    return BankFileView(file=file.id, n=file.n, total_fen=file.total.fen, sent=kept.file)


def _writing(batch: int) -> Any:
    """One statement: whom the bank pays every month becomes a file and its lines, and is owed no other way."""
    account = registry.BankAccount
    rows = (
        select(Payable.id, Payable.amount, account.bank, account.number, account.holder)
        .join(account, account.person_id == Payable.person_id)
        .where(Payable.batch_id == batch, Payable.state == "payable", account.standing)
        .with_for_update(of=Payable)
        .cte("rows")
        .prefix_with("materialized")
    )
    made_at = bindparam("made_at", type_=BankFile.made_at.type)
    counted = select(literal(batch), func.count(), func.sum(rows.c.amount), made_at).select_from(rows)
    header = (
        insert(BankFile)
        .from_select(["batch_id", "n", "total", "made_at"], counted.having(func.count() > 0))
        .returning(BankFile.id)
        .cte("header")
    )
    lines = (
        insert(BankLine)
        .from_select(
            ["end_to_end", "file_id", "payable_id", "bank", "number", "holder", "amount", "result", "reason"],
            select(
                func.concat("F", header.c.id, "P", rows.c.id),
                header.c.id,
                rows.c.id,
                rows.c.bank,
                rows.c.number,
                rows.c.holder,
                rows.c.amount,
                literal("sent"),
                literal(""),
            ).select_from(header.join(rows, true())),
        )
        .cte("lines")
    )
    moved = update(Payable).where(Payable.id == rows.c.id).values(state="at_bank").cte("moved")
    return select(header.c.id).add_cte(lines, moved)


def _written(uow: Uow, file: BankFile) -> bytes:
    out = io.StringIO()
    out.write(f"H|{file.id}|{uow.today:%Y%m%d}|{file.n}|{_yuan(file.total)}\n")
    lines = uow.session.execute(
        select(BankLine.end_to_end, BankLine.bank, BankLine.number, BankLine.holder, BankLine.amount)
        .where(BankLine.file_id == file.id)
        .order_by(BankLine.payable_id)
        .execution_options(yield_per=10_000)
    )
    for line in lines:
        out.write(f"{line.end_to_end}|{line.bank}|{line.number}|{line.holder}|{_yuan(line.amount)}\n")
    return out.getvalue().encode(ENCODING)


def _yuan(amount: Money) -> str:
    return f"{amount.fen // 100}.{amount.fen % 100:02d}"


# ---- back ----

STAGE = """
create temporary table back (no integer, key text, result text, reason text) on commit drop
"""
TWICE = (
    "select min(no) from (select max(no) no from back group by key having count(distinct result) > 1) twice"
)
UNKNOWN = """
select min(no) from back b where not exists (
  select from payout.bank_line l where l.end_to_end = b.key and l.file_id = :file)
"""
# only lines that were still open move anything: an old file read again must not touch a payment sent anew since
BOOK = """
with said as (
  select key, min(result) result, min(reason) reason from back where result <> :pending group by key
), settled as (
  update payout.bank_line l
  set result = case s.result when :paid then 'paid' else 'returned' end, reason = s.reason
  from said s where l.end_to_end = s.key and l.file_id = :file and l.result = 'sent'
  returning l.payable_id, l.result, l.amount
), moved as (
  update payout.payable p set state = case s.result when 'paid' then 'paid' else 'payable' end,
    settled_at = case s.result when 'paid' then cast(:now as timestamptz) end
  from settled s where p.id = s.payable_id
)
select result, count(*), sum(amount)::bigint from settled group by result
"""
WAITING = "select count(distinct key) from back where result = :pending"


@item("PAY-03", "银行回盘", may=Permission.PAYOUT_RUN)
def read_bank_file(uow: Uow, cmd: ReadBankFile) -> BankFileRead:
    """Book what came back. The whole file or nothing; a line that was booked before changes nothing."""
    require_reach(uow)
    in_bulk(uow)
    file = uow.session.scalar(select(BankFile).where(BankFile.id == cmd.file).with_for_update())
    if file is None:
        raise NotFound(what=f"报盘文件 {cmd.file}")
    lines = _stage(uow, text_of(files.fetch(uow, cmd.returned).content))
    if no := uow.session.scalar(text(TWICE)):
        raise LineTwice(no=no)
    if no := uow.session.scalar(text(UNKNOWN), {"file": file.id}):
        raise UnknownLine(no=no, file=file.id)
    facts = {"file": file.id, "now": uow.now, "paid": PAID, "pending": PENDING}
    booked = {result: (n, fen) for result, n, fen in uow.session.execute(text(BOOK), facts)}
    _post(uow, file, cmd.returned, booked)
    pending = uow.session.scalar(text(WAITING), {"pending": PENDING}) or 0
    file.returned, file.returned_at = cmd.returned, uow.now
    uow.session.execute(text("drop table back"))
    paid, returned = booked.get("paid", (0, 0)), booked.get("returned", (0, 0))
    return BankFileRead(
        file=file.id,
        paid=paid[0],
        paid_fen=paid[1],
        returned=returned[0],
        returned_fen=returned[1],
        pending=pending,
        already=lines - paid[0] - returned[0] - pending,
    )


def _stage(uow: Uow, content: str) -> int:
    """The lines into a table of this transaction's own; how many there are."""
    uow.session.execute(text(STAGE))
    raw: Any = uow.session.connection().connection.cursor()
    n = 0
    with raw, raw.copy("copy back from stdin") as copy:
        for row in _lines(content):
            copy.write_row(row)
            n += 1
    return n


def _lines(content: str) -> Iterator[tuple[int, str, str, str]]:
    for no, line in enumerate(content.splitlines(), 1):
        if not line.strip() or line.startswith("H|"):
            continue
        parts = [part.strip() for part in line.split("|")]
        if len(parts) not in (2, 3) or not parts[0] or not parts[1]:
            raise BadLine(no=no)
        if not codes.known(RESULTS, parts[1]):
            raise BadResult(no=no, code=parts[1][: codes.SHOWN], table=codes.table(RESULTS).title)
        reason = parts[2] if len(parts) == 3 and parts[2] else codes.name(RESULTS, parts[1])
        yield no, parts[0], parts[1], "" if parts[1] == PAID else reason[:100]


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
