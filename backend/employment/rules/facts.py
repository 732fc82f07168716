"""What the check of an advert reads and what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Severity = Literal["block", "review"]
PAY_UNITS = {"month": "元/月", "day": "元/天", "hour": "元/小时"}
SCHOOLING = {"10": 6, "20": 5, "30": 4, "40": 3, "60": 3, "70": 2, "80": 1, "90": 0}  # 文化程度, as it grows
NO_SCHOOLING = "90"  # nothing asked for
TYPES = {"full": "全职", "part": "非全日制", "temporary": "临时", "intern": "实习"}


@dataclass(frozen=True)
class Advert:
    """An advert as it would be published. Pay is as the employer writes it, by the month, day or hour."""

    title: str
    work: str
    conditions: str = ""
    benefits: str = ""
    occupation: str = ""
    type: str = "full"
    pay_unit: str = "month"
    pay_min_fen: int = 0
    pay_max_fen: int = 0
    valid_until: date = date.max
    forwarded: bool = False
    source: str = ""
    employer: str = ""
    licence: str | None = None
    verified_on: date | None = None


@dataclass(frozen=True)
class Finding:
    """One thing that stands against publishing: which clause, where, in which words, and what to do."""

    rule: str
    severity: Severity
    field: str
    excerpt: str
    law: str
    clause: str
    advice: str
