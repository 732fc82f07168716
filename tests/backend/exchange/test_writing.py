"""Files are written piece by piece: escaped, split where they may grow no more, and nothing unfit goes in."""

from __future__ import annotations

import hashlib
import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from backend.exchange.reading import NotInterface, records
from backend.exchange.schemas import schemas
from backend.exchange.standard import NAMESPACE, Element, files, tables
from backend.exchange.values import NOT_XML, Value
from backend.exchange.writing import FileWriter, Unfit
from backend.kernel.money import Money
from backend.kernel.period import Month
from tests.backend.exchange.memory import Memory
from tests.backend.exchange.printed import ROOTS, changed, document, sample

BOOKS, CHART = files()[8], tables()[18]
ACCOUNT: dict[str, Value] = {"EAD004": "1002", "EAD006": "收入户存款", "EAD011": "借", "AAD081": 2026}


def written(
    values: dict[str, Value], times: int = 1, largest: int | None = None
) -> tuple[Memory, FileWriter]:
    memory = Memory()
    with FileWriter(BOOKS, memory, largest) as writer:
        for _ in range(times):
            writer.write(CHART, values)
    return memory, writer


def test_a_file_that_nothing_is_written_to_is_none() -> None:
    memory, writer = written(ACCOUNT, times=0)
    assert (memory.contents, writer.parts) == ({}, [])


