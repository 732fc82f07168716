"""The counter: the person at hand under an address that says nothing, cases in words, answers as people read them."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import select

from backend.exchange.schema import ExportedView, FileView
from backend.kernel import audit, cases
from backend.kernel.actor import Kind
from backend.kernel.db import Runner
from backend.kernel.vault import Vault
from backend.registry import service as registry
from backend.systems import CATALOGUE
from portal import reading
from tests.backend.people import LI, ZHANG, a_person, officer
from tests.portal.city import sign_up, signed

MASKED = "310101********0029"
LOAD = {"kiosk": "00000001", "amount_fen": "10000", "sheet": "2026-01"}


def found(site: TestClient, ident: str = ZHANG) -> str:
    """The address of a person's page, by the field that finds everything."""
    answer = site.post("/desk/find", data={"sought": ident}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def officers(run: Runner) -> None:
    for name in ("1002", "1003"):
        sign_up(run, name, Kind.OFFICER, None, ("复核",))


def test_a_person_is_found_without_their_number_in_an_address_or_a_page(site: TestClient) -> None:
    signed(site, "1001")
    address = found(site, f" {ZHANG} ")
    assert re.fullmatch(r"/desk/person/[\w-]{22}", address)
    page = site.get(address)
    assert page.status_code == 200
    assert "张秀䶮" in page.text
    assert MASKED in page.text
    assert ZHANG not in page.text


def test_nobody_is_said_where_the_number_was_typed(site: TestClient) -> None:
    signed(site, "1001")
    for sought, status in (("11010519491231002X", 404), ("123", 422), ("", 422)):
        answer = site.post("/desk/find", data={"sought": sought})
        assert answer.status_code == status
        assert f'value="{sought}"' in answer.text


@pytest.mark.parametrize("handle", ["x", "A" * 22, "-" * 22, "1", "%00"])
def test_an_address_that_we_never_gave_out_leads_to_nobody(site: TestClient, handle: str) -> None:
    signed(site, "1001")
    assert site.get(f"/desk/person/{handle}").status_code == 404
    assert site.get("/desk/PEN-04", params={"person": handle}).status_code == 404


def test_a_handle_is_of_one_house_only() -> None:
    ours, theirs = Vault.new(), Vault.new()
    handle = ours.handle("person", 7)
    assert ours.behind("person", handle) == 7
    assert ours.behind("employer", handle) is None
    assert theirs.behind("person", handle) is None
    assert ours.handle("person", 8) != handle


def test_an_officer_of_elsewhere_sees_nobody_behind_a_handle(site: TestClient, run: Runner) -> None:
    signed(site, "1001")
    address = found(site)
    site.post("/sign-out")
    sign_up(run, "2001", Kind.OFFICER, None, ("经办",), area="110000")
    signed(site, "2001")
    assert site.get(address).status_code == 404


def test_the_person_at_hand_stays_and_is_not_asked_for_again(site: TestClient, run: Runner) -> None:
    signed(site, "1001")
    handle = found(site).rsplit("/", 1)[1]
    page = site.get("/desk/CRD-01", params={"person": handle}).text
    assert MASKED in page
    assert 'name="ident"' not in page
    assert ZHANG not in page
    key = re.search(r'name="request_id" value="(\w+)"', page)
    assert key
    card = {
        "card_no": "A12345678",
        "card_code": "0" * 32,
        "version": "2.00",
        "issued": "2026-11-01",
        "expires": "2036-11-01",
    }
    done = site.post(f"/desk/CRD-01?person={handle}", data=card | {"request_id": key[1]})
    assert "办好了" in done.text, done.text
    who = run.system(lambda uow: registry.view_person(uow, CATALOGUE["REG-Q1"].asks(ident=ZHANG)))
    assert [one.card_no for one in who.cards] == ["A12345678"]


def test_a_question_about_the_person_at_hand_is_answered_at_once_and_leaves_a_trace(
    site: TestClient, run: Runner
) -> None:
    signed(site, "1001")
    handle = found(site).rsplit("/", 1)[1]
    page = site.get("/desk/REG-Q1", params={"person": handle}).text
    assert "<dt>住址</dt>" in page
    read = run.system(
        lambda uow: uow.session.scalars(select(audit.Row.subject).where(audit.Row.item == "REG-Q1")).all()
    )
    assert set(read) == {ZHANG}


def test_items_are_found_by_code_and_by_name(site: TestClient) -> None:
    signed(site, "1001")

    def leads(sought: str) -> str:
        return str(
            site.post("/desk/find", data={"sought": sought}, follow_redirects=False).headers["location"]
        )

    assert leads("pen-04") == "/desk/PEN-04"
    assert leads("养老待遇核定") == "/desk/PEN-04"
    listed = site.get(leads("养老")).text
    assert "养老金月度发放" in listed
    assert "个人登记" not in listed


def test_a_case_is_read_in_words_by_who_may_decide_it(site: TestClient, run: Runner) -> None:
    officers(run)
    signed(site, "1001")
    site.post("/desk/PAY-22", data=LOAD)
    own = site.get("/desk/cases").text
    assert '<dt>金额（元）</dt><dd class="prose">10,000.00</dd>' in own
    assert "amount_fen" not in own
    assert f'<dd class="prose">{LOAD["sheet"]}</dd>' in own, "a number that looks like a month is none"
    assert "没有办理此业务的权限" in own
    assert 'value="approved"' not in own
    site.post("/sign-out")
    signed(site, "1002")
    page = site.get("/desk/cases").text
    no = re.search(r'action="/desk/cases/(\d+)"', page)
    assert no
    done = site.post(f"/desk/cases/{no[1]}", data={"decision": "refused", "note": "单号不对"})
    assert f"办件 {no[1]} 已经退回" in done.text
    assert "单号不对" in done.text, "what was decided stands there still"
    assert "单号不对" in site.get("/desk/cases?state=refused").text


def test_a_case_masks_the_number_and_names_the_codes(site: TestClient, run: Runner) -> None:
    officers(run)
    asked = {"ident": ZHANG, "retired": "2026-05"}
    run.by(officer())(lambda uow: cases.file(uow, "PEN-04", ZHANG, asked, 2))
    signed(site, "1002")
    page = site.get("/desk/cases").text
    assert MASKED in page
    assert ZHANG not in page
    assert "2026年5月" in page
    no = re.search(r'action="/desk/cases/(\d+)"', page)
    assert no
    site.post(f"/desk/cases/{no[1]}", data={"decision": "approved"})
    again = site.get("/desk/cases").text
    assert "您已经审过办件" in again
    assert f'action="/desk/cases/{no[1]}"' not in again


@pytest.mark.parametrize("code", sorted(code for code, known in CATALOGUE.items() if known.may is not None))
def test_every_line_at_the_counter_has_a_title(code: str) -> None:
    """What an officer may do never shows a program's own name for a thing."""
    known = CATALOGUE[code]
    for shape in (known.asks, known.answers):
        for inner in _below(shape):
            for name, field in reading.shown(inner):
                assert reading.label(name, field) != name, (inner.__name__, name)


def _below(annotation: Any) -> list[type[BaseModel]]:
    """The shapes that stand in an annotation, with those that stand in them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields.values()
        return [annotation, *(inner for field in fields for inner in _below(field.annotation))]
    return [inner for arg in get_args(annotation) for inner in _below(arg)]


def test_amounts_are_exact_to_the_fen_however_large() -> None:
    view = CATALOGUE["PAY-03"].answers(
        file=1, paid=1, paid_fen=9_007_199_254_740_993, returned=0, returned_fen=1, pending=0, already=0
    )
    told = {one.label: one.text for one in reading.lines(view)}
    assert told["成功金额（元）"] == "90,071,992,547,409.93"
    assert told["退回金额（元）"] == "0.01"


def test_what_lies_inside_an_answer_is_drawn_line_by_line(site: TestClient, run: Runner) -> None:
    a_person(run, "11010519491231002X", name="王五")
    signed(site, "1001")
    page = site.post("/desk/EMP-Q8", data={}).text
    assert "办好了" not in page
    for code, ident in (("REG-Q1", LI), ("PAY-Q1", LI), ("EMP-Q4", LI)):
        text = site.post(f"/desk/{code}", data={"ident": ident}).text
        assert not re.search(r"&#39;|\{&|datetime\.|View\(|None", text), code


def test_what_was_kept_of_an_answer_reads_like_the_answer_itself() -> None:
    """A case keeps its command and answer as JSON; parts stand in a table, amounts in yuan, days and months in words."""
    parts = ({"no": 1, "due_day": "2026-12-25", "amount_fen": 11_280_366, "paid_fen": 0, "state": "open"},)
    answers = CATALOGUE["LEV-21"].answers
    kept = dict.fromkeys(answers.model_fields) | {"parts": parts}
    [line] = reading.written(answers, kept)
    assert line.table
    assert line.table.rows == (("1", "2026年12月25日", "112,803.66", "0.00", "未到期"),)
    assert [head for head, _kind in line.table.heads][2] == "应缴（元）"
    [line] = reading.written(CATALOGUE["LEV-21"].asks, {"first": "2026-12"})
    assert line.text == "2026年12月"


def test_a_case_that_cannot_be_done_says_which_one_and_why(site: TestClient, run: Runner) -> None:
    officers(run)
    signed(site, "1001")
    site.post("/desk/REG-23", data={"ident": ZHANG, "document": "证明1号", "reason": "录错了人"})
    site.post("/sign-out")
    signed(site, "1002")
    no = re.search(r'action="/desk/cases/(\d+)"', site.get("/desk/cases").text)
    assert no
    answer = site.post(f"/desk/cases/{no[1]}", data={"decision": "approved"})
    assert answer.status_code == 409
    assert f"办件 {no[1]} 没有办成" in answer.text
    assert "没有登记过死亡" in answer.text


def test_a_file_among_many_can_be_fetched_too() -> None:
    """In a row with others its number would only be read; so each thing has lines of its own."""
    file = FileView(name="财务信息.xml", file="a" * 22, records=26, size=15_107, sha256="0" * 64)
    manifest, files = reading.lines(ExportedView(manifest="b" * 22, files=(file, file), tables=()))
    assert manifest.file == f"/api/v1/files/{'b' * 22}"
    fetched = [[line.file for line in part if line.file] for part in files.inner]
    assert fetched == [[f"/api/v1/files/{'a' * 22}"]] * 2
