"""Pensions are adjusted year by year; what a run gave can be told, carried to a new award, and taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

# as payout.require_known: rows come by the million, and what they refer to is never deleted
KNOWN = """
create function pension.require_known() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from (select distinct run_id from fresh) f
      where not exists (select from pension.adjustment_run r where r.id = f.run_id)) then
    raise exception using errcode = '23503', message = 'an adjustment of no run';
  end if;
  if exists (select from fresh f where not exists (select from pension.award a where a.id = f.award_id)) then
    raise exception using errcode = '23503', message = 'an adjustment of no award';
  end if;
  return null;
end $$;
create trigger known after insert on pension.adjustment referencing new table as fresh
  for each statement execute function pension.require_known();
revoke all on function pension.require_known() from public;
revoke delete, truncate on pension.award, pension.adjustment_run, pension.adjustment from renshe_app;
revoke update on pension.adjustment_run, pension.adjustment from renshe_app;
grant update (n, monthly, arrears, batch_id, reversed_at, reversed_after, reversed_by, because, document)
  on pension.adjustment_run to renshe_app;
grant update (arrears_months, claimed_months, undone_at) on pension.adjustment to renshe_app;
"""


def upgrade() -> None:
    op.add_column(
        "award", sa.Column("increase", sa.BigInteger(), server_default="0", nullable=False), schema="pension"
    )
    op.add_column("award", sa.Column("adjusted", sa.SmallInteger(), nullable=True), schema="pension")
    op.create_check_constraint(
        op.f("ck_award_increase"),
        "award",
        "increase >= 0 and (increase = 0 or adjusted is not null)",
        schema="pension",
    )
    # a year's adjustment changes every award: room on its own page keeps that from touching an index
    op.execute("alter table pension.award set (fillfactor = 50)")
    _runs()
    _adjustments()
    op.execute(KNOWN)


def _runs() -> None:
    op.create_table(
        "adjustment_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("run", sa.SmallInteger(), nullable=False),
        sa.Column("notice", sa.String(length=100), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("monthly", sa.BigInteger(), nullable=False),
        sa.Column("arrears", sa.BigInteger(), nullable=False),
        sa.Column("after_batch", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("maker", sa.String(), nullable=False),
        sa.Column("checker", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reversed_after", sa.BigInteger(), nullable=True),
        sa.Column("reversed_by", sa.String(), nullable=True),
        sa.Column("because", sa.String(length=200), nullable=True),
        sa.Column("document", sa.String(length=60), nullable=True),
        sa.CheckConstraint(
            "n >= 0 and monthly >= 0 and arrears >= 0", name=op.f("ck_adjustment_run_not_negative")
        ),
        sa.CheckConstraint(
            "num_nulls(reversed_at, reversed_after, reversed_by, because, document) in (0, 5)",
            name=op.f("ck_adjustment_run_reversal"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment_run")),
        sa.UniqueConstraint("area", "year", "run", name=op.f("uq_adjustment_run_area_year_run")),
        schema="pension",
    )


def _adjustments() -> None:
    op.create_table(
        "adjustment",
        sa.Column("run_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("award_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.SmallInteger(), nullable=False),
        sa.Column("age", sa.SmallInteger(), nullable=False),
        sa.Column("fixed", sa.BigInteger(), nullable=False),
        sa.Column("linked", sa.BigInteger(), nullable=False),
        sa.Column("tilted", sa.BigInteger(), nullable=False),
        sa.Column("top_up", sa.BigInteger(), nullable=False),
        sa.Column("increase", sa.BigInteger(), nullable=False),
        sa.Column("arrears_months", sa.SmallInteger(), nullable=False),
        sa.Column("claimed_months", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("increase = fixed + linked + tilted + top_up", name=op.f("ck_adjustment_adds_up")),
        sa.CheckConstraint(
            "least(fixed, linked, tilted, top_up) >= 0 and before > 0 and least(months, arrears_months, claimed_months) >= 0",
            name=op.f("ck_adjustment_not_negative"),
        ),
        schema="pension",
    )
    op.create_index(
        "uq_adjustment_one_a_year",
        "adjustment",
        ["award_id", "year"],
        unique=True,
        schema="pension",
        postgresql_where=sa.text("undone_at is null"),
    )
    op.create_index(
        "ix_adjustment_undone",
        "adjustment",
        ["award_id"],
        schema="pension",
        postgresql_where=sa.text("undone_at is not null"),
    )
    op.create_index(
        "ix_adjustment_run_id", "adjustment", ["run_id"], schema="pension", postgresql_using="brin"
    )
