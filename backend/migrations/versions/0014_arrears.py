"""What follows when dues are not paid: notices, agreements to pay later, reasons kept; a reversed reference is free."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
LIVING, REVERSED = "reversed_at is null", "reversed_at is not null"
KEPT = ("deferral_part", "deferral_bill", "adjustment")  # written once


def upgrade() -> None:
    op.drop_constraint("uq_receipt_channel_reference", "receipt", schema="levy")
    for name, which, unique in (
        ("uq_receipt_channel_reference", LIVING, True),
        ("ix_receipt_reversed", REVERSED, False),
    ):
        op.create_index(
            name,
            "receipt",
            ["channel", "reference"],
            unique=unique,
            schema="levy",
            postgresql_where=sa.text(which),
        )
    _notices()
    _deferrals()
    _adjustments()
    for table in KEPT:
        op.execute(f"revoke update on levy.{table} from renshe_app")
    op.execute("revoke update on levy.notice from renshe_app")
    op.execute("grant update (closed_on, closed) on levy.notice to renshe_app")
    op.execute("revoke update on levy.deferral from renshe_app")
    op.execute("grant update (ended_on, end_reason) on levy.deferral to renshe_app")


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("no", sa.BigInteger(), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("number", sa.String(length=18), nullable=False),
        sa.Column("bills", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.Column("late_fee", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("pay_by", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed", sa.String(length=10), nullable=True),
        sa.CheckConstraint("(employer_id is null) <> (person_id is null)", name=op.f("ck_notice_one_payer")),
        sa.CheckConstraint(
            "owed > 0 and late_fee >= 0 and pay_by > issued_on", name=op.f("ck_notice_amounts")
        ),
        sa.CheckConstraint("(closed_on is null) = (closed is null)", name=op.f("ck_notice_closed")),
        sa.CheckConstraint("closed in ('paid','deferred','replaced')", name=op.f("ck_notice_how")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["registry.employer.id"], name=op.f("fk_notice_employer_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("year", "no", name=op.f("uq_notice_year_no")),
        schema="levy",
    )
    for column in ("employer_id", "person_id"):
        op.create_index(op.f(f"ix_notice_{column}"), "notice", [column], schema="levy")
    op.create_index(
        "uq_notice_open",
        "notice",
        ["employer_id", "person_id"],
        unique=True,
        schema="levy",
        postgresql_where=sa.text("closed_on is null"),
        postgresql_nulls_not_distinct=True,
    )


def _deferrals() -> None:
    op.create_table(
        "deferral",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.String(length=60), nullable=False),
        sa.Column("guarantee", sa.String(length=10), nullable=False),
        sa.Column("file", sa.String(length=22), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("waived", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint("guarantee in ('mortgage','pledge','surety')", name=op.f("ck_deferral_guarantee")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_deferral_positive")),
        sa.CheckConstraint("(ended_on is null) = (end_reason is null)", name=op.f("ck_deferral_ended")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["registry.employer.id"], name=op.f("fk_deferral_employer_id")
        ),
        sa.ForeignKeyConstraint(["file"], ["kernel.file.id"], name=op.f("fk_deferral_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deferral")),
        sa.UniqueConstraint("document", name=op.f("uq_deferral_document")),
        schema="levy",
    )
    op.create_index(op.f("ix_deferral_employer_id"), "deferral", ["employer_id"], schema="levy")
    op.create_table(
        "deferral_part",
        sa.Column("deferral_id", sa.BigInteger(), nullable=False),
        sa.Column("no", sa.SmallInteger(), nullable=False),
        sa.Column("due_day", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_deferral_part_positive")),
        sa.ForeignKeyConstraint(
            ["deferral_id"], ["levy.deferral.id"], name=op.f("fk_deferral_part_deferral_id")
        ),
        sa.PrimaryKeyConstraint("deferral_id", "no", name=op.f("pk_deferral_part")),
        schema="levy",
    )
    op.create_table(
        "deferral_bill",
        sa.Column("bill_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("deferral_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bill_id"], ["levy.bill.id"], name=op.f("fk_deferral_bill_bill_id")),
        sa.ForeignKeyConstraint(
            ["deferral_id"], ["levy.deferral.id"], name=op.f("fk_deferral_bill_deferral_id")
        ),
        sa.PrimaryKeyConstraint("bill_id", name=op.f("pk_deferral_bill")),
        schema="levy",
    )
    op.create_index(op.f("ix_deferral_bill_deferral_id"), "deferral_bill", ["deferral_id"], schema="levy")


def _adjustments() -> None:
    op.create_table(
        "adjustment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("bill_id", sa.BigInteger(), nullable=True),
        sa.Column("receipt_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("maker", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.CheckConstraint("kind in ('write_off','refund','reversal')", name=op.f("ck_adjustment_kind")),
        sa.CheckConstraint("(kind = 'write_off') = (bill_id is not null)", name=op.f("ck_adjustment_bill")),
        sa.CheckConstraint("(kind = 'write_off') = (receipt_id is null)", name=op.f("ck_adjustment_receipt")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_adjustment_positive")),
        sa.ForeignKeyConstraint(["bill_id"], ["levy.bill.id"], name=op.f("fk_adjustment_bill_id")),
        sa.ForeignKeyConstraint(["receipt_id"], ["levy.receipt.id"], name=op.f("fk_adjustment_receipt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment")),
        schema="levy",
    )
    for column in ("bill_id", "receipt_id"):
        op.create_index(op.f(f"ix_adjustment_{column}"), "adjustment", [column], schema="levy")
    op.create_index("ix_adjustment_day", "adjustment", ["day", "id"], schema="levy")
