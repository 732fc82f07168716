"""Awards replace each other, with the difference of every month that was posted and how it was settled."""

import sqlalchemy as sa
from alembic import op

import backend.kernel.db

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "replacement",
        sa.Column("award_id", sa.BigInteger(), nullable=False),
        sa.Column("replaces", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=2), nullable=False),
        sa.Column("document", sa.String(length=60), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["pension.award.id"], name=op.f("fk_replacement_award_id")),
        sa.ForeignKeyConstraint(["replaces"], ["pension.award.id"], name=op.f("fk_replacement_replaces")),
        sa.PrimaryKeyConstraint("award_id", name=op.f("pk_replacement")),
        sa.UniqueConstraint("replaces", name=op.f("uq_replacement_replaces")),
        schema="pension",
    )
    op.create_table(
        "difference",
        sa.Column("award_id", sa.BigInteger(), nullable=False),
        sa.Column("payable_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("month", backend.kernel.db.MonthType(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("fen <> 0 or account <> 0", name=op.f("ck_difference_not_nothing")),
        sa.ForeignKeyConstraint(["award_id"], ["pension.award.id"], name=op.f("fk_difference_award_id")),
        sa.ForeignKeyConstraint(["payable_id"], ["payout.payable.id"], name=op.f("fk_difference_payable_id")),
        sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f("fk_difference_person_id")),
        sa.PrimaryKeyConstraint("award_id", "payable_id", name=op.f("pk_difference")),
        schema="pension",
    )
    for column in ("person_id", "payable_id"):
        op.create_index(f"ix_difference_{column}", "difference", [column], schema="pension")
    _settlement()
    op.create_table(
        "notice",
        sa.Column("award_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=19), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["pension.award.id"], name=op.f("fk_notice_award_id")),
        sa.PrimaryKeyConstraint("award_id", name=op.f("pk_notice")),
        sa.UniqueConstraint("code", name=op.f("uq_notice_code")),
        schema="pension",
    )
    for table in ("replacement", "difference", "notice"):
        op.execute(f"revoke update, delete on pension.{table} from renshe_app")
    op.execute("revoke update on pension.settlement from renshe_app")


def _settlement() -> None:
    op.create_table(
        "settlement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("recovery_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(recovery_id is not null) = (fen < 0)", name=op.f("ck_settlement_claimed")),
        sa.CheckConstraint("batch_id is null or fen > 0", name=op.f("ck_settlement_posted")),
        sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f("fk_settlement_person_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["payout.batch.id"], name=op.f("fk_settlement_batch_id")),
        sa.ForeignKeyConstraint(
            ["recovery_id"], ["payout.recovery.id"], name=op.f("fk_settlement_recovery_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
        sa.UniqueConstraint("recovery_id", name=op.f("uq_settlement_recovery_id")),
        schema="pension",
    )
    op.create_index("ix_settlement_person_id", "settlement", ["person_id"], schema="pension")
    op.create_index(
        "uq_settlement_waiting",
        "settlement",
        ["person_id"],
        unique=True,
        schema="pension",
        postgresql_where=sa.text("fen > 0 and batch_id is null"),
    )
