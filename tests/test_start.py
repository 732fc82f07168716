"""A start reads what it needs, and no more: on existing data everything answers within five seconds."""

from __future__ import annotations

import subprocess
import sys


def test_a_start_reads_little_before_the_doors_open() -> None:
    """What `renshe up` needs on existing data: half of a start was reading what only the programs need."""
    source = "import sys; import backend.cli, backend.up; print(*sorted(sys.modules))"
    read = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout
    assert {"sqlalchemy", "alembic", "fastapi", "altair", "pypinyin"} & set(read.split()) == set()


def test_a_portal_starts_without_what_few_pages_need() -> None:
    source = "import sys; import portal.serve; print(*sorted(sys.modules))"
    read = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout
    assert {"alembic", "altair", "pypinyin", "rjieba", "opencc", "typer"} & set(read.split()) == set()
