"""Journal: what this kiosk did with money, written to the disk before it is done; also the outbox of reports.

One record: length, payload (JSON), SHA-256 over the previous record's hash and this payload, CRC-32 over all
of it. Every append is on the disk (fdatasync) before `append` returns. At most the last record can be torn,
since none is begun before the one before it is safe: a torn end is cut off, anything else is damage and the
journal refuses to open. The kiosk's own time is never written: no rule uses it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from backend.kernel.errors import Told

MAGIC: Final = b"RSJ1"
PREFIX: Final = struct.Struct(">4sI")
SUFFIX: Final = struct.Struct(">32sI")
LONGEST: Final = 4096  # bytes of payload
GENESIS: Final = bytes(32)
KEPT: Final = 8 * 2**20  # bytes; past this a journal with nothing open is put aside at the next start


class JournalDamaged(Told):
    """自助机日志损坏，为了资金安全已停止服务，请联系维护人员。"""


class JournalBusy(Told):
    """日志正被另一个程序使用：同一台自助机只能运行一个程序。"""


class JournalFailed(Told):
    """日志写不进磁盘，为了资金安全已停止服务，请联系维护人员。"""


class Stage(Enum):
    BOOT = "BOOT"  # the machine started; facts: epoch
    ORDERED = "ORDERED"  # facts: method, amount_fen, entitlement
    SIGNING = "SIGNING"  # a collect card is about to be asked to agree; facts: count
    SIGNED = "SIGNED"  # facts: count, tac (none: it has not agreed)
    DISPENSING = "DISPENSING"  # the token is about to be used
    STACKED = "STACKED"  # facts: counts
    PRESENTING = "PRESENTING"  # from here the holder may have the notes
    OUT = "OUT"  # facts: outcome, status (signed by the dispenser)
    ACKED = "ACKED"  # the backend knows; facts: state


FACTS: Final[Mapping[Stage, Mapping[str, type]]] = {  # what a restart asks of each
    Stage.BOOT: {"epoch": int},
    Stage.ORDERED: {"method": str, "amount_fen": int, "entitlement": str},
    Stage.DISPENSING: {"token": str},
    Stage.OUT: {"outcome": str},
    Stage.ACKED: {"state": str},
}


@dataclass(frozen=True, slots=True)
class Entry:
    seq: int
    stage: Stage
    order: str
    facts: Mapping[str, Any]
    head: str  # this record's hash: the chain up to and including it


@dataclass
class Course:
    """One order as the journal tells it."""

    order: str
    entries: dict[Stage, Entry] = field(default_factory=dict)

    @property
    def cash(self) -> bool:
        return bool(self.entries[Stage.ORDERED].facts["method"] == "cash")

    @property
    def out(self) -> Entry | None:
        return self.entries.get(Stage.OUT)

    @property
    def acked(self) -> str | None:
        """The backend's last word on it."""
        entry = self.entries.get(Stage.ACKED)
        return None if entry is None else str(entry.facts["state"])


def _record(previous: bytes, payload: bytes) -> tuple[bytes, bytes]:
    """(record, its hash)."""
    digest = hashlib.sha256(previous + payload).digest()
    body = PREFIX.pack(MAGIC, len(payload)) + payload + digest
    return body + struct.pack(">I", zlib.crc32(body)), digest


def _read(data: bytes, at: int) -> tuple[bytes, bytes, int] | None:
    """(payload, hash, next offset) of the whole, unharmed record at `at`."""
    if at + PREFIX.size > len(data):
        return None
    magic, size = PREFIX.unpack_from(data, at)
    end = at + PREFIX.size + size + SUFFIX.size
    if magic != MAGIC or size > LONGEST or end > len(data):
        return None
    digest, crc = SUFFIX.unpack_from(data, end - SUFFIX.size)
    if zlib.crc32(data[at : end - 4]) != crc:
        return None
    return data[at + PREFIX.size : end - SUFFIX.size], digest, end


def record_at(data: bytes, at: int) -> tuple[bytes, int] | None:
    """(payload, next offset) of the whole, unharmed record at `at`, if one stands there."""
    found = _read(data, at)
    return None if found is None else (found[0], found[2])


