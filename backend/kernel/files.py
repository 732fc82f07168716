"""Files 文件: what was handed in or made, kept whole, never changed, given out only to who may see it.

A file stands in the database beside what refers to it: one backup holds both, one transaction keeps both.
The database recomputes size and hash, and lets nobody change or delete a row.
社会保险法 第七十四条: original vouchers of registration, declaration and payment are kept in good order.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath

from pydantic import Field
from sqlalchemy import CheckConstraint, Index, LargeBinary, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel import audit
from backend.kernel.actor import Actor, Kind, Permission, reach
from backend.kernel.db import Base, Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.fields import FILE_ID, FileId, Shape
from backend.kernel.text import plain

LARGEST_MB = 64
OWN_MB = 5  # of what a person, an employer or a kiosk hands in
OWN_FILES = 20  # in a day; of a kiosk as many as there are people before it
LONGEST_NAME = 120
MEDIA = {
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".xml": "application/xml",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".png": "image/png",
    ".jpg": "image/jpeg",
}
UNKNOWN = "application/octet-stream"


class FileEmpty(Refusal):
    """文件“{name}”是空的，没有收存。请选好文件再上传。"""

    status = 422


class FileTooLarge(Refusal):
    """文件“{name}”超过 {most} MB，没有收存。请分成几个文件再上传。"""

    status = 413


class TooManyFiles(Refusal):
    """一天最多收存 {most} 个文件，今天已经够了。请明天再上传，急用请到窗口办理。"""

    status = 429


class FileKept(Shape):
    """文件已经收存。"""

    file: FileId
    name: str = Field(title="文件名")
    size: int = Field(title="字节数")
    sha256: str = Field(title="SHA-256")


class File(Base):
    """`may` is what an officer needs to read it; its keeper always may."""

    __tablename__ = "file"
    __table_args__ = (
        CheckConstraint("octet_length(content) = size and size > 0", name="size"),
        CheckConstraint("encode(sha256(content), 'hex') = sha256", name="hash"),
        Index("ix_file_keeper_kept_at", "keeper", "kept_at"),
        {"schema": "kernel"},
    )
    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    media: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    may: Mapped[str | None] = mapped_column(String(40))
    ours: Mapped[bool]  # made by us for its keeper
    keeper: Mapped[str]
    area: Mapped[str] = mapped_column(String(6))
    kept_at: Mapped[datetime]


@dataclass(frozen=True)
class Fetched:
    """A file as it is given out."""

    name: str
    media: str
    content: bytes


def keep(
    uow: Uow, *, name: str, content: bytes, may: Permission | None = None, ours: bool = False
) -> FileKept:
    """Keep a file. `may`: what other officers of the area need to read it; none: only who kept it reads it.
    `ours`: made by us for who asks, who is not held to what they may hand in themselves."""
    name = cleaned(name)
    if not content:
        raise FileEmpty(name=name)
    own = not ours and uow.actor.kind not in {Kind.OFFICER, Kind.SYSTEM}
    most = OWN_MB if own else LARGEST_MB
    if len(content) > most * 1024 * 1024:
        raise FileTooLarge(name=name, most=most)
    if own and uow.actor.kind is not Kind.KIOSK and _handed_in_today(uow) >= OWN_FILES:
        raise TooManyFiles(most=OWN_FILES)
    file = File(
        id=secrets.token_urlsafe(16),
        name=name,
        media=MEDIA.get(PurePath(name).suffix.lower(), UNKNOWN),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        may=may and may.value,
        ours=ours,
        keeper=uow.actor.id,
        area=uow.actor.area,
        kept_at=uow.now,
    )
    uow.session.add(file)
    uow.session.flush()
    return FileKept(file=file.id, name=file.name, size=file.size, sha256=file.sha256)


def _handed_in_today(uow: Uow) -> int:
    since = uow.now - timedelta(days=1)
    kept = select(func.count()).where(File.keeper == uow.actor.id, File.kept_at > since, ~File.ours)
    return uow.session.scalar(kept) or 0


def fetch(uow: Uow, id: str) -> Fetched:
    """The file, for who may see it; for all others there is none. An officer's reading leaves a trace."""
    file = _seen(uow, id)
    if uow.actor.kind is Kind.OFFICER:
        audit.write(uow, "FILE", subject=file.id, outcome="read", command={"name": file.name})
    return Fetched(file.name, file.media, file.content)


def handed_in(uow: Uow, id: str | None) -> str | None:
    """The number of a file that a command refers to, where there is one and who asks may see it."""
    if not id:
        return None
    return _seen(uow, id).id


def _seen(uow: Uow, id: str) -> File:
    file = uow.session.scalar(select(File).where(File.id == id)) if re.fullmatch(FILE_ID, id) else None
    if file is None or not _visible(file, uow.actor):
        raise NotFound(what="这个文件")
    return file


def _visible(file: File, actor: Actor) -> bool:
    if actor.kind is Kind.SYSTEM or file.keeper == actor.id:
        return actor.kind is not Kind.ANYONE
    return (
        actor.kind is Kind.OFFICER
        and file.may is not None
        and actor.may(Permission(file.may))
        and file.area.startswith(reach(actor.area))
    )


def cleaned(name: str) -> str:
    """The last part of a name, without what no file system or header wants.

    >>> cleaned("C:\\\\桌面\\\\回盘 11月.txt"), cleaned("../../etc/passwd"), cleaned("\\x00")
    ('回盘 11月.txt', 'passwd', '文件')
    """
    last = plain(re.split(r"[\\/]", name)[-1].encode("utf-8", "ignore").decode())
    kept = re.sub(r'[<>:"|?*]', "_", last).strip(". ")
    stem, suffix = PurePath(kept).stem, PurePath(kept).suffix[:10]
    return stem[: LONGEST_NAME - len(suffix)] + suffix or "文件"
