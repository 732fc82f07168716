"""Pages: one template a state; what may be shown comes from the `Screen`, nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.ext import extract_from_ast

from backend.kernel.language import ZH, day_in
from kiosk import flow, matter, words
from kiosk.case import Screen
from kiosk.flow import Event, State
from kiosk.matter import KEYS
from kiosk.mishaps import Switch
from kiosk.recordings import RECORDINGS
from kiosk.spoken import STATES, VOLUMES, Phrase, spoken
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
    State.FETCHING: "正在办理",
}
REMEDIES: Final[
    Mapping[str, str]
] = {  # what to do about it, drawn; else the counter; nothing where all is done
    "AlreadyCollected": "",
    "SentToBank": "",
    "CardFault": "again",
    "CardGarbled": "wipe",
    "CardMute": "wipe",
    "CardPulled": "again",
    "CardStuck": "again",
    "NoCard": "insert_card",
    "NotSocialSecurityCard": "insert_card",
    "OutcomeUnknown": "again",
    "ProofWrong": "wipe",
    "SessionOver": "again",
    "SignInAgain": "again",
    "VisitExpired": "again",
    "CashBroken": "elsewhere",
    "CashShort": "elsewhere",
    "HeldElsewhere": "later",
    "NoAnswer": "later",
    "NotDone": "again",
    "NotTaken": "again",
    "OtherDispenser": "elsewhere",
}
WITH_CARD: Final = frozenset({State.READING, State.CHECKING, State.OPENING, State.PROVING, State.CONFIRMING})


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
        "pay": partial(words.pay, language=language),
        "keys": KEYS,
        "draw": env.get_template("draw.html").module,
        "paging": env.get_template("paging.html").module,
        "pictures": env.get_template("pictures.html").module,
    }
    return env


def voices() -> Iterator[str]:
    """What templates put into their own block `voice`: recorded too."""
    env = environment(ZH)
    for name in env.list_templates(["html"]):
        source = env.parse((HERE / "templates" / name).read_text("utf-8"))
        for block in source.find_all(nodes.Block):
            if block.name == "voice":
                for _, _, text in extract_from_ast(nodes.Template([block])):
                    yield from (one for one in ((text,) if isinstance(text, str) else text or ()) if one)


def shown(screen: Screen, now_in: int | None) -> Screen:
    """The screen as it may be shown: with another card in, or none, nothing of the person is."""
    if screen.private and now_in != screen.insertion:
        return Screen(screen.version, State.CLEARING, screen.language, screen.comfort)
    return screen


def name(screen: Screen) -> str:
    """The template of a screen."""
    if screen.asking:
        return "asking"
    if screen.comfort.open:
        return "comfort"
    if screen.state is State.WELCOME and (screen.closed is not None or screen.offline):
        return "closed" if screen.closed is not None else "offline"
    if screen.state in flow.PINS - {State.PIN}:
        return "pin_change"
    return "busy" if screen.state in BUSY else screen.state.name.lower()


def choices(screen: Screen) -> matter.Page:
    """The choices of a list that stand on the screen now; before a card is put in, what needs none."""
    if screen.state is State.WELCOME:
        return matter.page([one for one in screen.services if not one.card][: matter.MOST], 0)
    return matter.shown(screen.matter, screen.state, screen.services)


def back(screen: Screen) -> str | None:
    """What the button at the lower left says to the flow; it is always there, pressed or not."""
    if screen.asking or screen.comfort.open or (screen.state, Event.BACK) not in flow.TABLE:
        return None
    return Event.BACK.name


def remedy(screen: Screen) -> str:
    """The drawing of what to do now about what went wrong."""
    return REMEDIES.get(screen.said.code, "counter") if screen.said else ""


def render(screen: Screen, tray: Tray | None, mark: str) -> str:
    language, busy = screen.language, BUSY.get(screen.state, "")
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
        "busy": words.translate(busy, language),
        "with_card": screen.state in WITH_CARD
        or (screen.state is State.FETCHING and screen.insertion is not None),
        "page": choices(screen),
        "sheets": {
            sheet: [words.translate(text, language) for text in texts]
            for sheet, texts in matter.SHEETS.items()
        },
        "states": {state: words.translate(text, language) for state, text in STATES.items()},
        "spoken": lambda own: [Phrase(own)] if own else spoken(screen, busy),
        "clips": partial(RECORDINGS.clips, language=language),
        "recorded": len(RECORDINGS) > 0,
        "remedy": remedy(screen),
        "loudness": words.translate(VOLUMES[screen.comfort.volume], language),
    }
    return environment(language).get_template(f"screens/{name(screen)}.html").render(context)
