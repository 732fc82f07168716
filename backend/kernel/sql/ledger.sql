-- The fund ledger 基金总账: what the database itself refuses, whoever asks.
--
-- One row of transfer is one balanced double entry, so books that do not balance cannot be written down. A batch
-- is its header and its lines, written in one statement or not at all. Rows are only ever added: a mistake is
-- undone by a batch that reverses it. Balances are kept here, by triggers, and nowhere else.
-- Every refusal of ours has an SQLSTATE of its own (LG…); backend/kernel/ledger turns them into sentences.
-- The owner of the schema runs this once; the programs work as renshe_app, which owns nothing.

do $$ begin
  if not exists (select from pg_roles where rolname = 'renshe_app') then
    create role renshe_app nologin;
  end if;
end $$;
create schema ledger;
grant usage on schema ledger to renshe_app;

-- ---- tables ----

create table ledger.period (
  ym integer primary key check (ym between 190001 and 299912 and mod(ym, 100) between 1 and 12),
  status text not null default 'open' check (status in ('open', 'closed')),
  opened_at timestamptz not null,
  closed_at timestamptz,
  check ((status = 'closed') = (closed_at is not null))
);

create table ledger.account (
  id bigint generated always as identity primary key,
  fund text not null
    constraint account_fund check (fund in ('pension', 'resident_pension', 'medical', 'unemployment', 'injury')),
  area text not null check (area ~ '^[0-9]{6}$'),
  kind text not null check (kind ~ '^[a-z_]{1,40}$'),
  owner text check (length(owner) between 1 and 80),
  normal text not null check (normal in ('D', 'C')),
  no_overdraft boolean not null,
  shards smallint not null check (shards between 1 and 64),
  constraint account_once unique nulls not distinct (fund, area, kind, owner),
  constraint account_authorises check (not no_overdraft or shards = 1)
);

-- what an account holds: a busy one over several rows, one that authorises (no_overdraft) in one row only
create table ledger.balance (
  account bigint not null references ledger.account,
  shard smallint not null check (shard >= 0),
  normal text not null,
  no_overdraft boolean not null,
  debit bigint not null default 0 check (debit >= 0),
  credit bigint not null default 0 check (credit >= 0),
  pending_debit bigint not null default 0 check (pending_debit >= 0),
  pending_credit bigint not null default 0 check (pending_credit >= 0),
  primary key (account, shard),
  constraint balance_no_overdraft check (
    not no_overdraft
    or case normal when 'D' then debit - credit - pending_credit else credit - debit - pending_debit end >= 0
  )
) with (fillfactor = 70);

-- the header of a voucher 凭证: `key` comes from the business, so a thing cannot be posted twice
create table ledger.batch (
  id bigint generated always as identity primary key,
  ym integer not null,
  document text not null check (length(document) between 1 and 40),
  key text not null constraint batch_key unique check (length(key) between 1 and 200),
  maker text not null check (length(maker) between 1 and 200),
  checker text not null check (length(checker) between 1 and 200),
  approved_at timestamptz not null,
  n integer not null check (n > 0),
  total bigint not null check (total > 0),
  reverses bigint references ledger.batch,
  constraint batch_two_persons check (checker <> maker),
  check (reverses <> id)
);
create unique index batch_reversed_once on ledger.batch (reverses) where reverses is not null;

create table ledger.transfer (
  ym integer not null,
  batch bigint not null,
  line integer not null,
  debit bigint not null,
  credit bigint not null,
  amount_fen bigint not null,
  constraint transfer_positive check (amount_fen > 0),
  constraint transfer_two_accounts check (debit <> credit),
  primary key (ym, batch, line)
) partition by list (ym);

-- two-phase: reserved (pending on both accounts), then posted or voided, once and for good
create table ledger.hold (
  id bigint generated always as identity primary key,
  key text not null constraint hold_key unique check (length(key) between 1 and 195),
  ym integer not null,
  debit bigint not null,
  credit bigint not null,
  amount_fen bigint not null check (amount_fen > 0),
  reserved_by text not null check (length(reserved_by) between 1 and 200),
  reserved_at timestamptz not null,
  state text not null default 'pending' check (state in ('pending', 'posted', 'voided')),
  batch bigint unique references ledger.batch,
  settled_by text,
  settled_at timestamptz,
  check (debit <> credit),
  check ((state = 'posted') = (batch is not null)),
  check ((state = 'pending') = (settled_at is null)),
  check ((state = 'pending') = (settled_by is null))
);
create index hold_pending on ledger.hold (id) where state = 'pending';

