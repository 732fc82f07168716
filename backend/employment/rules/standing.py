"""Where a vacancy stands: one table, read by the program line by line and by PostgreSQL as one expression."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, Protocol

Status = Literal["draft", "in_review", "open", "filled", "expired", "withdrawn", "refused"]
Test = Literal["is set", "is not set", "is no", "is past"]

STATUS_NAMES: dict[str, str] = {
    "draft": "草稿",
    "in_review": "审核中",
    "open": "招聘中",
    "filled": "已招满",
    "expired": "已过期",
    "withdrawn": "已撤回",
    "refused": "未通过审核",
}

# the first line that holds is where it stands; otherwise it is open
LINES: tuple[tuple[Status, str, Test], ...] = (
    ("withdrawn", "withdrawn_at", "is set"),
    ("filled", "filled_at", "is set"),
    ("draft", "submitted_at", "is not set"),
    ("in_review", "reviewed_at", "is not set"),
    ("refused", "passed", "is no"),
    ("expired", "valid_until", "is past"),
)
OTHERWISE: Status = "open"


class Dated(Protocol):
    """What is known of a vacancy's life."""

    submitted_at: datetime | None
    reviewed_at: datetime | None
    passed: bool | None
    withdrawn_at: datetime | None
    filled_at: datetime | None
    valid_until: date


def holds(value: object, test: Test, today: date) -> bool:
    if test == "is set":
        return value is not None
    if test == "is not set":
        return value is None
    if test == "is no":
        return value is False
    return isinstance(value, date) and value < today


def status(vacancy: Dated, today: date) -> Status:
    """Where it stands on a day; valid through the last day itself."""
    return next(
        (name for name, fact, test in LINES if holds(getattr(vacancy, fact), test, today)),
        OTHERWISE,
    )
