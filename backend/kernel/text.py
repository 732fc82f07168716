"""Text as people type it: full-width letters, blanks around it, marks that cannot be seen."""

from __future__ import annotations

import unicodedata

FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def plain(text: str) -> str:
    """Half-width, without control and format characters, without blanks around it.

    >>> plain("　１１０１０５１９４９１２３１００２Ｘ ")
    '11010519491231002X'
    """
    shown = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf"})
    return shown.translate(FULL_WIDTH).strip()
