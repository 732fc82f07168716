"""What is in a bank file follows it: the answer is one row, and only what the bank says otherwise is written by line."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

# what no bank has answered yet follows its file from now on; what was answered, if only in part, says all of itself
FOLLOW = """
update payout.bank_line l set result = 'filed' from payout.bank_file f
where f.id = l.file_id and f.returned_at is null and l.result = 'sent';
update payout.payable p set state = 'filed', file_id = l.file_id from payout.bank_line l
where l.payable_id = p.id and l.result = 'filed' and p.state = 'at_bank';
"""
# an answer settles a million payments at once: nobody takes it back, and nothing else of a file changes
ANSWERED = """
create function payout.keep_answer() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception using errcode = '23514', message = 'a bank file is answered once';
end $$;
create trigger answered before update of answered_at on payout.bank_file for each row
  when (old.answered_at is not null and new.answered_at is distinct from old.answered_at)
  execute function payout.keep_answer();
revoke update on payout.bank_file from renshe_app;
grant update (sent, returned, returned_at, answered_at) on payout.bank_file to renshe_app;
grant update (file_id) on payout.payable to renshe_app;
"""
# of a file's lines few change now: room for those is enough
ROOM = "alter table payout.bank_line set (fillfactor = 90)"
CHECKS = (
    ("payable", "state", "state in ('payable','held','collected','at_bank','filed','paid','cancelled')"),
    ("bank_line", "result", "result in ('sent','filed','paid','returned')"),
)


def upgrade() -> None:
    op.add_column("payable", sa.Column("file_id", sa.BigInteger(), nullable=True), schema="payout")
    op.add_column(
        "bank_file", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True), schema="payout"
    )
    for table, name, rule in CHECKS:
        op.drop_constraint(f"ck_{table}_{name}", table, schema="payout")
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule, schema="payout")
    op.execute(FOLLOW)
    op.create_check_constraint(
        op.f("ck_payable_filed"), "payable", "(state = 'filed') = (file_id is not null)", schema="payout"
    )
    op.create_check_constraint(
        op.f("ck_bank_line_filed"), "bank_line", "result <> 'filed' or file_id is not null", schema="payout"
    )
    op.execute(ANSWERED)
    op.execute(ROOM)
