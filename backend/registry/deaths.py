"""Deaths 死亡登记: on which day a person died, by which document, and that it was a mistake; every benefit hears of it."""

from __future__ import annotations

from sqlalchemy import select

from backend.kernel import files
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.registry.ending import Died, Lives
from backend.registry.finding import person
from backend.registry.jobs import DayAhead
from backend.registry.model import Death
from backend.registry.persons import WrongDay
from backend.registry.schema import DeathRegistered, DeathWithdrawn, RegisterDeath, WithdrawDeath


class DeadAlready(Refusal):
    """{name}已经登记过死亡，日期是 {died}，没有再登记；登记错了的，请先办“死亡登记撤销”（REG-23）。"""


class NotRegisteredDead(Refusal):
    """{name}没有登记过死亡，没有可以撤销的，请核对号码。"""


@item(
    "REG-21",
    "死亡登记",
    may=Permission.REGISTRY_WRITE,
    review=1,
    guide=Guide(
        what="领取待遇的人去世，二十个工作日内告知经办机构；待遇从次月起停发，多领的要退回；参保到去世当月为止。",
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
            died=cmd.died,
            document=cmd.document,
            evidence=files.handed_in(uow, cmd.evidence),
            reported_by=cmd.reported_by,
            registered_at=uow.now,
        )
    )
    uow.session.flush()
    uow.emit(Died(who.id, cmd.died, cmd.document))
    return DeathRegistered(name=who.name, died=cmd.died)


@item(
    "REG-23",
    "死亡登记撤销",
    may=Permission.REGISTRY_WRITE,
    review=1,
    guide=Guide(
        what="本人在世而登记了死亡，或者日期登记错了的，撤销登记；待遇补发，不再追回，已经退回的退还本人；因此停的参保恢复。",
        who="本人、亲属",
        bring=("本人的居民身份证", "在世的证明或者撤销死亡宣告的判决书"),
        law="社会保险经办条例 第十一条、第二十五条；社会保险法 第七十三条",
    ),
)
def withdraw_death(uow: Uow, cmd: WithdrawDeath) -> DeathWithdrawn:
    """As if it had never been registered, but the trace stays."""
    who = person(uow, cmd.ident, lock=True)
    if who.died is None:
        raise NotRegisteredDead(name=who.name)
    died, who.died = who.died, None
    death = uow.session.scalars(
        select(Death).where(Death.person_id == who.id, Death.withdrawn_at.is_(None)).with_for_update()
    ).one()
    death.withdrawn_at, death.withdrawn_by = uow.now, uow.actor.id
    death.withdrawn_document, death.withdrawn_reason = cmd.document, cmd.reason
    death.withdrawn_evidence = files.handed_in(uow, cmd.evidence)
    uow.session.flush()
    uow.emit(Lives(who.id, died, death.document, cmd.document))
    return DeathWithdrawn(name=who.name, died=died)
