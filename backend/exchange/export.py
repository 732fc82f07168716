"""Export 导出: the tables of the standard into files, and a manifest that says what is in them and what is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass

from backend.exchange.schemas import schemas
from backend.exchange.scope import NOTHING, Scope
from backend.exchange.sources import SOURCES
from backend.exchange.standard import ENCODING, NUMBER, Table, files, tables
from backend.exchange.writing import FileWriter, Part, Store, Tally
from backend.kernel.db import Uow
from backend.kernel.money import Money

MANIFEST = "清单.json"
TOLD_EVERY = 1_000

Told = Callable[[Table, int], None]


@dataclass(frozen=True)
class Line:
    """What became of one table: how many records and what they add up to, or why there are none."""

    table: Table
    file: str
    records: int
    totals: dict[str, Money]
    why_not: str


@dataclass(frozen=True)
class Exported:
    """All of it. `manifest` is the number under which the manifest is kept, if it is."""

    lines: tuple[Line, ...]
    parts: tuple[Part, ...]
    manifest: str


def export(
    uow: Uow,
    scope: Scope,
    store: Store,
    numbers: Collection[int] = (),
    *,
    largest: int | None = None,
    told: Told = lambda table, records: None,
) -> Exported:
    """Write the tables (none named: all), a file where it would grow beyond `largest` bytes in several.

    `told` hears, as it goes on, how many records of a table were written.
    """
    lines: list[Line] = []
    parts: list[Part] = []
    for file in files():
        with FileWriter(file, store, largest) as writer:
            for table in file.tables:
                if not numbers or table.number in numbers:
                    _write(uow, scope, writer, table, told)
                    lines.append(_line(table, file.name, writer.tallies[table.number]))
        parts.extend(writer.parts)
    manifest = _put(store, MANIFEST, _manifest(scope, lines, parts).encode())
    return Exported(tuple(lines), tuple(parts), manifest)


def _write(uow: Uow, scope: Scope, writer: FileWriter, table: Table, told: Told) -> None:
    source = SOURCES.get(table.number)
    if source is None:
        return
    records, head = 0, scope.head
    for values in source.rows(uow, scope):
        writer.write(table, {**head, **values})
        records += 1
        if records % TOLD_EVERY == 0:
            told(table, records)
    told(table, records)


def _line(table: Table, file: str, tally: Tally) -> Line:
    return Line(
        table=table,
        file=file,
        records=tally.records,
        totals={name: Money(fen) for name, fen in tally.fen.items()},
        why_not="" if tally.records else table.why_not or NOTHING,
    )


def put_schemas(store: Store) -> None:
    """The schemas that the files name, beside them."""
    for name, text in schemas().items():
        _put(store, name, text.encode(ENCODING))


def _put(store: Store, name: str, content: bytes) -> str:
    file = store.create(name)
    file.write(content)
    return store.close(name, file)


def _manifest(scope: Scope, lines: list[Line], parts: list[Part]) -> str:
    """Plain JSON in Chinese: it is read by the auditor, and by whoever checks the files against it."""
    told = {
        "标准": NUMBER,
        "时间属性": scope.head["ZZZ001"],
        "行政区划代码": scope.area,
        "行政区划": scope.head["AAA146"],
        "经办机构编码": scope.agency,
        "经办机构": scope.agency_name,
        "导出日期": scope.made.isoformat(),
        "文件": [
            {"文件名": part.name, "记录数": part.records, "字节数": part.size, "SHA-256": part.sha256}
            for part in parts
        ],
        "数据表": [_told(line) for line in lines if line.records],
        "未输出的表": [
            {"编号": line.table.number, "名称": line.table.name, "原因": line.why_not}
            for line in lines
            if not line.records
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _told(line: Line) -> dict[str, object]:
    return {
        "编号": line.table.number,
        "名称": line.table.name,
        "文件": line.file,
        "记录数": line.records,
        "合计": {name: amount.text for name, amount in line.totals.items()},
    }


def counts(uow: Uow, scope: Scope, numbers: Collection[int] = ()) -> dict[int, int]:
    """How many records each table would have."""
    return {
        number: SOURCES[number].count(uow, scope) if number in SOURCES else 0
        for number in tables()
        if not numbers or number in numbers
    }
