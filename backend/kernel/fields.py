"""Fields: what the schemas of several systems share; no database, so that the kiosk may read them too."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from backend.kernel.errors import Wrong
from backend.kernel.period import Month


class Shape(BaseModel):
    """What a command or a view is made of: it does not change, and carries nothing that nobody asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class MonthFormat(Wrong):
    """“{title}”请写成年-月，例如 2026-05；年份从 1900 到 2099"""


def a_month(text: str) -> str:
    """A month's text that Month reads, of a year that anybody alive can mean."""
    try:
        month = Month.parse(text)
    except ValueError:
        raise MonthFormat from None
    if not 1900 <= month.year <= 2099:
        raise MonthFormat
    return text


MonthText = Annotated[
    str,
    AfterValidator(a_month),
    Field(examples=["2026-11"], json_schema_extra={"widget": "month"}),
]
FILE_ID = r"^[A-Za-z0-9_-]{22}$"
FileId = Annotated[
    str,
    Field(
        pattern=FILE_ID,
        title="文件",
        description="已经收存的文件的编号",
        json_schema_extra={"widget": "file"},
    ),
]
