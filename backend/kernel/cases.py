"""Cases 办件: a command that waits until others have approved it (经办-复核-审批).

社会保险经办条例 第三十七条: benefits are decided in steps by different persons. Nobody approves their own case.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.actor import Actor, Kind, Permission, reach
from backend.kernel.db import Base, Uow
from backend.kernel.errors import Forbidden, NotFound, Refusal


class OwnCase(Refusal):
    """这件事是您自己经办的，复核要由另一位同事来做。"""


class AlreadyDecided(Refusal):
    """办件 {no} 已经{state}，不能再审。"""


class SecondLook(Refusal):
    """您已经审过办件 {no}，下一步要由另一位同事来审。"""


STATES = {"waiting": "待审", "done": "办结", "refused": "退回"}


class Case(Base):
    """`command` is the item's command as it was filed; `answer` what came of it.

    The maker is an officer, or an employer (`maker_subject`: its credit code) for itself.
    """

    __tablename__ = "case"
    __table_args__ = (
        CheckConstraint("state in ('waiting','done','refused')", name="state"),
        CheckConstraint(
            "maker_kind in ('officer','employer') and (maker_kind = 'employer') = (maker_subject is not null)",
            name="maker_kind",
        ),
        Index("ix_case_state_no", "state", "no"),
        Index("ix_case_subject", "subject"),
        {"schema": "kernel"},
    )
    no: Mapped[int] = mapped_column(Identity(start=100001), primary_key=True)
    item: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str]
    command: Mapped[dict[str, Any]]
    maker: Mapped[str]
    maker_name: Mapped[str]
    maker_kind: Mapped[str] = mapped_column(String(8))
    maker_subject: Mapped[str | None] = mapped_column(String(18))
    area: Mapped[str] = mapped_column(String(6))
    need: Mapped[int]
    state: Mapped[str] = mapped_column(default="waiting")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    answer: Mapped[dict[str, Any] | None]


class Look(Base):
    """One person's decision on one case."""

    __tablename__ = "case_look"
    __table_args__ = (
        UniqueConstraint("case_no", "officer"),
        CheckConstraint("decision in ('approved','refused')", name="decision"),
        {"schema": "kernel"},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_no: Mapped[int] = mapped_column(ForeignKey("kernel.case.no"))
    officer: Mapped[str]
    officer_name: Mapped[str]
    decision: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]


def file(uow: Uow, item: str, subject: str, command: dict[str, Any], need: int) -> Case:
    """Store the command; it has not happened yet."""
    case = Case(
        item=item,
        subject=subject,
        command=command,
        maker=uow.actor.id,
        maker_name=uow.actor.name,
        maker_kind=uow.actor.kind.value,
        maker_subject=uow.actor.subject or None,
        area=uow.actor.area,
        need=need,
        opened_at=uow.now,
        closed_at=None,
        answer=None,
    )
    uow.session.add(case)
    uow.session.flush()
    return case


def maker_of(case: Case) -> Actor:
    """Who filed it, as whom it is carried out."""
    return Actor(
        Kind(case.maker_kind), case.maker, case.maker_name, area=case.area, subject=case.maker_subject or ""
    )


def waiting(uow: Uow, no: int) -> Case:
    """The case, locked and still open, within the officer's reach."""
    within = Case.area.startswith(reach(uow.actor.area))
    case = uow.session.scalar(select(Case).where(Case.no == no, within).with_for_update())
    if case is None:
        raise NotFound(what=f"办件 {no}")
    if case.state != "waiting":
        raise AlreadyDecided(no=no, state=STATES[case.state])
    return case


def hindrance(actor: Actor, case: Case, seen: Sequence[Look]) -> Refusal | None:
    """Why this officer cannot look at the case, or None where they can."""
    if not actor.id or not actor.may(Permission.CASE_APPROVE):
        return Forbidden()
    if actor.id == case.maker:
        return OwnCase()
    if any(row.officer == actor.id for row in seen):
        return SecondLook(no=case.no)
    return None


def look(uow: Uow, case: Case, decision: str, note: str) -> list[Look]:
    """Record one person's decision; all that was said so far comes back."""
    seen = looks(uow, case.no)
    if why := hindrance(uow.actor, case, seen):
        raise why
    mine = Look(
        case_no=case.no,
        officer=uow.actor.id,
        officer_name=uow.actor.name,
        decision=decision,
        note=note,
        at=uow.now,
    )
    uow.session.add(mine)
    uow.session.flush()
    return [*seen, mine]


def close(uow: Uow, case: Case, state: str, answer: dict[str, Any] | None = None) -> None:
    case.state, case.closed_at, case.answer = state, uow.now, answer
    uow.session.flush()


def looks(uow: Uow, no: int) -> list[Look]:
    return list(uow.session.scalars(select(Look).where(Look.case_no == no).order_by(Look.id)))


def of_subject(uow: Uow, subject: str, items: Collection[str], limit: int = 20) -> list[Case]:
    """Cases of these items about somebody, the newest first: for who may see the subject."""
    query = select(Case).where(Case.subject == subject, Case.item.in_(items))
    return list(uow.session.scalars(query.order_by(Case.no.desc()).limit(limit)))


def done(uow: Uow, item: str, limit: int = 100) -> list[Case]:
    """The cases of an item that were carried out, within the officer's reach, the newest first."""
    within = Case.area.startswith(reach(uow.actor.area))
    query = select(Case).where(Case.item == item, Case.state == "done", within)
    return list(uow.session.scalars(query.order_by(Case.no.desc()).limit(limit)))


def numbered(uow: Uow, no: int) -> list[Case]:
    """The one case, whatever has become of it, within the officer's reach; else nothing."""
    within = Case.area.startswith(reach(uow.actor.area))
    return list(uow.session.scalars(select(Case).where(Case.no == no, within)))


def listed(uow: Uow, state: str, limit: int = 100) -> list[Case]:
    """Cases of the officer's own area and below, the oldest first."""
    query = (
        select(Case)
        .where(Case.state == state, Case.area.startswith(reach(uow.actor.area)))
        .order_by(Case.no)
        .limit(limit)
    )
    return list(uow.session.scalars(query))
