"""Levy: declared bases, monthly bills, receipts; whoever is hired is in all insurances that are levied together."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

SCHEMA = """
create schema levy;
grant usage on schema levy to renshe_app;
alter default privileges in schema levy grant select, insert, update on tables to renshe_app;
alter default privileges in schema levy grant usage, select on sequences to renshe_app;
"""

# checked once a statement, for a million persons at a time; none of them is ever deleted by a program
KNOWN = """
create function levy.require_known() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from (select distinct run_id from fresh) f
      where not exists (select from levy.run r where r.id = f.run_id)) then
    raise exception using errcode = '23503', message = 'a due line of no run';
  end if;
  if exists (select from (select distinct employer_id from fresh where employer_id is not null) f
      where not exists (select from registry.employer e where e.id = f.employer_id)) then
    raise exception using errcode = '23503', message = 'a due line of no employer';
  end if;
  if exists (select from fresh f where not exists (select from registry.person p where p.id = f.person_id)) then
    raise exception using errcode = '23503', message = 'a due line of nobody';
  end if;
  return null;
end $$;
create trigger known after insert on levy.due_line referencing new table as fresh
  for each statement execute function levy.require_known();
revoke all on function levy.require_known() from public;
revoke update on levy.due_line from renshe_app;
"""

# who was hired before is in the other insurances from the same month
TOGETHER = """
insert into registry.enrolment (person_id, insurance, category, employer_id, started, ended)
select e.person_id, i.code, e.category, e.employer_id, e.started, e.ended
from registry.enrolment e, unnest(array['210', '310', '410']) as i (code)
where e.insurance = '110' and e.category = 'employee' and not exists (
  select from registry.enrolment o
  where o.person_id = e.person_id and o.insurance = i.code
    and daterange(o.started, o.ended, '[]') && daterange(e.started, e.ended, '[]'))
