"""My pension: before it, when, how much and what is missing; while it is drawn, how much, when next, where to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from pypdf import PdfReader

from backend.kernel.actor import Kind
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.pension import service as pension
from backend.pension import stopping
from backend.pension.residents import stopping as residents_stopping
from backend.pension.residents.schema import Decide
from backend.pension.schema import Suspend
from backend.registry import service as registry
from portal.app import create
from portal.occupations import table
from search.engine import open_index
from tests.backend.pension.residents import village
from tests.backend.pension.test_scenarios import DUE, MAN, WOMAN, a_career, change, pays
from tests.portal.city import HERE, sign_up, signed
from tests.portal.test_account import told, units
from tests.portal.test_owing import in_payment

YOUNG = "310101199003070019"  # a man born in March 1990: his legal day is in 2053
TEXT = re.compile(r"<[^>]+>|\s+")


def words(page: str) -> str:
    """What a page says, without its markup."""
    return TEXT.sub("", page.partition("<main")[2].partition("</main>")[0])


@pytest.fixture
def site(run: Runner, tmp_path: Path) -> Iterator[TestClient]:
    """The portal before anybody is registered; nobody searches here, so nothing is indexed."""
    with TestClient(create(run, open_index(tmp_path, table())), headers=HERE) as client:
        yield client


def a_citizen(site: TestClient, run: Runner, ident: str, months: int) -> TestClient:
    sign_up(run, ident, Kind.CITIZEN, a_career(run, ident, months=months, balance="90000", index=8_000))
    return signed(site, ident)


def a_worker(site: TestClient, run: Runner) -> TestClient:
    """Signed in: 36 years old, twelve and a half years paid, the last month on 10,000 yuan."""
    young = a_citizen(site, run, YOUNG, 150)
    run.system(pays, YOUNG, "10000")
    return young


def test_who_works_reads_when_how_much_and_what_is_missing_in_one_unit_of_work(
    site: TestClient, run: Runner
) -> None:
    young = a_worker(site, run)
    with told(run) as statements:
        page = words(young.get("/account/pension").text)
    assert units(statements) == 2
    assert "法定退休时间2053年3月7日63岁" in page
    assert re.search(r"大约能领¥[\d,]+\.\d\d一直缴到退休，估算", page)
    assert "还缺什么还差7年6个月最低要20年，已有12年6个月" in page
    assert "养老金是怎么算的" not in page
    when = young.get("/account/pension/when").text
    assert (
        "今天 2026年11月24日; 最早可以退休 2050年3月7日; 法定退休 2053年3月7日; 最晚可以退休 2056年3月7日"
        in when
    )
    assert "2049年12月7日想最早退休，这天以前书面告诉单位" in words(when)
    assert "2053年2月7日想晚退休，这天以前和单位书面约定" in words(when)
    assert "再缴7年6个月" in words(when)


def test_three_ways_stand_beside_each_other_and_ones_own_in_an_address_that_names_nobody(
    site: TestClient, run: Runner
) -> None:
    young = a_worker(site, run)
    page = young.get("/account/pension/estimate").text
    assert page.count("怎么算的：") == 2, "who stops now has too few months for a pension, and reads why"
    assert "现在停缴：到2053-03缴费150个月，最低要240个月，还差90个月，不能按月领。" in words(page)
    assert "这是估算，不是核定" in page
    assert re.search(r'<svg[^>]*role="img".*接着缴费 [\d,.]+ 元; 最晚退休 [\d,.]+ 元', page, re.DOTALL)
    asked = set(re.findall(r'name="(retired|months|share|ident)"', page))
    assert asked == {"retired", "months", "share"}
    page = words(young.get(f"/account/pension/estimate?share=300&retired=2050-03&ident={DUE}").text)
    assert "您的打算2050年3月60岁" in page
    assert "37,731.00（平均工资的百分之300）" in page
    block = young.get("/account/pension/estimate?share=100", headers={"HX-Target": "div#whatif"}).text
    assert block.lstrip().startswith('<div id="whatif">')
    assert "您的打算" in block


def test_what_cannot_be_asked_is_said_beside_its_field(site: TestClient, run: Runner) -> None:
    young = a_worker(site, run)
    for asked, said in (
        ("share=59", "缴费基数只能在平均工资的百分之 60 到百分之 300 之间"),
        ("retired=2060-01", "“哪个月退休”要在 2050-03 到 2056-03 之间"),
        ("months=many", "“从现在起再缴几个月”应该是整数"),
    ):
        answer = young.get(f"/account/pension/estimate?{asked}")
        assert answer.status_code == 422
        assert answer.text.count(said) == 2, "above the form and beside the field"
        assert "现在停缴" in answer.text


def test_who_may_already_choose_reads_how_soon(site: TestClient, run: Runner, clock: FixedClock) -> None:
    """Legal on 10 March: told by 10 November for 10 February; on 24 November it is too late for that."""
    woman = a_citizen(site, run, WOMAN, 300)
    village.at(clock, 2026, 11, 10)
    page = words(woman.get("/account/pension/when").text)
    assert "2027年2月10日今天书面告诉单位，最早这天可以退休" in page
    assert "2027年2月10日想晚退休，这天以前和单位书面约定" in page
    village.at(clock, 2026, 11, 24)
    page = words(woman.get("/account/pension/when").text)
    assert "最早这天可以退休" not in page
    assert "2027年2月10日想晚退休，这天以前和单位书面约定" in page
    village.at(clock, 2027, 2, 11)
    assert "哪天以前要办手续" not in words(woman.get("/account/pension/when").text)


def test_who_has_reached_the_day_is_told_to_come_or_that_years_are_missing(
    site: TestClient, run: Runner
) -> None:
    page = words(a_citizen(site, run, DUE, 360).get("/account/pension").text)
    assert "您已经到了法定退休时间可以办退休了" in page
    page = words(a_citizen(site, run, MAN, 100).get("/account/pension").text)
    assert "大约能领还不能按月领" in page
    assert "缴费年限还不够，请到柜台问怎么补" in page


def test_an_account_that_went_elsewhere_says_so(site: TestClient, run: Runner) -> None:
    client = a_citizen(site, run, DUE, 360)
    run.system(change, DUE, status="3")
    page = words(client.get("/account/pension").text)
    assert "个人账户：已转出" in page
    assert "大约能领" not in page
    assert (
        client.get("/account/pension/estimate", follow_redirects=False).headers["location"]
        == "/account/pension"
    )


def test_who_draws_a_pension_reads_how_much_when_next_and_where_to_or_why_not(
    site: TestClient, run: Runner
) -> None:
    in_payment(run)
    run.system(pension.pay_month, Month(2026, 11), "second")
    signed(site, MAN)
    page = words(site.get("/account/benefits").text)
    assert re.search(r"每月养老金¥([\d,.]+)元/月.*下一笔2026年12月.*发到哪里社会保障卡带卡到自助机领取", page)
    assert "最近一笔¥" in page
    assert re.search(r"有钱可以领[\d,]+\.\d\d元：带社保卡", page)
    assert "养老金是怎么算的基础养老金" in page
    assert "待遇发放记录（PDF）" in page
    for before in ("when", "estimate"):
        assert site.get(f"/account/pension/{before}", follow_redirects=False).status_code == 303
    run.system(stopping.suspend, Suspend(ident=MAN, since="2026-12", reason="02", document="停1"))
    page = words(site.get("/account/pension").text)
    assert "从2026年12月起不发，原因：没有通过待遇资格认证" in page
    assert "下一笔暂停发放" in page


def test_what_else_was_paid_is_neither_the_last_pension_nor_moves_the_next(
    site: TestClient, run: Runner, clock: FixedClock
) -> None:
    in_payment(run)
    run.system(pension.pay_month, Month(2026, 11), "second")
    clock.set(datetime(2026, 12, 2, 2, tzinfo=UTC))
    who = run.system(lambda uow: registry.person(uow, MAN).id)
    run.system(payout.pay_once, person_id=who, fund="pension", what="抚恤金", fen=9_887_850)
    page = words(signed(site, MAN).get("/account/pension").text)
    assert "下一笔2026年12月" in page
    assert re.search(r"最近一笔¥[\d,.]+2026年11月", page)
    assert "最近一笔¥98,878.50" not in page


def test_a_resident_reads_how_much_when_next_and_where_to(
    site: TestClient, run: Runner, clock: FixedClock
) -> None:
    """Sixty in May 2026, decided in August: 1490 and a 139th of 7556.31 (7500.00 with interest); no kiosk has cash for it."""
    village.at(clock, 2025, 12)
    person = village.a_resident(run, village.NEAR)
    village.pay_back(run, village.NEAR, 2010, 2024)
    sign_up(run, village.NEAR, Kind.CITIZEN, person)
    village.at(clock, 2026, 8)
    village.fund(run)
    run.system(village.residents.award, Decide(ident=village.NEAR))
    signed(site, village.NEAR)
    page = words(site.get("/account/pension").text)
    assert "每月养老金¥1,544.36元/月2026年6月起发放下一笔2026年8月" in page
    assert "发到哪里社会保障卡带卡到自助机转到银行账户最近一笔还没有" in page
    run.system(village.residents.pay_month, Month(2026, 8), "second")
    page = words(site.get("/account/pension").text)
    assert "有钱可以领4,633.08元：带社保卡到任何一台自助机，转到银行账户。" in page
    assert re.search(r"下一笔2026年9月.*最近一笔¥1,544.362026年8月", page)
    run.system(
        residents_stopping.suspend, Suspend(ident=village.NEAR, since="2026-09", reason="02", document="停1")
    )
    page = words(site.get("/account/pension").text)
    assert "从2026年9月起不发，原因：没有通过待遇资格认证" in page
    assert "下一笔暂停发放" in page


def test_all_payments_are_summed_by_year_and_taken_along(site: TestClient, run: Runner) -> None:
    """Awarded from 2023-12, first paid in 2026-11: 1, 12, 12 and 11 months."""
    in_payment(run)
    batch = run.system(pension.pay_month, Month(2026, 11), "second")
    signed(site, MAN)
    page = words(site.get("/account/payments").text)
    assert batch.n == 36
    assert [n for _, n in re.findall(r"(202\d)(11|12|1)(?=[\d,]+\.\d\d0\.00)", page)] == [
        "11",
        "12",
        "12",
        "1",
    ]
    paper = site.get("/account/payments/pdf").content
    text = "".join(one.extract_text() for one in PdfReader(BytesIO(paper)).pages)
    assert "待遇发放记录" in text
    assert "2023年12月" in text
    sums, months = load_workbook(BytesIO(site.get("/account/payments/xlsx").content)).worksheets
    assert sum(1 for row in months.iter_rows(values_only=True) if "基本养老金" in row) == 36
    assert any(row[0] == "2025" for row in sums.iter_rows(values_only=True))
    assert site.get("/account/payments/doc").status_code == 404


def test_a_resident_takes_part_pays_and_changes_the_tier_without_coming_to_the_counter(
    site: TestClient, run: Runner, clock: FixedClock
) -> None:
    village.at(clock, 2026, 3)
    person = village.a_person(run, village.YOUNG, area="310115")
    sign_up(run, village.YOUNG, Kind.CITIZEN, person)
    signed(site, village.YOUNG)
    here = "/account/pension/resident"
    assert here in site.get("/account/pension").text
    assert "每年500元，政府补贴" in words(site.get(here).text)
    wrong = site.post(f"{here}/enrol", data={"hukou": "310115"})
    assert wrong.status_code == 422
    assert "请填写“缴费档次（元/年）”" in wrong.text
    elsewhere = site.post(f"{here}/enrol", data={"hukou": "320500", "tier": "500"})
    assert elsewhere.status_code == 422
    assert "要在户籍地参保" in elsewhere.text
    assert 'value="500" selected' in elsewhere.text, "what was typed stands there still"
    assert "参保登记好了" in site.post(f"{here}/enrol", data={"hukou": "310115", "tier": "500"}).text
    paying = {"year": "2026", "tier": "500", "request_id": "one-press"}
    assert "缴费成功" in site.post(f"{here}/pay", data=paying).text
    assert "缴费成功" in site.post(f"{here}/pay", data=paying).text, "pressed twice"
    page = words(site.get(here).text)
    assert "今年已经缴费" in page
    assert re.search(r"缴费记录年份到账日期.*20262026年3月10日本人缴费500.00", page)
    assert "档次改好了" in site.post(f"{here}/tier", data={"tier": "1000"}).text
    assert "现在选的档次是每年1,000.00元" in words(site.get(here).text)
    assert site.post(f"{here}/other", data={}).status_code == 404
