"""Months are reopened with a trace, moves of money are covered, every version of a budget is kept."""

import sqlalchemy as sa
from alembic import op

import backend.kernel.db

revision = "0008"
down_revision = "0007"

# who closed a month and who opened it again: written by the two functions below and by nobody else
STEPS = """
create table ledger.step (
  id bigint generated always as identity primary key,
  ym integer not null references ledger.period,
  what text not null check (what in ('closed', 'reopened')),
  maker text not null check (length(maker) between 1 and 200),
  checkers text[] not null check (maker <> all (checkers)),
  reason text not null default '' check (length(reason) <= 500),
  at timestamptz not null,
  constraint step_says_why check (what <> 'reopened' or length(reason) > 0)
);
create index step_ym on ledger.step (ym);
insert into ledger.step (ym, what, maker, checkers, at)
select ym, 'closed', 'system', '{}', closed_at from ledger.period where status = 'closed';
create trigger only_added before update or delete or truncate on ledger.step
  for each statement execute function ledger.refuse_change();
grant select on ledger.step to renshe_app;
"""

# Statements ask for years of months, each of a million lines: what a month moved is added up once, when it is closed.
# A month that is opened again and closed again has totals anew, under its newer step.
TOTALS = """
create table ledger.total (
  step bigint not null references ledger.step,
  account bigint not null references ledger.account,
  carrying boolean not null,
  debit bigint not null check (debit >= 0),
  credit bigint not null check (credit >= 0),
  primary key (step, account, carrying)
);
create trigger only_added before update or delete or truncate on ledger.total
  for each statement execute function ledger.refuse_change();
grant select on ledger.total to renshe_app;
create index batch_year_end on ledger.batch (key) where document = 'year-end';

-- What the lines of a month moved; the carrying of a year (and its reversal) is told apart.
create function ledger.sums(p_ym integer)
  returns table (account bigint, carrying boolean, debit bigint, credit bigint)
  language sql stable set search_path = pg_catalog, pg_temp as $$
  with carried as (
    select id from ledger.batch where document = 'year-end' and ym = p_ym
    union all
    select r.id from ledger.batch o join ledger.batch r on r.reverses = o.id
    where o.document = 'year-end' and r.ym = p_ym
  ), pairs as (
    select debit, credit, batch in (select id from carried) as carrying, sum(amount_fen) as fen
    from ledger.transfer where ym = p_ym group by 1, 2, 3
  )
  select account, carrying, sum(debit)::bigint, sum(credit)::bigint from (
    select debit as account, carrying, fen as debit, 0 as credit from pairs
    union all select credit, carrying, 0, fen from pairs
  ) sides group by account, carrying
$$;

-- What the months from one to another moved: the closed ones by their totals, the open ones by their lines.
create function ledger.movement(p_first integer, p_last integer)
  returns table (ym integer, account bigint, carrying boolean, debit bigint, credit bigint)
  language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare one record;
begin
  return query
    select p.ym, t.account, t.carrying, t.debit, t.credit
    from ledger.period p
    join lateral (select id from ledger.step where ym = p.ym order by id desc limit 1) s on true
    join ledger.total t on t.step = s.id
    where p.status = 'closed' and p.ym between p_first and p_last;
  for one in select p.ym from ledger.period p where p.status = 'open' and p.ym between p_first and p_last loop
    return query select one.ym, s.* from ledger.sums(one.ym) s;
  end loop;
end $$;
revoke all on function ledger.sums(integer), ledger.movement(integer, integer) from public;
grant execute on function ledger.sums(integer), ledger.movement(integer, integer) to renshe_app;
insert into ledger.total (step, account, carrying, debit, credit)
select s.id, m.* from ledger.step s, lateral ledger.sums(s.ym) m;
"""

