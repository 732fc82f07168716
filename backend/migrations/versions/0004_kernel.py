"""Found without reading everything: persons, vacancies, figures; seals hold nobody up; files and messages within bounds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

# whoever inserts into audit.row holds the table until they commit: for a moment nobody may, then every row up
# to the newest is finished, and the lock goes with the inner block. Null: the moment did not come.
FINISHED = """
create function audit.finished() returns bigint language plpgsql security definer
  set search_path = pg_catalog, pg_temp set lock_timeout = '50ms' as $$
declare finished bigint;
begin
  begin
    lock table audit.row in share mode;
    select coalesce(max(id), 0) into finished from audit.row;
    raise exception using errcode = 'LG000', message = 'let the lock go';
  exception
    when sqlstate 'LG000' then null;
    when lock_not_available then return null;
  end;
  return finished;
end $$;
revoke all on function audit.finished() from public;
grant execute on function audit.finished() to renshe_app;
drop function audit.hold_writers();
"""

# asked for one person, one person is looked up
BANK_ACCOUNT = """
drop policy of_a_visible_person on registry.bank_account;
create policy of_a_visible_person on registry.bank_account to renshe_app
  using (exists (select from registry.person p where p.id = person_id));
"""


def upgrade() -> None:
    op.execute(FINISHED)
    op.execute(BANK_ACCOUNT)
    op.execute("alter function ledger.seal(integer, timestamptz) set lock_timeout = '50ms'")
    op.drop_constraint("ck_case_state", "case", schema="kernel")
    op.create_check_constraint(
        op.f("ck_case_state"), "case", "state in ('waiting','done','refused')", schema="kernel"
    )
    op.create_index("ix_file_keeper_kept_at", "file", ["keeper", "kept_at"], schema="kernel")
    op.alter_column("message", "body", type_=sa.String(1000), schema="employment")
    vacancies()


def vacancies() -> None:
    for name in ("employer_id", "valid_until", "occupation"):
        op.drop_index(f"ix_vacancy_{name}", "vacancy", schema="employment")
    op.create_index("ix_vacancy_employer_id_id", "vacancy", ["employer_id", "id"], schema="employment")
    op.create_index(
        "ix_vacancy_valid_until",
        "vacancy",
        ["valid_until"],
        schema="employment",
        postgresql_where=sa.text("passed is true"),
    )
    op.create_index(
        "ix_vacancy_occupation_first_published",
        "vacancy",
        ["occupation", sa.text("first_published desc")],
        schema="employment",
        postgresql_ops={"occupation": "text_pattern_ops"},
        postgresql_where=sa.text("passed is true"),
    )
    op.create_table(
        "counted_figures",
        sa.Column("asked", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("asked", name=op.f("pk_counted_figures")),
        schema="employment",
    )
