"""Bases by spreadsheet: xlsx and CSV, every line by the rules of LEV-02, tried or done, nothing that harms."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
from openpyxl import Workbook

from backend.kernel import files, items
from backend.kernel.actor import Actor, Kind
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.ident import check_character
from backend.kernel.sheets import NotSheet, SheetTooLarge, WrongHeadings
from backend.kernel.text import TooManyLines
from backend.levy import basefiles
from backend.levy import service as levy
from backend.levy.basefiles import NoLines
from backend.levy.filed import BasesDeclared, DeclareBases
from backend.levy.model import DeclaredBase
from tests.backend.levy.town import LOW, SUN, WANG, WHOLE, ZHAO, a_town, bill, declare
from tests.backend.people import USCC, ZHANG, a_person, officer

NOBODY = "31010119500101001" + check_character("31010119500101001")
HEADS = ("公民身份号码", "从哪个月起", "上年度月平均工资（元）")


def sheet(*rows: Sequence[Any], heads: Sequence[str] = HEADS) -> bytes:
    book = Workbook()
    for row in (heads, *rows):
        book.active.append(row)
    book.save(made := io.BytesIO())
    return made.getvalue()


def text(*rows: Sequence[Any], heads: Sequence[str] = HEADS) -> bytes:
    return "\n".join(",".join(map(str, row)) for row in (heads, *rows)).encode("gb18030")


def hand_in(run: Runner, content: bytes, **more: Any) -> BasesDeclared:
    kept = run(files.keep, name="申报.xlsx", content=content)
    return run(levy.declare_bases, DeclareBases(uscc=USCC, file=kept.file, **more))


def told(run: Runner, done: BasesDeclared) -> list[list[str]]:
    content = run(files.fetch, done.results).content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content)))


EVERYBODY = ((WANG, "2026-08", 5000), (ZHAO, "2026-08", "10000.00"), (SUN, "2026-08", 90000.0))


@pytest.mark.parametrize("write", [sheet, text])
def test_a_table_declares_everybody_as_one_by_one_would(run: Runner, clock: FixedClock, write: Any) -> None:
    a_town(run, clock)
    done = hand_in(run, write(*EVERYBODY))
    assert (done.lines, done.accepted, done.refused, done.dry) == (3, 3, 0, False)
    assert told(run, done)[:2] == [["行号", "公民身份号码", "结果", "说明"], ["2", WANG, "受理", "已办理"]]
    assert hand_in(run, write(*EVERYBODY)).accepted == 3, "said again it replaces itself"
    assert bill(run).total_fen == WHOLE


def test_a_dry_run_tells_the_same_and_changes_nothing(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    done = hand_in(run, sheet(*EVERYBODY, ("123", "2026-08", 1)), dry=True)
    assert (done.accepted, done.refused) == (3, 1)
    assert told(run, done)[1] == ["2", WANG, "受理", "可以办理"]
    assert run.system(lambda uow: uow.session.query(DeclaredBase).count()) == 0


def test_each_line_is_refused_alone_with_the_sentence_of_the_counter(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    a_person(run, ZHANG)
    declare(run, WANG, LOW)
    bill(run)
    content = sheet(
        (ZHAO, "2026-08", 10000),
        (WANG, "2026-08", 10000),
        (ZHANG, "2026-08", 10000),
        (NOBODY, "2026-08", 10000),
        (int(SUN), "2026-08", 10000),
        (SUN, "八月", 10000),
        (SUN, "2026-08", "一万"),
        (SUN, "2026-08", None),
        (SUN, "2026-08", -5),
        (SUN, "2026-08", "=1+1"),
        (),
        (ZHAO, "2026-08", 9000),
    )
    done = hand_in(run, content)
    assert (done.lines, done.accepted, done.refused) == (11, 1, 10)
    lines = {int(line[0]): line[3] for line in told(run, done)[1:]}
    assert lines[2] == "已办理"
    assert "2026-08 的应缴已经核定" in lines[3]
    assert "没有在这里参保" in lines[4]
    assert "证件号码" in lines[5]
    assert "号码应该是 18 位" in lines[6]
    assert "请写成年-月" in lines[7]
    assert "以元为单位" in lines[8]
    assert "请填写" in lines[9]
    assert "要大于 0" in lines[10]
    assert "是公式" in lines[11]
    assert "第 2 行" in lines[13]


def test_the_sentences_are_in_the_language_asked_for(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    seen = told(run, hand_in(run, sheet(*EVERYBODY, ("=1", "2026-08", 1)), language="en"))
    assert seen[0] == ["Line", "Citizen identity number", "Result", "Note"]
    assert seen[1][2:] == ["Accepted", "Done"]
    assert not any("\u4e00" <= character <= "\u9fff" for line in seen for cell in line for character in cell)
    assert seen[4][1] == "'=1", "no cell of the result is a formula"


def test_an_employer_hands_in_for_itself_only(run: Runner, clock: FixedClock) -> None:
    boss = a_town(run, clock)
    mine = run.by(Actor(Kind.EMPLOYER, "employer:1", subject=USCC, subject_id=boss))
    kept = mine(files.keep, name="a.xlsx", content=sheet(*EVERYBODY))
    item = items.find("LEV-15")
    done = items.perform(mine, item, DeclareBases(uscc=USCC, file=kept.file))
    assert isinstance(done, BasesDeclared)
    assert done.accepted == 3
    other = DeclareBases(uscc="91350100M000100Y43", file=kept.file)
    with pytest.raises(items.NotYours):
        items.perform(mine, item, other)
    with pytest.raises(Exception, match="这个文件"):
        items.perform(run.by(officer()), item, DeclareBases(uscc=USCC, file=kept.file))


def test_a_month_that_became_a_date_is_a_month(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    assert hand_in(run, sheet((WANG, clock.now().replace(day=1, tzinfo=None), 5000))).accepted == 1


def test_wrong_headings_are_told_with_the_right_ones(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    for heads in (("身份证", *HEADS[1:]), (*HEADS, HEADS[0])):
        with pytest.raises(WrongHeadings, match="公民身份号码、从哪个月起、上年度月平均工资（元）"):
            hand_in(run, sheet((WANG, "2026-08", 1, ""), heads=heads))
    turned = sheet((LOW // 100, "王", "2026-08", WANG), heads=("wage", "姓名", "since", "ident"))
    assert hand_in(run, turned).accepted == 1


def test_what_is_no_table_of_ours_is_refused_whole(
    run: Runner, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_town(run, clock)
    with pytest.raises(NoLines):
        hand_in(run, sheet())
    with pytest.raises(NotSheet):
        hand_in(run, b"PK\x03\x04 no zip")
    with pytest.raises(NotSheet):
        hand_in(run, zipped("hello.txt", b"hello"))
    with pytest.raises(SheetTooLarge):
        hand_in(run, zipped("xl/worksheets/sheet1.xml", b" " * 8_000_000))
    monkeypatch.setattr(basefiles, "MOST_LINES", 2)
    with pytest.raises(TooManyLines):
        hand_in(run, sheet(*EVERYBODY))


def zipped(name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(made := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return made.getvalue()
