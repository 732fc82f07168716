"""The load rises in steps, never falls, and ends; in a process of its own, since Locust patches the sockets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RISING = """
from loadtests.shapes import Result, users_at
seen = [users_at(s, 90, 50) for s in range(90)]
assert seen == sorted(seen) and set(seen) == {10, 20, 30, 40, 50}, seen
assert users_at(90, 90, 50) is None and users_at(0, 90, 1) == 1
class Response:
    def __init__(self, status): self.status_code = status
result = Result()
for status in (200, 303, 404, 409, 500, 503, 0): result.see("x", Response(status))
result.see("x", None)
assert result.broken == {"x": 3}, result.broken
import loadtests.locustfile as mix
assert {one.__name__ for one in (mix.Visitor, mix.Insured, mix.Company, mix.Clerk, mix.Kiosk)}
"""


def test_the_load_rises_and_a_server_s_failure_is_counted() -> None:
    done = subprocess.run(
        [sys.executable, "-c", RISING], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
