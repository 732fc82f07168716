"""Broken files: whatever comes by file is refused whole or line by line, with the line and the reason, changes
nothing it should not, and can be mended and sent again."""

from __future__ import annotations

import csv
import io
import resource
import time
import zipfile
from collections.abc import Callable, Mapping
from datetime import date

import pytest
from openpyxl import Workbook
from sqlalchemy import select, update

from backend.kernel import files
from backend.kernel.batch import each_line
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.errors import Refusal
from backend.kernel.items import find
from backend.kernel.sheets import NotSheet, SheetTooLarge, WrongHeadings
from backend.kernel.telling import said
from backend.kernel.text import NotTable, NotText, TooManyLines, rows_of
from backend.levy import service as levy
from backend.levy.filed import DeclareBases, TakeReceiptFile
from backend.levy.model import DeclaredBase, Receipt
from backend.levy.receiptfiles import NotFramed, TooManyBad, TotalsOff, WrongEncoding
from backend.payout import service as payout
from backend.payout.bankfiles import refusals
from backend.payout.model import BankLine
from backend.payout.schema import MakeBankFile, ReadBankFile
from backend.registry.model import BankAccount
from tests.backend.levy.town import SUN, WANG, ZHAO, a_town
from tests.backend.payout.city import a_retiree, fund
from tests.backend.people import USCC

MANY = 1_000_000
Told = Mapping[int, str]  # what is wrong with which line
Send = Callable[[bytes], Told]


