"""Long batches 长批次: a file of more lines than a person would wait for, done by the worker line by line.

The file is kept, its lines are commands of whoever handed it in, and each line's request id is made of the file's
content: a worker that falls in the middle leaves the batch to the next one, which begins again and does nothing twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath

import structlog
from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, SmallInteger, String, select, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel import auth, files
from backend.kernel.actor import reach
from backend.kernel.batch import Line, answered, content_key, each_line
from backend.kernel.db import Base, Runner, Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.items import Item, find
from backend.kernel.language import translate
from backend.kernel.telling import said
from backend.kernel.text import rows_of

log = structlog.get_logger()
AT_ONCE = 200  # lines that a page does while its reader waits
BEAT = 20  # lines after which a worker says how far it is
LEASE = timedelta(minutes=2)  # without a word for so long, a worker is taken for fallen
TRIES = 5
PAUSE_S = 1.0


class MakerGone(Refusal):
    """交这个批次的人已经不能办理业务，还没有办的行不再办理。请另一位工作人员把文件重新交一次：已经办好的行会被拒绝，不会重复办理。"""


class KeepsFailing(Refusal):
    """系统出错，试了 {tries} 次没有办完，已经停下；办好的行都保存了。请告诉管理员，以后再交一次同一个文件，只会办没有办的行。"""


class Batch(Base):
    """`at`: lines that the present worker has gone through; `beat_at`: when it last said so."""

    __tablename__ = "batch"
    __table_args__ = (
        CheckConstraint("state in ('waiting','running','done','stopped')", name="state"),
        CheckConstraint("n > 0 and at between 0 and n and bad between 0 and at", name="counts"),
        CheckConstraint("(state = 'done') = (result is not null)", name="result"),
        Index("ix_batch_item_id", "item", "id"),
        Index("ix_batch_open", "id", postgresql_where=text("state in ('waiting','running')")),
        {"schema": "kernel"},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    item: Mapped[str] = mapped_column(String(10))
    file: Mapped[str] = mapped_column(ForeignKey("kernel.file.id"))
    name: Mapped[str] = mapped_column(String(200))
    dry: Mapped[bool]
    maker: Mapped[str] = mapped_column(String(40))
    area: Mapped[str] = mapped_column(String(6))
    language: Mapped[str] = mapped_column(String(5))
    n: Mapped[int]
    at: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    said: Mapped[str] = mapped_column(String(300), default="")  # why it stopped
    result: Mapped[str | None] = mapped_column(ForeignKey("kernel.file.id"))
    sent_at: Mapped[datetime]
    beat_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


def send(uow: Uow, known: Item, file: files.FileKept, n: int, *, dry: bool, language: str) -> int:
    """Hand a kept file of `n` lines to the worker; the batch's number."""
    row = Batch(
        item=known.code,
        file=file.file,
        name=file.name,
        dry=dry,
        maker=uow.actor.id,
        area=uow.actor.area,
        language=language,
        n=n,
        sent_at=uow.now,
    )
    uow.session.add(row)
    uow.session.flush()
    return row.id


def seen(uow: Uow, number: int) -> Batch:
    """A batch, for whoever may do its item in the area it was handed in; for all others there is none."""
    row = uow.session.get(Batch, number)
    if row is None or not _open_to(uow, row):
        raise NotFound(what=f"批次 {number}")
    return row


def _open_to(uow: Uow, row: Batch) -> bool:
    return row.maker == uow.actor.id or (
        find(row.item).open_to(uow.actor) and row.area.startswith(reach(uow.actor.area))
    )


def newest(uow: Uow, known: Item, most: int) -> list[Batch]:
    """The last batches of an item within reach, the newest first."""
    within = Batch.area.startswith(reach(uow.actor.area))
    rows = select(Batch).where(Batch.item == known.code, within).order_by(Batch.id.desc()).limit(most)
    return list(uow.session.scalars(rows))


# ---- the worker's side ----


@dataclass(frozen=True)
class Taken:
    """What a worker needs of the batch it has taken."""

    id: int
    item: str
    file: str
    name: str
    dry: bool
    maker: str
    language: str


def keep_working(run: Runner, stop: threading.Event) -> None:
    """Do batch after batch until told to stop; what goes wrong with one is logged and tried again later."""
    while not stop.wait(PAUSE_S):
        try:
            while work(run, lambda: not stop.is_set()):
                pass
        except Exception as why:  # noqa: BLE001 - the others must not wait behind it
            log.error("batch.failed", why=type(why).__name__)


def work(run: Runner, going: Callable[[], bool] = lambda: True) -> bool:
    """Do the batch that waits longest; whether there was one. Told to stop, it is left to the next worker."""
    taken = run.system(_take)
    if taken is None:
        return False
    maker = run.system(auth.of, taken.maker)
    if maker is None:
        run.system(_stop, taken.id, said(MakerGone(), taken.language))
        return True
    by = run.by(maker)
    known, content = find(taken.item), by(files.fetch, taken.file).content
    rows, lines, bad = rows_of(content), list[Line](), 0
    for line in each_line(by, known, rows, key=f"{known.code}/{content_key(content)}", dry=taken.dry):
        lines.append(line)
        bad += not line.ok
        if line.no % BEAT == 0:
            run.system(_beat, taken.id, line.no, bad)
            if not going():
                run.system(_leave, taken.id)
                return True
    name = f"{PurePath(taken.name).stem}-{translate('回盘', taken.language)}.csv"
    back = answered(rows, lines, taken.language)
    kept = by(files.keep, name=name, content=back, may=known.may)
    run.system(_end, taken.id, len(lines), bad, kept.file)
    return True


def _take(uow: Uow) -> Taken | None:
    fallen = (Batch.state == "running") & (Batch.beat_at < uow.now - LEASE)
    row = uow.session.scalar(
        select(Batch)
        .where((Batch.state == "waiting") | fallen)
        .order_by(Batch.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    if row.tries >= TRIES:
        _stop(uow, row.id, said(KeepsFailing(tries=row.tries), row.language))
        return _take(uow)
    row.state, row.at, row.bad, row.tries, row.beat_at = "running", 0, 0, row.tries + 1, uow.now
    return Taken(row.id, row.item, row.file, row.name, row.dry, row.maker, row.language)


def _held(uow: Uow, number: int) -> Batch:
    return uow.session.get_one(Batch, number, with_for_update=True)


def _beat(uow: Uow, number: int, at: int, bad: int) -> None:
    row = _held(uow, number)
    row.at, row.bad, row.beat_at = at, bad, uow.now


def _leave(uow: Uow, number: int) -> None:
    """Told to stop in the middle: no failure, so it does not count as a try."""
    row = _held(uow, number)
    row.state, row.tries = "waiting", row.tries - 1


def _stop(uow: Uow, number: int, why: str) -> None:
    row = _held(uow, number)
    row.state, row.said, row.ended_at = "stopped", why, uow.now
    uow.session.flush()


def _end(uow: Uow, number: int, at: int, bad: int, result: str) -> None:
    row = _held(uow, number)
    row.state, row.at, row.bad, row.result, row.ended_at = "done", at, bad, result, uow.now
