"""Dues on the web: what an employer and a person see and pay, bases one by one and by file, certificates checked by
anybody."""

from __future__ import annotations

import re
from datetime import date

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from backend.kernel.actor import Kind
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.period import Month
from backend.levy import service as levy
from backend.levy.decided import DecideFloating, GrantRelief
from backend.levy.model import DeclaredBase
from backend.levy.schema import AskEmployeeBases, AskEmployerReceipts, ChooseBase, OwnLine
from backend.registry import service as registry
from backend.registry.schema import Hire
from portal.pages.levy.shown import stretches
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
    declare,
    flexible,
    owed,
    receive,
)
from tests.backend.people import USCC, ZHANG, a_person, an_employer
from tests.portal.city import sign_up, signed

OTHER = "91350100M000100Y43"
EN = {"accept-language": "en"}


@pytest.fixture
def town(run: Runner, clock: FixedClock, site: TestClient) -> TestClient:
    """The employer of the portal's city with three employees; it is the fifth of August, nobody is declared."""
    at(clock, 2026, 8, 5)
    for number in (WANG, ZHAO, SUN):
        if number != WANG:
            a_person(run, number)
        run.system(registry.hire, Hire(uscc=USCC, ident=number, name="张秀䶮", started=date(2026, 7, 1)))
    return site


@pytest.fixture
def billed(run: Runner, town: TestClient) -> TestClient:
    for number, wage in ((WANG, LOW), (ZHAO, MIDDLE), (SUN, HIGH)):
        declare(run, number, wage)
    bill(run)
    return signed(town, USCC)


def key(page: str) -> str:
    found = re.search(r'name="request_id" value="(\w{32})"', page)
    assert found, page
    return found[1]


def pay(
    site: TestClient, amount: str, request_id: str = "", where: str = "/employer/levy/pay"
) -> tuple[int, str]:
    answer = site.post(where, data={"amount_fen": amount, "request_id": request_id})
    return answer.status_code, answer.text


def test_before_the_first_bill_there_is_nothing_to_pay(town: TestClient) -> None:
    page = signed(town, USCC).get("/employer/levy").text
    assert "还没有应缴" in page
    assert "有 3 名职工还没有申报缴费基数" in page


def test_what_is_owed_stands_largest_with_the_day_and_a_picture(billed: TestClient) -> None:
    page = billed.get("/employer/levy").text
    assert f'<p class="amount"><small>¥</small>{WHOLE / 100:,.2f}' in page
    assert "请在 2026年8月25日 以前缴" in page
    assert "演示银行：不动真钱" in page
    assert 'role="img"' in page
    assert f"2026-08 0 / {WHOLE / 100:,.2f} 元" in page
    heads = page[page.rindex("<thead>") :]
    places = [
        heads.index(name) for name in ("企业职工基本养老保险", "失业保险", "职工基本医疗保险", "工伤保险")
    ]
    assert places == sorted(places)
    english = billed.get("/employer/levy", headers=EN).text
    assert "Demo bank" in english


def test_paid_twice_by_one_form_is_paid_once(billed: TestClient, run: Runner) -> None:
    one = key(billed.get("/employer/levy").text)
    whole = f"{WHOLE / 100:.2f}"
    first, again = pay(billed, whole, one), pay(billed, whole, one)
    assert first == again
    assert "缴好了" in first[1]
    assert len(run.system(levy.receipts_of_employer, AskEmployerReceipts(uscc=USCC)).receipts) == 1
    assert owed(run).owed_fen == 0
    assert "都缴清了" in billed.get("/employer/levy").text


def test_a_part_too_much_and_no_amount_at_all(billed: TestClient, run: Runner) -> None:
    status, page = pay(billed, "1,000元")
    assert status == 200
    assert owed(run).owed_fen == WHOLE - 100_000
    status, page = pay(billed, "99999999")
    assert status == 422
    assert "不能多缴" in page
    assert 'value="99999999"' in page, "what was typed stands there still"
    for wrong in ("", "很多", "0", "-5"):
        status, page = pay(billed, wrong)
        assert status == 422
        assert "请更正以下内容" in page
    assert owed(run).owed_fen == WHOLE - 100_000


def test_overdue_is_said_in_plain_words_with_the_sum_of_the_late_fee(
    billed: TestClient, run: Runner, clock: FixedClock
) -> None:
    at(clock, 2026, 9, 9)
    page = signed(billed, USCC).get("/employer/levy").text
    assert "已经过了 15 天" in page
    assert "滞纳金怎么算的" in page
    assert "0.05%" in page
    assert "逾期" in page
    refused = billed.post("/employer/levy/certificates")
    assert refused.status_code == 409
    assert "不能开无欠费证明" in refused.text
    english = billed.get("/employer/levy", headers=EN).text
    assert "overdue" in english


