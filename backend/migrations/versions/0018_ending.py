"""Retirement and death end enrolments and jobs; what a death ended is kept, in case the death is taken back."""

import sqlalchemy as sa
from alembic import op

import backend.kernel.db

revision = "0018"
down_revision = "0017"

RETIRED = """
update registry.person p set retired = a.retired from pension.award a
where a.person_id = p.id and a.state <> 'replaced'
"""


def upgrade() -> None:
    op.add_column(
        "person", sa.Column("retired", backend.kernel.db.MonthType(), nullable=True), schema="registry"
    )
    op.execute(RETIRED)
    op.add_column("job", sa.Column("death_id", sa.BigInteger(), nullable=True), schema="registry")
    op.create_foreign_key(
        op.f("fk_job_death_id"),
        "job",
        "death",
        ["death_id"],
        ["id"],
        source_schema="registry",
        referent_schema="registry",
    )
    op.add_column(
        "enrolment", sa.Column("leave_reason", sa.String(length=4), nullable=True), schema="registry"
    )
    op.create_table(
        "ended_enrolment",
        sa.Column("death_id", sa.BigInteger(), nullable=False),
        sa.Column("insurance", sa.String(length=3), nullable=False),
        sa.Column("started", backend.kernel.db.MonthType(), nullable=False),
        sa.Column("ended", backend.kernel.db.MonthType(), nullable=True),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["death_id"], ["registry.death.id"], name=op.f("fk_ended_enrolment_death_id")
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["registry.employer.id"], name=op.f("fk_ended_enrolment_employer_id")
        ),
        sa.PrimaryKeyConstraint("death_id", "insurance", "started", name=op.f("pk_ended_enrolment")),
        schema="registry",
    )
    op.execute("revoke update, delete on registry.ended_enrolment from renshe_app")
