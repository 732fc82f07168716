"""Without a script: an employer finds the occupation and posts; a session that ended gives back what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from backend.demo.cast import CAST
from tests.e2e.conftest import PHONE, House, axe, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("house")]
BY = {member.key: member for member in CAST}
Visitor = Callable[..., Page]


def fill(page: Page, house: House, title: str) -> None:
    page.goto(f"{house.portal}/employer/vacancies/new")
    page.fill("#title", title)
    page.fill("#work", "收货、发货、每月盘点，保持账物相符，做五休二。")
    page.fill("#pay_min", "5000")
    page.fill("#pay_max", "6500")
    page.fill("#valid_until", (datetime.now(UTC) + timedelta(days=30)).date().isoformat())


def test_an_occupation_is_found_and_an_advert_posted(house: House, visitor: Visitor) -> None:
    page = visitor(PHONE, script=False)
    sign_in(page, house, BY["employer"])
    fill(page, house, "仓库管理员青松")
    page.get_by_role("button", name="按职位名称找职业").click()
    page.locator("#suggested button").first.click()
    expect(page.locator("#occupation")).to_have_value(re.compile(r".+ \d-\d{2}-\d{2}-\d{2}"))
    expect(page.locator("#pay_max")).to_have_value("6500")
    page.locator("#pay_max").press("Enter")
    expect(page.get_by_text("正在招聘").first).to_be_visible()


def test_what_was_typed_comes_back_after_the_session_has_ended(house: House, visitor: Visitor) -> None:
    page = visitor(PHONE)
    member = BY["employer"]
    sign_in(page, house, member)
    fill(page, house, "理货员青松")
    page.context.clear_cookies(name="renshe_session")
    with page.expect_response(re.compile("/sign-in")):  # what was to be suggested while the title was typed
        page.fill("#title", "理货员青松苑")
    page.get_by_role("button", name="提交发布").click()
    expect(page.get_by_text("登录已经过期")).to_be_visible()
    assert axe(page) == []
    page.fill("#name", member.login)
    page.fill("#password", member.password)
    page.click("main form button")
    expect(page.locator("h1")).to_have_text("已经重新登录")
    assert axe(page) == []
    page.get_by_role("button", name="接着提交").click()
    expect(page.locator("#title")).to_have_value(
        "理货员青松苑"
    )  # the occupation was missing: nothing is lost
    expect(page.locator(".summary")).to_be_focused()