-- a block of transfers closed by hash, each block carrying the one before
create table ledger.seal (
  seq bigint primary key check (seq > 0),
  previous text not null unique,
  first_batch bigint not null,
  first_line integer not null,
  last_batch bigint not null,
  last_line integer not null,
  n integer not null check (n > 0),
  root text not null,
  hash text not null unique,
  at timestamptz not null
);

-- what a seal covers: every column of a line, and with the first line the header
create view ledger.sealing as
select t.ym, t.batch, t.line,
  concat_ws('|', t.ym, t.batch, t.line, t.debit, t.credit, t.amount_fen)
  || case when t.line = 1 then
    jsonb_build_array(b.document, b.key, b.maker, b.checker,
      (extract(epoch from b.approved_at) * 1000000)::bigint, b.n, b.total, b.reverses)::text
  else '' end as content
from ledger.transfer t join ledger.batch b on b.id = t.batch and b.ym = t.ym;

-- ---- rows are only ever added ----

create function ledger.refuse_change() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception using errcode = 'LG001',
    message = lower(tg_op) || ' on ' || tg_table_schema || '.' || tg_table_name || ': the ledger only adds rows';
end $$;

create trigger only_added before update or delete or truncate on ledger.transfer
  for each statement execute function ledger.refuse_change();
create trigger only_added before update or delete or truncate on ledger.batch
  for each statement execute function ledger.refuse_change();
create trigger only_added before update or delete or truncate on ledger.account
  for each statement execute function ledger.refuse_change();
create trigger only_added before update or delete or truncate on ledger.seal
  for each statement execute function ledger.refuse_change();
create trigger only_added before delete or truncate on ledger.hold
  for each statement execute function ledger.refuse_change();
create trigger only_added before delete or truncate on ledger.period
  for each statement execute function ledger.refuse_change();
create trigger only_added before delete or truncate on ledger.balance
  for each statement execute function ledger.refuse_change();

-- ---- periods 会计期间 ----

-- Posting shares a lock on the month and closing takes it alone, so a month closes between postings, never
-- in the middle of one. The check after the lock must see what was committed meanwhile: read committed only.
create function ledger.require_open(p_ym integer) returns void language plpgsql
  set search_path = pg_catalog, pg_temp as $$
declare known text;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception using errcode = 'LG002', message = 'the ledger posts in read committed transactions only';
  end if;
  perform pg_advisory_xact_lock_shared(1279542098, p_ym);
  select status into known from ledger.period where ym = p_ym;
  if known is distinct from 'open' then
    raise exception using errcode = 'LG003', message = 'period ' || p_ym || ' is ' || coalesce(known, 'not there');
  end if;
end $$;

-- Opens a month: its row and its partition, which no program may name. Says what the month now is.
create function ledger.open_period(p_ym integer, p_at timestamptz) returns text language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
declare
  known text;
  part text := quote_ident('transfer_' || p_ym);
begin
  select status into known from ledger.period where ym = p_ym;
  if found then return known; end if;
  perform pg_advisory_xact_lock(1279542098, 0);
  select status into known from ledger.period where ym = p_ym;
  if found then return known; end if;
  if exists (select from ledger.period where ym > p_ym and status = 'closed') then
    raise exception using errcode = 'LG004', message = 'a month after ' || p_ym || ' is closed';
  end if;
  insert into ledger.period (ym, opened_at) values (p_ym, p_at);
  execute 'create table ledger.' || part || ' (like ledger.transfer including all)';
  execute 'revoke all on ledger.' || part || ' from public, renshe_app';
  -- a statement that names the partition does not fire the triggers of the whole
  execute 'create trigger only_added before insert or update or delete or truncate on ledger.' || part
    || ' for each statement execute function ledger.refuse_change()';
  execute 'alter table ledger.transfer attach partition ledger.' || part || ' for values in (' || p_ym || ')';
  return 'open';
end $$;

create function ledger.close_period(p_ym integer, p_at timestamptz) returns void language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
declare known text;
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
end $$;

-- ---- accounts 账户 ----

create function ledger.on_accounts() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  insert into ledger.balance (account, shard, normal, no_overdraft)
  select id, shard, normal, no_overdraft from fresh, generate_series(0, shards - 1) shard;
  return null;
end $$;
create trigger opened after insert on ledger.account referencing new table as fresh
  for each statement execute function ledger.on_accounts();

