"""The demo city as a whole: the same bytes in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
TELL = """
import hashlib
import sys
from tests.backend.demo.given import MINIMUM_WAGE_FEN, PUBLISHED, TODAY, read_table
from backend.demo.city import City
from backend.demo.series import terms
city = City(5, TODAY, 300, read_table())
told = [*city.persons(), *city.employers]
told += [*city.careers(terms(PUBLISHED)), *city.vacancies(300, MINIMUM_WAGE_FEN)]
assert len(told) > 800
sys.stdout.write(hashlib.sha256(repr(told).encode()).hexdigest())
"""


def test_two_processes_tell_the_same_city_to_the_byte() -> None:
    """Python shuffles sets differently in every process; nothing that is told may rest on that."""
    found = [
        subprocess.run(
            [sys.executable, "-c", TELL],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert found[0] == found[1] != ""
