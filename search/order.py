"""In what order vacancies come: numbers to sort by, the same in every engine and never equal by accident."""

from __future__ import annotations

import math
from zlib import crc32

from search.port import Document

FEN = 100
DAY_BITS, PAY_BITS = 20, 20
"""Days since the year 1, and whole yuan a month; with the rest below 53 bits, exact in JSON too."""
REST_BITS = 12


def _rest(document: Document, bits: int) -> int:
    return crc32(document.id.encode()) >> (32 - bits)


def newest_key(document: Document) -> int:
    """Newest first; of one day, those with fewer applicants for each opening first."""
    ease = round(ease_of(document) * ((1 << REST_BITS) - 1))
    return (document.published.toordinal() << REST_BITS | ease) << DAY_BITS | _rest(document, DAY_BITS)


def salary_key(document: Document) -> int:
    """By the least that is offered, then by the most; what is not stated comes last."""
    least, most = document.salary_min_fen or 0, document.salary_max_fen or document.salary_min_fen or 0
    cap = (1 << PAY_BITS) - 1
    rest = _rest(document, REST_BITS)
    return (min(least // FEN, cap) << PAY_BITS | min(most // FEN, cap)) << REST_BITS | rest


def ease_of(document: Document) -> float:
    """1 for a vacancy nobody applied to, less with every applicant for each opening."""
    crowd = document.applicants / max(document.openings, 1)
    return 1 / (1 + 0.1 * math.log2(1 + max(crowd, 0)))
