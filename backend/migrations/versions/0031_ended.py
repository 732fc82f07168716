"""Who reaches the age with too few months may end the relation: the account is paid out, once."""

from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.execute(
        """
        alter table pension.scheme_move drop constraint ck_scheme_move_direction;
        alter table pension.scheme_move add constraint ck_scheme_move_direction
          check (direction in ('to_residents', 'to_employees', 'paid_out'));
        """
    )
