"""Pages: one template serves the whole page, and any of its blocks to htmx.

A block that htmx replaces has the same name as the element's id. So a handler never asks who is calling:
`page(...)` answers a browser without JavaScript with everything and htmx with the block it targets.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from backend.kernel.actor import ANYONE, Kind
from backend.kernel.clock import CHINA
from backend.kernel.language import EN, ZH, day_in, month_in
from backend.kernel.money import Money
from backend.kernel.period import Month
from portal import language
from portal.language import gettext, ngettext, said
from portal.states import sign_of

HERE = Path(__file__).parent
CHINESE = re.compile(r"[\u3400-\u9fff]")
VARY = "HX-Request, HX-Target, Accept-Language, Cookie"


def yuan(fen: int) -> str:
    """
    >>> yuan(123456789)
    '1,234,567.89'
    """
    return str(Money(fen))


def wan(n: int) -> str:
    """A large number as it is spoken, in ten thousands; in English in full.

    >>> wan(9876), wan(12_3456), wan(12_0000)
    ('9,876', '12.3 万', '12 万')
    """
    if n < 10_000 or _english():
        return f"{n:,}"
    tenths = (n + 500) // 1000
    return f"{tenths // 10:,}" + (f".{tenths % 10}" if tenths % 10 else "") + " 万"


def month(text: str) -> str:
    """2026-11 as people read it.

    >>> month("2026-05")
    '2026年5月'
    """
    return month_in(Month.parse(text), language.current.get())


def day(value: date | datetime | None) -> str:
    """
    >>> day(date(2026, 5, 1)), day(None)
    ('2026年5月1日', '')
    """
    if value is None:
        return ""
    shown = value.astimezone(CHINA).date() if isinstance(value, datetime) else value
    return day_in(shown, language.current.get())


def moment(value: datetime) -> str:
    shown = value.astimezone(CHINA)
    return f"{day(shown)} {shown:%H:%M}"


def months(n: int) -> str:
    """Months as years and months, without a part that is nought.

    >>> months(220), months(24), months(7), months(0)
    ('18 年 4 个月', '2 年', '7 个月', '0 个月')
    """
    parts = [(n // 12, "年", "year"), (n % 12, "个月", "month")]
    kept = [one for one in parts if one[0]] or [parts[1]]
    if _english():
        return " ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, _, word in kept)
    return " ".join(f"{count} {word}" for count, word, _ in kept)


def masked(number: str) -> str:
    """A citizen number that others may see over a shoulder.

    >>> masked("11010519491231002X")
    '110105********002X'
    """
    return f"{number[:6]}{'*' * max(0, len(number) - 10)}{number[-4:]}" if len(number) > 10 else number


def zh(text: str) -> str | Markup:
    """What stays Chinese on an English page says so, for who listens to the page.

    >>> zh("国发〔2005〕38号")
    '国发〔2005〕38号'
    """
    if _english() and CHINESE.search(text):
        return Markup('<span lang="zh-CN">{}</span>').format(text)
    return text


def _english() -> bool:
    return language.current.get() == EN


@cache
def static(name: str) -> str:
    """The address of a file of ours; it changes with the content, so browsers may keep it for good."""
    digest = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:10]}"


env = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    optimized=False,  # a filter on a constant must not be worked out in the language of who came first
)
env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
env.filters |= {
    "yuan": yuan,
    "wan": wan,
    "month": month,
    "day": day,
    "moment": moment,
    "months": months,
    "masked": masked,
    "t": gettext,
    "said": said,
    "zh": zh,
}
env.globals |= {
    "static": static,
    "sign_of": sign_of,
    "Kind": Kind,
    "languages": ((ZH, "中文"), (EN, "English")),  # each in its own words
}
env.globals["ui"] = env.get_template("components.html").module


def page(request: Request, template_name: str, /, status: int = 200, **context: Any) -> HTMLResponse:
    """The whole page, or the one block that htmx asks for.

    What htmx did not expect (a refusal in place of results) takes the whole window, not the place of the block. But
    who is typing keeps what they typed: where help for it cannot be given, nothing comes and nothing changes.
    """
    template = env.get_template(template_name)
    context |= {
        "request": request,
        "lang": language.current.get(),
        "large": language.large.get(),
        "actor": getattr(request.state, "actor", ANYONE),
        "here": request.url.path,
    }
    headers = {"Vary": VARY}
    target = request.headers.get("HX-Target", "").partition("#")[2]
    if target in template.blocks:
        html = "".join(template.blocks[target](template.new_context(context)))
    else:
        html = template.render(context)
        if target and html.startswith("<!DOCTYPE"):
            if _helps(target):
                return HTMLResponse(status_code=204, headers=headers)
            headers |= {"HX-Retarget": "body", "HX-Reswap": "innerHTML"}
    return HTMLResponse(html, status, headers=headers)


def _helps(target: str) -> bool:
    """Whether a block only offers something while somebody fills in a form."""
    return target == "suggested" or target.endswith("-list")