-- The two accounts of a row are known, and of one fund and one area: a fund never meets another fund.
create function ledger.require_one_fund(p_debits bigint[], p_credits bigint[]) returns void language plpgsql
  set search_path = pg_catalog, pg_temp as $$
declare wrong record;
begin
  select m.debit, m.credit, d.id is null or c.id is null as unknown into wrong
  from unnest(p_debits, p_credits) m (debit, credit)
  left join ledger.account d on d.id = m.debit
  left join ledger.account c on c.id = m.credit
  where d.id is null or c.id is null or d.fund <> c.fund or d.area <> c.area
  limit 1;
  if wrong.unknown then
    raise exception using errcode = 'LG006',
      message = 'no such account: ' || wrong.debit || ' or ' || wrong.credit;
  elsif found then
    raise exception using errcode = 'LG007',
      message = 'accounts ' || wrong.debit || ' and ' || wrong.credit || ' are not of one fund and area';
  end if;
end $$;

-- ---- batches and their lines 凭证和分录 ----

create type ledger.moved as (
  ym integer, batch bigint, debit bigint, credit bigint, n bigint, fen bigint, first integer, last integer
);

-- Every line of a batch comes in one statement: as many as the header says, numbered from 1, adding up to its
-- total. (A second statement for the same batch meets the primary key, or falls short here.)
create function ledger.require_whole(p_moved ledger.moved[]) returns void language plpgsql
  set search_path = pg_catalog, pg_temp as $$
declare
  wrong bigint;
  reversing bigint[];
begin
  select min(m.batch) filter (where b.id is null or m.low <> b.ym or m.high <> b.ym or m.n <> b.n or m.fen <> b.total
      or m.first <> 1 or m.last <> b.n),
    array_agg(b.id) filter (where b.reverses is not null)
  into wrong, reversing
  from (
    select batch, min(ym) low, max(ym) high, sum(n) n, sum(fen) fen, min(first) first, max(last) last
    from unnest(p_moved) group by batch
  ) m left join ledger.batch b on b.id = m.batch;
  if wrong is not null then
    raise exception using errcode = 'LG008', message = 'batch ' || wrong || ' is not what its header says';
  end if;
  if reversing is not null then perform ledger.require_mirror(reversing); end if;
end $$;

-- A reversal is the mirror of what it reverses, line by line, and is not itself reversed.
create function ledger.require_mirror(p_batches bigint[]) returns void language plpgsql
  set search_path = pg_catalog, pg_temp as $$
declare wrong bigint;
begin
  select b.id into wrong
  from ledger.batch b join ledger.batch o on o.id = b.reverses
  where b.id = any (p_batches) and (
    o.reverses is not null or o.n <> b.n or o.n <> (
      select count(*) from ledger.transfer r join ledger.transfer t
        on t.ym = o.ym and t.batch = o.id and t.line = r.line
        and t.debit = r.credit and t.credit = r.debit and t.amount_fen = r.amount_fen
      where r.ym = b.ym and r.batch = b.id
    )
  ) limit 1;
  if found then
    raise exception using errcode = 'LG009', message = 'batch ' || wrong || ' does not mirror what it reverses';
  end if;
end $$;

-- Adds to an account. Of a busy account any row that is free will do; where none is, the first is waited for.
create function ledger.add(p_account bigint, p_shards integer, p_debit bigint, p_credit bigint) returns void
  language plpgsql set search_path = pg_catalog, pg_temp as $$
declare free smallint := 0;
begin
  if p_shards > 1 then
    select shard into free from ledger.balance where account = p_account limit 1 for update skip locked;
  end if;
  update ledger.balance set debit = debit + p_debit, credit = credit + p_credit
  where account = p_account and shard = coalesce(free, 0);
end $$;

create function ledger.on_transfers() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
declare
  one record;
  moved ledger.moved[];
