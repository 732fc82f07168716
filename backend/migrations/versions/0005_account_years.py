"""An account holds its newest year's closing and no second figure; what a month reads and writes is narrow."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

# who is in payment has this year's row; then nobody's balance may differ from what the years say
OPEN = """
insert into pension.account_year (person_id, year, months, opening, credited, interest, paid, closing)
select a.person_id, extract(year from now() at time zone 'Asia/Shanghai'), 0, a.balance, 0, 0, 0, a.balance
from pension.account a
where a.balance > 0 and (a.status = '4' or not exists (
    select from pension.account_year y where y.person_id = a.person_id))
on conflict do nothing;
do $$
declare wrong bigint;
begin
  select count(*) into wrong from pension.account a left join lateral (
    select closing from pension.account_year y where y.person_id = a.person_id order by year desc limit 1
  ) newest on true where a.balance <> coalesce(newest.closing, 0);
  if wrong > 0 then
    raise exception '% accounts hold another balance than their newest year: mend them first', wrong;
  end if;
end $$;
"""

# a month reads everybody's award and writes everybody's year: how an award was worked out lies outside its row,
# and a page of years has room for the next version of each
NARROW = (
    "insert into pension.working select id, facts, steps from pension.award",
    "alter table pension.award drop column facts, drop column steps",
    "update pension.award set state = state",  # written anew, without what was dropped
    "alter table pension.account_year set (fillfactor = 50)",
)


def upgrade() -> None:
    op.execute(OPEN)
    op.drop_constraint("ck_account_not_negative", "account", schema="pension")
    op.drop_column("account", "balance", schema="pension")
    op.create_check_constraint(
        op.f("ck_account_not_negative"),
        "account",
        "months_paid >= 0 and deemed_months >= 0",
        schema="pension",
    )
    op.create_check_constraint(
        op.f("ck_account_year_not_negative"), "account_year", "closing >= 0", schema="pension"
    )
    op.drop_constraint("pk_account_year", "account_year", schema="pension")
    op.create_primary_key("pk_account_year", "account_year", ["year", "person_id"], schema="pension")
    op.create_index("ix_account_year_person_id", "account_year", ["person_id"], schema="pension")
    # with the state in it, every step of a payment touched every index of the table
    op.drop_index("ix_payable_batch_state", "payable", schema="payout")
    op.create_index(
        "ix_payable_batch_id",
        "payable",
        ["batch_id"],
        schema="payout",
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    )
    op.execute("alter table payout.payable set (fillfactor = 80)")
    op.create_index(
        "ix_person_died", "person", ["died"], schema="registry", postgresql_where=sa.text("died is not null")
    )
    op.create_table(
        "working",
        sa.Column("award_id", sa.BigInteger(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["pension.award.id"], name=op.f("fk_working_award_id")),
        sa.PrimaryKeyConstraint("award_id", name=op.f("pk_working")),
        schema="pension",
    )
    for statement in NARROW:
        op.execute(statement)
