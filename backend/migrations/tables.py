"""The schemas that our migrations govern."""

from backend.tables import METADATA

OURS = {table.schema for table in METADATA.tables.values()}
