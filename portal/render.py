"""Pages: one template serves the whole page, and any of its blocks to htmx.

A block that htmx replaces has the same name as the element's id. So a handler never asks who is calling:
`page(...)` answers a browser without JavaScript with everything and htmx with the block it targets.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backend.kernel.actor import ANYONE, Kind
from backend.kernel.clock import CHINA
from backend.kernel.money import Money
from portal import language
from portal.language import gettext, ngettext

HERE = Path(__file__).parent


def yuan(fen: int) -> str:
    """
    >>> yuan(123456789)
    '1,234,567.89'
    """
    return str(Money(fen))


def month(text: str) -> str:
    """2026-11 as people read it."""
    year, number = text.split("-")
    if language.current.get() == language.EN:
        return f"{date(int(year), int(number), 1):%B %Y}"
    return f"{year}年{int(number)}月"


def day(value: date | datetime | None) -> str:
    if value is None:
        return ""
    shown = value.astimezone(CHINA).date() if isinstance(value, datetime) else value
    if language.current.get() == language.EN:
        return f"{shown.day} {shown:%B %Y}"
    return f"{shown.year}年{shown.month}月{shown.day}日"


def moment(value: datetime) -> str:
    shown = value.astimezone(CHINA)
    return f"{day(shown)} {shown:%H:%M}"


def months(n: int) -> str:
    """Months as years and months."""
    if language.current.get() == language.EN:
        return f"{n // 12} years {n % 12} months"
    return f"{n // 12} 年 {n % 12} 个月"


env = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.i18n"],
)
env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
env.filters |= {"yuan": yuan, "month": month, "day": day, "moment": moment, "months": months, "t": gettext}
env.globals["ui"] = env.get_template("components.html").module
env.globals["Kind"] = Kind


def page(request: Request, template_name: str, /, status: int = 200, **context: Any) -> HTMLResponse:
    """The whole page, or the one block that htmx asks for."""
    template = env.get_template(template_name)
    context |= {
        "request": request,
        "lang": language.current.get(),
        "large": language.large.get(),
        "actor": getattr(request.state, "actor", ANYONE),
        "here": request.url.path,
    }
    target = request.headers.get("HX-Target", "").partition("#")[2]
    if target in template.blocks:
        html = "".join(template.blocks[target](template.new_context(context)))
    else:
        html = template.render(context)
    return HTMLResponse(html, status, headers={"Vary": "HX-Request, HX-Target, Accept-Language, Cookie"})