CLOSING = """
drop function ledger.close_period(integer, timestamptz);
create function ledger.close_period(p_ym integer, p_at timestamptz, p_maker text, p_checkers text[])
  returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  known text;
  closing bigint;
begin
  perform pg_advisory_xact_lock(1279542098, p_ym);
  perform pg_advisory_xact_lock(1279542098, 0);  -- nor is an earlier month opened meanwhile
  select status into known from ledger.period where ym = p_ym;
  if known is null then
    raise exception using errcode = 'LG003', message = 'period ' || p_ym || ' is not there';
  end if;
  if exists (select from ledger.period where ym < p_ym and status = 'open') then
    raise exception using errcode = 'LG005', message = 'a month before ' || p_ym || ' is open';
  end if;
  update ledger.period set status = 'closed', closed_at = p_at where ym = p_ym and status = 'open';
  if found then
    insert into ledger.step (ym, what, maker, checkers, at) values (p_ym, 'closed', p_maker, p_checkers, p_at)
    returning id into closing;
    insert into ledger.total (step, account, carrying, debit, credit) select closing, m.* from ledger.sums(p_ym) m;
  end if;
end $$;

-- Opens the newest closed month again, for two persons other than who asks and for a reason that stays. A month of
-- a year that was carried stays closed: what is found later is booked in the current year.
create function ledger.reopen_period(
  p_ym integer, p_at timestamptz, p_maker text, p_checkers text[], p_reason text
) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare newest integer;
begin
  perform pg_advisory_xact_lock(1279542098, p_ym);
  perform pg_advisory_xact_lock(1279542098, 0);
  select max(ym) into newest from ledger.period where status = 'closed';
  if newest is distinct from p_ym then
    raise exception using errcode = 'LG012', message = 'the newest closed month is not ' || p_ym;
  end if;
  if (select count(distinct checker) from unnest(p_checkers) checker where checker <> p_maker) < 2 then
    raise exception using errcode = 'LG013', message = 'two others must approve';
  end if;
  if exists (
    select from ledger.batch where document = 'year-end' and key like 'year-end/' || p_ym / 100 || '/%'
  ) then
    raise exception using errcode = 'LG014', message = 'the year of ' || p_ym || ' was carried';
  end if;
  update ledger.period set status = 'open', closed_at = null where ym = p_ym;
  insert into ledger.step (ym, what, maker, checkers, reason, at)
  values (p_ym, 'reopened', p_maker, p_checkers, p_reason, p_at);
end $$;
revoke all on function ledger.close_period(integer, timestamptz, text, text[]),
  ledger.reopen_period(integer, timestamptz, text, text[], text) from public;
grant execute on function ledger.close_period(integer, timestamptz, text, text[]),
  ledger.reopen_period(integer, timestamptz, text, text[], text) to renshe_app;
"""

# An account that does not authorise is spread over rows, so no check of one row can say what it holds. Whoever must
# not overdraw it holds all its rows, and nobody else moves money on it, until they have posted.
COVERED = """
create function ledger.require_covered(p_account bigint, p_fen bigint) returns void language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare holds bigint;
begin
  perform from ledger.balance where account = p_account order by shard for update;
  select sum(case normal when 'D' then debit - credit - pending_credit else credit - debit - pending_debit end)
  into holds from ledger.balance where account = p_account;
  if coalesce(holds, 0) < p_fen then
    raise exception using errcode = 'LG015', message = 'account ' || p_account || ' does not hold ' || p_fen;
  end if;
end $$;
revoke all on function ledger.require_covered(bigint, bigint) from public;
grant execute on function ledger.require_covered(bigint, bigint) to renshe_app;
"""

BUDGETS = """
create trigger only_added before update or delete or truncate on accounting.budget
  for each statement execute function ledger.refuse_change();
grant usage on schema accounting to renshe_app;
grant select, insert on accounting.budget to renshe_app;
"""


def upgrade() -> None:
    for statement in (STEPS, TOTALS, CLOSING, COVERED):
        op.execute(statement)
    op.execute("create schema accounting")
    op.create_table(
        "budget",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("fund", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("amount", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("maker", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_budget_not_negative")),
        sa.CheckConstraint("version = 1 or length(reason) > 0", name=op.f("ck_budget_says_why")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget")),
        sa.UniqueConstraint(
            "fund", "area", "year", "kind", "version", name=op.f("uq_budget_fund_area_year_kind_version")
        ),
        schema="accounting",
    )
    op.execute(BUDGETS)
