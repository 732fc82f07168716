"""Months are run more than once, arrears are paid; a kiosk has one dispenser; a receipt's number is whole."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# The batch and the persons of new payables are there: checked once a statement, for a million rows at a time.
# Neither is ever deleted by a program (rights below), so what was true when a row came stays true.
KNOWN = """
create function payout.require_known() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from (select distinct batch_id from fresh) f
      where not exists (select from payout.batch b where b.id = f.batch_id)) then
    raise exception using errcode = '23503', message = 'a payable of no batch';
  end if;
  if exists (select from fresh f where not exists (select from registry.person p where p.id = f.person_id)) then
    raise exception using errcode = '23503', message = 'a payable of nobody';
  end if;
  return null;
end $$;
create trigger known after insert on payout.payable referencing new table as fresh
  for each statement execute function payout.require_known();
revoke all on function payout.require_known() from public;
revoke delete, truncate on payout.batch, payout.payable, payout."order", payout.bank_file, payout.bank_line
  from renshe_app;
revoke delete, truncate on registry.person from renshe_app;
revoke update on payout.payable from renshe_app;
grant update (state, settled_at) on payout.payable to renshe_app;
"""

RECEIPTS = """
update payout."order" set receipt_no = left(receipt_no, 9) || id where receipt_no is not null
"""


def upgrade() -> None:
    _batches()
    _orders()
    op.add_column("award", sa.Column("pays_from", sa.Date(), nullable=True), schema="pension")
    op.execute(
        "update pension.award set pays_from = greatest(first_month, "
        "(select min(month) from payout.batch where fund = 'pension'))"
    )
    op.alter_column("award", "pays_from", nullable=False, schema="pension")
    # every retiree's account changes every month: room on its own page keeps that from touching an index
    op.execute("alter table pension.account set (fillfactor = 70)")
    op.execute("alter table pension.account_year set (fillfactor = 70)")
    op.create_index("ix_award_decided_at", "award", ["decided_at"], schema="pension")


def _batches() -> None:
    op.add_column(
        "batch", sa.Column("run", sa.SmallInteger(), server_default="1", nullable=False), schema="payout"
    )
    op.alter_column("batch", "run", server_default=None, schema="payout")
    op.drop_constraint("uq_batch_fund_item_area_month", "batch", schema="payout")
    op.create_unique_constraint(
        op.f("uq_batch_fund_item_area_month_run"),
        "batch",
        ["fund", "item", "area", "month", "run"],
        schema="payout",
    )
    for column in ("batch_id", "person_id"):
        op.drop_constraint(f"fk_payable_{column}", "payable", schema="payout", type_="foreignkey")
    op.drop_constraint("ck_payable_state", "payable", schema="payout")
    op.execute("update payout.payable set state = 'payable' where state = 'returned'")
    op.create_check_constraint(
        op.f("ck_payable_state"),
        "payable",
        "state in ('payable','held','collected','at_bank','paid')",
        schema="payout",
    )
    op.execute(KNOWN)


def _orders() -> None:
    op.alter_column("order", "receipt_no", type_=sa.String(length=25), schema="payout")
    op.execute(RECEIPTS)
    op.add_column(
        "order", sa.Column("contradicted_at", sa.DateTime(timezone=True), nullable=True), schema="payout"
    )
    op.create_table(
        "journal",
        sa.Column("kiosk", sa.String(length=8), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("kiosk", "seq", name=op.f("pk_journal")),
        schema="payout",
    )
    op.execute("insert into payout.journal select id, journal_seq, journal_head from payout.kiosk")
    op.drop_table("kiosk", schema="payout")
    op.create_table(
        "dispenser",
        sa.Column("kiosk", sa.String(length=8), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("kiosk", name=op.f("pk_dispenser")),
        sa.UniqueConstraint("id", name=op.f("uq_dispenser_id")),
        schema="payout",
    )
    op.execute(
        'insert into payout.dispenser select distinct on (kiosk) kiosk, dispenser from payout."order" '
        "where method = 'cash' and dispenser is not null order by kiosk, opened_at desc"
    )
