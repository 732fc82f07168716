"""Tables of basic pension 企业职工基本养老保险. Only this folder reads or writes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month

SCHEMA = "pension"
MOVED = " + ".join(f"moved[{month}]" for month in range(1, 13))


class Held:
    """What the accounts of every scheme have: whose, and in which state."""

    person_id: Mapped[int]
    status: Mapped[str]


class Yearly:
    """What a year of an account has in every scheme."""

    year: Mapped[int]
    person_id: Mapped[int]
    months: Mapped[int]
    opening: Mapped[Money]
    credited: Mapped[Money]
    interest: Mapped[Money]
    paid: Mapped[Money]
    closing: Mapped[Money]
    rate: Mapped[int | None] = mapped_column(Integer)
    moved: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), server_default=text("array_fill(0::bigint, array[12])")
    )


class Drawing:
    """What of an award a month draws on the account."""

    person_id: Mapped[int]
    first_month: Mapped[Month]
    pays_from: Mapped[Month]
    account: Mapped[Money]
    state: Mapped[str]


def adding_up() -> tuple[CheckConstraint, ...]:
    """What the database refuses of a year that does not add up."""
    return (
        CheckConstraint("closing = opening + credited + interest - paid", name="adds_up"),
        CheckConstraint("closing >= 0", name="not_negative"),
        CheckConstraint("rate >= 0", name="rate"),
        CheckConstraint("cardinality(moved) = 12", name="twelve_months"),
        CheckConstraint(f"{MOVED} is not distinct from credited - paid", name="moved_adds_up"),
    )


class Account(Held, Base):
    """个人账户: one a person.

    `status` as GB/T 40217—2021 007040: 0 初始 1 正常结息 2 终止 3 异地转出 4 退休 5 封存.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("status in ('0','1','2','3','4','5')", name="status"),
        CheckConstraint("track in (50, 55, 60)", name="track"),
        CheckConstraint("months_paid >= 0 and deemed_months >= 0", name="not_negative"),
        {"schema": SCHEMA},
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"), primary_key=True)
    status: Mapped[str] = mapped_column(String(1))
    opened: Mapped[Month]
    track: Mapped[int]  # the retirement age before the reform: 60, 55 or 50
    months_paid: Mapped[int]
    deemed_months: Mapped[int]
    index_sum: Mapped[int]  # ten-thousandths: the sum over all paid months of (base / average wage)


class AccountYear(Yearly, Base):
    """个人账户年度记账: 年末 = 年初 + 本金划入 + 利息划入 - 支出 (GB/T 40217—2021 表6).

    The newest year's closing is what the account holds (`years`). `rate`: the 记账利率 by which the year's interest
    was given here, in millionths; none until it is (结息), 0 where whoever kept the account before has given it.
    `moved`: credits less payments of each month, January first, in the month they were booked: interest counts them.
    """

    __tablename__ = "account_year"
    __table_args__ = (*adding_up(), {"schema": SCHEMA})
    # a year of everybody lies together: a month is drawn from a million accounts at a time
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("pension.account.person_id"), primary_key=True, index=True
    )


class Contribution(Base):
    """缴费记录: one month paid in full, for whom, by whom, on what base.

    `index`: base over average wage, ten-thousandths; none where only the account's sum of them is known. `area`: where, of
    one that came from elsewhere (转入); there is no employer of ours then.
    """

    __tablename__ = "contribution"
    __table_args__ = (
        CheckConstraint("base > 0 and person_share >= 0 and employer_share >= 0", name="not_negative"),
        CheckConstraint("area is null or employer_id is null", name="one_payer"),
        {"schema": SCHEMA},
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("pension.account.person_id"), primary_key=True)
    month: Mapped[Month] = mapped_column(primary_key=True)
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("registry.employer.id"))
    area: Mapped[str | None] = mapped_column(String(6))
    base: Mapped[Money]
    person_share: Mapped[Money]
    employer_share: Mapped[Money]
    index: Mapped[int | None] = mapped_column(Integer)


