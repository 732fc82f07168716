"""Report: how every cut collection ended, where it was cut, what was covered, and whether books and notes agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.table import Table

from kiosk.drill.coverage import DEFINED, IGNORED, ILLEGAL, Coverage, Pair, told
from kiosk.drill.scene import Notes
from kiosk.flow import Event

ENDINGS: Final = {
    "paid": "已付",
    "not paid, free again": "没有付",
    "in doubt, counted: paid": "清点已付",
    "in doubt, counted: not paid, free again": "清点未付",
}
BIN_NAMES: Final = {
    "stacker": "暂存",
    "shutter": "出钞口",
    "rejected": "废钞",
    "retracted": "回收",
    "caught": "卡住",
}
CARD: Final = "card: "


@dataclass
class Report:
    faults: int
    seed: int
    declared: tuple[tuple[str, str], ...] = ()  # every cut there is: where, how
    collections: int = 0  # also those that nothing cut
    walks: int = 0
    ended: Counter[str] = field(default_factory=Counter)  # how the cut collection ended, once settled
    cuts: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # where, how, ending
    coverage: Coverage = field(default_factory=Coverage)
    lost: list[int] = field(default_factory=list)  # people the books call paid who have no notes
    twice: list[int] = field(default_factory=list)  # people with more than they were owed
    wrong: list[str] = field(default_factory=list)  # whatever else does not add up
    paid_fen: int = 0  # by the ledger
    handed_fen: int = 0  # by the notes
    banked_fen: int = 0
    notes: list[Notes] = field(default_factory=list)  # one kiosk each

    @property
    def good(self) -> bool:
        bad = self.lost or self.twice or self.wrong or self.coverage.broken
        return not bad and self.paid_fen == self.handed_fen and all(one.add_up for one in self.notes)

    @property
    def missed(self) -> list[tuple[str, str]]:
        """Declared cuts that never came about."""
        made = {(where, how) for where, how, _ in self.cuts}
        return [cut for cut in self.declared if cut not in made]

    def end(self, ending: str, cuts: Iterable[tuple[str, str]]) -> None:
        self.ended[ending] += 1
        for where, how in cuts:
            self.cuts[where, how, ending] += 1

    def add(self, other: Report) -> None:
        """What another part of the same drill did."""
        self.declared = tuple(dict.fromkeys(self.declared + other.declared))
        for name in ("collections", "walks", "paid_fen", "handed_fen", "banked_fen"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.ended += other.ended
        self.cuts += other.cuts
        self.coverage.add(other.coverage)
        for mine, others in ((self.lost, other.lost), (self.twice, other.twice)):
            mine += others
        self.wrong += other.wrong
        self.notes += other.notes


def ending(booked_fen: int, *, counted: bool) -> str:
    word = "paid" if booked_fen else "not paid, free again"
    return f"in doubt, counted: {word}" if counted else word


def show(report: Report, console: Console) -> None:
    """Every cut with its endings, the coverage, then the totals."""
    console.print(_cuts(report))
    _show_covered(report, console)
    for problem in report.wrong:
        console.print(f"[red]{problem}[/]")
    _show_money(report, console)
    console.print(f"[bold]丢失 {len(report.lost)}，重复支付 {len(report.twice)}[/]")


def _cuts(report: Report) -> Table:
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
    return cuts


def _show_covered(report: Report, console: Console) -> None:
    missed, declared, all_tried = report.missed, report.declared, report.faults >= len(report.declared)
    console.print(f"声明的断点 {len(declared)} 个，切到 {len(declared) - len(missed)} 个")
    for where, how in missed if all_tried else ():
        console.print(f"  没有切到：{where}，{how}", highlight=False)
    apdus = [cut for cut in declared if cut[0].startswith(CARD)]
    if apdus:
        names, gone = len({where for where, _ in apdus}), sum(cut in missed for cut in apdus)
        console.print(f"卡片指令 {names} 条，每条之前和之后 {len(apdus)} 处，断过 {len(apdus) - gone} 处")
    if report.coverage.pairs:
        _show_pairs(report.coverage, console, listed=all_tried)


def _show_pairs(coverage: Coverage, console: Console, *, listed: bool) -> None:
    for pairs, what in ((DEFINED, "表里规定"), (IGNORED, "不理会的动作")):
        console.print(f"（状态，事件）{what}的 {len(pairs)} 对，遇到 {coverage.met(pairs)} 对")
        if listed:
            _list("没有遇到", coverage.missing(pairs), console)
    console.print(
        f"（状态，事件）不该发生的 {len(ILLEGAL)} 对，发生 {len(coverage.broken)} 对；为什么不会发生："
    )
    _list("[red]发生了[/]", coverage.broken, console)
    for event in Event:
        states = sum(pair[1] is event for pair in ILLEGAL)
        if states:
            console.print(
                f"  {event.name}，{states} 个状态里不会有：{coverage.why_never(event)}",
                highlight=False,
                soft_wrap=True,
            )


def _list(what: str, pairs: list[Pair], console: Console) -> None:
    for state, found in groupby(map(told, pairs), key=lambda pair: pair[0]):
        events = "、".join(event for _, event in found)
        console.print(f"  {what}：{state}：{events}", highlight=False, soft_wrap=True)


def _show_money(report: Report, console: Console) -> None:
    verdict = "[green]相符[/]" if report.paid_fen == report.handed_fen else "[red]不符[/]"
    walks = f"，另有 {report.walks} 次随意走动，送银行 {report.banked_fen} 分" if report.walks else ""
    console.print(
        f"领取 {report.collections} 笔{walks}；账上付出 {report.paid_fen} 分，出钞机交出 {report.handed_fen} 分：{verdict}",
        soft_wrap=True,
    )
    for one in report.notes:
        bins = "".join(f" ＋ {BIN_NAMES[name]} {fen}" for name, fen in one.bins_fen.items() if fen)
        sign = "[green]相符[/]" if one.add_up else "[red]不符[/]"
        console.print(
            f"钞票（分）：钞箱 {one.cassettes_fen}{bins} ＋ 付出 {one.taken_fen} ＝ 装入 {one.loaded_fen}：{sign}",
            soft_wrap=True,
        )