begin
  select count(*) as n, min(ym) as ym into one from (select ym from fresh limit 2) few;
  if one.n = 0 then return null; end if;
  if one.n = 1 then  -- the everyday posting: one line in which one look finds nothing wrong
    perform ledger.require_open(one.ym);
    select f.batch, f.debit, f.credit, f.amount_fen as fen, d.shards as debit_shards, c.shards as credit_shards,
      coalesce((b.ym, b.n, b.total, 1) = (f.ym, 1, f.amount_fen, f.line) and b.reverses is null
        and d.fund = c.fund and d.area = c.area, false) as plain
    into one
    from fresh f left join ledger.batch b on b.id = f.batch
    left join ledger.account d on d.id = f.debit left join ledger.account c on c.id = f.credit;
    if one.plain then
      if one.debit < one.credit then
        perform ledger.add(one.debit, one.debit_shards, one.fen, 0);
      end if;
      perform ledger.add(one.credit, one.credit_shards, 0, one.fen);
      if one.debit > one.credit then
        perform ledger.add(one.debit, one.debit_shards, one.fen, 0);
      end if;
      return null;
    end if;
  end if;
  select array_agg(m::ledger.moved) into moved from (
    select ym, batch, debit, credit, count(*), sum(amount_fen)::bigint, min(line), max(line)
    from fresh group by ym, batch, debit, credit
  ) m;
  for one in select distinct ym from unnest(moved) order by ym loop
    perform ledger.require_open(one.ym);
  end loop;
  perform ledger.require_one_fund(
    (select array_agg(debit) from unnest(moved)), (select array_agg(credit) from unnest(moved))
  );
  perform ledger.require_whole(moved);
  -- in the order of accounts, so that two postings wait for each other and never in a ring
  for one in
    select a.id, a.shards, sum(m.debit)::bigint as debit, sum(m.credit)::bigint as credit
    from (
      select debit as account, fen as debit, 0 as credit from unnest(moved)
      union all select credit, 0, fen from unnest(moved)
    ) m join ledger.account a on a.id = m.account
    group by a.id order by a.id
  loop
    perform ledger.add(one.id, one.shards, one.debit, one.credit);
  end loop;
  return null;
end $$;
create trigger posted after insert on ledger.transfer referencing new table as fresh
  for each statement execute function ledger.on_transfers();

-- A header without its lines is refused in the statement that writes it.
create function ledger.on_batches() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
declare wrong bigint;
begin
  select f.id into wrong from fresh f
  where not exists (select from ledger.transfer t where t.ym = f.ym and t.batch = f.id and t.line = 1) limit 1;
  if found then
    raise exception using errcode = 'LG008', message = 'batch ' || wrong || ' has no lines';
  end if;
  return null;
end $$;
create trigger whole after insert on ledger.batch referencing new table as fresh
  for each statement execute function ledger.on_batches();

-- ---- holds 预留 ----

create function ledger.add_pending(p_hold bigint, p_debit bigint, p_credit bigint, p_fen bigint) returns void
  language plpgsql set search_path = pg_catalog, pg_temp as $$
declare one record;
begin
  for one in
    select id, mod(p_hold, shards) as shard from ledger.account where id in (p_debit, p_credit) order by id
  loop
    update ledger.balance set
      pending_debit = pending_debit + case when account = p_debit then p_fen else 0 end,
      pending_credit = pending_credit + case when account = p_credit then p_fen else 0 end
    where account = one.id and shard = one.shard;
  end loop;
end $$;

create function ledger.on_holds() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
declare one record;
begin
  for one in select * from fresh order by id loop
    perform ledger.require_open(one.ym);
    perform ledger.require_one_fund(array[one.debit], array[one.credit]);
    perform ledger.add_pending(one.id, one.debit, one.credit, one.amount_fen);
  end loop;
  return null;
end $$;
create trigger reserved after insert on ledger.hold referencing new table as fresh
  for each statement execute function ledger.on_holds();

-- The hold becomes a batch of one line, in month p_ym. Asked again: the same batch.
create function ledger.post_hold(
  p_key text, p_ym integer, p_document text, p_maker text, p_checker text, p_at timestamptz
) returns bigint language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  known ledger.hold;
  posted bigint;
begin
  select * into known from ledger.hold where key = p_key for update;
  if not found then
    raise exception using errcode = 'LG010', message = 'no such hold';
  elsif known.state = 'posted' then
    return known.batch;
  elsif known.state = 'voided' then
    raise exception using errcode = 'LG011', message = 'the hold was voided';
  end if;
  perform ledger.add_pending(known.id, known.debit, known.credit, -known.amount_fen);
  with header as (
    insert into ledger.batch (ym, document, key, maker, checker, approved_at, n, total)
    values (p_ym, p_document, 'hold/' || p_key, p_maker, p_checker, p_at, 1, known.amount_fen) returning id
  ), line as (
    insert into ledger.transfer (ym, batch, line, debit, credit, amount_fen)
    select p_ym, id, 1, known.debit, known.credit, known.amount_fen from header
  )
  select id into posted from header;
  update ledger.hold set state = 'posted', batch = posted, settled_by = p_maker, settled_at = p_at
  where id = known.id;
  return posted;