def test_nobody_else_sees_or_pays_an_employers_dues(billed: TestClient, run: Runner) -> None:
    an_employer(run, OTHER, name="别的单位有限公司")
    sign_up(run, OTHER, Kind.EMPLOYER, run.system(lambda uow: registry.employer(uow, OTHER).id))
    [one] = run.system(levy.employee_bases, AskEmployeeBases(uscc=USCC, ident=ZHAO)).employees
    signed(billed, OTHER)
    assert "还没有应缴" in billed.get("/employer/levy").text
    status, page = pay(billed, "100")
    assert (status, "不用缴费" in page) == (409, True)
    assert billed.get(f"/employer/levy/bases/{one.handle}").status_code == 404
    assert billed.post(f"/employer/levy/bases/{one.handle}", data={"wage_fen": "9000"}).status_code == 404
    assert owed(run).owed_fen == WHOLE
    signed(billed, ZHANG)
    assert billed.get("/employer/levy").status_code == 403
    assert billed.post("/employer/levy/pay", data={"amount_fen": "100"}).status_code == 403


def test_who_has_no_base_is_declared_one_by_one(town: TestClient, run: Runner) -> None:
    declare(run, WANG, LOW)
    page = signed(town, USCC).get("/employer/levy/bases").text
    assert "110%" in page
    assert ZHAO not in page, "numbers are masked"
    handles = re.findall(r"/employer/levy/bases/([\w-]{22})", page)
    assert len(handles) == 3
    assert "没有申报" in page[: page.index(handles[0])]
    form = town.get(f"/employer/levy/bases/{handles[0]}").text
    assert 'value="2026-08"' in form
    for wrong in ({"since": "2026-08", "wage_fen": ""}, {"since": "八月", "wage_fen": "9000"}):
        again = town.post(f"/employer/levy/bases/{handles[0]}", data=wrong)
        assert again.status_code == 422
        assert "请更正以下内容" in again.text
    early = town.post(f"/employer/levy/bases/{handles[0]}", data={"since": "2026-01", "wage_fen": "9000"})
    assert early.status_code == 409
    assert "没有在这里参保" in early.text
    done = town.post(
        f"/employer/levy/bases/{handles[0]}", data={"since": "2026年8月", "wage_fen": "9,000 元"}
    )
    assert "申报好了" in done.text
    assert run.system(levy.employee_bases, AskEmployeeBases(uscc=USCC)).undeclared == 1


def listed(site: TestClient) -> list[str]:
    return site.get("/employer/levy/bases/list.csv").content.decode("utf-8-sig").splitlines()


def upload(site: TestClient, lines: list[str], **typed: str) -> tuple[int, str]:
    answer = site.post(
        "/employer/levy/bases/batch", files={"file": ("工资.csv", "\n".join(lines).encode())}, data=typed
    )
    return answer.status_code, answer.text


def test_many_are_declared_by_the_list_that_was_handed_out(town: TestClient, run: Runner) -> None:
    declare(run, WANG, LOW)
    signed(town, USCC)
    heads, *rows = listed(town)
    assert heads == "公民身份号码,姓名,从哪个月起,上年度月平均工资（元）"
    assert sorted(row.split(",")[3] for row in rows) == ["", "", "5000.00"]
    filled = [heads, *(row if row[-1] != "," else f"{row}8000" for row in rows), f"{ZHANG},,2026-08,7000"]
    status, page = upload(town, filled, dry="1")
    assert (status, "共 4 行，受理 3 行，退回 1 行" in page) == (200, True)
    assert "什么也没有申报" in page
    assert run.system(levy.employee_bases, AskEmployeeBases(uscc=USCC)).undeclared == 2
    _, page = upload(town, filled)
    assert "共 4 行，受理 3 行，退回 1 行" in page
    assert "没有在这里参保" in page
    found = re.search(r"/api/v1/files/[\w-]{22}", page)
    assert found
    results = town.get(found[0]).content.decode("utf-8-sig").splitlines()
    assert results[0] == "行号,公民身份号码,结果,说明"
    assert [row.split(",")[2] for row in results[1:]] == ["受理", "受理", "受理", "退回"]
    assert signed(town, ZHANG).get(found[0]).status_code == 404, "a company's wages are its own"
    assert run.system(levy.employee_bases, AskEmployeeBases(uscc=USCC)).undeclared == 0


