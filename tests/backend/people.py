"""People that tests are about: officers, a retiree, an employer; made through the real commands."""

from __future__ import annotations

from typing import Any

from backend.kernel import auth
from backend.kernel.actor import Actor, Kind
from backend.kernel.db import Runner
from backend.levy import service as levy
from backend.registry import service as registry
from backend.registry.schema import RegisterEmployer, RegisterPerson

ZHANG = "310101195003070029"
LI = "310115199001010010"
USCC = "91310000M000100Y4D"


def officer(id: str = "officer:1", role: str = "经办", area: str = "310000") -> Actor:
    return Actor(Kind.OFFICER, id, name=id, area=area, permissions=auth.ROLES[role])


def citizen(ident: str, person_id: int) -> Actor:
    return Actor(Kind.CITIZEN, f"citizen:{person_id}", subject=ident, subject_id=person_id)


def a_person(run: Runner, ident: str = ZHANG, **changed: Any) -> int:
    """Register a person; the row's id comes back."""
    given = {
        "ident": ident,
        "name": "张秀䶮",
        "area": "310101",
        "phone": "13800000000",
        "address": "示例路 1 号",
    }
    run.system(registry.register_person, RegisterPerson.model_validate(given | changed))
    return run.system(lambda uow: registry.person(uow, ident).id)


def an_employer(run: Runner, uscc: str = USCC, *, insured: bool = True, **changed: Any) -> int:
    """Register an employer, for all insurances since 1990; the row's id comes back."""
    given = {
        "uscc": uscc,
        "name": "示例精密机械有限公司",
        "area": "310115",
        "industry": "C",
        "injury_class": 4,
        "address": "示例路 2 号",
        "contact": "王经理",
        "phone": "021-12345678",
    }
    given |= changed
    run.system(registry.register_employer, RegisterEmployer.model_validate(given))
    if insured:
        run.system(
            levy.insure_employer,
            levy.InsureEmployer(uscc=uscc, since="1990-01", injury_class=given["injury_class"]),
        )
    return run.system(lambda uow: registry.employer(uow, uscc).id)
