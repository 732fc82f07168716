"""The kiosk fleet: what each kiosk said last, what happened, its operators, and its cash from bag to count."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import backend.kernel.db

revision = "0027"
down_revision = "0026"

MONEY = backend.kernel.db.MoneyType
PREPARE = """
create schema kiosks;
grant usage on schema kiosks to renshe_app;
alter default privileges in schema kiosks grant select, insert, update on tables to renshe_app;
alter default privileges in schema kiosks grant usage, select on sequences to renshe_app;
"""
# what was loaded so far came without bags
LOADED = """
insert into kiosks.bag (kiosk, sheet, bag, pieces, amount, booked_at, placed_at, first, second)
select a.owner, right(b.key, 32), '', '{}', sum(t.amount_fen), min(b.approved_at), min(b.approved_at), min(b.maker),
  min(b.checker)
from ledger.account a join ledger.transfer t on t.debit = a.id join ledger.batch b on b.id = t.batch and b.ym = t.ym
where a.kind = 'cash' and b.document = 'cassette' group by a.owner, b.key
"""


def _at(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _kiosk() -> sa.Column[Any]:
    return sa.Column("kiosk", sa.String(length=8), nullable=False)


def _text(name: str, length: int | None = None, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _whole(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, postgresql.JSONB(), nullable=False)


def _number(start: int | None = None) -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=start), nullable=False)


def _check(table: str, name: str, what: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(what, name=op.f(f"ck_{table}_{name}"))


def _device_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["kiosk"], ["auth.device.id"], name=op.f(f"fk_{table}_kiosk"))


def _login_key(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["login_id"], ["auth.login.id"], name=op.f(name), ondelete="CASCADE")


def _table(name: str, *parts: Any) -> None:
    op.create_table(name, *parts, schema="kiosks")


def _machines() -> None:
    _table(
        "machine",
        _kiosk(),
        _text("stopped", nullable=True),
        _text("stopped_by", nullable=True),
        _at("stopped_at", nullable=True),
        sa.Column("services", postgresql.ARRAY(sa.String()), nullable=True),
        _check("machine", "stopped", "(stopped is null) = (stopped_at is null)"),
        _device_key("machine"),
        sa.PrimaryKeyConstraint("kiosk", name=op.f("pk_machine")),
    )
    _table(
        "standing",
        _kiosk(),
        _at("at"),
        _at("since"),
        _text("state", 10),
        _whole("skew_s"),
        _json("report"),
        _whole("inside_fen", nullable=True),
        _whole("expected_fen", nullable=True),
        _check("standing", "inside", "(inside_fen is null) or inside_fen >= 0"),
        _device_key("standing"),
        sa.PrimaryKeyConstraint("kiosk", name=op.f("pk_standing")),
    )
    _table(
        "happening",
        _number(),
        _kiosk(),
        _at("at"),
        _text("what", 20),
        _text("detail"),
        _text("who"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_happening")),
    )
    op.create_index(op.f("ix_happening_kiosk_id"), "happening", ["kiosk", "id"], schema="kiosks")
    _table(
        "keeper",
        _whole("login_id"),
        _text("code"),
        _whole("person_id", nullable=True),
        _whole("failed"),
        _at("locked_until", nullable=True),
        _login_key("fk_keeper_login_id"),
        sa.PrimaryKeyConstraint("login_id", name=op.f("pk_keeper")),
        sa.UniqueConstraint("person_id", name=op.f("uq_keeper_person_id")),
    )
    _table(
        "entry",
        _text("ticket", 32),
        _kiosk(),
        _whole("login_id"),
        _at("at"),
        _login_key("fk_entry_login_id"),
        sa.PrimaryKeyConstraint("ticket", name=op.f("pk_entry")),
    )


def _cash() -> None:
    _table(
        "bag",
        _kiosk(),
        _text("sheet", 32),
        _text("bag", 32),
        _json("pieces"),
        sa.Column("amount", MONEY(), nullable=False),
        _at("booked_at"),
        _at("placed_at", nullable=True),
        _text("first", nullable=True),
        _text("second", nullable=True),
        _check("bag", "positive", "amount > 0"),
        _check(
            "bag",
            "placed",
            "(placed_at is null) = (first is null) and (placed_at is null) = (second is null)",
        ),
        sa.PrimaryKeyConstraint("kiosk", "sheet", name=op.f("pk_bag")),
    )
    _table(
        "count",
        _number(1001),
        _kiosk(),
        _text("sheet", 32),
        _at("at"),
        _text("first"),
        _text("second"),
        _json("pieces"),
        _whole("counted_fen"),
        _whole("book_fen"),
        _whole("device_fen", nullable=True),
        _whole("difference_fen"),
        _text("state", 8),
        _text("way", 12, nullable=True),
        _text("reason", nullable=True),
        _at("decided_at", nullable=True),
        _check("count", "two_persons", "first <> second"),
        _check("count", "adds_up", "difference_fen = counted_fen - book_fen"),
        _check("count", "state", "state in ('agreed','open','decided')"),
        _check("count", "agreed", "(state = 'agreed') = (difference_fen = 0)"),
        _check(
            "count",
            "decided",
            "(state = 'decided') = (way is not null and reason is not null and decided_at is not null)",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count")),
        sa.UniqueConstraint("kiosk", "sheet", name=op.f("uq_count_kiosk_sheet")),
    )
    _table(
        "taken",
        _kiosk(),
        _text("sheet", 32),
        _at("at"),
        _text("first"),
        _text("second"),
        _json("pieces"),
        sa.Column("amount", MONEY(), nullable=False),
        _check("taken", "positive", "amount > 0"),
        _check("taken", "two_persons", "first <> second"),
        sa.PrimaryKeyConstraint("kiosk", "sheet", name=op.f("pk_taken")),
    )


def upgrade() -> None:
    op.execute(PREPARE)
    _machines()
    _cash()
    # what happened, and what was taken out, stays as it was written
    op.execute("revoke update on kiosks.happening, kiosks.taken, kiosks.entry from renshe_app")
    op.execute("grant delete on kiosks.entry to renshe_app")
    op.execute(LOADED)
