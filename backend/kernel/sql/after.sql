-- Row security 行级安全: the second wall behind the permission check. renshe.scope is the prefix of the areas
-- that the actor may see, renshe.person the one person that a citizen may see (kernel/db.py sets both).
alter table registry.person enable row level security;
create policy within_reach on registry.person to renshe_app
  using (
    area like (select current_setting('renshe.scope', true))
    or id = (select nullif(current_setting('renshe.person', true), '')::bigint)
  )
  with check (area like (select current_setting('renshe.scope', true)));
alter table registry.bank_account enable row level security;
create policy of_a_visible_person on registry.bank_account to renshe_app
  using (person_id in (select id from registry.person));
-- the seal holds writers back for a moment, and needs no other right on the rows
create function audit.hold_writers() returns void language plpgsql security definer
  set search_path = audit as $$ begin lock table audit.row in share mode; end $$;
revoke all on function audit.hold_writers() from public;
grant execute on function audit.hold_writers() to renshe_app;
