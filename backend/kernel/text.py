"""Text as people type it: full-width letters, blanks around it, marks that cannot be seen."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice, zip_longest

from backend.kernel.errors import Refusal

MOST_LINES = 50_000
MOST_COLUMNS = 60  # more than any command has fields
LONGEST_LINE = 131_072  # characters; no cell of csv is longer either
ENCODINGS = ("utf-8-sig", "gb18030")
PIECE = 1 << 20  # characters
UNTYPED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def plain(text: str) -> str:
    """Half-width, without control and format characters, without blanks around it.

    >>> plain("　１１０１０５１９４９１２３１００２Ｘ ")
    '11010519491231002X'
    """
    shown = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf"})
    return shown.translate(FULL_WIDTH).strip()


class NotText(Refusal):
    """文件里有读不懂的字，可能不是文本文件，或者编码不对。请另存为 UTF-8 或 GB 18030 编码的文本，再上传一次。"""

    status = 422


class NotTable(Refusal):
    """文件不是一张表，有一格的内容太长，或者栏目太多。请用下载的空表填写，另存为 CSV 再上传一次。"""

    status = 422


class TooManyLines(Refusal):
    """文件超过 {most} 行，一行也没有办。请分成几个文件再上传。"""

    status = 413


def text_of(content: bytes) -> str:
    """A text file as handed in: UTF-8 (with or without a mark), else GB 18030; never a guessed character.

    >>> text_of("\ufeff张䶮".encode()) == text_of("张䶮".encode("gb18030")) == "张䶮"
    True
    """
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise NotText


def pieces_of(content: bytes) -> Iterator[str]:
    """A text file as `text_of` reads it, piece by piece, every line ended alike: for files of a million lines.

    >>> "".join(pieces_of("一\\r\\n二\\r".encode("gb18030"))).splitlines()
    ['一', '二']
    """
    encoding = next((one for one in ENCODINGS if _decodes(content, one)), None)
    if encoding is None:
        raise NotText
    return iter(partial(_opened(content, encoding).read, PIECE), "")


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        return not any(
            UNTYPED.search(piece) for piece in iter(partial(_opened(content, encoding).read, PIECE), "")
        )
    except UnicodeDecodeError:
        return False


def _opened(content: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding=encoding)


def rows_of(content: bytes, most: int = MOST_LINES) -> list[dict[str, str]]:
    """The lines of a batch file under their headings; UTF-8 (with or without a mark) or GB 18030.

    >>> rows_of("ident,name\\n1,张三\\n".encode("gb18030"))
    [{'ident': '1', 'name': '张三'}]
    """
    read = cells(text_of(content))
    heads = next(read, [])
    lines = islice(filter(None, read), most + 1)  # an empty line is none
    rows = [dict(zip_longest(heads, row[: len(heads)], fillvalue="")) for row in lines]
    if len(rows) > most:
        raise TooManyLines(most=most)
    return rows


def cells(text: str) -> Iterator[list[str]]:
    """Line by line, so that what is no table is refused before it fills the memory."""
    read = csv.reader(_short(io.StringIO(text, newline="")))
    try:
        for row in read:
            if len(row) > MOST_COLUMNS:
                raise NotTable
            yield row
    except csv.Error:
        raise NotTable from None


def _short(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if len(line) > LONGEST_LINE:
            raise NotTable
        yield line


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula (what we write out may have been typed by anybody).

    >>> harmless("=HYPERLINK(1)"), harmless("-12.50"), harmless("张三")
    ("'=HYPERLINK(1)", '-12.50', '张三')
    """
    number = re.fullmatch(r"[+-]?[\d,]*\.?\d*", cell)
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not number else cell
