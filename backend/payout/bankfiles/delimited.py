"""Delimited text 分隔文本: a line a payment, with what a profile says of head, columns and tail.

What comes back goes into the database as it is, piece by piece, and is taken apart there: a million lines are one set.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import text

from backend.kernel import codes
from backend.kernel.db import Uow
from backend.kernel.text import pieces_of
from backend.payout.bankfiles.booking import Sum
from backend.payout.bankfiles.profiles import RESULTS, Delimited, Side
from backend.payout.bankfiles.refusals import (
    BadLine,
    BadResult,
    FormulaCell,
    MarkMissing,
    OtherFile,
    TotalsDiffer,
    UnwritableCell,
)
from backend.payout.model import BankFile


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


# ---- out ----


def written(known: Delimited, file: BankFile, day: date, lines: Iterable[Any]) -> bytes:
    """The file: `lines` have end_to_end, bank, number, holder and amount."""
    facts = {"file": str(file.id), "day": f"{day:%Y%m%d}", "n": str(file.n), "total": yuan(file.total.fen)}
    kept = io.BytesIO()
    with io.TextIOWrapper(kept, encoding=known.encoding, newline="", write_through=False) as out:
        _mark(out, known, known.sent.head, facts)
        for line in lines:
            cells = [
                yuan(line.amount.fen) if column == "amount" else str(getattr(line, column))
                for column in known.sent.line
            ]
            if any(unwritable(cell, known.separator) for cell in cells):
                raise UnwritableCell(line=line.end_to_end)
            out.write(known.separator.join(cells) + "\n")
        _mark(out, known, known.sent.tail, facts)
        out.flush()
        return kept.getvalue()


def unwritable(cell: str, separator: str) -> bool:
    """What would end a cell or a line, or be run as a formula by who opens the file."""
    return separator in cell or not cell.isprintable() or cell[:1] in ("=", "+", "-", "@")


def _mark(out: io.TextIOWrapper, known: Delimited, columns: tuple[str, ...], facts: dict[str, str]) -> None:
    if columns:
        out.write(
            known.separator.join(column[1:] if column[:1] == "=" else facts[column] for column in columns)
        )
        out.write("\n")


# ---- back ----

BACK = """
create temporary table back (no bigint, key text, theirs text, code text, reason text, amount bigint,
  bad boolean, formula boolean) on commit drop
"""
RAW = """
create temporary table raw (no bigint generated always as identity (cache 10000), line text) on commit drop
"""
# a head or a tail is known by the word it begins with; the others are lines
TAKEN = """
insert into back (no, key, theirs, code, reason, amount, bad, formula)
select no, key, theirs, known.ours, reason, case when not odd then replace(amount, '.', '')::bigint end,
  width not between {least} and {most} or key = '' or theirs = '' or odd,
  left(key, 1) in ('=', '+', '@', '-') or left(reason, 1) in ('=', '+', '@')
    or (left(reason, 1) = '-' and reason ~ '[^-0-9.,]')
from (
  select no, width, key, btrim(split_part(line, :separator, {result})) theirs, {reason} reason, {amount} amount,
    {odd} odd
  from (
    select no, line, btrim(split_part(line, :separator, 1)) key,
      1 + octet_length(line) - octet_length(replace(line, :separator, '')) width
    from raw
  ) begun
  where (width > 1 or key <> '') and key <> all(cast(:marks as text[]))
  offset 0
) read
left join unnest(cast(:theirs as text[]), cast(:ours as text[])) known (theirs, ours) using (theirs)
"""
CELL = "btrim(split_part(line, :separator, {place}))"
MARKED = "select no, line from raw where starts_with(ltrim(line), :begin) order by no"
WRONG = """
select min(no) filter (where bad) bad, min(no) filter (where code is null and not bad) result,
  min(no) filter (where formula) formula from back
