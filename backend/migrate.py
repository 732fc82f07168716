"""Migrations: bring a database to the newest schema; the history is backend/migrations, one line of it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from backend.kernel.db import engine

HOME = Path(__file__).parent / "migrations"


def config(connection: Connection | None = None) -> Config:
    known = Config()
    known.set_main_option("script_location", str(HOME))
    known.attributes["connection"] = connection
    return known


def upgrade(url: str) -> None:
    """Run what has not been run yet, as the owner, all or nothing."""
    owner = engine(url, size=1, role=None)
    with owner.begin() as connection:
        command.upgrade(config(connection), "head")
    owner.dispose()


def revision(url: str, message: str) -> None:
    """Write a new migration from the difference between the tables in code and the database."""
    owner = engine(url, size=1, role=None)
    with owner.begin() as connection:
        command.revision(config(connection), message, autogenerate=True)
    owner.dispose()


def current(url: str) -> bool:
    """Whether the database has the newest schema."""
    owner = engine(url, size=1, role=None)
    with owner.connect() as connection:
        now = MigrationContext.configure(connection).get_current_revision()
    owner.dispose()
    return now == ScriptDirectory.from_config(config()).get_current_head()
