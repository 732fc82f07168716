"""Pictures: one idea each, drawn on the server as SVG that stands in the page itself.

In the page, not behind an address of its own: what a person's account holds never shows in an address or a log.
The SVG carries no style attributes, so the page's policy stays strict; a title and a sentence are for who listens.
"""

from __future__ import annotations

import hashlib
import importlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

INK, BLUE, WASH, GREY, GRID = "#1f2328", "#0b5cab", "#dce9f5", "#8a857b", "#e7e3db"
FONT = "Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"
WIDTH, HEIGHT, ROW = 330, 190, 26  # small, so that the words stay readable when a phone draws it 350 px wide
SIZE, BOLD = 13, 15
MOST = 200  # values in one picture
TICKS = 5


class _WhenNeeded:
    """A module that is read when it is first used: a portal that starts need not wait for the drawing.

    The import itself makes other threads wait until the module is whole.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._name), name)


if TYPE_CHECKING:
    import altair as alt
    import vl_convert

    Shape = Callable[[alt.InlineData, Sequence[str], Sequence[float], str], alt.TopLevelMixin]
else:
    alt, vl_convert = _WhenNeeded("altair"), _WhenNeeded("vl_convert")


@dataclass(frozen=True)
class Picture:
    """Stands in a template as it is: `{{ picture }}`."""

    title: str
    svg: str

    def __html__(self) -> str:
        return self.svg


def steps(title: str, labels: Sequence[str], values: Sequence[float], unit: str) -> Picture:
    """A stair: what has grown year by year. The last value is written beside it."""
    return _picture(_steps, title, labels, values, unit)


def bars(title: str, labels: Sequence[str], values: Sequence[float], unit: str) -> Picture:
    """A column for each period."""
    return _picture(_bars, title, labels, values, unit)


def filled(
    title: str, labels: Sequence[str], wholes: Sequence[float], parts: Sequence[float], unit: str
) -> Picture:
    """A column for each period, filled as far as a part of its whole goes (dues, and what of them is paid)."""
    if len(wholes) != len(labels):
        raise ValueError("every part needs its whole")
    return _picture(_filled, title, labels, parts, unit, wholes)


def line(title: str, labels: Sequence[str], values: Sequence[float], unit: str) -> Picture:
    """A measure as time goes by."""
    return _picture(_line, title, labels, values, unit)


def rows(title: str, labels: Sequence[str], values: Sequence[float], unit: str) -> Picture:
    """A bar for each name, with its number at the end."""
    return _picture(_rows, title, labels, values, unit)


def moments(
    title: str,
    names: Sequence[str],
    days: Sequence[date],
    told: Sequence[str],
    span: tuple[date, date] | None,
) -> Picture:
    """Days on a line of years, a row each with its name and its date; `span` is a time in which one may choose."""
    if not names or not len(names) == len(days) == len(told) or len(names) > MOST:
        raise ValueError(f"a picture needs 1 to {MOST} values, each with its name")
    return _drawn_moments(title, tuple(names), tuple(days), tuple(told), span)


def two(
    title: str,
    labels: Sequence[str],
    series: tuple[tuple[str, Sequence[float]], tuple[str, Sequence[float]]],
    unit: str,
) -> Picture:
    """Two measures as time goes by, each with its name at its end."""
    if not labels or any(len(values) != len(labels) for _, values in series) or len(labels) > MOST:
        raise ValueError(f"a picture needs 1 to {MOST} values, each with its name")
    (first, one), (second, other) = series
    return _drawn_two(title, tuple(labels), (first, tuple(one)), (second, tuple(other)), unit)


def _picture(
    shape: Shape,
    title: str,
    labels: Sequence[str],
    values: Sequence[float],
    unit: str,
    wholes: Sequence[float] = (),
) -> Picture:
    if not labels or len(labels) != len(values) or len(labels) > MOST:
        raise ValueError(f"a picture needs 1 to {MOST} values, each with its name")
    return _drawn(shape, title, tuple(labels), tuple(values), unit, tuple(wholes))


@lru_cache(maxsize=500)
def _drawn(
    shape: Shape,
    title: str,
    labels: tuple[str, ...],
    values: tuple[float, ...],
    unit: str,
    wholes: tuple[float, ...] = (),
) -> Picture:
    data = alt.InlineData(
        values=[
            {"label": label, "value": value, "whole": whole, "at": at, "said": _figure(whole)}
            for at, (label, value, whole) in enumerate(zip(labels, values, wholes or values, strict=True))
        ]
    )
    chart = shape(data, labels, values, unit)
    svg = _svg(chart)
    key = hashlib.sha256(repr((shape.__name__, title, labels, values, wholes)).encode()).hexdigest()[:8]
    return Picture(title, _for_listeners(svg, key, title, _sentence(labels, values, unit, wholes)))


def _svg(chart: alt.TopLevelMixin) -> str:
    config = {"font": FONT, "background": None, "view": {"stroke": None}, "padding": 4}
    made: str = vl_convert.vegalite_to_svg({**chart.to_dict(), "config": config})
    return made


Named = tuple[str, tuple[float, ...]]


@lru_cache(maxsize=500)
def _drawn_two(title: str, labels: tuple[str, ...], first: Named, second: Named, unit: str) -> Picture:
    upper = first if first[1][-1] >= second[1][-1] else second
    layers = [
        _named_line(labels, *one, ink, -14 if one is upper else 18, unit)
        for one, ink in ((first, BLUE), (second, INK))
    ]
    chart = _sized(layers[0] + layers[1])
    svg = _svg(chart)
    key = hashlib.sha256(repr((title, labels, first, second)).encode()).hexdigest()[:8]
    told = "; ".join(f"{name}: {_sentence(labels, values, unit)}" for name, values in (first, second))
    return Picture(title, _for_listeners(svg, key, title, told))


def _named_line(
    labels: Sequence[str], name: str, values: Sequence[float], ink: str, above: int, unit: str
) -> Any:
    """A line with its points, and at its end its name and last value on a white edge."""
    rows = [{"label": label, "value": value} for label, value in zip(labels, values, strict=True)]
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=_across(labels), y=_up(unit))
    drawn = base.mark_line(color=ink, strokeWidth=2.5, point={"color": ink, "size": 30})
    end = alt.Chart(alt.InlineData(values=[rows[-1] | {"said": f"{name} {_figure(values[-1])}"}])).encode(
        x=_across(labels), y="value:Q", text="said:N"
    )
    return drawn + _on_white(end, ink, above)


@lru_cache(maxsize=500)
def _drawn_moments(
    title: str,
    names: tuple[str, ...],
    days: tuple[date, ...],
    told: tuple[str, ...],
    span: tuple[date, date] | None,
) -> Picture:
    at = [_years(day) for day in days]
    low, high = min(at), max(at)
    room = max((high - low) * 0.08, 0.25)
    across = alt.X("at:Q", scale=alt.Scale(domain=[low - room, high + room], nice=False), axis=_year_axis())
    down = alt.Y("name:O", sort=list(names), axis=_name_axis())
    marks = [
        {"name": name, "at": year, "said": said, "right": year > (low + high) / 2}
        for name, year, said in zip(names, at, told, strict=True)
    ]
    base = alt.Chart(alt.InlineData(values=marks)).encode(x=across, y=down)
    layers = base.mark_circle(color=BLUE, size=110, opacity=1)
    words: dict[str, Any] = {"fontSize": SIZE, "fontWeight": "bold", "color": INK}
    told_at = base.encode(text="said:N")
    layers += told_at.transform_filter("!datum.right").mark_text(align="left", dx=11, **words)
    layers += told_at.transform_filter("datum.right").mark_text(align="right", dx=-11, **words)
    if span:
        band = alt.Chart(alt.InlineData(values=[{"at": _years(span[0]), "end": _years(span[1])}]))
        layers = band.mark_rect(color=WASH).encode(x=across, x2="end:Q") + layers
    svg = _svg(layers.properties(width=WIDTH - 70, height=34 * len(names)))
    key = hashlib.sha256(repr((title, names, days, told, span)).encode()).hexdigest()[:8]
    said = "; ".join(f"{name} {day}" for name, day in zip(names, told, strict=True))
    return Picture(title, _for_listeners(svg, key, title, said))


def _years(day: date) -> float:
    """A day as years and their part: 1 July 2027 is about 2027.5."""
    first = date(day.year, 1, 1)
    return day.year + (day - first).days / (date(day.year + 1, 1, 1) - first).days


def _year_axis() -> alt.Axis:
    return alt.Axis(
        title=None,
        format="d",
        tickCount=TICKS,
        tickMinStep=1,
        labelColor=INK,
        labelFontSize=SIZE,
        grid=True,
        gridColor=GRID,
        domainColor=GREY,
        tickColor=GREY,
    )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def _sentence(labels: Sequence[str], values: Sequence[float], unit: str, wholes: Sequence[float] = ()) -> str:
    """The picture in words: every value where they are few, else the first, the highest and the last."""
    told = list(zip(labels, values, strict=True))
    if wholes:
        return "; ".join(
            f"{label} {_figure(value)} / {_figure(whole)} {unit}".strip()
            for (label, value), whole in zip(told, wholes, strict=True)
        )
    if len(told) > 12:
        highest = max(told, key=lambda one: one[1])
        told = list(dict.fromkeys([told[0], highest, told[-1]]))
    return "; ".join(f"{label} {_figure(value)} {unit}".strip() for label, value in told)


def _for_listeners(svg: str, key: str, title: str, sentence: str) -> str:
    """The bare drawing as one image with a name; its parts are not read out one by one."""
    found = re.search(r'viewBox="([^"]+)"', svg)
    assert found, "vega always writes a viewBox"  # noqa: S101 - a promise of the drawing library
    inside = svg[svg.index(">", svg.index("<svg")) + 1 :]
    inside = re.sub(r' (?:role|aria-\w+|class|style)="[^"]*"', "", inside)
    inside = re.sub(r'(id="|url\(#|href="#)', rf"\1p{key}-", inside)
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="{}" role="img" aria-labelledby="t{} d{}">'
        '<title id="t{}">{}</title><desc id="d{}">{}</desc>'
    ).format(found[1], key, key, key, title, key, escape(sentence))
    return str(head) + inside


def _across(labels: Sequence[str]) -> alt.X:
    """The time axis: a handful of labels, the last one always among them."""
    every = -(-len(labels) // TICKS)
    last = len(labels) - 1
    shown = [label for at, label in enumerate(labels) if (last - at) % every == 0]
    axis = alt.Axis(
        title=None,
        values=shown,
        labelAngle=0,
        labelColor=INK,
        labelFontSize=SIZE,
        domainColor=GREY,
        tickColor=GREY,
        labelFlush=False,
    )
    return alt.X("label:O", sort=list(labels), axis=axis)


def _up(unit: str, of: str = "value") -> alt.Y:
    axis = alt.Axis(
        title=unit or None,
        titleAngle=0,
        titleAlign="left",
        titleY=-16,
        titleX=-34,
        titleColor=INK,
        titleFontSize=SIZE,
        titleFontWeight="normal",
        labelColor=INK,
        labelFontSize=SIZE,
        grid=True,
        gridColor=GRID,
        domain=False,
        ticks=False,
        tickCount=4,
        format=",.2~f",
    )
    return alt.Y(f"{of}:Q", scale=alt.Scale(zero=True, nice=True), axis=axis)


def _last(data: alt.InlineData, labels: Sequence[str]) -> Any:
    """The last value."""
    base = (
        alt.Chart(data)
        .transform_filter(f"datum.at == {len(labels) - 1}")
        .encode(x=_across(labels), y="value:Q", text="said:N")
    )
    return _on_white(base, BLUE, -12)


def _on_white(base: Any, ink: str, above: int) -> Any:
    """Words beside a line, on a white edge so that no line runs through them."""
    edge = base.mark_text(
        dy=above, dx=12, align="right", fontSize=BOLD, fontWeight="bold", stroke="white", strokeWidth=4
    )
    return edge + base.mark_text(dy=above, dx=12, align="right", fontSize=BOLD, fontWeight="bold", color=ink)


def _sized(layers: Any) -> alt.TopLevelMixin:
    sized: alt.TopLevelMixin = layers.properties(width=WIDTH, height=HEIGHT)
    return sized


def _bars(
    data: alt.InlineData, labels: Sequence[str], values: Sequence[float], unit: str
) -> alt.TopLevelMixin:
    columns = alt.Chart(data).mark_bar(color=BLUE).encode(x=_across(labels), y=_up(unit))
    return _sized(columns + _last(data, labels))


def _filled(
    data: alt.InlineData, labels: Sequence[str], values: Sequence[float], unit: str
) -> alt.TopLevelMixin:
    base = alt.Chart(data).encode(x=_across(labels))
    wholes = base.mark_bar(color=WASH, stroke=BLUE, strokeWidth=1).encode(y=_up(unit, "whole"))
    return _sized(wholes + base.mark_bar(color=BLUE).encode(y="value:Q"))


def _steps(
    data: alt.InlineData, labels: Sequence[str], values: Sequence[float], unit: str
) -> alt.TopLevelMixin:
    outline = {"color": BLUE, "strokeWidth": 2.5}
    area = alt.Chart(data).mark_area(interpolate="step", color=WASH, line=outline)
    return _sized(area.encode(x=_across(labels), y=_up(unit)) + _last(data, labels))


def _line(
    data: alt.InlineData, labels: Sequence[str], values: Sequence[float], unit: str
) -> alt.TopLevelMixin:
    drawn = alt.Chart(data).mark_line(color=BLUE, strokeWidth=2.5, point={"color": BLUE, "size": 30})
    return _sized(drawn.encode(x=_across(labels), y=_up(unit)) + _last(data, labels))


def _rows(
    data: alt.InlineData, labels: Sequence[str], values: Sequence[float], unit: str
) -> alt.TopLevelMixin:
    longest = max(values) or 1
    base = alt.Chart(data).encode(
        y=alt.Y("label:O", sort=list(labels), axis=_name_axis()),
        x=alt.X("value:Q", scale=alt.Scale(domain=[0, longest * 1.15]), axis=None),
    )
    numbers = base.mark_text(align="left", dx=6, fontSize=SIZE, color=INK).encode(text="said:N")
    layers = base.mark_bar(color=BLUE, height=14) + numbers
    sized: alt.TopLevelMixin = layers.properties(width=WIDTH - 70, height=ROW * len(labels))
    return sized


def _name_axis() -> alt.Axis:
    """Names down the side, each on its own row."""
    return alt.Axis(
        title=None,
        labelFontSize=SIZE,
        labelColor=INK,
        labelLimit=150,
        labelPadding=8,
        domainColor=GREY,
        ticks=False,
    )
