"""Text as people type it: full-width letters, blanks around it, marks that cannot be seen."""

from __future__ import annotations

import csv
import io
import unicodedata

FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def plain(text: str) -> str:
    """Half-width, without control and format characters, without blanks around it.

    >>> plain("　１１０１０５１９４９１２３１００２Ｘ ")
    '11010519491231002X'
    """
    shown = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf"})
    return shown.translate(FULL_WIDTH).strip()


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The lines of a batch file under their headings; UTF-8 (with or without a mark) or GB 18030.

    >>> rows_of("ident,name\\n1,张三\\n".encode("gb18030"))
    [{'ident': '1', 'name': '张三'}]
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", "replace")
    read = csv.DictReader(io.StringIO(text, newline=""))
    return [{key: value or "" for key, value in row.items() if isinstance(key, str)} for row in read]
