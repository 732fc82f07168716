"""Legible 看得见: a command carries no character that nobody can see; the database keeps none, paper shows none.

Every command passes here (kernel/items.py), whatever its schema says and whichever way it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from backend.kernel.errors import Wrong, sentence_of
from backend.kernel.sentences import Invalid

HIDDEN = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
IN_LINES = re.compile(f"[{HIDDEN}]")  # a textarea
IN_A_LINE = re.compile(rf"[{HIDDEN}\t\n\r]")  # every other field


class Unseen(Wrong):
    """“{title}”里有换行或者看不见的字符，多半是粘贴时带进来的，请删掉重新输入"""


def legible(command: BaseModel) -> None:
    """Refuse the fields that carry control characters, lines where there is one, or marks that turn the reading."""
    wrong = {
        name: (sentence_of(Unseen), {"title": field.title or name})
        for name, field, text in _texts(command)
        if (IN_LINES if _of_lines(field) else IN_A_LINE).search(text)
    }
    if wrong:
        raise Invalid(wrong)


def _of_lines(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and extra.get("widget") == "textarea"


def _texts(shape: BaseModel, above: str = "") -> Iterator[tuple[str, FieldInfo, str]]:
    """Every text in a command, with the field it stands in."""
    for name, field in type(shape).model_fields.items():
        for value in _parts(getattr(shape, name)):
            if isinstance(value, BaseModel):
                yield from _texts(value, f"{above}{name}.")
            elif isinstance(value, str):
                yield f"{above}{name}", field, value


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from (part for pair in value.items() for one in pair for part in _parts(one))
    elif isinstance(value, list | tuple | set | frozenset):
        yield from (part for one in value for part in _parts(one))
    else:
        yield value
