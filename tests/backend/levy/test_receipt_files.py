"""Files of receipts: whole or not at all, then line by line; the same file again changes nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from backend.kernel import files
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.pooling import BeyondReach
from backend.kernel.text import NotText, TooManyLines
from backend.levy import receiptfiles
from backend.levy import service as levy
from backend.levy.filed import FileTaken, TakeReceiptFile
from backend.levy.receiptfiles import NotFramed, OtherFile, TotalsOff, WrongEncoding
from backend.levy.receiving import ReceivedAhead
from backend.levy.schema import AskPersonBills, ChooseBase, ReverseReceipt
from tests.backend.levy.town import (
    DUES,
    WHOLE,
    ZHAO,
    a_town,
    at,
    bill,
    carried_out,
    contributions,
    declare_all,
    flexible,
    owed,
    receive,
    sound,
)
from tests.backend.people import USCC, ZHANG, officer

LATE = 15  # days from 25 August to 9 September


@pytest.fixture
def billed(run: Runner, clock: FixedClock) -> None:
    """The employer's three and a flexible worker, who owes 2,000 yuan; it is the ninth of September."""
    a_town(run, clock)
    declare_all(run)
    flexible(run, ZHANG)
    run.system(levy.choose_base, ChooseBase(ident=ZHANG, since="2026-08", base_fen=1_000_000))
    bill(run)
    at(clock, 2026, 9, 9)


def line(reference: str, payer: str, yuan: str, day: str = "20260909") -> str:
    return f"{reference}|{payer}|某户|{yuan}|{day}"


def written(
    *lines: str, n: int | None = None, yuan: str = "", head: str = "H|bank|20260909", end: str = "T"
) -> bytes:
    fen = sum(round(float(one.split("|")[3]) * 100) for one in lines) if not yuan else 0
    said = yuan or f"{fen // 100}.{fen % 100:02d}"
    counted = len(lines) if n is None else n
    return "\n".join((head, *lines, f"{end}|{counted}|{said}", "")).encode("gb18030")


def take(run: Runner, content: bytes, **changed: Any) -> FileTaken:
    kept = run.system(files.keep, name="到账.txt", content=content)
    given = {"channel": "bank", "day": date(2026, 9, 9), "file": kept.file}
    return run.system(levy.take_file, TakeReceiptFile.model_validate(given | changed))


