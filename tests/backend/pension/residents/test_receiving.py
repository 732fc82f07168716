"""From sixty on: what is decided, what each month pays, how it stops, and what a death leaves."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from backend.kernel import files, items
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.payout.bank import FolderBank
from backend.payout.batches import AlreadyRun, NobodyDue
from backend.payout.recovery.listing import AskMine as AskOwing
from backend.payout.refusals import CashShort
from backend.payout.schema import MakeBankFile, ReadBankFile
from backend.pension.paying import FutureMonth
from backend.pension.residents import awarding, enrolling, inheriting, paying
from backend.pension.residents import service as residents
from backend.pension.residents.schema import (
    AskReached,
    AwardView,
    Bury,
    Decide,
    Inherit,
    RunDifference,
    RunMonth,
    SettleYear,
)
from backend.pension.schema import Resume, Suspend
from backend.pension.stopping import DeathElsewhere, MonthBeforeFirst, NotRunning, NotSuspended
from backend.registry import service as registry
from backend.registry.model import BankAccount
from backend.registry.schema import RegisterDeath, WithdrawDeath
from tests.backend.levy.conftest import forget
from tests.backend.levy.town import carried_out
from tests.backend.payout.city import GOOD_BANK
from tests.backend.payout.terminal import CODE, Card, Terminal
from tests.backend.pension.residents.village import (
    HEIR,
    LONG,
    NEAR,
    OLD,
    YOUNG,
    a_resident,
    all_agrees,
    at,
    balance,
    booked,
    draw,
    fund,
    mine,
    pay,
    pay_back,
    posted,
    years,
)
from tests.backend.people import a_person, officer

DOC = "沪人社停〔2026〕1号"
DEATH = RegisterDeath(ident=NEAR, died=date(2026, 9, 30), document="死亡证明1号", reported_by="家属")
PART = 5_436  # 7500.00, 9.38 of December 2025 and 46.93 to May 2026: 7556.31 / 139 = 54.3619...
BASIC = 149_000


def award(run: Runner, ident: str) -> AwardView:
    return run.system(residents.award, Decide(ident=ident))


def month(run: Runner, text: str) -> int:
    return run.system(residents.pay_month, Month.parse(text), "second").total_fen


def bank_account(uow: Uow, person_id: int) -> None:
    uow.session.add(
        BankAccount(person_id=person_id, bank="示例银行", number=GOOD_BANK, holder="刘桂兰", standing=True)
    )
    uow.session.flush()


@pytest.fixture
def near(run: Runner, clock: FixedClock) -> int:
    """Paid fifteen years by 2025, sixty in May 2026, decided in August."""
    at(clock, 2025, 12)
    person_id = a_resident(run, NEAR)
    pay_back(run, NEAR, 2010, 2023)
    pay(run, NEAR, 2024)
    at(clock, 2026, 8)
    fund(run)
    award(run, NEAR)
    return person_id


def test_the_award_says_what_it_is_made_of(run: Runner, near: int) -> None:
    told = mine(run, NEAR).award
    assert told is not None
    assert (told.reached, told.first_month, told.months) == ("2026-05", "2026-06", 180)
    assert (told.basic_fen, told.account_fen, told.addition_fen) == (BASIC, PART, 0)
    assert told.total_fen == BASIC + PART
    assert [one.formula for one in told.steps if one.name == "个人账户养老金"] == ["7556.31 ÷ 139"]
    assert any("没有核实" in one for one in told.warnings)
    assert mine(run, NEAR).estimate is None


def test_nobody_is_decided_twice_too_early_or_with_too_few_years(run: Runner, near: int) -> None:
    with pytest.raises(awarding.AwardedAlready, match="2026-06"):
        award(run, NEAR)
    a_resident(run, YOUNG)
    with pytest.raises(awarding.NotOldEnough, match="2050-01"):
        award(run, YOUNG)
    with pytest.raises(awarding.NotOldEnough):  # nor filed, to be refused after review
        items.perform(run.by(officer()), items.find("RES-08"), Decide(ident=YOUNG))
    a_resident(run, LONG)
    pay_back(run, LONG, 2014, 2024)
    with pytest.raises(
        awarding.MonthsShort, match="还差 36 个月"
    ):  # 2009-09 to 2023-10: fourteen whole years
        award(run, LONG)
    listed = run.system(residents.reached, AskReached()).people
    assert [(one.ident, one.short) for one in listed] == [(LONG, 36)]
    with pytest.raises(enrolling.NotPaying, match="领取待遇"):
        pay(run, NEAR, 2025)


def test_months_since_sixty_are_paid_once_and_draw_on_the_account(
    run: Runner, near: int, clock: FixedClock
) -> None:
    assert month(run, "2026-08") == 3 * (BASIC + PART)
    assert balance(run, NEAR) == Money(750_000 - 3 * PART)
    with pytest.raises(AlreadyRun):
        month(run, "2026-08")
    with pytest.raises(FutureMonth):
        run.system(residents.run_month, RunMonth(month="2026-09"))
    at(clock, 2026, 9)
    carried_out(run, "RES-09", RunMonth(month="2026-09"))
    assert sorted(posted(run, NEAR)) == ["2026-06", "2026-07", "2026-08", "2026-09"]
    assert booked(run, "benefit_payable") == -4 * (BASIC + PART)
    assert all_agrees(run)


def test_each_month_is_paid_at_the_amount_in_force_for_it(run: Runner, clock: FixedClock) -> None:
    """Sixty in October 2023, decided three years later: two months at that year's amount, and the addition for
    a sixteenth year."""
    at(clock, 2023, 9)
    a_resident(run, LONG, 1000)
    pay_back(run, LONG, 2009, 2023, 1000)
    at(clock, 2026, 2)
    fund(run)
    told = award(run, LONG)
    assert (told.first_month, told.months) == ("2023-11", 180)
    part = 10_862  # 15 × 1000 + 60, and 37.65 for September and October: 15097.65 / 139
    assert told.account_fen == part
    month(run, "2026-02")
    paid = {month: fen for month, (fen, _) in posted(run, LONG).items()}
    assert len(paid) == 28
    assert (paid["2023-11"], paid["2023-12"], paid["2024-01"]) == (
        140_000 + part,
        140_000 + part,
        BASIC + part,
    )
    assert balance(run, LONG) == Money(1_506_000 - 28 * part)
    assert all_agrees(run)


@pytest.mark.parametrize("settled_before", [True, False])
def test_it_does_not_matter_on_which_day_the_interest_is_given(
    run: Runner, clock: FixedClock, settled_before: bool
) -> None:
    at(clock, 2025, 1)
    a_resident(run, NEAR)
    pay_back(run, NEAR, 2010, 2024, 2000)
    at(clock, 2026, 6)
    if settled_before:
        run.system(residents.settle_year, SettleYear(year=2025))
    told = award(run, NEAR)
    held = Decimal(15 * 2000) * Decimal("1.015")  # of years paid late there is no subsidy
    held += (held * Decimal("0.015") * 5 / 12).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert Decimal(told.balance_fen) / 100 == held
    assert told.account_fen == int((held * 100 / 139).quantize(Decimal(1), ROUND_HALF_UP))


def test_who_paid_longer_gets_more_for_every_year_beyond(run: Runner, clock: FixedClock) -> None:
    a_resident(run, NEAR)
    pay_back(run, NEAR, 2011, 2025)
    before = mine(run, NEAR).estimate
    assert before is not None
    assert (before.from_month, before.total_fen) == ("2026-12", BASIC + 5_396), "7500 / 139, no interest yet"
    run.system(residents.take_in, a_person(run, YOUNG), Money(0), 24)  # somebody else's months are not theirs
    assert award(run, NEAR).addition_fen == 0


def test_months_from_the_employees_scheme_count(run: Runner) -> None:
    person_id = a_resident(run, NEAR)
    run.system(residents.take_in, person_id, Money.yuan("12345.67"), 206)
    told = award(run, NEAR)
    assert (told.months, told.addition_fen, told.account_fen) == (206, 2_000, 8_893), "12361.10 / 139"
    assert told.first_month == "2026-12", "from the month after it was enough"
    assert booked(run, "transfer_income") == -1_234_567
    assert all_agrees(run)


def test_who_was_old_when_it_began_gets_the_basic_part(run: Runner) -> None:
    a_resident(run, OLD)
    fund(run)
    told = award(run, OLD)
    assert (told.first_month, told.account_fen, told.total_fen) == ("2026-12", 0, BASIC)
    with pytest.raises(NobodyDue):
        month(run, "2026-11")


def test_where_the_basic_amount_is_raised_afterwards_the_difference_is_paid_once(
    run: Runner, near: int, another_law: Path, clock: FixedClock
) -> None:
    month(run, "2026-08")
    held = balance(run, NEAR)
    since = RunDifference(since="2026-06", until="2026-08")
    with pytest.raises(NobodyDue):
        run.system(residents.run_difference, since)
    with pytest.raises(paying.MonthsReversed):
        run.system(residents.run_difference, RunDifference(since="2026-08", until="2026-06"))
    file = another_law / "310000" / "resident.yaml"
    raised = "      2026-07-01: {value: 1555, source: 提高了, evidence: K}\n  long_payment:"
    file.write_text(file.read_text("utf-8").replace("  long_payment:", raised), "utf-8")
    forget()
    with pytest.raises(FutureMonth):
        run.system(residents.run_difference, RunDifference(since="2026-07", until="2026-09"))
    carried_out(run, "RES-10", since)
    assert posted(run, NEAR, "居民养老金补差") == {
        "2026-07": (6_500, "payable"),
        "2026-08": (6_500, "payable"),
    }
    assert balance(run, NEAR) == held, "the account bears none of it"
    with pytest.raises(AlreadyRun):
        run.system(residents.run_difference, since)
    at(clock, 2026, 9)
    assert month(run, "2026-09") == 155_500 + PART
    assert all_agrees(run)


def test_suspended_and_resumed_nothing_is_lost(run: Runner, near: int, clock: FixedClock) -> None:
    month(run, "2026-08")
    draw(run, NEAR, "2026-06")
    stop = Suspend(ident=NEAR, since="2026-07", reason="02", document=DOC)
    with pytest.raises(MonthBeforeFirst):
        run.system(residents.stopping.suspend, stop.model_copy(update={"since": "2026-05"}))
    with pytest.raises(DeathElsewhere):
        run.system(residents.stopping.suspend, stop.model_copy(update={"reason": "01"}))
    carried_out(run, "RES-12", stop)
    assert balance(run, NEAR) == Money(750_000 - PART)
    told = mine(run, NEAR).award
    assert told is not None
    assert told.stopped is not None
    assert (told.state, told.stopped.since) == ("suspended", "2026-07")
    with pytest.raises(NotRunning):
        run.system(residents.stopping.suspend, stop)
    at(clock, 2026, 9)
    with pytest.raises(NobodyDue):
        month(run, "2026-09")
    carried_out(run, "RES-13", Resume(ident=NEAR, document=DOC))
    with pytest.raises(NotSuspended):
        run.system(residents.stopping.resume, Resume(ident=NEAR, document=DOC))
    assert month(run, "2026-09") == 3 * (BASIC + PART)
    assert balance(run, NEAR) == Money(750_000 - 4 * PART)
    assert all_agrees(run, orders=False)


def test_a_bank_file_pays_residents_out_of_their_own_fund(run: Runner, near: int) -> None:
    run.system(bank_account, near)
    batch = run.system(residents.pay_month, Month(2026, 8), "second")
    out = run.system(payout.make_bank_file, MakeBankFile(batch=batch.batch))
    lines = run.system(files.fetch, out.sent).content.decode("gb18030").splitlines()[1:]
    back = "".join(f"{line.split('|')[0]}|00|\n" for line in lines).encode("gb18030")
    kept = run.system(files.keep, name="回盘.txt", content=back, may=None)
    assert run.system(payout.read_bank_file, ReadBankFile(file=out.file, returned=kept.file)).paid == 3
    assert booked(run, "expenditure_deposit") == 100_000_000 - 3 * (BASIC + PART)
    assert all_agrees(run)


def test_a_death_ends_it_and_the_rest_is_inherited_once(run: Runner, near: int, clock: FixedClock) -> None:
    at(clock, 2026, 10)
    month(run, "2026-10")
    a_person(run, HEIR, name="刘小军")
    rest = Inherit(ident=NEAR, heir=HEIR, document="公证书1号")
    with pytest.raises(inheriting.StillLives):
        run.system(residents.inherit, rest)
    run.system(registry.register_death, DEATH)  # October was posted: not due
    assert posted(run, NEAR)["2026-10"][1] == "cancelled"
    left = 750_000 - 4 * PART
    assert balance(run, NEAR) == Money(left)
    carried_out(run, "RES-14", rest)
    got = posted(run, HEIR, "居民养老账户继承")["2026-10"][0]
    interest = 938 + 8_448  # of December 2025, and of nine months at last year's 1.5%: drawn in October
    assert got == left + interest
    assert balance(run, NEAR) == Money(0)
    with pytest.raises(inheriting.GrantedAlready, match="刘小军"):
        run.system(residents.inherit, rest)
    funeral = run.system(residents.bury, Bury(ident=NEAR, heir=HEIR, document="火化证1号"))
    assert (funeral.amount_fen, len(funeral.warnings) > 0) == (12 * BASIC, True)
    assert all_agrees(run)


def test_months_before_a_death_are_paid_before_the_rest_is_given_away(run: Runner, near: int) -> None:
    a_person(run, HEIR)
    run.system(registry.register_death, DEATH.model_copy(update={"died": date(2026, 8, 1)}))
    rest = Inherit(ident=NEAR, heir=HEIR, document="公证书1号")
    with pytest.raises(inheriting.MonthsUnpaid, match="2026-06"):
        run.system(residents.inherit, rest)
    month(run, "2026-08")
    assert run.system(residents.inherit, rest).amount_fen > 750_000 - 3 * PART
    a_resident(run, YOUNG)
    died = RegisterDeath(ident=YOUNG, died=date(2026, 8, 1), document="死亡证明2号", reported_by="家属")
    run.system(registry.register_death, died)
    with pytest.raises(inheriting.NotReceiving):
        run.system(residents.bury, Bury(ident=YOUNG, heir=HEIR, document="火化证2号"))
    assert all_agrees(run)


def test_a_death_that_was_a_mistake_brings_everything_back(run: Runner, near: int, clock: FixedClock) -> None:
    at(clock, 2026, 10)
    month(run, "2026-10")
    draw(run, NEAR, "2026-10")
    a_person(run, HEIR)
    run.system(registry.register_death, DEATH)
    run.system(residents.inherit, Inherit(ident=NEAR, heir=HEIR, document="公证书1号"))
    run.system(residents.bury, Bury(ident=NEAR, heir=HEIR, document="火化证1号"))
    draw(run, HEIR, "2026-10", "居民养老丧葬补助")
    run.system(
        registry.withdraw_death,
        WithdrawDeath(ident=NEAR, document="在世证明1号", reason="同名同姓登记错了"),
    )
    assert posted(run, HEIR, "居民养老账户继承")["2026-10"][1] == "cancelled"
    owing = run.system(payout.listing.mine, AskOwing(ident=HEIR)).recoveries
    assert [one.left_fen for one in owing] == [12 * BASIC]
    assert run.system(payout.listing.mine, AskOwing(ident=NEAR)).recoveries[0].left_fen == 0
    at(clock, 2026, 11)
    assert month(run, "2026-11") == BASIC + PART
    told = mine(run, NEAR)
    assert (told.status, told.award is not None and told.award.state) == ("4", "active")
    assert years(run, NEAR)[-1].paid_fen == 6 * PART
    assert all_agrees(run, orders=False)


def test_interest_is_given_by_the_residents_own_rate(run: Runner, near: int, clock: FixedClock) -> None:
    carried_out(run, "RES-11", SettleYear(year=2025))
    told = years(run, NEAR)
    assert (told[0].year, told[0].interest_fen, told[0].rate) == (2025, 938, "1.5%")  # December's month
    assert told[-1].opening_fen == 750_938
    assert run.system(residents.settle_year, SettleYear(year=2025)).accounts == 0
    assert all_agrees(run)


def test_an_account_given_up_leaves_with_its_interest_and_its_years(run: Runner, clock: FixedClock) -> None:
    person_id = a_resident(run, YOUNG)
    fund(run)
    pay(run, YOUNG, 2026)
    at(clock, 2026, 12)
    left = run.system(residents.give_up, person_id)
    assert left.fen == 56_000 + 140  # November and December at last year's 1.5%
    assert booked(run, "transfer_expense") == left.fen
    told = mine(run, YOUNG)
    assert (told.status, told.months, told.balance_fen, told.may_pay) == ("3", 0, 0, ())
    with pytest.raises(enrolling.NotPaying, match="已转出"):
        run.system(residents.give_up, person_id)
    run.system(residents.take_in, person_id, Money(100_000), 30)
    told = mine(run, YOUNG)
    assert (told.status, told.months, told.balance_fen) == ("1", 30, 100_000)
    assert all_agrees(run)


def test_who_dies_before_sixty_leaves_what_they_paid(run: Runner, clock: FixedClock) -> None:
    at(clock, 2026, 1)
    a_resident(run, YOUNG)
    fund(run)
    pay(run, YOUNG, 2026)
    a_person(run, HEIR, name="刘小军")
    at(clock, 2026, 8)
    died = DEATH.model_copy(update={"ident": YOUNG, "died": date(2026, 6, 30)})
    run.system(registry.register_death, died)
    got = run.system(residents.inherit, Inherit(ident=YOUNG, heir=HEIR, document="公证书1号"))
    assert got.amount_fen == 56_000 + 420  # six months at last year's 1.5%
    assert (mine(run, YOUNG).status, balance(run, YOUNG)) == ("2", Money(0))
    assert all_agrees(run)
    run.system(
        registry.withdraw_death,
        WithdrawDeath(ident=YOUNG, document="在世证明1号", reason="同名同姓登记错了"),
    )
    assert (mine(run, YOUNG).status, balance(run, YOUNG)) == ("1", Money(got.amount_fen))
    assert all_agrees(run)


def test_a_kiosk_shows_a_resident_their_account_and_their_own_fund_pays(
    run: Runner, near: int, tmp_path: Path
) -> None:
    month(run, "2026-08")
    run.system(
        registry.issue_card,
        registry.IssueCard(
            ident=NEAR,
            card_no="31A000019",
            card_code=CODE,
            version="3.00",
            issued=date(2024, 1, 2),
            expires=date(2034, 1, 1),
        ),
    )
    run.system(bank_account, near)
    kiosk, card = Terminal(run), Card(run.vault, NEAR, "31A000019", CODE)
    visit = kiosk.visit(card)
    assert (visit.months_paid, visit.account_fen) == (180, 750_000 - 3 * PART)
    opened = kiosk.open(visit)
    with pytest.raises(CashShort):  # its cassettes hold none of this fund's money
        kiosk.confirm(visit, opened, card)
    kiosk.report(opened.order, "not")
    opened = kiosk.open(visit, method="bank")
    kiosk.confirm(visit, opened, card, dispenser="bank", dispenser_nonce="00" * 16)
    assert payout.transfer(run.system, FolderBank(tmp_path)) == (1, 0)
    assert booked(run, "expenditure_deposit") == 100_000_000 - BASIC - PART
    assert all_agrees(run)
