"""Pages: one template a state; what may be shown comes from the `Screen`, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backend.kernel.language import day_in
from kiosk import flow, words
from kiosk.case import Screen
from kiosk.flow import Event, State
from kiosk.mishaps import Switch
from kiosk.told import InDoubt

HERE: Final = Path(__file__).parent
BUSY: Final[Mapping[State, str]] = {
    State.BOOTING: "正在启动",
    State.READING: "正在读卡",
    State.CHECKING: "正在核对",
    State.OPENING: "正在办理",
    State.PROVING: "正在办理",
    State.CONFIRMING: "正在办理",
    State.DISPENSING: "正在点钞",
    State.CLEARING: "正在核对",
    State.REPORTING: "正在登记",
}
WITH_CARD: Final = frozenset({State.READING, State.CHECKING, State.OPENING, State.PROVING, State.CONFIRMING})
STATES: Final = {
    "payable": "可以领",
    "held": "办理中",
    "collected": "已领",
    "sent_to_bank": "已送银行",
}


@dataclass(frozen=True)
class TrayCard:
    name: str
    pin: str
    note: str
    inside: bool


@dataclass(frozen=True)
class Tray:
    """What lies outside the machine in a demonstration."""

    cards: tuple[TrayCard, ...]
    cash: int
    receipt: str
    mishaps: tuple[Switch, ...] = ()
    pad: tuple[str, ...] = ()  # the keys of a simulated pin pad

    @property
    def wrong(self) -> bool:
        return any(mishap.on for mishap in self.mishaps)

    @property
    def inside(self) -> bool:
        return any(card.inside for card in self.cards)


@cache
def environment(language: str) -> Environment:
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: words.translate(text, language),
        lambda one, many, n: words.CATALOGUE.counted(one, n, language),
        newstyle=True,
    )
    env.globals |= {
        "yuan": words.yuan,
        "month": partial(words.month, language=language),
        "day": partial(day_in, language=language),
        "years_and_months": partial(words.years_and_months, language=language),
        "in_doubt": lambda order: words.said(InDoubt(order=order), language),
        "lang": language,
        "languages": words.LANGUAGES,
        "draw": env.get_template("draw.html").module,
    }
    return env


def shown(screen: Screen, now_in: int | None) -> Screen:
    """The screen as it may be shown: with another card in, or none, nothing of the person is."""
    if screen.private and now_in != screen.insertion:
        return Screen(screen.version, State.CLEARING, screen.language)
    return screen


def name(screen: Screen) -> str:
    """The template of a screen."""
    if screen.asking:
        return "asking"
    if screen.state is State.WELCOME and (screen.closed is not None or screen.offline):
        return "closed" if screen.closed is not None else "offline"
    return "busy" if screen.state in BUSY else screen.state.name.lower()


def back(screen: Screen) -> str | None:
    """What the button at the lower left says to the flow; it is always there, pressed or not."""
    if screen.asking or (screen.state, Event.BACK) not in flow.TABLE:
        return None
    return Event.BACK.name


def render(screen: Screen, tray: Tray | None, mark: str) -> str:
    language = screen.language
    context: dict[str, Any] = {
        "screen": screen,
        "tray": tray,
        "mark": mark,
        "back": back(screen),
        "refresh_s": 1 if screen.state in BUSY or screen.state is State.PRESENTING else 3,
        "said": words.said(screen.said, language) if screen.said else "",
        "hindered": words.said(screen.hindered, language) if screen.hindered else "",
        "unprinted": words.said(screen.errand.unprinted, language)
        if screen.errand and screen.errand.unprinted
        else "",
        "busy": words.translate(BUSY.get(screen.state, ""), language),
        "with_card": screen.state in WITH_CARD,
        "states": {state: words.translate(text, language) for state, text in STATES.items()},
    }
    return environment(language).get_template(f"screens/{name(screen)}.html").render(context)