def test_a_part_is_told_with_its_size_its_hash_and_its_records() -> None:
    memory, writer = written(ACCOUNT, times=1_201)
    (part,) = writer.parts
    content = memory.contents["财务信息.xml"]
    assert (part.name, part.kept, part.records) == ("财务信息.xml", "kept/财务信息.xml", 1_201)
    assert (part.size, part.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert writer.tallies[18].records == 1_201


def test_what_may_grow_no_more_goes_on_in_another_file() -> None:
    memory, writer = written(ACCOUNT, times=1_400, largest=100_000)
    assert list(memory.contents) == ["财务信息.xml", "财务信息-2.xml", "财务信息-3.xml"]
    assert sum(part.records for part in writer.parts) == 1_400
    read = [one for name, content in memory.contents.items() for one in records(io.BytesIO(content), name)]
    assert len(read) == 1_400


def test_an_error_on_the_way_leaves_no_file_that_looks_whole() -> None:
    memory = Memory()

    def write() -> None:
        with FileWriter(BOOKS, memory) as writer:
            writer.write(CHART, ACCOUNT)
            writer.write(CHART, ACCOUNT | {"EAD011": "借方和贷方"})

    with pytest.raises(Unfit, match="第 2 条"):
        write()
    assert memory.contents == {}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"EAD006": "存款\x00"}, "会计科目表第 1 条的“科目名称”里有看不见的控制字符"),
        ({"EAD006": "长" * 65}, "会计科目表第 1 条的“科目名称”长度不符合标准"),
        ({"AAB301": "319999"}, "会计科目表第 1 条的“行政区划代码”代码不在标准的代码表里"),
        ({"AAD081": 20260}, "会计科目表第 1 条的“会计年度”长度不符合标准"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(changes: dict[str, Value], said: str) -> None:
    with pytest.raises(Unfit, match=said):
        written(ACCOUNT | changes)


def test_totals_are_of_what_flows_and_not_of_what_stands() -> None:
    with FileWriter(BOOKS, Memory()) as writer:
        for fen in (100, 250):
            line = {
                "EAD011": "借",
                "AAD087": Money(1),
                "AAD088": Money(fen),
                "AAD089": Money(0),
                "AAD092": Money(1 + fen),
            }
            writer.write(tables()[19], line)
    assert dict(writer.tallies[19].fen) == {"本期借方发生额": 350, "本期贷方发生额": 0}


TEXT = st.text(st.characters(exclude_categories=["Cs"]).filter(lambda c: not NOT_XML.match(c)), max_size=64)


@given(TEXT)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    """Rare names, markup, blanks: GB 18030 has every character of Unicode."""
    memory, _ = written(ACCOUNT | {"EAD006": text})
    (read,) = records(io.BytesIO(memory.contents["财务信息.xml"]), "财务信息.xml")
    assert read.typed()["EAD006"] == (text or None)


def example(element: Element) -> Value:
    if element.kind == "whole":
        return 10**element.length - 1
    if element.kind == "decimal":
        return Money(10**12 - 1) if element.places == 2 else None
    if element.coded:
        return {"ZZZ002": "310000", "AAB301": "310000", "OAA027": "320500"}.get(element.code)
    times = {"span": "2026010120261231", "day": date(2026, 2, 28), "month": Month(2026, 2), "year": 2026}
    return times[element.written] if element.written else "䶮" * element.length


@pytest.mark.parametrize("number", tables())
def test_records_come_back_typed(number: int) -> None:
    """Every element of every table filled to its length, where no sum binds it."""
    table = tables()[number]
    summed = {code for one in table.adds_up for code in (one.total, *(code for _, code in one.terms))}
    values = {one.code: None if one.code in summed | {"EAD011"} else example(one) for one in table.elements}
    memory = Memory()
    file = next(one for one in files() if table in one.tables)
    with FileWriter(file, memory) as writer:
        writer.write(table, values)
    (read,) = records(io.BytesIO(memory.contents[f"{file.name}.xml"]), "x")
    assert read.table is table
    assert read.typed() == values


def home(folder: Path) -> Path:
    for name, text in schemas().items():
        (folder / name).write_bytes(text.encode("gb18030"))
    return folder


@pytest.mark.parametrize("root", ROOTS)
def test_a_validating_parser_accepts_what_we_write(root: str, tmp_path: Path) -> None:
    """Another reader, with the schemas of appendix A, that knows nothing of ours."""
    memory, file = Memory(), next(one for one in files() if one.name == root)
    with FileWriter(file, memory) as writer:
        for table in file.tables:
            for values in (
                {},
                {one.code: example(one) for one in table.elements if one.kind != "decimal"},
            ):
                needed = {one.code: example(one) for one in table.elements if one.required}
                writer.write(table, needed | values)
    schema = etree.XMLSchema(etree.parse(str(home(tmp_path) / f"{root}.xsd")))
    read = etree.fromstring(memory.contents[f"{root}.xml"])
    schema.assertValid(read)
    assert read.tag == f"{{{NAMESPACE}}}{root}"


@pytest.mark.parametrize(
    ("name", "text"), [("期末余额", "1,010.00"), ("会计年度", "20180"), ("余额方向", "借方或贷方")]
)
def test_the_schema_rejects_what_the_standard_does(name: str, text: str, tmp_path: Path) -> None:
    schema = etree.XMLSchema(etree.parse(str(home(tmp_path) / "财务信息.xsd")))
    right = document("财务信息", {19: sample(19)}).encode("gb18030")
    wrong = document("财务信息", {19: changed(sample(19), name, text)}).encode("gb18030")
    assert schema.validate(etree.fromstring(right))
    assert not schema.validate(etree.fromstring(wrong))


GOOD = document("财务信息", {18: sample(18)})
DOCTYPE = '<!DOCTYPE 财务信息 [<!ENTITY a "aaaa">]>\n'


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (GOOD.replace("?>\n", f"?>\n{DOCTYPE}", 1).encode("gb18030"), "声明"),
        (GOOD[:-20].encode("gb18030"), "完整"),
        (b"", "完整"),
        (GOOD.encode("gb18030").replace("银行".encode("gb18030"), b"\xff\xff"), "编码"),
        (GOOD.replace("GB18030", "Big5").encode("big5", "replace"), "编码 big5"),
        (GOOD.replace("/2019/", "/2020/").encode("gb18030"), "命名空间"),
        (GOOD.replace("财务信息", "账务信息").encode("gb18030"), "没有叫“账务信息”的文件"),
        (GOOD.replace("会计科目表", "会计账目表").encode("gb18030"), "没有叫“会计账目表”的表"),
        (GOOD.replace("<账套号>", "<账套号><b/>").encode("gb18030"), "还有“b”"),
    ],
    ids=["document type", "cut", "empty", "bytes", "encoding", "namespace", "root", "table", "deeper"],
)
def test_another_document_is_refused_with_a_reason(content: bytes, why: str) -> None:
    with pytest.raises(NotInterface, match=why) as refused:
        list(records(io.BytesIO(content), "财务信息.xml"))
    assert "“财务信息.xml”" in refused.value.message


def test_a_large_file_is_read_in_pieces() -> None:
    memory, _ = written(ACCOUNT, times=5_000)
    content = io.BytesIO(memory.contents["财务信息.xml"])
    first = next(records(content, "x"))
    assert first.typed()["EAD004"] == "1002"
    assert content.tell() < len(content.getvalue()) / 10
