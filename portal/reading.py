"""Reading: a command or an answer as people read it — titles, amounts in yuan, codes by name, numbers masked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from backend.http import API
from backend.kernel import codes
from backend.kernel.money import Money
from portal.forms import extra_of, plain_type, told_of
from portal.language import gettext as _
from portal.render import day, masked, moment, month
from portal.typed import full_name

SHOWN_BY = ("_name", "_label")  # a code is not shown where its name stands beside it
MONTHS = {"month", "first_month", "retired", "started", "ended", "since", "until", "overdue_since"} | {
    *("enrolled_from", "enrolled_until"),
    *("first", "last", "last_month", "suspended_from", "reached", "reaches"),
}
MONTH = re.compile(r"(19|20)\d{2}-(0[1-9]|1[0-2])")
SHORT = 20  # characters of a text that may stand in a row with others


@dataclass(frozen=True)
class Table:
    """Many things of one kind; a head is a label and "" or "number"."""

    heads: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Line:
    """One line: a text, a kept file to fetch, a table, or things that have lines of their own."""

    label: str
    text: str = ""
    file: str = ""
    table: Table | None = None
    inner: tuple[tuple[Line, ...], ...] = ()


def lines(view: BaseModel) -> tuple[Line, ...]:
    """An answer, line by line."""
    return written(type(view), _valued(view))


def written(shape: type[BaseModel], values: Mapping[str, Any]) -> tuple[Line, ...]:
    """Values as the shape describes them; also a command as it was filed, in JSON. What is empty is left out."""
    return tuple(
        _line(field, name, values[name]) for name, field in shown(shape) if not _empty(values.get(name))
    )


def shown(shape: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    """The fields that are shown."""
    fields = shape.model_fields
    return [
        (name, field)
        for name, field in fields.items()
        if not any(f"{name}{ending}" in fields for ending in SHOWN_BY)
    ]


def _empty(value: Any) -> bool:
    return value is None or value in ("", (), [], {})


def label(name: str, field: FieldInfo) -> str:
    return _(in_yuan(told_of(field).title or name))


def in_yuan(title: str) -> str:
    """A title as pages say it: programs count fen, people read yuan.

    >>> in_yuan("合计（分）")
    '合计（元）'
    """
    return title.replace("（分）", "（元）")


def _line(field: FieldInfo, name: str, value: Any) -> Line:
    title, extra = label(name, field), extra_of(field)
    if extra.get("widget") == "file":
        return Line(title, file=f"{API}/files/{value}")
    shape = _shape(field)
    if isinstance(value, Mapping) and shape:
        return Line(title, inner=(written(shape, value),))
    if isinstance(value, Mapping):
        named = extra.get("labels", {})
        return Line(
            title,
            inner=(tuple(Line(_(str(named.get(key, key))), _(str(told))) for key, told in value.items()),),
        )
    if isinstance(value, BaseModel):
        return Line(title, inner=(lines(value),))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _many(field, title, value)
    return Line(title, text=said(field, name, value))


def _shape(field: FieldInfo) -> type[BaseModel] | None:
    """What a value is, or of what it holds many: a command or answer kept as JSON no longer says it itself."""
    known = plain_type(field.annotation)
    if get_origin(known) is tuple:
        known = plain_type(get_args(known)[0])
    return known if isinstance(known, type) and issubclass(known, BaseModel) else None


def _many(field: FieldInfo, title: str, values: Sequence[Any]) -> Line:
    first, shape = values[0], _shape(field)
    if isinstance(first, BaseModel):
        shape = type(first)
    if shape is None:
        told = [said(field, "", one) for one in values]
        return Line(
            title, text="\n".join(told) if any(len(one) > SHORT for one in told) else _("、").join(told)
        )
    fields = shown(shape)
    each = [_valued(one) for one in values]
    files = any(extra_of(field).get("widget") == "file" for _name, field in fields)
    if files or any(_deep(one.get(name)) for one in each for name, _field in fields):
        return Line(title, inner=tuple(written(shape, one) for one in each))
    return Line(
        title,
        table=Table(
            tuple((label(name, field), _number(name, field)) for name, field in fields),
            tuple(
                tuple(
                    "" if _empty(value := one.get(name)) else said(field, name, value)
                    for name, field in fields
                )
                for one in each
            ),
        ),
    )


def _valued(one: Any) -> Mapping[str, Any]:
    return one if isinstance(one, Mapping) else {name: getattr(one, name) for name in type(one).model_fields}


def _deep(value: Any) -> bool:
    """Whether a value has parts that a cell of a table cannot hold."""
    return isinstance(value, BaseModel | Mapping) or (isinstance(value, tuple | list) and bool(value))


def _number(name: str, field: FieldInfo) -> str:
    return "number" if name.endswith("_fen") or plain_type(field.annotation) is int else ""


def said(field: FieldInfo, name: str, value: Any) -> str:
    """One value in words."""
    extra = extra_of(field)
    widget, named = str(extra.get("widget", "")), extra.get("labels", {})
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if str(value) in named:
        return _(str(named[str(value)]))
    if name.endswith("_fen") and isinstance(value, int):
        return str(Money(value))
    if widget == "ident" or name == "ident":
        return masked(str(value))
    if widget.startswith("code:") and codes.known(widget[5:], str(value)):
        return _(full_name(widget[5:], str(value)))
    return _when(field, name, value) or _(str(value))


def _when(field: FieldInfo, name: str, value: Any) -> str:
    """Days and months as people read them; "" for what is neither."""
    shape = plain_type(field.annotation)
    if isinstance(value, str) and shape in (date, datetime):
        value = shape.fromisoformat(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    is_month = name in MONTHS or extra_of(field).get("widget") == "month"
    return month(value) if is_month and MONTH.fullmatch(str(value)) else ""
