"""Results 回执: what came of each line of a file, kept as a CSV file in the language its reader asked for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from backend.kernel import files
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.language import translate
from backend.kernel.text import harmless


def keep(
    uow: Uow, name: str, language: str, heads: Sequence[str], lines: Iterable[Sequence[str | int]]
) -> str:
    """One line of the result for each line of the file; no cell is a formula. The kept file's number comes back."""
    text = io.TextIOWrapper(content := io.BytesIO(), "utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow([translate(head, language) for head in heads])
    writer.writerows([harmless(str(cell)) for cell in line] for line in lines)
    text.flush()
    kept = files.keep(
        uow,
        name=f"{translate(name, language)}-{uow.today:%Y%m%d}.csv",
        content=content.getvalue(),
        may=Permission.LEVY_READ,
        ours=True,
    )
    return kept.file
