"""Every form of the counter, every public form and every item as a program: missing, wrong, huge and hostile values."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.employment.schema import MoveApplication, WriteVacancy
from backend.kernel import auth, calculators, items
from backend.kernel.actor import Kind
from backend.systems import CATALOGUE
from portal.pages.jobs import Wanted
from tests.fuzz.hostile import TEXTS, UNKEEPABLE, bodies, filled, forms
from tests.fuzz.world import LOGINS, OFFICERS, World, judge, much

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
AT_THE_COUNTER = sorted(code for code, one in CATALOGUE.items() if one.may is not None)
ITEMS = sorted(code for code, one in CATALOGUE.items() if not one.question)
QUESTIONS = sorted(code for code, one in CATALOGUE.items() if one.question)


def encoded(typed: Mapping[str, str]) -> bytes:
    """As a browser would; half a character too, which no browser sends."""
    return urlencode(dict(typed), errors="surrogatepass").encode()


def who(known: items.Item) -> str:
    """Somebody who may do it, so that what was sent is looked at."""
    for kind, role in ((Kind.CITIZEN, "citizen"), (Kind.EMPLOYER, "employer"), (Kind.KIOSK, "kiosk")):
        if kind in known.by:
            return role
    able = (role for role in OFFICERS if known.may in auth.ROLES[role])
    return next(able, "经办")


@pytest.mark.parametrize("code", AT_THE_COUNTER)
def test_a_form_of_the_counter_takes_anything(world: World, code: str) -> None:
    known = CATALOGUE[code]
    role = next((role for role in OFFICERS if known.may in auth.ROLES[role]), "经办")

    @much(4)
    @given(forms(known.asks))
    def send(typed: dict[str, str]) -> None:
        world.judged(role, "POST", f"/desk/{code}", content=encoded(typed), headers=FORM)
        world.judged(role, "GET", f"/desk/{code}?{encoded(typed)[:4000].decode()}")

    send()
    full = filled(known.asks)
    for name in full:
        for text in UNKEEPABLE:
            world.judged(role, "POST", f"/desk/{code}", content=encoded(full | {name: text}), headers=FORM)


@pytest.mark.parametrize("code", ITEMS)
def test_an_item_takes_any_json(world: World, code: str) -> None:
    known = CATALOGUE[code]

    @much(5)
    @given(bodies(known.asks))
    def send(body: dict[str, Any]) -> None:
        world.judged(who(known), "POST", f"/api/v1/items/{code}", content=json.dumps(body), headers=JSON)

    send()


@pytest.mark.parametrize("code", QUESTIONS)
def test_a_question_takes_any_words(world: World, code: str) -> None:
    known = CATALOGUE[code]

    @much(4)
    @given(forms(known.asks))
    def send(asked: dict[str, str]) -> None:
        world.judged(who(known), "GET", f"/api/v1/questions/{code}?{encoded(asked)[:8000].decode()}")

    send()


@pytest.mark.parametrize("name", sorted(calculators.CATALOGUE))
def test_a_calculator_takes_anything(world: World, name: str) -> None:
    asks = calculators.find(name).asks

    @much(20)
    @given(forms(asks), bodies(asks))
    def send(typed: dict[str, str], body: dict[str, Any]) -> None:
        world.judged("anyone", "POST", f"/calculators/{name}", content=encoded(typed), headers=FORM)
        world.judged("anyone", "POST", f"/api/v1/calculators/{name}", content=json.dumps(body), headers=JSON)

    send()


@much(60)
@given(typed=forms(Wanted))
def test_a_search_takes_anything(world: World, typed: dict[str, str]) -> None:
    asked = encoded(typed)[:8000].decode()
    for path in ("/jobs", "/api/v1/vacancies"):
        world.judged("anyone", "GET", f"{path}?{asked}")


FREE = st.sampled_from(TEXTS) | st.text(max_size=40)
PUBLIC = (
    ("anyone", "/sign-in", ("name", "password", "next")),
    ("anyone", "/preferences", ("lang", "size", "next")),
    ("citizen", "/jobs/{word}/apply", ("letter", "phone")),
    ("neighbour", "/jobs/{vacancy}/apply", ("letter", "phone")),
    ("citizen", "/account/applications/{word}/cancel", ()),
    ("citizen", "/account/messages/read", ("until",)),
    ("employer", "/employer/vacancies/{vacancy}/appeal", ("reason",)),
    ("employer", "/employer/vacancies/{vacancy}/{word}", ("reason",)),
    ("employer", "/employer/vacancies/{word}/withdraw", ("reason",)),
    ("复核", "/desk/cases/{word}", ("decision", "note")),
    ("复核", "/desk/cases/1", ("decision", "note")),
)


@pytest.mark.parametrize(("role", "path", "fields"), PUBLIC, ids=[path for _, path, _ in PUBLIC])
def test_a_public_form_takes_anything(world: World, role: str, path: str, fields: tuple[str, ...]) -> None:
    vacancy = world.visitors["anyone"].get("/api/v1/vacancies").json()["hits"][0]["id"]

    @much(6)
    @given(st.fixed_dictionaries({}, optional=dict.fromkeys(fields, FREE)), FREE)
    def anything(typed: dict[str, str], word: str) -> None:
        told = urlencode({"": word[:300]}, errors="surrogatepass")[1:].replace("+", "%20") or "x"
        address = path.format(word=told, vacancy=vacancy)
        world.judged(role, "POST", address, content=encoded(typed), headers=FORM)

    anything()
    address = path.format(word="none", vacancy=vacancy)
    for field in fields:
        for text in TEXTS:
            typed = dict.fromkeys(fields, "示例") | {field: text}
            world.judged(role, "POST", address, content=encoded(typed), headers=FORM)


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/employer/vacancies/new", WriteVacancy),
        ("/employer/vacancies/none/edit", WriteVacancy),
        ("/employer/applications/none", MoveApplication),
    ],
)
def test_an_employers_form_takes_anything(world: World, path: str, shape: Any) -> None:
    @much(10)
    @given(forms(shape))
    def send(typed: dict[str, str]) -> None:
        world.judged("employer", "POST", path, content=encoded(typed), headers=FORM)

    send()


@st.composite
def tables(draw: st.DrawFn, code: str) -> bytes:
    """A batch file: its lines well filled in but for a cell or two, or no table at all."""
    if draw(st.integers(0, 4)) == 0:
        return draw(
            st.binary(max_size=200) | st.sampled_from(TEXTS).map(lambda one: one.encode("utf-8", "replace"))
        )
    text = io.StringIO()
    rows = draw(st.lists(forms(CATALOGUE[code].asks), min_size=1, max_size=4))
    writer = csv.DictWriter(text, list(rows[0]), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass" if draw(st.booleans()) else "replace")


@pytest.mark.parametrize("code", ["REG-01", "REG-03", "CRD-01"])
def test_a_batch_takes_any_file(world: World, code: str) -> None:
    @much(8)
    @given(tables(code), st.sampled_from(TEXTS).map(lambda one: one[:200]), st.sampled_from(["", "1"]))
    def send(content: bytes, name: str, dry: str) -> None:
        handed = {"file": (name.encode("utf-8", "replace").decode() or "x", content)}
        data = {"dry": dry} if dry else {}
        judge(world.visitors["经办"].post(f"/desk/{code}/batch", data=data, files=handed))

    send()


@much(25)
@given(name=FREE, content=st.binary(max_size=50))
def test_a_file_may_be_called_anything(world: World, name: str, content: bytes) -> None:
    called = name[:400].encode("utf-8", "replace").decode() or "x"
    answer = world.judged("经办", "POST", "/api/v1/files", files={"file": (called, content)})
    if answer.status_code == 200:
        assert world.judged("经办", "GET", f"/api/v1/files/{answer.json()['file']}").content == content
        assert world.judged("citizen", "GET", f"/api/v1/files/{answer.json()['file']}").status_code == 404


def test_the_cast_signs_in_after_all_that(world: World) -> None:
    assert (
        LOGINS["citizen"]
        in world.judged("citizen", "GET", "/api/v1/questions/REG-Q1?ident=" + LOGINS["citizen"]).text
    )
