"""Documents 文书: what is printed or taken along, as PDF and as a workbook, from one description.

A document is a heading, facts, tables and remarks, all in the reader's language already. Amounts are whole fen and
stand on paper as yuan with two decimals. What writes them is read when it is first needed.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from backend.kernel.language import ZH
from backend.kernel.money import Money

FONT = (
    Path(__file__).parent.parent.parent / "fonts" / "NotoSansSC-Regular.ttf"
)  # fetched at set-up, not committed
Kind = Literal["text", "fen", "number"]
Cell = str | int | None


@dataclass(frozen=True)
class Column:
    """`fen` holds amounts in whole fen; `width` is how much of the page it takes beside the others."""

    label: str
    kind: Kind = "text"
    width: int = 3


@dataclass(frozen=True)
class Grid:
    """A table; rows named in `strong` (counted from nought) are totals. `form`: labels and what is filled in, by turns,
    in frames and without a heading; the last cell of a row reaches to its end."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    strong: frozenset[int] = frozenset()
    form: bool = False

    @property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        """The rows as they stand on paper."""
        kinds = tuple(column.kind for column in self.columns)
        return tuple(tuple(map(written, row, kinds)) for row in self.rows)


@dataclass(frozen=True)
class Document:
    """Everything that stands on the paper, from top to bottom: `leads` before the tables, `remarks` after them, and
    at the right who signs."""

    title: str
    facts: tuple[tuple[str, str], ...]
    grids: tuple[Grid, ...]
    remarks: tuple[str, ...] = ()
    language: str = ZH
    leads: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()


def written(cell: Cell, kind: Kind) -> str:
    """A cell as it stands on paper.

    >>> written(123456, "fen"), written(1234, "number"), written(None, "fen"), written("张䶮", "text")
    ('1,234.56', '1,234', '', '张䶮')
    """
    if cell is None:
        return ""
    if isinstance(cell, int):
        return str(Money(cell)) if kind == "fen" else f"{cell:,}"
    return cell


def pdf(document: Document, made_at: datetime) -> bytes:
    """The document on A4, upright or, where a table is wide, across."""
    made: bytes = importlib.import_module("backend.kernel.documents.paper").drawn(document, made_at)
    return made


def xlsx(document: Document, made_at: datetime) -> bytes:
    """The document as a workbook, a worksheet a table. What is text stays text, whatever it begins with."""
    made: bytes = importlib.import_module("backend.kernel.documents.workbook").filled(document, made_at)
    return made
