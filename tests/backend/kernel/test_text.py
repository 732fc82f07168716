"""A batch file is read line by line, within bounds, and never a line of it is lost in silence."""

from __future__ import annotations

import pytest

from backend.kernel.text import MOST_COLUMNS, NotTable, TooManyLines, rows_of


def test_lines_stand_under_their_headings_whatever_is_missing_or_too_much() -> None:
    content = "ident,name\r\n1,张三\r\n\r\n2\r\n3,李四,多的\r\n".encode("utf-8-sig")
    assert rows_of(content) == [
        {"ident": "1", "name": "张三"},
        {"ident": "2", "name": ""},
        {"ident": "3", "name": "李四"},
    ]


def test_a_cell_may_have_lines_and_commas() -> None:
    assert rows_of('a,b\n"一\n二","x,""y"""\n'.encode()) == [{"a": "一\n二", "b": 'x,"y"'}]


@pytest.mark.parametrize("content", ["", "\n", "a,b\n", "a,b\n\n\n"])
def test_of_nothing_come_no_lines(content: str) -> None:
    assert rows_of(content.encode()) == []


def test_as_many_lines_as_allowed_and_not_one_more() -> None:
    lines = b"a\n" + b"\n1" * 3
    assert len(rows_of(lines, most=3)) == 3
    with pytest.raises(TooManyLines, match="超过 2 行，一行也没有办"):
        rows_of(lines, most=2)


def test_of_sixty_million_short_lines_only_the_first_are_read() -> None:
    with pytest.raises(TooManyLines):
        rows_of(b"a\n" + b"1\n" * 2_000_000)


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n" + "," * MOST_COLUMNS + "\n",
        "," * MOST_COLUMNS + "\n1\n",
        "a\n" + "x" * 200_000 + "\n",
        "a\n" + "," * 200_000 + "\n",
        'a\n"' + "x\n" * 100_000 + '"\n',
    ],
    ids=["a wide line", "a wide heading", "a long cell", "a long line", "a cell of many lines"],
)
def test_what_is_no_table_is_refused_with_a_sentence(content: str) -> None:
    with pytest.raises(NotTable, match="不是一张表"):
        rows_of(content.encode())
