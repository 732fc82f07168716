"""The instances of appendix B: our reader reads them, our writer writes them, the check finds their misprints."""

from __future__ import annotations

import io

import pytest

from backend.exchange.checking import Breach, Kind, breaches
from backend.exchange.reading import Record, records
from backend.exchange.standard import elements, files, tables
from backend.exchange.values import Unwritten, text_of, value_of
from backend.exchange.writing import FileWriter
from tests.backend.exchange.memory import Memory
from tests.backend.exchange.printed import NAMES, ROOTS, Fields, changed, document, sample

# what the standard prints against its own forms, besides the stars that mask birthdays
MISPRINTS = {
    4: [Breach(Kind.LENGTH, "首次参保年月", "19920701")],
    15: [Breach(Kind.LENGTH, "首次参保年月", "19930101")],
    17: [Breach(Kind.LENGTH, "基金列支类型代码", "110100")],
    19: [Breach(Kind.SUM, "期末余额", "1010.00")],
}
RIGHT = {"首次参保年月": "199207", "基金列支类型代码": "1101", "期末余额": "101000.00"}
BIRTHDAYS = {"出生日期": "19700101", "参加工作日期": "19900701"}


def corrected(number: int) -> Fields:
    fields = sample(number)
    for name, text in (RIGHT | BIRTHDAYS).items():
        fields = changed(fields, name, text)
    return fields


@pytest.mark.parametrize("number", NAMES)
def test_the_check_finds_what_is_misprinted_and_nothing_else(number: int) -> None:
    found = [one for one in breaches(tables()[number], sample(number)) if one.name not in BIRTHDAYS]
    assert found == MISPRINTS.get(number, [])
    assert list(breaches(tables()[number], corrected(number))) == []


def test_an_account_book_that_does_not_add_up_is_found_on_either_side() -> None:
    table, right = tables()[19], corrected(19)
    assert list(breaches(table, changed(right, "余额方向", "贷"))) == [
        Breach(Kind.SUM, "期末余额", "101000.00")
    ]
    credit = changed(changed(right, "余额方向", "贷方"), "期末余额", "99000.00")
    assert list(breaches(table, credit)) == []


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("encoding", ["GB18030", "GB 18030", "utf-8"])
def test_the_reader_reads_them(root: str, encoding: str) -> None:
    """The blank in “GB 18030” is the standard's own."""
    printed = {number: sample(number) for number in ROOTS[root]}
    content = document(root, printed, encoding).encode(encoding.replace(" ", ""))
    read = list(records(io.BytesIO(content), f"{root}.xml"))
    assert [(one.table.number, one.fields) for one in read] == list(printed.items())


@pytest.mark.parametrize("root", ROOTS)
def test_the_writer_writes_them_as_they_are_printed(root: str) -> None:
    """Typed by the reader, written by the writer: the same document, but for the misprints."""
    memory = Memory()
    file = next(one for one in files() if one.name == root)
    printed = {number: corrected(number) for number in ROOTS[root]}
    with FileWriter(file, memory) as writer:
        for number, fields in printed.items():
            table = tables()[number]
            writer.write(table, Record(table, fields).typed())
    assert memory.texts == {f"{root}.xml": document(root, printed)}


@pytest.mark.parametrize("number", NAMES)
def test_a_text_read_and_written_again_is_the_same(number: int) -> None:
    by_name = {one.name: one for one in tables()[number].elements}
    for name, text in corrected(number):
        assert text_of(by_name[name], value_of(by_name[name], text)) == text, name


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("AAE138", "20180230"),
        ("AAE138", "２０１８０１０１"),
        ("AAE003", "201813"),
        ("AAE001", "20x8"),
        ("ZZZ001", "2018123120180101"),
        ("AAB119", "1.0"),
        ("AAE058", "9,900.00"),
        ("AAE058", "1e3"),
        ("AAE058", "0.001"),
        ("AAC003", "李\x07"),
    ],
)
def test_what_is_not_of_its_form_is_not_read(code: str, text: str) -> None:
    with pytest.raises(Unwritten):
        value_of(elements()[code], text)
