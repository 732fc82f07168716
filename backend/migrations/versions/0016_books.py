"""Budgets are approved by a second person; corrections of the books keep their document and reason."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0010"

GRANTS = """
create trigger only_added before update or delete or truncate on accounting.correction
  for each statement execute function ledger.refuse_change();
grant select, insert on accounting.correction to renshe_app;
"""


def upgrade() -> None:
    _budgets()
    _corrections()


def _budgets() -> None:
    # those of before were set by one person alone: as approved by nobody but the program
    op.add_column(
        "budget",
        sa.Column("checker", sa.String(), nullable=False, server_default="system"),
        schema="accounting",
    )
    op.alter_column("budget", "checker", server_default=None, schema="accounting")
    op.create_check_constraint(
        op.f("ck_budget_two_persons"), "budget", "checker <> maker", schema="accounting"
    )


def _corrections() -> None:
    op.create_table(
        "correction",
        sa.Column("batch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reverses", sa.BigInteger(), nullable=True),
        sa.Column("fund", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("document", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("evidence", sa.String(length=22), nullable=True),
        sa.CheckConstraint(
            "length(reason) > 0 and length(document) > 0", name=op.f("ck_correction_says_why")
        ),
        sa.ForeignKeyConstraint(["evidence"], ["kernel.file.id"], name=op.f("fk_correction_evidence")),
        sa.PrimaryKeyConstraint("batch", name=op.f("pk_correction")),
        sa.UniqueConstraint("reverses", name=op.f("uq_correction_reverses")),
        schema="accounting",
    )
    op.create_index(
        "uq_correction_adjusts",
        "correction",
        ["fund", "area", "document"],
        unique=True,
        schema="accounting",
        postgresql_where=sa.text("reverses is null"),
    )
    op.execute(GRANTS)
