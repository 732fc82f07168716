"""Listed 名单的写法: how the list of stopped cards names a card, and what is signed of it; for the office and every kiosk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cryptography.hazmat.primitives import hashes

from backend.cards.schema import StoppedEntry

MARK = 16  # bytes


def mark(card_code: str) -> str:
    """
    >>> mark("310000D1560000050000000000000001")
    'b73607a7505f5340496ab2c0350b1483'
    """
    digest = hashes.Hash(hashes.SM3())
    digest.update(card_code.encode())
    return digest.finalize()[:MARK].hex()


def signed_text(since: int, serial: int, at: datetime, entries: Iterable[StoppedEntry]) -> str:
    listed = ",".join(f"{one.serial}:{one.mark}:{int(one.stopped)}" for one in entries)
    return f"renshe-stopped|{since}|{serial}|{at.isoformat()}|{listed}"
