"""Employers' registration: their insurances, injury class by month, changes; why people came and went; their own filings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import backend.kernel.db

revision = "0016"
down_revision = "0015"

# Whoever insured people before registrations were kept takes part in what they insured, since they first did.
REGISTERED = """
insert into registry.participation (employer_id, insurance, since)
select employer_id, insurance, min(started) from registry.enrolment where employer_id is not null group by 1, 2;
update registry.employer e set insured_on = (e.registered_at at time zone 'Asia/Shanghai')::date, pay_area = e.area
where exists (select from registry.participation p where p.employer_id = e.id);
"""


def upgrade() -> None:
    _filings()
    _employer()
    _participation()
    _former_class()
    _change()
    _jobs()
    op.execute(REGISTERED)
    op.execute("revoke update, delete on registry.employer_change from renshe_app")


def _filings() -> None:
    op.add_column(
        "case",
        sa.Column("maker_kind", sa.String(length=8), nullable=False, server_default="officer"),
        schema="kernel",
    )
    op.alter_column("case", "maker_kind", server_default=None, schema="kernel")
    op.add_column("case", sa.Column("maker_subject", sa.String(length=18), nullable=True), schema="kernel")
    op.create_check_constraint(
        op.f("ck_case_maker_kind"),
        "case",
        "maker_kind in ('officer','employer') and (maker_kind = 'employer') = (maker_subject is not null)",
        schema="kernel",
    )
    op.create_index("ix_case_subject", "case", ["subject"], schema="kernel")


def _employer() -> None:
    for column in (
        sa.Column("insured_on", sa.Date(), nullable=True),
        sa.Column("pay_area", sa.String(length=6), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
    ):
        op.add_column("employer", column, schema="registry")
    for name, rule in (
        ("insured", "(insured_on is null) = (pay_area is null)"),
        ("cancelled", "cancelled_on is null or insured_on is not null"),
    ):
        op.create_check_constraint(op.f(f"ck_employer_{name}"), "employer", rule, schema="registry")


def _participation() -> None:
    op.create_table(
        "participation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=False),
        sa.Column("insurance", sa.String(length=3), nullable=False),
        sa.Column("since", backend.kernel.db.MonthType(), nullable=False),
        sa.Column("until", backend.kernel.db.MonthType(), nullable=True),
        sa.CheckConstraint("until is null or until >= since", name=op.f("ck_participation_order")),
        postgresql.ExcludeConstraint(
            (sa.column("employer_id"), "="),
            (sa.column("insurance"), "="),
            (sa.text("daterange(since, until, '[]')"), "&&"),
            using="gist",
            name="participation_once",
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["registry.employer.id"], name=op.f("fk_participation_employer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation")),
        schema="registry",
    )


def _former_class() -> None:
    op.create_table(
        "former_class",
        sa.Column("employer_id", sa.BigInteger(), nullable=False),
        sa.Column("until", backend.kernel.db.MonthType(), nullable=False),
        sa.Column("since", backend.kernel.db.MonthType(), nullable=True),
        sa.Column("injury_class", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("injury_class between 1 and 8", name=op.f("ck_former_class_injury_class")),
        sa.CheckConstraint("since is null or until >= since", name=op.f("ck_former_class_order")),
        postgresql.ExcludeConstraint(
            (sa.column("employer_id"), "="),
            (sa.text("daterange(since, until, '[]')"), "&&"),
            using="gist",
            name="former_class_once",
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["registry.employer.id"], name=op.f("fk_former_class_employer_id")
        ),
        sa.PrimaryKeyConstraint("employer_id", "until", name=op.f("pk_former_class")),
        schema="registry",
    )


def _change() -> None:
    op.create_table(
        "employer_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=2), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("before", sa.String(length=200), nullable=True),
        sa.Column("after", sa.String(length=200), nullable=True),
        sa.Column("month", backend.kernel.db.MonthType(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("maker", sa.String(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["registry.employer.id"], name=op.f("fk_employer_change_employer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer_change")),
        schema="registry",
    )
    op.create_index(
        op.f("ix_employer_change_employer_id"), "employer_change", ["employer_id"], schema="registry"
    )


def _jobs() -> None:
    for column in (
        sa.Column("hire_reason", sa.String(length=2), nullable=True),
        sa.Column("hire_reported", sa.Date(), nullable=True),
        sa.Column("leave_reason", sa.String(length=4), nullable=True),
        sa.Column("leave_reported", sa.Date(), nullable=True),
    ):
        op.add_column("job", column, schema="registry")
