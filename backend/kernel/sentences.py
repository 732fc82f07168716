"""Sentences: what is wrong with what was typed, field by field, in words a person can act on.

`read` is the only way from raw input (form, JSON, CSV line, command line) to a command.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from backend.kernel.errors import Refusal, Wrong

MARKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
M = TypeVar("M", bound=BaseModel)
DEEPEST = 10  # no command of ours is nested deeper
MOST = 20  # findings told at once; who sends more than that wrong is no person
LONGEST = 40  # characters of a name that we do not know


class Invalid(Refusal):
    """请更正以下内容：{wrong}"""

    status = 422

    def __init__(self, fields: Mapping[str, tuple[str, Mapping[str, Any]]]) -> None:
        self.problems = dict(fields)
        super().__init__(wrong="；".join(self.fields.values()))

    @property
    def fields(self) -> dict[str, str]:
        """Field (dotted) → sentence."""
        return {name: template.format(**facts) for name, (template, facts) in self.problems.items()}


# pydantic's error type → our sentence; {title} is the field's, the rest is pydantic's own context
TEMPLATES = {
    "missing": "请填写“{title}”",
    "string_too_short": "“{title}”至少要有 {min_length} 个字",
    "string_too_long": "“{title}”最多 {max_length} 个字",
    "string_pattern_mismatch": "“{title}”的格式不对{example}",
    "string_type": "“{title}”应该是文字",
    "string_unicode": "“{title}”里有不能识别的字符",
    "int_type": "“{title}”应该是整数",
    "int_parsing": "“{title}”应该是整数",
    "int_parsing_size": "“{title}”的数太大了",
    "int_from_float": "“{title}”应该是整数",
    "decimal_type": "“{title}”应该是数字",
    "decimal_parsing": "“{title}”应该是数字",
    "decimal_max_places": "“{title}”最多保留 {decimal_places} 位小数",
    "decimal_max_digits": "“{title}”的数太大了",
    "decimal_whole_digits": "“{title}”的数太大了",
    "finite_number": "“{title}”应该是数字",
    "greater_than": "“{title}”要大于 {gt}",
    "greater_than_equal": "“{title}”不能小于 {ge}",
    "less_than": "“{title}”要小于 {lt}",
    "less_than_equal": "“{title}”不能大于 {le}",
    "literal_error": "“{title}”只能是 {expected}",
    "enum": "“{title}”只能是 {expected}",
    "bool_type": "“{title}”请选择是或否",
    "bool_parsing": "“{title}”请选择是或否",
    "date_from_datetime_parsing": "“{title}”请写成年-月-日，例如 2026-11-24",
    "date_parsing": "“{title}”请写成年-月-日，例如 2026-11-24",
    "date_type": "“{title}”请写成年-月-日，例如 2026-11-24",
    "extra_forbidden": "不认识的内容“{title}”，请去掉",
    "list_type": "“{title}”应该是一组内容",
    "tuple_type": "“{title}”应该是一组内容",
    "too_long": "“{title}”最多 {max_length} 项",
    "too_short": "“{title}”至少 {min_length} 项",
    "model_type": "“{title}”的结构不对",
    "model_attributes_type": "“{title}”的结构不对",
    "dict_type": "“{title}”的结构不对",
    "json_invalid": "内容读不懂，应该是一条完整的 JSON",
    "value_error": "{said}",
}
OTHERWISE = "“{title}”填写有误，请核对"


def read(shape: type[M], given: Any) -> M:
    """`given` as a `shape`, or Invalid with a sentence for every field that is wrong."""
    try:
        return shape.model_validate(without_marks(given))
    except ValidationError as error:
        raise invalid(shape, error.errors(include_url=False, include_input=False)) from None


def without_marks(given: Any, depth: int = 0) -> Any:
    """What was typed or pasted, without the marks for direction and joining that come along from web pages:
    nobody sees them, so nobody could be asked to take them out.

    >>> without_marks({"title": "唯会品\u202c招长期工\u200b"})
    {'title': '唯会品招长期工'}
    """
    if isinstance(given, str):
        return MARKS.sub("", given)
    if depth > DEEPEST:
        return given
    if isinstance(given, Mapping):
        return {key: without_marks(value, depth + 1) for key, value in given.items()}
    return [without_marks(one, depth + 1) for one in given] if isinstance(given, list) else given


def invalid(shape: type[BaseModel], findings: Iterable[ErrorDetails]) -> Invalid:
    """Turn pydantic's findings into ours; the value itself is never repeated (it may be a citizen number)."""
    problems: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for found in islice(findings, MOST):
        path = [str(part)[:LONGEST] for part in found["loc"] if not str(part).startswith("function-")]
        problems.setdefault(".".join(path), _sentence(shape, path, found))
    return Invalid(problems)


def _sentence(shape: type[BaseModel], path: list[str], found: ErrorDetails) -> tuple[str, dict[str, Any]]:
    field = _field(shape, path)
    title = (field.title if field else None) or (path[-1] if path else "内容")
    facts: dict[str, Any] = {"title": title, "example": "", "said": ""}
    if field and field.examples:
        facts["example"] = f"，例如 {field.examples[0]}"
    context = found.get("ctx", {})
    facts |= {key: str(value) for key, value in context.items()}
    facts["expected"] = facts.get("expected", "").replace(" or ", " 或 ").replace("'", "")
    if found["type"] == "value_error":
        if isinstance(wrong := context.get("error"), Wrong):
            return wrong.template, facts | wrong.facts
        facts["said"] = str(wrong or "")
    return TEMPLATES.get(found["type"], OTHERWISE), facts


def _field(shape: Any, path: list[str]) -> FieldInfo | None:
    """Walk down to the field an error speaks of."""
    field: FieldInfo | None = None
    for part in path:
        if part.isdigit():
            continue
        shape = _model(shape)
        if shape is None or part not in shape.model_fields:
            return field
        field = shape.model_fields[part]
        shape = field.annotation
    return field


def _model(shape: Any) -> type[BaseModel] | None:
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        return shape
    if get_origin(shape) is None:
        return None
    return next((found for arg in get_args(shape) if (found := _model(arg)) is not None), None)
