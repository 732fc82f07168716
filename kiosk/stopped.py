"""Stopped: the signed list of stopped cards (CRD-Q9), by which this machine refuses a card whoever can be reached.

Taken is only what the office has signed, what goes on where the list ended, without a gap, and what is not older than what
was heard before; all else leaves the list as it was. On the disk it lies under a seal of this machine: what the machine has
not written whole is not read, and the list is asked for from its beginning.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

import structlog

from backend.cards.listed import MARK, mark, signed_text
from backend.cards.schema import AskStopped, StoppedCards
from cardio.sm2 import PublicKey
from kiosk.client import NoAnswer, Refused

log = structlog.get_logger()
HEAD: Final = struct.Struct(">4sQQ")  # what it is, last serial, microseconds since 1970 of the last answer
MAGIC: Final = b"RSS1"
SEAL: Final = hashlib.sha256().digest_size
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Asked(Protocol):
    def stopped(self, question: AskStopped) -> StoppedCards: ...


class NotTaken(ValueError):
    """An answer that the office has not given, or not to this question."""


class StopList:
    """One thread may ask while others look."""

    def __init__(self, path: Path, office: Asked, notice_key: str, machine_key: str) -> None:
        self._path, self._office = path, office
        self._signer, self._seal = PublicKey(bytes.fromhex(notice_key)), machine_key.encode()
        self._asking = threading.Lock()
        self.serial, self._at, self._marks = 0, EPOCH, set[bytes]()
        if path.exists():
            try:
                self.serial, self._at, self._marks = self._read(path.read_bytes())
            except (OSError, ValueError) as why:
                log.error("stopped.unreadable", why=str(why))

    def __len__(self) -> int:
        return len(self._marks)

    def holds(self, card_code: str) -> bool:
        return bytes.fromhex(mark(card_code.upper())) in self._marks

    def refuses(self, card_code: str, *, offline: bool) -> bool:
        """Whether this card is stopped. Who has just had it back is on the list until its next word: that is asked for."""
        if self.holds(card_code) and not offline:
            self.catch_up()
        return self.holds(card_code)

    def catch_up(self) -> None:
        """What came since; nobody is kept from anything where that cannot be had."""
        with self._asking:
            before = self.serial
            try:
                while self._take(self._office.stopped(AskStopped(since=self.serial))):
                    pass
            except NoAnswer as why:
                log.warning("stopped.unheard", serial=self.serial, why=why.detail)
            except Refused as refused:
                log.error("stopped.refused", serial=self.serial, code=refused.code)
            except NotTaken as why:
                log.error("stopped.not_taken", serial=self.serial, why=str(why))
            if self.serial != before:
                self._keep()

    def _take(self, told: StoppedCards) -> bool:
        """Whether more is to be asked for; raises NotTaken and changes nothing where it is not the office's answer."""
        changes = self._checked(told)
        for card, stopped in changes:
            (self._marks.add if stopped else self._marks.discard)(card)
        self.serial, self._at = told.serial, told.at
        return told.more and bool(changes)

    def _checked(self, told: StoppedCards) -> list[tuple[bytes, bool]]:
        text = signed_text(told.since, told.serial, told.at, told.entries)
        try:
            if not self._signer.verify(text.encode(), bytes.fromhex(told.signature)):
                raise NotTaken("not signed by the office")
            changes = [(bytes.fromhex(one.mark), one.stopped) for one in told.entries]
        except ValueError as why:
            raise NotTaken(str(why)) from None
        serials = [one.serial for one in told.entries]
        if told.since != self.serial or told.serial != told.since + len(serials):
            raise NotTaken("of another question")
        if serials != list(range(told.since + 1, told.serial + 1)) or any(
            len(card) != MARK for card, _ in changes
        ):
            raise NotTaken("with a gap")
        if told.at < self._at:
            raise NotTaken("older than the last")
        return changes

    # ---- on the disk ----

    def _keep(self) -> None:
        """Whole, or as it was. What the disk does not take is asked for again after the next start."""
        fresh = self._path.with_suffix(".new")
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(self._written())
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError as why:
            log.error("stopped.not_kept", why=str(why))

    def _written(self) -> bytes:
        since = (self._at - EPOCH) // timedelta(microseconds=1)
        body = HEAD.pack(MAGIC, self.serial, since) + b"".join(sorted(self._marks))
        return body + self._sealed(body)

    def _read(self, data: bytes) -> tuple[int, datetime, set[bytes]]:
        body, seal = data[:-SEAL], data[-SEAL:]
        if len(body) < HEAD.size or not hmac.compare_digest(self._sealed(body), seal):
            raise ValueError("torn, or not written by this machine")
        _, serial, since = HEAD.unpack_from(body)
        return serial, EPOCH + timedelta(microseconds=since), set(_marks(body[HEAD.size :]))

    def _sealed(self, body: bytes) -> bytes:
        """Under the machine's key, and for the list of this office alone."""
        return hmac.digest(self._seal, self._signer.point + body, hashlib.sha256)


def _marks(body: bytes) -> Iterable[bytes]:
    return (body[at : at + MARK] for at in range(0, len(body), MARK))
