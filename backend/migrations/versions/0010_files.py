"""Levy by file and in arrears: receipts know their file; a month's line may be followed by differences and reductions."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

SIGNS = (
    "case kind when 'difference' then employer_share >= 0 and person_share >= 0"
    " when 'reduction' then employer_share <= 0 and person_share <= 0"
    " else base > 0 and employer_share >= 0 and person_share >= 0 end"
)
KINDS = "kind in ('declared','undeclared','supplement','difference','reduction')"


def upgrade() -> None:
    op.add_column("receipt", sa.Column("file", sa.String(length=22), nullable=True), schema="levy")
    op.create_foreign_key(
        op.f("fk_receipt_file"),
        "receipt",
        "file",
        ["file"],
        ["id"],
        source_schema="levy",
        referent_schema="kernel",
    )
    _runs()
    _lines()
    op.drop_constraint("ck_bill_not_negative", "bill", schema="levy")
    op.create_check_constraint(
        op.f("ck_bill_not_negative"), "bill", "due >= 0 and paid >= 0 and written_off >= 0", schema="levy"
    )


def _runs() -> None:
    op.add_column(
        "run",
        sa.Column("kind", sa.String(length=10), nullable=False, server_default="monthly"),
        schema="levy",
    )
    op.alter_column("run", "kind", server_default=None, schema="levy")
    op.create_check_constraint(op.f("ck_run_kind"), "run", "kind in ('monthly','back')", schema="levy")
    op.drop_constraint("uq_run_area_month_run", "run", schema="levy")
    op.create_unique_constraint(
        "uq_run_area_month_kind_run", "run", ["area", "month", "kind", "run"], schema="levy"
    )


def _lines() -> None:
    op.add_column(
        "due_line", sa.Column("seq", sa.SmallInteger(), nullable=False, server_default="1"), schema="levy"
    )
    op.alter_column("due_line", "seq", server_default=None, schema="levy")
    op.drop_constraint("pk_due_line", "due_line", schema="levy")
    op.create_primary_key(
        "pk_due_line", "due_line", ["month", "person_id", "insurance", "seq"], schema="levy"
    )
    op.create_index(
        "ix_due_line_further",
        "due_line",
        ["month", "person_id"],
        schema="levy",
        postgresql_where=sa.text("seq > 1"),
    )
    for name, rule in (("signs", SIGNS), ("kind", KINDS)):
        old = {"signs": "not_negative"}.get(name, name)
        op.drop_constraint(f"ck_due_line_{old}", "due_line", schema="levy")
        op.create_check_constraint(op.f(f"ck_due_line_{name}"), "due_line", rule, schema="levy")
