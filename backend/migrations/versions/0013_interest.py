"""A year of an account knows by which rate it bore interest, and what came and went in each of its months."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"

MOVED = " + ".join(f"moved[{month}]" for month in range(1, 13))
NOUGHTS = "array_fill(0::bigint, array[12])"
# a past year that bore interest has it from whoever kept the account before
RATES = """
update pension.account_year set rate = 0
where year < extract(year from now() at time zone 'Asia/Shanghai') and (interest > 0 or opening + credited = 0);
"""
# nobody kept the months: a credit stands in the month it was for, payments in equal parts, what is over at the end
MONTHS = """
with years as (
  select y.*, case when year < extract(year from today) then 12 else extract(month from today)::int end as last
  from pension.account_year y, (select (now() at time zone 'Asia/Shanghai')::date as today) t
  where credited <> 0 or paid <> 0
), shares as (
  select y.person_id, y.year, y.last, y.credited, y.paid, n, coalesce(c.person_share, 0) as share
  from years y cross join generate_series(1, 12) n left join pension.contribution c
    on c.person_id = y.person_id and c.month = make_date(y.year::int, n, 1) and n <= y.last
), months as (
  select person_id, year, n, share
    - case when n <= last then paid / last else 0 end
    + case when n = last then credited - sum(share) over whole - paid % last else 0 end as fen
  from shares window whole as (partition by person_id, year)
), lists as (
  select person_id, year, array_agg(fen::bigint order by n) as moved from months group by person_id, year
)
update pension.account_year y set moved = l.moved from lists l where (l.year, l.person_id) = (y.year, y.person_id);
"""


def upgrade() -> None:
    op.add_column("account_year", sa.Column("rate", sa.Integer(), nullable=True), schema="pension")
    op.add_column(
        "account_year",
        sa.Column(
            "moved", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text(NOUGHTS), nullable=False
        ),
        schema="pension",
    )
    op.execute(RATES)
    op.execute(MONTHS)
    for name, rule in (
        ("rate", "rate >= 0"),
        ("twelve_months", "cardinality(moved) = 12"),
        ("moved_adds_up", f"{MOVED} is not distinct from credited - paid"),
    ):
        op.create_check_constraint(op.f(f"ck_account_year_{name}"), "account_year", rule, schema="pension")
