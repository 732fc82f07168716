"""Benefits are stopped and resumed, deaths registered, overpayments recovered; bank files have a bank's form."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

NOW = sa.DateTime(timezone=True)
# what was claimed and what came back is never changed; a person's debt goes only down
RIGHTS = """
revoke update, delete, truncate on payout.overpaid, payout.repayment from renshe_app;
revoke delete, truncate on payout.stop, payout.recovery, registry.death from renshe_app;
revoke update on payout.recovery, registry.death from renshe_app;
grant update ("left", way, share, agreement, closed_at) on payout.recovery to renshe_app;
revoke update on payout.stop from renshe_app;
grant update (until, lifted_at) on payout.stop to renshe_app;
grant update (cancelled_at) on payout.payable to renshe_app;
"""
# a file's lines are answered all at once: room on its own page keeps each from touching an index
ROOM = "alter table payout.bank_line set (fillfactor = 50)"


def upgrade() -> None:
    _payables()
    _files()
    _stops()
    _recoveries()
    op.create_table(
        "death",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.String(length=60), nullable=False),
        sa.Column("evidence", sa.String(length=22), nullable=True),
        sa.Column("reported_by", sa.String(length=50), nullable=False),
        sa.Column("registered_at", NOW, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f("fk_death_person_id")),
        sa.ForeignKeyConstraint(["evidence"], ["kernel.file.id"], name=op.f("fk_death_evidence")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_death")),
        schema="registry",
    )
    op.drop_index("uq_award_one_active", "award", schema="pension")
    op.create_index(
        "uq_award_one_standing",
        "award",
        ["person_id"],
        unique=True,
        schema="pension",
        postgresql_where=sa.text("state <> 'replaced'"),
    )
    op.execute(RIGHTS)


def _payables() -> None:
    op.add_column("payable", sa.Column("cancelled_at", NOW, nullable=True), schema="payout")
    op.drop_constraint("uq_payable_person_id_month_item", "payable", schema="payout")
    op.create_index(
        "uq_payable_person_month_item",
        "payable",
        ["person_id", "month", "item"],
        unique=True,
        schema="payout",
        postgresql_where=sa.text("cancelled_at is null"),
    )
    op.create_index(
        "ix_payable_cancelled",
        "payable",
        ["person_id"],
        schema="payout",
        postgresql_where=sa.text("cancelled_at is not null"),
    )
    op.drop_constraint("ck_payable_state", "payable", schema="payout")
    op.create_check_constraint(
        op.f("ck_payable_state"),
        "payable",
        "state in ('payable','held','collected','at_bank','paid','cancelled')",
        schema="payout",
    )
    op.create_check_constraint(
        op.f("ck_payable_cancelled"),
        "payable",
        "(state = 'cancelled') = (cancelled_at is not null)",
        schema="payout",
    )


def _files() -> None:
    op.add_column(
        "bank_file",
        sa.Column("profile", sa.String(length=20), server_default="plain", nullable=False),
        schema="payout",
    )
    op.alter_column("bank_file", "profile", server_default=None, schema="payout")
    op.add_column(
        "bank_line",
        sa.Column("code", sa.String(length=2), server_default="", nullable=False),
        schema="payout",
    )
    op.alter_column("bank_line", "code", server_default=None, schema="payout")
    op.execute(ROOM)


def _stops() -> None:
    op.create_table(
        "stop",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("fund", sa.String(length=20), nullable=False),
        sa.Column("item", sa.String(length=20), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("claims", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=2), nullable=False),
        sa.Column("document", sa.String(length=60), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", NOW, nullable=False),
        sa.Column("lifted_at", NOW, nullable=True),
        sa.CheckConstraint("until >= since", name=op.f("ck_stop_order")),
        sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f("fk_stop_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stop")),
        schema="payout",
    )
    op.create_index("ix_stop_person_id", "stop", ["person_id"], schema="payout")


def _recoveries() -> None:
    op.create_table(
        "recovery",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("fund", sa.String(length=20), nullable=False),
        sa.Column("item", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=2), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("way", sa.String(length=12), nullable=False),
        sa.Column("share", sa.BigInteger(), nullable=True),
        sa.Column("agreement", sa.String(length=60), nullable=False),
        sa.Column("opened_at", NOW, nullable=False),
        sa.Column("closed_at", NOW, nullable=True),
        sa.CheckConstraint('amount > 0 and "left" between 0 and amount', name=op.f("ck_recovery_within")),
        sa.CheckConstraint("way in ('once','instalments','offset')", name=op.f("ck_recovery_way")),
        sa.CheckConstraint(
            "(way = 'offset') = (share is not null) and share between 1 and 10000",
            name=op.f("ck_recovery_share"),
        ),
        sa.CheckConstraint('("left" = 0) = (closed_at is not null)', name=op.f("ck_recovery_closed")),
        sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f("fk_recovery_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
        sa.UniqueConstraint("source", name=op.f("uq_recovery_source")),
        schema="payout",
    )
    op.create_index("ix_recovery_person_id", "recovery", ["person_id"], schema="payout")
    op.create_index(
        "ix_recovery_open",
        "recovery",
        ["person_id"],
        schema="payout",
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_table(
        "overpaid",
        sa.Column("payable_id", sa.BigInteger(), nullable=False),
        sa.Column("recovery_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["payable_id"], ["payout.payable.id"], name=op.f("fk_overpaid_payable_id")),
        sa.ForeignKeyConstraint(
            ["recovery_id"], ["payout.recovery.id"], name=op.f("fk_overpaid_recovery_id")
        ),
        sa.PrimaryKeyConstraint("payable_id", name=op.f("pk_overpaid")),
        schema="payout",
    )
    op.create_index("ix_overpaid_recovery_id", "overpaid", ["recovery_id"], schema="payout")
    _repayments()


def _repayments() -> None:
    op.create_table(
        "repayment",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("recovery_id", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("slip", sa.String(length=60), nullable=False),
        sa.Column("payable_id", sa.BigInteger(), nullable=True),
        sa.Column("at", NOW, nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_repayment_positive")),
        sa.CheckConstraint(
            "(payable_id is not null) = (way = 'offset') and way in ('returned','offset','withdrawn')",
            name=op.f("ck_repayment_way"),
        ),
        sa.ForeignKeyConstraint(["payable_id"], ["payout.payable.id"], name=op.f("fk_repayment_payable_id")),
        sa.ForeignKeyConstraint(
            ["recovery_id"], ["payout.recovery.id"], name=op.f("fk_repayment_recovery_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repayment")),
        sa.UniqueConstraint("payable_id", name=op.f("uq_repayment_payable_id")),
        sa.UniqueConstraint("recovery_id", "slip", name=op.f("uq_repayment_recovery_id_slip")),
        schema="payout",
    )
    op.create_table(
        "instalment",
        sa.Column("recovery_id", sa.BigInteger(), nullable=False),
        sa.Column("no", sa.SmallInteger(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_instalment_positive")),
        sa.ForeignKeyConstraint(
            ["recovery_id"], ["payout.recovery.id"], name=op.f("fk_instalment_recovery_id")
        ),
        sa.PrimaryKeyConstraint("recovery_id", "no", name=op.f("pk_instalment")),
        schema="payout",
    )