def told(run: Runner, done: FileTaken) -> Sequence[list[str]]:
    content = run.system(files.fetch, done.results).content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content)))


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def test_a_file_does_what_its_receipts_would_have_done_one_by_one(run: Runner, billed: None) -> None:
    """Two receipts of the employer, late: the second pays the rest, then the fees of both; the rest waits."""
    done = take(
        run,
        written(
            line("B0001", USCC, yuan(WHOLE - 5)),
            line("B0002", USCC, "50000.00"),
            line("B0003", ZHANG, "1000.00", "20260820"),
            line("B0004", "某某公司", "7.00"),
        ),
    )
    assert (done.lines, done.taken, done.waiting, done.already, done.refused) == (4, 4, 1, 0, 0)
    assert (done.taken_fen, done.waiting_fen) == (WHOLE - 5 + 5_000_000 + 100_000 + 700, 700)
    fees = sum((2 * fen * LATE * 500 + 1_000_000) // 2_000_000 for fen in DUES.values())
    seen = owed(run)
    assert seen.owed_fen == 0
    assert abs(5_000_000 - 5 - fees - seen.unallocated_fen) <= 1, "a part of a fen may round either way"
    assert run.system(levy.of_person, AskPersonBills(ident=ZHANG)).owed_fen == 100_000
    assert contributions(run, ZHAO) == [("2026-08", 1_000_000, 80_000)]
    assert contributions(run, ZHANG) == []
    assert told(run, done) == [
        ["行号", "流水号", "结果"],
        ["2", "B0001", "已收，抵缴欠费"],
        ["3", "B0002", "已收，抵缴欠费"],
        ["4", "B0003", "已收，抵缴欠费"],
        ["5", "B0004", "已收，没有认出缴款人，记待转金"],
    ]
    sound(run)


def test_the_same_file_again_changes_nothing_and_one_with_more_takes_what_is_new(
    run: Runner, billed: None
) -> None:
    first = line("B0001", USCC, "100.00")
    take(run, written(first))
    before = owed(run)
    again = take(run, written(first))
    assert (again.taken, again.already, again.already_fen) == (0, 1, 10_000)
    assert owed(run) == before
    more = take(run, written(first, line("B0002", USCC, "1.00")))
    assert (more.taken, more.already) == (1, 1)
    assert owed(run).owed_fen < before.owed_fen
    sound(run)


def test_each_line_is_refused_alone_and_the_mended_file_can_be_sent_again(run: Runner, billed: None) -> None:
    receive(run, "B0009", 100)
    wrong = (
        line("B0001", USCC, "10.00"),
        line("B1", USCC, "1.00"),
        line("B0002", USCC, "0.00"),
        line("B0003", USCC, "-1.00"),
        line("B0004", USCC, "1.001"),
        line("B0005", USCC, "1.00", "20260910"),
        line("B0006", USCC, "1.00", "20260231"),
        line("B0007", USCC, "1.00"),
        line("B0007", USCC, "2.00"),
        line("B0009", USCC, "2.00"),
        line("=B+1", USCC, "2.00"),
    )
    done = take(run, written(*wrong, yuan="20.001"))
    assert (done.taken, done.taken_fen, done.refused) == (1, 1_000, 10)
    results = {int(no): result for no, _, result in told(run, done)[1:]}
    expected = ("taken", "reference", "amount", "amount", "amount", "day", "day", "twice", "twice", "other")
    assert [results[no] for no in range(2, 12)] == [receiptfiles.WORDS[state] for state in expected]
    assert told(run, done)[11][1] == "'=B+1"
    mended = take(run, written(wrong[0], line("B0002", USCC, "3.00"), line("B0007", USCC, "2.00")))
    assert (mended.taken, mended.already, mended.refused) == (2, 1, 0)
    sound(run)


def test_where_an_amount_cannot_be_read_the_others_come_to_less_than_the_whole(
    run: Runner, billed: None
) -> None:
    unread = "B0002|" + USCC
    frame = "H|bank|20260909\n{}\n{}\nT|2|{}".format
    done = take(run, frame(line("B0001", USCC, "10.00"), unread, "11.00").encode("gb18030"))
    assert (done.taken, done.refused) == (1, 1)
    assert told(run, done)[2] == ["3", "B0002", receiptfiles.WORDS["columns"]]
    with pytest.raises(TotalsOff):
        take(run, frame(line("B0003", USCC, "10.00"), unread, "10.00").encode("gb18030"))


def test_a_file_that_is_not_what_was_sent_is_refused_whole(
    run: Runner, billed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = line("B0001", USCC, "10.00")
    text = written(good).decode("gb18030")
    for refusal, content in (
        (WrongEncoding, text.encode()),
        (WrongEncoding, text.encode("utf-8-sig")),
        (NotText, text.encode("utf-16")),
        (NotText, written(good) + b"\xff\xff"),
        (NotFramed, written(good).rsplit(b"T", 1)[0]),
        (NotFramed, written(good) + good.encode("gb18030")),
        (NotFramed, written(good, head="bank")),
        (NotFramed, written(good, head="H|post|20260909")),
        (NotFramed, written(good, yuan="一百")),
        (NotFramed, b"\x89PNG"),
        (TotalsOff, written(good, n=2)),
        (TotalsOff, written(good, yuan="10.01")),
        (OtherFile, written(good, head="H|tax|20260909")),
        (OtherFile, written(good, head="H|bank|20260908")),
    ):
        with pytest.raises(refusal):
            take(run, content)
    with pytest.raises(ReceivedAhead):
        take(run, written(good, head="H|bank|20260910"), day=date(2026, 9, 10))
    monkeypatch.setattr(receiptfiles, "MOST_LINES", 1)
    with pytest.raises(TooManyLines):
        take(run, written(good, line("B0002", USCC, "1.00")))
    assert owed(run).owed_fen == WHOLE


def test_each_channel_has_its_own_columns(run: Runner, billed: None) -> None:
    content = f"H|tax|20260909\nT-001|{USCC.lower()}|20260909|10.00\nT|1|10.00\n".encode("gb18030")
    assert take(run, content, channel="tax").taken == 1
    content = f"H|treasury|20260909\r\n20260909|G-001|{USCC}|10.00|1020101\r\nT|1|10.00\r\n".encode("gb18030")
    assert take(run, content, channel="treasury").waiting == 0
    assert owed(run).unallocated_fen == 0
    sound(run)


def test_a_receipt_of_a_file_is_reversed_alone(run: Runner, billed: None) -> None:
    take(run, written(line("B0001", USCC, yuan(WHOLE)), line("B0002", ZHANG, "2000.00")))
    carried_out(run, "LEV-07", ReverseReceipt(channel="bank", reference="B0001", reason="银行退回"))
    assert owed(run).owed_fen == WHOLE
    assert contributions(run, ZHAO) == []
    assert contributions(run, ZHANG) == [("2026-08", 1_000_000, 80_000)]
    sound(run)


def test_an_officer_of_a_district_is_refused(run: Runner, billed: None) -> None:
    with pytest.raises(BeyondReach):
        run.by(officer(area="310115"))(
            levy.take_file, TakeReceiptFile(channel="bank", day=date(2026, 9, 9), file="x" * 22)
        )


def test_a_reversed_line_does_not_come_back_with_its_file_but_a_mended_one_is_taken(
    run: Runner, billed: None
) -> None:
    wrong = line("B0001", "某某公司", "100.00")
    take(run, written(wrong))
    carried_out(run, "LEV-07", ReverseReceipt(channel="bank", reference="B0001", reason="户名写错"))
    again = take(run, written(wrong))
    assert (again.taken, again.refused, again.refused_fen) == (0, 1, 10_000)
    assert "收过又冲正了" in told(run, again)[1][2]
    mended = take(run, written(line("B0001", USCC, "100.00")))
    assert (mended.taken, mended.waiting) == (1, 0)
    later = take(run, written(wrong))
    assert (later.taken, later.already) == (0, 1), "its payer has been found out since"
    sound(run)
