"""Files are kept whole in one place; bank files refer to them; orders given up before they came are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# the text that stood in the bank file's own row becomes a kept file, in the bytes the bank got
MOVE = """
with moved as (
  select b.id, convert_to(b.content, 'GB18030') as content, b.made_at, a.maker, a.area,
    left(translate(encode(uuid_send(gen_random_uuid()), 'base64'), '+/=', '-_'), 22) as file
  from payout.bank_file b join payout.batch a on a.id = b.batch_id
), kept as (
  insert into kernel.file (id, name, media, size, sha256, content, may, keeper, area, kept_at)
  select file, '报盘-' || id || '.txt', 'text/plain', octet_length(content), encode(sha256(content), 'hex'),
    content, 'payout.read', maker, area, made_at from moved
)
update payout.bank_file b set sent = moved.file from moved where moved.id = b.id
"""


def upgrade() -> None:
    op.create_table(
        "file",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media", sa.String(length=80), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("may", sa.String(length=40), nullable=True),
        sa.Column("keeper", sa.String(), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("encode(sha256(content), 'hex') = sha256", name=op.f("ck_file_hash")),
        sa.CheckConstraint("octet_length(content) = size and size > 0", name=op.f("ck_file_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
        schema="kernel",
    )
    op.execute("revoke update, delete, truncate on kernel.file from renshe_app")
    op.execute("alter table kernel.file alter column content set storage external")  # most are packed already
    for column in ("sent", "returned"):
        op.add_column("bank_file", sa.Column(column, sa.String(length=22), nullable=True), schema="payout")
        op.create_foreign_key(
            op.f(f"fk_bank_file_{column}"),
            "bank_file",
            "file",
            [column],
            ["id"],
            source_schema="payout",
            referent_schema="kernel",
        )
    op.execute(MOVE)
    op.drop_column("bank_file", "content", schema="payout")
    op.create_table(
        "given_up",
        sa.Column("order", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("order", name=op.f("pk_given_up")),
        schema="payout",
    )