def zipped(name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(made := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return made.getvalue()


BOMB = zipped("xl/worksheets/sheet1.xml", b" " * 8_000_000)


def outcome(send: Send, content: bytes) -> type[Refusal] | Told:
    """What it was refused whole with, or which of its lines were and why."""
    try:
        return send(content)
    except Refusal as refusal:
        return type(refusal)


def lines_of(run: Runner, kept: str, reason: int, good: frozenset[str]) -> Told:
    """Of a file of results: the lines that are not good."""
    text = run.system(files.fetch, kept).content.decode("utf-8-sig")
    return {int(row[0]): row[reason] for row in list(csv.reader(io.StringIO(text)))[1:] if row[2] not in good}


# ---- LEV-14: a day's money of a channel ----

RECEIPT = f"{{}}|{USCC}|某户|{{}}|20260805"
GOOD_DAY = (RECEIPT.format("B0001", "10.00"), RECEIPT.format("B0002", "20.00"))


def day(*lines: str, end: str = "T|2|30.00\n") -> bytes:
    return "\n".join(("H|bank|20260805", *lines, end)).encode("gb18030")


BROKEN_DAYS: Mapping[str, tuple[bytes, object]] = {
    "wrong encoding": (day(*GOOD_DAY).decode("gb18030").encode(), WrongEncoding),
    "two bytes a character": (day(*GOOD_DAY).decode("gb18030").encode("utf-16"), NotText),
    "cut in a character": (day(*GOOD_DAY).split("户".encode("gb18030"))[0] + b"\xbb", NotText),
    "cut after a line": (day(*GOOD_DAY, end=""), NotFramed),
    "too few by the totals": (day(*GOOD_DAY, end="T|3|30.00\n"), TotalsOff),
    "too much by the totals": (day(*GOOD_DAY, end="T|2|30.01\n"), TotalsOff),
    "a zip bomb": (BOMB, NotText),
    "a line without an end": (b"H|bank|20260805\n" + b"|" * 4_000_000, NotFramed),
    "a line twice": (
        day(GOOD_DAY[0], GOOD_DAY[0], GOOD_DAY[1], end="T|3|40.00\n"),
        {2: "同一流水号在文件里不止一行", 3: "同一流水号在文件里不止一行"},
    ),
    "a formula": (day(GOOD_DAY[0], RECEIPT.format("=1+B0002", "20.00")), {3: "流水号应该是"}),
}


@pytest.fixture
def receipts(run: Runner, clock: FixedClock) -> Send:
    a_town(run, clock)

    def send(content: bytes) -> Told:
        kept = run.system(files.keep, name="到账.txt", content=content)
        command = TakeReceiptFile(channel="bank", day=date(2026, 8, 5), file=kept.file)
        done = run.system(levy.take_file, command)
        good = frozenset({"已收，抵缴欠费", "已收，没有认出缴款人，记待转金", "以前收过，没有再收"})
        return lines_of(run, done.results, 2, good)

    return send


# ---- LEV-15: a company's bases ----

HEADS = ("公民身份号码", "从哪个月起", "上年度月平均工资（元）")
GOOD_BASES = ((WANG, "2026-08", "5000"), (ZHAO, "2026-08", "10000"), (SUN, "2026-08", "90000"))


def table(*rows: tuple[str, ...], encoding: str = "gb18030") -> bytes:
    return "".join(",".join(row) + "\n" for row in (HEADS, *rows)).encode(encoding)


def book(*rows: tuple[str, ...]) -> bytes:
    made = Workbook()
    for row in (HEADS, *rows):
        made.active.append(row)
    made.save(kept := io.BytesIO())
    return kept.getvalue()


def entities(content: bytes) -> bytes:
    """A workbook whose first sheet says one word a hundred million times, by what XML calls entities."""
    grow = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name.endswith("sheet1.xml"):
                text = f'<!DOCTYPE a [<!ENTITY a0 "1">{grow}]>' + text.replace("5000", "&a8;")
            new.writestr(name, text)
    return made.getvalue()


BROKEN_BASES: Mapping[str, tuple[bytes, object]] = {
    "two bytes a character": (table(*GOOD_BASES, encoding="utf-16"), NotText),
    "read as Big 5": (table(*GOOD_BASES).decode("gb18030").encode("big5", "replace"), WrongHeadings),
    "cut in its middle": (book(*GOOD_BASES)[:3_000], NotSheet),
    "a zip bomb": (BOMB, SheetTooLarge),
    "entities": (entities(book(*GOOD_BASES)), NotSheet),
    "a million lines": (table() + b"1,2,3\n" * MANY, TooManyLines),
    "one endless cell": (table() + b"1" * 2_000_000, NotTable),
    "a line twice": (book(*GOOD_BASES, GOOD_BASES[0]), {5: "第 2 行已经申报过一次"}),
    "a formula": (book(*GOOD_BASES[:2], (SUN, "2026-08", "=SUM(A1:A9)")), {4: "是公式"}),
    "cut in a line": (table(*GOOD_BASES)[: -len("2026-08,90000\n")], {4: "请填写“从哪个月起”"}),
}


@pytest.fixture
def bases(run: Runner, clock: FixedClock) -> Send:
    a_town(run, clock)

    def send(content: bytes) -> Told:
        kept = run.system(files.keep, name="申报.xlsx", content=content)
        done = run.system(levy.declare_bases, DeclareBases(uscc=USCC, file=kept.file))
        return lines_of(run, done.results, 3, frozenset({"受理"}))

    return send


# ---- 报盘: any item, here LEV-02 line by line ----

NAMES = ("uscc", "ident", "since", "wage_fen")
GOOD_LINES = tuple((USCC, number, "2026-08", "1000000") for number in (WANG, ZHAO, SUN))


def batch(*rows: tuple[str, ...], encoding: str = "utf-8") -> bytes:
    return "".join(",".join(row) + "\n" for row in (NAMES, *rows)).encode(encoding)


BROKEN_BATCHES: Mapping[str, tuple[bytes, object]] = {
    "two bytes a character": (batch(*GOOD_LINES, encoding="utf-16"), NotText),
    "a zip bomb": (BOMB, NotText),
    "a million lines": (batch() + b"1,2,3,4\n" * MANY, TooManyLines),
    "one endless cell": (batch() + b"1" * 2_000_000, NotTable),
    "cut in a line": (batch(*GOOD_LINES)[:-9], {3: "月平均工资"}),
    "a formula": (batch(*GOOD_LINES[:2], (USCC, SUN, "2026-08", "=1+1")), {3: "月平均工资"}),
}


@pytest.fixture
def lines(run: Runner, clock: FixedClock) -> Send:
    a_town(run, clock)

    def send(content: bytes) -> Told:
        done = each_line(run.system, find("LEV-02"), rows_of(content), key=str(hash(content)))
        return {line.no: said(line.told, "zh-CN") for line in done if not line.ok}

    return send


# ---- PAY-03: what a bank answers ----

BROKEN_ANSWERS: Mapping[str, tuple[str | bytes, object]] = {
    "two bytes a character": ("{key},3847.52,0000\nT,{file},1,3847.52\n".encode("utf-16"), NotText),
    "a zip bomb": (BOMB, NotText),
    "cut before its end": ("{key},3847.52,0000\n", refusals.MarkMissing),
    "too few by the totals": ("{key},3847.52,0000\nT,{file},2,3847.52\n", refusals.TotalsDiffer),
    "a line twice": ("{key},3847.52,0000\n{key},3847.52,0000\nT,{file},2,7695.04\n", refusals.LineTwice),
    "a formula": ("{key},3847.52,9999,=1+1\nT,{file},1,3847.52\n", refusals.FormulaCell),
    "another amount": ("{key},3847.53,0000\nT,{file},1,3847.52\n", refusals.AmountDiffers),
}
GOOD_ANSWER = "{key},3847.52,0000\nT,{file},1,3847.52\n"


def test_a_days_receipts(run: Runner, receipts: Send) -> None:
    told(receipts, BROKEN_DAYS)
    assert receipts(day(*GOOD_DAY)) == {}, "mended, it is taken; what was good before is not taken again"
    amounts = run.system(lambda uow: [one.fen for one in uow.session.scalars(select(Receipt.amount))])
    assert sorted(amounts) == [1_000, 2_000]


def test_a_companys_bases(run: Runner, bases: Send) -> None:
    told(bases, BROKEN_BASES)
    assert bases(book(*GOOD_BASES)) == {}
    wages = run.system(lambda uow: [one.fen for one in uow.session.scalars(select(DeclaredBase.wage))])
    assert sorted(wages) == [500_000, 1_000_000, 9_000_000]


def test_a_batch_of_commands(run: Runner, lines: Send) -> None:
    told(lines, BROKEN_BATCHES)
    assert lines(batch(*GOOD_LINES)) == {}
    wages = run.system(lambda uow: [one.fen for one in uow.session.scalars(select(DeclaredBase.wage))])
    assert wages == [1_000_000] * 3


def told(send: Send, broken: Mapping[str, tuple[bytes, object]]) -> None:
    for name, (content, expected) in broken.items():
        found = outcome(send, content)
        if isinstance(expected, dict):
            assert isinstance(found, dict), name
            assert found.keys() == expected.keys(), (name, found)
            assert all(reason in found[no] for no, reason in expected.items()), (name, found)
        else:
            assert found is expected, (name, found)


def test_what_a_bank_answers(run: Runner) -> None:
    """Whole or not at all: nobody knows which of two answers was meant."""
    fund(run)
    a_retiree(run)
    run.system(lambda uow: uow.session.execute(update(BankAccount).values(standing=True)))
    made = run.system(lambda uow: payout.listed(uow, payout.AskBatches())).batches[0]
    sent = run.system(payout.make_bank_file, MakeBankFile(batch=made.batch, profile="counted"))
    key = run.system(lambda uow: uow.session.scalars(select(BankLine.end_to_end)).one())

    def send(content: bytes) -> Told:
        kept = run.system(files.keep, name="回盘.txt", content=content)
        read = run.system(payout.read_bank_file, ReadBankFile(file=sent.file, returned=kept.file))
        assert read.paid == 1
        return {}

    for name, (content, expected) in BROKEN_ANSWERS.items():
        given = content if isinstance(content, bytes) else content.format(key=key, file=sent.file).encode()
        assert outcome(send, given) is expected, name
    assert send(GOOD_ANSWER.format(key=key, file=sent.file).encode()) == {}


@pytest.mark.slow
def test_a_million_bad_lines_are_refused_in_bounded_time_and_memory(receipts: Send) -> None:
    """Bad by their number, and because each says the same: none is taken, the first is named."""
    before_mb = peak_mb()
    started = time.monotonic()
    for line, yuan in ((RECEIPT.format("x", "1.00"), MANY), (GOOD_DAY[0], 10 * MANY)):
        with pytest.raises(TooManyBad, match="有 1000000 行不对，第一处在第 2 行"):
            receipts(day(*[line] * MANY, end=f"T|{MANY}|{yuan}.00\n"))
    assert time.monotonic() - started < 600
    assert peak_mb() - before_mb < 600


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
