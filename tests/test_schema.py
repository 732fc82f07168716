"""The migrated database is what the tables in code say, and the application role owns none of it."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from backend.migrations.tables import OURS
from backend.tables import METADATA


def test_migrations_and_tables_agree(owner: Engine) -> None:
    with owner.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: name in OURS if kind == "schema" else True,
                "compare_type": True,
                "target_metadata": METADATA,
                "version_table_schema": "public",
            },
        )
        assert compare_metadata(context, METADATA) == []


def test_the_application_role_owns_nothing(owner: Engine) -> None:
    with owner.connect() as connection:
        owned = connection.scalar(
            text(
                "select count(*) from pg_class c join pg_roles r on r.oid = c.relowner where rolname = 'renshe_app'"
            )
        )
    assert owned == 0


def test_every_table_stands_in_a_schema_of_a_system(owner: Engine) -> None:
    assert {table.schema for table in METADATA.tables.values()} == OURS
    assert None not in OURS
