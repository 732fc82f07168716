"""Fields: types of field that schemas of several systems share; no database, so that the kiosk may read them too."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

FileId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_-]{22}$",
        title="文件",
        description="已经收存的文件的编号",
        json_schema_extra={"widget": "file"},
    ),
]
