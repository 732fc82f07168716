"""Receipt files 到账文件: a day's money of one channel in one file; whole, or not at all, and then line by line.

GB 18030 text, fields set apart by |: a first line `H|channel|day`, a line a receipt, a last line
`T|receipts|yuan`. The columns of a channel are its code table (codes/receipt_*.csv).

What shows that the file is not what was sent (encoding, end, totals, channel, day) refuses it whole; what is
wrong with one line refuses that line. A file that comes again changes nothing, even where a receipt of it was
reversed since: what is really paid again comes with a day, an amount or a payer of its own, or is taken by LEV-05.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Row, text

from backend.kernel import codes, files, ident
from backend.kernel.actor import Permission
from backend.kernel.db import Uow, in_bulk
from backend.kernel.errors import Refusal, Wrong
from backend.kernel.items import Guide, item
from backend.kernel.language import translate
from backend.kernel.money import Money
from backend.kernel.pooling import require_reach
from backend.kernel.text import NotText, TooManyLines, plain
from backend.levy import results
from backend.levy.filed import FileTaken, TakeReceiptFile
from backend.levy.receiving import ReceivedAhead, book_file
from backend.levy.schema import CHANNELS, LARGEST, REFERENCE
from backend.levy.settling import settle_staged

ENCODING = "gb18030"
MOST_LINES = 1_000_000
MANY = 10_000  # lines from which whole sets are joined
MOST_BAD = 100_000  # lines that are told one by one; a file with more is not what was sent
LONGEST_LINE = 1_000  # characters; in a longer one no columns are sought
LONGEST = 40  # of what is kept of a payer, and told of a reference
READABLE = re.compile(r"-?\d{1,17}(\.\d{1,4})?")
IDEOGRAPH = re.compile(r"[\u4e00-\u9fff]")
NAME = "到账文件结果"
HEADS = ("行号", "流水号", "结果")
GOOD = {
    "taken": "已收，抵缴欠费",
    "waiting": "已收，没有认出缴款人，记待转金",
    "already": "以前收过，没有再收",
}
WORDS = {
    **GOOD,
    "columns": "没有收：栏数不对",
    "reference": "没有收：流水号应该是 4 到 40 位字母、数字或者短横线",
    "amount": "没有收：金额要大于零，最多两位小数",
    "day": "没有收：日期读不出来，或者晚于文件日期",
    "twice": "没有收：同一流水号在文件里不止一行，请核对后只留一行",
    "other": "没有收：这个流水号收过另一笔，金额、日期或者缴款人不同",
    "undone": "没有收：这一笔收过又冲正了；确实重新到账的，请用“征缴到账”单独收",
}
BAD = {name: told for name, told in WORDS.items() if name not in GOOD}


class WrongEncoding(Refusal):
    """文件不是 GB 18030 编码，一笔也没有收。请对方按约定的编码重新生成文件。"""

    status = 422


class NotFramed(Refusal):
    """文件第 {no} 行应该像“{right}”这样，文件可能不完整，一笔也没有收。请重新传一份完整的文件。"""

    status = 422


class TotalsOff(Refusal):
    """文件末行写的是 {n} 笔、{fen} 元，逐笔数出来是 {counted} 笔、{counted_fen} 元，一笔也没有收。请和对方核对。"""

    status = 422


class OtherFile(Refusal):
    """这是{channel}渠道 {day} 的文件，和选的渠道、日期不一样，一笔也没有收。请核对后再办。"""

    status = 422


class TooManyBad(Refusal):
    """文件里有 {n} 行不对，第一处在第 {no} 行（{why}），一笔也没有收。请对方核对以后重新生成文件。"""

    status = 422


class Arrived(NamedTuple):
    """A line as it is staged; `state` says what is wrong with it, '' where nothing is."""

    no: int
    reference: str
    payer: str
    number: str  # the payer's, as registers write it
    amount: int
    day: date | None
    state: str


@dataclass
class Totals:
    """Counted while reading: lines, and the yuan of those whose amount can be read."""

    n: int = 0
    yuan: Decimal = Decimal(0)
    unread: int = 0

    def require(self, no: int, parts: Sequence[str]) -> None:
        """Where an amount cannot be read, the others must come to less than the whole."""
        if len(parts) != 3 or not parts[1].isdecimal() or not READABLE.fullmatch(parts[2]):
            raise NotFramed(no=no, right="T|2|100.00")
        said = Decimal(parts[2])
        agree = self.yuan < said if self.unread else self.yuan == said
        if int(parts[1]) != self.n or not agree:
            raise TotalsOff(n=parts[1], fen=f"{said:,.2f}", counted=self.n, counted_fen=f"{self.yuan:,.2f}")


@item(
    "LEV-14",
    "征缴到账文件",
    may=Permission.LEVY_RUN,
    guide=Guide(
        what="银行、税务或者国库一天的到账做成一个文件，整批收进来；不对的行退回，改好以后可以再收一次。",
        who="经办机构",
        bring=("银行、税务或者国库的到账文件",),
        law="社会保险法 第六十条",
    ),
)
def take_file(uow: Uow, cmd: TakeReceiptFile) -> FileTaken:
    require_reach(uow)
    if cmd.day > uow.today:
        raise ReceivedAhead(day=cmd.day)
    content = files.fetch(uow, cmd.file).content
    _require_encoding(content)
    if _stage(uow, _lines(cmd, content)) > MANY:
        in_bulk(uow)
    facts = {"channel": cmd.channel, "file": cmd.file, "now": uow.now}
    for statement in (TWICE, EMPLOYERS, PERSONS, UNDONE, TAKE, EARLIER):
        uow.session.execute(text(statement), facts)
    _require_few_bad(uow)
    book_file(uow, cmd.channel, cmd.file, settle_staged(uow))
    counted = {row.state: row for row in uow.session.execute(text(COUNTED))}
    kept = results.keep(uow, NAME, cmd.language, HEADS, _told(uow, cmd.language))
    uow.session.execute(text("drop table arrived"))
    return _view(counted, kept)


# ---- reading ----


def _require_encoding(content: bytes) -> None:
    """Whoever writes UTF-8 or UTF-16 wrote other names than would be read here."""
    if b"\0" in content:
        raise NotText
    decoder = codecs.getincrementaldecoder("utf-8")()
    seen = False
    try:
        for at in range(0, len(content), 1 << 20):
            seen = bool(IDEOGRAPH.search(decoder.decode(content[at : at + (1 << 20)]))) or seen
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return
    if seen or content.startswith(codecs.BOM_UTF8):
        raise WrongEncoding


def _lines(cmd: TakeReceiptFile, content: bytes) -> Iterator[Arrived]:
    """The receipts of a file whose first and last line are in order."""
    columns = [one.code for one in codes.table(f"receipt_{cmd.channel}").codes.values() if one.valid(cmd.day)]
    totals = Totals()
    no, last = 0, None
    try:
        for no, line in enumerate(io.TextIOWrapper(io.BytesIO(content), ENCODING), 1):
            parts = _parts(line)
            if no == 1:
                _require_head(cmd, parts)
            elif last and line.strip():
                raise NotFramed(no=last, right="T|2|100.00")
            elif parts[0] == "T":
                last = no
                totals.require(no, parts)
            elif line.strip():
                yield _line(no, parts, columns, cmd.day, totals)
    except UnicodeDecodeError:
        raise NotText from None
    if not last:
        raise NotFramed(no=no + 1, right="T|2|100.00")


def _parts(line: str) -> list[str]:
    """The columns; of a line longer than any of ours only where it begins, as one that is none of them."""
    return [part.strip() for part in line.split("|")] if len(line) <= LONGEST_LINE else [line[:LONGEST]]


def _require_head(cmd: TakeReceiptFile, parts: Sequence[str]) -> None:
    if len(parts) != 3 or parts[0] != "H" or parts[1] not in CHANNELS or _day(parts[2]) is None:
        raise NotFramed(no=1, right="H|bank|20261124")
    if parts[1] != cmd.channel or _day(parts[2]) != cmd.day:
        raise OtherFile(channel=str(CHANNELS[parts[1]]), day=_day(parts[2]))


def _line(no: int, parts: Sequence[str], columns: Sequence[str], until: date, totals: Totals) -> Arrived:
    totals.n += 1
    if totals.n > MOST_LINES:
        raise TooManyLines(most=MOST_LINES)
    if len(parts) != len(columns):
        totals.unread += 1
        return Arrived(no, plain(parts[0])[:LONGEST], "", "", 0, None, "columns")
    said = dict(zip(columns, parts, strict=True))
    fen, day = _amount(said["amount"], totals), _day(said["received_on"])
    payer = plain(said["payer"])[:LONGEST]
    state = ""
    if not re.fullmatch(REFERENCE, said["reference"]):
        state = "reference"
    elif not 0 < fen <= LARGEST:
        state = "amount"
    elif day is None or day > until:
        state = "day"
    return Arrived(no, plain(said["reference"])[:LONGEST], payer, _number(payer), fen, day, state)


def _amount(said: str, totals: Totals) -> int:
    """Fen; 0 where it is none that could be taken."""
    if not READABLE.fullmatch(said):
        totals.unread += 1
        return 0
    totals.yuan += Decimal(said)
    try:
        return Money.yuan(said).fen
    except ValueError:
        return 0


def _day(said: str) -> date | None:
    if re.fullmatch(r"[0-9]{8}", said):
        with suppress(ValueError):
            return date(int(said[:4]), int(said[4:6]), int(said[6:]))
    return None


def _number(payer: str) -> str:
    """A payer's number in the form that registers keep; 15 digits of an old card are brought to 18.

    >>> _number("91310000m000100y4d"), _number("110105491231002"), _number("某公司")
    ('91310000M000100Y4D', '11010519491231002X', '某公司')
    """
    if len(payer) == 15:
        with suppress(Wrong):
            return ident.citizen_number(payer)
    return payer.upper()


# ---- taking ----

STAGE = """
create temporary table arrived (
  no integer, reference text, payer text, number text, amount bigint, day date, state text,
  employer_id bigint, person_id bigint, receipt_id bigint
) on commit drop
"""
# nobody can say which of two lines is the right one
TWICE = """
update arrived set state = 'twice' where state not in ('columns', 'reference') and reference in (
  select reference from arrived where state not in ('columns', 'reference')
  group by reference having count(*) > 1)
