"""What the tables say of somebody who was hired, has left, has died, was awarded late, was paid in cash."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import literal, select, union_all, update

from backend.exchange.scope import Values, scope_of
from backend.exchange.sources import SOURCES
from backend.kernel.db import Runner, Uow
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.payout.model import Payable
from backend.pension.model import Account, Award, Contribution, Working
from backend.registry import service as registry
from backend.registry.model import Employer, Person
from backend.registry.schema import Hire, Leave
from tests.backend.people import LI, USCC, ZHANG, a_person, an_employer

AMOUNT = Money(350_011)
ONCE = ("退还退回的待遇", "养老金补差", "养老金调整补发", "丧葬补助金", "抚恤金", "个人账户余额继承")


def rows(run: Runner, table: int, year: int | None = None) -> list[Values]:
    """The records of a table, as its source gives them."""

    def read(uow: Uow) -> list[Values]:
        return list(SOURCES[table].rows(uow, scope_of(uow, year)))

    found = run.system(read)
    assert run.system(lambda uow: SOURCES[table].count(uow, scope_of(uow, year))) == len(found)
    return found


def some(row: Values, *codes: str) -> tuple[object, ...]:
    return tuple(row.get(code) for code in codes)


@pytest.fixture
def hired(run: Runner) -> int:
    """LI works for the employer since January."""
    person = a_person(run, LI)
    an_employer(run)
    run.system(registry.hire, Hire(uscc=USCC, ident=LI, name="张秀䶮", started=date(2026, 1, 5)))
    return person


def test_who_was_hired_is_enrolled_and_their_employer_pays(run: Runner, hired: int) -> None:
    (employer,) = rows(run, 1)
    assert some(employer, "BAB010", "AAB019N", "AAB051", "AAB050", "AAB022N") == (
        USCC, "企业", "1", Month(1990, 1), "制造业",
    )  # fmt: skip
    (person,) = rows(run, 2)
    assert some(person, "AAC001", "AAC002", "AAC004N", "AAC016", "AAC007", "AIC162", "AAE138") == (
        str(hired), LI, "男性", "01", date(2026, 1, 5), None, None,
    )  # fmt: skip
    (enrolment,) = rows(run, 4)
    assert some(enrolment, "AAC031", "AAC008", "AAC049", "AAE030", "AAE031", "AAE180") == (
        "1", "正常参保", Month(2026, 1), date(2026, 1, 1), None, None,
    )  # fmt: skip


def test_the_base_of_an_enrolment_is_the_newest(run: Runner, hired: int) -> None:
    def pay(uow: Uow) -> None:
        for month, yuan in ((1, 4000), (2, 4500)):
            uow.session.add(
                Contribution(
                    person_id=hired,
                    month=Month(2026, month),
                    employer_id=None,
                    base=Money(yuan * 100),
                    person_share=Money(yuan * 20),
                    employer_share=ZERO,
                )
            )

    run.system(pay)
    assert rows(run, 4)[0]["AAE180"] == Money(450_000)
    flexible = rows(run, 11, 2026)
    assert [some(one, "AAB001", "AAB004", "AAA042", "AAA041", "AAE023", "AAE021") for one in flexible] == [
        (None, "灵活就业人员", None, Decimal("0.20"), Money(32_000), ZERO),
        (None, "灵活就业人员", None, Decimal("0.20"), Money(36_000), ZERO),
    ]
    assert rows(run, 8, 2026) == rows(run, 11, 2025) == []


def test_who_has_left_has_paused_and_so_has_an_employer_without_anybody(run: Runner, hired: int) -> None:
    run.system(registry.leave, Leave(uscc=USCC, ident=LI, ended=date(2026, 3, 10), reason="6301"))
    assert some(rows(run, 4)[0], "AAC031N", "AAE031", "AAE180") == (
        "暂停缴费（中断）",
        date(2026, 3, 31),
        None,
    )
    assert rows(run, 1)[0]["AAB051N"] == "暂停缴费（中断）"
    run.system(lambda uow: uow.session.execute(update(Employer).values(cancelled_on=date(2026, 4, 1))))
    assert rows(run, 1)[0]["AAB051N"] == "终止缴费"
    assert some(rows(run, 2)[0], "AAC016", "AAC016N") == ("", "")


def test_who_has_died_stands_in_a_table_of_their_own(run: Runner, hired: int) -> None:
    assert rows(run, 3) == []
    run.system(lambda uow: uow.session.execute(update(Person).values(died=date(2026, 2, 3))))
    (dead,) = rows(run, 3, 2026)
    assert some(dead, "AAC002", "AAE138", "AAE201", "AIC268") == (LI, date(2026, 2, 3), 0, ZERO)
    assert rows(run, 3, 2025) == []


@pytest.fixture
def late(run: Runner) -> None:
    """ZHANG's pension was decided in November and is owed since September."""
    person = a_person(run, ZHANG)

    def award(uow: Uow) -> None:
        uow.session.add(
            Account(
                person_id=person, status="4", opened=Month(1993, 1), track=50, months_paid=84, deemed_months=276, index_sum=0
            )
        )  # fmt: skip
        uow.session.flush()
        decided = Award(
            person_id=person, area="310000", decided_on=date(2026, 11, 3), retired=Month(2026, 8),
            first_month=Month(2026, 9), pays_from=Month(2026, 9), basic=AMOUNT, account=ZERO, transitional=ZERO,
            additions=ZERO, total=AMOUNT, provisional=False, decided_at=uow.now,
        )  # fmt: skip
        uow.session.add(decided)
        uow.session.flush()
        uow.session.add(Working(award_id=decided.id, facts={"account": "12111.11"}, steps={}))
        uow.session.flush()
        months = (
            select(
                literal(person).label("person_id"),
                payout.month_of(Month(2026, month)).label("month"),
                literal(AMOUNT.fen).label("amount"),
            )
            for month in (9, 10, 11)
        )
        due = union_all(*months).subquery()
        payout.run_month(
            uow, fund="pension", what="基本养老金", area="310000", month=Month(2026, 11),
            due=select(due.c.person_id, due.c.month, due.c.amount), checker="b",
        )  # fmt: skip

    run.system(award)


