"""Statements: where the database's time goes, told by what the statements begin with."""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import Any

from sqlalchemy import Engine, event

WORDS = re.compile(r"(insert\s+into|update|delete\s+from|from)\s+([\w.\"]+)", re.I)
MOST = 4


class Statements:
    """Listens to an engine; counts and times each kind of statement."""

    def __init__(self, engine: Engine) -> None:
        self.seconds: Counter[str] = Counter()
        self.times: Counter[str] = Counter()
        event.listen(engine, "before_cursor_execute", self._before)
        event.listen(engine, "after_cursor_execute", self._after)

    def _before(self, connection: Any, *_: Any) -> None:
        connection.info["began"] = time.perf_counter()

    def _after(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        kind = kind_of(statement)
        self.seconds[kind] += time.perf_counter() - connection.info["began"]
        self.times[kind] += 1

    def told(self, runs: int) -> str:
        """The longest, for one run."""
        longest = self.seconds.most_common(MOST)
        return "，".join(f"{kind} {seconds / runs:.2f} 秒" for kind, seconds in longest)


def kind_of(statement: str) -> str:
    """What a statement writes to, else what it reads first."""
    found = {verb.split()[0].lower(): table for verb, table in reversed(WORDS.findall(statement))}
    for verb in ("insert", "update", "delete", "from"):
        if verb in found:
            return f"{'select' if verb == 'from' else verb} {found[verb]}"
    return statement.strip()[:30]
