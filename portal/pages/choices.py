"""Choices: the lines of a long code table that typed text may mean, offered while somebody types."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from portal.render import page
from portal.typed import suggest

router = APIRouter()


@router.get("/choices/{table}")
def choices(
    request: Request, table: str, field: Annotated[str, Query(max_length=60, title="栏目")] = ""
) -> Response:
    """What to offer under the field that asks; its own text comes under its own name."""
    text = request.query_params.get(field, "")[:60]
    return page(request, "choices.html", lines=suggest(table, text))
