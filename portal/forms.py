"""Forms drawn from a schema: what the person typed, and what is wrong with it, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin

from fastapi import Depends, Request
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from backend.kernel import codes
from backend.kernel.sentences import Invalid, read
from portal.language import gettext, said_fields

M = TypeVar("M", bound=BaseModel)
FEW = 4  # choices shown one beside the other
MANY = 60  # beyond this a list is searched, not scrolled


@dataclass(frozen=True)
class Box:
    """One field as the page draws it. `name` is dotted inside a group."""

    name: str
    label: str
    hint: str
    widget: str  # text, amount, whole, month, day, radio, select, search, yesno, textarea, secret, group
    required: bool
    choices: tuple[tuple[str, str], ...] = ()
    example: str = ""
    inner: tuple[Box, ...] = ()

    @property
    def id(self) -> str:
        return self.name.replace(".", "-")


@dataclass
class Form(Generic[M]):
    """A schema with typed values. Fields named in `hidden` are filled by the page, not by the person."""

    shape: type[M]
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    @property
    def boxes(self) -> tuple[Box, ...]:
        return tuple(
            _box(name, known) for name, known in self.shape.model_fields.items() if name not in self.hidden
        )

    def __getitem__(self, name: str) -> str:
        return self.typed.get(name, "")

    def parse(self, **fixed: Any) -> M | None:
        """The typed values as the shape, or None with `errors` filled field by field."""
        try:
            return read(self.shape, _nested(self.typed) | fixed)
        except Invalid as refusal:
            self.errors |= said_fields(refusal)
            return None


def _nested(typed: Mapping[str, str]) -> dict[str, Any]:
    """Dotted names to groups; what was left empty was not said."""
    found: dict[str, Any] = {}
    for name, text in typed.items():
        if text.strip() == "":
            continue
        group, _, inner = name.partition(".")
        if inner:
            found.setdefault(group, {})[inner] = text
        else:
            found[name] = text
    return found


def _box(name: str, known: FieldInfo, within: str = "") -> Box:
    shape = _plain(known.annotation)
    dotted = f"{within}.{name}" if within else name
    widget, choices = _widget(shape, known)
    inner: tuple[Box, ...] = ()
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        widget = "group"
        inner = tuple(_box(one, field, dotted) for one, field in shape.model_fields.items())
    default = known.default
    return Box(
        name=dotted,
        label=gettext(known.title or name),
        hint=gettext(known.description) if known.description else "",
        widget=widget,
        required=default is PydanticUndefined,
        choices=choices,
        example=str(known.examples[0]) if known.examples else "",
        inner=inner,
    )


def _plain(annotation: Any) -> Any:
    """Without `| None`."""
    if get_origin(annotation) is Union or type(annotation).__name__ == "UnionType":
        kept = [one for one in get_args(annotation) if one is not NoneType]
        return kept[0] if kept else annotation
    return annotation


def _extra(known: FieldInfo) -> Mapping[str, Any]:
    merged: dict[str, Any] = {}
    for source in (*known.metadata, known):
        extra = getattr(source, "json_schema_extra", None)
        if isinstance(extra, Mapping):
            merged |= extra
    return merged


def _widget(shape: Any, known: FieldInfo) -> tuple[str, tuple[tuple[str, str], ...]]:
    extra = _extra(known)
    wanted = str(extra.get("widget", ""))
    if wanted.startswith("code:"):
        rows = tuple((one.code, one.name) for one in codes.choices(wanted[5:]))
        return ("search" if len(rows) > MANY else "select"), rows
    if get_origin(shape) is Literal:
        labels = extra.get("labels", {})
        rows = tuple((str(one), gettext(str(labels.get(str(one), one)))) for one in get_args(shape))
        return ("radio" if len(rows) <= FEW else "select"), rows
    if shape is bool:
        return "yesno", (("true", gettext("是")), ("false", gettext("否")))
    if shape is SecretStr:
        return "secret", ()
    if wanted:
        return wanted, ()
    return ("whole" if shape is int else "text"), ()


async def _typed(request: Request) -> dict[str, str]:
    return {name: text for name, text in (await request.form()).items() if isinstance(text, str)}


Typed = Annotated[dict[str, str], Depends(_typed)]
"""Everything a posted form says in words."""
