"""Drill 演练: the city and the house in which collections are cut; the kiosk's half runs as its own program."""

from __future__ import annotations

import subprocess
import sys


def collect(faults: int, seed: int, *, real: bool = False, trace: bool = False) -> int:
    """Run the drill as a program; its exit code says whether nothing was lost and nothing paid twice."""
    command = [sys.executable, "-m", "kiosk.drill", f"--faults={faults}", f"--seed={seed}"]
    where = "house" if real else "city"
    command += ["--city", f"backend.drill.{where}:{where}"]
    command += ["--real"] if real else []
    command += ["--trace"] if trace else []
    return subprocess.run(command, check=False).returncode  # noqa: S603
