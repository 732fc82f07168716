"""`python -m kiosk.drill --city package.module:name`: the drill, simulated over HTTP or with real processes."""

from __future__ import annotations

import os
import signal
import sys
from pydoc import locate
from typing import Annotated, cast

import typer
from rich.console import Console

from kiosk.drill import real as with_processes
from kiosk.drill.parts import simulated
from kiosk.drill.quiet import quiet
from kiosk.drill.report import show
from kiosk.drill.site import Opens as OpensHouse

WIDE = 140
INSIDE = "RENSHE_DRILL_INSIDE"  # set once the program stands in its own network


app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)


@app.command()
def main(
    city: Annotated[str, typer.Option(help="演练用的城市：模块:名称")],
    faults: Annotated[int, typer.Option(min=1, help="故障次数")] = 500,
    seed: Annotated[int, typer.Option(help="随机种子")] = 1,
    real: Annotated[bool, typer.Option("--real", help="用真正的程序")] = False,
    trace: Annotated[bool, typer.Option("--trace", help="把每一步写到标准错误")] = False,
) -> None:
    """领取演练：每次领取在一处切断，重新启动、核实、清点；丢失和重复支付都必须是零。"""
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    if real:
        _step_inside()
    opens = locate(city.replace(":", "."))
    if opens is None:
        raise typer.BadParameter(f"找不到 {city}", param_hint="--city")
    with quiet(trace=trace):
        if real:
            report = with_processes.collect(faults, seed, cast(OpensHouse, opens), console)
        else:
            report = simulated(city, faults, seed, console)
    show(report, console)
    raise typer.Exit(0 if report.good else 1)


def _step_inside() -> None:
    """Into a network and mounts of our own: what is done there ends with this program."""
    if why := with_processes.missing():
        Console(stderr=True).print(f"[red]{why}[/]")
        raise typer.Exit(2)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))  # told to stop, it still clears up
    if INSIDE not in os.environ:
        command = ["unshare", "-m", "-n", sys.executable, "-m", "kiosk.drill", *sys.argv[1:]]
        os.execvpe(command[0], command, os.environ | {INSIDE: "1"})  # noqa: S606 - ourselves again


if __name__ == "__main__":
    app()