class Award(Drawing, Base):
    """待遇核定: what a person gets a month, and from which month. A month reads everybody's, so it is narrow.

    `total` is what was decided, `increase` the sum of the yearly adjustments that stand (`Adjustment`); together they are
    what the newest month is worth (`amounts`). `adjusted`: the newest year that was adjusted here, none until one is.
    """

    __tablename__ = "award"
    __table_args__ = (
        CheckConstraint("increase >= 0 and (increase = 0 or adjusted is not null)", name="increase"),
        CheckConstraint("total = basic + account + transitional + additions and total > 0", name="adds_up"),
        CheckConstraint("state in ('active','suspended','ended','replaced')", name="state"),
        Index("ix_award_decided_at", "decided_at"),
        Index(
            "uq_award_one_standing", "person_id", unique=True, postgresql_where=text("state <> 'replaced'")
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"), index=True)
    area: Mapped[str] = mapped_column(String(6))
    decided_on: Mapped[date]
    retired: Mapped[Month]
    first_month: Mapped[Month]
    pays_from: Mapped[
        Month
    ]  # the first month that is paid here; earlier ones were paid before this system was
    basic: Mapped[Money]
    account: Mapped[Money]
    transitional: Mapped[Money]
    additions: Mapped[Money]
    total: Mapped[Money]
    increase: Mapped[Money] = mapped_column(default=ZERO, server_default=text("0"))
    adjusted: Mapped[int | None] = mapped_column(SmallInteger)
    provisional: Mapped[bool]
    state: Mapped[str] = mapped_column(String(10), default="active")
    decided_at: Mapped[datetime]


class Working(Base):
    """核定过程: from which facts and by which steps an award was worked out."""

    __tablename__ = "working"
    __table_args__ = ({"schema": SCHEMA},)
    award_id: Mapped[int] = mapped_column(ForeignKey("pension.award.id"), primary_key=True)
    facts: Mapped[dict[str, Any]]
    steps: Mapped[dict[str, Any]]


class AdjustmentRun(Base):
    """待遇调整批次: a year's adjustment of everybody whose turn it was; `run` counts from 1: a later one takes in who was
    missed.

    `after_batch` is the newest batch of payout before it: months posted until then were posted without the increase, and
    got it as arrears. Reversed, it is as if it had never been.
    """

    __tablename__ = "adjustment_run"
    __table_args__ = (
        UniqueConstraint("area", "year", "run"),
        CheckConstraint("n >= 0 and monthly >= 0 and arrears >= 0", name="not_negative"),
        CheckConstraint(
            "num_nulls(reversed_at, reversed_after, reversed_by, because, document) in (0, 5)",
            name="reversal",
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    area: Mapped[str] = mapped_column(String(6))
    year: Mapped[int] = mapped_column(SmallInteger)
    run: Mapped[int] = mapped_column(SmallInteger)
    notice: Mapped[str] = mapped_column(String(100))
    n: Mapped[int]
    monthly: Mapped[Money]
    arrears: Mapped[Money]
    after_batch: Mapped[int]
    batch_id: Mapped[int | None]  # of payout, in which the arrears were posted
    maker: Mapped[str]
    checker: Mapped[str]
    at: Mapped[datetime]
    reversed_at: Mapped[datetime | None]
    reversed_after: Mapped[int | None]  # the newest batch of payout when it was reversed
    reversed_by: Mapped[str | None]
    because: Mapped[str | None] = mapped_column(String(200))
    document: Mapped[str | None] = mapped_column(String(60))


class Adjustment(Base):
    """待遇调整: what a year's adjustment gave an award, and from which facts. Rows are written a million at a time, so
    that run and award are there is checked once a statement (migration).

    `arrears_months`: how many posted months the increase was given for afterwards. Undone: the run was reversed, or the
    award replaced by another. `claimed_months`: how many months that had been posted with it the reversal claimed it for.
    """

    __tablename__ = "adjustment"
    __table_args__ = (
        CheckConstraint("increase = fixed + linked + tilted + top_up", name="adds_up"),
        CheckConstraint(
            "least(fixed, linked, tilted, top_up) >= 0 and before > 0 and least(months, arrears_months, claimed_months) >= 0",
            name="not_negative",
        ),
        Index(
            "uq_adjustment_one_a_year",
            "award_id",
            "year",
            unique=True,
            postgresql_where=text("undone_at is null"),
        ),
        Index("ix_adjustment_undone", "award_id", postgresql_where=text("undone_at is not null")),
        # a run is written in one go, so its rows lie together
        Index("ix_adjustment_run_id", "run_id", postgresql_using="brin"),
        {"schema": SCHEMA},
    )
    run_id: Mapped[int] = mapped_column()
    award_id: Mapped[int] = mapped_column()
    year: Mapped[int] = mapped_column(SmallInteger)
    before: Mapped[Money]
    months: Mapped[int] = mapped_column(SmallInteger)
    age: Mapped[int] = mapped_column(SmallInteger)
    fixed: Mapped[Money]
    linked: Mapped[Money]
    tilted: Mapped[Money]
    top_up: Mapped[Money]
    increase: Mapped[Money]
    arrears_months: Mapped[int] = mapped_column(SmallInteger)
    claimed_months: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    undone_at: Mapped[datetime | None]
    __mapper_args__ = {"primary_key": (run_id, award_id)}  # noqa: RUF012 - needs no index of its own


class DisabilityDrawn(Base):
    """What the individual account gave for the allowance in a month in which some was booked."""

    __tablename__ = "disability_drawn"
    __table_args__ = (CheckConstraint("amount >= 0", name="not_negative"), {"schema": SCHEMA})
    person_id: Mapped[int] = mapped_column(ForeignKey("pension.account.person_id"), primary_key=True)
    booked: Mapped[Month] = mapped_column(primary_key=True)
    amount: Mapped[Money]
