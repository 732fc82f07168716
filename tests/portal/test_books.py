"""The books at the counter: statements in both languages, the same as PDF and workbook, for who may read them."""

from __future__ import annotations

import io

import openpyxl
import pypdf
import pytest
from fastapi.testclient import TestClient

from backend.kernel.actor import Kind
from backend.kernel.db import Runner
from portal.pages.desk.books import STATEMENTS, TABS
from tests.backend.accounting.world import LAST_YEAR, done, settle, two_years
from tests.portal.city import sign_up, signed

FORMULA = "=1+1"


@pytest.fixture
def desk(site: TestClient, run: Runner) -> TestClient:
    two_years(run)
    settle(run, LAST_YEAR)
    done(run, "FIN-04", fund="pension", year=2026, kind="benefit_expense", amount="1700", reason=FORMULA)
    done(
        run,
        "FIN-08",
        fund="pension",
        debit="interest_income",
        credit="other_income",
        amount="3.21",
        document="更正1号",
        reason=FORMULA,
    )
    sign_up(run, "1004", Kind.OFFICER, None, ("财务",))
    return signed(site, "1004")


def test_the_first_page_leads_to_every_statement(desk: TestClient) -> None:
    home = desk.get("/desk").text
    assert "基金财务" in home
    assert set(TABS) == set(STATEMENTS)
    for name, code in STATEMENTS.items():
        assert f'href="/desk/{code}"' in home
        answer = desk.get(f"/desk/{code}", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/books/{name}")
    assert desk.get("/desk/books", follow_redirects=False).headers["location"] == "/desk/books/sheet"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sheet", ("资产合计", "2,920.00", "收支差额（未结转）", "负债和净资产合计")),
        ("flow", ("收入合计", "2,220.00", "上年同期累计数", "各月收入和支出", "<svg")),
        ("trial", ("期初借方", "1,720.00", "合计")),
        ("detail", ("支出户存款", "期初余额", "期末余额")),
        ("budget", ("执行进度", "50.00%", "预算的各版", FORMULA, "<svg")),
        ("corrections", ("利息收入", "其他收入", "3.21", "更正1号", FORMULA)),
        ("periods", ("下一个要结的月份", "2025年12月", "已结账", "结账")),
    ],
)
def test_a_statement_shows_the_usual_question_at_once(
    desk: TestClient, name: str, said: tuple[str, ...]
) -> None:
    answer = desk.get(f"/desk/books/{name}")
    assert answer.status_code == 200
    for text in said:
        assert text in answer.text, text


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_is_in_english_too(desk: TestClient, name: str) -> None:
    answer = desk.get(f"/desk/books/{name}", headers={"accept-language": "en"})
    assert answer.status_code == 200
    assert "Download workbook (xlsx)" in answer.text


@pytest.mark.parametrize("name", STATEMENTS)
def test_page_paper_and_workbook_say_the_same(desk: TestClient, name: str) -> None:
    asked = {
        "detail": "fund=pension&kind=benefit_payable&first_month=2026-01&last_month=2026-11",
        "budget": "fund=pension&year=2026",
        "corrections": "fund=pension&year=2026",
        "periods": "year=2025",
    }.get(name, "fund=pension&month=2026-11")
    page = desk.get(f"/desk/books/{name}?{asked}").text
    paper = desk.get(f"/desk/books/{name}/pdf?{asked}")
    book = desk.get(f"/desk/books/{name}/xlsx?{asked}")
    assert paper.headers["content-type"] == "application/pdf"
    assert book.headers["content-disposition"].startswith("attachment")
    text = pypdf.PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
    cells = {
        cell.value
        for sheet in openpyxl.load_workbook(io.BytesIO(book.content))
        for row in sheet.iter_rows()
        for cell in row
    }
    figure, value = {
        "sheet": ("2,920.00", 2920),
        "flow": ("1,370.00", 1370),
        "trial": ("1,653.21", 1653.21),
        "detail": ("1,150.00", 1150),
        "budget": ("850.00", 850),
        "periods": ("2025年11月", "2025年11月"),
        "corrections": ("3.21", 3.21),
    }[name]
    assert figure in page
    assert figure in text
    assert value in cells


def test_what_was_typed_is_never_run_as_a_formula(desk: TestClient) -> None:
    book = openpyxl.load_workbook(io.BytesIO(desk.get("/desk/books/budget/xlsx").content))
    [cell] = [cell for row in book["预算的各版"].iter_rows() for cell in row if cell.value == FORMULA]
    assert cell.data_type == "s"


def test_a_question_that_cannot_be_read_is_asked_again(desk: TestClient) -> None:
    for asked in ("fund=pension&month=x", "fund=lottery&month=2026-11", "month=2026-11"):
        answer = desk.get(f"/desk/books/sheet?{asked}")
        assert answer.status_code == 422
        assert "请更正以下内容" in answer.text
        assert desk.get(f"/desk/books/sheet/pdf?{asked}").status_code == 422
    reversed_ = "fund=pension&kind=bonds&first_month=2026-11&last_month=2026-01"
    answer = desk.get(f"/desk/books/detail?{reversed_}")
    assert answer.status_code == 422
    assert "起始月份在截止月份之后" in answer.text


def test_who_may_not_read_the_books_finds_no_page(site: TestClient) -> None:
    signed(site, "1001")
    for address in ("/desk/books", "/desk/books/sheet", "/desk/books/sheet/pdf"):
        assert site.get(address, follow_redirects=False).status_code == 404
    assert "基金财务" not in site.get("/desk").text


def test_the_picture_stands_beside_its_numbers(desk: TestClient) -> None:
    page = desk.get("/desk/books/flow?fund=pension&month=2026-11").text
    beside = page[page.index('class="drawn"') :]
    assert "<svg" in beside
    for figure in ("2026年10月", "1,020.00", "400.00", "620.00"):
        assert figure in beside


def test_a_fund_without_books_has_statements_without_pictures(desk: TestClient) -> None:
    for name in ("flow", "budget"):
        asked = "fund=injury&month=2026-11&year=2026"
        answer = desk.get(f"/desk/books/{name}?{asked}")
        assert answer.status_code == 200
        assert 'class="drawn"' not in answer.text
        assert desk.get(f"/desk/books/{name}/pdf?{asked}").content.startswith(b"%PDF")


def test_there_is_no_other_statement_and_no_other_file(desk: TestClient) -> None:
    assert desk.get("/desk/books/lottery").status_code == 404
    assert desk.get("/desk/books/sheet/docx").status_code == 404


def test_money_is_moved_at_the_counter_and_waits_for_review(desk: TestClient) -> None:
    form = desk.get("/desk/FIN-03").text
    assert "收入户 → 财政专户" in form
    typed = {
        "fund": "pension",
        "way": "receipts_to_treasury",
        "amount": "1,000.50",
        "slip": "2026-1124-01",
    }
    assert "已受理，等待审核" in desk.post("/desk/FIN-03", data=typed).text
