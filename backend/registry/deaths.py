"""Deaths 死亡登记: on which day a person died, by which document; every benefit hears of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.registry.finding import person
from backend.registry.jobs import DayAhead
from backend.registry.model import Death
from backend.registry.persons import WrongDay
from backend.registry.schema import DeathRegistered, RegisterDeath


class DeadAlready(Refusal):
    """{name}已经登记过死亡，日期是 {died}，没有再登记；日期不对请把证明交经办机构核对。"""


@dataclass(frozen=True)
class Died:
    """Fact: a person died on this day, by this document."""

    person_id: int
    died: date
    document: str


@item(
    "REG-21",
    "死亡登记",
    may=Permission.REGISTRY_WRITE,
    review=1,
    guide=Guide(
        what="领取待遇的人去世，二十个工作日内告知经办机构；待遇从次月起停发，多领的要退回。",
        who="亲属、用人单位",
        bring=("死亡证明或者火化证明", "报告人的居民身份证"),
        law="社会保险经办条例 第二十五条",
    ),
)
def register_death(uow: Uow, cmd: RegisterDeath) -> DeathRegistered:
    who = person(uow, cmd.ident, lock=True)
    if who.died is not None:
        raise DeadAlready(name=who.name, died=who.died)
    if cmd.died > uow.today:
        raise DayAhead(what="死亡日期", today=uow.today)
    if cmd.died < who.birth:
        raise WrongDay(what="死亡日期", limit=who.birth)
    who.died = cmd.died
    uow.session.add(
        Death(
            person_id=who.id,
            document=cmd.document,
            evidence=cmd.evidence or None,
            reported_by=cmd.reported_by,
            registered_at=uow.now,
        )
    )
    uow.session.flush()
    uow.emit(Died(who.id, cmd.died, cmd.document))
    return DeathRegistered(name=who.name, died=cmd.died)
