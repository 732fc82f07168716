"""How Alembic meets our database: one connection handed in, every schema of ours, nothing else."""

from alembic import context

from backend.migrations.tables import OURS
from backend.tables import METADATA


def include_name(name: str | None, kind: str, parents: object) -> bool:
    return name in OURS if kind == "schema" else True


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    include_schemas=True,
    include_name=include_name,
    compare_type=True,
    version_table_schema="public",
)
context.run_migrations()
