"""The migrated database is what the tables in code say, and the application role owns none of it."""

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from backend import migrate
from backend.migrations.tables import OURS
from backend.tables import METADATA
from tests.conftest import Fresh


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


def test_a_start_knows_without_alembic_whether_the_schema_is_the_newest(fresh: Fresh) -> None:
    assert migrate.newest() == ScriptDirectory.from_config(migrate.config()).get_current_head()
    url = fresh()
    assert migrate.current(url)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("update public.alembic_version set version_num = '0001'")
    assert not migrate.current(url)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("drop table public.alembic_version")
    assert not migrate.current(url)
