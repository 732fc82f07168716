"""Writing 写出: records into the files of the interface, one by one, so that a large city needs no large memory."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from types import TracebackType
from typing import BinaryIO, Protocol

from backend.exchange.checking import LABELS, Breach, found_in
from backend.exchange.standard import ENCODING, NAMESPACE, File, Table, tables
from backend.exchange.values import NOT_XML, Value, text_of
from backend.kernel.errors import Refusal
from backend.kernel.money import Money

MARKUP = re.compile("[&<>\r]")
UNSEEN = "里有看不见的控制字符"
FLUSHED = 500  # records gathered before they are written
BEGINNING = (
    '<?xml version="1.0" encoding="{encoding}"?>\n'
    '<{name} xsi:schemaLocation="{space} {name}.xsd" xmlns:养老保险基金="{space}" xmlns="{space}"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
)


class Unfit(Refusal):
    """{table}第 {no} 条的“{element}”{what}，没有导出。请先更正登记的内容再导出。"""


class Store(Protocol):
    """Where files go."""

    def create(self, name: str) -> BinaryIO: ...

    def close(self, name: str, file: BinaryIO) -> str:
        """The file is whole; the number it is kept under comes back, if it has one."""


@dataclass
class Tally:
    """What was written of a table."""

    table: Table
    records: int = 0
    fen: Counter[str] = field(default_factory=Counter)

    def add(self, values: Mapping[str, Value]) -> None:
        self.records += 1
        for element in self.table.amounts:
            if isinstance(value := values.get(element.code), Money):
                self.fen[element.name] += value.fen


@dataclass(frozen=True)
class Part:
    """One file as it was written."""

    name: str
    kept: str
    size: int
    sha256: str
    records: int


class FileWriter:
    """Writes one file of the interface; where a file may not grow further, its continuation (name-2, name-3 …)."""

    def __init__(self, file: File, store: Store, largest: int | None = None) -> None:
        self.file, self.store, self.largest = file, store, largest
        self.tallies = {table.number: Tally(table) for table in file.tables}
        self.parts: list[Part] = []
        self._out: _Out | None = None

    def write(self, table: Table, values: Mapping[str, Value]) -> None:
        """One record; `values` by element code, what is not given is empty. Unfit where it breaks the standard."""
        tally = self.tallies[table.number]
        tally.add(values)
        texts = [text_of(one, values.get(one.code)) for one in table.elements]
        for breach in found_in(table, texts):
            raise Unfit(table=table.name, no=tally.records, element=breach.name, what=_said(breach))
        self._open().add(_frame(table.number).format(*map(_escaped, texts)))

    def _open(self) -> _Out:
        if self._out and self.largest and self._out.size >= self.largest:
            self.close()
        if self._out is None:
            number = len(self.parts) + 1
            name = f"{self.file.name}.xml" if number == 1 else f"{self.file.name}-{number}.xml"
            self._out = _Out(name, self.store.create(name))
            self._out.put(BEGINNING.format(encoding=ENCODING, name=self.file.name, space=NAMESPACE))
        return self._out

    def close(self) -> None:
        """End the file in hand; a file that nothing was written to is none."""
        if out := self._out:
            out.put(f"</{self.file.name}>\n")
            kept = self.store.close(out.name, out.file)
            self.parts.append(Part(out.name, kept, out.size, out.digest.hexdigest(), out.records))
            self._out = None

    def __enter__(self) -> FileWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        elif self._out:
            self._out.file.close()


class _Out:
    """A file being written, its size and its hash."""

    def __init__(self, name: str, file: BinaryIO) -> None:
        self.name, self.file = name, file
        self.size = self.records = 0
        self.digest = hashlib.sha256()
        self._waiting: list[str] = []

    def add(self, record: str) -> None:
        self.records += 1
        self._waiting.append(record)
        if len(self._waiting) >= FLUSHED:
            self.put("")

    def put(self, text: str) -> None:
        """What waits, and then the text."""
        content = "".join((*self._waiting, text)).encode(ENCODING)
        self._waiting.clear()
        self.file.write(content)
        self.size += len(content)
        self.digest.update(content)


@cache
def _frame(number: int) -> str:
    """A record of a table, with a place for each text."""
    table = tables()[number]
    inside = "".join(f"<{one.name}>{{}}</{one.name}>" for one in table.elements)
    return f"<{table.name}>{inside}</{table.name}>\n"


def _escaped(text: str) -> str:
    return escape(text, quote=False).replace("\r", "&#13;") if MARKUP.search(text) else text


def _said(breach: Breach) -> str:
    return UNSEEN if NOT_XML.search(breach.text) else LABELS[breach.kind]
