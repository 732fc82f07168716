"""The employer's form: pressed twice it posts once, and without a script an occupation is chosen all the same."""

from __future__ import annotations

import re

from fastapi.testclient import TestClient

from backend.employment import posting
from tests.backend.employment.city import ADVERT
from tests.backend.people import USCC
from tests.portal.city import signed

TYPED = {name: str(value) for name, value in ADVERT.items()}


def key(site: TestClient) -> str:
    found = re.search(r'name="request_id" value="(\w{32})"', site.get("/employer/vacancies/new").text)
    assert found
    return found[1]


def posted(site: TestClient, **typed: str) -> str:
    answer = site.post("/employer/vacancies/new", data=TYPED | typed, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_pressing_twice_posts_once(site: TestClient) -> None:
    signed(site, USCC)
    one = key(site)
    assert posted(site, request_id=one) == posted(site, request_id=one)
    assert site.get("/employer").text.count(TYPED["title"]) == 1
    assert posted(site, request_id=key(site)) != posted(site, request_id=key(site)), (
        "two forms are two adverts"
    )


def test_the_same_form_with_other_words_is_not_taken_for_the_first(site: TestClient) -> None:
    signed(site, USCC)
    one = key(site)
    posted(site, request_id=one)
    other = site.post("/employer/vacancies/new", data=TYPED | {"request_id": one, "title": "理货员"})
    assert other.status_code == 409
    assert 'value="理货员"' in other.text
    assert one not in other.text, "the next try has a key of its own"


def test_an_occupation_is_chosen_without_a_script(site: TestClient) -> None:
    signed(site, USCC)
    typed = {"title": "仓库管理员", "work": "收货和发货", "request_id": key(site)}
    offered = site.post("/employer/vacancies/new", data=typed | {"pick.occupation": ""})
    assert offered.status_code == 200
    assert 'role="alert"' not in offered.text, "nothing was checked yet"
    picks = re.findall(r'name="pick.occupation" value="([\d-]+)"', offered.text)
    assert picks
    chosen = site.post("/employer/vacancies/new", data=typed | {"pick.occupation": picks[0]})
    assert re.search(rf'name="occupation"[^>]*value="[^"]+ {picks[0]}"', chosen.text)
    assert "收货和发货" in chosen.text
    assert "还没有发布过岗位" not in site.get("/employer").text


def test_a_place_that_many_are_called_is_offered_without_a_script(site: TestClient) -> None:
    signed(site, USCC)
    answer = site.post("/employer/vacancies/new", data=TYPED | {"area": "朝阳区"})
    assert answer.status_code == 422
    assert re.findall(r'name="pick.area" value="(\d{6})"', answer.text)


def test_enter_in_a_field_does_what_the_form_is_for(site: TestClient) -> None:
    signed(site, USCC)
    form = site.get("/employer/vacancies/new").text.split('action="/employer/vacancies/new"')[1]
    first = re.search(r"<button[^>]*>", form)
    assert first
    assert first[0] == "<button hidden>"


def test_the_list_turns_its_pages_where_they_end(site: TestClient) -> None:
    signed(site, USCC)
    for n in range(posting.ON_A_PAGE // 2):
        posted(site, title=f"仓库管理员{n}号")
    assert "下一页" not in site.get("/employer").text
