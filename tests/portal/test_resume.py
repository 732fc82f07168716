"""A session that ends under a form: what was typed comes back, to the same person only, and never a password."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from fastapi.testclient import TestClient

from backend.kernel.clock import FixedClock
from tests.backend.employment.city import ADVERT
from tests.backend.people import LI, USCC, ZHANG
from tests.portal.city import number, signed

LONG = timedelta(hours=9)


@pytest.fixture
def away(site: TestClient, clock: FixedClock) -> TestClient:
    """An employer who was signed in this morning."""
    signed(site, USCC)
    clock.set(clock.now() + LONG)
    return site


def hidden(page: str) -> dict[str, str]:
    form = page[page.index("<main") :]
    return {
        unescape(name): unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    }


def sent(site: TestClient, to: str, page: str, **data: str) -> str:
    answer = site.post(to, data=data, headers={"referer": f"http://testserver{page}"})
    assert answer.status_code == 401
    assert "登录已经过期" in answer.text
    return answer.text


def test_what_was_typed_is_sent_on_after_signing_in(away: TestClient) -> None:
    typed = {name: str(value) for name, value in ADVERT.items()} | {"title": "仓库“早班”管理员 <1>"}
    asked = hidden(sent(away, "/employer/vacancies/new", "/employer/vacancies/new", **typed))
    back = away.post("/sign-in", data=asked | {"name": USCC, "password": "Shili-2026"})
    assert "您填的内容还在" in back.text
    assert 'action="/employer/vacancies/new"' in back.text
    assert hidden(back.text) == typed
    done = away.post("/employer/vacancies/new", data=hidden(back.text))
    assert done.status_code == 200
    assert "仓库“早班”管理员 &lt;1&gt;" in done.text


def test_a_wrong_password_loses_nothing_of_it(away: TestClient) -> None:
    asked = hidden(sent(away, "/employer/vacancies/new", "/employer/vacancies/new", **{"title": "理货员"}))
    again = away.post("/sign-in", data=asked | {"name": USCC, "password": "wrong"})
    assert again.status_code == 401
    assert hidden(again.text) == asked


def test_another_person_gets_nothing_of_it(away: TestClient) -> None:
    asked = hidden(sent(away, "/employer/vacancies/new", "/employer/vacancies/new", **{"title": "理货员"}))
    other = away.post("/sign-in", data=asked | {"name": LI, "password": "Shili-2026"}, follow_redirects=False)
    assert other.status_code == 303
    assert "理货员" not in other.text


def test_who_was_never_here_is_kept_nothing(site: TestClient) -> None:
    answer = site.post("/account/card/loss", data={"reason": "x"})
    assert answer.status_code == 401
    assert "kept." not in answer.text


def test_a_password_is_never_kept(away: TestClient) -> None:
    page = sent(away, "/employer/vacancies/new", "/employer", password="Geheim-99", title="理货员")
    assert "Geheim-99" not in page


def test_a_button_without_a_page_of_its_own_leads_back_to_the_page_it_stood_on(
    site: TestClient, clock: FixedClock
) -> None:
    no = number(site)
    signed(site, ZHANG)
    site.post(f"/jobs/{no}/apply", data={})
    cancel = re.search(r'action="(/account/applications/\w+/cancel)"', site.get("/account/applications").text)
    assert cancel
    clock.set(clock.now() + LONG)
    asked = hidden(sent(site, cancel[1], "/account/applications"))
    back = site.post(
        "/sign-in", data=asked | {"name": ZHANG, "password": "Shili-2026"}, follow_redirects=False
    )
    assert back.status_code == 303
    assert back.headers["location"] == "/account/applications"


def test_what_is_sent_on_stays_in_this_house(away: TestClient) -> None:
    asked = hidden(sent(away, "/employer/vacancies/new", "/employer", title="理货员"))
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example"):
        answer = away.post(
            "/sign-in",
            data=asked | {"send": elsewhere, "name": USCC, "password": "Shili-2026"},
            follow_redirects=False,
        )
        assert answer.status_code == 303
        assert "elsewhere" not in answer.headers["location"] + answer.text
        away.post("/sign-out")
