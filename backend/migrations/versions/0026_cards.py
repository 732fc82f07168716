"""The life of a card: more states, its key version; applications, productions, blank cards, codes for the telephone."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

SCHEMA = """
create schema cards;
grant usage on schema cards to renshe_app;
alter default privileges in schema cards grant select, insert, update on tables to renshe_app;
alter default privileges in schema cards grant usage, select on sequences to renshe_app;
"""
# A card that was there before lives were kept begins with what it is; the first masters are those in use since.
BEGIN = """
create sequence cards.card_serial;
insert into cards.event (card_id, deed, before, after, note, maker, at)
select id, 'register', '', status, '', 'system', issued from registry.card;
insert into cards.key_version (version, since, reason, maker, at)
values (1, '1999-01-01', '', 'system', '1999-01-01');
"""
INSERT_ONLY = "revoke update on cards.event, cards.stop, cards.stock_move, cards.pin_reset from renshe_app"


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _at(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name in names]


def _texts(**lengths: int) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String(length=length), nullable=False) for name, length in lengths.items()]


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def upgrade() -> None:
    _card()
    op.execute(SCHEMA)
    _history()
    _application()
    _production()
    _stock()
    _codes_and_keys()
    op.execute(BEGIN)
    op.execute(INSERT_ONLY)


def _card() -> None:
    op.add_column("card", sa.Column("suspended_until", sa.Date(), nullable=True), schema="registry")
    op.add_column(
        "card",
        sa.Column("key_version", sa.SmallInteger(), nullable=False, server_default="1"),
        schema="registry",
    )
    op.alter_column("card", "key_version", server_default=None, schema="registry")
    op.drop_constraint(op.f("ck_card_status"), "card", schema="registry")
    for name, rule in (
        ("status", "status in ('inactive','active','suspended','lost','replaced','cancelled')"),
        ("suspended_until", "(status = 'suspended') = (suspended_until is not null)"),
        ("key_version", "key_version > 0"),
    ):
        op.create_check_constraint(op.f(f"ck_card_{name}"), "card", rule, schema="registry")


def _history() -> None:
    op.create_table(
        "event",
        _id(),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        *_texts(deed=12, before=10, after=10),
        sa.Column("until", sa.Date(), nullable=True),
        *_texts(note=200),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.Column("maker", sa.String(), nullable=False),
        *_at("at"),
        _key("event", "card_id", "registry.card.id"),
        _key("event", "evidence", "kernel.file.id"),
        _primary("event", "id"),
        schema="cards",
    )
    op.create_index(op.f("ix_event_card_id"), "event", ["card_id"], schema="cards")
    op.create_table(
        "stop",
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        *_texts(mark=32),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        *_at("at"),
        _key("stop", "card_id", "registry.card.id"),
        _primary("stop", "serial"),
        schema="cards",
    )
    op.create_index(op.f("ix_stop_card_id"), "stop", ["card_id"], schema="cards")


def _application() -> None:
    op.create_table(
        "application",
        _id(),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        *_texts(reason=10, state=10),
        sa.Column("photo", sa.String(), nullable=False),
        *_texts(area=6, said=200),
        sa.Column("maker", sa.String(), nullable=False),
        *_at("applied_at"),
        sa.Column("closed_on", sa.Date(), nullable=True),
        _check(
            "application",
            "state",
            "state in ('applied','approved','producing','made','handed','refused','withdrawn','ended')",
        ),
        _check("application", "reason", "reason in ('first','lost','damaged','expired','changed')"),
        _check(
            "application",
            "closed",
            "(closed_on is not null) = (state in ('handed','refused','withdrawn','ended'))",
        ),
        _key("application", "person_id", "registry.person.id"),
        _key("application", "photo", "kernel.file.id"),
        _primary("application", "id"),
        schema="cards",
    )
    op.create_index(op.f("ix_application_person_id"), "application", ["person_id"], schema="cards")
    for name, columns, unique in (
        ("uq_application_open", ["person_id"], True),
        ("ix_application_waiting", ["state", "id"], False),
    ):
        op.create_index(
            name,
            "application",
            columns,
            unique=unique,
            schema="cards",
            postgresql_where=sa.text("closed_on is null"),
        )


def _production() -> None:
    op.create_table(
        "production",
        _id(),
        *_texts(area=6),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("key_version", sa.SmallInteger(), nullable=False),
        *_texts(state=10),
        sa.Column("written", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("signature", sa.String(length=160), nullable=True),
        sa.Column("maker", sa.String(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        *_at("made_at"),
        *_at("sent_at", nullable=True),
        sa.Column("back", sa.String(), nullable=True),
        *_at("back_at", nullable=True),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        _check("production", "state", "state in ('waiting','writing','sent','back')"),
        _check("production", "counts", "n > 0 and written between 0 and n"),
        _check(
            "production",
            "sent",
            "(state in ('sent','back')) = (digest is not null) and (digest is null) = (signature is null)",
        ),
        _check(
            "production",
            "back",
            "(state = 'back') = (back is not null) and (back is null or made + failed = n)",
        ),
        _key("production", "back", "kernel.file.id"),
        _primary("production", "id"),
        schema="cards",
    )
    op.create_index(
        "ix_production_unwritten",
        "production",
        ["id"],
        schema="cards",
        postgresql_where=sa.text("state in ('waiting','writing')"),
    )
    op.create_table(
        "line",
        sa.Column("production_id", sa.BigInteger(), nullable=False),
        sa.Column("no", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        *_texts(card_no=9, card_code=32, result=2, reason=100),
        _check("line", "result", "result in ('','00','01','02','03','04','99')"),
        _key("line", "production_id", "cards.production.id"),
        _key("line", "application_id", "cards.application.id"),
        _primary("line", "production_id", "no"),
        sa.UniqueConstraint("card_no", name=op.f("uq_line_card_no")),
        sa.UniqueConstraint("card_code", name=op.f("uq_line_card_code")),
        schema="cards",
    )
    op.create_index("ix_line_application_id", "line", ["application_id"], schema="cards")


def _stock() -> None:
    op.create_table(
        "stock",
        *_texts(place=6),
        sa.Column("n", sa.BigInteger(), nullable=False),
        _check("stock", "n", "n >= 0"),
        _primary("stock", "place"),
        schema="cards",
    )
    op.create_table(
        "stock_move",
        _id(),
        *_texts(place=6, kind=10),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        *_texts(document=60, note=200),
        sa.Column("other", sa.String(length=6), nullable=True),
        sa.Column("production_id", sa.BigInteger(), nullable=True),
        sa.Column("maker", sa.String(), nullable=False),
        *_at("at"),
        _check(
            "stock_move",
            "kind",
            "kind in ('received','arrived','sent','spoilt','counted','production','returned')",
        ),
        _check(
            "stock_move",
            "n",
            "n <> 0 and balance >= 0 and (kind = 'counted'"
            " or (n > 0) = (kind in ('received','arrived','returned')))",
        ),
        _key("stock_move", "place", "cards.stock.place"),
        _key("stock_move", "production_id", "cards.production.id"),
        _primary("stock_move", "id"),
        schema="cards",
    )
    op.create_index("ix_stock_move_place_id", "stock_move", ["place", "id"], schema="cards")


def _codes_and_keys() -> None:
    op.create_table(
        "phone_code",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("wrong", sa.SmallInteger(), nullable=False),
        *_at("set_at"),
        _check("phone_code", "wrong", "wrong >= 0"),
        _key("phone_code", "person_id", "registry.person.id"),
        _primary("phone_code", "person_id"),
        schema="cards",
    )
    op.create_table(
        "pin_reset",
        _id(),
        sa.Column("card_id", sa.BigInteger(), nullable=False),
        *_texts(challenge=32, reason=10, note=200),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.Column("maker", sa.String(), nullable=False),
        *_at("at"),
        _key("pin_reset", "card_id", "registry.card.id"),
        _key("pin_reset", "evidence", "kernel.file.id"),
        _primary("pin_reset", "id"),
        sa.UniqueConstraint("card_id", "challenge", name=op.f("uq_pin_reset_card_id_challenge")),
        schema="cards",
    )
    op.create_table(
        "key_version",
        sa.Column("version", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("accepted_until", sa.Date(), nullable=True),
        *_texts(reason=200),
        sa.Column("maker", sa.String(), nullable=False),
        *_at("at"),
        _check("key_version", "version", "version > 0"),
        _check("key_version", "order", "accepted_until is null or accepted_until >= since"),
        _primary("key_version", "version"),
        schema="cards",
    )
