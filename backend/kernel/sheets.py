"""Sheets 电子表格: what people fill in by the thousand, xlsx or CSV, read as rows of text.

An xlsx file is a zip of XML: what would unpack to far more than any sheet of ours is refused before it is
unpacked, and what claims more cells than it has is read no further than a table goes.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from backend.kernel.errors import Refusal
from backend.kernel.language import EN, translate
from backend.kernel.text import MOST_COLUMNS, NotTable, TooManyLines, cells, plain, text_of

ZIP = b"PK\x03\x04"
MOST_UNPACKED = 64 * 1024 * 1024
MOST_RATIO = 100  # unpacked to packed; sheets of numbers reach thirty
SMALL = 1024 * 1024  # what unpacks to less is harmless whatever its ratio
MOST_PARTS = 1_000
LAST_ROW = 1_048_576  # of a sheet, by the format
EXACT = 10**15  # a number cell keeps no more digits than these
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,  # of XML
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    OSError,
    EOFError,
    RuntimeError,  # encrypted
)


class NotSheet(Refusal):
    """文件不是能读的 xlsx 电子表格，可能已经损坏或者加了密码。请用下载的空表填写，不设密码，另存以后再上传。"""

    status = 422


class SheetTooLarge(Refusal):
    """电子表格展开以后太大，没有打开。请只留要办的那一张表，去掉图片和空白的格子，另存以后再上传。"""

    status = 413


class WrongHeadings(Refusal):
    """第一行的栏目不对：缺少或者重复“{missing}”。第一行要有这些栏目：{right}。请改好再上传。"""

    status = 422


def rows(content: bytes, most: int) -> Iterator[list[str]]:
    """The first sheet's rows as text, the headings first, empty rows included; at most so many that say something.

    A month that the spreadsheet took for a date is written as a month again; a formula stays a formula
    (`is_formula`), its value is not ours to trust.
    """
    given = _of_xlsx(content) if content.startswith(ZIP) else cells(text_of(content))
    said = 0
    for row in given:
        said += any(row)
        if said > most + 1:
            raise TooManyLines(most=most)
        yield row


def is_formula(cell: str) -> bool:
    return cell.startswith("=")


def places(heads: Sequence[str], wanted: Sequence[Sequence[str]]) -> list[int]:
    """At which column each wanted heading stands; each may be called by several names, or in English; the first is told.

    >>> places(["姓名", "wage", "公民身份号码"], [["公民身份号码", "ident"], ["工资", "wage"]])
    [2, 1]
    """
    named = [plain(head) for head in heads]
    found = []
    for names in wanted:
        called = {plain(name) for one in names for name in (one, translate(one, EN))}
        at = [place for place, head in enumerate(named) if head in called]
        if len(at) != 1:
            raise WrongHeadings(missing=names[0], right="、".join(one[0] for one in wanted))
        found += at
    return found


def _of_xlsx(content: bytes) -> Iterator[list[str]]:
    _require_small(content)
    try:
        from openpyxl import load_workbook  # noqa: PLC0415 - slow to load, and few requests bring a sheet

        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size is not to be relied on
        for row in islice(sheet.iter_rows(values_only=True), LAST_ROW):
            if len(row) > MOST_COLUMNS:
                raise NotTable
            yield [_text(cell) for cell in row]
    except BROKEN:
        raise NotSheet from None


def _require_small(content: bytes) -> None:
    """By what the zip's directory says; nothing is unpacked beyond that."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except BROKEN:
        raise NotSheet from None
    too_dense = any(
        part.file_size > SMALL and part.file_size > MOST_RATIO * part.compress_size for part in parts
    )
    if too_dense or len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise SheetTooLarge


def _text(cell: Any) -> str:
    """
    >>> [_text(cell) for cell in (None, " 张三 ", 8880.5, 8880.0, 310115199001010010, datetime(2026, 8, 1))]
    ['', '张三', '8880.5', '8880', '3.1011519900101e+17', '2026-08']
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m}" if cell.day == 1 else f"{cell:%Y-%m-%d}"
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        whole = cell == int(cell) and abs(cell) < EXACT
        return str(int(cell)) if whole else f"{cell:.15g}"
    return "=" + type(cell).__name__ if hasattr(cell, "ref") else str(cell)  # a formula of many cells
