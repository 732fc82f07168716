"""Story 故事: months of the demo city told through the real commands, one line a month, checked at every month's end."""

from __future__ import annotations

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from backend.demo.story import Story, Told
from backend.drill.place import place, told_city
from backend.kernel.money import Money

COLUMNS = {
    "核定应缴": "billed",
    "到账": "received",
    "欠费": "arrears",
    "发放": "benefits",
    "银行退回": "sent_back",
    "退回多发": "given_back",
    "待追回": "claimed",
}


def tell(months: int, persons: int, seed: int, console: Console) -> bool:
    """Whether the books agreed at the end of every month."""
    told: list[Told] = []
    with place() as (_, owner), Progress(console=console, transient=True) as progress:
        run, clock = told_city(owner, persons, progress)
        step = progress.add_task("示例市：逐月办理", total=months)
        for month in Story(run, clock, seed).tell(months):
            told.append(month)
            progress.advance(step)
        run.sessions.kw["bind"].dispose()
    console.print(_table(told, persons))
    for month in told:
        for difference in month.wrong:
            console.print(f"[red]{month.month} {difference}[/]")
    wrong = sum(bool(month.wrong) for month in told)
    console.print(f"{months} 个月，每个月末对账：{'全部相符' if not wrong else f'{wrong} 个月不符'}")
    return not wrong


def _table(told: list[Told], persons: int) -> Table:
    table = Table(title=f"示例市 {persons} 人，金额（元）", title_justify="left")
    table.add_column("月份", no_wrap=True)
    for head in ("发放人次", *COLUMNS):
        table.add_column(head, justify="right", no_wrap=True)
    for month in told:
        amounts = (Money(getattr(month, name)).text for name in COLUMNS.values())
        table.add_row(str(month.month), str(month.n), *amounts)
    return table
