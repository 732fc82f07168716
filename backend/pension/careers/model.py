"""Tables of careers: deemed years, special work, tracks, choices of when to retire, months paid twice."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base
from backend.kernel.money import Money
from backend.kernel.period import Month

SCHEMA = "pension"
WITHDRAWN = "(withdrawn_on is null) = (withdrawn_because is null)"
SPAN = "daterange(first, last, '[]')"


class DeemedPeriod(Base):
    """视同缴费年限: months before contributions that count as paid, and by which evidence. What was recognised wrongly
    is withdrawn with its reason and stays as a trace; what stands never overlaps."""

    __tablename__ = "deemed_period"
    __table_args__ = (
        CheckConstraint("last >= first", name="order"),
        CheckConstraint(WITHDRAWN, name="withdrawn"),
        ExcludeConstraint(
            ("person_id", "="),
            (text(SPAN), "&&"),
            name="deemed_once",
            where=text("withdrawn_on is null"),
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("pension.account.person_id"))
    first: Mapped[Month]
    last: Mapped[Month]
    ground: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[str] = mapped_column(String(100))
    archive: Mapped[str] = mapped_column(String(60))
    decided_on: Mapped[date]
    withdrawn_on: Mapped[date | None]
    withdrawn_because: Mapped[str | None] = mapped_column(String(200))


class SpecialWork(Base):
    """特殊工种: months in hard or harmful work, by kind; withdrawn as deemed periods are."""

    __tablename__ = "special_work"
    __table_args__ = (
        CheckConstraint("last >= first", name="order"),
        CheckConstraint(WITHDRAWN, name="withdrawn"),
        ExcludeConstraint(
            ("person_id", "="),
            (text(SPAN), "&&"),
            name="special_once",
            where=text("withdrawn_on is null"),
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("pension.account.person_id"))
    first: Mapped[Month]
    last: Mapped[Month]
    kind: Mapped[str] = mapped_column(String(20))
    post: Mapped[str] = mapped_column(String(50))
    employer: Mapped[str] = mapped_column(String(100))
    evidence: Mapped[str] = mapped_column(String(100))
    archive: Mapped[str] = mapped_column(String(60))
    decided_on: Mapped[date]
    withdrawn_on: Mapped[date | None]
    withdrawn_because: Mapped[str | None] = mapped_column(String(200))


class OtherRule(Base):
    """国家另有规定的，从其规定: a person to whom the state's own rules apply may retire in these months."""

    __tablename__ = "other_rule"
    __table_args__ = (
        CheckConstraint("latest >= earliest", name="order"),
        CheckConstraint(WITHDRAWN, name="withdrawn"),
        Index(
            "uq_other_rule_standing",
            "person_id",
            unique=True,
            postgresql_where=text("withdrawn_on is null"),
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("pension.account.person_id"))
    earliest: Mapped[Month]
    latest: Mapped[Month]
    rule: Mapped[str] = mapped_column(String(200))
    evidence: Mapped[str] = mapped_column(String(100))
    decided_on: Mapped[date]
    withdrawn_on: Mapped[date | None]
    withdrawn_because: Mapped[str | None] = mapped_column(String(200))


class TrackChange(Base):
    """女职工退休岗位认定: from which retirement age to which, by which evidence. Written once, never changed."""

    __tablename__ = "track_change"
    __table_args__ = (
        CheckConstraint("before in (50, 55) and after in (50, 55)", name="track"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("pension.account.person_id"), index=True)
    before: Mapped[int] = mapped_column(SmallInteger)
    after: Mapped[int] = mapped_column(SmallInteger)
    post: Mapped[str] = mapped_column(String(50))
    evidence: Mapped[str] = mapped_column(String(100))
    document: Mapped[str] = mapped_column(String(60))
    decided_on: Mapped[date]
    decided_at: Mapped[datetime]


class Choice(Base):
    """弹性退休: the month a person has chosen; one stands at most.

    `early`: told in writing, `asked` is the month. `late`: asked for by the worker, and good when the employer has
    agreed (`agreed`); it may be ended earlier in the same way, and is never made longer.
    """

    __tablename__ = "choice"
    __table_args__ = (
        CheckConstraint("kind in ('early','late')", name="kind"),
        CheckConstraint("num_nonnulls(agreed, agreed_on, employer_id) in (0, 3)", name="agreed"),
        CheckConstraint("kind = 'late' or agreed is null", name="late_is_agreed"),
        CheckConstraint(WITHDRAWN, name="withdrawn"),
        Index("uq_choice_standing", "person_id", unique=True, postgresql_where=text("withdrawn_on is null")),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("pension.account.person_id"))
    kind: Mapped[str] = mapped_column(String(5))
    asked: Mapped[Month]
    asked_on: Mapped[date]
    document: Mapped[str | None] = mapped_column(String(60))
    agreed: Mapped[Month | None]
    agreed_on: Mapped[date | None]
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("registry.employer.id"))
    agreement: Mapped[str | None] = mapped_column(String(60))
    made_at: Mapped[datetime]
    withdrawn_on: Mapped[date | None]
    withdrawn_because: Mapped[str | None] = mapped_column(String(200))


class Cleared(Base):
    """重复缴费清退: a month that was paid here and elsewhere, and counts elsewhere; the person got their part back.

    Kept as the contribution was; it counts here no more, whatever is assessed later. Never changed.
    """

    __tablename__ = "cleared"
    __table_args__ = (
        CheckConstraint("base > 0 and person_share >= 0 and employer_share >= 0", name="not_negative"),
        {"schema": SCHEMA},
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("pension.account.person_id"), primary_key=True)
    month: Mapped[Month] = mapped_column(primary_key=True)
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("registry.employer.id"))
    base: Mapped[Money]
    person_share: Mapped[Money]
    employer_share: Mapped[Money]
    index: Mapped[int]
    place: Mapped[str] = mapped_column(String(100))
    document: Mapped[str] = mapped_column(String(60))
    cleared_on: Mapped[date]