def _torn(data: bytes, at: int) -> bool:
    """Whether the bad bytes at `at` can be one record cut short: nothing can stand after it."""
    left = len(data) - at
    if left >= PREFIX.size:
        magic, size = PREFIX.unpack_from(data, at)
        if magic == MAGIC and size <= LONGEST and left > PREFIX.size + size + SUFFIX.size:
            return False
    while (at := data.find(MAGIC, at + 1)) >= 0:
        if _read(data, at) is not None:
            return False
    return left <= PREFIX.size + LONGEST + SUFFIX.size


def _said(payload: bytes) -> dict[str, Any]:
    """What a record says; one that says what no kiosk writes is damage, whatever its sums are."""
    try:
        told = json.loads(payload)
        needed = FACTS.get(Stage(told["stage"]), {})
        right = (
            type(told["seq"]) is int
            and 0 <= told["seq"] < 2**63
            and isinstance(told["order"], str)
            and isinstance(told["facts"], dict)
            and all(type(told["facts"][name]) is kind for name, kind in needed.items())
            and len(bytes.fromhex(told.get("after", GENESIS.hex()))) == len(GENESIS)
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise JournalDamaged from None
    if not right:
        raise JournalDamaged
    known: dict[str, Any] = told
    return known


def _told(data: bytes) -> Iterator[tuple[dict[str, Any], bytes, int]]:
    """(what a record says, its hash, where it ends) of every sound record; a broken chain is damage."""
    at, head = 0, GENESIS
    while (found := _read(data, at)) is not None:
        payload, digest, at = found
        told = _said(payload)
        if "after" in told:  # the first record of a journal that continues another
            head = bytes.fromhex(told["after"])
        if hashlib.sha256(head + payload).digest() != digest:
            raise JournalDamaged
        head = digest
        yield told, digest, at


def read(path: Path) -> Iterator[Entry]:
    """Every entry of a journal at rest, its chain checked; for people who look into it."""
    data, end = path.read_bytes(), 0
    for told, digest, after in _told(data):
        end = after
        yield _entry(told, digest)
    if end < len(data):
        raise JournalDamaged


def _entry(told: dict[str, Any], digest: bytes) -> Entry:
    facts = MappingProxyType(told["facts"])
    return Entry(told["seq"], Stage(told["stage"]), told["order"], facts, digest.hex())


class Journal:
    """The open journal of one kiosk; nobody else can open it meanwhile."""

    def __init__(self, path: Path, kept: int = KEPT) -> None:
        self.path, self._kept = path, kept
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = (path.parent / f"{path.name}.lock").open("w")
        except OSError as error:
            raise JournalFailed from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise JournalBusy from None
        self._file = -1
        try:
            self._open()
        except BaseException as error:
            if self._file >= 0:
                os.close(self._file)
            self._lock.close()
            if isinstance(error, OSError):
                raise JournalFailed from error
            raise

    def _open(self) -> None:
        self.seq, self._head, self._failed = 0, GENESIS, False
        self.courses: dict[str, Course] = {}
        self._unheard: dict[str, Course] = {}  # a collect card may have agreed without our hearing of it
        self._pending: dict[str, Course] = {}  # without an outcome, unreported, or in doubt
        self.epoch = self.ordered = 0  # this run, and how many orders it has begun
        _finish_turning(self.path)
        fresh = not self.path.exists()
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        if fresh:
            _sync_folder(self.path.parent)
        good = self._replay(self.path.read_bytes())
        if good < os.fstat(self._file).st_size:
            os.ftruncate(self._file, good)
            os.fsync(self._file)
        if good > self._kept and not self._pending:
            self._turn()

    def _replay(self, data: bytes) -> int:
        """Take in every record; the offset where the sound part ends."""
        end = 0
        for told, digest, after in _told(data):
            end = after
            self._take(told, digest)
        if end < len(data) and not _torn(data, end):
            raise JournalDamaged
        return end

    def _take(self, told: dict[str, Any], digest: bytes) -> Entry:
        entry = _entry(told, digest)
        if entry.seq <= self.seq and "after" not in told:
            raise JournalDamaged
        self.seq, self._head = entry.seq, digest
        if entry.stage is Stage.BOOT:
            self.epoch, self.ordered = int(entry.facts["epoch"]), 0
            return entry
        course = self.courses.setdefault(entry.order, Course(entry.order))
        if entry.stage is not Stage.ORDERED and Stage.ORDERED not in course.entries:
            raise JournalDamaged
        course.entries[entry.stage] = entry
        self._pending[entry.order] = course
        self.ordered += entry.stage is Stage.ORDERED
        if entry.stage is Stage.SIGNING:
            self._unheard[entry.order] = course
        elif entry.stage is Stage.SIGNED:
            self._unheard.pop(entry.order, None)
        if course.acked not in (None, "in_doubt"):
            del self._pending[entry.order]
        return entry

    def append(self, stage: Stage, order: str = "", **facts: Any) -> Entry:
        """Write one record; it is on the disk when this returns."""
        told = {"seq": self.seq + 1, "stage": stage.value, "order": order, "facts": facts}
        return self._write(told)

    def boot(self, epoch: int) -> None:
        """A new run. Numbers start past every number an earlier run can have used, even one whose journal
        is lost: the backend takes one number with two different hashes for two machines."""
        seq = max(self.seq + 1, epoch << 16)
        self._write({"seq": seq, "stage": Stage.BOOT.value, "order": "", "facts": {"epoch": epoch}})

    def _write(self, told: dict[str, Any]) -> Entry:
        payload = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        if len(payload) > LONGEST:
            raise JournalFailed
        record, digest = _record(self._head, payload)
        self._put(record)
        return self._take(told, digest)

    def _put(self, record: bytes) -> None:
        if self._failed:  # half a record may stand there; nothing may follow it
            raise JournalFailed
        try:
            self._failed = os.write(self._file, record) != len(record)
            os.fdatasync(self._file)
        except OSError as error:
            self._failed = True
            raise JournalFailed from error
        if self._failed:
            raise JournalFailed

    @property
    def head(self) -> str:
        return self._head.hex()

    def open_orders(self) -> list[Course]:
        """Orders that nobody may clear up after yet: unfinished, unreported or in doubt. A copy: other
        threads ask too."""
        return list(self._pending.values())

    def unfinished(self) -> list[Course]:
        """Orders without an outcome."""
        return [course for course in self.open_orders() if course.out is None]

    def unheard(self) -> dict[str, Course]:
        """Orders whose proof only the card can still give."""
        return dict(self._unheard)

    def outbox(self) -> list[Course]:
        """Orders whose outcome the backend has not acknowledged."""
        return [course for course in self.open_orders() if course.out is not None and course.acked is None]

    def doubts(self) -> list[Course]:
        """Cash orders the backend holds in doubt: until they are counted this kiosk hands out no cash."""
        return [course for course in self.open_orders() if course.cash and course.acked == "in_doubt"]

    def _turn(self) -> None:
        """Put the full journal aside and go on in a new one, its first record chained to the last."""
        told = {
            "seq": self.seq,
            "stage": "BOOT",
            "order": "",
            "facts": {"epoch": self.epoch},
            "after": self.head,
        }
        payload = json.dumps(told, separators=(",", ":")).encode()
        record, digest = _record(self._head, payload)
        following = self.path.with_suffix(".next")
        private = os.open(following, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # it will hold tokens
        with os.fdopen(private, "wb") as file:
            file.write(record)
            file.flush()
            os.fsync(file.fileno())
        os.close(self._file)
        self._file = -1
        self.path.rename(self.path.with_name(f"{self.path.stem}-{self.seq:012d}{self.path.suffix}"))
        _finish_turning(self.path)
        self._file = os.open(self.path, os.O_RDWR | os.O_APPEND)
        self._head = digest
        self.courses.clear()
        self._unheard.clear()

    def close(self) -> None:
        if not self._lock.closed:
            os.close(self._file)
            self._lock.close()


def _finish_turning(path: Path) -> None:
    """The last step of `_turn`, also done at the next start when the power failed before it."""
    following = path.with_suffix(".next")
    if following.exists() and not path.exists():
        following.rename(path)
    following.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
