"""Hostile: what a form or a program may send instead of what was asked for; nobody means well here."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from backend.kernel import codes
from portal.forms import Box, Form
from tests.fuzz.world import LOGINS

TEXTS = (
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff张",
    "\u202e01\u2066",
    "\ufeff",
    "\r\nSet-Cookie: a=b",
    "长" * 100_000,
    "9" * 5_000,
    "-1",
    "0",
    "1e999",
    "NaN",
    "-Infinity",
    str(10**40),
    str(2**63),
    str(2**31),
    "0.001",
    "99999999.99",
    "１２３４５６７８９０",
    "٣",
    "²",
    "五",
    "true",
    "null",
    "'; drop table registry.person; --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}{% raw %}",
    "{Title}{0}{}",
    "%s%n%(x)s",
    "../../etc/passwd",
    "2026-02-30",
    "0000-01-01",
    "9999-12-31",
    "0001-01",
    "9999-12",
    "2026-13",
    "11010519491231002X",
    "310101195003070029",
    "𬭎䶮",
    " ",
    "　",
)
UNKEEPABLE = ("示\x00例", "示\ud800例", "示\udfff")  # no database takes them
VALUES = (
    None,
    True,
    False,
    -1,
    0,
    10**40,
    2**63,
    2**31,
    1.5,
    float("1e300"),
    [],
    {},
    [[]],
    {"a": {"b": None}},
)
GOOD = {
    "ident": LOGINS["citizen"],
    "uscc": LOGINS["employer"],
    "month": "2026-11",
    "kiosk": "000000ff",
    "batch": "1",
    "no": "1",
    "order": "000000ff00010001",
    "phone": "13800000000",
}
BY_WIDGET = {
    "amount": "100",
    "fen": "100",
    "whole": "1",
    "number": "1",
    "month": "2026-11",
    "day": "2026-11-20",
    "month-or-day": "1967-05-12",
    "yesno": "true",
    "textarea": "负责收货、发货和每月盘点",
    "text": "示例",
}


def good(box: Box) -> str:
    """Something that the field would take."""
    if box.name in GOOD:
        return GOOD[box.name]
    if box.choices:
        return box.choices[0][0]
    if box.table:
        return next(one.code for one in codes.choices(box.table))
    return box.example or BY_WIDGET.get(box.widget, "示例")


def filled(shape: type[BaseModel]) -> dict[str, str]:
    """The whole form, well filled in."""
    boxes = {inner.name: inner for one in Form(shape).boxes for inner in (one.inner or (one,))}
    return {name: good(box) for name, box in boxes.items()}


@st.composite
def forms(draw: st.DrawFn, shape: type[BaseModel], **fixed: str) -> dict[str, str]:
    """A form as a browser sends it: well filled in but for a field or two, which are missing or hostile."""
    typed = filled(shape) | fixed
    if not typed:
        return typed
    for name in draw(st.lists(st.sampled_from(sorted(typed)), min_size=1, max_size=3)):
        typed[name] = draw(st.sampled_from(TEXTS) | st.text(max_size=60) | st.just(""))
    return typed


@st.composite
def bodies(draw: st.DrawFn, shape: type[BaseModel], **fixed: str) -> dict[str, Any]:
    """The same as a program sends it: any JSON in place of a value."""
    body: dict[str, Any] = draw(forms(shape, **fixed))
    if body:
        body[draw(st.sampled_from(sorted(body)))] = draw(st.sampled_from(VALUES + TEXTS))
    return {name: value for name, value in body.items() if value != ""}
