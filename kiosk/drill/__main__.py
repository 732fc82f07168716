"""`python -m kiosk.drill --city package.module:name`: the drill, simulated over HTTP or with real processes."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pydoc import locate
from typing import Annotated, Protocol, cast

import structlog
import typer
from rich.console import Console

from kiosk.client import HttpBackend
from kiosk.drill import real as with_processes
from kiosk.drill.report import Report, show
from kiosk.drill.run import City, collect, people
from kiosk.drill.site import Opens as OpensHouse

INSIDE = "RENSHE_DRILL_INSIDE"  # set once the program stands in its own network


class Opens(Protocol):
    """Opens a city with so many retirees for the length of a drill."""

    def __call__(self, people: int, seed: int) -> AbstractContextManager[City]: ...


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
    console = Console()
    if real:
        _step_inside()
    opens = locate(city.replace(":", "."))
    if opens is None:
        raise typer.BadParameter(f"找不到 {city}", param_hint="--city")
    with _quiet(trace):
        if real:
            report = with_processes.collect(faults, seed, cast(OpensHouse, opens), console)
        else:
            report = _simulated(faults, seed, cast(Opens, opens), console)
    show(report, console)
    raise typer.Exit(0 if report.good else 1)


@contextmanager
def _quiet(trace: bool) -> Iterator[None]:
    """What kiosk and backend log in a drill are its own faults: told apart from the report, or not at all."""
    usual = structlog.get_config()
    least = logging.INFO if trace else logging.CRITICAL
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        yield
    finally:
        structlog.configure(**usual)


def _step_inside() -> None:
    """Into a network and mounts of our own: what is done there ends with this program."""
    if why := with_processes.missing():
        Console(stderr=True).print(f"[red]{why}[/]")
        raise typer.Exit(2)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))  # told to stop, it still clears up
    if INSIDE not in os.environ:
        command = ["unshare", "-m", "-n", sys.executable, "-m", "kiosk.drill", *sys.argv[1:]]
        os.execvpe(command[0], command, os.environ | {INSIDE: "1"})  # noqa: S606 - ourselves again


def _simulated(faults: int, seed: int, opens: Opens, console: Console) -> Report:
    with opens(people(faults, seed), seed) as held:
        backend = HttpBackend(held.url, held.kiosk, held.key)
        report = collect(
            faults,
            seed,
            backend,
            held.books,
            kiosk=held.kiosk,
            dispenser=held.dispenser,
            dispenser_key=held.dispenser_key,
            console=console,
        )
        backend.close()
    return report


if __name__ == "__main__":
    app()
