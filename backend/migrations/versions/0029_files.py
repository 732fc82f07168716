"""Files that we made for somebody are told from those they handed in: only these count against what one may hand in."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.add_column(
        "file", sa.Column("ours", sa.Boolean(), nullable=False, server_default=sa.false()), schema="kernel"
    )
    op.alter_column("file", "ours", server_default=None, schema="kernel")
