"""A small job market: employers, seekers and adverts, all made through the catalogue of items."""

from __future__ import annotations

from typing import Any

from backend.kernel import items
from backend.kernel.actor import ANYONE, Actor, Kind
from backend.kernel.db import Runner
from backend.kernel.sentences import read
from backend.registry import service as registry
from backend.systems import CATALOGUE
from tests.backend.people import LI, USCC, ZHANG, a_person, an_employer, citizen, officer

OTHER_USCC = "91310000MA1FL0001R"
WANG = "310101198001010034"
CHILD = "310101201101010036"
ADVERT = {
    "title": "仓库管理员",
    "occupation": "4-02-06-01",
    "area": "310115",
    "address": "示例路 2 号",
    "work": "负责仓库收货、发货和每月盘点，保持账物相符，做五休二。",
    "conditions": "会用电脑，认真负责",
    "pay_min": "5000",
    "pay_max": "8000",
    "benefits": "五险一金，双休",
    "contact": "王经理",
    "phone": "021-12345678",
    "valid_until": "2027-01-01",
    "headcount": "2",
}
MEN_ONLY = {"conditions": "限男性"}
IN_DOUBT = {"conditions": "18-45岁"}


def do(run: Runner, actor: Actor, code: str, **given: Any) -> Any:
    """What an item or question answers this actor."""
    known = CATALOGUE[code]
    return items.perform(run.by(actor), known, read(known.asks, given))


def boss(uscc: str = USCC) -> Actor:
    return Actor(Kind.EMPLOYER, f"employer:{uscc}", name="王经理", subject=uscc)


def reviewer(id: str = "officer:9", area: str = "310000") -> Actor:
    return officer(id, "复核", area)


def seeker(run: Runner, ident: str = ZHANG) -> Actor:
    return citizen(ident, run.system(lambda uow: registry.person(uow, ident).id))


def a_market(run: Runner) -> None:
    """One employer and two seekers, all registered."""
    an_employer(run)
    a_person(run, ZHANG)
    a_person(run, LI, name="李明", phone="13911111111")


def post(run: Runner, uscc: str = USCC, **changed: Any) -> Any:
    """An employer posts the lawful advert with what is changed."""
    return do(run, boss(uscc), "EMP-01", **(ADVERT | {"uscc": uscc} | changed))


def edit(run: Runner, vacancy: str, **changed: Any) -> Any:
    return do(run, boss(), "EMP-02", **(ADVERT | {"uscc": USCC, "vacancy": vacancy} | changed))


def see(run: Runner, vacancy: str) -> Any:
    """A vacancy as the public sees it."""
    return do(run, ANYONE, "EMP-Q5", vacancy=vacancy)


def own(run: Runner, vacancy: str) -> Any:
    return do(run, boss(), "EMP-Q9", uscc=USCC, vacancy=vacancy)


def apply(run: Runner, vacancy: str, ident: str = ZHANG, **given: Any) -> Any:
    return do(run, seeker(run, ident), "EMP-11", ident=ident, vacancy=vacancy, **given)


def answer(run: Runner, application: str, state: str, **given: Any) -> Any:
    return do(run, boss(), "EMP-13", uscc=USCC, application=application, state=state, **given)


def decide(
    run: Runner, vacancy: str, decision: str = "publish", by: Actor | None = None, **given: Any
) -> Any:
    return do(run, by or reviewer(), "EMP-05", vacancy=vacancy, decision=decision, **given)
