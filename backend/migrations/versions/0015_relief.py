"""Levy: an employer's floating injury rate and its relief by policy; lines and bills say what was taken off."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

SIGNS = (
    "case kind when 'difference' then employer_share >= 0 and person_share >= 0"
    " when 'reduction' then employer_share <= 0 and person_share <= 0"
    " else base > 0 and employer_share >= 0 and person_share >= 0 and relief >= 0 end"
)

# of bills made before: who was billed by the month before, as their lines say
COUNT = """
update levy.bill b set undeclared = l.n
from (
  select run_id, insurance, employer_id, case when employer_id is null then person_id end as person_id,
    count(*) as n
  from levy.due_line where kind = 'undeclared' group by 1, 2, 3, 4) l
where b.kind = 'dues' and b.run_id = l.run_id and b.insurance = l.insurance
  and b.employer_id is not distinct from l.employer_id and b.person_id is not distinct from l.person_id
"""


def upgrade() -> None:
    _decided("floating", "since", "percent", sa.SmallInteger(), "percent between 1 and 1000")
    _decided("relief", "month", "policy", sa.String(length=10), "policy in ('small','large','none')")
    for table, name in (("due_line", "relief"), ("bill", "relief"), ("bill", "undeclared")):
        op.add_column(
            table, sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"), schema="levy"
        )
        op.alter_column(table, name, server_default=None, schema="levy")
    op.drop_constraint("ck_due_line_signs", "due_line", schema="levy")
    op.create_check_constraint(op.f("ck_due_line_signs"), "due_line", SIGNS, schema="levy")
    op.execute(COUNT)


def _decided(table: str, when: str, what: str, kind: sa.types.TypeEngine[Any], rule: str) -> None:
    """One decision an employer and month."""
    op.create_table(
        table,
        sa.Column("employer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(when, sa.Date(), nullable=False),
        sa.Column(what, kind, nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{what}")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["registry.employer.id"], name=op.f(f"fk_{table}_employer_id")
        ),
        sa.PrimaryKeyConstraint("employer_id", when, name=op.f(f"pk_{table}")),
        schema="levy",
    )
