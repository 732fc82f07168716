"""Shapes: the load rises step by step, then ends; and what is kept of it for the table."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from locust import LoadTestShape
from locust.env import Environment

from loadtests.figures import percentile_of_counts

STEPS = 5


def users_at(elapsed_s: float, seconds: float, most: int) -> int | None:
    """How many are there at a moment: equal steps up to the most; None when the time is over."""
    if elapsed_s >= seconds:
        return None
    step = int(elapsed_s / seconds * STEPS) + 1
    return max(1, round(most * step / STEPS))


class Rising(LoadTestShape):
    """From a fifth of LOAD_USERS to all of them within LOAD_SECONDS."""

    def tick(self) -> tuple[int, float] | None:
        seconds, most = float(os.environ["LOAD_SECONDS"]), int(os.environ["LOAD_USERS"])
        elapsed_s = float(self.get_run_time())  # type: ignore[no-untyped-call]  # Locust's own
        users = users_at(elapsed_s, seconds, most)
        return None if users is None else (users, float(most))


@dataclass
class Result:
    """What Locust's own table does not know."""

    began: float = field(default_factory=time.monotonic)
    collections: int = 0
    paid_fen: int = 0
    nobody_after_s: float | None = None  # when the last payment was collected, if it was
    broken: dict[str, int] = field(
        default_factory=dict
    )  # a line of the table → answers of 5xx or none at all

    def collected(self, amount_fen: int) -> None:
        self.collections += 1
        self.paid_fen += amount_fen

    def nobody_left(self) -> None:
        if self.nobody_after_s is None:
            self.nobody_after_s = time.monotonic() - self.began

    def see(self, name: str, response: Any, **_more: Any) -> None:
        """An answer of 5xx, and no answer at all, are both the server's failure."""
        if response is not None and not 0 < response.status_code < 500:
            self.broken[name] = self.broken.get(name, 0) + 1


RESULT = Result()


def watch(environment: Environment) -> None:
    """From the first request on; the end is written where the caller looks for it."""
    hooks: Any = environment.events
    hooks.request.add_listener(lambda name, response=None, **more: RESULT.see(name, response, **more))
    hooks.test_stop.add_listener(lambda environment, **_: write(environment))


def write(environment: Environment) -> None:
    stats = environment.runner.stats if environment.runner else environment.stats
    rows = [
        {
            "name": one.name,
            "requests": one.num_requests,
            "errors": one.num_failures,
            "per_second": one.total_rps,
            "ms": {
                str(p): percentile_of_counts({float(ms): n for ms, n in one.response_times.items()}, p)
                for p in (50, 95, 99)
            },
        }
        for one in sorted(stats.entries.values(), key=lambda one: one.name)
        if one.num_requests
    ]
    errors = [f"{one.name}：{one.error}（{one.occurrences} 次）" for one in stats.errors.values()]
    bugs = [f"{one['msg']}\n{one['traceback']}" for one in _exceptions(environment)]
    kept = asdict(RESULT) | {"rows": rows, "errors": errors, "bugs": bugs}
    Path(os.environ["LOAD_RESULT"]).write_text(json.dumps(kept, ensure_ascii=False), "utf-8")


def _exceptions(environment: Environment) -> list[Any]:
    """What went wrong in the load itself: no answer was bad, yet somebody could not go on."""
    return list(environment.runner.exceptions.values()) if environment.runner else []
