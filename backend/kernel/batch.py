"""Batch 报盘/回盘: many commands of one item from a file; each line happens or is refused alone."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from backend.kernel.db import Runner, Uow
from backend.kernel.errors import Refusal, Told
from backend.kernel.items import Filed, Item, authorise, perform
from backend.kernel.language import translate
from backend.kernel.legible import legible
from backend.kernel.sentences import read
from backend.kernel.telling import CouldBeDone, Done, Waits, said
from backend.kernel.text import harmless


def content_key(content: bytes) -> str:
    """A key made of a file's content: the same file again is the same batch."""
    return hashlib.sha256(content).hexdigest()[:24]


@dataclass(frozen=True)
class Line:
    """What came of one line of a batch; `no` counts from 1 below the heading."""

    no: int
    refusal: Refusal | None = None
    done: BaseModel | Filed | None = None  # None: refused, or only tried

    @property
    def ok(self) -> bool:
        return self.refusal is None

    @property
    def told(self) -> Told:
        """The same as a sentence."""
        if isinstance(self.done, Filed):
            return Waits(case_no=self.done.case_no)
        return self.refusal or (CouldBeDone() if self.done is None else Done())


class _Undo(Exception):
    """Leaves a dry run's transaction without keeping anything."""


def _try(uow: Uow, known: Item, command: BaseModel) -> None:
    legible(command)
    authorise(known, uow.actor, command)
    known.run(uow, command)
    uow.session.flush()
    raise _Undo


def each_line(
    run: Runner, known: Item, rows: Iterable[Mapping[str, str]], *, key: str, dry: bool = False
) -> Iterator[Line]:
    """Each line is a command of its own and fails alone; `key` makes the whole batch safe to send again."""
    for no, row in enumerate(rows, 1):
        try:
            command = read(known.asks, {k: v for k, v in row.items() if v not in ("", None)})
            if dry:
                try:
                    run(_try, known, command)
                except _Undo:
                    yield Line(no)
            else:
                yield Line(no, done=perform(run, known, command, request_id=f"{key}/{no}"))
        except Refusal as refusal:
            yield Line(no, refusal=refusal)


def answered(rows: Sequence[Mapping[str, str]], lines: Sequence[Line], language: str) -> bytes:
    """回盘: the same lines with what came of each, as CSV; sent again, mended lines are done and the others stay."""
    text = io.StringIO()
    writer = csv.writer(text)
    heads = list(rows[0])
    writer.writerow([*heads, *(translate(head, language) for head in ("结果", "说明"))])
    for row, line in zip(rows, lines, strict=True):
        result = translate("成功" if line.ok else "失败", language)
        cells = (*(row[head] for head in heads), result, said(line.told, language))
        writer.writerow([harmless(cell) for cell in cells])
    return ("\ufeff" + text.getvalue()).encode()
