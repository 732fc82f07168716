"""Pages: the whole page to a browser, a block to htmx, the whole window where htmx met something else."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from backend.kernel.language import EN
from portal import language
from portal.render import day, month, months, static, wan, zh
from tests.portal.gallery import ERRORS


def test_a_browser_gets_the_whole_page_and_htmx_the_block_it_asks_for(shown: TestClient) -> None:
    whole = shown.get("/").text
    block = shown.get("/", headers={"HX-Request": "true", "HX-Target": "form#form"}).text
    assert whole.startswith("<!DOCTYPE html>")
    assert block.strip().startswith("<form")
    assert block.strip() in whole


def test_a_refusal_where_htmx_expected_results_takes_the_whole_window(shown: TestClient) -> None:
    answer = shown.get("/errors/409", headers={"HX-Request": "true", "HX-Target": "div#results"})
    assert answer.headers["hx-retarget"] == "body"
    assert answer.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("target", ["div#suggested", "datalist#birthplace-list"])
@pytest.mark.parametrize("path", ["/errors/409", "/errors/500"])
def test_where_help_cannot_be_given_what_somebody_types_stays(
    shown: TestClient, target: str, path: str
) -> None:
    answer = shown.get(path, headers={"HX-Request": "true", "HX-Target": target})
    assert (answer.status_code, answer.content) == (204, b"")


def test_caches_know_what_a_page_depends_on(shown: TestClient) -> None:
    assert {"HX-Target", "Cookie", "Accept-Language"} <= set(shown.get("/").headers["vary"].split(", "))


@pytest.mark.parametrize("status", ERRORS)
def test_every_error_says_what_happened_and_what_to_do(shown: TestClient, status: int) -> None:
    for accepted in ("zh-CN", "en"):
        answer = shown.get(f"/errors/{status}", headers={"Accept-Language": accepted})
        assert answer.status_code == status
        assert re.search(r"<h1>.+</h1>", answer.text)
        assert 'href="/"' in answer.text
        assert "12333" in answer.text


def test_a_bug_of_ours_is_told_with_the_number_to_find_it_by(shown: TestClient) -> None:
    answer = shown.get("/errors/500")
    assert "打电话时请说记录号" in answer.text
    assert "RuntimeError" not in answer.text


def test_every_page_says_that_the_data_are_made_up(shown: TestClient) -> None:
    assert "演示数据" in shown.get("/").text
    assert "Demo data" in shown.get("/", headers={"Accept-Language": "en"}).text


def test_the_language_and_the_print_size_are_kept_in_cookies(shown: TestClient) -> None:
    page = shown.get("/", headers={"Cookie": "lang=en; size=large", "Accept-Language": "zh-CN"}).text
    assert re.search(r'<html lang="en"\s+class="large"', page)


def test_the_address_of_a_file_changes_with_its_content() -> None:
    assert re.fullmatch(r"/static/portal\.css\?v=[0-9a-f]{10}", static("portal.css"))


def test_dates_and_counts_read_as_english_too() -> None:
    token = language.current.set(EN)
    try:
        assert (month("2026-05"), months(13), months(24), wan(123456)) == (
            "May 2026",
            "1 year 1 month",
            "2 years",
            "123,456",
        )
        assert day(None) == ""
        assert zh("国发〔2005〕38号") == '<span lang="zh-CN">国发〔2005〕38号</span>'
        assert zh("<b>法</b>") == '<span lang="zh-CN">&lt;b&gt;法&lt;/b&gt;</span>'
    finally:
        language.current.reset(token)
