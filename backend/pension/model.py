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
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.db import Base
from backend.kernel.money import Money
from backend.kernel.period import Month

SCHEMA = "pension"
MOVED = " + ".join(f"moved[{month}]" for month in range(1, 13))


class Account(Base):
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


class AccountYear(Base):
    """个人账户年度记账: 年末 = 年初 + 本金划入 + 利息划入 - 支出 (GB/T 40217—2021 表6).

    The newest year's closing is what the account holds (`years`). `rate`: the 记账利率 by which the year's interest
    was given here, in millionths; none until it is (结息), 0 where whoever kept the account before has given it.
    `moved`: credits less payments of each month, January first, in the month they were booked: interest counts them.
    """

    __tablename__ = "account_year"
    __table_args__ = (
        CheckConstraint("closing = opening + credited + interest - paid", name="adds_up"),
        CheckConstraint("closing >= 0", name="not_negative"),
        CheckConstraint("rate >= 0", name="rate"),
        CheckConstraint("cardinality(moved) = 12", name="twelve_months"),
        CheckConstraint(f"{MOVED} is not distinct from credited - paid", name="moved_adds_up"),
        {"schema": SCHEMA},
    )
    # a year of everybody lies together: a month is drawn from a million accounts at a time
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("pension.account.person_id"), primary_key=True, index=True
    )
    months: Mapped[int]  # more than twelve where arrears came in, below nought where more were taken back
    opening: Mapped[Money]
    credited: Mapped[Money]
    interest: Mapped[Money]
    paid: Mapped[Money]
    closing: Mapped[Money]
    rate: Mapped[int | None] = mapped_column(Integer)
    moved: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), server_default=text("array_fill(0::bigint, array[12])")
    )


class Contribution(Base):
    """缴费记录: one month paid in full, for whom, by whom, on what base.

    `index`: base over average wage, ten-thousandths; none where only the account's sum of them is known.
    """

    __tablename__ = "contribution"
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
    index: Mapped[int | None] = mapped_column(Integer)


class Award(Base):
    """待遇核定: what a person gets a month, and from which month. A month reads everybody's, so it is narrow."""

    __tablename__ = "award"
    __table_args__ = (
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
