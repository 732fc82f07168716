"""Straight 直读: a delimited file in which nothing is odd goes into columns as it comes, and is proved as a set.

Whatever is odd undoes this reading, and `delimited` reads the file line by line: it knows what is wrong, and where.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from sqlalchemy import text

from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.text import pieces_of
from backend.payout.bankfiles.booking import FEW, Seen, look
from backend.payout.bankfiles.delimited import mark_of, require_mark
from backend.payout.bankfiles.profiles import PAID, Delimited
from backend.payout.model import BankFile

LONGEST = 1_000  # characters of a last line
NAMES = {"end_to_end": "key", "result": "theirs", "reason": "reason", "amount": "amount"}
# a cell that might be a formula has no code here; nor has a result that nobody knows
SORT = """
insert into few (key, code, reason)
select key, case when not {formula} then known.ours end, {reason}
from back left join unnest(cast(:theirs as text[]), cast(:ours as text[])) known (theirs, ours) using (theirs)
where theirs <> all(cast(:paid as text[])) or {formula}
"""
FORMULA = "(reason <> '' and left(ltrim(reason), 1) in ('=', '+', '-', '@'))"
ODD = "select exists (select from few where code is null)"
# amounts as we write them
AMOUNT = "and b.amount = l.amount / 100 || '.' || lpad((l.amount % 100)::text, 2, '0')"


class _Odd(Exception):
    """Something that must be looked at line by line."""


def read(uow: Uow, known: Delimited, file: BankFile, content: bytes) -> Seen | None:
    """What came back, in the tables `back` and `few`; None, and nothing has happened, where anything is odd."""
    try:
        with uow.session.begin_nested():
            return _read(uow, known, file, content)
    except (_Odd, Refusal, psycopg.DataError):
        return None


def _read(uow: Uow, known: Delimited, file: BankFile, content: bytes) -> Seen:
    side, body = known.returned, _Body(known, content)
    if not side.least <= body.width <= len(side.line):
        raise _Odd
    known_as = {side.place(column): name for column, name in NAMES.items()}
    names = [known_as.get(place, f"c{place}") for place in range(1, body.width + 1)]
    rows = _copy(uow, known, names, body)
    _sort(uow, known, has_reason="reason" in names)
    seen = look(uow, file, rows, AMOUNT if "amount" in names else "")
    if seen.named.n != rows:
        raise _Odd
    for columns, marks, may_lack in (
        (side.head, body.head, side.head_may_lack),
        (side.tail, body.tail, False),
    ):
        if columns:
            require_mark(known, file, columns, marks, seen.named, may_lack=may_lack)
    return seen


class _Body:
    """The lines between head and tail, piece by piece."""

    def __init__(self, known: Delimited, content: bytes) -> None:
        self._known, self._pieces = known, pieces_of(content)
        self._ahead = next(self._pieces, "")
        self.head: list[tuple[int, str]] = []
        self.tail: list[tuple[int, str]] = []
        if (begin := mark_of(known, known.returned.head)) and self._ahead.startswith(begin):
            line, _, self._ahead = self._ahead.partition("\n")
            self.head = [(1, line)]

    @property
    def width(self) -> int:
        """How many columns the first line has, and so all of them."""
        return self._ahead.partition("\n")[0].count(self._known.separator) + 1

    def __iter__(self) -> Iterator[str]:
        """Once; then `tail` is known."""
        ahead = self._ahead
        for piece in self._pieces:
            yield ahead[:-LONGEST]
            ahead = ahead[-LONGEST:] + piece
        ahead = ahead.rstrip("\n")
        if begin := mark_of(self._known, self._known.returned.tail):
            ahead, _, line = ahead.rpartition("\n")
            self.tail = [(0, line)] if line.startswith(begin) else []
        yield ahead


def _copy(uow: Uow, known: Delimited, names: list[str], body: _Body) -> int:
    """The database takes the columns apart; how many lines there are. (A backslash would mean something to it.)"""
    uow.session.execute(text(f"create temporary table back ({' text, '.join(names)} text) on commit drop"))
    raw: Any = uow.session.connection().connection.cursor()
    with raw:
        with raw.copy(f"copy back from stdin (delimiter '{known.separator}')") as copy:
            for piece in body:
                if "\\" in piece:
                    raise _Odd
                copy.write(piece)
        return int(raw.rowcount)


def _sort(uow: Uow, known: Delimited, *, has_reason: bool) -> None:
    """What is said of those that are not simply paid, in our own result codes."""
    uow.session.execute(text(FEW))
    facts = {
        "theirs": list(known.results),
        "ours": list(known.results.values()),
        "paid": [theirs for theirs, ours in known.results.items() if ours == PAID],
    }
    cells = (
        {"formula": FORMULA, "reason": "btrim(reason)"}
        if has_reason
        else {"formula": "false", "reason": "''"}
    )
    uow.session.execute(text(SORT.format(**cells)), facts)
    if uow.session.scalar(text(ODD)):
        raise _Odd
