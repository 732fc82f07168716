"""The API, asked everything its own document allows and much that it does not, by each role."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance
from sqlalchemy.orm import sessionmaker

from backend import app as backend_app
from backend.kernel.db import Runner
from tests.fuzz.world import ROLES, World, much

# the document alone: nobody asks this application anything, so that it needs no database
DOCUMENT = schemathesis.openapi.from_dict(backend_app.create(Runner(sessionmaker())).openapi())
OPERATIONS = {found.ok().label: found.ok() for found in DOCUMENT.get_all_operations()}
CHECKS = [status_code_conformance, response_schema_conformance]
OURS = {"base_url": "http://testserver"}
NOT_SENT = ("User-Agent", "Accept-Encoding", "Accept", "Connection", "X-Schemathesis-TestCaseId")


def cases(label: str) -> st.SearchStrategy[Case]:
    """What the document allows, and what it does not; some ask for nothing that could be wrong."""
    asked = OPERATIONS[label]
    right = asked.as_strategy()
    if not asked.body and not list(asked.iter_parameters()):
        return right
    return right | asked.as_strategy(generation_mode=GenerationMode.NEGATIVE)


def sent(case: Case) -> dict[str, Any]:
    """As our client sends it."""
    kept = case.as_transport_kwargs(**OURS)
    kept["headers"] = {name: value for name, value in kept["headers"].items() if name not in NOT_SENT}
    if kept.get("files"):
        kept["files"] = [
            (name, (one[0], one[1] if isinstance(one[1], bytes) else str(one[1])))
            for name, one in kept["files"]
        ]
    if isinstance(kept.get("data"), bytes | str):
        kept["content"] = kept.pop("data")
    for name in ("cookies", "method"):
        kept.pop(name)
    return kept


@pytest.mark.parametrize("label", OPERATIONS)
def test_each_role_asks_it_anything(world: World, label: str) -> None:
    @much(3)
    @given(cases(label))
    def ask(case: Case) -> None:
        request = sent(case)
        url = request.pop("url")
        for role in ROLES:
            answer = world.judged(role, case.method, url, **request)
            case.validate_response(answer, checks=CHECKS)

    ask()


def test_braces_that_somebody_typed_are_no_blank_left_open(world: World) -> None:
    answer = world.judged("anyone", "GET", "/api/v1/questions/EMP-Q7?area=%7B00%7D")
    assert "{00}" in answer.json()["message"]