"""


def upgrade() -> None:
    op.execute(SCHEMA)
    _bills()
    _receipts()
    op.execute(KNOWN)
    op.execute(TOGETHER)
    op.drop_constraint("ck_account_year_months", "account_year", schema="pension")
    op.create_check_constraint(
        op.f("ck_account_year_months"), "account_year", "months >= 0", schema="pension"
    )


def _bills() -> None:
    op.create_table(
        "due_line",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("insurance", sa.String(length=3), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("employer_share", sa.BigInteger(), nullable=False),
        sa.Column("person_share", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind in ('declared','undeclared','supplement')", name=op.f("ck_due_line_kind")),
        sa.CheckConstraint(
            "base > 0 and employer_share >= 0 and person_share >= 0", name=op.f("ck_due_line_not_negative")
        ),
        sa.PrimaryKeyConstraint("month", "person_id", "insurance", name=op.f("pk_due_line")),
        schema="levy",
    )
    op.create_index(
        "ix_due_line_run_id",
        "due_line",
        ["run_id"],
        unique=False,
        schema="levy",
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    )
    op.create_table(
        "run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("run", sa.SmallInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("problems", sa.BigInteger(), nullable=False),
        sa.Column("maker", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("area", "month", "run", name=op.f("uq_run_area_month_run")),
        schema="levy",
    )
    op.create_table(
        "declared_base",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("wage", sa.BigInteger(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("until >= since", name=op.f("ck_declared_base_order")),
        sa.CheckConstraint("wage > 0", name=op.f("ck_declared_base_positive")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["registry.employer.id"], name=op.f("fk_declared_base_employer_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["registry.person.id"], name=op.f("fk_declared_base_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declared_base")),
        schema="levy",
    )
    op.create_index(
        op.f("ix_declared_base_employer_id"), "declared_base", ["employer_id"], unique=False, schema="levy"
    )
    op.create_index(
        "uq_declared_base_since",
        "declared_base",
        ["person_id", "employer_id", "since"],
        unique=True,
        schema="levy",
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "problem",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=True),
        sa.Column("insurance", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["levy.run.id"], name=op.f("fk_problem_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem")),
        schema="levy",
    )
    op.create_index(op.f("ix_problem_run_id"), "problem", ["run_id"], unique=False, schema="levy")


def _receipts() -> None:
    op.create_table(
        "receipt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("payer", sa.String(length=40), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("unallocated", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("batches", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel in ('bank','tax','treasury')", name=op.f("ck_receipt_channel")),
        sa.CheckConstraint(
            "amount > 0 and unallocated >= 0 and refunded >= 0 and unallocated + refunded <= amount",
            name=op.f("ck_receipt_amounts"),
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["registry.employer.id"], name=op.f("fk_receipt_employer_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f("fk_receipt_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("channel", "reference", name=op.f("uq_receipt_channel_reference")),
        schema="levy",
    )
    op.create_index(op.f("ix_receipt_employer_id"), "receipt", ["employer_id"], unique=False, schema="levy")
    op.create_index(op.f("ix_receipt_person_id"), "receipt", ["person_id"], unique=False, schema="levy")
    op.create_index(
        "ix_receipt_unallocated",
        "receipt",
        ["id"],
        unique=False,
        schema="levy",
        postgresql_where=sa.text("unallocated > 0"),
    )
    op.create_table(
        "bill",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("employer_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("insurance", sa.String(length=3), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("late_of", sa.BigInteger(), nullable=True),
        sa.Column("late_receipt", sa.BigInteger(), nullable=True),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("due_day", sa.Date(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("written_off", sa.BigInteger(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(kind = 'late_fee') = (late_of is not null)", name=op.f("ck_bill_late_of")),
        sa.CheckConstraint("kind in ('dues','late_fee')", name=op.f("ck_bill_kind")),
        sa.CheckConstraint("(employer_id is null) <> (person_id is null)", name=op.f("ck_bill_one_payer")),
        sa.CheckConstraint("due > 0 and paid >= 0 and written_off >= 0", name=op.f("ck_bill_not_negative")),
        sa.CheckConstraint("paid + written_off <= due", name=op.f("ck_bill_not_too_much")),
        sa.ForeignKeyConstraint(["employer_id"], ["registry.employer.id"], name=op.f("fk_bill_employer_id")),
        sa.ForeignKeyConstraint(["late_of"], ["levy.bill.id"], name=op.f("fk_bill_late_of")),
        sa.ForeignKeyConstraint(["late_receipt"], ["levy.receipt.id"], name=op.f("fk_bill_late_receipt")),
        sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f("fk_bill_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill")),
        sa.UniqueConstraint("late_of", "late_receipt", name=op.f("uq_bill_late_of_late_receipt")),
        schema="levy",
    )
    op.create_index("ix_bill_employer_month", "bill", ["employer_id", "month"], unique=False, schema="levy")
    op.create_index(
        "ix_bill_employer_open",
        "bill",
        ["employer_id", "month"],
        unique=False,
        schema="levy",
        postgresql_where=sa.text("paid + written_off < due and voided_at is null"),
    )
    op.create_index("ix_bill_person_month", "bill", ["person_id", "month"], unique=False, schema="levy")
    op.create_index(
        "ix_bill_person_open",
        "bill",
        ["person_id", "month"],
        unique=False,
        schema="levy",
        postgresql_where=sa.text("paid + written_off < due and voided_at is null"),
    )
    op.create_index("ix_bill_run_id", "bill", ["run_id"], unique=False, schema="levy")
    op.create_table(
        "settlement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("receipt_id", sa.BigInteger(), nullable=False),
        sa.Column("bill_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_settlement_positive")),
        sa.ForeignKeyConstraint(["bill_id"], ["levy.bill.id"], name=op.f("fk_settlement_bill_id")),
        sa.ForeignKeyConstraint(["receipt_id"], ["levy.receipt.id"], name=op.f("fk_settlement_receipt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
        schema="levy",
    )
    op.create_index(op.f("ix_settlement_bill_id"), "settlement", ["bill_id"], unique=False, schema="levy")
    op.create_index(
        op.f("ix_settlement_receipt_id"), "settlement", ["receipt_id"], unique=False, schema="levy"
    )
