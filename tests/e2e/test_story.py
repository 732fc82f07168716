"""The main story, by hand as people do it: search and apply, post and be found, collect once, look it up."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.demo.cast import CAST, Member
from cardio.sandbox import Sandbox, missing
from cardio.sim import Persona, SimCard
from cardio.vpcd import InReader
from tests.e2e.conftest import DESKTOP, KIOSK, PHONE, House, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("house")]
BY = {member.key: member for member in CAST}
Visitor = Callable[..., Page]


def personas(house: House) -> list[Persona]:
    listed = json.loads((house.home / "kiosk/cards.json").read_text("utf-8"))
    return [
        Persona.from_json({name: value for name, value in one.items() if name != "note"}) for one in listed
    ]


def renshe(house: House, *command: str) -> str:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "renshe"), *command],
        env={"PATH": "/usr/bin:/bin", "RENSHE_HOME": str(house.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_seeker_on_a_phone_finds_a_job_by_pinyin_and_applies(house: House, visitor: Visitor) -> None:
    page = visitor(PHONE)
    page.goto(house.portal)
    page.fill("#q", "fuwuyuan")
    page.click("main form button")
    expect(page.locator(".hits mark").first).to_contain_text("服务员")
    page.locator(".hits h2 a").first.click()
    title = page.locator("h1").inner_text()
    page.get_by_role("link", name="登录后申请").click()
    page.fill("#name", BY["seeker"].login)
    page.fill("#password", BY["seeker"].password)
    page.click("main form button")
    expect(page.locator("h1")).to_have_text(title)
    page.fill("#letter", "我做过三年，随时可以上班。")
    page.get_by_role("button", name="申请").click()
    expect(page.get_by_text("申请已经送到单位")).to_be_visible()
    page.goto(f"{house.portal}/account/applications")
    expect(page.get_by_role("link", name=title)).to_be_visible()
    expect(page.get_by_text("已投递").first).to_be_visible()


def write_vacancy(page: Page, house: House, title: str) -> None:
    page.goto(f"{house.portal}/employer/vacancies/new")
    page.locator("#title").press_sequentially(title, delay=20)
    page.locator("#suggested button").first.click()
    assert re.fullmatch(r"\d-\d{2}-\d{2}-\d{2}", page.input_value("#occupation"))
    page.fill("#work", "操作数控车床加工零件，检验尺寸，做好设备日常保养。每天八小时，双休。")
    page.fill("#pay_min", "7000")
    page.fill("#pay_max", "9500")
    page.fill("#valid_until", (datetime.now(UTC) + timedelta(days=30)).date().isoformat())
    page.get_by_role("button", name="提交发布").click()


def test_an_employer_posts_and_another_visitor_finds_it(house: House, visitor: Visitor) -> None:
    employer, seeker = visitor(DESKTOP), visitor(PHONE)
    sign_in(employer, house, BY["employer"])
    seeker.goto(f"{house.portal}/jobs")
    write_vacancy(employer, house, "数控车床操作工奇岭")
    expect(employer.get_by_text("正在招聘").first).to_be_visible()
    deadline = time.monotonic() + 60
    while True:
        seeker.goto(f"{house.portal}/jobs?q=奇岭")
        if seeker.locator(".hits h2", has_text="操作工奇岭").count():
            break
        assert time.monotonic() < deadline, "not found at all"
        time.sleep(0.05)


def test_what_the_law_forbids_is_refused_with_the_clause(house: House, visitor: Visitor) -> None:
    page = visitor(DESKTOP)
    sign_in(page, house, BY["employer"])
    page.goto(f"{house.portal}/employer/vacancies/new")
    page.fill("#title", "仓库管理员")
    page.fill("#occupation", "4-02-06-01")
    page.fill("#work", "负责仓库收发货和盘点。只招男性，上岗前交押金五百元。")
    page.fill("#pay_min", "5000")
    page.fill("#pay_max", "6500")
    page.fill("#valid_until", (datetime.now(UTC) + timedelta(days=30)).date().isoformat())
    page.get_by_role("button", name="提交发布").click()
    expect(page.get_by_text("劳动合同法").first).to_be_visible()
    expect(page.locator(".tag.stopped").first).to_be_visible()


def press_pin(page: Page, pin: str) -> None:
    for typed, digit in enumerate(pin, 1):
        page.locator(".keypad").get_by_role("button", name=digit, exact=True).click()
        expect(page.locator(".typed i.full")).to_have_count(typed)
    page.get_by_role("button", name="确认").click()


def state(page: Page, name: str, seconds: float = 60) -> None:
    expect(page.locator("#kiosk")).to_have_attribute(
        "data-state", re.compile(f"^({name})$"), timeout=seconds * 1000
    )


def collect_cash(page: Page, pin: str) -> None:
    """From a card just put in to the notes in the slot; the card has been asked out."""
    state(page, "PIN")
    press_pin(page, pin)
    state(page, "MENU")
    page.locator("button[value=COLLECT]").click()
    state(page, "METHOD")
    page.locator("button[value=CASH]").click()


@pytest.mark.pcsc
def test_a_retiree_collects_this_month_once_through_the_real_card_stack(
    house: House, visitor: Visitor, reader: Sandbox | None
) -> None:
    if reader is None:
        pytest.skip(str(missing()))
    member = BY["retiree_cash"]
    card = SimCard(next(one for one in personas(house) if one.ident == member.login))
    page = visitor(KIOSK)
    page.goto(house.kiosk)
    state(page, "WELCOME")
    with InReader(card, reader.dial(0)):
        collect_cash(page, member.pin)
        state(page, "TAKE_CARD|STACKED|ASK_CARD")
    state(page, "PRESENTING")
    page.get_by_role("button", name=re.compile("取走出钞口的现金")).click()
    state(page, "RESULT")
    expect(page.get_by_text("领好了").first).to_be_visible()
    page.keyboard.down("9")  # the card is out: covered until it is looked at
    amount = page.locator(".amount .bare").inner_text()
    page.keyboard.up("9")
    page.get_by_role("button", name="好，办完了").click()
    state(page, "WELCOME")

    time.sleep(2)  # the service looks for cards every 0.4 s
    with InReader(card, reader.dial(0)):
        state(page, "PIN")
        press_pin(page, member.pin)
        state(page, "MENU")
        page.locator("button[value=COLLECT]").click()
        expect(page.locator("main")).to_contain_text("领")
        expect(page.locator("main")).to_contain_text(re.compile("已经领过|只能领一次|没有可以领"))
    books_agree(house, visitor, member, amount)


def books_agree(house: House, visitor: Visitor, member: Member, amount: str) -> None:
    """The portal shows what the kiosk paid, and the ledger agrees with itself to the fen."""
    page = visitor(PHONE)
    sign_in(page, house, member)
    page.goto(f"{house.portal}/account/payments")
    row = page.locator("tbody tr", has_text="基本养老金").first
    expect(row).to_contain_text("已领现金")
    assert amount.replace("¥", "").strip() in row.inner_text()
    assert "总账相符" in renshe(house, "ledger", "check")
    assert "全部相符" in renshe(house, "audit", "verify")


def test_a_retiree_sends_it_to_the_bank_with_a_card_of_the_tray(house: House, visitor: Visitor) -> None:
    """Also without a reader: the tray of demo cards beside the machine."""
    member = BY["retiree_bank"]
    page = visitor(KIOSK)
    page.goto(house.kiosk)
    state(page, "WELCOME")
    page.get_by_role("button", name=re.compile(member.name)).click()
    state(page, "PIN")
    press_pin(page, "999999")
    expect(page.get_by_text("还可以试").first).to_contain_text("2")
    press_pin(page, member.pin)
    state(page, "MENU")
    page.locator("button[value=SHOW_ACCOUNT]").click()
    state(page, "ACCOUNT")
    page.get_by_role("button", name="返回").click()
    state(page, "MENU")
    page.locator("button[value=COLLECT]").click()
    expect(page.locator("main")).to_contain_text(re.compile("银行|没有可以领"))
    page.get_by_role("button", name=re.compile(member.name)).click()
    state(page, "WELCOME")


def test_officers_decide_a_pension_in_three_steps(house: House, visitor: Visitor) -> None:
    """The counter files, two others look, nobody their own; the audit holds."""
    counter, second, third = visitor(DESKTOP), visitor(DESKTOP), visitor(DESKTOP)
    sign_in(counter, house, BY["counter"])
    counter.goto(f"{house.portal}/desk/PAY-22")
    counter.fill("#kiosk", "00000001")
    counter.fill("#amount_fen", "10000")
    counter.fill("#sheet", "2026-01")
    counter.get_by_role("button", name="办理").click()
    expect(counter.get_by_text("已受理，等待审核")).to_be_visible()
    counter.goto(f"{house.portal}/desk/cases")
    expect(counter.locator("h1")).to_be_visible()
    sign_in(second, house, BY["reviewer"])
    second.goto(f"{house.portal}/desk/cases")
    second.get_by_role("button", name="同意").first.click()
    expect(second.get_by_text("已经办结")).to_be_visible()
    sign_in(third, house, BY["director"])
    third.goto(f"{house.portal}/desk/cases?state=done")
    expect(third.get_by_text("自助机加钞").first).to_be_visible()
    assert "总账相符" in renshe(house, "ledger", "check")
