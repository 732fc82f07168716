"""Replacing 重新核定: a new award in the place of one in force, with the differences of every month that was posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.pension.adjusting.carrying import adjusted_among, carry
from backend.pension.adjusting.settling import settle
from backend.pension.awarding import differences
from backend.pension.awarding.deciding import drawn_up, keep
from backend.pension.awarding.facts import Facts
from backend.pension.awarding.model import Replacement
from backend.pension.awarding.reckoning import Records, reckon
from backend.pension.awarding.schema import ComponentView
from backend.pension.model import Account, Award, Working
from backend.registry import service as registry

COMPONENTS = {
    "basic": "基础养老金",
    "account": "个人账户养老金",
    "transitional": "过渡性养老金",
    "additions": "增发和补贴",
    "total": "合计",
}


class MadeElsewhere(Refusal):
    """{name}的养老待遇不是在本系统核定的，原来的缴费和个人账户记录不全，不能自动重新计算。请按原核定资料人工办理。"""


@dataclass(frozen=True)
class Change:
    """What an award in force would become."""

    person: registry.Person
    old: Award
    row: Award
    working: Working
    facts: Facts

    @property
    def monthly(self) -> Money:
        return self.row.total - self.old.total


def components(old: Award, new: Award) -> tuple[ComponentView, ...]:
    """Before and after, item by item."""
    return tuple(
        ComponentView(
            name=name,
            before_fen=getattr(old, key).fen,
            after_fen=getattr(new, key).fen,
            change_fen=getattr(new, key).fen - getattr(old, key).fen,
        )
        for key, name in COMPONENTS.items()
    )


def worked_anew(
    uow: Uow,
    person: registry.Person,
    account: Account,
    standing: tuple[Award, Working],
    kept: Records,
    retired: Month | None = None,
) -> Change | None:
    """By the facts and the law as they are known now; None where nothing would be other."""
    old, working = standing
    facts = reckon(person, account, retired or old.retired, kept, old, working.facts["area"])
    if facts.view() == working.facts and facts.provisional == old.provisional:
        return None
    row, anew = drawn_up(uow, person.id, facts, old.state, old)
    return Change(person, old, row, anew, facts)


def replace(uow: Uow, changes: Sequence[Change], reason: str, document: str) -> None:
    """Keep the new awards, with what adjustments gave the old ones; of each posted month the difference is written
    down, and settled by the caller."""
    for one in changes:
        one.old.state = "replaced"
    uow.session.flush()
    keep(uow, [(one.row, one.working) for one in changes])
    uow.session.add_all(
        Replacement(
            award_id=one.row.id,
            replaces=one.old.id,
            reason=reason,
            document=document,
            made_by=uow.actor.id,
            made_at=uow.now,
        )
        for one in changes
    )
    uow.session.flush()
    adjusted = adjusted_among(uow, [one.old.id for one in changes])
    carried = [one for one in changes if one.old.id in adjusted]
    for one in carried:
        carry(uow, one.old, one.row)
    differences.record(uow, [one.row.id for one in changes])
    for one in carried:
        settle(uow, one.person.id)
