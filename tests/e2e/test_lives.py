"""Lives read by the people who live them: before and after the pension, on a phone, page by page, in their own words.

A portal of its own on a database of its own, whose day the test sets; what officers do is done by the real commands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend import wiring
from backend.demo import numbers
from backend.demo.story import bank
from backend.demo.story.office import Office
from backend.demo.story.telling import OPEN_FILES, UNSENT
from backend.kernel import ledger
from backend.kernel.actor import SYSTEM, Kind
from backend.kernel.clock import CHINA, FixedClock
from backend.kernel.db import Runner, runner
from backend.kernel.period import Month
from backend.kernel.vault import Vault
from backend.payout.bankfiles.profiles import PAID
from backend.registry import service as registry
from portal.app import create
from portal.occupations import table
from search.engine import open_index
from tests.backend.lives import ADJUSTED, FIRST, MAN, WOMAN, City, Life
from tests.backend.pension.family import BOOK, WIFE
from tests.backend.pension.movers import GUANGZHOU, insured, paid, written
from tests.backend.pension.residents import village
from tests.backend.pension.test_service import MAN as HUSBAND
from tests.backend.pension.test_service import with_account
from tests.backend.people import a_person
from tests.e2e.conftest import DESKTOP, PHONE
from tests.kiosk.served import served
from tests.portal.city import sign_up

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
Visitor = Callable[..., Page]
NUMBER = numbers.bank_account(10**6)


@dataclass(frozen=True)
class Town:
    """A portal, and whoever acts in the office behind it."""

    address: str
    run: Runner
    clock: FixedClock

    @property
    def office(self) -> Office:
        return Office(self.run)

    def on(self, year: int, month: int, day: int = 10) -> None:
        self.clock.set(datetime(year, month, day, 10, tzinfo=CHINA))

    def join(self, ident: str) -> None:
        """Somebody takes an account at the portal."""
        person = self.run.system(lambda uow: registry.person(uow, ident).id)
        sign_up(self.run, ident, Kind.CITIZEN, person)

    def to_the_bank(self, ident: str, name: str, number: str = NUMBER) -> None:
        to = {"bank": numbers.BANK, "number": number, "holder": name, "standing": True}
        self.office.do("REG-22", ident=ident, **to)

    def through_the_bank(self) -> None:
        """Everything that waits goes to the bank, and all of it goes through."""
        for row in self.office.rows(UNSENT):
            self.office.do("PAY-02", batch=row["batch"], profile="plain")
        for row in self.office.rows(OPEN_FILES):
            said = bank.answer(row["profile"], self.office.fetch(row["sent"]), lambda number: PAID)
            self.office.do("PAY-03", file=row["file"], returned=self.office.keep("回盘.txt", said))

    def in_order(self) -> bool:
        assert self.run.system(ledger.check) == []
        assert self.office.differences() == []
        return True


@pytest.fixture
def town(fresh: Callable[[], str], tmp_path: Path, clock: FixedClock) -> Iterator[Town]:
    made = runner(fresh(), wiring.HANDLERS, Vault.new(), size=6)
    run = Runner(made.sessions, made.handlers, actor=SYSTEM, clock=clock, vault=made.vault)
    with served(create(run, open_index(tmp_path, table()))) as address:
        yield Town(address, run, clock)
    run.sessions.kw["bind"].dispose()


def read(page: Page, town: Town, ident: str, path: str = "/account/pension") -> str:
    """What a person reads there, without its spaces; who was signed out meanwhile signs in again."""
    page.goto(town.address + path)
    if "/sign-in" in page.url:
        page.fill("#name", ident)
        page.fill("#password", "Shili-2026")
        page.click("main form button")
        page.wait_for_url(lambda url: "/sign-in" not in url)
    return re.sub(r"\s", "", page.locator("main").inner_text())


def yuan(amount: Decimal) -> str:
    return f"¥{amount:,.2f}"


def day(when: date) -> str:
    return f"{when.year}年{when.month}月{when.day}日"


def month(when: Month) -> str:
    return f"{when.year}年{when.month}月"


# ---- one man, one woman of each track ----


END = Month(2025, 12)
WHO = (
    (Life(WOMAN, 55, date(1969, 12, 15), date(2024, 12, 15), 0), "55岁"),
    (Life(MAN, 60, date(1965, 5, 15), date(2025, 7, 15), 1), "60岁2个月"),
    (Life(WOMAN, 55, date(1970, 1, 20), date(2025, 2, 20), 2), "55岁1个月"),
    (Life(WOMAN, 50, date(1975, 3, 10), date(2025, 5, 10), 3), "50岁2个月"),
)


def test_a_man_and_a_woman_of_each_track_read_when_how_much_next_and_where_to(
    town: Town, visitor: Visitor
) -> None:
    """One of the women just before the reform: she reads of the increase of 2025, and the rest as well."""
    city = City(town.run, town.clock, [life for life, _ in WHO])
    pages = {life.ident: visitor(PHONE) for life, _ in WHO}
    for life in city.people:
        town.join(life.ident)
    for now in FIRST.until(END):
        city.month(now)
        for life, age in WHO:
            if now == FIRST + 1:
                waits(read(pages[life.ident], town, life.ident), life, age)
            if now == life.retired:
                draws(read(pages[life.ident], town, life.ident), life)
            if now == life.retired + 1 or now == END:
                draws(read(pages[life.ident], town, life.ident), life, now)
    for life in city.people:
        drawn = read(pages[life.ident], town, life.ident, "/account/payments")
        assert f"{life.drawn(END):,.2f}" in drawn, "of the one year in which everybody here drew"
        if life.raised():
            assert f"2025年7月养老金调整补发{6 * life.raised():,.2f}已到银行账户" in drawn
    assert town.in_order()


def waits(said: str, life: Life, age: str) -> None:
    """Before: the day of the law, what it comes to (today's wages and rates, so within a fiftieth), and that no year lacks."""
    assert f"法定退休时间{day(life.legal)}{age}" in said
    assert "还缺什么不缺，年限够了" in said
    found = re.search(r"大约能领¥([\d,.]+\d\d)一直缴到退休，估算", said)
    assert found, said
    assert abs(Decimal(found[1].replace(",", "")) / life.award() - 1) < Decimal("0.02")


def draws(said: str, life: Life, newest: Month | None = None) -> None:
    """After: how much, since when, when next, where to, and what came last, if anything."""
    first = life.retired + 1
    now = yuan(life.award() + (life.raised() if newest and newest >= ADJUSTED else 0))
    assert f"每月养老金{now}元/月{month(first)}起发放" in said
    assert f"下一笔{month(newest + 1 if newest else first)}" in said
    assert f"发到哪里{numbers.BANK}****{life.account_number[-4:]}" in said
    assert (f"最近一笔{now}{month(newest)}已到银行账户" if newest else "最近一笔还没有") in said


# ---- one mover ----

MOVER = numbers.citizen_number("310101", "19660520", 7)
TWELVE = tuple(f"月份,{year}-01,{year}-12,{GUANGZHOU},8000.00,640.00,0.8000" for year in range(2009, 2021))
ACCOUNTS = tuple(
    f"年度,{2009 + n},,,,,,{7780 * n}.00,7680.00,100.00,0,{7780 * (n + 1)}.00" for n in range(12)
)
CAME_FEN, POOLED_FEN = 12 * 778_000, 144 * 96_000  # the account, and 12 % of the wages


def test_a_mover_reads_what_is_missing_brings_twelve_years_along_and_draws_here(
    town: Town, visitor: Visitor
) -> None:
    """Five years and nine months here; with the twelve of Guangzhou enough, and the pension is decided in October 2026."""
    town.on(2026, 9)
    City(town.run, town.clock, [])
    town.on(2026, 9)
    paid(town.run, insured(town.run, MOVER, started=date(2021, 1, 1)), Month(2021, 1), Month(2026, 9))
    town.join(MOVER)
    town.to_the_bank(MOVER, "张秀䶮")
    page, office = visitor(PHONE), town.office
    said = read(page, town, MOVER)
    assert "法定退休时间2026年10月20日60岁5个月" in said
    assert "还缺什么还差9年3个月最低要15年，已有5年9个月" in said
    assert "到那时还差9年2个月" in said
    agency = "广州市社会保险基金管理中心"
    asked = {"other_area": GUANGZHOU, "other_agency": agency, "hukou": "310101"}
    office.do("PEN-61", by=office.citizen(MOVER), ident=MOVER, **asked)
    office.do("PEN-62", ident=MOVER)
    said = read(page, town, MOVER)
    assert re.search(rf"关系转移{agency}\S*2026年9月10日申请", said)
    came = {"account_fen": CAME_FEN, "pooled_fen": POOLED_FEN, "with_money": True}
    office.do("PEN-63", ident=MOVER, file=office.keep("信息表.csv", written((*TWELVE, *ACCOUNTS))), **came)
    office.do("PEN-64", ident=MOVER, amount_fen=CAME_FEN + POOLED_FEN, slip="G-1", received_on="2026-09-10")
    office.do("PEN-65", ident=MOVER)
    said = read(page, town, MOVER)
    assert "还缺什么不缺，年限够了最低要15年，已有17年9个月" in said
    assert "12年¥231,600.00" in said

    town.on(2026, 10, 21)
    award = office.do("PEN-04", ident=MOVER)
    assert (award.retired, award.facts["months"]) == ("2026-10", 144 + 69)
    town.on(2026, 11, 8)
    office.do("PEN-05", month="2026-11")
    town.through_the_bank()
    each = yuan(Decimal(award.total_fen) / 100)
    said = read(page, town, MOVER)
    assert f"每月养老金{each}元/月2026年11月起发放" in said
    assert f"下一笔2026年12月发到以后，这里看得到发到哪里{numbers.BANK}****{NUMBER[-4:]}" in said
    assert f"最近一笔{each}2026年11月已到银行账户" in said
    assert town.in_order()


# ---- one widow ----


def test_a_widow_claims_at_the_counter_and_reads_what_she_was_paid(town: Town, visitor: Visitor) -> None:
    """Thirty years paid, three years drawn: two months of funeral money, and 24 - 3 months of 4708.50; then his account."""
    City(town.run, town.clock, [])
    town.on(2026, 11)
    with_account(town.run, HUSBAND, months=360, balance="182340.15", index=10_500)
    a_person(town.run, WIFE, name="王秀兰")
    office = town.office
    his = office.do("PEN-04", ident=HUSBAND, retired="2023-11")
    town.to_the_bank(HUSBAND, "张秀䶮")
    office.do("PEN-05", month="2026-11")
    town.through_the_bank()
    town.on(2026, 11, 24)
    office.do("REG-21", ident=HUSBAND, died="2026-11-20", document="死亡证明 1 号", reported_by="妻子")
    for name, role in (("1001", "经办"), ("1002", "复核"), ("1003", "复核")):
        sign_up(town.run, name, Kind.OFFICER, None, (role,))
    claimed(town, visitor(DESKTOP))
    for name, told in (("1002", "还要 1 个人审核"), ("1003", "已经办结")):
        reviewer = visitor(DESKTOP)
        read(reviewer, town, name, "/desk/cases")
        reviewer.get_by_role("button", name="同意").first.click()
        expect(reviewer.get_by_text(told)).to_be_visible()
    left = office.do("PEN-51", ident=HUSBAND, heirs=f"{WIFE} 配偶 1", document=BOOK)
    # 182340.15 bore 1.5 % in 2025 and eleven months of it in 2026; thirty-six months were drawn in this November
    held = Decimal("182340.15") + Decimal("2735.10")
    held += (held * Decimal("0.015") * 11 / 12).quantize(Decimal("0.01"))
    held -= 36 * Decimal(his.account_fen) / 100 * (1 + Decimal("0.015") / 12)
    assert abs(Decimal(left.total_fen) / 100 - held) < Decimal("0.02")

    town.join(WIFE)
    town.to_the_bank(WIFE, "王秀兰", numbers.bank_account(10**6 + 1))
    office.do("PEN-52")
    town.through_the_bank()
    hers = visitor(PHONE)
    said = read(hers, town, WIFE, "/account/payments")
    account = f"{Decimal(left.total_fen) / 100:,.2f}"
    for what, fen in (("丧葬补助金", "9,417.00"), ("抚恤金", "98,878.50"), ("个人账户余额继承", account)):
        assert re.search(rf"2026年11月{what}{fen}已到银行账户", said), said
    said = read(hers, town, WIFE)
    assert "看全部发放记录" in said
    assert town.in_order()


def claimed(town: Town, page: Page) -> None:
    """She sits at the counter; the officer fills the form in."""
    read(page, town, "1001", "/desk/PEN-50")
    page.fill("#ident", HUSBAND)
    page.fill("#heirs", f"{WIFE} 配偶 1")
    page.check("#funeral")
    page.fill("#document", BOOK)
    page.get_by_role("button", name="办理").click()
    expect(page.get_by_text("已受理，等待审核")).to_be_visible()


# ---- one resident ----


def test_a_resident_pays_online_reaches_sixty_and_reads_the_first_payment(
    town: Town, visitor: Visitor
) -> None:
    """Sixty in May 2026: fourteen years by the bank, the fifteenth online; 1490 and a 139th of the account."""
    ident, office, page = village.NEAR, town.office, visitor(PHONE)
    town.on(2024, 10)
    village.fund(town.run)
    a_person(town.run, ident, area="310115", name="刘桂兰")
    town.join(ident)
    read(page, town, ident, "/account/pension/resident")
    page.get_by_label("户籍所在地").fill("310115")
    page.get_by_label("缴费档次").select_option("500")
    page.get_by_role("button", name="办理参保").click()
    expect(page.get_by_text("参保登记好了")).to_be_visible()
    for year in range(2010, 2024):
        paid_in = {"channel": "bank", "reference": f"R-{year}", "received_on": "2024-10-10"}
        office.do("RES-03", ident=ident, year=year, amount_fen=50_000, **paid_in)
    said = read(page, town, ident)
    assert "您已缴费14年领取要缴满15年" in said
    assert "到领取年龄2026年5月" in said
    assert "今年还没有缴费现在选的档次是每年500.00元" in said
    read(page, town, ident, "/account/pension/resident")
    page.get_by_role("button", name="缴费", exact=True).click()  # this year, by the tier that was chosen
    expect(page.get_by_text("缴费成功")).to_be_visible()
    said = read(page, town, ident)
    assert "您已缴费15年" in said
    assert "今年还没有缴费" not in said

    town.on(2026, 5, 21)
    award = office.do("RES-08", ident=ident)
    assert (award.reached, award.first_month, award.basic_fen) == ("2026-05", "2026-06", 149_000)
    town.to_the_bank(ident, "刘桂兰")
    town.on(2026, 6, 8)
    office.do("RES-09", month="2026-06")
    town.through_the_bank()
    each = Decimal(award.total_fen) / 100
    said = read(page, town, ident)
    assert f"每月养老金{yuan(each)}元/月2026年6月起发放" in said
    assert f"下一笔2026年7月发到以后，这里看得到发到哪里{numbers.BANK}****{NUMBER[-4:]}" in said
    assert f"最近一笔{yuan(each)}2026年6月已到银行账户" in said
    assert "文件和证明待遇发放记录（PDF）" in said, "and nothing of the employees' scheme"
    said_in_english(visitor(DESKTOP, lang="en"), town, ident, each)
    assert f"2026年6月居民基本养老金{each:,.2f}已到银行账户" in said
    assert town.in_order()


def said_in_english(page: Page, town: Town, ident: str, each: Decimal) -> None:
    said = read(page, town, ident)
    assert f"Monthlypension{yuan(each)}yuanamonthPaidfromJune2026" in said
    assert "NextpaymentJuly2026" in said
