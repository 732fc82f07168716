"""A vacancy as one piece of text, as engines keep it and give it back."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date
from typing import Any

from search.port import Document

FIELDS = tuple(each.name for each in fields(Document))


def pack(document: Document) -> str:
    known = {name: getattr(document, name) for name in FIELDS}
    return json.dumps(known | {"published": document.published.isoformat()}, ensure_ascii=False)


def unpack(packed: str | bytes) -> Document:
    known: dict[str, Any] = json.loads(packed)
    known["published"] = date.fromisoformat(known["published"])
    known["occupation_names"] = tuple(known["occupation_names"])
    return Document(**known)
