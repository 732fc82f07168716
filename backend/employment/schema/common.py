"""Words that all shapes of employment share: numbers of things, codes, pay."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic.config import JsonDict

from backend.kernel import codes

ALPHABET = "0-9A-HJKMNP-TV-Z"  # no I, L, O, U: read aloud without doubt
VacancyNo = Annotated[
    str, Field(pattern=rf"^V[{ALPHABET}]{{10}}$", title="职位编号", examples=["V3K7M9Q2XTA"])
]
ApplicationNo = Annotated[
    str, Field(pattern=rf"^A[{ALPHABET}]{{10}}$", title="申请编号", examples=["A3K7M9Q2XTA"])
]
Yuan = Annotated[Decimal, Field(gt=0, le=1_000_000, decimal_places=2, json_schema_extra={"widget": "amount"})]
Occupation = Annotated[
    str,
    AfterValidator(codes.checked("occupation")),
    Field(
        pattern=r"^[0-9](-[0-9]{2}){3}$",
        title="职业",
        description="按《职业分类大典》选最接近的一个",
        examples=["4-02-06-01"],
        json_schema_extra={"widget": "code:occupation"},
    ),
]
Education = Annotated[
    str,
    AfterValidator(codes.checked("education")),
    Field(pattern=r"^[0-9]{2}$", json_schema_extra={"widget": "code:education", "labels": {"90": "不限"}}),
]
Type = Literal["full", "part", "temporary", "intern"]
PayUnit = Literal["month", "day", "hour"]
Page = Annotated[int, Field(default=1, ge=1, le=10_000, title="第几页")]


def labels(names: Mapping[str, str]) -> JsonDict:
    """What a form shows for each choice."""
    return {"labels": {**names}}
