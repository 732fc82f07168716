"""Forms drawn from a schema: what the person typed, and what is wrong with it, side by side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin

from fastapi import Depends, Request
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from starlette.datastructures import FormData, UploadFile

from backend.kernel import codes
from backend.kernel.sentences import TEMPLATES, Invalid, read
from portal.language import gettext, said_fields
from portal.typed import as_code, as_day, as_fen, as_month, as_month_or_day, as_number, shown, suggest

M = TypeVar("M", bound=BaseModel)
FEW = 4  # choices shown one beside the other
PICK = "pick."  # a button of this name and a field's puts its value into the field
OFFERED = 6
MANY = 60  # beyond this a list is searched, not scrolled
READ = {
    "amount": as_number,
    "fen": as_fen,
    "whole": as_number,
    "number": as_number,
    "month": as_month,
    "day": as_day,
    "month-or-day": as_month_or_day,
}
KEYBOARD = {
    "amount": {"inputmode": "decimal"},
    "fen": {"inputmode": "decimal"},
    "number": {"inputmode": "decimal"},
    "whole": {"inputmode": "numeric"},
    "ident": {"autocapitalize": "characters", "spellcheck": "false"},
    "secret": {"type": "password", "autocomplete": "current-password"},
}
MONTHS = ("1 月", "2 月", "3 月", "4 月", "5 月", "6 月", "7 月", "8 月", "9 月", "10 月", "11 月", "12 月")
FORMATS = {"day": "2026-12-31"}  # shown where the schema has no example of its own
TELEPHONE = {"type": "tel", "autocomplete": "tel"}
SHORT = {"amount", "fen", "whole", "number", "month", "day", "month-or-day"}
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Box:
    """One field as the page draws it. `name` is dotted inside a group.

    widget: text, ident, amount, fen, whole, number, month, day, month-or-day, radio, select, search, yesno,
    textarea, secret, file, group.
    """

    name: str
    label: str
    hint: str
    widget: str
    required: bool
    choices: Choices = ()
    example: str = ""
    inner: tuple[Box, ...] = ()
    table: str = ""  # of a code that is searched
    default: str = ""
    follows: bool = False  # left empty, it is as the one before

    @property
    def id(self) -> str:
        return self.name.replace(".", "-")

    @property
    def optional(self) -> bool:
        """Whether it may stay empty (what has a default is never empty)."""
        return not self.required and not self.default and not self.follows

    @property
    def year(self) -> bool:
        """Whether it is a list with one entry a month."""
        return any(one.follows for one in self.inner)

    @property
    def short(self) -> bool:
        return self.widget in SHORT

    @property
    def attributes(self) -> Mapping[str, str]:
        """What helps the person's keyboard."""
        known = {"autocomplete": "off"} | KEYBOARD.get(self.widget, {})
        return known | TELEPHONE if self.name.endswith("phone") else known

    def read(self, text: str) -> str:
        return as_code(self.table)(text) if self.widget == "search" else READ.get(self.widget, str)(text)


