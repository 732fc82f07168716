"""Documents: what stands on the paper and in the workbook is what was written, rare characters and all."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pypdf
import pytest

from backend.kernel.documents import FONT, Column, Document, Grid, paper, pdf, xlsx
from backend.kernel.documents.paper import FontMissing

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
COLUMNS = (Column("姓名"), Column("人数", "number"), Column("金额", "fen"))
FORMULA = '=HYPERLINK("http://example.cn")'


def a_document(*rows: tuple[str | int | None, ...], grids: int = 1) -> Document:
    grid = Grid("名单", COLUMNS, rows or (("张䶮𬭎", 1234, 123456), ("合计", None, -5)), frozenset({1}))
    return Document("领取名单", (("统筹区", "上海市"), ("", "示例")), (grid,) * grids, ("制表：",))


def read(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def sheets(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_the_paper_says_what_was_written() -> None:
    told = read(pdf(a_document(), AT))
    assert "领取名单" in told
    assert "统筹区：上海市" in told
    assert "张䶮𬭎 1,234 1,234.56" in told
    assert "-0.05" in told
    assert "制表：" in told
    assert "1 / 1" in told


def test_english_on_paper_is_not_cut_within_a_word_and_has_its_own_marks() -> None:
    long = "Basic pension insurance for enterprise employees"
    grid = Grid(
        "", (Column("Insurance"), *(Column(f"Amount {n}", "fen") for n in range(6))), ((long, *range(6)),)
    )
    told = read(pdf(Document("Statement", (("Name", "王五"),), (grid,), language="en"), AT))
    assert "Name: 王五" in told
    assert " ".join(told.split()).count(long) == 1


def test_the_paper_carries_only_the_characters_it_uses() -> None:
    content = pdf(a_document(), AT)
    assert len(content) < 60_000 < FONT.stat().st_size
    fonts = pypdf.PdfReader(io.BytesIO(content)).pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    [font] = [one.get_object() for one in fonts.values()]
    assert "+NotoSansSC" in font["/BaseFont"]


def test_a_long_table_has_its_heading_on_every_page() -> None:
    content = pdf(a_document(*((f"第{no}人", no, no) for no in range(100))), AT)
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    assert len(pages) > 2
    assert all("姓名" in page.extract_text() for page in pages)
    assert f"{len(pages)} / {len(pages)}" in pages[-1].extract_text()


def test_a_wide_table_lies_across_the_page() -> None:
    wide = Document("宽", (), (Grid("", COLUMNS * 2, (("甲", 1, 2) * 2,)),))
    for document, across in ((a_document(), False), (wide, True)):
        box = pypdf.PdfReader(io.BytesIO(pdf(document, AT))).pages[0].mediabox
        assert (box.width > box.height) == across


def test_without_its_font_no_paper_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(paper, "FONT", tmp_path / "none.ttf")
    with pytest.raises(FontMissing, match="字体没有装好"):
        pdf(a_document(), AT)


def test_a_workbook_holds_numbers_as_numbers_and_text_as_text() -> None:
    sheet = sheets(xlsx(a_document(("张䶮𬭎", 1234, 123456), (FORMULA, None, 1)), AT))["名单"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == "领取名单"
    assert rows[1][:2] == ("统筹区", "上海市")
    assert rows[4] == ("姓名", "人数", "金额")
    assert rows[5] == ("张䶮𬭎", 1234, 1234.56)
    assert rows[6] == (FORMULA, None, 0.01)
    assert sheet["A7"].data_type == "s"
    assert sheet["C6"].number_format == "#,##0.00"
    assert rows[-1][0] == "制表："


@pytest.mark.parametrize("title", ["名单", "a/b:c*?[x]", "'引'", "很长" * 40, ""])
def test_worksheets_have_names_that_a_workbook_takes(title: str) -> None:
    grid = Grid(title, COLUMNS, ())
    names = sheets(xlsx(Document("表", (), (grid, grid, grid)), AT)).sheetnames
    assert len(set(names)) == 3
    assert all(0 < len(name) <= 31 for name in names)


def test_a_signature_does_not_stand_alone_on_a_second_page() -> None:
    def pages(remarks: int) -> list[str]:
        signed = Document(
            "证明", (), (), ("说明一行",) * remarks, signed=("示例市经办机构", "2026年11月26日")
        )
        return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf(signed, AT))).pages]

    assert [len(pages(n)) for n in (38, 39, 45)] == [1, 1, 1], "thirty-nine lines were two pages"
    assert "说明一行" in pages(46)[-1]
