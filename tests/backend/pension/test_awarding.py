"""Awards change after the fact: made final, recalculated, undone by a death; each month comes to what it should be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backend.kernel import items, ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import Refusal
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.payout.model import Overpaid, Payable, Recovery
from backend.payout.recovery import repaying
from backend.payout.recovery.schema import ClaimOverpaid
from backend.pension import interest, offsetting, stopping, years
from backend.pension import service as pension
from backend.pension.awarding import finalising, recalculating
from backend.pension.awarding.facts import Facts, work_out
from backend.pension.awarding.facts import amounts as amounts_of
from backend.pension.awarding.finalising import NothingProvisional
from backend.pension.awarding.recalculating import ForEverybody, NeverAwarded, NothingChanged
from backend.pension.awarding.schema import (
    AskHistory,
    AskProvisional,
    Finalise,
    Finalised,
    Recalculate,
    Recalculated,
)
from backend.pension.careers.choosing import NotYet
from backend.pension.model import Account, AccountYear, Contribution
from backend.pension.schema import (
    AskMine,
    AskStatement,
    Award,
    AwardView,
    OffsetAccount,
    Resume,
    SettleYear,
    Suspend,
)
from backend.registry import service as registry
from backend.registry.deaths import register_death, withdraw_death
from backend.registry.schema import RegisterDeath, WithdrawDeath
from tests.backend.levy.conftest import another_law, forget
from tests.backend.payout.city import fund
from tests.backend.pension.test_service import WOMAN, with_account
from tests.backend.people import officer

__all__ = ["another_law"]
DOC = "沪人社发〔2026〕40号"
BASE, NEW = Decimal(12434), Decimal(12577)
DIVISOR = Decimal(170)  # 55 years
DECEMBER = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)


def jiao(yuan: Decimal) -> int:
    """Shanghai: each item to the jiao, in fen."""
    return int(yuan.quantize(Decimal("0.1"), ROUND_HALF_UP) * 100)


def held(rate: Decimal, months: int = 9) -> Decimal:
    """90,000 yuan at the end of 2025 before its interest: a year at 1.5%, then the months of 2026."""
    year = Decimal(90000) * Decimal("0.015")
    return (
        Decimal(90000) + year + ((90000 + year) * rate * months / 12).quantize(Decimal("0.01"), ROUND_HALF_UP)
    )


def amounts(base: Decimal, rate: Decimal, index: str = "0.8", years: int = 25) -> tuple[int, int]:
    basic = jiao((base + base * Decimal(index)) / 2 * years / 100)
    return basic, jiao(held(rate) / DIVISOR)


@pytest.fixture
def woman(run: Runner) -> int:
    """Retired 2026-09 on the base and the rate of 2025; October and November are posted."""
    fund(run)
    person_id = with_account(run, WOMAN, months=300, balance="90000", index=8_000, tells="2026-09")
    run.system(pension.award, Award(ident=WOMAN, retired="2026-09"))
    run.system(pension.pay_month, Month(2026, 11), "second")
    return person_id


def publish(law: Path, base: Decimal | None = None, rate: str = "") -> None:
    """What 2026 brings."""
    if base:
        city = law / "310000" / "pension.yaml"
        known = "      2025-01-01: {value: 12434, source: 退休待遇核定表（转录）, evidence: T}\n"
        text = city.read_text("utf-8")
        assert known in text
        city.write_text(
            text.replace(
                known, f"{known}      2026-01-01: {{value: {base}, source: 新公布的, evidence: T}}\n"
            ),
            "utf-8",
        )
    if rate:
        nation = law / "pension.yaml"
        text = nation.read_text("utf-8")
        at = text.index("      2026-01-01: {value: ended, source: 2026 年记账利率")
        end = text.index("\n", at)
        nation.write_text(
            f"{text[:at]}      2026-01-01: {{value: {rate}, source: 新公布的, evidence: T}}{text[end:]}",
            "utf-8",
        )


def award(run: Runner) -> AwardView:
    return run.system(pension.view_award, AskMine(ident=WOMAN))


def finalise(run: Runner, year: int = 2026) -> Finalised:
    return run.system(finalising.finalise, Finalise(year=year, document=DOC))


def recalculate(run: Runner, reason: str = "01", **more: str) -> Recalculated:
    return run.system(
        recalculating.recalculate, Recalculate(ident=WOMAN, reason=reason, document=DOC, **more)
    )


def deem(run: Runner, person_id: int, months: int) -> None:
    def write(uow: Uow) -> None:
        uow.session.get_one(Account, person_id).deemed_months = months

    run.system(write)


def net(run: Runner, person_id: int) -> int:
    """What a person was given and may keep: every payable that stands, less every claim."""

    def add(uow: Uow) -> int:
        given = uow.session.scalar(
            select(func.sum(Payable.amount)).where(
                Payable.person_id == person_id, Payable.cancelled_at.is_(None)
            )
        )
        claimed = uow.session.scalar(select(func.sum(Recovery.left)).where(Recovery.person_id == person_id))
        return (given or Money(0)).fen - (claimed or Money(0)).fen

    return run.system(add)


def paid_of_account(run: Runner) -> int:
    return sum(one.paid_fen for one in run.system(pension.statement, AskStatement(ident=WOMAN)).years)


def agrees(run: Runner) -> bool:
    assert run.system(ledger.check) == []
    assert run.system(payout.check) == []
    assert run.system(pension.check) == []
    return True


def test_an_award_counts_interest_to_its_month_and_says_by_which_rate(run: Runner, woman: int) -> None:
    """By the last rate that is published; what the account bears in the end begins with the same fen."""
    one = award(run)
    assert (one.basic_fen, one.account_fen) == amounts(BASE, Decimal("0.015"))
    assert one.provisional
    assert Decimal(one.facts["account"]) == held(Decimal("0.015"))
    assert {"计到退休当月的利息", "个人账户储存额"} <= {step.name for step in one.steps}
    assert any("2026 年的计发基数还没有公布" in said for said in one.warnings)
    assert any("2026 年的记账利率还没有公布" in said for said in one.warnings)
    run.system(interest.settle_year, SettleYear(year=2025))
    row = run.system(pension.statement, AskStatement(ident=WOMAN)).years[0]
    assert Money(row.closing_fen).text == "91350.00" == str(held(Decimal(0)).quantize(Decimal("0.01")))


def test_a_final_award_pays_the_difference_of_every_month_posted_and_a_second_run_changes_nothing(
    run: Runner, woman: int, another_law: Path
) -> None:
    publish(another_law, NEW, "0.026")
    before = award(run)
    tried = run.system(finalising.provisional, AskProvisional(year=2026))
    assert award(run) == before, "a trial changes nothing"
    done = finalise(run)
    basic, part = amounts(NEW, Decimal("0.026"))
    after = award(run)
    assert (after.basic_fen, after.account_fen, after.provisional) == (basic, part, False)
    change = basic + part - before.total_fen
    assert change > 0
    assert (done.changed, done.final, done.provisional, done.owed_fen) == (1, 1, 0, 2 * change)
    [line] = tried.lines
    assert (line.before_fen, line.after_fen, line.months, line.difference_fen, line.final) == (
        before.total_fen,
        after.total_fen,
        2,
        2 * change,
        True,
    )
    assert after.replaces
    assert (after.replaces.award, after.replaces.total_fen) == (before.award, before.total_fen)
    assert (net(run, woman), paid_of_account(run)) == (2 * after.total_fen, 2 * part)
    assert agrees(run)
    with pytest.raises(NothingProvisional):
        finalise(run)
    assert net(run, woman) == 2 * after.total_fen


def test_base_and_rate_come_at_different_times_and_each_makes_good_its_own(
    run: Runner, woman: int, another_law: Path, clock: FixedClock
) -> None:
    publish(another_law, NEW)
    done = finalise(run)
    assert (done.changed, done.final, done.provisional) == (1, 0, 1)
    assert finalise(run).changed == 0, "nothing new is known"
    clock.set(DECEMBER)
    publish(another_law, rate="0.026")
    forget()
    assert finalise(run).final == 1
    assert net(run, woman) == 2 * award(run).total_fen
    assert award(run).total_fen == sum(amounts(NEW, Decimal("0.026")))
    run.system(pension.pay_month, Month(2026, 12), "second")
    assert net(run, woman) == 3 * award(run).total_fen
    assert agrees(run)


def test_a_lower_base_is_claimed_back_and_the_account_has_its_part_again(
    run: Runner, woman: int, another_law: Path
) -> None:
    publish(another_law, Decimal(12000), "0.010")
    done = finalise(run)
    assert (done.owed_fen, done.overpaid_fen) == (
        0,
        2 * (sum(amounts(BASE, Decimal("0.015"))) - award(run).total_fen),
    )
    assert net(run, woman) == 2 * award(run).total_fen
    assert paid_of_account(run) == 2 * award(run).account_fen
    assert agrees(run)


def test_who_died_meanwhile_is_owed_the_difference_of_the_months_lived_only(
    run: Runner, woman: int, another_law: Path
) -> None:
    publish(another_law, NEW, "0.026")
    finalise(run)
    run.system(
        register_death,
        RegisterDeath(ident=WOMAN, died=date(2026, 10, 20), document="死亡证明 1", reported_by="家属"),
    )
    assert net(run, woman) == award(run).total_fen, "October; November is not due, nor its difference"
    assert paid_of_account(run) == award(run).account_fen
    assert agrees(run)
    run.system(
        withdraw_death, WithdrawDeath(ident=WOMAN, document="在世证明 1", reason="同名同姓，登记错了人")
    )
    run.system(pension.pay_month, Month(2026, 11), "second")
    assert net(run, woman) == 2 * award(run).total_fen
    assert paid_of_account(run) == 2 * award(run).account_fen
    assert agrees(run)


def test_a_drawn_month_that_is_claimed_and_given_again_keeps_its_difference(
    run: Runner, woman: int, another_law: Path, clock: FixedClock
) -> None:
    """November was drawn: the death claims it back with its difference, the withdrawal of the death gives both again."""

    def drawn(uow: Uow) -> None:
        for due in uow.session.scalars(select(Payable).where(Payable.month == Month(2026, 11))):
            due.state, due.settled_at = "collected", uow.now

    run.system(drawn)
    run.system(
        register_death,
        RegisterDeath(ident=WOMAN, died=date(2026, 10, 20), document="死亡证明 1", reported_by="家属"),
    )
    publish(another_law, NEW, "0.026")
    finalise(run)
    assert net(run, woman) == award(run).total_fen
    assert run.system(lambda uow: uow.session.scalar(select(func.count()).select_from(Overpaid))) == 1
    run.system(
        withdraw_death, WithdrawDeath(ident=WOMAN, document="在世证明 1", reason="同名同姓，登记错了人")
    )
    clock.set(DECEMBER)
    run.system(pension.pay_month, Month(2026, 12), "second")
    assert (net(run, woman), paid_of_account(run)) == (3 * award(run).total_fen, 3 * award(run).account_fen)
    assert run.system(pension.check) == []


def test_who_is_suspended_gets_the_difference_when_the_pension_goes_on(
    run: Runner, woman: int, another_law: Path, clock: FixedClock
) -> None:
    run.system(
        stopping.suspend, Suspend(ident=WOMAN, since="2026-12", reason="02", claims=False, document="停 1")
    )
    publish(another_law, NEW, "0.026")
    assert finalise(run).owed_fen == 0
    known = run.system(recalculating.history, AskHistory(ident=WOMAN))
    change = known.replacements[0].difference_fen
    assert known.waiting_fen == change > 0
    assert net(run, woman) + change == 2 * award(run).total_fen
    run.system(stopping.resume, Resume(ident=WOMAN, document="恢 1"))
    assert net(run, woman) == 2 * award(run).total_fen
    clock.set(DECEMBER)
    run.system(pension.pay_month, Month(2026, 12), "second")
    assert net(run, woman) == 3 * award(run).total_fen
    assert agrees(run)


def test_a_recalculation_shows_before_and_after_and_pays_each_month_the_difference(
    run: Runner, woman: int, clock: FixedClock
) -> None:
    before = award(run)
    with pytest.raises(NothingChanged, match=str(before.award)):
        recalculate(run)
    deem(run, woman, 24)
    done = recalculate(run)
    shown = {one.name: (one.before_fen, one.after_fen, one.change_fen) for one in done.components}
    assert shown["合计"] == (before.total_fen, done.award.total_fen, done.award.total_fen - before.total_fen)
    assert shown["过渡性养老金"][0] == 0 < shown["过渡性养老金"][1], "12434 × 1 × 2 × 1.2%"
    assert (done.months, done.owed_fen) == (2, 2 * shown["合计"][2])
    assert (done.overpaid_fen, done.waiting_fen) == (0, 0)
    deem(run, woman, 36)
    again = recalculate(run, "02")
    assert (again.owed_fen, again.waiting_fen) == (0, 2 * (again.award.total_fen - done.award.total_fen)), (
        "one supplement a month; the rest waits for the next"
    )
    told = run.system(recalculating.history, AskHistory(ident=WOMAN))
    assert [one.reason for one in told.replacements] == ["补缴或者退回缴费", "视同缴费年限认定或者更正"]
    assert agrees(run)
    clock.set(DECEMBER)
    run.system(pension.pay_month, Month(2026, 12), "second")
    assert net(run, woman) == 3 * award(run).total_fen
    assert agrees(run)


def test_what_was_recognised_by_mistake_is_claimed_back(run: Runner, woman: int) -> None:
    deem(run, woman, 24)
    recalculate(run)
    deem(run, woman, 0)
    done = recalculate(run)
    assert done.overpaid_fen == 2 * -done.components[-1].change_fen > 0
    assert net(run, woman) == 2 * award(run).total_fen
    assert agrees(run)


def test_a_corrected_month_of_retirement_moves_the_first_month(
    run: Runner, woman: int, clock: FixedClock
) -> None:
    """A month too late, then a month too early: October is not due, then it is due again."""
    later = recalculate(run, "05", retired="2026-10")
    assert later.award.first_month == "2026-11"
    assert (net(run, woman), paid_of_account(run)) == (later.award.total_fen, later.award.account_fen)
    assert agrees(run)
    clock.set(DECEMBER)
    back = recalculate(run, "05", retired="2026-09")
    run.system(pension.pay_month, Month(2026, 12), "second")
    assert (net(run, woman), paid_of_account(run)) == (3 * back.award.total_fen, 3 * back.award.account_fen)
    assert agrees(run)
    assert run.system(lambda uow: registry.person(uow, WOMAN).retired) == Month(2026, 9)


def test_who_was_stopped_before_a_corrected_first_month_goes_on_from_it(
    run: Runner, woman: int, clock: FixedClock
) -> None:
    run.system(
        stopping.suspend, Suspend(ident=WOMAN, since="2026-10", reason="02", claims=False, document="停 1")
    )
    recalculate(run, "05", retired="2026-10")
    assert run.system(stopping.resume, Resume(ident=WOMAN, document="恢 1")).since == "2026-11"
    clock.set(DECEMBER)
    run.system(pension.pay_month, Month(2026, 12), "second")
    assert (net(run, woman), paid_of_account(run)) == (2 * award(run).total_fen, 2 * award(run).account_fen)
    assert agrees(run)


def test_months_paid_after_retirement_count_for_nothing(run: Runner) -> None:
    person_id = with_account(run, WOMAN, months=300, balance="90000", index=8_000, tells="2026-09")

    def late(uow: Uow) -> None:
        account, row = (
            uow.session.get_one(Account, person_id),
            uow.session.get_one(AccountYear, (2025, person_id)),
        )
        years.open_year(uow, Account.person_id == person_id)
        this = uow.session.get_one(AccountYear, (2026, person_id))
        this.credited, this.closing = Money(80_000), row.closing + Money(80_000)
        this.moved = [0] * 10 + [80_000, 0]
        account.months_paid, account.index_sum = 301, account.index_sum + 8_043
        uow.session.add(
            Contribution(
                person_id=person_id,
                month=Month(2026, 10),
                base=Money(1_011_560),
                person_share=Money(80_000),
                employer_share=Money(160_000),
            )
        )

    run.system(late)
    one = run.system(pension.award, Award(ident=WOMAN, retired="2026-09"))
    assert (one.facts["months"], one.facts["index"]) == (300, "0.8000")
    assert one.account_fen == amounts(BASE, Decimal("0.015"))[1]
    assert any("1 个月的缴费，不计入" in said for said in one.warnings)


def test_who_has_no_award_and_what_concerns_everybody_is_refused(run: Runner) -> None:
    with_account(run, WOMAN, months=300, balance="90000", index=8_000, tells="2026-09")
    with pytest.raises(NeverAwarded):
        recalculate(run)
    run.system(pension.award, Award(ident=WOMAN, retired="2026-09"))
    with pytest.raises(ForEverybody):
        recalculate(run, "06")
    with pytest.raises(Refusal):
        recalculate(run, "05", retired="2026-08")


def test_what_cannot_be_done_is_refused_before_anybody_reviews_it(run: Runner) -> None:
    with_account(run, WOMAN, months=300, balance="90000", index=8_000, tells="2026-09")
    by = run.by(officer())
    with pytest.raises(NotYet):
        items.perform(by, items.find("PEN-04"), Award(ident=WOMAN, retired="2020-01"))
    with pytest.raises(NeverAwarded):
        items.perform(by, items.find("PEN-08"), Recalculate(ident=WOMAN, reason="01", document=DOC))


def test_both_wait_for_two_others(run: Runner, woman: int) -> None:
    deem(run, woman, 24)
    for code, command in (
        ("PEN-07", Finalise(year=2026, document=DOC)),
        ("PEN-08", Recalculate(ident=WOMAN, reason="01", document=DOC)),
    ):
        filed = items.perform(run.by(officer()), items.find(code), command)
        assert isinstance(filed, items.Filed)
        assert filed.need == 2


def test_an_account_that_did_not_last_gets_back_no_more_than_it_gave(
    run: Runner, woman: int, another_law: Path, clock: FixedClock
) -> None:
    """Two months took their parts; then a debt took all that was left but a yuan, which is what the third month had. By a
    lower rate three parts are lower, and still more than it gave."""
    before, held = award(run), run.system(years.balance, woman)
    debt = ClaimOverpaid(ident=WOMAN, amount_fen=held.fen - 100, reason="07", note="冒领", document="追1")
    claim = run.system(repaying.claim_overpaid, debt).recovery
    offset = OffsetAccount(recovery=claim, amount_fen=held.fen - 100, document="抵1")
    run.system(offsetting.offset_account, offset)
    clock.set(DECEMBER)
    run.system(pension.pay_month, Month(2026, 12), "second")
    assert run.system(years.balance, woman) == Money(0)
    publish(another_law, BASE, "0.001")
    assert finalise(run).overpaid_fen > 0
    assert award(run).account_fen < before.account_fen
    assert run.system(years.balance, woman) == Money(0)
    assert agrees(run)


def test_an_award_comes_to_what_the_calculator_says_also_where_the_whole_is_rounded_up() -> None:
    """浙江: 见分进角."""
    facts = Facts(
        area="330000",
        retired=Month(2025, 6),
        base=Money(843_300),
        index=Decimal("0.8219"),
        months=367,
        deemed_months=0,
        account=Money(6_672_085),
        age=720,
    )
    estimate = work_out(facts)
    whole = sum(amounts_of(estimate), Money(0))
    items = (
        estimate.basic,
        estimate.account,
        estimate.transitional,
        *(one.amount for one in estimate.additions),
    )
    assert whole == Money.yuan(estimate.total)
    assert Money(0) < whole - sum((Money.yuan(one) for one in items), Money(0)) < Money(10)