@dataclass
class Form(Generic[M]):
    """A schema with typed values. Fields named in `hidden` are filled by the page, not by the person; of those in
    `offered` the page knows what there is to choose from."""

    shape: type[M]
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    offered: Mapping[str, Choices] = field(default_factory=dict)
    picking: bool = False  # a button only filled a field in: nothing is checked or done yet

    def __post_init__(self) -> None:
        for name in [name for name in self.typed if name.startswith(PICK)]:
            self.typed = dict(self.typed) | {name.removeprefix(PICK): self.typed[name]}
            self.picking = True

    @property
    def status(self) -> int:
        """Of the page that shows the form again."""
        return 422 if self.errors else 200

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        boxes = (
            _box(name, known) for name, known in self.shape.model_fields.items() if name not in self.hidden
        )
        return tuple(_offering(box, self.offered.get(box.name, ())) for box in boxes)

    @property
    def uploads(self) -> tuple[str, ...]:
        """The fields that take a file."""
        return tuple(box.name for box in self.boxes if box.widget == "file")

    def __getitem__(self, name: str) -> str:
        return self.typed.get(name, "")

    def shown(self, box: Box) -> str:
        """What stands in the field: what was typed, else the default; a code with its name."""
        text = self.typed.get(box.name, box.default)
        return shown(box.table, text) if box.table and codes.known(box.table, text) else text

    def offers(self, box: Box) -> list[tuple[str, str]]:
        """Codes that may be meant where what was typed is none: to press, for who has no script."""
        text = self.typed.get(box.name, "")
        if box.widget != "search" or codes.known(box.table, box.read(text)):
            return []
        return [(line.rsplit(" ", 1)[1], line) for line in suggest(box.table, text, OFFERED)]

    def parse(self, **fixed: Any) -> M | None:
        """The typed values as the shape, or None with `errors` filled field by field (none while picking)."""
        if self.picking:
            return None
        try:
            return read(self.shape, self._nested() | fixed)
        except Invalid as refusal:
            self.errors |= said_fields(refusal)
            for box in self.boxes:
                self._say_which_month(box)
            return None

    def _say_which_month(self, box: Box) -> None:
        """What is wrong with a month is said once, of the month it was typed in."""
        for month in box.inner if box.year else ():
            wrong = self.errors.pop(month.name, "")
            if self[month.name].strip() and wrong:
                self.errors[month.name] = gettext("{month}：{wrong}").format(month=month.label, wrong=wrong)
            elif wrong and not month.follows:
                self.errors[month.name] = gettext(TEMPLATES["missing"]).format(title=month.label)

    def _nested(self) -> dict[str, Any]:
        """Dotted names to groups; what was left empty was not said; what no field asks for is not read."""
        known = {box.name: box for one in self.boxes for box in (one, *one.inner) if box.widget != "group"}
        found: dict[str, Any] = {}
        for name, box in known.items():
            text = self.typed.get(name, "")
            if text.strip() == "":
                continue
            group, _, inner = name.partition(".")
            if inner:
                found.setdefault(group, {})[inner] = box.read(text)
            else:
                found[name] = box.read(text)
        for box in self.boxes:
            if box.year and box.name in found:
                found[box.name] = _twelve(found[box.name])
        return found


def _twelve(typed: Mapping[str, str]) -> list[str]:
    """One amount a month; where nothing was typed, the month before's.

    >>> _twelve({"0": "640", "6": "700"})[5:7], _twelve({"1": "640"})[:2]
    (['640', '700'], ['', '640'])
    """
    filled: list[str] = []
    for n in range(len(MONTHS)):
        filled.append(typed.get(str(n)) or (filled[-1] if filled else ""))
    return filled


async def _sent(request: Request) -> AsyncIterator[FormData]:
    form = await request.form()
    yield form
    await form.close()  # what was uploaded lies in temporary files


Sent = Annotated[FormData, Depends(_sent)]


async def _typed(form: Sent) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def _handed(form: Sent) -> dict[str, UploadFile]:
    return {name: value for name, value in form.items() if isinstance(value, UploadFile) and value.filename}


Typed = Annotated[dict[str, str], Depends(_typed)]
Handed = Annotated[dict[str, UploadFile], Depends(_handed)]


def _box(name: str, known: FieldInfo, within: str = "") -> Box:
    shape = plain_type(known.annotation)
    extra = extra_of(known)
    widget, choices = _widget(shape, known, extra)
    dotted = f"{within}.{name}" if within else name
    inner: tuple[Box, ...] = ()
    if widget == "group":
        inner = tuple(_box(one, field, dotted) for one, field in shape.model_fields.items())
    told = told_of(known)
    if widget == "year":
        return _year(dotted, gettext(told.title or name), known.default is PydanticUndefined)
    table = str(extra["widget"])[5:] if widget == "search" else ""
    return Box(
        name=dotted,
        label=gettext(told.title or name),
        hint=gettext(told.description) if told.description else "",
        widget=widget,
        required=known.default is PydanticUndefined,
        choices=choices,
        example="" if choices or inner else _example(told.examples, table) or FORMATS.get(widget, ""),
        inner=inner,
        table=table,
        default=_default(known.default),
    )


