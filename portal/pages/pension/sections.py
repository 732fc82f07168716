"""Parts of “my pension”, one below the other: a question and the template that shows its answer.

A part whose question finds nothing (404) is left out. To add one: a template under account/pension/ that shows
`found`, and a line here. To add a paper: its title and address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Section:
    """One part: what is asked about the signed-in person, and where its answer is shown."""

    code: str
    template: str
    shows: str = ""  # what of the answer there must be something of


SECTIONS = (
    Section("PEN-Q40", "adjusted", "years"),
    Section("PEN-Q3", "award"),
    Section("PEN-Q6", "replaced", "replacements"),
    Section("PEN-Q20", "life"),
    Section("PEN-Q22", "allowance"),
    Section("PEN-Q61", "transfers", "transfers"),
    Section("RES-Q1", "resident"),
)
PAPERS = {
    "notice": "PEN-09",
    "certificate": "PEN-33",
}  # issued when they are asked for; of who draws a pension
OF_EMPLOYED = (  # 文件 of the employees' scheme: title, address
    ("个人账户对账单", "/account/statement"),
    ("参保缴费证明", "/account/levy/certificates"),
)
OF_DRAWING = (("待遇发放记录（PDF）", "/account/payments/pdf"),)


def documents(*, employed: bool, drawing: bool) -> Sequence[tuple[str, str]]:
    """What there is to print or take along; an address that would say “no account” is not among it."""
    return (*(OF_EMPLOYED if employed else ()), *(OF_DRAWING if drawing else ()))


def found(answers: Sequence[Any]) -> list[tuple[str, Any]]:
    """(template, answer) of every part that has something to show."""
    told = zip(SECTIONS, answers, strict=True)
    return [
        (f"account/pension/{one.template}.html", answer)
        for one, answer in told
        if answer is not None and (not one.shows or getattr(answer, one.shows))
    ]
