"""`make bench`: every script in a process of its own, one after the other, and one table of all figures."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time

from loadtests.bench import frame
from loadtests.bench.frame import Figure, console
from loadtests.house import ROOT, House, temporary

SCRIPTS = (
    "payday",
    "levying",
    "bankfile",
    "interest",
    "awarding",
    "adjusting",
    "closing",
    "awards",
    "collecting",
    "searching",
    "publishing",
    "pages",
    "cards",
    "personalising",
    "wiping",
    "hall",
    "starting",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes; no bar is judged")
    parser.add_argument("--only", choices=SCRIPTS, nargs="*", default=SCRIPTS)
    asked = parser.parse_args()
    console.print(frame.machine())
    figures: list[Figure] = []
    fallen: list[str] = []
    with temporary() as home:
        city = House(home / "model")
        frame.found(city, quick=asked.quick)
        for name in asked.only:
            began = time.monotonic()
            kept = home / f"{name}.json"
            command = [sys.executable, "-m", f"loadtests.bench.{name}", f"--json={kept}"]
            done = subprocess.run(  # noqa: S603 - our own program
                command + ["--quick"] * asked.quick,
                cwd=ROOT,
                env=os.environ | {frame.CITY: str(city.home)},
                check=False,
            )
            console.print(f"{name}：{time.monotonic() - began:.0f} 秒")
            if done.returncode:
                fallen.append(name)
            else:
                figures += [Figure.read(one) for one in json.loads(kept.read_text("utf-8"))]
    console.print(frame.table(figures, judged=not asked.quick))
    frame.notes(figures)
    for name in fallen:
        console.print(f"[bold red]{name} 没有量成，原因在上面[/]")
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
