"""No command carries characters that nobody can see, whichever way it came."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field, SecretStr

from backend.kernel import audit, auth, batch, items
from backend.kernel.actor import ANYONE
from backend.kernel.db import Runner
from backend.kernel.fields import Shape
from backend.kernel.legible import legible
from backend.kernel.sentences import Invalid, read
from backend.registry.schema import RegisterPerson
from backend.systems import CATALOGUE
from tests.backend.people import USCC, ZHANG, an_employer, officer
from tests.backend.test_http import PERSON, signed

__all__ = ["signed"]
REGISTER = CATALOGUE["REG-01"]
BAD = ["张\0三", "张\x07三", "张\x7f三", "张\x85三", "张\n三", "张\t三", "张\u2028三"]


class Inner(Shape):
    said: str = Field(title="里面的话")


class Outer(Shape):
    inner: tuple[Inner, ...]
    notes: dict[str, str] = Field(title="附注")
    long: str = Field(title="长文", json_schema_extra={"widget": "textarea"})


@pytest.mark.parametrize("name", BAD)
def test_a_person_is_not_registered_under_a_name_that_nobody_can_read(run: Runner, name: str) -> None:
    command = read(RegisterPerson, PERSON | {"name": name})
    with pytest.raises(Invalid, match="看不见的字符") as told:
        items.perform(run.by(officer()), REGISTER, command)
    assert set(told.value.fields) == {"name"}
    assert run.system(audit.count) == (0, 0)


def test_marks_that_come_along_from_a_page_are_left_out_not_refused() -> None:
    """Nobody sees them, so nobody could take them out; only a program is told of them."""
    assert read(RegisterPerson, PERSON | {"name": "\ufeff张\u202e三\u200b"}).name == "张三"


def test_in_a_batch_the_line_is_refused_tried_or_done(run: Runner) -> None:
    lines = [PERSON | {"address": "示例路\0一号"}]
    for dry in (True, False):
        (line,) = batch.each_line(run.by(officer()), REGISTER, lines, key="k", dry=dry)
        assert line.refusal is not None
        assert "“住址”里有" in line.refusal.message


def test_over_http_it_is_a_sentence(signed: TestClient) -> None:
    said = signed.post("/api/v1/items/REG-01", json=PERSON | {"address": "示例\0路"})
    assert (said.status_code, list(said.json()["fields"])) == (422, ["address"])
    assert (
        signed.get("/api/v1/questions/REG-Q1", params={"ident": f"{ZHANG[:5]}\0{ZHANG[5:]}"}).status_code
        == 404
    )
    assert signed.get("/api/v1/files/%00abc").status_code == 404


def test_a_text_area_has_lines_and_nothing_worse() -> None:
    good = Outer(inner=(Inner(said="好"),), notes={"一": "二"}, long="第一行\r\n第二行\t完")
    legible(good)
    for wrong, where in (
        ({"long": "第\0行"}, "long"),
        ({"inner": (Inner(said="好"), Inner(said="不\0好"))}, "inner.said"),
        ({"notes": {"一\0": "二"}}, "notes"),
        ({"notes": {"一": "二\n"}}, "notes"),
    ):
        with pytest.raises(Invalid) as told:
            legible(good.model_copy(update=wrong))
        assert list(told.value.fields) == [where]


def _hidden(shape: type[BaseModel]) -> dict[str, Any]:
    return {name: "\0" for name, field in shape.model_fields.items() if field.annotation in (str, str | None)}


@pytest.mark.parametrize("code", [code for code, known in CATALOGUE.items() if _hidden(known.asks)])
def test_every_command_passes_here_before_anything_is_written(run: Runner, code: str) -> None:
    known = CATALOGUE[code]
    hidden = _hidden(known.asks)
    command = known.asks.model_construct(**dict.fromkeys(known.asks.model_fields) | hidden)
    with pytest.raises(Invalid) as told:
        items.perform(run, known, command)
    assert set(told.value.fields) == set(hidden)


def test_a_name_at_the_door_is_read_as_it_was_meant(run: Runner) -> None:
    an_employer(run)
    run.system(
        auth.enrol,
        name=USCC,
        kind=items.Kind.EMPLOYER,
        shown="示例",
        password="x",
        area="310115",
        subject_id=1,
    )
    typed = "".join(chr(ord(c) + 0xFEE0) for c in USCC)
    for name in (f"{USCC[:4]}\0{USCC[4:]}", f" {typed}　", USCC.lower()):
        token = run.system(auth.check_password, auth.SignIn(name=name, password=SecretStr("x")), "here")
        assert isinstance(token, str)


def test_what_a_passer_by_is_refused_fills_no_book(run: Runner) -> None:
    with pytest.raises(items.Forbidden):
        items.perform(run.by(ANYONE), REGISTER, read(RegisterPerson, PERSON))
    assert run.system(audit.count) == (0, 0)
