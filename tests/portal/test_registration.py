"""An employer's own pages: registering online, coming and going of its staff, one by one and by file."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from openpyxl import Workbook

from backend.kernel import items
from backend.kernel.actor import Kind
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.registry import service as registry
from backend.registry.schema import AskStaff, Hire
from tests.backend.levy.town import SUN, WANG, ZHAO, at
from tests.backend.people import USCC, a_person, an_employer, officer
from tests.portal.city import sign_up, signed

NEW = "91350100M000100Y43"
EN = {"accept-language": "en"}
PAGES = ("", "/insure", "/change", "/insurance", "/cancel")


def key(page: str) -> str:
    found = re.search(r'name="request_id" value="(\w{32})"', page)
    assert found, page
    return found[1]


@pytest.fixture
def newcomer(site: TestClient, run: Runner, clock: FixedClock) -> TestClient:
    """An employer that is registered by its licence only. It is the fifth of August."""
    at(clock, 2026, 8, 5)
    boss = an_employer(run, NEW, insured=False, name="新来的有限公司", industry="62")
    sign_up(run, NEW, Kind.EMPLOYER, boss, area="310115")
    return signed(site, NEW)


@pytest.fixture
def hiring(site: TestClient, run: Runner, clock: FixedClock) -> TestClient:
    """The portal's employer with one employee, since July, and two more to hire."""
    at(clock, 2026, 8, 5)
    for number in (ZHAO, SUN):
        a_person(run, number)
    run.system(registry.hire, Hire(uscc=USCC, ident=WANG, name="张秀䶮", started=date(2026, 7, 1)))
    return signed(site, USCC)


def staff(run: Runner) -> list[str]:
    return [one.ident for one in run.system(registry.staff, AskStaff(uscc=USCC)).staff]


def test_a_new_employer_registers_and_sees_how_far_it_is(newcomer: TestClient, run: Runner) -> None:
    assert "还没有办理社会保险登记" in newcomer.get("/employer/registration").text
    form = newcomer.get("/employer/registration/insure").text
    wrong = newcomer.post("/employer/registration/insure", data={"since": "2026-08", "injury": "false"})
    assert (wrong.status_code, "要写明可以不参加的依据" in wrong.text) == (422, True)
    assert newcomer.post("/employer/registration/insure", data={}).status_code == 422
    sent = {"since": "2026年8月", "request_id": key(form)}
    first, again = (newcomer.post("/employer/registration/insure", data=sent) for _ in range(2))
    assert first.url == again.url, "pressing twice is pressing once"
    case = int(str(first.url).rpartition("=")[2])
    assert f"已经收到，办件号 {case}" in first.text
    assert "待审" in first.text
    assert "/employer/registration/insure" not in first.text, "nothing to file twice"
    run.by(officer("officer:2", "复核"))(items.decide, case, "approved", "")
    seen = newcomer.get("/employer/registration").text
    assert "已经办好社会保险登记" in seen
    assert "2 类" in seen, "restaurants"
    assert "没有核实过" in seen
    english = newcomer.get("/employer/registration", headers=EN).text
    assert "Registered for social insurance" in english


@pytest.mark.parametrize("act", PAGES)
def test_every_page_of_it_speaks_english(hiring: TestClient, act: str) -> None:
    page = hiring.get(f"/employer/registration{act}", headers=EN)
    assert page.status_code == 200
    body = page.text[page.text.index("<main") : page.text.index("</main")].replace("上海市浦东新区", "")
    left = re.findall(r"[\u4e00-\u9fff]+", re.sub(r'lang="zh[^"]*">[^<]*<', "<", body))
    assert left == [], "but for the example of an area"


def test_what_hinders_a_cancellation_is_said_at_once(hiring: TestClient) -> None:
    refused = hiring.post("/employer/registration/cancel", data={"reason": "closed"})
    assert (refused.status_code, "还有 1 名职工在职" in refused.text) == (409, True)
    assert hiring.get("/employer/registration/sell").status_code == 404


def test_somebody_is_let_go_with_a_reason(hiring: TestClient, run: Runner) -> None:
    page = hiring.get("/employer/staff").text
    assert WANG not in page, "numbers are masked"
    found = re.search(r"/employer/staff/([\w-]{22})", page)
    assert found
    form = hiring.get(found[0]).text
    assert "解除或终止劳动合同" in form
    missing = hiring.post(found[0], data={"ended": "2026-07-10"})
    assert (missing.status_code, "请填写“减员原因”" in missing.text) == (422, True)
    assert hiring.post(found[0], data={"ended": "2026-06-10", "reason": "6301"}).status_code == 422
    done = hiring.post(found[0], data={"ended": "2026-07-10", "reason": "6301", "request_id": key(form)})
    assert (done.status_code, "减少办好了" in done.text, "超过了 11 天" in done.text) == (200, True, True)
    assert staff(run) == []
    assert hiring.get(found[0]).status_code == 404, "of who does not work there nothing is said"


def test_a_late_hire_is_accepted_with_a_word_about_the_law(hiring: TestClient) -> None:
    sent = {"ident": ZHAO, "name": "张秀䶮", "started": "2026-06-01"}
    done = hiring.post("/employer/levy/hire", data=sent).text
    assert "登记好了" in done
    assert "超过了 35 天" in done
    assert "社会保险法 第五十八条" in done


def sheet(*rows: tuple[str, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def upload(site: TestClient, act: str, content: bytes, **typed: str) -> tuple[int, str]:
    answer = site.post(f"/employer/staff/batch/{act}", files={"file": ("职工.xlsx", content)}, data=typed)
    return answer.status_code, answer.text


def test_many_come_and_go_by_a_spreadsheet_in_words(hiring: TestClient, run: Runner) -> None:
    heads = (
        hiring.get("/employer/staff/batch/hire/template.csv").content.decode("utf-8-sig").strip().split(",")
    )
    assert heads == ["公民身份号码", "姓名", "入职日期", "职业", "增员原因"]
    come = sheet(
        tuple(heads),
        (ZHAO, "张秀䶮", "2026-08-03", "", "统筹范围外转入"),
        (SUN, "张秀䶮", "2026年8月4日", "", ""),
        (WANG, "张秀䶮", "2026-08-03", "", "没有这个原因"),
    )
    status, page = upload(hiring, "hire", come, dry="1")
    assert (status, "共 3 行，1 行有误" in page, "增员原因代码" in page) == (200, True, True)
    assert staff(run) == [WANG]
    assert upload(hiring, "hire", come)[1].count("失败") == 1
    assert set(staff(run)) == {WANG, ZHAO, SUN}
    assert "2 行有误" not in upload(hiring, "hire", come)[1], "the same file again is the same batch"
    go = sheet(
        ("公民身份号码", "离职日期", "减员原因"),
        (ZHAO, "2026-08-05", "参军"),
        (SUN, "2026-08-05", "转出统筹范围外"),
    )
    assert "0 行有误" in upload(hiring, "leave", go)[1]
    assert staff(run) == [WANG]
    assert upload(hiring, "leave", sheet(("公民身份号码",)))[0] == 422
    assert upload(hiring, "leave", b"PK\x03\x04broken")[0] == 422
    assert hiring.get("/employer/staff/batch/dance").status_code == 404
