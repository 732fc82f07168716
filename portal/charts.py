"""Pictures: drawn on the server as SVG, each a resource of its own so that the page's policy stays strict.

A picture is named by what is in it; the same data gives the same address, and the address gives the picture.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import vl_convert
from fastapi import APIRouter
from fastapi.responses import Response

from backend.kernel.errors import NotFound

router = APIRouter()
INK, BLUE, GREY = "#1f2328", "#0b5cab", "#c9c4bb"
FONT = "Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"
LONGEST = 6000
WIDTH, HEIGHT = 640, 260


def address(kind: str, labels: Sequence[str], values: Sequence[float], unit: str) -> str:
    """The picture's address: its data, packed."""
    text = json.dumps([kind, list(labels), list(values), unit], ensure_ascii=False, separators=(",", ":"))
    packed = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")
    return f"/charts/{packed}.svg"


@router.get("/charts/{packed}.svg")
def picture(packed: str) -> Response:
    try:
        if len(packed) > LONGEST:
            raise ValueError
        raw = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        kind, labels, values, unit = json.loads(zlib.decompressobj().decompress(raw, 100_000))
        svg = draw(str(kind), tuple(map(str, labels)), tuple(map(float, values)), str(unit))
    except (ValueError, TypeError, zlib.error, KeyError):
        raise NotFound(what="这张图") from None
    tag = hashlib.sha256(packed.encode()).hexdigest()[:16]
    return Response(
        svg,
        media_type="image/svg+xml",
        headers={
            "Cache-Control": "public, max-age=86400",
            "ETag": f'"{tag}"',
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        },
    )


@lru_cache(maxsize=500)
def draw(kind: str, labels: tuple[str, ...], values: tuple[float, ...], unit: str) -> str:
    """bars: one a label; steps: a stair of years. The zero line shows, the last value is written beside it."""
    if not labels or len(labels) != len(values) or len(labels) > 200:
        raise ValueError
    shape = {"bars": _bars, "steps": _steps, "rows": _rows}[kind]
    data = alt.Data(
        values=[
            {"label": label, "value": value, "at": at}
            for at, (label, value) in enumerate(zip(labels, values, strict=True))
        ]
    )
    chart = shape(data, labels, values, unit).configure(
        font=FONT, background="white", view=alt.ViewConfig(stroke=None)
    )
    return str(vl_convert.vegalite_to_svg(chart.to_json()))


def _axes(labels: Sequence[str], unit: str) -> dict[str, Any]:
    every = max(1, len(labels) // 8)
    last = len(labels) - 1
    shown = [
        label for at, label in enumerate(labels) if at == last or (at % every == 0 and last - at >= every)
    ]
    return {
        "x": alt.X(
            "label:O",
            sort=list(labels),
            axis=alt.Axis(
                title=None, values=shown, labelAngle=0, labelColor=INK, labelFontSize=13, tickColor=GREY
            ),
        ),
        "y": alt.Y(
            "value:Q",
            scale=alt.Scale(zero=True),
            axis=alt.Axis(
                title=unit,
                titleAngle=0,
                titleAlign="left",
                titleY=-10,
                titleX=0,
                labelColor=INK,
                labelFontSize=13,
                grid=True,
                gridColor="#eeebe5",
                domain=False,
                tickCount=4,
                format=",.0f",
            ),
        ),
    }


def _last(data: alt.Data, labels: Sequence[str], values: Sequence[float]) -> Any:
    return (
        alt.Chart(data)
        .transform_filter(f"datum.at == {len(labels) - 1}")
        .mark_text(dy=-18, align="right", fontSize=15, fontWeight="bold", color=BLUE)
        .encode(
            x=alt.X("label:O", sort=list(labels)),
            y="value:Q",
            text=alt.value(f"{values[-1]:,.2f}" if values[-1] % 1 else f"{values[-1]:,.0f}"),
        )
    )


def _bars(data: alt.Data, labels: Sequence[str], values: Sequence[float], unit: str) -> Any:
    bars = alt.Chart(data).mark_bar(color=BLUE).encode(**_axes(labels, unit))
    return (bars + _last(data, labels, values)).properties(width=WIDTH, height=HEIGHT)


def _steps(data: alt.Data, labels: Sequence[str], values: Sequence[float], unit: str) -> Any:
    area = (
        alt.Chart(data)
        .mark_area(interpolate="step-after", color="#dce9f5", line={"color": BLUE, "strokeWidth": 2.5})
        .encode(**_axes(labels, unit))
    )
    return (area + _last(data, labels, values)).properties(width=WIDTH, height=HEIGHT)


def _rows(data: alt.Data, labels: Sequence[str], values: Sequence[float], unit: str) -> Any:
    base = alt.Chart(data).encode(
        y=alt.Y(
            "label:O",
            sort=list(labels),
            axis=alt.Axis(
                title=None, labelFontSize=14, labelColor=INK, labelLimit=220, domain=False, ticks=False
            ),
        ),
        x=alt.X("value:Q", scale=alt.Scale(zero=True), axis=None),
    )
    text = base.mark_text(align="left", dx=5, fontSize=14, color=INK).encode(
        text=alt.Text("value:Q", format=",.0f")
    )
    return (base.mark_bar(color=BLUE, height=16) + text).properties(
        width=WIDTH - 180, height=max(60, 30 * len(labels))
    )
