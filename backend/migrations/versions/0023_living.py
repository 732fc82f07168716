"""While a pension runs: proofs of life and reminders, disability allowances and what accounts give for them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from backend.kernel.db import MoneyType, MonthType

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    _proof()
    _reminder()
    _disability()
    _rate()
    _drawn()
    op.execute("revoke update, delete on pension.proof from renshe_app")
    op.execute("revoke update, delete on pension.disability_rate from renshe_app")
    op.execute("revoke delete on pension.reminder, pension.disability from renshe_app")


def _person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f(f"fk_{table}_person_id"))


def _proof() -> None:
    op.create_table(
        "proof",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "way in ('collection','card','portal','visit','match')", name=op.f("ck_proof_way")
        ),
        _person("proof"),
        sa.PrimaryKeyConstraint("person_id", "day", "way", name=op.f("pk_proof")),
        schema="pension",
    )


def _reminder() -> None:
    op.create_table(
        "reminder",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("lapsed", sa.Date(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("grace_until", sa.Date(), nullable=False),
        sa.Column("suspended_from", MonthType(), nullable=True),
        sa.CheckConstraint("told_on > lapsed and grace_until >= told_on", name=op.f("ck_reminder_order")),
        _person("reminder"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("person_id", "lapsed", name=op.f("uq_reminder_person_id_lapsed")),
        schema="pension",
    )


def _disability() -> None:
    op.create_table(
        "disability",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=7), nullable=False),
        sa.Column("document", sa.String(length=60), nullable=False),
        sa.Column("appraised", sa.Date(), nullable=False),
        sa.Column("applied", sa.Date(), nullable=False),
        sa.Column("legal", sa.Date(), nullable=False),
        sa.Column("first_month", MonthType(), nullable=False),
        sa.Column("until", MonthType(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("ended_by", sa.String(length=60), nullable=True),
        sa.CheckConstraint("kind in ('full','basic','limited')", name=op.f("ck_disability_kind")),
        sa.CheckConstraint("until >= first_month", name=op.f("ck_disability_order")),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.text("daterange(first_month, until)"), "&&"),
            using="gist",
            name="disability_once_at_a_time",
        ),
        _person("disability"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disability")),
        schema="pension",
    )


def _rate() -> None:
    op.create_table(
        "disability_rate",
        sa.Column("disability_id", sa.BigInteger(), nullable=False),
        sa.Column("since", MonthType(), nullable=False),
        *(
            sa.Column(name, MoneyType(), nullable=False)
            for name in ("basic", "account", "transitional", "additions", "total")
        ),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "total = basic + account + transitional + additions and total > 0",
            name=op.f("ck_disability_rate_adds_up"),
        ),
        sa.ForeignKeyConstraint(
            ["disability_id"], ["pension.disability.id"], name=op.f("fk_disability_rate_disability_id")
        ),
        sa.PrimaryKeyConstraint("disability_id", "since", name=op.f("pk_disability_rate")),
        schema="pension",
    )


def _drawn() -> None:
    op.create_table(
        "disability_drawn",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("booked", MonthType(), nullable=False),
        sa.Column("amount", MoneyType(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_disability_drawn_not_negative")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["pension.account.person_id"], name=op.f("fk_disability_drawn_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "booked", name=op.f("pk_disability_drawn")),
        schema="pension",
    )
