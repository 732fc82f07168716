"""Report: which runs were killed how, where it hit them, and whether anything was lost or is there twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from backend.drill.runs.twin import RUNS

KILLS = {"client": "办理进程", "backend": "数据库会话进程", "server": "整个数据库"}
INSIDE, AFTER = "提交前", "提交后"


@dataclass
class Report:
    """What came of it."""

    kills: int
    seed: int
    runs: int = 0
    hits: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # run, kill, where
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # what the checks found
    compared: int = 0  # totals

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)

    def at(self, where: str) -> int:
        return sum(n for (_, _, hit), n in self.hits.items() if hit == where)


def show(report: Report, console: Console) -> None:
    table = Table(title=f"批量办理演练：{report.kills} 次强行中断，种子 {report.seed}", title_justify="left")
    for head in ("办理什么", "中断什么"):
        table.add_column(head, no_wrap=True)
    for head in (INSIDE, AFTER):
        table.add_column(head, justify="right", no_wrap=True)
    for run, told in RUNS.items():
        for kill, killed in KILLS.items():
            hits = [report.hits[run, kill, where] for where in (INSIDE, AFTER)]
            if any(hits):
                table.add_row(told, killed, *(str(n or "") for n in hits))
    table.add_section()
    table.add_row("合计", "", str(report.at(INSIDE)), str(report.at(AFTER)))
    console.print(table)
    for problem in (*report.lost, *report.doubled, *report.wrong):
        console.print(f"[red]{problem}[/]", highlight=False)
    verdict = "[green]相符[/]" if report.good else "[red]不符[/]"
    console.print(
        f"办理 {report.runs} 次，中断在提交前 {report.at(INSIDE)} 次、提交后 {report.at(AFTER)} 次；"
        f"和没有中断过的城市逐次核对 {report.compared:,} 项合计：{verdict}",
        highlight=False,
    )
    console.print(f"[bold]丢失 {len(report.lost)}，重复 {len(report.doubled)}[/]")
