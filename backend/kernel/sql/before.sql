-- What must stand before the first table: the role every program works as, our schemas, what tables lean on.
do $$ begin
  if not exists (select from pg_roles where rolname = 'renshe_app') then
    create role renshe_app nologin;
  end if;
end $$;
create extension if not exists btree_gist;
create extension if not exists pg_trgm;
create schema kernel;
create schema audit;
create schema auth;
create schema registry;
create schema pension;
create schema payout;
create schema employment;
create schema jobs;
grant usage on schema kernel, audit, auth, registry, pension, payout, employment, jobs, public to renshe_app;
alter default privileges in schema kernel, auth, registry, pension, payout, employment, jobs
  grant select, insert, update, delete on tables to renshe_app;
alter default privileges in schema audit grant select, insert on tables to renshe_app;
alter default privileges in schema kernel, audit, auth, registry, pension, payout, employment, jobs
  grant usage, select on sequences to renshe_app;
alter default privileges in schema jobs grant execute on functions to renshe_app;
