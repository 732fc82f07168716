"""Audit 经办留痕: who did which item, when, on whom, with what before and after, sealed so that no row can change.

社会保险经办条例 第三十七、三十八条: every step of business is logged. Rows are insert only; blocks of rows are
sealed by hash, each seal carrying the one before, so a changed, missing or added row breaks the chain.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Identity,
    Index,
    Insert,
    Select,
    String,
    UniqueConstraint,
    event,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.kernel.db import Base, Uow

BLOCK = 1000
FIRST = "0" * 64
WATCHED = "audit.changes"


class Row(Base):
    """One item done, or refused."""

    __tablename__ = "row"
    __table_args__ = (Index("ix_row_subject", "subject"), {"schema": "audit"})
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    actor_name: Mapped[str]
    actor_area: Mapped[str]
    item: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str]
    request_id: Mapped[str | None]
    case_no: Mapped[int | None]
    outcome: Mapped[str]
    command: Mapped[dict[str, Any]]
    changes: Mapped[dict[str, Any]]


ADD = insert(Base.metadata.tables["audit.row"]).inline()  # nobody asks for the number it gets


class Seal(Base):
    """A block of rows, closed."""

    __tablename__ = "seal"
    __table_args__ = (UniqueConstraint("previous"), {"schema": "audit"})
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    previous: Mapped[str] = mapped_column(String(64))
    first_id: Mapped[int] = mapped_column(ForeignKey("audit.row.id"))
    last_id: Mapped[int] = mapped_column(ForeignKey("audit.row.id"))
    n: Mapped[int]
    root: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


@dataclass(frozen=True)
class Broken:
    """A block that does not say what it said when it was sealed."""

    seq: int
    what: str


Changes = dict[str, list[dict[str, Any]]]


def watch(session: Session) -> Changes:
    """Collect what the command adds, changes and deletes from now on: table → [{id, before, after}].

    An earlier collection of the same session has what came before.
    """
    changes: Changes = {}
    session.info[WATCHED] = changes
    return changes


@event.listens_for(Session, "after_flush")
def _note_flush(flushed: Session, _context: Any) -> None:
    changes: Changes | None = flushed.info.get(WATCHED)
    if changes is None:
        return
    for entity in flushed.new:
        _note(changes, entity, {}, _values(entity))
    for entity in flushed.dirty:
        before, after = _difference(entity)
        if after:
            _note(changes, entity, before, after)
    for entity in flushed.deleted:
        _note(changes, entity, _values(entity), {})


def _note(changes: Changes, entity: Any, before: dict[str, Any], after: dict[str, Any]) -> None:
    state = inspect(entity)
    if state.mapper.local_table.schema in {"audit", "kernel"}:
        return
    key = [str(part) for part in state.mapper.primary_key_from_instance(entity)]
    row = {"id": "/".join(key)} | ({"before": before} if before else {}) | ({"after": after} if after else {})
    changes.setdefault(state.mapper.local_table.fullname, []).append(row)


def _values(entity: Any) -> dict[str, Any]:
    state = inspect(entity)
    return {a.key: _plain(state.dict[a.key]) for a in state.mapper.column_attrs if a.key in state.dict}


def _difference(entity: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    state = inspect(entity)
    before, after = {}, {}
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if history.has_changes():
            before[attribute.key] = _plain(history.deleted[0] if history.deleted else None)
            after[attribute.key] = _plain(history.added[0] if history.added else None)
    return before, after


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | str | bool | None) else str(value)


def write(
    uow: Uow,
    item: str,
    *,
    subject: str,
    outcome: str,
    command: dict[str, Any],
    changes: Changes | None = None,
    request_id: str | None = None,
    case_no: int | None = None,
    how: Insert = ADD,
    **beside: Any,
) -> None:
    """Add one row, in the same transaction as the work itself; where `how` writes more in the same statement,
    `beside` are its values."""
    who = uow.actor
    row = {
        "at": uow.now,
        "actor_kind": who.kind,
        "actor_id": who.id,
        "actor_name": who.name,
        "actor_area": who.area,
        "item": item,
        "subject": subject,
        "request_id": request_id,
        "case_no": case_no,
        "outcome": outcome,
        "command": command,
        "changes": changes or {},
    }
    uow.session.connection().execute(how, row | beside)


def seal(uow: Uow) -> int:
    """Seal what has been written since the last seal, in blocks; the number of rows sealed comes back.

    Where a long command is on its way nothing is finished for sure, and the next call will do it.
    """
    finished = uow.session.scalar(text("select audit.finished()"))
    if finished is None:
        return 0
    last = uow.session.scalar(select(Seal).order_by(Seal.seq.desc()).limit(1))
    seq, previous, after = (last.seq, last.hash, last.last_id) if last else (0, FIRST, 0)
    sealed = 0
    while rows := uow.session.scalars(_between(after, finished).limit(BLOCK)).all():
        seq, after, sealed = seq + 1, rows[-1].id, sealed + len(rows)
        root = _root(list(rows))
        block = Seal(
            seq=seq,
            previous=previous,
            first_id=rows[0].id,
            last_id=after,
            n=len(rows),
            root=root,
            hash=_hash(seq, previous, rows[0].id, after, len(rows), root),
            at=uow.now,
        )
        uow.session.add(block)
        uow.session.flush()
        previous = block.hash
        uow.session.expunge_all()
    return sealed


def verify(uow: Uow) -> list[Broken]:
    """Recompute every seal; an empty list says that nothing was changed, taken out or slipped in."""
    broken: list[Broken] = []
    previous, expected, end = FIRST, 1, 0
    for block in uow.session.scalars(select(Seal).order_by(Seal.seq)):
        if block.seq != expected or block.previous != previous or block.first_id <= end:
            broken.append(Broken(block.seq, "与上一封块接不上"))
        rows = list(uow.session.scalars(_between(end, block.last_id)))
        root = _root(rows)
        if len(rows) != block.n or root != block.root:
            broken.append(Broken(block.seq, f"{block.first_id} 至 {block.last_id} 行与封存时不同"))
        elif block.hash != _hash(block.seq, block.previous, block.first_id, block.last_id, block.n, root):
            broken.append(Broken(block.seq, "封块自身的校验不符"))
        previous, expected, end = block.hash, block.seq + 1, block.last_id
    return broken


def count(uow: Uow) -> tuple[int, int]:
    """Rows written and rows sealed."""
    written = uow.session.scalar(select(func.count()).select_from(Row)) or 0
    sealed = uow.session.scalar(select(func.coalesce(func.sum(Seal.n), 0))) or 0
    return written, int(sealed)


def _between(after: int, last: int) -> Select[Row]:
    return select(Row).where(Row.id > after, Row.id <= last).order_by(Row.id)


def _root(rows: list[Row]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        fields = {c.key: getattr(row, c.key) for c in inspect(Row).column_attrs}
        fields["at"] = row.at.astimezone(UTC).isoformat()
        digest.update(json.dumps(fields, ensure_ascii=False, sort_keys=True).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _hash(seq: int, previous: str, first: int, last: int, n: int, root: str) -> str:
    return hashlib.sha256(f"{seq}|{previous}|{first}|{last}|{n}|{root}".encode()).hexdigest()