"""
EMPLOYERS = "update arrived a set employer_id = e.id from registry.employer e where e.uscc = a.number"
PERSONS = """
update arrived a set person_id = p.id from registry.person p where p.ident = a.number and a.employer_id is null
"""
# the same line again is the same message again, whatever became of it; a mended line is new
UNDONE = """
update arrived a set state = 'undone'
from levy.receipt r where a.state = '' and r.channel = :channel and r.reference = a.reference
  and r.reversed_at is not null and r.amount = a.amount and r.received_on = a.day
  and (r.payer = a.payer or coalesce(a.employer_id, a.person_id) is null)
  and not exists (
    select from levy.receipt l
    where l.channel = :channel and l.reference = a.reference and l.reversed_at is null)
"""
TAKE = """
with fresh as (
  insert into levy.receipt (channel, reference, payer, employer_id, person_id, amount, unallocated, refunded,
    batches, received_on, file, taken_at)
  select :channel, reference, payer, employer_id, person_id, amount, amount, 0, '{}', day, :file,
    cast(:now as timestamptz)
  from arrived where state = '' order by no
  on conflict (channel, reference) where reversed_at is null do nothing
  returning id, reference, coalesce(employer_id, person_id) is null as waits
)
update arrived a set receipt_id = f.id, state = case when f.waits then 'waiting' else 'taken' end
from fresh f where f.reference = a.reference and a.state = ''
"""
# whose payer was unknown may have been found out since
EARLIER = """
update arrived a set state = case
  when r.amount = a.amount and r.received_on = a.day
    and (r.payer = a.payer or coalesce(a.employer_id, a.person_id) is null) then 'already' else 'other' end
