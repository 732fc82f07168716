"""Migrations: bring a database to the newest schema; the history is backend/migrations, one line of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

HOME = Path(__file__).parent / "migrations"
STANDS_IN = re.compile(r"^(down_revision|revision)\b.*= *[\"'](\w+)[\"']", re.M)


def config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    known = Config()
    known.set_main_option("script_location", str(HOME))
    known.attributes["connection"] = connection
    return known


def upgrade(url: str) -> None:
    """Run what has not been run yet, as the owner, all or nothing."""
    from alembic import command

    from backend.kernel.db import engine

    owner = engine(url, size=1, role=None)
    with owner.begin() as connection:
        command.upgrade(config(connection), "head")
    owner.dispose()


def revision(url: str, message: str) -> None:
    """Write a new migration from the difference between the tables in code and the database."""
    from alembic import command

    from backend.kernel.db import engine

    owner = engine(url, size=1, role=None)
    with owner.begin() as connection:
        command.revision(config(connection), message, autogenerate=True)
    owner.dispose()


def newest() -> str:
    """The last migration, read from the files as text: a start need not run them to know."""
    files = (HOME / "versions").glob("*.py")
    told: list[dict[str, str]] = [dict(STANDS_IN.findall(file.read_text("utf-8"))) for file in files]
    followed = {one.get("down_revision") for one in told}
    [last] = [one["revision"] for one in told if one["revision"] not in followed]
    return last


def current(url: str) -> bool:
    """Whether the database has the newest schema."""
    with psycopg.connect(url) as owner:
        known = owner.execute("select to_regclass('public.alembic_version') is not null").fetchone()
        if not known or not known[0]:
            return False
        now = owner.execute("select version_num from public.alembic_version").fetchone()
    return now is not None and now[0] == newest()
