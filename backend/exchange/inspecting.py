"""Inspecting 验收: an export read back from its folder and held against its manifest and the standard."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.exchange.checking import LABELS, breaches
from backend.exchange.export import MANIFEST
from backend.exchange.reading import Record, records
from backend.exchange.standard import tables
from backend.exchange.values import Unwritten, Value, value_of
from backend.exchange.writing import Tally
from backend.kernel.errors import Refusal
from backend.kernel.given import json_of
from backend.kernel.money import Money


class NoManifest(Refusal):
    """文件夹“{folder}”里没有读得懂的清单，导出可能没有做完。请重新导出。"""

    status = 422


@dataclass(frozen=True)
class Finding:
    """Something that is not as the standard or the manifest says."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}：{self.what}"


def inspect(folder: Path) -> Iterator[Finding]:
    """Every difference; nothing at all where everything is as it should be."""
    manifest = _manifest(folder)
    tallies = {number: Tally(table) for number, table in tables().items()}
    for name, told in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            yield Finding(name, "清单里有，文件夹里没有")
            continue
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != told:
                yield Finding(name, "内容和清单里的校验值不同")
        yield from _inspected(path, tallies)
    for path in sorted(folder.glob("*.xml")):
        if path.name not in manifest["files"]:
            yield Finding(path.name, "文件夹里有，清单里没有")
    for number, tally in tallies.items():
        yield from _compared(tally, manifest["tables"].get(number, (0, {})))


def _manifest(folder: Path) -> dict[str, Any]:
    """Files with their hashes, tables with their records and totals."""
    try:
        found = json_of((folder / MANIFEST).read_bytes())
        return {
            "files": {Path(one["文件名"]).name: one["SHA-256"] for one in found["文件"]},
            "tables": {one["编号"]: (one["记录数"], one["合计"]) for one in found["数据表"]},
        }
    except (OSError, Refusal, TypeError, KeyError):
        raise NoManifest(folder=folder) from None


def _inspected(path: Path, tallies: dict[int, Tally]) -> Iterator[Finding]:
    with path.open("rb") as file:
        for record in records(file, path.name):
            tally = tallies[record.table.number]
            tally.add(_amounts(record))
            for breach in breaches(record.table, record.fields):
                where = f"{path.name} {record.table.name}第 {tally.records} 条“{breach.name}”"
                yield Finding(where, f"{LABELS[breach.kind]}（{breach.text}）")


def _amounts(record: Record) -> dict[str, Value]:
    texts = dict(record.fields)
    found: dict[str, Value] = {}
    for element in record.table.amounts:
        try:
            found[element.code] = value_of(element, texts.get(element.name, ""))
        except Unwritten:  # told with the record
            continue
    return found


def _compared(tally: Tally, told: tuple[int, dict[str, str]]) -> Iterator[Finding]:
    expected, totals = told
    if tally.records != expected:
        yield Finding(tally.table.name, f"有 {tally.records} 条，清单里是 {expected} 条")
    found = {name: Money(fen).text for name, fen in tally.fen.items()}
    for name in found.keys() | totals.keys():
        if found.get(name) != totals.get(name):
            yield Finding(tally.table.name, f"{name}合计 {found.get(name)}，清单里是 {totals.get(name)}")