"""
COUNTED = """
select count(*) n, coalesce(sum(l.amount), 0)::bigint fen
from back b left join payout.bank_line l on l.end_to_end = b.key and l.file_id = :file
"""


def taken(uow: Uow, known: Delimited, file: BankFile, content: bytes) -> None:
    """What came back, line by line, into the table `back`; its columns and its control totals checked."""
    uow.session.execute(text(BACK))
    _load(uow, content)
    side = known.returned
    facts = {
        "separator": known.separator,
        "marks": [columns[0][1:] for columns in (side.head, side.tail) if columns],
        "theirs": list(known.results),
        "ours": list(known.results.values()),
    }
    uow.session.execute(text(_taking(side)), facts)
    _require_read(uow, side)
    counted = uow.session.execute(text(COUNTED), {"file": file.id}).one()
    found = Sum(counted.n, counted.fen)
    for columns, may_lack in ((side.head, side.head_may_lack), (side.tail, False)):
        if begin := mark_of(known, columns):
            marks = uow.session.execute(text(MARKED), {"begin": begin}).all()
            require_mark(known, file, columns, [(no, line) for no, line in marks], found, may_lack=may_lack)
    uow.session.execute(text("drop table raw"))


def _taking(side: Side) -> str:
    """The statement that takes lines of this form apart; its numbers are the profile's own."""
    reason, amount = (CELL.format(place=side.place(name)) for name in ("reason", "amount"))
    has_reason, has_amount = side.place("reason") > 0, side.place("amount") > 0
    return TAKEN.format(
        least=side.least,
        most=len(side.line),
        result=side.place("result"),
        reason=reason if has_reason else "''",
        amount=amount if has_amount else "null::text",
        odd=f"{amount} !~ '^[0-9]{{1,15}}[.][0-9]{{2}}$'" if has_amount else "false",
    )


def _load(uow: Uow, content: bytes) -> None:
    uow.session.execute(text(RAW))
    raw: Any = uow.session.connection().connection.cursor()
    with raw, raw.copy("copy raw (line) from stdin (delimiter e'\\x01')") as copy:
        for piece in pieces_of(content):
            copy.write(piece.replace("\\", "\\\\"))


def _require_read(uow: Uow, side: Side) -> None:
    wrong = uow.session.execute(text(WRONG)).one()
    if wrong.bad:
        raise BadLine(no=wrong.bad, least=side.least, most=len(side.line))
    if wrong.result:
        code = uow.session.scalar(text("select theirs from back where no = :no"), {"no": wrong.result})
        raise BadResult(no=wrong.result, code=str(code)[: codes.SHOWN], table=codes.table(RESULTS).title)
    if wrong.formula:
        raise FormulaCell(no=wrong.formula)


def mark_of(known: Delimited, columns: tuple[str, ...]) -> str:
    """What a head or a tail begins with; nothing, where there is none."""
    return columns[0][1:] + known.separator if columns else ""


def require_mark(
    known: Delimited,
    file: BankFile,
    columns: tuple[str, ...],
    marks: Sequence[tuple[int, str]],
    found: Sum,
    *,
    may_lack: bool,
) -> None:
    """A head or tail: there once, of this file, with the count and the sum of the lines that came."""
    if not marks and may_lack:
        return
    if len(marks) != 1:
        raise MarkMissing(mark=columns[0][1:])
    [(no, line)] = marks
    cells = [cell.strip() for cell in line.split(known.separator)]
    if len(cells) != len(columns):
        raise BadLine(no=no, least=len(columns), most=len(columns))
    said = dict(zip(columns, cells, strict=True))
    if said.get("file", str(file.id)) != str(file.id):
        raise OtherFile(named=said["file"][: codes.SHOWN], file=file.id)
    for column, value in (("n", str(found.n)), ("total", yuan(found.fen))):
        if said.get(column, value) != value:
            raise TotalsDiffer(said=said[column][: 2 * codes.SHOWN], found=value)
