"""Telling: every refusal as the sentence its reader reads, in the reader's language; the one place.

Pages, API, batch and command line all come here. A refusal is translated by its template and filled
afterwards; a fact that is itself a word or a sentence of ours is translated too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from backend.kernel.errors import Refusal
from backend.kernel.items import Filed, Line
from backend.kernel.language import EN, translate
from backend.kernel.sentences import Invalid

DONE, COULD, WAITS = "已办理", "可以办理", "已受理，办件 {case_no} 待复核"


class Refused(BaseModel):
    """A refusal: what happened and what to do."""

    model_config = ConfigDict(frozen=True)
    code: str
    message: str
    facts: dict[str, str]
    fields: dict[str, str] = {}


def tell(refusal: Refusal, language: str) -> Refused:
    """The refusal as it goes out; `code` stays the same in every language."""
    fields = said_fields(refusal, language) if isinstance(refusal, Invalid) else {}
    facts = {} if isinstance(refusal, Invalid) else _facts(refusal.facts, language)
    return Refused(
        code=refusal.code,
        message=said(refusal, language),
        facts={name: str(value) for name, value in facts.items()},
        fields=fields,
    )


def said(refusal: Refusal, language: str) -> str:
    """The whole sentence."""
    facts = _facts(refusal.facts, language)
    if isinstance(refusal, Invalid):
        facts = {"wrong": ("; " if language == EN else "；").join(said_fields(refusal, language).values())}
    return translate(refusal.template, language).format(**facts)


def said_fields(refusal: Invalid, language: str) -> dict[str, str]:
    """Field → sentence."""
    return {
        name: translate(template, language).format(**_facts(facts, language))
        for name, (template, facts) in refusal.problems.items()
    }


def said_line(line: Line, language: str) -> str:
    """What came of one line of a batch."""
    if line.refusal is not None:
        return said(line.refusal, language)
    if isinstance(line.done, Filed):
        return translate(WAITS, language).format(case_no=line.done.case_no)
    return translate(COULD if line.done is None else DONE, language)


def _facts(facts: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {
        name: translate(value, language) if isinstance(value, str) else value for name, value in facts.items()
    }
