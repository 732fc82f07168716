"""Services: what a kiosk can do, as data; the menu, the flow's entries and the words come from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from backend.kernel.errors import Told
from kiosk import flow
from kiosk.flow import Event, State

HERE: Final = Path(__file__).parent


class UnknownService(Told):
    """kiosk.json 的 services 里写了本机没有的服务：{codes}。请改成：{known}。"""


@dataclass(frozen=True)
class Service:
    """One service. `asks` are the items and questions of the backend that it cannot do without."""

    code: str
    name: str
    line: str
    picture: str
    event: Event
    card: bool
    asks: tuple[str, ...]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Service:
        event = Event[told["event"]]
        for state in (State.MENU,) if told["card"] == "true" else (State.MENU, State.WELCOME):
            if (state, event) not in flow.TABLE:
                raise ValueError(f"{told['code']}: {state.name} does not know {event.name}")
        return cls(
            told["code"],
            told["name"],
            told["line"],
            told["picture"],
            event,
            told["card"] == "true",
            tuple(told["asks"]),
        )


@dataclass(frozen=True)
class Trade:
    """A kind of work to touch: what is read, and the words that are looked for."""

    name: str
    words: str


def _rows(file: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.load((HERE / file).read_text("utf-8"), yaml.BaseLoader)
    return rows


SERVICES: Final = tuple(map(Service.of, _rows("services.yaml")))
TRADES: Final = tuple(Trade(**row) for row in _rows("trades.yaml"))


def offered(codes: Sequence[str] | None) -> tuple[Service, ...]:
    """What this kiosk offers, in the order of the table; nothing said means all of it."""
    if codes is None:
        return SERVICES
    known = {one.code for one in SERVICES}
    if strange := sorted(set(codes) - known):
        raise UnknownService(codes="、".join(strange), known="、".join(one.code for one in SERVICES))
    return tuple(one for one in SERVICES if one.code in codes)
