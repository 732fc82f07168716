"""Cards with a counter and proofs of their own: which card is one, what an order keeps of it, which may be copies."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

STATUS = "status in ('inactive','active','suspended','lost','replaced','cancelled','frozen')"


def upgrade() -> None:
    _cards()
    _orders()
    op.create_table(
        "copied",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("kiosk", sa.String(length=8), nullable=False),
        sa.Column("order", sa.String(length=16), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("known", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["registry.card.id"], name=op.f("fk_copied_card_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copied")),
        schema="payout",
    )
    op.create_index(op.f("ix_copied_card_id"), "copied", ["card_id"], schema="payout")


def _cards() -> None:
    op.add_column(
        "card",
        sa.Column("profile", sa.String(length=8), server_default="field", nullable=False),
        schema="registry",
    )
    op.create_check_constraint(
        op.f("ck_card_profile"), "card", "profile in ('field','collect')", schema="registry"
    )
    op.drop_constraint(op.f("ck_card_status"), "card", schema="registry")
    op.create_check_constraint(op.f("ck_card_status"), "card", STATUS, schema="registry")


def _orders() -> None:
    for column in (
        sa.Column("profile", sa.String(length=8), server_default="field", nullable=False),
        sa.Column("ctc", sa.BigInteger(), nullable=True),
        sa.Column("card_rnd", sa.String(length=16), nullable=True),
        sa.Column("key_version", sa.SmallInteger(), nullable=True),
        sa.Column("tac", sa.String(length=16), nullable=True),
    ):
        op.add_column("order", column, schema="payout")
    op.create_check_constraint(
        op.f("ck_order_profile"),
        "order",
        "num_nonnulls(ctc, card_rnd, key_version)"
        " = case profile when 'collect' then 3 when 'field' then 0 else -1 end",
        schema="payout",
    )
    op.create_check_constraint(
        op.f("ck_order_tac"),
        "order",
        "(profile = 'field') = (tac is null) or state in ('opened','cancelled','refused')",
        schema="payout",
    )
    op.create_index(
        "uq_order_tac",
        "order",
        ["card_id", "ctc"],
        unique=True,
        schema="payout",
        postgresql_where=sa.text("tac is not null"),
    )
    op.create_index(
        "ix_order_of_card",
        "order",
        ["card_id", "opened_at"],
        schema="payout",
        postgresql_where=sa.text("ctc is not null"),
    )
