"""Pension relations come and go: transfer cases with their tables and money, temporary accounts, months from elsewhere."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import backend.kernel.db

revision = "0025"
down_revision = "0024"

MONEY, MONTH = backend.kernel.db.MoneyType, backend.kernel.db.MonthType


def _money(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, MONEY(), nullable=False) for name in names]


def _person() -> sa.Column[Any]:
    return sa.Column("person_id", sa.BigInteger(), nullable=False)


def _case_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["case_id"], ["pension.transfer_case.id"], name=op.f(f"fk_{table}_case_id")
    )


def _person_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f(f"fk_{table}_person_id"))


def _cases() -> None:
    op.create_table(
        "transfer_case",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        _person(),
        sa.Column("other_area", sa.String(length=6), nullable=False),
        sa.Column("other_agency", sa.String(length=100), nullable=False),
        sa.Column("hukou", sa.String(length=6), nullable=True),
        sa.Column("letter", sa.String(length=60), nullable=True),
        sa.Column("temporary", sa.Boolean(), nullable=False),
        sa.Column("with_money", sa.Boolean(), nullable=False),
        sa.Column("deemed_months", sa.Integer(), nullable=False),
        *_money("account", "pooled", "total", "booked", "doubled"),
        sa.Column("file", sa.String(), nullable=True),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_sure", sa.Boolean(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("maker", sa.String(), nullable=False),
        sa.CheckConstraint("direction in ('in','out')", name=op.f("ck_transfer_case_direction")),
        sa.CheckConstraint(
            "state in ('applied','asked','informed','decided','done','refused','withdrawn')",
            name=op.f("ck_transfer_case_state"),
        ),
        sa.CheckConstraint(
            "(closed_on is not null) = (state in ('done','refused','withdrawn'))",
            name=op.f("ck_transfer_case_closed"),
        ),
        sa.CheckConstraint(
            "total = account + pooled and account >= 0 and pooled >= 0",
            name=op.f("ck_transfer_case_adds_up"),
        ),
        sa.CheckConstraint(
            "booked >= 0 and doubled >= 0"
            " and (state <> 'done' or direction = 'out' or booked + doubled = account)",
            name=op.f("ck_transfer_case_booked"),
        ),
        _person_key("transfer_case"),
        sa.ForeignKeyConstraint(["file"], ["kernel.file.id"], name=op.f("fk_transfer_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_case")),
        schema="pension",
    )
    op.create_index(op.f("ix_transfer_case_person_id"), "transfer_case", ["person_id"], schema="pension")
    op.create_index(
        "uq_transfer_case_open",
        "transfer_case",
        ["person_id"],
        unique=True,
        schema="pension",
        postgresql_where=sa.text("closed_on is null"),
    )
    op.create_table(
        "transfer_step",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("maker", sa.String(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        _case_key("transfer_step"),
        sa.PrimaryKeyConstraint("case_id", "no", name=op.f("pk_transfer_step")),
        schema="pension",
    )


def _tables() -> None:
    op.create_table(
        "transfer_month",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("month", MONTH(), nullable=False),
        _person(),
        sa.Column("area", sa.String(length=6), nullable=True),
        sa.Column("employer_id", sa.BigInteger(), nullable=True),
        *_money("base", "person_share", "employer_share"),
        sa.Column("wage_index", sa.Integer(), nullable=True),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "base > 0 and person_share >= 0 and employer_share >= 0",
            name=op.f("ck_transfer_month_not_negative"),
        ),
        sa.CheckConstraint("wage_index > 0", name=op.f("ck_transfer_month_wage_index")),
        _case_key("transfer_month"),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["registry.employer.id"], name=op.f("fk_transfer_month_employer_id")
        ),
        sa.PrimaryKeyConstraint("case_id", "month", name=op.f("pk_transfer_month")),
        schema="pension",
    )
    op.create_index(
        "ix_transfer_month_counts",
        "transfer_month",
        ["person_id", "month"],
        schema="pension",
        postgresql_where=sa.text("counts"),
    )
    op.create_table(
        "transfer_year",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        *_money("opening", "credited", "interest", "paid", "closing"),
        sa.CheckConstraint(
            "closing = opening + credited + interest - paid", name=op.f("ck_transfer_year_adds_up")
        ),
        _case_key("transfer_year"),
        sa.PrimaryKeyConstraint("case_id", "year", name=op.f("pk_transfer_year")),
        schema="pension",
    )
    op.create_table(
        "transfer_money",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        *_money("amount"),
        sa.Column("slip", sa.String(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("way in ('received','returned','paid')", name=op.f("ck_transfer_money_way")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_transfer_money_positive")),
        _case_key("transfer_money"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_money")),
        schema="pension",
    )
    op.create_index(op.f("ix_transfer_money_case_id"), "transfer_money", ["case_id"], schema="pension")
    op.create_index(
        "uq_transfer_money_slip", "transfer_money", ["way", "slip"], unique=True, schema="pension"
    )


def _persons() -> None:
    op.create_table(
        "temporary_account",
        _person(),
        sa.Column("hukou", sa.String(length=6), nullable=False),
        sa.Column("kept_area", sa.String(length=6), nullable=True),
        sa.Column("document", sa.String(length=60), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("maker", sa.String(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["pension.account.person_id"], name=op.f("fk_temporary_account_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_temporary_account")),
        schema="pension",
    )
    op.create_table(
        "refunded_month",
        _person(),
        sa.Column("month", MONTH(), nullable=False),
        *_money("amount"),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("refunded_on", sa.Date(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_refunded_month_not_negative")),
        _person_key("refunded_month"),
        _case_key("refunded_month"),
        sa.PrimaryKeyConstraint("person_id", "month", name=op.f("pk_refunded_month")),
        schema="pension",
    )
    op.create_table(
        "scheme_move",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        _person(),
        sa.Column("direction", sa.String(length=12), nullable=False),
        *_money("amount"),
        sa.Column("months", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.String(length=60), nullable=False),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("maker", sa.String(), nullable=False),
        sa.CheckConstraint(
            "direction in ('to_residents','to_employees')", name=op.f("ck_scheme_move_direction")
        ),
        sa.CheckConstraint("amount >= 0 and months >= 0", name=op.f("ck_scheme_move_not_negative")),
        _person_key("scheme_move"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_move")),
        sa.UniqueConstraint("person_id", name=op.f("uq_scheme_move_person_id")),
        schema="pension",
    )


def upgrade() -> None:
    op.add_column("contribution", sa.Column("area", sa.String(length=6), nullable=True), schema="pension")
    op.create_check_constraint(
        op.f("ck_contribution_one_payer"),
        "contribution",
        "area is null or employer_id is null",
        schema="pension",
    )
    _cases()
    _tables()
    _persons()
    op.execute("revoke update, delete on pension.transfer_step from renshe_app")
