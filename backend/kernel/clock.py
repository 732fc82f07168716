"""Clock: the only place that reads the time. The business day is China's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """What a command may ask about time."""

    def now(self) -> datetime: ...
    def today(self) -> date: ...


@dataclass(frozen=True)
class SystemClock:
    """The machine's time; `ahead` moves it (a demo told on another day)."""

    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def today(self) -> date:
        return self.now().astimezone(CHINA).date()


@dataclass
class FixedClock:
    """A clock that stands still until it is set; for tests and for stories told month by month."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def today(self) -> date:
        return self.at.astimezone(CHINA).date()

    def set(self, at: datetime) -> None:
        self.at = at
