"""Report: how every cut collection ended, where it was cut, and whether books and notes agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console
from rich.table import Table

ENDINGS: Final = {
    "paid": "已付",
    "not paid, free again": "没有付",
    "in doubt, counted: paid": "清点已付",
    "in doubt, counted: not paid, free again": "清点未付",
}


@dataclass
class Report:
    faults: int
    seed: int
    declared: tuple[tuple[str, str], ...] = ()  # every cut there is: where, how
    collections: int = 0  # also those that nothing cut
    ended: Counter[str] = field(default_factory=Counter)  # how the cut collection ended, once settled
    cuts: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # where, how, ending
    lost: list[int] = field(default_factory=list)  # people the books call paid who have no notes
    twice: list[int] = field(default_factory=list)  # people with more than they were owed
    wrong: list[str] = field(default_factory=list)  # whatever else does not add up
    paid_fen: int = 0  # by the ledger
    handed_fen: int = 0  # by the notes

    @property
    def good(self) -> bool:
        return not (self.lost or self.twice or self.wrong) and self.paid_fen == self.handed_fen

    @property
    def missed(self) -> list[tuple[str, str]]:
        """Declared cuts that never came about."""
        made = {(where, how) for where, how, _ in self.cuts}
        return [cut for cut in self.declared if cut not in made]

    def end(self, ending: str, cuts: Iterable[tuple[str, str]]) -> None:
        self.ended[ending] += 1
        for where, how in cuts:
            self.cuts[where, how, ending] += 1


def ending(booked_fen: int, *, counted: bool) -> str:
    word = "paid" if booked_fen else "not paid, free again"
    return f"in doubt, counted: {word}" if counted else word


def show(report: Report, console: Console) -> None:
    """Every cut with its endings, then the totals."""
    title = f"领取演练：{report.faults} 次故障，种子 {report.seed}"
    cuts = Table(title=title, title_justify="left")
    for name in ("断在哪里", "怎样断"):
        cuts.add_column(name, no_wrap=True)
    for name in ENDINGS.values():
        cuts.add_column(name, justify="right", no_wrap=True)
    for where, how in sorted({(where, how) for where, how, _ in report.cuts}):
        numbers = (report.cuts[where, how, name] for name in ENDINGS)
        cuts.add_row(where, how, *(str(n or "") for n in numbers))
    cuts.add_section()
    cuts.add_row("合计", "", *(str(report.ended[name]) for name in ENDINGS))
    console.print(cuts)
    missed = report.missed
    console.print(f"声明的断点 {len(report.declared)} 个，切到 {len(report.declared) - len(missed)} 个")
    for where, how in missed if report.faults >= len(report.declared) else ():
        console.print(f"  没有切到：{where}，{how}", highlight=False)
    for problem in report.wrong:
        console.print(f"[red]{problem}[/]")
    verdict = "[green]相符[/]" if report.paid_fen == report.handed_fen else "[red]不符[/]"
    console.print(
        f"领取 {report.collections} 笔；账上付出 {report.paid_fen} 分，出钞机交出 {report.handed_fen} 分：{verdict}"
    )
    console.print(f"[bold]丢失 {len(report.lost)}，重复支付 {len(report.twice)}[/]")
