"""Residents have accounts, payments, awards and years of their own (城乡居民基本养老保险)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import backend.kernel.db

revision = "0024"
down_revision = "0023"

MOVED = " + ".join(f"moved[{month}]" for month in range(1, 13))


def upgrade() -> None:
    op.create_table(
        "resident_account",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=1), nullable=False),
        sa.Column("opened", backend.kernel.db.MonthType(), nullable=False),
        sa.Column("hukou", sa.String(length=6), nullable=False),
        sa.Column("tier", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("taken_months", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status in ('1','2','3','4')", name=op.f("ck_resident_account_status")),
        sa.CheckConstraint("tier > 0 and taken_months >= 0", name=op.f("ck_resident_account_not_negative")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["registry.person.id"], name=op.f("fk_resident_account_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_resident_account")),
        schema="pension",
    )
    op.create_table(
        "resident_award",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("reached", backend.kernel.db.MonthType(), nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=False),
        sa.Column("balance", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("addition", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.Column("first_month", backend.kernel.db.MonthType(), nullable=False),
        sa.Column("pays_from", backend.kernel.db.MonthType(), nullable=False),
        sa.Column("account", backend.kernel.db.MoneyType(), nullable=False),
        sa.CheckConstraint("state in ('active','suspended','ended')", name=op.f("ck_resident_award_state")),
        sa.CheckConstraint(
            "account >= 0 and addition >= 0 and balance >= 0", name=op.f("ck_resident_award_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["pension.resident_account.person_id"], name=op.f("fk_resident_award_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident_award")),
        sa.UniqueConstraint("person_id", name=op.f("uq_resident_award_person_id")),
        schema="pension",
    )
    op.create_index(
        "ix_resident_award_decided_at", "resident_award", ["decided_at"], unique=False, schema="pension"
    )
    op.create_table(
        "resident_grant",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("heir_id", sa.BigInteger(), nullable=False),
        sa.Column("month", backend.kernel.db.MonthType(), nullable=False),
        sa.Column("amount", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("document", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('inheritance','funeral')", name=op.f("ck_resident_grant_kind")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_resident_grant_positive")),
        sa.ForeignKeyConstraint(["heir_id"], ["registry.person.id"], name=op.f("fk_resident_grant_heir_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["pension.resident_account.person_id"], name=op.f("fk_resident_grant_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident_grant")),
        schema="pension",
    )
    op.create_index(
        op.f("ix_resident_grant_heir_id"), "resident_grant", ["heir_id"], unique=False, schema="pension"
    )
    op.create_index(
        "uq_resident_grant_once",
        "resident_grant",
        ["person_id", "kind"],
        unique=True,
        schema="pension",
        postgresql_where=sa.text("undone_at is null"),
    )
    op.create_table(
        "resident_move",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=3), nullable=False),
        sa.Column("amount", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('in','out')", name=op.f("ck_resident_move_kind")),
        sa.CheckConstraint("amount >= 0 and months >= 0", name=op.f("ck_resident_move_not_negative")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["pension.resident_account.person_id"], name=op.f("fk_resident_move_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident_move")),
        schema="pension",
    )
    op.create_index(
        op.f("ix_resident_move_person_id"), "resident_move", ["person_id"], unique=False, schema="pension"
    )
    op.create_table(
        "resident_payment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("amount", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("subsidy", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("payer", sa.String(length=100), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=True),
        sa.Column("allotted", sa.String(length=40), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("returned", sa.String(length=40), nullable=True),
        sa.CheckConstraint("channel in ('bank','tax','treasury')", name=op.f("ck_resident_payment_channel")),
        sa.CheckConstraint("kind = 'own' or subsidy = 0", name=op.f("ck_resident_payment_subsidy")),
        sa.CheckConstraint("kind in ('own','collective')", name=op.f("ck_resident_payment_kind")),
        sa.CheckConstraint(
            "(reversed_at is null) = (reason is null)", name=op.f("ck_resident_payment_reversed")
        ),
        sa.CheckConstraint("amount > 0 and subsidy >= 0", name=op.f("ck_resident_payment_not_negative")),
        sa.CheckConstraint(
            "returned is null or (reversed_at is not null and allotted is not null)",
            name=op.f("ck_resident_payment_returned"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["pension.resident_account.person_id"], name=op.f("fk_resident_payment_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident_payment")),
        schema="pension",
    )
    op.create_index(
        op.f("ix_resident_payment_person_id"),
        "resident_payment",
        ["person_id"],
        unique=False,
        schema="pension",
    )
    op.create_index(
        "ix_resident_payment_unsettled",
        "resident_payment",
        ["id"],
        unique=False,
        schema="pension",
        postgresql_where=sa.text(
            "subsidy > 0 and returned is null and (allotted is null) = (reversed_at is null)"
        ),
    )
    op.create_index(
        "uq_resident_payment_reference",
        "resident_payment",
        ["channel", "reference"],
        unique=True,
        schema="pension",
        postgresql_where=sa.text("reversed_at is null"),
    )
    op.create_index(
        "uq_resident_payment_year",
        "resident_payment",
        ["person_id", "year", "kind"],
        unique=True,
        schema="pension",
        postgresql_where=sa.text("reversed_at is null"),
    )
    op.create_table(
        "resident_year",
        sa.Column("year", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=False),
        sa.Column("opening", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("credited", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("interest", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("paid", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("closing", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.Column(
            "moved",
            sa.ARRAY(sa.BigInteger()),
            server_default=sa.text("array_fill(0::bigint, array[12])"),
            nullable=False,
        ),
        sa.CheckConstraint("cardinality(moved) = 12", name=op.f("ck_resident_year_twelve_months")),
        sa.CheckConstraint(
            "closing = opening + credited + interest - paid", name=op.f("ck_resident_year_adds_up")
        ),
        sa.CheckConstraint("closing >= 0", name=op.f("ck_resident_year_not_negative")),
        sa.CheckConstraint(
            f"{MOVED} is not distinct from credited - paid",
            name=op.f("ck_resident_year_moved_adds_up"),
        ),
        sa.CheckConstraint("rate >= 0", name=op.f("ck_resident_year_rate")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["pension.resident_account.person_id"], name=op.f("fk_resident_year_person_id")
        ),
        sa.PrimaryKeyConstraint("year", "person_id", name=op.f("pk_resident_year")),
        schema="pension",
    )
    op.create_index(
        op.f("ix_resident_year_person_id"), "resident_year", ["person_id"], unique=False, schema="pension"
    )
