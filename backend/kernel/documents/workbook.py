"""Workbook: a document as .xlsx. Text is written as text, so that no cell is ever run as a formula."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from backend.kernel.documents import Cell, Document, Grid, Kind

FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))  # in the name of a worksheet
LONGEST_NAME = 31


def filled(document: Document, made_at: datetime) -> bytes:
    """A worksheet a table, each with the heading and the facts."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": document.title, "created": made_at.replace(tzinfo=None)})
    for grid, name in zip(document.grids, _names(document), strict=True):
        _fill(book, book.add_worksheet(name), document, grid)
    book.close()
    return out.getvalue()


def _names(document: Document) -> Iterator[str]:
    """What the worksheets are called: no two alike, nothing that a workbook does not take."""
    taken: set[str] = set()
    for at, grid in enumerate(document.grids, 1):
        name = (grid.title or document.title).translate(FORBIDDEN).strip("' ")[:LONGEST_NAME] or str(at)
        if name.casefold() in taken:
            name = f"{name[: LONGEST_NAME - 4]} {at}"
        taken.add(name.casefold())
        yield name


def _fill(book: Workbook, sheet: Worksheet, document: Document, grid: Grid) -> None:
    formats = _formats(book)
    sheet.write_string(0, 0, document.title, formats["title"])
    for at, (name, value) in enumerate(document.facts, 1):
        sheet.write_string(at, 0, name)
        sheet.write_string(at, 1, value)
    top = len(document.facts) + 2
    for at, column in enumerate(grid.columns):
        sheet.write_string(top, at, column.label, formats["head"])
        sheet.set_column(at, at, 8 + 3 * column.width)
    for down, row in enumerate(grid.rows):
        for across, (cell, column) in enumerate(zip(row, grid.columns, strict=True)):
            kind = f"{'strong-' if down in grid.strong else ''}{column.kind}"
            _put(sheet, top + 1 + down, across, cell, column.kind, formats[kind])
    for at, remark in enumerate(
        (*document.leads, *document.remarks, *document.signed), top + len(grid.rows) + 2
    ):
        sheet.write_string(at, 0, remark)
    sheet.freeze_panes(top + 1, 0)


def _formats(book: Workbook) -> dict[str, Any]:
    plain: dict[str, dict[str, Any]] = {
        "text": {},
        "fen": {"num_format": "#,##0.00"},
        "number": {"num_format": "#,##0"},
    }
    strong = {f"strong-{name}": how | {"bold": True} for name, how in plain.items()}
    told = {"title": {"bold": True, "font_size": 14}, "head": {"bold": True, "bottom": 1}}
    return {name: book.add_format(how) for name, how in (plain | strong | told).items()}


def _put(sheet: Worksheet, row: int, column: int, cell: Cell, kind: Kind, form: Any) -> None:
    if cell is None:
        sheet.write_blank(row, column, None, form)
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell / 100 if kind == "fen" else cell, form)
    else:
        sheet.write_string(row, column, cell, form)
