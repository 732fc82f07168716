"""Long batches: a file of more lines than a person would wait for is the worker's."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("item", sa.String(length=10), nullable=False),
        sa.Column("file", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("dry", sa.Boolean(), nullable=False),
        sa.Column("maker", sa.String(length=40), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("bad", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("said", sa.String(length=300), nullable=False),
        sa.Column("result", sa.String(length=22), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('waiting','running','done','stopped')", name=op.f("ck_batch_state")),
        sa.CheckConstraint(
            "n > 0 and at between 0 and n and bad between 0 and at", name=op.f("ck_batch_counts")
        ),
        sa.CheckConstraint("(state = 'done') = (result is not null)", name=op.f("ck_batch_result")),
        sa.ForeignKeyConstraint(["file"], ["kernel.file.id"], name=op.f("fk_batch_file")),
        sa.ForeignKeyConstraint(["result"], ["kernel.file.id"], name=op.f("fk_batch_result")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        schema="kernel",
    )
    op.create_index("ix_batch_item_id", "batch", ["item", "id"], schema="kernel")
    op.create_index(
        "ix_batch_open",
        "batch",
        ["id"],
        schema="kernel",
        postgresql_where=sa.text("state in ('waiting','running')"),
    )
    op.execute("revoke delete on kernel.batch from renshe_app")
