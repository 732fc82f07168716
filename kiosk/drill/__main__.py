"""`python -m kiosk.drill --city package.module:name`: the drill over HTTP against a running backend."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pydoc import locate
from typing import Annotated, Protocol, cast

import typer
from rich.console import Console

from kiosk.client import HttpBackend
from kiosk.drill.report import show
from kiosk.drill.run import City, collect, people


class Opens(Protocol):
    """Opens a city with so many retirees for the length of a drill."""

    def __call__(self, people: int, seed: int) -> AbstractContextManager[City]: ...


app = typer.Typer(add_completion=False)


@app.command()
def main(
    city: Annotated[str, typer.Option(help="演练用的城市：模块:名称")],
    faults: Annotated[int, typer.Option(min=1, help="故障次数")] = 500,
    seed: Annotated[int, typer.Option(help="随机种子")] = 1,
) -> None:
    """领取演练：每次领取在随机的一点切断，重新启动、核实、清点；丢失和重复支付都必须是零。"""
    console = Console()
    opens = locate(city.replace(":", "."))
    if opens is None:
        raise typer.BadParameter(f"找不到 {city}", param_hint="--city")
    with cast(Opens, opens)(people(faults, seed), seed) as held:
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
    show(report, console)
    raise typer.Exit(0 if report.good else 1)


if __name__ == "__main__":
    app()
