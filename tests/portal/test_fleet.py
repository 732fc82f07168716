"""The bureau's page of its kiosks: three of them, one silent, one out of paper, one with a doubt; stopped from there."""

from __future__ import annotations

import io
from datetime import timedelta

import pypdf
import pytest
from fastapi.testclient import TestClient

from backend.kernel.actor import Kind
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from tests.backend.kiosks.hall import BAG, Hall
from tests.backend.payout.city import fund
from tests.backend.payout.terminal import Terminal
from tests.portal.city import sign_up, signed

DOUBT = "0000000300010001"
NO_PAPER = {"name": "printer", "state": "failed", "code": "PAPER_OUT", "facts": {"paper": "out"}}


def says(kiosk: Terminal, clock: FixedClock, **more: object) -> None:
    kiosk.ask("KSK-31", **({"state": "serving", "clock": clock.now(), "notes": Hall.lying(BAG)} | more))


@pytest.fixture
def kiosks(run: Runner, clock: FixedClock) -> list[Terminal]:
    fund(run)
    three = [Terminal(run, f"0000000{n}") for n in (1, 2, 3)]
    says(three[0], clock)
    clock.set(clock.now() + timedelta(minutes=10))
    says(three[1], clock, devices=[NO_PAPER])
    says(three[2], clock, doubts=[DOUBT])
    return three


@pytest.fixture
def desk(site: TestClient, run: Runner, kiosks: list[Terminal]) -> TestClient:
    sign_up(run, "1004", Kind.OFFICER, None, ("经办",))
    return signed(site, "1004")


def test_what_is_wrong_stands_first_with_a_word_and_how_old_it_is(desk: TestClient) -> None:
    page = desk.get("/desk/kiosks").text
    assert page.index("00000001") < page.index("00000002")
    for word in ("失联", "10 分钟前", "打印机：故障", "待核实 1 张", "数据时间", "还够几天"):
        assert word in page
    assert desk.get("/desk/KSK-Q31", follow_redirects=False).headers["location"] == "/desk/kiosks"


def test_in_english_nothing_is_left_in_chinese_but_names(desk: TestClient) -> None:
    desk.headers["accept-language"] = "en"
    page = desk.get("/desk/kiosks").text
    for word in ("No contact", "Printer: Fault", "1 under verification", "10 min ago"):
        assert word in page


def test_one_kiosk_tells_its_doubts_its_notes_and_its_history(desk: TestClient) -> None:
    page = desk.get("/desk/kiosks/00000003").text
    for word in (DOUBT, "钞箱（张）", "<svg", "状态变化", "正常服务"):
        assert word in page
    assert "可能已经不准" in desk.get("/desk/kiosks/00000001").text
    assert desk.get("/desk/kiosks/0000000f").status_code == 404
    assert desk.get("/desk/kiosks/zz").status_code == 422


def test_it_is_stopped_and_started_with_a_reason(
    desk: TestClient, kiosks: list[Terminal], clock: FixedClock
) -> None:
    there = "/desk/kiosks/00000002"
    assert desk.post(f"{there}/stop", data={"reason": ""}).status_code == 422
    page = desk.post(f"{there}/stop", data={"reason": "正在检修"}).text
    assert "已发停用，等它收到" in page
    assert "正在检修" in page
    assert not kiosks[1].ask("KSK-31", state="closed", clock=clock.now()).serve
    assert desk.post(f"{there}/stop", data={"reason": "再停"}).status_code == 409
    assert "恢复服务" in desk.post(f"{there}/start", data={"reason": "修好了"}).text
    assert kiosks[1].ask("KSK-31", state="serving", clock=clock.now()).serve


def test_who_only_reads_has_no_button_and_a_citizen_no_page(
    site: TestClient, run: Runner, kiosks: list[Terminal]
) -> None:
    sign_up(run, "1005", Kind.OFFICER, None, ("审计",))
    desk = signed(site, "1005")
    assert "停用原因" not in desk.get("/desk/kiosks/00000002").text
    assert desk.post("/desk/kiosks/00000002/stop", data={"reason": "正在检修"}).status_code == 403


def test_the_days_sheet_is_a_page_and_a_pdf(desk: TestClient, clock: FixedClock) -> None:
    there = f"/desk/kiosks/00000003/day?day={clock.today()}"
    assert "日终账面" in desk.get(there).text
    pdf = desk.get(f"{there}&pdf=1")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf.content)).pages)
    assert "自助机现金日结单" in text
