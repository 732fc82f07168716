"""Heirs 领取人: who of the family gets how much; the parts always add up to the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from backend.kernel.db import Uow
from backend.kernel.money import Money
from backend.pension.death.model import SurvivorDecision, SurvivorPart
from backend.pension.death.refusals import HeirDied, HeirIsDeceased, HeirTwice, SharesNotWhole, TwoSpouses
from backend.pension.death.schema import Heir, fraction
from backend.pension.rules.survivor import parts
from backend.registry import service as registry


@dataclass(frozen=True)
class Share:
    """One of the family, as it is agreed."""

    person_id: int
    name: str
    relation: str
    share: str


def agreed(uow: Uow, deceased: registry.Person, heirs: Sequence[Heir]) -> tuple[Share, ...]:
    """Who they are, all living, nobody twice, and all of it given to somebody."""
    found: dict[int, Share] = {}
    for heir in heirs:
        person = registry.person(uow, heir.ident)
        if person.id == deceased.id:
            raise HeirIsDeceased(name=person.name)
        if person.died is not None:
            raise HeirDied(name=person.name)
        if person.id in found:
            raise HeirTwice(name=person.name)
        found[person.id] = Share(person.id, person.name, heir.relation, heir.share)
    if [one.relation for one in found.values()].count("spouse") > 1:
        raise TwoSpouses
    whole = sum((fraction(one.share) for one in found.values()), Fraction(0))
    if whole != 1:
        raise SharesNotWhole(sum=whole)
    return tuple(found.values())


def of(uow: Uow, decision: SurvivorDecision) -> tuple[Share, ...]:
    """As it was agreed then."""
    return tuple(Share(**one) for one in decision.facts["heirs"])


def share_out(
    uow: Uow, decision: SurvivorDecision, shares: Sequence[Share], amounts: Mapping[str, Money]
) -> None:
    """Each item by the shares, to the fen; who gets nothing of it has no part of it."""
    weights = [fraction(one.share) for one in shares]
    common = lcm(*(weight.denominator for weight in weights))
    for what, amount in amounts.items():
        fens = parts(amount.fen, tuple(int(weight * common) for weight in weights))
        uow.session.add_all(
            SurvivorPart(
                decision_id=decision.id,
                person_id=one.person_id,
                name=one.name,
                relation=one.relation,
                share=one.share,
                item=what,
                amount=Money(fen),
                month=None,
            )
            for one, fen in zip(shares, fens, strict=True)
            if fen
        )
    uow.session.flush()
