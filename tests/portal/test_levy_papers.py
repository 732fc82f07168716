"""Papers of contributions: notices, agreements, certificates and statements as their payers get them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date

import openpyxl
import pypdf
import pytest
from fastapi.testclient import TestClient

from backend.kernel import files
from backend.kernel.actor import Kind
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.levy import service as levy
from backend.levy.deferred import Defer
from backend.levy.noticed import IssueNotices
from backend.levy.schema import AskEmployerBills, ChooseBase, WriteOff
from backend.registry import service as registry
from backend.registry.schema import Hire
from tests.backend.levy.town import (
    HIGH,
    LOW,
    MIDDLE,
    SUN,
    WANG,
    WHOLE,
    ZHAO,
    at,
    bill,
    carried_out,
    declare,
    flexible,
    receive,
)
from tests.backend.people import USCC, ZHANG, a_person
from tests.portal.city import sign_up, signed

EN = {"accept-language": "en"}


@pytest.fixture
def late(run: Runner, clock: FixedClock, site: TestClient) -> TestClient:
    """August of three employees and of Zhang, who insures himself, is fifteen days late; a part was paid."""
    at(clock, 2026, 8, 5)
    for number, wage in ((WANG, LOW), (ZHAO, MIDDLE), (SUN, HIGH)):
        if number != WANG:
            a_person(run, number)
        run.system(registry.hire, Hire(uscc=USCC, ident=number, name="张秀䶮", started=date(2026, 7, 1)))
        declare(run, number, wage)
    bill(run)
    receive(run, "B0001", 1_000_000)
    at(clock, 2026, 9, 9)
    return site


def read(content: bytes) -> str:
    """The text of a paper, without where its lines end."""
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")


def cells(content: bytes) -> Iterator[object]:
    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows(values_only=True):
            yield from (one for one in row if one is not None)


def test_who_is_told_to_pay_sees_it_and_takes_the_paper(late: TestClient, run: Runner) -> None:
    run.system(levy.issue_notices, IssueNotices())
    page = signed(late, USCC).get("/employer/levy").text
    assert "收到限期缴纳通知书" in page
    assert "2026-1 号通知" in page
    assert "请在 2026年9月24日 以前缴清" in page
    assert "ordered to pay by a set day" in late.get("/employer/levy", headers=EN).text
    paper = late.get("/employer/levy/notices/2026-1/pdf")
    assert paper.headers["content-type"] == "application/pdf"
    told = read(paper.content)
    left = f"{(WHOLE - 1_000_000) / 100:,.2f}"
    for part in (
        "社会保险费限期缴纳通知书",
        "限缴〔2026〕1号",
        USCC,
        left,
        "2026年9月24日以前缴清",
        "第八十六条",
        "0.05%",
    ):
        assert part in told
    assert late.get("/employer/levy/notices/2026-2/pdf").status_code == 404
    assert late.get("/employer/levy/notices/nonsense/pdf").status_code == 422
    receive(run, "B0002", WHOLE)
    assert "限期缴纳通知书" not in late.get("/employer/levy").text


def test_an_agreement_shows_its_parts_and_what_breaks_it(
    late: TestClient, run: Runner, clock: FixedClock
) -> None:
    file = run.system(files.keep, name="担保.pdf", content=b"%PDF-1.7").file
    run.system(
        levy.defer,
        Defer(
            uscc=USCC,
            document="沪社保缓〔2026〕1号",
            parts=3,
            first="2026-09",
            guarantee="mortgage",
            file=file,
            reason="停工停产",
        ),
    )
    page = signed(late, USCC).get("/employer/levy").text
    assert "沪社保缓〔2026〕1号" in page
    assert "履行中" in page
    assert page.count("未到期") == 3
    assert "签了缓缴协议的，缓缴期里的天数不算" in page
    at(clock, 2026, 9, 26)
    page = signed(late, USCC).get("/employer/levy").text
    assert "协议在 2026年9月25日 终止" in page
    assert "ended on 25 September 2026" in late.get("/employer/levy", headers=EN).text


def test_a_certificate_on_paper_says_what_anybody_can_check(late: TestClient, run: Runner) -> None:
    receive(run, "B0002", WHOLE)
    made = signed(late, WANG).post("/account/levy/certificates", data={"request_id": "b" * 32})
    code = str(made.url).rpartition("/")[2]
    assert f"/account/levy/certificates/{code}/pdf" in made.text
    told = read(late.get(f"/account/levy/certificates/{code}/pdf").content)
    for part in ("参保缴费证明", WANG, code, f"/verify?code={code}", "示例精密机械有限公司", "2026年8月"):
        assert part in told
    signed(late, ZHANG)
    assert late.get(f"/account/levy/certificates/{code}/pdf").status_code == 404


def test_a_years_statement_says_what_was_due_what_came_and_where_it_went(
    late: TestClient, run: Runner
) -> None:
    receive(run, "B0003", 700, received_on="2026-08-06")
    page = signed(late, USCC).get("/employer/levy/receipts").text
    assert "/employer/levy/statement/2026/pdf" in page
    sheet = late.get("/employer/levy/statement/2026/xlsx")
    told = list(cells(sheet.content))
    assert "B0001" in told
    assert "2026年8月 工伤保险 应缴社会保险费" in told
    for amount in (WHOLE, 1_000_700, WHOLE - 1_000_700):
        assert amount / 100 in told
    assert "B0001" not in list(cells(late.get("/employer/levy/statement/2025/xlsx").content))
    english = list(cells(late.get("/employer/levy/statement/2026/xlsx", headers=EN).content))
    assert "Statement of social-insurance contributions, 2026" in english
    for wrong in ("1800/xlsx", "2026/docx", "now/pdf"):
        assert late.get(f"/employer/levy/statement/{wrong}").status_code in {404, 422}


def test_what_was_given_up_is_not_called_paid(late: TestClient, run: Runner) -> None:
    bills = run.system(levy.of_employer, AskEmployerBills(uscc=USCC)).bills
    for one in bills:
        carried_out(run, "LEV-09", WriteOff(bill=one.bill, reason="单位破产，清偿完毕"))
    page = signed(late, USCC).get("/employer/levy").text
    table = page[page.rindex("<table") :]
    assert "核销" in table
    assert f"{(WHOLE - 1_000_000) / 100:,.2f}" in table
    assert "已缴清" not in table


def test_a_persons_statement_has_what_employers_paid_and_what_they_paid_themselves(
    late: TestClient, run: Runner, clock: FixedClock
) -> None:
    told = list(cells(signed(late, WANG).get("/account/levy/statement/2026/xlsx").content))
    assert "示例精密机械有限公司" in told
    assert "还没有缴清" in told
    assert "流水号" not in told, "an employee pays nothing themselves"
    at(clock, 2026, 9, 5)
    ident = "310101197506200031"
    sign_up(run, ident, Kind.CITIZEN, flexible(run, ident))
    run.system(levy.choose_base, ChooseBase(ident=ident, since="2026-09", base_fen=1_000_000))
    bill(run, "2026-09")
    receive(run, "B0009", 50_000, payer=ident)
    told = list(cells(signed(late, ident).get("/account/levy/statement/2026/xlsx").content))
    assert {"B0009", 500, 1500, 2000} <= set(told)


def test_an_officer_makes_lists_and_prints_them_at_the_counter(late: TestClient) -> None:
    signed(late, "1001")
    done = late.post("/desk/LEV-20", data={"request_id": "c" * 32}).text
    assert "新发通知（份）" in done
    assert "没有核实过" in done, "how many days a notice gives nobody has verified"
    listed = late.post("/desk/LEV-Q20", data={"state": "open"}).text
    assert "示例精密机械有限公司" in listed
    printed = late.post("/desk/LEV-23", data={"notice": "2026-1", "request_id": "d" * 32}).text
    assert "/api/v1/files/" in printed
    assert "没有记录" in late.post("/desk/LEV-Q23", data={"state": "all"}).text
    for code in ("LEV-21", "LEV-22", "LEV-Q24", "LEV-Q25"):
        assert late.get(f"/desk/{code}").status_code == 200