def test_what_was_paid_late_is_told_with_the_award(run: Runner, late: None) -> None:
    (award,) = rows(run, 5)
    assert some(award, "AAE211", "AIC162", "AIC160", "AAC007") == (
        Month(2026, 11), date(2026, 8, 1), Month(2026, 9), None,
    )  # fmt: skip
    assert some(award, "AAE200", "AAE201", "EAC047") == (276, 84, 360)
    assert some(award, "AIC165", "EIC009") == (Money(1_211_111), AMOUNT)
    assert some(award, "EAC062", "EAC063") == (2, Money(2 * AMOUNT.fen))


def test_only_what_has_reached_the_person_was_paid(run: Runner, late: None) -> None:
    assert rows(run, 13) == []
    run.system(
        lambda uow: uow.session.execute(
            update(Payable).where(Payable.month == Month(2026, 10)).values(state="collected")
        )
    )
    (paid,) = rows(run, 13, 2026)
    assert some(paid, "AAE002", "EAC064", "AAE019", "AIC160") == (
        Month(2026, 11), Month(2026, 10), AMOUNT, Month(2026, 9),
    )  # fmt: skip
    assert some(paid, "AAE145", "AAE145N", "EAZ049", "AAB004") == ("", "持卡领取现金", None, None)
    assert rows(run, 13, 2025) == []


def test_what_a_person_gets_back_was_paid_once(run: Runner, late: None) -> None:
    def back(uow: Uow) -> None:
        month = Month(2026, 11)
        payout.run_month(
            uow, fund="pension", what=payout.REFUND, area="310000", month=month, checker="b",
            due=select(
                Award.person_id,
                payout.month_of(month).label("month"), literal(500).label("amount"),
            ),
        )  # fmt: skip
        uow.session.execute(update(Payable).where(Payable.item == payout.REFUND).values(state="collected"))

    run.system(back)
    (paid,) = rows(run, 13)
    assert some(paid, "AAA037", "EAE004", "EAE004N", "AAE019") == ("退还退回的待遇", "1", "临时", Money(500))


def test_codes_are_told_with_their_names(run: Runner) -> None:
    told = {some(row, "AAA002", "AAA101", "AAA102", "EAA023") for row in rows(run, 16)}
    assert ("AAB019", "单位类型", "10", "企业") in told
    assert ("EAC040", "养老账户状态", "1", "正常结息") in told
    benefits = [some(row, "AAA037", "EAE004N", "EAE005N", "AAE100") for row in rows(run, 17)]
    assert benefits == [
        ("基本养老金", "固定", "统筹内", "是"),
        ("退还退回的待遇", "临时", "统筹内", "是"),
        ("病残津贴", "固定", "统筹内", "是"),
        *((once, "临时", "统筹内", "是") for once in ONCE[1:]),
        ("居民基本养老金", "固定", "统筹内", "是"),
        ("居民基本养老金补差", "固定", "统筹内", "是"),
        ("居民养老保险个人账户继承", "临时", "统筹内", "是"),
        ("居民养老保险丧葬补助金", "临时", "统筹内", "是"),
        ("重复缴费退还", "临时", "统筹内", "是"),
        ("个人账户一次性支付", "临时", "统筹内", "是"),
    ]