end $$;

-- The hold is let go. Asked again: nothing more happens.
create function ledger.void_hold(p_key text, p_by text, p_at timestamptz) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare known ledger.hold;
begin
  select * into known from ledger.hold where key = p_key for update;
  if not found then
    raise exception using errcode = 'LG010', message = 'no such hold';
  elsif known.state = 'voided' then
    return;
  elsif known.state = 'posted' then
    raise exception using errcode = 'LG011', message = 'the hold was posted';
  end if;
  perform ledger.add_pending(known.id, known.debit, known.credit, -known.amount_fen);
  update ledger.hold set state = 'voided', settled_by = p_by, settled_at = p_at where id = known.id;
end $$;

-- ---- seals 封块 ----

create function ledger.seal_hash(
  p_seq bigint, p_previous text, p_first_batch bigint, p_first_line integer,
  p_last_batch bigint, p_last_line integer, p_n bigint, p_root text
) returns text language sql immutable set search_path = pg_catalog, pg_temp as $$
  select encode(sha256(convert_to(concat_ws('|', p_seq, p_previous, p_first_batch, p_first_line,
    p_last_batch, p_last_line, p_n, p_root), 'UTF8')), 'hex')
$$;

-- Seals, in blocks of p_rows lines, all that is finished; the number of lines sealed comes back. A batch takes
-- its id under a lock on the table, so for a moment nobody may hold one: then every id up to the newest is
-- finished, and the lock goes (with the inner block) before the hashing starts. Where a long posting is on its
-- way the moment does not come within 50 ms, and the next call will do it.
create function ledger.seal(p_rows integer, p_at timestamptz) returns bigint language plpgsql security definer
  set search_path = pg_catalog, pg_temp set lock_timeout = '50ms' as $$
declare
  finished bigint;
  last ledger.seal;
  block record;
  sealed bigint := 0;
begin
  if p_rows < 1 then raise exception using errcode = '22023', message = 'a block has at least one row'; end if;
  if not pg_try_advisory_xact_lock(1279542099, 0) then return 0; end if;  -- somebody is sealing
  begin
    lock table ledger.batch in share mode;
    select max(id) into finished from ledger.batch;
    raise exception using errcode = 'LG000', message = 'let the lock go';
  exception
    when sqlstate 'LG000' then null;
    when lock_not_available then return 0;
  end;
  select * into last from ledger.seal order by seq desc limit 1;
  for block in
    select count(*) as n, min(batch) as first_batch, (array_agg(line order by place))[1] as first_line,
      max(batch) as last_batch, (array_agg(line order by place desc))[1] as last_line,
      encode(sha256(convert_to(string_agg(content, chr(10) order by place), 'UTF8')), 'hex') as root
    from (
      select *, row_number() over (order by batch, line) as place from ledger.sealing
      where batch > coalesce(last.last_batch, 0) and batch <= finished
    ) rows
    group by (place - 1) / p_rows order by (place - 1) / p_rows
  loop
    last.previous := coalesce(last.hash, repeat('0', 64));
    last.seq := coalesce(last.seq, 0) + 1;
    last.hash := ledger.seal_hash(last.seq, last.previous, block.first_batch, block.first_line,
      block.last_batch, block.last_line, block.n, block.root);
    insert into ledger.seal values (last.seq, last.previous, block.first_batch, block.first_line,
      block.last_batch, block.last_line, block.n, block.root, last.hash, p_at);
    sealed := sealed + block.n;
  end loop;
  return sealed;
end $$;

-- ---- what the programs may do ----

revoke all on all tables in schema ledger from public, renshe_app;
revoke all on all functions in schema ledger from public;
grant select on all tables in schema ledger to renshe_app;
grant insert (fund, area, kind, owner, normal, no_overdraft, shards) on ledger.account to renshe_app;
grant insert (ym, document, key, maker, checker, approved_at, n, total, reverses) on ledger.batch to renshe_app;
grant insert on ledger.transfer to renshe_app;
grant insert (key, ym, debit, credit, amount_fen, reserved_by, reserved_at) on ledger.hold to renshe_app;
grant execute on function ledger.open_period(integer, timestamptz), ledger.close_period(integer, timestamptz),
  ledger.post_hold(text, integer, text, text, text, timestamptz), ledger.void_hold(text, text, timestamptz),
  ledger.seal(integer, timestamptz),
  ledger.seal_hash(bigint, text, bigint, integer, bigint, integer, bigint, text) to renshe_app;
