"""Paper: a document as PDF. Of the font it embeds only the characters that it uses."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, WrapMode
from fpdf.fonts import FontFace, TTFFont

from backend.kernel.documents import FONT, Document, Grid
from backend.kernel.errors import Refusal
from backend.kernel.language import ZH

FAMILY = "NotoSansSC"
WIDE = 5  # a table of more columns lies across the page
MARGIN_MM = 15
SMALL, LETTER = 9, 11  # points
CLOSER = 0.85
PIECE = re.compile("[（《“〔]*(?:[!-~]+|.)[，。、；：？！）》”〕]* *")
WASH, INK, GREY, LINE = (246, 244, 240), (31, 35, 40), (110, 106, 98), (190, 185, 176)


class FontMissing(Refusal):
    """打印用的字体没有装好，做不了 PDF。请系统管理员重新安装，或者先下载表格。"""

    status = 503


class _Paper(FPDF):
    """A page whose foot says which one it is. `step`: how far its lines stand apart, 1 as usual."""

    step = 1.0

    def close_fonts(self) -> None:
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def footer(self) -> None:
        self.set_y(-MARGIN_MM + 3)
        self.set_font(FAMILY, size=8)
        self.set_text_color(*GREY)
        self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="C")


def drawn(document: Document, made_at: datetime) -> bytes:
    """Heading, facts, what leads in, tables, remarks, who signs; the foot says which page it is. What is a little too
    long for one page stands closer: a paper whose signature stands alone on a second page looks like two."""
    papers = [_drawn(document, made_at, 1.0)]
    if papers[0].page_no() == 2:
        papers.append(_drawn(document, made_at, CLOSER))
    fewest = min(papers, key=lambda one: one.page_no())
    content = bytes(fewest.output())
    for one in papers:
        one.close_fonts()
    return content


def _drawn(document: Document, made_at: datetime, step: float) -> _Paper:
    paper = _paper(document, made_at)
    paper.step = step
    paper.set_font(FAMILY, size=16)
    paper.multi_cell(0, 10, document.title, align="C", new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FAMILY, size=9)
    paper.set_text_color(*GREY)
    colon = "：" if document.language == ZH else ": "
    told = "    ".join(f"{name}{colon}{value}" if name else value for name, value in document.facts)
    paper.multi_cell(0, 6, told, align="C", new_x="LMARGIN", new_y="NEXT")
    paper.set_text_color(*INK)
    _write(paper, document.leads, LETTER)
    for grid in document.grids:
        _draw(paper, grid, WrapMode.CHAR if document.language == ZH else WrapMode.WORD)
    _write(paper, document.remarks, LETTER if document.leads else SMALL)
    _write(paper, document.signed, LETTER, align="R")
    return paper


def _write(paper: _Paper, paragraphs: tuple[str, ...], size: int, align: str = "L") -> None:
    paper.ln(4 * paper.step)
    paper.set_font(FAMILY, size=size)
    height = 0.65 * size * paper.step
    for one in paragraphs:
        for line in _lines(paper, one):
            paper.multi_cell(
                0, height, line, align=align, wrapmode=WrapMode.CHAR, new_x="LMARGIN", new_y="NEXT"
            )


def _lines(paper: FPDF, text: str) -> Iterator[str]:
    """A paragraph cut into lines: no word is cut, and no mark that closes begins a line, nor one that opens ends it."""
    room, line = paper.epw - 2 * paper.c_margin, ""
    for piece in PIECE.findall(text):
        if line and paper.get_string_width(line + piece.rstrip(" ")) > room:
            yield line
            line = piece.lstrip(" ")
        else:
            line += piece
    yield line


def _paper(document: Document, made_at: datetime) -> _Paper:
    if not FONT.exists():
        raise FontMissing
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it tells of every table that it leaves out
    across = any(len(grid.columns) > WIDE for grid in document.grids)
    paper = _Paper(orientation="landscape" if across else "portrait", format="A4")
    paper.set_margins(MARGIN_MM, MARGIN_MM)
    paper.set_auto_page_break(True, MARGIN_MM)
    paper.add_font(FAMILY, fname=FONT)
    paper.set_title(document.title)
    paper.set_lang(document.language)
    paper.set_creation_date(made_at)
    paper.set_draw_color(*LINE)
    paper.set_line_width(0.2)
    paper.add_page()
    return paper


def _draw(paper: _Paper, grid: Grid, wrap: WrapMode) -> None:
    """A table; English is not cut within a word, Chinese has none."""
    paper.ln(3 * paper.step)
    paper.set_font(FAMILY, size=11)
    if grid.title:
        paper.multi_cell(0, 7, grid.title, new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FAMILY, size=9)
    plain, strong = FontFace(emphasis=""), FontFace(emphasis="", fill_color=WASH)
    if grid.form:
        _fill(paper, grid, strong, wrap)
        return
    with paper.table(
        col_widths=tuple(column.width for column in grid.columns),
        text_align=tuple("LEFT" if column.kind == "text" else "RIGHT" for column in grid.columns),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        headings_style=strong,
        line_height=6 * paper.step,
        padding=(0.5, 1),
        wrapmode=wrap,
    ) as table:
        heads = table.row()
        for column in grid.columns:
            heads.cell(column.label)
        for at, row in enumerate(grid.texts):
            drawn_row = table.row(style=strong if at in grid.strong else plain)
            for text in row:
                drawn_row.cell(text)


def _fill(paper: _Paper, grid: Grid, label: FontFace, wrap: WrapMode) -> None:
    """A form that is filled in."""
    with paper.table(
        col_widths=tuple(column.width for column in grid.columns),
        text_align="LEFT",
        borders_layout=TableBordersLayout.ALL,
        first_row_as_headings=False,
        line_height=6 * paper.step,
        padding=(0.5, 1),
        wrapmode=wrap,
    ) as table:
        for texts in grid.texts:
            row = table.row()
            for at, text in enumerate(texts):
                rest = len(grid.columns) - at if at == len(texts) - 1 else 1
                row.cell(text, style=None if at % 2 else label, colspan=rest)