def test_a_file_with_nothing_in_it_and_a_stray_column(town: TestClient) -> None:
    signed(town, USCC)
    status, page = upload(town, ["ident,wage_fen"])
    assert (status, "缺少或者重复“从哪个月起”" in page) == (422, True)
    assert upload(town, ["ident,wage_fen,since"])[0] == 422
    status, page = upload(town, ["ident,备注,wage_fen,since", f"{ZHAO},老赵,8000,2026-08"], dry="1")
    assert (status, "退回 0 行" in page) == (200, True)


def test_a_new_employee_is_registered_and_insured_together(town: TestClient, run: Runner) -> None:
    signed(town, USCC)
    wrong = town.post("/employer/levy/hire", data={"ident": ZHANG, "name": "张三丰", "started": "2026-08-03"})
    assert wrong.status_code == 404
    assert "姓名" in wrong.text
    assert town.post("/employer/levy/hire", data={"name": "张三丰"}).status_code == 422
    page = town.get("/employer/levy/hire").text
    assert "一起参保" in page
    sent = {"ident": ZHANG, "name": "张秀䶮", "started": "2026-08-03", "request_id": key(page)}
    for _ in range(2):
        done = town.post("/employer/levy/hire", data=sent)
        assert (done.status_code, "登记好了" in done.text) == (200, True)
        assert "新参保" in done.text
        assert "报晚了" not in done.text
    assert run.system(levy.employee_bases, AskEmployeeBases(uscc=USCC)).total == 4


@pytest.fixture
def of_2020(run: Runner, clock: FixedClock, site: TestClient) -> TestClient:
    """A small employer's August 2020, exempt; September is billed by August, at 120 % of the class's injury rate."""
    at(clock, 2020, 9, 5)
    a_person(run, ZHAO)
    sign_up(run, ZHAO, Kind.CITIZEN, run.system(lambda uow: registry.person(uow, ZHAO).id))
    run.system(registry.hire, Hire(uscc=USCC, ident=ZHAO, name="张秀䶮", started=date(2020, 8, 1)))
    declare(run, ZHAO, MIDDLE, "2020-08")
    given = {"uscc": USCC, "basis": "示例社险〔2020〕1号"}
    small = {"policy": "small", "since": "2020-08", "until": "2020-12"}
    run.system(levy.grant_relief, GrantRelief.model_validate(given | small))
    level = {"floating": 120, "since": "2020-09"}
    run.system(levy.decide_floating, DecideFloating.model_validate(given | level))
    bill(run, "2020-08")
    run.system(lambda uow: uow.session.execute(update(DeclaredBase).values(until=Month(2020, 8))))
    bill(run, "2020-09")
    return signed(site, USCC)


def test_the_page_says_what_policy_takes_off_what_was_not_declared_and_how_the_rate_comes_about(
    of_2020: TestClient, run: Runner
) -> None:
    page = of_2020.get("/employer/levy").text
    words = " ".join(re.sub("<[^>]+>", " ", page).split())
    assert "2020年8月 企业职工基本养老保险 2,400.00 1,600.00 800.00" in words
    assert "2020年9月 企业职工基本养老保险 2,640.00 1,760.00 880.00" in words
    assert "2020年9月 1 110%" in words
    assert "连续几个月不申报" in words
    assert "2020年9月的费率是 1.08%，行业类别是四类" in words
    assert "浮动到行业基准费率的 120%" in words
    assert "2020年8月 – 2020年12月 5 中小微企业" in words
    english = of_2020.get("/employer/levy", headers=EN).text
    assert "Relief by policy" in english
    assert "Months without declaration" in english
    receive(run, "B0001", owed(run).owed_fen)
    mine = signed(of_2020, ZHAO).get("/account/levy").text
    assert "（减免 1,600.00）" in mine
    assert "还没有缴清" not in mine


def test_receipts_say_where_the_money_went(billed: TestClient, run: Runner) -> None:
    assert "还没有缴过费" in billed.get("/employer/levy/receipts").text
    receive(run, "B0001", WHOLE + 777)
    page = billed.get("/employer/levy/receipts").text
    assert "流水号 B0001" in page
    assert "其中 7.77 元是预缴" in page
    assert "工伤保险" in page


def test_a_certificate_is_issued_printed_and_checked_by_anybody(billed: TestClient, run: Runner) -> None:
    page = billed.post("/employer/levy/certificates", data={"request_id": "a" * 32})
    again = billed.post("/employer/levy/certificates", data={"request_id": "a" * 32})
    assert page.url == again.url, "pressing twice is pressing once"
    code = str(page.url).rpartition("/")[2]
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", code)
    assert USCC in page.text
    assert code in billed.get("/employer/levy/certificates").text
    billed.post("/sign-out")
    for lang in ({}, EN):
        seen = billed.get(f"/verify?code={code.lower()}", headers=lang)
        assert seen.status_code == 200
        assert "示例精密机械有限公司" in seen.text
        assert USCC not in seen.text
    assert billed.get(f"/employer/levy/certificates/{code}", follow_redirects=False).status_code == 303
    signed(billed, ZHANG)
    assert billed.get(f"/account/levy/certificates/{code}").status_code == 404


