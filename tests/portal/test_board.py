"""The page that finds work: what is no choice is said, paging ends kindly, and typing loses nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from portal.app import create
from portal.occupations import table
from portal.pages.jobs import LAST_PAGE
from search.engine import open_index
from tests.search.corpus import vacancy

MANY = LAST_PAGE * 20 + 30


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("board")
    with open_index(home, table(), write=True) as index:
        index.rebuild(vacancy(str(n), "电工", area="310115", type="full") for n in range(MANY))
    return home


@pytest.fixture
def site(run: Runner, board: Path, clock: FixedClock) -> Iterator[TestClient]:
    with TestClient(
        create(run, open_index(board, table())), headers={"sec-fetch-site": "same-origin"}
    ) as one:
        yield one


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("area=999999", "没有“999999”这个地区"),
        ("education=55", "没有“55”这个学历"),
        ("occupation=9-99-99-99", "没有“9-99-99-99”这个职业"),
        (f"page={LAST_PAGE + 1}", f"最多翻到第 {LAST_PAGE} 页"),
        ("page=99999999", f"最多翻到第 {LAST_PAGE} 页"),
    ],
)
def test_what_is_no_choice_is_said_to_people_and_programs(
    site: TestClient, asked: str, sentence: str
) -> None:
    page, told = site.get(f"/jobs?{asked}"), site.get(f"/api/v1/vacancies?{asked}")
    assert (page.status_code, told.status_code) == (422, 422)
    assert sentence in page.text
    assert sentence in told.json()["message"]


def test_the_last_page_leads_no_further_and_says_what_to_do(site: TestClient) -> None:
    first, last = site.get("/jobs").text, site.get(f"/jobs?page={LAST_PAGE}")
    assert f"共 {LAST_PAGE} 页" in first
    assert last.status_code == 200
    assert "下一页" not in last.text
    assert f"只列到第 {LAST_PAGE} 页" in last.text
    assert "只列到第" not in site.get("/jobs?area=310101").text


def test_typing_keeps_the_order_and_the_number_of_rows(site: TestClient) -> None:
    form = re.search(
        r"<form class=\"find\".*?</form>", site.get("/jobs?q=电工&sort=newest&size=50&type=full").text, re.S
    )
    assert form
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    assert hidden == {"sort": "newest", "size": "50", "type": "full"}
    assert "change from:#area" in form[0]


def test_only_the_count_is_read_out_and_the_figures_say_what_they_are_of(site: TestClient) -> None:
    page = site.get("/jobs?q=电工").text
    assert re.search(r'<p class="count-line" role="status">', page)
    assert "aria-live" not in page
    assert "同地区、职业和用工形式的全部职位" in page
    assert "同地区、职业和用工形式的全部职位" not in site.get("/jobs?area=310115").text


def test_the_home_page_shows_districts_of_a_minute_ago(
    site: TestClient, clock: FixedClock, board: Path
) -> None:
    assert f"{MANY:,}" in site.get("/").text
    with open_index(board, table(), write=True) as index:
        index.put([vacancy("new", "电工", area="310115")])
        index.commit()
    assert f"{MANY:,}" in site.get("/").text
    clock.set(clock.now().replace(minute=1))
    assert f"{MANY + 1:,}" in site.get("/").text
