"""What a family gets after a death, and who inherits the individual account: decisions and each one's part."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import backend.kernel.db

revision = "0022"
down_revision = "0021"

NOW = sa.DateTime(timezone=True)
# a decision is written once: it can be withdrawn, and a part can be posted
RIGHTS = """
revoke update, delete, truncate on pension.survivor_decision, pension.survivor_part from renshe_app;
grant update (withdrawn_at, withdrawn_document) on pension.survivor_decision to renshe_app;
grant update (month) on pension.survivor_part to renshe_app;
"""


def upgrade() -> None:
    op.create_table(
        "survivor_decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("died", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("no", sa.SmallInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.String(length=60), nullable=False),
        sa.Column("evidence", sa.String(length=22), nullable=True),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.Column("early_year", sa.BigInteger(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_at", NOW, nullable=False),
        sa.Column("withdrawn_at", NOW, nullable=True),
        sa.Column("withdrawn_document", sa.String(length=60), nullable=True),
        sa.CheckConstraint("kind in ('benefit','account')", name=op.f("ck_survivor_decision_kind")),
        sa.CheckConstraint("no >= 1 and (no = 1 or kind = 'account')", name=op.f("ck_survivor_decision_no")),
        sa.CheckConstraint("total >= 0", name=op.f("ck_survivor_decision_not_negative")),
        sa.CheckConstraint(
            "(withdrawn_at is null) = (withdrawn_document is null)",
            name=op.f("ck_survivor_decision_withdrawn"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["registry.person.id"], name=op.f("fk_survivor_decision_person_id")
        ),
        sa.ForeignKeyConstraint(["evidence"], ["kernel.file.id"], name=op.f("fk_survivor_decision_evidence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survivor_decision")),
        schema="pension",
    )
    op.create_index(
        op.f("ix_survivor_decision_person_id"), "survivor_decision", ["person_id"], schema="pension"
    )
    op.create_index(
        "uq_survivor_decision_standing",
        "survivor_decision",
        ["person_id", "kind", "no"],
        unique=True,
        schema="pension",
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    _parts()
    op.execute(RIGHTS)


def _parts() -> None:
    op.create_table(
        "survivor_part",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("relation", sa.String(length=12), nullable=False),
        sa.Column("share", sa.String(length=9), nullable=False),
        sa.Column("item", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("month", backend.kernel.db.MonthType(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_survivor_part_positive")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["pension.survivor_decision.id"], name=op.f("fk_survivor_part_decision_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["registry.person.id"], name=op.f("fk_survivor_part_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survivor_part")),
        sa.UniqueConstraint(
            "decision_id", "person_id", "item", name=op.f("uq_survivor_part_decision_id_person_id_item")
        ),
        schema="pension",
    )
    op.create_index(op.f("ix_survivor_part_person_id"), "survivor_part", ["person_id"], schema="pension")
    op.create_index(
        "ix_survivor_part_waiting",
        "survivor_part",
        ["item"],
        schema="pension",
        postgresql_where=sa.text("month is null"),
    )
