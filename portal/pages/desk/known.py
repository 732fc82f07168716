"""What the parts of the counter share: the items an officer may do, and the person at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.kernel import items
from backend.kernel.errors import NotFound
from backend.registry import service as registry
from backend.systems import CATALOGUE
from portal.language import gettext as _
from portal.session import Officer, ask

SYSTEMS = {
    "REG": "登记",
    "CRD": "社会保障卡",
    "PEN": "养老保险",
    "RES": "城乡居民养老保险",
    "LEV": "社会保险费征缴",
    "PAY": "待遇发放",
    "FIN": "基金财务",
    "EMP": "就业服务",
    "CAS": "办件",
    "KSK": "自助机",
}
NEW = {"REG-01"}  # about somebody who is not registered yet
CASES = {"CAS-01": "/desk/cases", "CAS-Q1": "/desk/cases"}  # which the first page names by themselves
BOOKS = {
    "FIN-Q1": "/desk/books/trial",
    "FIN-Q2": "/desk/books/sheet",
    "FIN-Q3": "/desk/books/flow",
    "FIN-Q4": "/desk/books/detail",
    "FIN-Q5": "/desk/books/budget",
    "FIN-Q6": "/desk/books/periods",
    "FIN-Q7": "/desk/books/corrections",
}
CARDS = {
    "CRD-Q2": "/desk/cards",
    "CRD-Q3": "/desk/cards/stock",
    "CRD-Q4": "/desk/cards/productions",
}
KIOSKS = {"KSK-Q31": "/desk/kiosks"}
PAGES = CASES | BOOKS | CARDS | KIOSKS  # items with a page of their own


def item(run: Officer, code: str) -> items.Item:
    known = items.find(code)
    if not known.open_to(run.actor) or known.may is None:
        raise NotFound(what=f"事项 {code[:20]}")
    return known


def mine(run: Officer) -> list[items.Item]:
    """What this officer may do, in the order of the codes."""
    able = [one for one in CATALOGUE.values() if one.may is not None and run.actor.may(one.may)]
    return sorted(able, key=lambda one: one.code)


def of_person(run: Officer) -> list[items.Item]:
    """What this officer may do for the person at hand."""
    return [one for one in mine(run) if "ident" in one.asks.model_fields and one.code not in NEW]


Groups = list[tuple[str, list[items.Item]]]


def grouped(listed: list[items.Item]) -> Groups:
    """By system, without the systems that have nothing."""
    groups = [
        (_(name), [one for one in listed if one.code.startswith(prefix) and one.code not in CASES])
        for prefix, name in SYSTEMS.items()
    ]
    return [group for group in groups if group[1]]


@dataclass(frozen=True)
class Visitor:
    """The person at the counter: their card stands on the left of every page opened from it."""

    handle: str
    view: Any
    items: tuple[items.Item, ...]

    def address(self, code: str) -> str:
        return f"/desk/{code}?person={self.handle}"


def visitor(run: Officer, handle: str) -> Visitor:
    """The person behind the handle in an address. The officer's reading leaves a trace."""
    return Visitor(
        handle, ask(run, "REG-Q1", ident=run(registry.ident_behind, handle)), tuple(of_person(run))
    )


def at_hand(run: Officer, handle: str) -> Visitor | None:
    return visitor(run, handle) if handle else None
