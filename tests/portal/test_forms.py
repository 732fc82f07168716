"""Forms: drawn from the schema, read as people write, wrong things said beside the field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

import backend.systems
from backend.kernel import calculators
from portal.forms import Form
from portal.typed import as_code, as_day, as_fen, as_month, as_month_or_day, as_number
from tests.portal.gallery import Everything

GOOD = {
    "ident": "11010519491231002X",
    "birth": "1967年5月12日",
    "retired": "２０３０．５",
    "started": "2026/11/2",
    "wage": "8,880 元",
    "amount_fen": "¥1,000.50",
    "index": "0.8219",
    "area": "浦东新区",
    "sex": "female",
    "age.years": "60",
    "age.months": "",
    "monthly.0": "640",
    "monthly.6": "７００元",
    "work": "收货、点数、上架",
    "password": "secret",
}
WIDGETS = {
    *("text", "ident", "amount", "fen", "whole", "number", "month", "day", "month-or-day"),
    *("radio", "select", "search", "yesno", "textarea", "secret", "file", "group"),
}


def boxes(shape: type[BaseModel]) -> dict[str, str]:
    return {box.name: box.widget for box in Form(shape).boxes}


def test_each_kind_of_field_has_its_own_widget() -> None:
    assert boxes(Everything) == {
        "ident": "ident",
        "phone": "text",
        "birth": "month-or-day",
        "retired": "month",
        "started": "day",
        "wage": "amount",
        "amount_fen": "fen",
        "index": "number",
        "months": "whole",
        "area": "search",
        "education": "select",
        "sex": "radio",
        "forwarded": "yesno",
        "age": "group",
        "monthly": "group",
        "work": "textarea",
        "password": "secret",
        "notes": "file",
    }


def test_every_item_question_and_calculator_can_be_drawn() -> None:
    shapes = [one.asks for one in backend.systems.CATALOGUE.values()]
    shapes += [one.asks for one in calculators.CATALOGUE.values()]
    for shape in shapes:
        for box in Form(shape).boxes:
            assert box.label, (shape, box.name)
            assert box.widget in WIDGETS, (shape, box.name, box.widget)


def test_what_people_write_is_understood() -> None:
    read = Form(Everything, GOOD).parse()
    assert read is not None
    assert (read.birth, read.retired, read.started) == ("1967-05-12", "2030-05", date(2026, 11, 2))
    assert (read.wage, read.amount_fen, read.index) == (Decimal("8880"), 100050, Decimal("0.8219"))
    assert (read.area, read.age.years, read.age.months) == ("310115", 60, 0)
    assert read.education == "90"
    assert read.monthly == (Decimal("640"),) * 6 + (Decimal("700"),) * 6


def test_what_is_wrong_is_said_for_each_field_and_what_was_typed_is_kept() -> None:
    form = Form(
        Everything, GOOD | {"ident": "123", "birth": "那年", "wage": "很多", "age.years": "六十", "sex": ""}
    )
    assert form.parse() is None
    assert set(form.errors) == {"ident", "birth", "wage", "age.years", "sex"}
    assert form.errors["sex"] == "请填写“性别”"
    assert form["wage"] == "很多"


def test_a_month_left_empty_is_as_the_one_before_and_the_first_is_asked_for() -> None:
    monthly = next(box for box in Form(Everything).boxes if box.name == "monthly")
    assert [box.label for box in monthly.inner][:2] == ["1 月", "2 月"]
    assert [box.required for box in monthly.inner] == [True] + [False] * 11
    assert not any(box.optional for box in monthly.inner)
    form = Form(Everything, {name: text for name, text in GOOD.items() if name != "monthly.0"})
    assert form.parse() is None
    assert form.errors == {"monthly.0": "请填写“1 月”"}
    form = Form(Everything, GOOD | {"monthly.0": "很多", "monthly.6": "-1"})
    assert form.parse() is None
    assert form.errors == {
        "monthly.0": "1 月：“每月记入（元）”应该是数字",
        "monthly.6": "7 月：“每月记入（元）”不能小于 0",
    }
    form = Form(Everything, {name: text for name, text in GOOD.items() if "monthly" not in name})
    assert form.parse() is None
    assert form.errors == {"monthly": "请填写“每月记入（元）”"}


def test_a_field_shows_its_default_until_something_else_was_typed_even_nothing() -> None:
    education = next(box for box in Form(Everything).boxes if box.name == "education")
    assert Form(Everything).shown(education) == "90"
    assert Form(Everything, {"education": ""}).shown(education) == ""
    assert not education.optional


def test_a_code_is_shown_with_its_name() -> None:
    area = next(box for box in Form(Everything).boxes if box.name == "area")
    assert Form(Everything, {"area": "310115"}).shown(area) == "上海市浦东新区 310115"
    assert area.read("上海市浦东新区 310115") == "310115"
    assert area.example == "上海市 310000"


def test_what_no_field_asks_for_is_not_read() -> None:
    assert Form(Everything, GOOD | {"draft": "1", "request_id": "x"}).parse() is not None


def test_the_page_fills_what_it_knows_itself() -> None:
    form = Form(Everything, {**GOOD, "ident": "forged"}, hidden=frozenset({"ident"}))
    read = form.parse(ident="11010519491231002X")
    assert read is not None
    assert read.ident == "11010519491231002X"
    assert "ident" not in {box.name for box in form.boxes}


def test_titles_and_hints_of_a_type_are_used_where_the_field_has_none() -> None:
    class Shape(BaseModel):
        area: calculators.AreaCode | None = None
        wage: calculators.Wage | None = Field(default=None, title="工资")

    area, wage = Form(Shape).boxes
    assert (area.label, area.widget, area.required) == ("参保地", "search", False)
    assert (wage.label, wage.widget, wage.example) == ("工资", "amount", "8880")


def test_the_drawn_form_joins_labels_hints_and_errors_to_their_fields(shown: TestClient) -> None:
    page = shown.post("/", data={**GOOD, "ident": "123"}).text
    assert 'aria-invalid="true" aria-describedby="ident-hint ident-wrong"' in page
    assert '<a href="#ident">' in page
    assert 'id="ident-wrong"' in page
    assert "secret" not in page


def test_typed_text_cannot_become_markup(shown: TestClient) -> None:
    page = shown.post("/", data={"work": "</textarea><script>alert(1)</script>", "ident": '"><b>'}).text
    assert "<script>alert" not in page
    assert "<b>" not in page


def test_long_tables_are_offered_while_somebody_types(shown: TestClient) -> None:
    offered = shown.get("/choices/area?field=area&area=浦东").text
    assert '<option value="上海市浦东新区 310115">' in offered
    assert "<option" not in shown.get("/choices/area?field=area&area=").text
    assert "<option" not in shown.get("/choices/nothing?field=area&area=x").text


@given(st.text(max_size=40))
def test_any_text_at_all_is_taken_without_a_crash(text: str) -> None:
    for read in (as_month, as_day, as_month_or_day, as_number, as_fen, as_code("area"), as_code("education")):
        assert isinstance(read(text), str)


@pytest.mark.parametrize("text", ["北京市", "朝阳区"])
def test_a_name_that_several_places_have_is_not_guessed(text: str) -> None:
    assert as_code("area")(text) == text
