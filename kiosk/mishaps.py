"""Mishaps: in a demonstration, what can be made to go wrong at the machine, each by a switch beside its screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from kiosk.devices.camera import SimCamera
from kiosk.devices.dispenser import SimDispenser
from kiosk.devices.pinpad import SimPinPad
from kiosk.devices.printer import FilePrinter
from kiosk.slot import TraySlot

LABELS: Final[Mapping[str, str]] = {
    "reader": "拔掉读卡器的线",
    "paper": "打印机没有纸",
    "paper-jam": "打印机卡纸",
    "paper-cover": "打印机盖子打开",
    "printer": "拔掉打印机的线",
    "cash-jam": "点钞时卡钞",
    "cash-short": "点出来的张数不够",
    "cassette": "一个钞箱被抽走",
    "shutter": "出钞口被挡住",
    "part": "取钱时留下两张没有拿",
    "snatch": "收回时有人抢走两张",
    "doubt": "出钞机说不清钱出去没有",
    "dispenser": "拔掉出钞机的线",
    "pad": "拔掉密码键盘的线",
    "pad-key": "密码键盘有一个键卡住",
    "camera": "拔掉摄像头的线",
    "lens": "镜头被贴住",
}
LARGEST: Final = 10000  # fen: the cassette that is pulled out
PAD_KEYS: Final = (*"123456789", "erase", "0", "cancel", "confirm")


@dataclass
class Stand:
    """The simulated devices of a demonstration: what a hand beside the machine reaches."""

    tray: TraySlot | None = None
    dispenser: SimDispenser | None = None
    printer: FilePrinter | None = None
    pad: SimPinPad | None = None
    camera: SimCamera | None = None
    version: int = 0  # changes with whatever a hand does

    @property
    def switches(self) -> dict[str, Switch]:
        """Whatever there is a device for, by its name."""
        return {switch.name: switch for switch in self._all()}

    def turn(self, name: str, *, on: bool) -> bool:
        """Whether there is such a switch."""
        switch = self.switches.get(name)
        if switch is not None:
            switch.turn(on)
            self.version += 1
        return switch is not None

    def type(self, key: str) -> None:
        """A finger on the pin pad."""
        if self.pad is not None and key in PAD_KEYS:
            self.pad.press(key)

    def _all(self) -> Iterator[Switch]:
        if self.tray is not None:
            tray = self.tray
            yield Switch("reader", lambda: not tray.plugged, lambda on: tray.plug(plugged=not on))
        if self.printer is not None:
            yield from _of_paper(self.printer)
        if self.dispenser is not None:
            yield from _of_cash(self.dispenser)
        if self.pad is not None:
            plan = self.pad.plan
            yield Switch("pad", lambda: plan.dead, lambda on: setattr(plan, "dead", on))
            yield Switch("pad-key", lambda: bool(plan.stuck), lambda on: setattr(plan, "stuck", "5" * on))
        if self.camera is not None:
            seen = self.camera.plan
            yield Switch("camera", lambda: seen.away, lambda on: setattr(seen, "away", on))
            yield Switch("lens", lambda: seen.covered, lambda on: setattr(seen, "covered", on))


@dataclass(frozen=True)
class Switch:
    """One thing that is wrong, or not."""

    name: str
    _is_on: Callable[[], bool]
    turn: Callable[[bool], None]

    @property
    def on(self) -> bool:
        return self._is_on()

    @property
    def label(self) -> str:
        return LABELS[self.name]


def _of_paper(printer: FilePrinter) -> Iterator[Switch]:
    plan = printer.plan
    yield Switch("paper", lambda: not plan.slips, lambda on: printer.new_roll(0 if on else None))
    yield Switch("paper-jam", lambda: plan.jam, lambda on: setattr(plan, "jam", on))
    yield Switch("paper-cover", lambda: plan.cover_open, lambda on: setattr(plan, "cover_open", on))
    yield Switch("printer", lambda: plan.offline, lambda on: setattr(plan, "offline", on))


def _of_cash(dispenser: SimDispenser) -> Iterator[Switch]:
    plan = dispenser.plan
    yield Switch("cash-jam", lambda: plan.jam, lambda on: setattr(plan, "jam", on))
    yield Switch(
        "cash-short", lambda: plan.short_pieces > 0, lambda on: setattr(plan, "short_pieces", 2 * on)
    )
    yield Switch(
        "cassette",
        lambda: LARGEST in plan.missing,
        lambda on: setattr(plan, "missing", frozenset({LARGEST}) if on else frozenset()),
    )
    yield Switch(
        "shutter",
        lambda: plan.shutter == "blocked",
        lambda on: setattr(plan, "shutter", "blocked" if on else "works"),
    )
    yield Switch("part", lambda: plan.left_lying > 0, lambda on: setattr(plan, "left_lying", 2 * on))
    yield Switch("snatch", lambda: plan.taken_back > 0, lambda on: setattr(plan, "taken_back", 2 * on))
    yield Switch("doubt", lambda: plan.forgets, lambda on: setattr(plan, "forgets", on))
    yield Switch("dispenser", lambda: plan.dead, lambda on: setattr(plan, "dead", on))