def test_an_unknown_code_and_none_at_all_are_told_kindly(site: TestClient) -> None:
    assert "输入证明上的验证码" in site.get("/verify").text
    unknown = site.get("/verify?code=ABCD-2345-EFGH-6789")
    assert unknown.status_code == 404
    assert "没有查到验证码 ABCD-2345-EFGH-6789 的证明" in unknown.text
    wrong = site.get("/verify?code=12345")
    assert wrong.status_code == 422
    assert "每四位一组" in wrong.text
    assert "No certificate" in site.get("/verify?code=ABCD-2345-EFGH-6789", headers=EN).text


def test_a_person_sees_who_paid_and_gets_a_certificate(billed: TestClient, run: Runner) -> None:
    signed(billed, WANG)
    assert "还没有缴清" in billed.get("/account/levy").text
    refused = billed.post("/account/levy/certificates")
    assert (refused.status_code, "还没有缴清过的月份" in refused.text) == (409, True)
    receive(run, "B0001", WHOLE)
    page = billed.get("/account/levy").text
    assert "示例精密机械有限公司" in page
    assert "现在要缴" not in page, "the employer pays"
    made = billed.post("/account/levy/certificates", data={"request_id": "b" * 32})
    assert WANG in made.text
    assert "缴费经历" in made.text
    code = str(made.url).rpartition("/")[2]
    checked = billed.get(f"/verify?code={code}").text
    assert "张*䶮" in checked
    assert WANG not in checked
    assert "示例精密机械有限公司" not in checked


def test_a_flexible_worker_chooses_and_pays(site: TestClient, run: Runner, clock: FixedClock) -> None:
    at(clock, 2026, 8, 5)
    sign_up(run, ZHAO, Kind.CITIZEN, flexible(run, ZHAO))
    signed(site, ZHAO)
    page = site.get("/account/levy").text
    assert "还没有选缴费基数" in page
    assert "选最低的每月缴 1,509.20 元" in page
    low = site.post("/account/levy/base", data={"base_fen": "5000"})
    assert (low.status_code, "缴费基数要在" in low.text) == (422, True)
    assert site.post("/account/levy/base", data={"base_fen": "一万"}).status_code == 422
    assert "现在选的是 10,000.00 元" in site.post("/account/levy/base", data={"base_fen": "10000"}).text
    bill(run)
    page = site.get("/account/levy").text
    assert "2,000.00" in page
    status, paid = pay(site, "2000", key(page), "/account/levy/pay")
    assert (status, "缴好了" in paid) == (200, True)
    assert "Paid in full" in site.get("/account/levy", headers=EN).text


def test_who_is_not_insured_alone_chooses_nothing(site: TestClient) -> None:
    signed(site, ZHANG)
    page = site.get("/account/levy")
    assert "还没有核定过的缴费" in page.text
    assert site.post("/account/levy/base", data={"base_fen": "10000"}).status_code == 404


def test_months_alike_stand_in_one_line() -> None:
    def line(month: str, insurance: str = "失业保险", base: int = 1_000) -> OwnLine:
        return OwnLine(
            month=month,
            insurance_name=insurance,
            payer="甲",
            base_fen=base,
            employer_fen=5,
            relief_fen=0,
            person_fen=5,
            paid=True,
        )

    lines = [
        line("2026-08"),
        line("2026-07"),
        line("2026-05"),
        line("2026-04", base=900),
        line("2026-08", "工伤保险"),
    ]
    assert [(one.insurance_name, one.first, one.last, one.months) for one in stretches(lines)] == [
        ("失业保险", "2026-07", "2026-08", 2),
        ("失业保险", "2026-05", "2026-05", 1),
        ("失业保险", "2026-04", "2026-04", 1),
        ("工伤保险", "2026-08", "2026-08", 1),
    ]


def test_a_choice_that_was_made_at_the_counter_is_shown(
    site: TestClient, run: Runner, clock: FixedClock
) -> None:
    at(clock, 2026, 8, 5)
    sign_up(run, ZHAO, Kind.CITIZEN, flexible(run, ZHAO))
    run.system(levy.choose_base, ChooseBase(ident=ZHAO, since="2026-08", base_fen=900_000))
    assert "现在选的是 9,000.00 元，用到 2027年6月" in signed(site, ZHAO).get("/account/levy").text
