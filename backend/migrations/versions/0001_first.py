"""The first schema: every table, the ledger, row security, jobs."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

import backend.kernel.db

revision = "0001"
down_revision = None


SQL = Path(__file__).parent.parent.parent / "kernel" / "sql"


def upgrade() -> None:
    op.execute((SQL / "before.sql").read_text("utf-8"))
    tables()
    op.execute((SQL / "ledger.sql").read_text("utf-8"))
    op.execute((SQL / "after.sql").read_text("utf-8"))
    op.execute("set local search_path to jobs, public")
    op.execute(SchemaManager.get_schema().replace(":", r"\:"))
    op.execute("set local search_path to default")


def tables() -> None:
    op.create_table(
        "row",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("actor_area", sa.String(), nullable=False),
        sa.Column("item", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("case_no", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("command", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_row")),
        schema="audit",
    )
    op.create_index("ix_row_subject", "row", ["subject"], unique=False, schema="audit")
    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        schema="auth",
    )
    op.create_index("ix_attempt_key_at", "attempt", ["key", "at"], unique=False, schema="auth")
    op.create_table(
        "device",
        sa.Column("id", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("stopped", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        schema="auth",
    )
    op.create_table(
        "login",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=18), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("roles", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind in ('citizen','employer','officer')", name=op.f("ck_login_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login")),
        sa.UniqueConstraint("name", name=op.f("uq_login_name")),
        schema="auth",
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("vacancy_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        schema="employment",
    )
    op.create_index("ix_outbox_at", "outbox", ["at"], unique=False, schema="employment")
    op.create_table(
        "case",
        sa.Column("no", sa.BigInteger(), sa.Identity(always=False, start=100001), nullable=False),
        sa.Column("item", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("command", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("maker", sa.String(), nullable=False),
        sa.Column("maker_name", sa.String(), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("need", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint("state in ('waiting','done','refused','failed')", name=op.f("ck_case_state")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_case")),
        schema="kernel",
    )
    op.create_index("ix_case_state_no", "case", ["state", "no"], unique=False, schema="kernel")
    op.create_table(
        "request",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        schema="kernel",
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("fund", sa.String(length=20), nullable=False),
        sa.Column("item", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("month", backend.kernel.db.MonthType(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("total", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("maker", sa.String(), nullable=False),
        sa.Column("checker", sa.String(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("n > 0 and total > 0", name=op.f("ck_batch_not_empty")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("fund", "item", "area", "month", name=op.f("uq_batch_fund_item_area_month")),
        schema="payout",
    )
    op.create_table(
        "kiosk",
        sa.Column("id", sa.String(length=8), nullable=False),
        sa.Column("journal_seq", sa.BigInteger(), nullable=False),
        sa.Column("journal_head", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kiosk")),
        schema="payout",
    )
    op.create_table(
        "employer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("industry", sa.String(length=5), nullable=False),
        sa.Column("injury_class", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=False),
        sa.Column("contact", sa.String(length=50), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("licence", sa.String(length=40), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("injury_class between 1 and 8", name=op.f("ck_employer_injury_class")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer")),
        sa.UniqueConstraint("uscc", name=op.f("uq_employer_uscc")),
        schema="registry",
    )
    op.create_index("ix_employer_name", "employer", ["name"], unique=False, schema="registry")
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ident", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("birth", sa.Date(), nullable=False),
        sa.Column("nation", sa.String(length=2), nullable=False),
        sa.Column("education", sa.String(length=2), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=False),
        sa.Column("died", sa.Date(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sex in ('1','2')", name=op.f("ck_person_sex")),
        sa.CheckConstraint("died is null or died >= birth", name=op.f("ck_person_died")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("ident", name=op.f("uq_person_ident")),
        schema="registry",
    )
    op.create_index("ix_person_name", "person", ["name"], unique=False, schema="registry")
    op.create_table(
        "seal",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["first_id"], ["audit.row.id"], name=op.f("fk_seal_first_id")),
        sa.ForeignKeyConstraint(["last_id"], ["audit.row.id"], name=op.f("fk_seal_last_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_seal")),
        sa.UniqueConstraint("previous", name=op.f("uq_seal_previous")),
        schema="audit",
    )
    op.create_table(
        "session",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("login_id", sa.BigInteger(), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["login_id"], ["auth.login.id"], name=op.f("fk_session_login_id")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_session")),
        schema="auth",
    )
    op.create_index(op.f("ix_session_login_id"), "session", ["login_id"], unique=False, schema="auth")
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("body", sa.String(length=600), nullable=False),
        sa.Column("vacancy", sa.String(length=11), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f("fk_message_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        schema="employment",
    )
    op.create_index(
        "ix_message_person_id_at", "message", ["person_id", "at"], unique=False, schema="employment"
    )
    op.create_table(
        "vacancy",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("no", sa.String(length=11), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("occupation", sa.String(length=10), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=False),
        sa.Column("work", sa.String(length=4000), nullable=False),
        sa.Column("conditions", sa.String(length=2000), nullable=False),
        sa.Column("benefits", sa.String(length=1000), nullable=False),
        sa.Column("education", sa.String(length=2), nullable=False),
        sa.Column("experience_years", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=10), nullable=False),
        sa.Column("headcount", sa.BigInteger(), nullable=False),
        sa.Column("pay_unit", sa.String(length=5), nullable=False),
        sa.Column("pay_min", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("pay_max", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("salary_min", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("salary_max", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("contact", sa.String(length=50), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("forwarded", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("first_published", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expiry_told", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "not forwarded or source <> '' or passed is not true", name=op.f("ck_vacancy_source")
        ),
        sa.CheckConstraint("pay_unit in ('month','day','hour')", name=op.f("ck_vacancy_pay_unit")),
        sa.CheckConstraint("type in ('full','part','temporary','intern')", name=op.f("ck_vacancy_type")),
        sa.CheckConstraint("(reviewed_at is null) = (passed is null)", name=op.f("ck_vacancy_reviewed")),
        sa.CheckConstraint("experience_years between 0 and 40", name=op.f("ck_vacancy_experience")),
        sa.CheckConstraint("headcount between 1 and 9999", name=op.f("ck_vacancy_headcount")),
        sa.CheckConstraint(
            "passed is not true or first_published is not null", name=op.f("ck_vacancy_published")
        ),
        sa.CheckConstraint("pay_min > 0 and pay_max >= pay_min", name=op.f("ck_vacancy_pay")),
        sa.CheckConstraint("reviewed_at is null or submitted_at is not null", name=op.f("ck_vacancy_order")),
        sa.CheckConstraint("salary_min > 0 and salary_max >= salary_min", name=op.f("ck_vacancy_salary")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["registry.employer.id"], name=op.f("fk_vacancy_employer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vacancy")),
        sa.UniqueConstraint("no", name=op.f("uq_vacancy_no")),
        schema="employment",
    )
    op.create_index(
        "ix_vacancy_area",
        "vacancy",
        ["area"],
        unique=False,
        schema="employment",
        postgresql_ops={"area": "text_pattern_ops"},
    )
    op.create_index("ix_vacancy_employer_id", "vacancy", ["employer_id"], unique=False, schema="employment")
    op.create_index(
        "ix_vacancy_occupation",
        "vacancy",
        ["occupation"],
        unique=False,
        schema="employment",
        postgresql_where=sa.text("passed"),
    )
    op.create_index(
        "ix_vacancy_valid_until",
        "vacancy",
        ["valid_until"],
        unique=False,
        schema="employment",
        postgresql_where=sa.text("passed"),
    )
    op.create_index(
        "ix_vacancy_waiting",
        "vacancy",
        ["submitted_at"],
        unique=False,
        schema="employment",
        postgresql_where=sa.text("submitted_at is not null and reviewed_at is null"),
    )
    op.create_table(
        "case_look",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_no", sa.BigInteger(), nullable=False),
        sa.Column("officer", sa.String(), nullable=False),
        sa.Column("officer_name", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("decision in ('approved','refused')", name=op.f("ck_case_look_decision")),
        sa.ForeignKeyConstraint(["case_no"], ["kernel.case.no"], name=op.f("fk_case_look_case_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_look")),
        sa.UniqueConstraint("case_no", "officer", name=op.f("uq_case_look_case_no_officer")),
        schema="kernel",
    )
    op.create_table(
        "bank_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("total", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("n > 0 and total > 0", name=op.f("ck_bank_file_not_empty")),
        sa.ForeignKeyConstraint(["batch_id"], ["payout.batch.id"], name=op.f("fk_bank_file_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_file")),
        schema="payout",
    )
    op.create_table(
        "payable",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("month", backend.kernel.db.MonthType(), nullable=False),
        sa.Column("item", sa.String(length=20), nullable=False),
        sa.Column("amount", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('payable','held','collected','at_bank','paid','returned')",
            name=op.f("ck_payable_state"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payable_positive")),
        sa.ForeignKeyConstraint(["batch_id"], ["payout.batch.id"], name=op.f("fk_payable_batch_id")),
        sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f("fk_payable_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payable")),
        sa.UniqueConstraint("person_id", "month", "item", name=op.f("uq_payable_person_id_month_item")),
        schema="payout",
    )
    op.create_index("ix_payable_batch_state", "payable", ["batch_id", "state"], unique=False, schema="payout")
    op.create_table(
        "account",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=1), nullable=False),
        sa.Column("opened", backend.kernel.db.MonthType(), nullable=False),
        sa.Column("track", sa.BigInteger(), nullable=False),
        sa.Column("months_paid", sa.BigInteger(), nullable=False),
        sa.Column("deemed_months", sa.BigInteger(), nullable=False),
        sa.Column("index_sum", sa.BigInteger(), nullable=False),
        sa.Column("balance", backend.kernel.db.MoneyType(), nullable=False),
        sa.CheckConstraint("status in ('0','1','2','3','4','5')", name=op.f("ck_account_status")),
        sa.CheckConstraint(
            "balance >= 0 and months_paid >= 0 and deemed_months >= 0", name=op.f("ck_account_not_negative")
        ),
        sa.CheckConstraint("track in (50, 55, 60)", name=op.f("ck_account_track")),
        sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_account")),
        schema="pension",
    )
    op.create_table(
        "award",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("retired", backend.kernel.db.MonthType(), nullable=False),
        sa.Column("first_month", backend.kernel.db.MonthType(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("basic", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("account", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("transitional", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("additions", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("total", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('active','suspended','ended','replaced')", name=op.f("ck_award_state")),
        sa.CheckConstraint(
            "total = basic + account + transitional + additions and total > 0", name=op.f("ck_award_adds_up")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f("fk_award_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
        schema="pension",
    )
    op.create_index(op.f("ix_award_person_id"), "award", ["person_id"], unique=False, schema="pension")
    op.create_index(
        "uq_award_one_active",
        "award",
        ["person_id"],
        unique=True,
        schema="pension",
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_table(
        "bank_account",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("bank", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("holder", sa.String(length=50), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["registry.person.id"], name=op.f("fk_bank_account_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_bank_account")),
        schema="registry",
    )
    op.create_table(
        "card",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("card_no", sa.String(length=9), nullable=False),
        sa.Column("card_code", sa.String(length=32), nullable=False),
        sa.Column("area", sa.String(length=6), nullable=False),
        sa.Column("version", sa.String(length=4), nullable=False),
        sa.Column("issued", sa.Date(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.CheckConstraint("status in ('active','lost','replaced','cancelled')", name=op.f("ck_card_status")),
        sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f("fk_card_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
        sa.UniqueConstraint("card_code", name=op.f("uq_card_card_code")),
        sa.UniqueConstraint("card_no", name=op.f("uq_card_card_no")),
        schema="registry",
    )
    op.create_index(op.f("ix_card_person_id"), "card", ["person_id"], unique=False, schema="registry")
    op.create_index(
        "uq_card_one_active",
        "card",
        ["person_id"],
        unique=True,
        schema="registry",
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "enrolment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("insurance", sa.String(length=3), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=True),
        sa.Column("started", backend.kernel.db.MonthType(), nullable=False),
        sa.Column("ended", backend.kernel.db.MonthType(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("person_id"), "="),
            (sa.column("insurance"), "="),
            (sa.text("daterange(started, ended, '[]')"), "&&"),
            using="gist",
            name="once_at_a_time",
        ),
        sa.CheckConstraint("ended is null or ended >= started", name=op.f("ck_enrolment_order")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["registry.employer.id"], name=op.f("fk_enrolment_employer_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f("fk_enrolment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        schema="registry",
    )
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=False),
        sa.Column("started", sa.Date(), nullable=False),
        sa.Column("ended", sa.Date(), nullable=True),
        sa.Column("occupation", sa.String(length=10), nullable=True),
        sa.CheckConstraint("ended is null or ended >= started", name=op.f("ck_job_order")),
        sa.ForeignKeyConstraint(["employer_id"], ["registry.employer.id"], name=op.f("fk_job_employer_id")),
        sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f("fk_job_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint(
            "person_id", "employer_id", "started", name=op.f("uq_job_person_id_employer_id_started")
        ),
        schema="registry",
    )
    op.create_index(op.f("ix_job_employer_id"), "job", ["employer_id"], unique=False, schema="registry")
    op.create_table(
        "application",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("no", sa.String(length=11), nullable=False),
        sa.Column("vacancy_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("letter", sa.String(length=1000), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("refusal", sa.String(length=20), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'refused') = (refusal is not null)", name=op.f("ck_application_refusal")
        ),
        sa.CheckConstraint(
            "state in ('new','in_progress','postponed','to_be_hired','accepted','refused','cancelled','obsolete','pool')",
            name=op.f("ck_application_state"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f("fk_application_person_id")),
        sa.ForeignKeyConstraint(
            ["vacancy_id"], ["employment.vacancy.id"], name=op.f("fk_application_vacancy_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("no", name=op.f("uq_application_no")),
        sa.UniqueConstraint("vacancy_id", "person_id", name=op.f("uq_application_vacancy_id_person_id")),
        schema="employment",
    )
    op.create_index(
        "ix_application_person_id", "application", ["person_id"], unique=False, schema="employment"
    )
    op.create_index(
        "ix_application_state_vacancy_id",
        "application",
        ["state", "vacancy_id"],
        unique=False,
        schema="employment",
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("vacancy_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(length=20), nullable=False),
        sa.Column("severity", sa.String(length=6), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("excerpt", sa.String(length=60), nullable=False),
        sa.Column("law", sa.String(length=60), nullable=False),
        sa.Column("clause", sa.String(length=400), nullable=False),
        sa.Column("advice", sa.String(length=200), nullable=False),
        sa.CheckConstraint("severity in ('block','review')", name=op.f("ck_finding_severity")),
        sa.ForeignKeyConstraint(
            ["vacancy_id"], ["employment.vacancy.id"], name=op.f("fk_finding_vacancy_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        schema="employment",
    )
    op.create_index(
        op.f("ix_finding_vacancy_id"), "finding", ["vacancy_id"], unique=False, schema="employment"
    )
    op.create_table(
        "refresh",
        sa.Column("vacancy_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["vacancy_id"], ["employment.vacancy.id"], name=op.f("fk_refresh_vacancy_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("vacancy_id", "day", name=op.f("pk_refresh")),
        schema="employment",
    )
    op.create_table(
        "review",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("vacancy_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "decision in ('published','queued','refused','appealed')", name=op.f("ck_review_decision")
        ),
        sa.ForeignKeyConstraint(
            ["vacancy_id"], ["employment.vacancy.id"], name=op.f("fk_review_vacancy_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        schema="employment",
    )
    op.create_index(op.f("ix_review_vacancy_id"), "review", ["vacancy_id"], unique=False, schema="employment")
    op.create_table(
        "bank_line",
        sa.Column("end_to_end", sa.String(length=35), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("payable_id", sa.BigInteger(), nullable=False),
        sa.Column("bank", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("holder", sa.String(length=50), nullable=False),
        sa.Column("amount", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("result", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.CheckConstraint("result in ('sent','paid','returned')", name=op.f("ck_bank_line_result")),
        sa.ForeignKeyConstraint(["file_id"], ["payout.bank_file.id"], name=op.f("fk_bank_line_file_id")),
        sa.ForeignKeyConstraint(["payable_id"], ["payout.payable.id"], name=op.f("fk_bank_line_payable_id")),
        sa.PrimaryKeyConstraint("end_to_end", name=op.f("pk_bank_line")),
        schema="payout",
    )
    op.create_index(op.f("ix_bank_line_file_id"), "bank_line", ["file_id"], unique=False, schema="payout")
    op.create_index(
        op.f("ix_bank_line_payable_id"), "bank_line", ["payable_id"], unique=False, schema="payout"
    )
    op.create_table(
        "order",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("payable_id", sa.BigInteger(), nullable=False),
        sa.Column("kiosk", sa.String(length=8), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("method", sa.String(length=4), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("dispenser", sa.String(length=32), nullable=True),
        sa.Column("dispenser_nonce", sa.String(length=32), nullable=True),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authorised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_no", sa.String(length=24), nullable=True),
        sa.CheckConstraint("method in ('cash','bank')", name=op.f("ck_order_method")),
        sa.CheckConstraint(
            "state in ('opened','authorised','paid','released','in_doubt','cancelled','refused')",
            name=op.f("ck_order_state"),
        ),
        sa.ForeignKeyConstraint(["card_id"], ["registry.card.id"], name=op.f("fk_order_card_id")),
        sa.ForeignKeyConstraint(["payable_id"], ["payout.payable.id"], name=op.f("fk_order_payable_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order")),
        sa.UniqueConstraint("receipt_no", name=op.f("uq_order_receipt_no")),
        schema="payout",
    )
    op.create_index(
        "ix_order_state_opened_at", "order", ["state", "opened_at"], unique=False, schema="payout"
    )
    op.create_index(
        "uq_order_one_living",
        "order",
        ["payable_id"],
        unique=True,
        schema="payout",
        postgresql_where=sa.text("state in ('opened','authorised','in_doubt','paid')"),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kiosk", sa.String(length=8), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("challenge", sa.String(length=32), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["card_id"], ["registry.card.id"], name=op.f("fk_visit_card_id")),
        sa.ForeignKeyConstraint(["person_id"], ["registry.person.id"], name=op.f("fk_visit_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        schema="payout",
    )
    op.create_table(
        "account_year",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=False),
        sa.Column("opening", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("credited", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("interest", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("paid", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("closing", backend.kernel.db.MoneyType(), nullable=False),
        sa.CheckConstraint(
            "closing = opening + credited + interest - paid", name=op.f("ck_account_year_adds_up")
        ),
        sa.CheckConstraint("months between 0 and 12", name=op.f("ck_account_year_months")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["pension.account.person_id"], name=op.f("fk_account_year_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "year", name=op.f("pk_account_year")),
        schema="pension",
    )
    op.create_table(
        "contribution",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("month", backend.kernel.db.MonthType(), nullable=False),
        sa.Column("employer_id", sa.BigInteger(), nullable=True),
        sa.Column("base", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("person_share", backend.kernel.db.MoneyType(), nullable=False),
        sa.Column("employer_share", backend.kernel.db.MoneyType(), nullable=False),
        sa.CheckConstraint(
            "base > 0 and person_share >= 0 and employer_share >= 0",
            name=op.f("ck_contribution_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["registry.employer.id"], name=op.f("fk_contribution_employer_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["pension.account.person_id"], name=op.f("fk_contribution_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "month", name=op.f("pk_contribution")),
        schema="pension",
    )
    op.create_table(
        "application_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("refusal", sa.String(length=20), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.CheckConstraint("by in ('seeker','employer','system')", name=op.f("ck_application_step_by")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["employment.application.id"], name=op.f("fk_application_step_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_step")),
        schema="employment",
    )
    op.create_index(
        op.f("ix_application_step_application_id"),
        "application_step",
        ["application_id"],
        unique=False,
        schema="employment",
    )
