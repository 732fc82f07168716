"""A pensioner and his family: a wife, a son, a daughter; what they do after his death."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from backend.demo import numbers
from backend.kernel import ledger
from backend.kernel.db import Runner, Uow
from backend.payout import accounts
from backend.payout import service as payout
from backend.payout.model import Payable
from backend.pension.death import service as death
from backend.pension.death.model import SurvivorPart
from backend.pension.death.schema import (
    ClaimSurvivors,
    InheritAccount,
    PaySurvivors,
    SurvivorDecisionView,
    SurvivorsPaid,
)
from backend.pension.model import Account
from backend.registry import service as registry
from backend.wiring import CHECKS
from tests.backend.pension.test_service import MAN
from tests.backend.people import a_person

WIFE = numbers.citizen_number("310101", "19651201", 2)
SON = numbers.citizen_number("310115", "19900305", 1)
DAUGHTER = numbers.citizen_number("310115", "19930708", 2)
BOOK = "户口簿 0123、协议 2026-11"
ALL = f"{WIFE} 配偶 1"
THREE = f"{WIFE} 配偶 1/2\n{SON} 子女 1/4\n{DAUGHTER} 子女 25%"


def a_family(run: Runner) -> None:
    for ident, name in ((WIFE, "王秀兰"), (SON, "张小明"), (DAUGHTER, "张小红")):
        a_person(run, ident, name=name)


def grant(run: Runner, heirs: Any = ALL, **changed: Any) -> SurvivorDecisionView:
    given = {"ident": MAN, "heirs": heirs, "funeral": "here", "document": BOOK} | changed
    return run.system(death.grant, ClaimSurvivors.model_validate(given))


def inherit(run: Runner, heirs: Any = ALL, **changed: Any) -> SurvivorDecisionView:
    given = {"ident": MAN, "heirs": heirs, "document": BOOK} | changed
    return run.system(death.inherit, InheritAccount.model_validate(given))


def pay(run: Runner) -> SurvivorsPaid:
    return run.system(death.pay, PaySurvivors())


def owed(run: Runner) -> dict[tuple[str, str], tuple[str, int]]:
    """What each of the family is owed or was paid: by number and item, the state and how much."""

    def ask(uow: Uow) -> dict[tuple[str, str], tuple[str, int]]:
        found = {}
        for ident in (WIFE, SON, DAUGHTER):
            person = registry.person(uow, ident)
            for one in payout.of_person(uow, person.id, 240):
                found[ident, one.item] = one.state, one.amount_fen
        return found

    return run.system(ask)


def draw(run: Runner, ident: str) -> None:
    """As if one of them had drawn everything: the states and the ledger lines of it, in one."""

    def book(uow: Uow) -> None:
        person = registry.person(uow, ident)
        due = uow.session.scalars(
            select(Payable).where(Payable.person_id == person.id, Payable.cancelled_at.is_(None))
        ).all()
        for one in due:
            one.state, one.settled_at = "collected", uow.now
            ledger.post(
                uow,
                month=ledger.this_month(uow),
                document="collection",
                key=f"drawn/{one.id}",
                lines=[ledger.Line(accounts.payable(uow), accounts.expenditure(uow), one.amount.fen)],
                maker="a",
                checker="b",
            )

    run.system(book)


def claims(run: Runner) -> int:
    return run.system(lambda uow: ledger.balance(uow, accounts.claims(uow)))


def all_agrees(run: Runner) -> bool:
    """Every question of `renshe ledger check`; the states above are drawn without orders."""
    wrong = [one for check in CHECKS for one in run.system(check) if one.question != "发放状态"]
    assert wrong == []
    return True


def status(run: Runner, person_id: int) -> str:
    return run.system(lambda uow: uow.session.get_one(Account, person_id).status)


def parts(run: Runner) -> list[tuple[str, str, int]]:
    rows = run.system(lambda uow: uow.session.scalars(select(SurvivorPart).order_by(SurvivorPart.id)).all())
    return [(one.name, one.item, one.amount.fen) for one in rows]