from levy.receipt r where a.state = '' and r.channel = :channel and r.reference = a.reference
  and r.reversed_at is null
"""
COUNTED = "select state, count(*) as n, sum(amount)::bigint as fen from arrived group by state"
BAD_ONES = """
select state, count(*) as n, min(no) as no from arrived where state = any(cast(:bad as text[])) group by state
"""
TOLD = "select no, reference, state from arrived order by no"


def _stage(uow: Uow, lines: Iterator[Arrived]) -> int:
    """The lines into a table of this transaction's own; how many there are."""
    uow.session.execute(text(STAGE))
    raw: Any = uow.session.connection().connection.cursor()
    n = 0
    with raw, raw.copy("copy arrived (no, reference, payer, number, amount, day, state) from stdin") as copy:
        for line in lines:
            copy.write_row(line)
            n += 1
    uow.session.execute(text("analyze arrived"))
    return n


def _require_few_bad(uow: Uow) -> None:
    """Who gets such a file back mends it at its source, not a hundred thousand lines by hand."""
    rows = uow.session.execute(text(BAD_ONES), {"bad": list(BAD)}).all()
    if (n := sum(row.n for row in rows)) > MOST_BAD:
        first = min(rows, key=lambda row: row.no)
        raise TooManyBad(n=n, no=first.no, why=WORDS[first.state])


def _told(uow: Uow, language: str) -> Iterator[tuple[int, str, str]]:
    words = {state: translate(told, language) for state, told in WORDS.items()}
    rows = uow.session.execute(text(TOLD).execution_options(yield_per=10_000))
    return ((no, reference, words[state]) for no, reference, state in rows)


def _view(counted: Mapping[str, Row[Any]], kept: str) -> FileTaken:
    def n(*states: str) -> int:
        return sum(counted[state].n for state in states if state in counted)

    def fen(*states: str) -> int:
        return sum(counted[state].fen for state in states if state in counted)

    return FileTaken(
        lines=n(*counted),
        taken=n("taken", "waiting"),
        taken_fen=fen("taken", "waiting"),
        waiting=n("waiting"),
        waiting_fen=fen("waiting"),
        already=n("already"),
        already_fen=fen("already"),
        refused=n(*BAD),
        refused_fen=fen(*BAD),
        results=kept,
    )
