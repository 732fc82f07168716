"""The portal's pages without a browser: who sees what, what is refused, and that nothing typed breaks a page."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from backend.kernel import calculators, longbatches
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.registry.model import BankAccount
from portal.app import create
from portal.occupations import table
from search.engine import open_index
from tests.backend.payout.city import a_retiree, fund
from tests.backend.people import LI, USCC, ZHANG
from tests.portal.city import HERE, number, signed


def test_every_answer_carries_the_policy_and_no_page_is_kept(site: TestClient) -> None:
    answer = site.get("/")
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert "演示数据" in answer.text


def test_another_site_cannot_press_our_buttons(site: TestClient) -> None:
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "", "origin": "https://elsewhere.example"},
    ):
        answer = site.post("/sign-in", data={"name": ZHANG, "password": "Shili-2026"}, headers=headers)
        assert answer.status_code == 403


def test_who_is_not_signed_in_is_asked_to_and_comes_back(site: TestClient) -> None:
    answer = site.get("/account/statement?year=2020", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Faccount%2Fstatement%3Fyear%3D2020"
    back = site.post(
        "/sign-in",
        data={"name": ZHANG, "password": "Shili-2026", "next": "/account/card"},
        follow_redirects=False,
    )
    assert back.headers["location"] == "/account/card"


@pytest.mark.parametrize(
    "next", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "account"]
)
def test_sign_in_never_leads_elsewhere(site: TestClient, next: str) -> None:
    answer = site.post(
        "/sign-in", data={"name": ZHANG, "password": "Shili-2026", "next": next}, follow_redirects=False
    )
    assert answer.headers["location"] == "/account"


def test_a_wrong_password_is_said_with_what_is_left(site: TestClient) -> None:
    answer = site.post("/sign-in", data={"name": ZHANG, "password": "wrong"})
    assert answer.status_code == 401
    assert "还可以试 4 次" in answer.text


def test_a_vacancy_is_found_escaped_and_told_to_search_engines(site: TestClient) -> None:
    page = site.get("/jobs", params={"q": "fuwuyuan"})
    assert "<mark>服务员</mark>" in page.text
    one = site.get(f"/jobs/{number(site)}")
    assert "<script>alert(1)" not in one.text
    posting = re.search(r'<script type="application/ld\+json">(.*?)</script>', one.text, flags=re.S)
    assert posting
    told = json.loads(posting[1])
    assert (told["@type"], told["title"]) == ("JobPosting", "餐厅服务员")


def test_what_has_expired_answers_410_and_leaves_the_engines(site: TestClient, clock: FixedClock) -> None:
    no = number(site)
    clock.set(clock.now() + timedelta(days=40))
    answer = site.get(f"/jobs/{no}")
    assert answer.status_code == 410
    assert "ld+json" not in answer.text


def test_applying_once_shows_on_both_sides(site: TestClient) -> None:
    no = number(site)
    signed(site, LI)
    assert (
        site.post(f"/jobs/{no}/apply", data={"letter": "随时可以上班"}, follow_redirects=False).status_code
        == 303
    )
    again = site.post(f"/jobs/{no}/apply", data={})
    assert again.status_code == 422
    assert "餐厅服务员" in site.get("/account/applications").text
    site.post("/sign-out")
    signed(site, USCC)
    assert "随时可以上班" in site.get(f"/employer/vacancies/{no}").text


def test_a_citizen_sees_no_desk_and_an_officer_no_account(site: TestClient) -> None:
    signed(site, ZHANG)
    assert site.get("/desk", follow_redirects=False).status_code == 403
    site.post("/sign-out")
    signed(site, "1001")
    assert site.get("/account", follow_redirects=False).status_code == 403
    assert site.get("/desk/CAS-01").status_code == 404, "an officer who may not review has no such form"


def test_the_counters_form_does_a_thing_once(site: TestClient) -> None:
    signed(site, "1001")
    page = site.get("/desk/REG-01")
    key = re.search(r'name="request_id" value="(\w+)"', page.text)
    assert key
    person = {
        "request_id": key[1],
        "ident": "11010519491231002X",
        "name": "李四",
        "nation": "01",
        "education": "90",
        "area": "310101",
        "phone": "13800000001",
        "address": "示例路 4 号",
    }
    for _ in range(2):
        assert "办好了" in site.post("/desk/REG-01", data=person).text
    wrong = site.post("/desk/REG-01", data=person | {"phone": "12"})
    assert wrong.status_code == 422
    assert 'aria-invalid="true"' in wrong.text


def test_a_batch_is_tried_before_it_is_done(site: TestClient) -> None:
    signed(site, "1001")
    heads = "ident,name,area,phone,address\n"
    lines = (
        "11010519491231002X,李四,310101,13800000001,示例路 4 号\nbad,王五,310101,13800000001,示例路 5 号\n"
    )
    for content in ((heads + lines).encode("gb18030"), (heads + lines).encode("utf-8-sig")):
        tried = site.post("/desk/REG-01/batch", data={"dry": "1"}, files={"file": ("a.csv", content)})
        assert "共 2 行，1 行有误" in tried.text
    done = site.post("/desk/REG-01/batch", files={"file": ("a.csv", (heads + lines).encode())})
    assert "共 2 行，1 行有误" in done.text
    assert "李四" in site.post("/desk/find", data={"sought": "11010519491231002X"}).text


@pytest.mark.parametrize("name", sorted(calculators.CATALOGUE))
def test_every_calculators_page_takes_anything(site: TestClient, name: str) -> None:
    assert site.get(f"/calculators/{name}").status_code == 200
    fields = list(calculators.find(name).asks.model_fields)
    for value in ("", "x", "-1", "1e999", "NaN", "\x00", "9" * 5000, "<b>", "2026-02-30", "䶮"):
        answer = site.post(f"/calculators/{name}", data=dict.fromkeys(fields, value))
        assert answer.status_code in (200, 409, 422), (name, value)


HOSTILE = [
    "?q=%00",
    "?q=" + "x" * 5000,
    "?page=99999999",
    "?page=-1",
    "?sort=x",
    "?days=abc",
    "?area=1",
    "?salary_min=1e9",
]


@pytest.mark.parametrize("query", HOSTILE)
def test_a_hostile_search_is_answered_or_refused(site: TestClient, query: str) -> None:
    assert site.get(f"/jobs{query}").status_code in (200, 404, 422)
    assert site.get(f"/api/v1/vacancies{query}").status_code in (200, 422)


def test_language_and_print_size_stay(site: TestClient) -> None:
    site.post("/preferences", data={"lang": "en", "next": "/jobs"})
    site.post("/preferences", data={"size": "large", "next": "/jobs"})
    page = site.get("/jobs").text
    assert 'lang="en"' in page
    assert "large" in page
    assert "Find a job" in page


def test_a_lost_address_is_a_kind_page_and_json_for_programs(site: TestClient) -> None:
    page = site.get("/no/such/page")
    assert page.status_code == 404
    assert "没有这个网页" in page.text
    told = site.get("/api/v1/no-such")
    assert told.status_code == 404
    assert told.json()["code"]


def test_before_the_first_index_the_house_is_open_all_the_same(run: Runner, tmp_path: Path) -> None:
    with TestClient(create(run, open_index(tmp_path, table())), headers=HERE) as client:
        assert client.get("/").status_code == 200
        waits = client.get("/jobs")
        assert waits.status_code == 503
        assert "职位正在装入" in waits.text


def test_a_batch_gives_back_a_file_with_what_came_of_each_line(site: TestClient) -> None:
    signed(site, "1001")
    head = "ident,name,nation,education,area,phone,address"
    line = "11010519491231002X,李四,01,90,310101,{},=示例路"
    content = "\n".join([head, line.format("13800000001"), line.format("12")]).encode("gb18030")
    page = site.post("/desk/REG-01/batch", files={"file": ("到期.csv", content)})
    back = re.search(r'href="(/api/v1/files/[^"]+)"', page.text)
    assert back
    answer = site.get(back[1])
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert rows[0] == f"{head},结果,说明"
    assert rows[1].endswith(",'=示例路,成功,已办理")
    assert ",失败," in rows[2]


def test_a_bank_file_goes_out_and_comes_back_at_the_counter(site: TestClient, run: Runner) -> None:
    """The file that is sent can be fetched; the one that comes back is kept even where the form is wrong."""
    fund(run)
    a_standing_pension(run)
    signed(site, "1001")
    batch = re.search(
        r'data-label="批次号">(\d+)<', site.post("/desk/PAY-Q2", data={"month": "2026-11"}).text
    )
    assert batch
    made = site.post("/desk/PAY-02", data={"batch": batch[1]})
    sent = re.search(r'href="(/api/v1/files/[^"]+)"', made.text)
    assert sent, made.text
    text = site.get(sent[1]).content.decode("gb18030")
    file, line = text.split("|")[1], text.splitlines()[1].split("|")[0]
    handed = {"returned": ("回盘.txt", f"{line}|00|\n".encode())}
    assert 'enctype="multipart/form-data"' in site.get("/desk/PAY-03").text
    wrong = site.post("/desk/PAY-03", data={"file": "-1"}, files=handed)
    assert wrong.status_code == 422
    kept = re.search(r'name="returned" value="([\w-]{22})"', wrong.text)
    assert kept, "what was handed in is not asked for again"
    done = site.post("/desk/PAY-03", data={"file": file, "returned": kept[1]})
    assert "办好了" in done.text


def a_standing_pension(run: Runner) -> None:
    """A pensioner who is paid by bank every month."""
    a_retiree(run, "11010519491231002X")
    run.system(lambda uow: uow.session.execute(update(BankAccount).values(standing=True)))


def test_a_long_batch_is_the_workers_and_its_page_shows_how_far_it_is(site: TestClient, run: Runner) -> None:
    signed(site, "1001")
    lines = "\n".join(["ident,name"] + ["x,王五"] * (longbatches.AT_ONCE + 1))
    sent = site.post(
        "/desk/REG-01/batch", files={"file": ("很长.csv", lines.encode())}, follow_redirects=False
    )
    assert sent.status_code == 303
    waits = site.get(sent.headers["location"])
    assert "共 201 行，已办 0 行" in waits.text
    anew = site.get(sent.headers["location"], headers={"HX-Request": "true", "HX-Target": "div#going"})
    assert "hx-retarget" not in anew.headers, "what is fetched anew takes its own place, not that of the page"
    assert anew.text.strip().startswith('<div id="going"')
    assert "很长.csv" in site.get("/desk/REG-01/batch").text
    assert longbatches.work(run)
    done = site.get(sent.headers["location"])
    assert "共 201 行，已办 201 行，201 行有误" in done.text
    assert ">失败</span>" in re.sub(r"\s*\n\s*", "", done.text)
    english = site.get(sent.headers["location"], headers={"Accept-Language": "en"}).text
    assert "201 with errors" in english
    assert english.count('class="tag stopped"') == 200, (
        "the lines of a file in Chinese stand on the English page too"
    )
    back = re.search(r'href="(/api/v1/files/[^"]+)"', done.text)
    assert back
    assert site.get(back[1]).content.decode("utf-8-sig").count(",失败,") == longbatches.AT_ONCE + 1
    assert site.get("/desk/batches/999").status_code == 404