def _offering(box: Box, choices: Choices) -> Box:
    if not choices:
        return box
    return replace(box, widget="radio" if len(choices) <= FEW else "select", choices=choices, example="")


def _year(name: str, label: str, required: bool) -> Box:
    """Twelve amounts, January first."""
    months = tuple(
        Box(f"{name}.{n}", gettext(month), "", "amount", required=required and n == 0, follows=n > 0)
        for n, month in enumerate(MONTHS)
    )
    hint = gettext("和上个月一样的可以空着，没有记入的填 0")
    return Box(name, label, hint, "group", required, inner=months)


def _example(known: list[Any] | None, table: str) -> str:
    text = str(known[0]) if known else ""
    return shown(table, text) if table and codes.known(table, text) else text


def _default(value: Any) -> str:
    if value is None or value is PydanticUndefined:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def plain_type(annotation: Any) -> Any:
    """A field's type without `| None` and without what is annotated."""
    if get_origin(annotation) in (Union, UnionType):
        kept = [one for one in get_args(annotation) if one is not NoneType]
        return plain_type(kept[0]) if kept else annotation
    return plain_type(get_args(annotation)[0]) if get_origin(annotation) is Annotated else annotation


@dataclass(frozen=True)
class Told:
    """What the schema says of a field, itself or by the type it uses."""

    title: str | None
    description: str | None
    examples: list[Any] | None


def _sources(known: FieldInfo) -> list[Any]:
    """The field, then what its type brings along (also inside `| None`)."""
    inside = [part for arg in get_args(known.annotation) for part in getattr(arg, "__metadata__", ())]
    return [known, *known.metadata, *inside]


def told_of(known: FieldInfo) -> Told:
    found = {
        name: next((value for one in _sources(known) if (value := getattr(one, name, None))), None)
        for name in ("title", "description", "examples")
    }
    return Told(**found)


def extra_of(known: FieldInfo) -> Mapping[str, Any]:
    merged: dict[str, Any] = {}
    for source in reversed(_sources(known)):
        extra = getattr(source, "json_schema_extra", None)
        if isinstance(extra, Mapping):
            merged |= extra
    return merged


def _widget(shape: Any, known: FieldInfo, extra: Mapping[str, Any]) -> tuple[str, Choices]:
    wanted = str(extra.get("widget", ""))
    if wanted.startswith("code:"):
        return _codes(wanted[5:], extra.get("labels", {}))
    if get_origin(shape) is Literal:
        labels = extra.get("labels", {})
        return _choices([(str(one), gettext(str(labels.get(str(one), one)))) for one in get_args(shape)])
    if wanted == "amount" and shape is int:
        return "fen", ()
    if wanted:
        return wanted, ()
    if not isinstance(shape, type):
        return "text", ()
    if issubclass(shape, BaseModel):
        return "group", ()
    if shape is bool:
        return "yesno", (("true", gettext("是")), ("false", gettext("否")))
    return {SecretStr: "secret", int: "whole", Decimal: "number", date: "day"}.get(shape, "text"), ()


def _codes(table: str, labels: Mapping[str, Any]) -> tuple[str, Choices]:
    lines = codes.choices(table)
    if len(lines) > MANY:
        return "search", ()
    return _choices([(one.code, gettext(str(labels.get(one.code, one.name)))) for one in lines])


def _choices(rows: list[tuple[str, str]]) -> tuple[str, Choices]:
    return ("radio" if len(rows) <= FEW else "select"), tuple(rows)
