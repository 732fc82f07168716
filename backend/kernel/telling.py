"""Telling: whatever happened as the sentence its reader reads, in the reader's language; the one place.

Pages, API, batch, command lines and kiosk all come here. A sentence is translated by its template and filled
afterwards; a fact that is itself a word or a sentence of ours is translated too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from backend.kernel.errors import Refusal, Sentence, Told
from backend.kernel.language import EN, translate
from backend.kernel.sentences import Invalid

Translate = Callable[[str, str], str]


class Done(Told):
    """已办理"""


class CouldBeDone(Told):
    """可以办理"""


class Waits(Told):
    """已受理，办件 {case_no} 待复核"""


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
    facts = {} if isinstance(refusal, Invalid) else _facts(refusal.facts, language, translate)
    return Refused(
        code=refusal.code,
        message=said(refusal, language),
        facts={name: str(value) for name, value in facts.items()},
        fields=fields,
    )


def said(happened: Sentence, language: str, translate: Translate = translate) -> str:
    """The whole sentence; a program with words of its own brings its own `translate`."""
    facts = _facts(happened.facts, language, translate)
    if isinstance(happened, Invalid):
        facts = {"wrong": ("; " if language == EN else "；").join(said_fields(happened, language).values())}
    return translate(happened.template, language).format(**facts)


def said_fields(refusal: Invalid, language: str) -> dict[str, str]:
    """Field → sentence."""
    return {
        name: translate(template, language).format(**_facts(facts, language, translate))
        for name, (template, facts) in refusal.problems.items()
    }


def _facts(facts: Mapping[str, Any], language: str, translate: Translate) -> dict[str, Any]:
    return {
        name: translate(value, language) if isinstance(value, str) else value for name, value in facts.items()
    }
