"""Matter: what a service has in hand — what was asked, what came, which page of it is shown; pure.

It is forgotten as a whole when the menu is back or the person gone. Nothing secret is kept here: what stands in it may be
shown on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from backend.hall.schema import CardRow, GuideGroup, GuideItem, Job, Life, NewsRow, Paper, Records
from kiosk.moves import Event, State
from kiosk.services import SERVICES, TRADES, Service, Trade
from kiosk.vacancies import Hit

MOST: Final = 4  # choices a screen; the last of more than so many turns the page
ENTRIES: Final = frozenset(one.event for one in SERVICES)
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
KEYS: Final = f"1234567890{LETTERS}"
LONGEST: Final = 20  # letters of a search
Sheet = Literal["career", "year", "benefit"]
Picture = Literal["first", "again", "none"]
OTHER_PICTURES: Final[tuple[Picture, ...]] = ("again", "none")  # once the camera gave none
SHEETS: Final[Mapping[Sheet, tuple[str, str]]] = {  # what can be printed: name, line
    "career": ("参保缴费证明", "全部年份，带验证码"),
    "year": ("今年的缴费记录", "每个月缴了多少"),
    "benefit": ("养老待遇证明", "现在每月领多少，带验证码"),
}


@dataclass(frozen=True)
class Matter:
    pages: Mapping[State, int] = field(default_factory=dict)
    sheet: Sheet | None = None
    paper: Paper | Records | None = None
    life: Life | None = None
    picture: Picture = "first"  # which try it is; a proof is as good without one
    cards: tuple[CardRow, ...] = ()
    card: CardRow | None = None
    trade: Trade | None = None
    typed: str = ""
    total: int = 0
    jobs: tuple[Hit, ...] = ()
    vacancy: str = ""
    job: Job | None = None
    news: tuple[NewsRow, ...] = ()
    message: NewsRow | None = None
    opened: frozenset[int] = frozenset()
    guide: tuple[GuideGroup, ...] = ()
    group: GuideGroup | None = None
    errand: GuideItem | None = None

    @property
    def words(self) -> str:
        """What is looked for: the kind of work that was touched, or what was typed."""
        return self.trade.words if self.trade else self.typed


@dataclass(frozen=True)
class Page:
    """A screenful of choices: each with its number in the whole list."""

    rows: tuple[tuple[int, Any], ...]
    at: int
    of: int

    @property
    def gaps(self) -> int:
        """Places left empty so that the button for more stands where it always stands."""
        return MOST - 1 - len(self.rows) if self.of > 1 else 0


def page(rows: Sequence[Any], at: int) -> Page:
    """
    >>> page("abcd", 0).rows, page("abcde", 1).rows, page("abcde", 1).gaps, page("abcde", 2).at
    (((0, 'a'), (1, 'b'), (2, 'c'), (3, 'd')), ((3, 'd'), (4, 'e')), 1, 0)
    """
    size = MOST if len(rows) <= MOST else MOST - 1
    of = max(1, -(-len(rows) // size))
    first = at % of * size
    return Page(tuple(enumerate(rows))[first : first + size], at % of, of)


ROWS: Final[Mapping[State, Callable[[Matter], Sequence[Any]]]] = {
    State.PAPERS: lambda matter: tuple(SHEETS),
    State.UNSEEN: lambda matter: OTHER_PICTURES,
    State.CARDS: lambda matter: matter.cards,
    State.WORK: lambda matter: TRADES,
    State.JOBS: lambda matter: matter.jobs,
    State.NEWS: lambda matter: matter.news,
    State.GUIDE: lambda matter: matter.guide,
    State.ERRANDS: lambda matter: matter.group.items if matter.group else (),
}


def rows(matter: Matter, state: State, services: Sequence[Service]) -> Sequence[Any]:
    """Everything that can be chosen here."""
    if state is State.MENU:
        return services
    return ROWS[state](matter) if state in ROWS else ()


def shown(matter: Matter, state: State, services: Sequence[Service]) -> Page:
    return page(rows(matter, state, services), matter.pages.get(state, 0))


def turned(matter: Matter, state: State, services: Sequence[Service]) -> Matter:
    """The next page, and after the last the first."""
    seen = shown(matter, state, services)
    return replace(matter, pages={**matter.pages, state: (seen.at + 1) % seen.of})


def begun(matter: Matter) -> Matter:
    """Back at the menu: only its page is kept."""
    return Matter(pages={state: at for state, at in matter.pages.items() if state is State.MENU})


def chosen(matter: Matter, state: State, choice: int) -> Matter | None:
    """With what was chosen in hand; None for what cannot be chosen."""
    if state not in ROWS or not 0 <= choice < len(ROWS[state](matter)):
        return None
    one = ROWS[state](matter)[choice]
    if state is State.CARDS:
        return replace(matter, card=one) if one.can_be_lost else None
    changed: Mapping[State, dict[str, Any]] = {
        State.PAPERS: {"sheet": one},
        State.UNSEEN: {"picture": one},
        State.WORK: {"trade": one, "typed": ""},
        State.JOBS: {"vacancy": getattr(one, "id", "")},
        State.NEWS: {"message": one},
        State.GUIDE: {"group": one, "pages": {**matter.pages, State.ERRANDS: 0}},
        State.ERRANDS: {"errand": one},
    }
    return replace(matter, **changed[state])


def typed(matter: Matter, key: str) -> Matter:
    """One key of the letters on the screen.

    >>> typed(typed(Matter(typed="hus"), "erase"), "a").typed, typed(Matter(), "%").typed
    ('hua', '')
    """
    if key == "erase":
        return replace(matter, typed=matter.typed[:-1])
    if key == "clear":
        return replace(matter, typed="")
    if len(key) == 1 and key in KEYS and len(matter.typed) < LONGEST:
        return replace(matter, typed=matter.typed + key)
    return matter


def makes_sense(matter: Matter, state: State, event: Event, services: Sequence[Service], card: bool) -> bool:
    """Whether what a service's button needs is there."""
    if event in ENTRIES:
        offered = next((one for one in services if one.event is event), None)
        return offered is not None and (card or not offered.card)
    if event is Event.SEARCH:
        return bool(matter.typed)
    if event is Event.YES and state in (State.JOB, State.APPLYING):
        return card and matter.job is not None and matter.job.open and matter.job.applied is None
    return True
