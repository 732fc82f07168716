"""Keeping proofs 认证留存: who was known to live on which day, and by what; what was stopped for want of it hears of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, text

from backend.kernel.db import Uow
from backend.kernel.params import Lookup
from backend.kernel.settings import settings
from backend.payout import service as payout
from backend.pension.living.model import Proof
from backend.pension.rules.proof import earliest_valid, valid_until
from backend.pension.stopping import UNPROVED, Vouched

WINDOW = "pension.proof.window_months"
# a proof and a run that stops whoever has none wait for each other: else one might be stopped who has just given one
PROVE = text(
    "insert into pension.proof (person_id, day, way, evidence, made_by, made_at)"
    " select :person_id, :day, :way, :evidence, :made_by, :made_at"
    " from (select pg_advisory_xact_lock_shared(hashtext('pension.proof'))) waited on conflict do nothing"
)
LOOKING = text("select pg_advisory_xact_lock(hashtext('pension.proof'))")


@dataclass(frozen=True)
class Proved:
    """Fact: a person of whom something is not paid for want of a proof of life has given one that is good today."""

    person_id: int


@dataclass(frozen=True)
class Terms:
    """How long a proof is good today, and what of that is not verified."""

    window_months: int
    earliest: date  # the first day of which a proof is good still
    warnings: tuple[str, ...]


def terms(uow: Uow) -> Terms:
    look = Lookup(uow.today, settings().area)
    window = look.value(WINDOW)
    return Terms(window, earliest_valid(uow.today, window), look.warnings())


def keep(uow: Uow, person_id: int, day: date, way: str, evidence: str) -> None:
    """Once a day and way; whatever is stopped for want of it goes on."""
    row = {"person_id": person_id, "day": day, "way": way, "evidence": evidence}
    uow.session.execute(PROVE, row | {"made_by": uow.actor.id, "made_at": uow.now})
    if held(uow, person_id) and day >= terms(uow).earliest:
        uow.emit(Proved(person_id))


def held(uow: Uow, person_id: int) -> bool:
    """Whether anything is not paid to the person for want of a proof."""
    stops = payout.held_for(UNPROVED).subquery()
    return bool(uow.session.scalar(select(select(stops).where(stops.c.person_id == person_id).exists())))


def on_collected(uow: Uow, fact: payout.Collected) -> None:
    """Who draws by card and PIN lives."""
    keep(uow, fact.person_id, fact.day, "collection", f"领取单 {fact.order}")


def on_vouched(uow: Uow, fact: Vouched) -> None:
    """Officers who resume it have convinced themselves that the person lives."""
    keep(uow, fact.person_id, uow.today, "visit", f"恢复发放 {fact.document}")


def good_until(uow: Uow, person_id: int, decided_on: date, window_months: int) -> date:
    """The last day on which a person's newest proof is good; who has none asked for the benefit themselves."""
    newest = uow.session.scalar(select(func.max(Proof.day)).where(Proof.person_id == person_id))
    return valid_until(max(newest or decided_on, decided_on), window_months)
