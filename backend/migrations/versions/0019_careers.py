"""Careers: deemed periods, special work, tracks, choices of when to retire, months paid twice; a month keeps its index."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from backend.kernel.db import MonthType

revision = "0019"
down_revision = "0018"

# Deemed months that were recognised before periods were kept: so many up to the account's first month.
CARRIED = """
insert into pension.deemed_period (person_id, first, last, ground, evidence, archive, decided_on)
select person_id, (opened - make_interval(months => deemed_months::int))::date, (opened - interval '1 month')::date,
  'carried', '本系统启用以前认定', '随个人账户转入', current_date
from pension.account where deemed_months > 0
"""
WITHDRAWN = "(withdrawn_on is null) = (withdrawn_because is null)"


def upgrade() -> None:
    op.add_column("contribution", sa.Column("index", sa.Integer(), nullable=True), schema="pension")
    op.drop_constraint("ck_account_year_months", "account_year", schema="pension")
    _spells()
    _other_rule()
    _track_change()
    _choice()
    _cleared()
    op.execute(CARRIED)
    for table in ("deemed_period", "special_work", "other_rule", "choice"):
        op.execute(f"revoke delete on pension.{table} from renshe_app")
    for table in ("track_change", "cleared"):
        op.execute(f"revoke update, delete on pension.{table} from renshe_app")


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _month(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, MonthType(), nullable=nullable)


def _text(name: str, length: int, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _person() -> sa.Column[Any]:
    return sa.Column("person_id", sa.BigInteger(), nullable=False)


def _withdrawn() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return sa.Column("withdrawn_on", sa.Date(), nullable=True), _text("withdrawn_because", 200, True)


def _of_account(table: str) -> tuple[sa.Constraint, sa.Constraint]:
    return (
        sa.ForeignKeyConstraint(
            ["person_id"], ["pension.account.person_id"], name=op.f(f"fk_{table}_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _rule(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _standing(table: str) -> None:
    op.create_index(
        f"uq_{table}_standing",
        table,
        ["person_id"],
        unique=True,
        schema="pension",
        postgresql_where=sa.text("withdrawn_on is null"),
    )


def _spells() -> None:
    """Two tables of months in a row, which never overlap as long as they stand."""
    deemed = (_text("ground", 20),)
    special = (_text("kind", 20), _text("post", 50), _text("employer", 100))
    for table, once, own in (
        ("deemed_period", "deemed_once", deemed),
        ("special_work", "special_once", special),
    ):
        op.create_table(
            table,
            _id(),
            _person(),
            _month("first"),
            _month("last"),
            *own,
            _text("evidence", 100),
            _text("archive", 60),
            sa.Column("decided_on", sa.Date(), nullable=False),
            *_withdrawn(),
            _rule(table, "order", "last >= first"),
            _rule(table, "withdrawn", WITHDRAWN),
            postgresql.ExcludeConstraint(
                (sa.column("person_id"), "="),
                (sa.text("daterange(first, last, '[]')"), "&&"),
                using="gist",
                name=once,
                where=sa.text("withdrawn_on is null"),
            ),
            *_of_account(table),
            schema="pension",
        )


def _other_rule() -> None:
    op.create_table(
        "other_rule",
        _id(),
        _person(),
        _month("earliest"),
        _month("latest"),
        _text("rule", 200),
        _text("evidence", 100),
        sa.Column("decided_on", sa.Date(), nullable=False),
        *_withdrawn(),
        _rule("other_rule", "order", "latest >= earliest"),
        _rule("other_rule", "withdrawn", WITHDRAWN),
        *_of_account("other_rule"),
        schema="pension",
    )
    _standing("other_rule")


def _track_change() -> None:
    op.create_table(
        "track_change",
        _id(),
        _person(),
        sa.Column("before", sa.SmallInteger(), nullable=False),
        sa.Column("after", sa.SmallInteger(), nullable=False),
        _text("post", 50),
        _text("evidence", 100),
        _text("document", 60),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        _rule("track_change", "track", "before in (50, 55) and after in (50, 55)"),
        *_of_account("track_change"),
        schema="pension",
    )
    op.create_index(op.f("ix_track_change_person_id"), "track_change", ["person_id"], schema="pension")


def _choice() -> None:
    op.create_table(
        "choice",
        _id(),
        _person(),
        _text("kind", 5),
        _month("asked"),
        sa.Column("asked_on", sa.Date(), nullable=False),
        _text("document", 60, True),
        _month("agreed", True),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("employer_id", sa.BigInteger(), nullable=True),
        _text("agreement", 60, True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        *_withdrawn(),
        _rule("choice", "kind", "kind in ('early','late')"),
        _rule("choice", "agreed", "num_nonnulls(agreed, agreed_on, employer_id) in (0, 3)"),
        _rule("choice", "late_is_agreed", "kind = 'late' or agreed is null"),
        _rule("choice", "withdrawn", WITHDRAWN),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["registry.employer.id"], name=op.f("fk_choice_employer_id")
        ),
        *_of_account("choice"),
        schema="pension",
    )
    _standing("choice")


def _cleared() -> None:
    op.create_table(
        "cleared",
        _person(),
        _month("month"),
        sa.Column("employer_id", sa.BigInteger(), nullable=True),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("base", "person_share", "employer_share", "index")
        ),
        _text("place", 100),
        _text("document", 60),
        sa.Column("cleared_on", sa.Date(), nullable=False),
        _rule("cleared", "not_negative", "base > 0 and person_share >= 0 and employer_share >= 0"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["pension.account.person_id"], name=op.f("fk_cleared_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["registry.employer.id"], name=op.f("fk_cleared_employer_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "month", name=op.f("pk_cleared")),
        schema="pension",
    )
