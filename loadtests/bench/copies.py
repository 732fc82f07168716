"""Copies: how long rows just written take where nothing is checked; and the memory this process has had."""

from __future__ import annotations

import resource
from collections.abc import Mapping

from sqlalchemy import Engine, text

from loadtests.bench import frame

NOTHING = "create table bench_{name} as select * from {table} with no data"
COPY = "insert into bench_{name} select * from {table} where {which}"
Rows = Mapping[str, tuple[str, str]]  # name → table, and which of its rows


class Copies:
    """Tables of the same columns, logged as usual, without a key, a constraint, a default or a trigger."""

    def __init__(self, owner: Engine, rows: Rows) -> None:
        self._owner, self._rows = owner, rows
        with owner.begin() as db:
            for name, (table, _) in rows.items():
                db.execute(text(NOTHING.format(name=name, table=table)))

    def checkpoint(self) -> None:
        checkpoint(self._owner)

    def bare(self) -> float:
        """Seconds for the newest rows, committed as the command is."""
        with self._owner.begin() as db:
            for name in self._rows:
                db.execute(text(f"truncate bench_{name}"))
        self.checkpoint()
        with frame.timed() as watch, self._owner.begin() as db:
            for name, (table, which) in self._rows.items():
                db.execute(text(COPY.format(name=name, table=table, which=which)))
        return watch.seconds


def checkpoint(owner: Engine) -> None:
    """What is measured starts with nothing left to write."""
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("checkpoint"))


def peak_mb() -> float:
    """The most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
