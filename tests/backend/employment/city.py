"""A small job market: employers, seekers and adverts, made through the real commands."""

from __future__ import annotations

from typing import Any

from backend.employment import service
from backend.employment.schema import ApplicationView, Apply, Posted, WriteVacancy
from backend.kernel.actor import Actor, Kind
from backend.kernel.db import Runner
from tests.backend.people import LI, USCC, ZHANG, a_person, an_employer, citizen, officer

OTHER_USCC = "91310000MA1FL0001B"
WANG = "310101198001010037"


def boss(uscc: str = USCC) -> Actor:
    return Actor(Kind.EMPLOYER, f"employer:{uscc}", name="王经理", subject=uscc)


def reviewer(id: str = "officer:9", area: str = "310000") -> Actor:
    return officer(id, "复核", area)


def advert(**changed: Any) -> WriteVacancy:
    """A lawful advert."""
    given = {
        "uscc": USCC,
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
        "headcount": 2,
    }
    return WriteVacancy.model_validate(given | changed)


def a_vacancy(run: Runner, **changed: Any) -> Posted:
    """An employer posts a vacancy."""
    return run.by(boss(changed.get("uscc", USCC)))(service.write, advert(**changed))


def a_market(run: Runner) -> None:
    """One employer and two seekers."""
    an_employer(run)
    a_person(run, ZHANG)
    a_person(run, LI, name="李明", phone="13911111111")


def applies(run: Runner, vacancy: str, ident: str = ZHANG, **changed: Any) -> ApplicationView:
    person = run.system(lambda uow: service.applications(uow, _mine(ident)))
    assert person is not None
    return run.by(seeker(run, ident))(
        service.apply, Apply.model_validate({"ident": ident, "vacancy": vacancy} | changed)
    )
