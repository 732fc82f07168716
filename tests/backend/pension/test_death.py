"""A pensioner dies: the family is granted what the law gives, each their part to the fen, paid once, and never lost."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from backend.demo.story.office import Office
from backend.kernel import items
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.period import Month
from backend.kernel.sentences import Invalid, read
from backend.payout import service as payout
from backend.pension import service as pension
from backend.pension.awarding.recalculating import recalculate
from backend.pension.awarding.schema import Recalculate
from backend.pension.death import refusals
from backend.pension.death.paying import NothingWaits
from backend.pension.death.schema import (
    AskAfterDeath,
    AskMySurvivors,
    AskUnsettled,
    ClaimSurvivors,
    PaySurvivors,
)
from backend.pension.death.service import mine, previewing, unsettled
from backend.pension.schema import Award, Suspend
from backend.pension.stopping import suspend
from backend.registry import service as registry
from backend.registry.schema import RegisterDeath
from tests.backend.payout.city import fund
from tests.backend.pension.family import (
    ALL,
    BOOK,
    DAUGHTER,
    SON,
    THREE,
    WIFE,
    a_family,
    all_agrees,
    draw,
    grant,
    inherit,
    owed,
    parts,
    pay,
)
from tests.backend.pension.test_service import MAN, WOMAN, with_account
from tests.backend.pension.test_stopping import die, man
from tests.backend.people import citizen, officer

__all__ = ["man"]
DIED = date(2026, 11, 3)
FUNERAL, PENSION = 941_700, 9_887_850  # 56502 ÷ 12 = 4708.50: twice, and 24 - 36 ÷ 12 = 21 times


@pytest.fixture
def dead(run: Runner, man: int) -> int:
    """Paid for thirty years, thirty-six months in payment, and a family of three."""
    a_family(run)
    die(run, DIED)
    return man


def test_a_widow_is_granted_and_paid_what_the_law_gives(run: Runner, dead: int) -> None:
    told = Office(run).do("PEN-50", ident=MAN, heirs=ALL, funeral="here", document=BOOK)
    assert told.total_fen == FUNERAL + PENSION
    assert [(one.item, one.amount_fen, one.state) for one in told.parts] == [
        ("丧葬补助金", FUNERAL, "等待发放"),
        ("抚恤金", PENSION, "等待发放"),
    ]
    formulas = [one.formula for one in told.steps]
    assert formulas[0] == "56502.00 ÷ 12，四舍五入到分"
    assert "24 - 36 ÷ 12，最少 9" in formulas
    assert any("人均可支配收入" in one for one in told.warnings), "the province's figure is not known"
    assert any("REG-22" in one and "王秀兰" in one for one in told.warnings)
    assert owed(run) == {}
    done = Office(run).do("PEN-52")
    assert (done.n, done.total_fen, done.waiting) == (2, FUNERAL + PENSION, 0)
    assert owed(run) == {
        (WIFE, "丧葬补助金"): ("payable", FUNERAL),
        (WIFE, "抚恤金"): ("payable", PENSION),
    }
    assert all_agrees(run)


def test_what_a_family_agrees_adds_up_to_the_fen(run: Runner, dead: int) -> None:
    assert grant(run, THREE).total_fen == FUNERAL + PENSION
    assert parts(run) == [
        ("王秀兰", "丧葬补助金", 470_850),
        ("张小明", "丧葬补助金", 235_425),
        ("张小红", "丧葬补助金", 235_425),
        ("王秀兰", "抚恤金", 4_943_925),
        ("张小明", "抚恤金", 2_471_963),
        ("张小红", "抚恤金", 2_471_962),
    ]
    assert pay(run).n == 6
    assert all_agrees(run)


def test_nothing_is_granted_or_paid_twice(run: Runner, dead: int) -> None:
    grant(run)
    with pytest.raises(refusals.DecidedAlready, match="PEN-54"):
        grant(run, THREE)
    pay(run)
    with pytest.raises(NothingWaits):
        pay(run)
    assert all_agrees(run)


def test_of_two_deaths_in_a_month_the_second_is_paid_with_the_next(
    run: Runner, dead: int, clock: FixedClock
) -> None:
    """A child whose parents both died has one payable a month and item; nothing is lost, nothing refused."""
    with_account(run, WOMAN, months=59, balance="1000", index=8_000)
    run.system(
        registry.register_death,
        RegisterDeath(ident=WOMAN, died=DIED, document="死证 2026-89", reported_by="张小明，儿子"),
    )
    grant(run, f"{SON} 子女 1")
    hers = grant(run, f"{SON} child 100%", ident=WOMAN)
    assert hers.total_fen == FUNERAL + 3 * 470_850, "she had not retired, and paid for less than five years"
    done = pay(run)
    assert (done.n, done.waiting, done.total_fen) == (2, 2, FUNERAL + PENSION)
    with pytest.raises(NothingWaits):
        pay(run)
    clock.at = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
    assert (done := pay(run)).waiting == 0
    assert done.total_fen == hers.total_fen
    assert all_agrees(run)


def test_who_gets_what_must_be_clear(run: Runner, dead: int) -> None:
    wrong: dict[str, type[Refusal]] = {
        f"{WIFE} 配偶 1/2\n{SON} 子女 1/3": refusals.SharesNotWhole,
        f"{WIFE} 配偶 1\n{SON} 子女 1/4": refusals.SharesNotWhole,
        f"{WIFE} 配偶 1/2\n{WIFE} 其他 1/2": refusals.HeirTwice,
        f"{WIFE} 配偶 1/2\n{DAUGHTER} 配偶 1/2": refusals.TwoSpouses,
        f"{MAN} 配偶 1": refusals.HeirIsDeceased,
        "110101199003070011 子女 1": NotFound,
    }
    for heirs, refusal in wrong.items():
        with pytest.raises(refusal):
            grant(run, heirs)
    assert parts(run) == []


def test_three_thirds_are_the_whole(run: Runner, dead: int) -> None:
    told = grant(run, f"{WIFE}，配偶，1/3\n{SON}\t子女\t1/3\n\n{DAUGHTER} 子女　１／３")
    assert sum(one.amount_fen for one in told.parts) == FUNERAL + PENSION


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (WIFE, "第 1 行要写成三项"),
        (f"{WIFE} 配偶 1/2\n{SON} 哥们 1/2", "第 2 行的关系"),
        (f"{WIFE[:-1]}8 配偶 1", "第 1 行的公民身份号码"),
        (f"{WIFE} 配偶 一半", "第 1 行的份额"),
        (f"{WIFE} 配偶 1/0", "第 1 行的份额"),
        (f"{WIFE} 配偶 3/2", "第 1 行的份额"),
        (f"{WIFE} 配偶 0/2", "第 1 行的份额"),
        (f"{WIFE} 配偶 0%", "第 1 行的份额"),
        (f"{WIFE} 配偶 1e999999999", "第 1 行的份额"),
        ("", "至少 1 项"),
        ([{"ident": WIFE, "relation": "spouse", "share": "2/1"}], "份额"),
        ([{"ident": WIFE, "relation": "spouse", "share": "1e99999999"}], "份额"),
    ],
)
def test_a_line_that_cannot_be_read_says_which_and_why(typed: Any, said: str) -> None:
    given = {"ident": MAN, "heirs": typed, "funeral": "here", "document": BOOK}
    with pytest.raises(Invalid, match=said):
        read(ClaimSurvivors, given)


def test_an_heir_who_died_is_not_granted_and_not_paid(run: Runner, dead: int) -> None:
    grant(run, THREE)
    run.system(
        registry.register_death,
        RegisterDeath(ident=SON, died=date(2026, 11, 20), document="死证 3", reported_by="王秀兰，母亲"),
    )
    done = pay(run)
    assert (done.n, done.waiting) == (4, 2)
    assert (SON, "抚恤金") not in owed(run)
    with pytest.raises(refusals.HeirDied, match="张小明"):
        inherit(run, THREE)


def test_who_lives_leaves_nothing(run: Runner, man: int) -> None:
    a_family(run)
    with pytest.raises(refusals.NotDead, match="REG-21"):
        grant(run)
    with pytest.raises(refusals.NotDead):
        inherit(run)


def test_what_could_not_be_granted_waits_for_nobody(run: Runner, man: int) -> None:
    a_family(run)
    given = {"ident": MAN, "heirs": ALL, "funeral": "here", "document": BOOK}
    with pytest.raises(refusals.NotDead):
        Office(run).file("PEN-50", **given)
    die(run, DIED)
    with pytest.raises(refusals.SharesNotWhole):
        Office(run).file("PEN-50", **given | {"heirs": f"{WIFE} 配偶 1/2"})
    with pytest.raises(refusals.InjuryPays):
        Office(run).file("PEN-50", **given | {"funeral": "injury"})
    assert isinstance(Office(run).file("PEN-50", **given), items.Filed)


def test_funeral_money_is_taken_once(run: Runner, dead: int) -> None:
    with pytest.raises(refusals.InjuryPays):
        grant(run, funeral="injury")
    told = grant(run, funeral="unemployment")
    assert (told.total_fen, [one.item for one in told.parts]) == (PENSION, ["抚恤金"])
    assert any("失业保险" in one for one in told.warnings)


def test_a_death_before_the_law_or_without_its_income_is_refused(run: Runner, clock: FixedClock) -> None:
    with_account(run, MAN, months=360, balance="1000", index=10_000)
    a_family(run)

    def died(day: date) -> None:
        run.system(lambda uow: setattr(registry.person(uow, MAN), "died", day))

    died(date(2021, 8, 31))
    with pytest.raises(refusals.BeforeTheLaw, match="2021-09-01"):
        grant(run)
    died(date(2027, 1, 1))
    with pytest.raises(refusals.IncomeNotPublished, match="2027"):
        grant(run)
    died(date(2024, 2, 29))
    assert grant(run).total_fen == 26 * 431_842, "51821 ÷ 12 = 4318.4167, rounded to the fen"


def test_who_never_paid_in_leaves_no_survivors_money(run: Runner) -> None:
    with_account(run, MAN, months=0, balance="0", index=0)
    a_family(run)
    die(run, DIED)
    with pytest.raises(refusals.NothingPaidIn):
        grant(run)


def test_months_of_a_stop_were_not_received(run: Runner, man: int) -> None:
    a_family(run)
    run.system(suspend, Suspend(ident=MAN, since="2026-10", reason="02", document="停1"))
    die(run, DIED)
    told = grant(run)
    assert "24 - 34 ÷ 12，最少 9" in [one.formula for one in told.steps]


@pytest.mark.parametrize("posted", [True, False])
def test_months_before_a_corrected_retirement_were_not_received_and_nobody_waits_for_them(
    run: Runner, clock: FixedClock, posted: bool
) -> None:
    """Awarded from October, corrected to December: she received the one month of her death."""
    fund(run)
    with_account(run, WOMAN, months=300, balance="90000", index=8000, tells="2026-09")
    a_family(run)
    run.system(pension.award, Award(ident=WOMAN, retired="2026-09"))
    if posted:
        run.system(pension.pay_month, Month(2026, 11), "second")
    corrected = Recalculate(ident=WOMAN, reason="05", document="更正 1 号", retired="2026-11")
    run.system(recalculate, corrected)
    clock.at = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
    run.system(pension.pay_month, Month(2026, 12), "second")
    dead = RegisterDeath(ident=WOMAN, died=date(2026, 12, 5), document="死证 1", reported_by="女儿")
    run.system(registry.register_death, dead)
    told = grant(run, ident=WOMAN)
    assert "19 - 1 ÷ 12，最少 9" in [one.formula for one in told.steps]
    assert inherit(run, ident=WOMAN).total_fen > 0
    assert all_agrees(run)


def test_each_of_a_family_sees_their_own_and_the_whole(run: Runner, dead: int) -> None:
    grant(run, THREE)
    pay(run)
    draw(run, SON)
    person = run.system(lambda uow: registry.person(uow, SON).id)
    told = items.perform(run.by(citizen(SON, person)), items.find("PEN-Q50"), AskMySurvivors(ident=SON))
    assert isinstance(told, items.find("PEN-Q50").answers)
    shown = told.model_dump(mode="json")
    assert [(one["died_name"], one["item"], one["amount_fen"], one["state"]) for one in shown["parts"]] == [
        ("张秀䶮", "抚恤金", 2_471_963, "已领现金"),
        ("张秀䶮", "丧葬补助金", 235_425, "已领现金"),
    ]
    assert shown["decisions"][0]["total_fen"] == FUNERAL + PENSION
    assert "王秀兰" not in str(shown)
    assert "REG-22" in shown["warnings"][0]
    assert run.system(mine, AskMySurvivors(ident=MAN)).parts == ()


def test_the_office_sees_whose_affairs_are_not_settled(run: Runner, dead: int) -> None:
    [one] = run.system(unsettled, AskUnsettled()).people
    assert (one.ident, one.benefit, one.account) == (MAN, "open", "open")
    before = run.system(previewing.after_death, AskAfterDeath(ident=MAN))
    grant(run)
    [one] = run.system(unsettled, AskUnsettled()).people
    assert one.benefit == "waiting"
    told = inherit(run)
    assert {one.item: one.amount_fen for one in before.due} == {
        "丧葬补助金": FUNERAL,
        "抚恤金": PENSION,
        "个人账户余额继承": told.total_fen,
    }
    pay(run)
    assert run.system(unsettled, AskUnsettled()).total == 0
    after = run.system(previewing.after_death, AskAfterDeath(ident=MAN))
    assert (after.due, len(after.decisions)) == ((), 2)
    with pytest.raises(refusals.NotDead):
        run.system(previewing.after_death, AskAfterDeath(ident=WIFE))


def test_an_officer_of_a_district_pays_nobody(run: Runner, dead: int) -> None:
    grant(run)
    with pytest.raises(Refusal, match="统一办理"):
        run.by(officer(area="310101"))(pension.death.pay, PaySurvivors())


def test_nobody_rewrites_a_decision(run: Runner, dead: int) -> None:
    grant(run)
    for statement in ("update pension.survivor_decision set total = 1", "delete from pension.survivor_part"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            run.system(lambda uow, sql=statement: uow.session.execute(text(sql)))


def test_the_monthly_run_goes_on_beside_it(run: Runner, dead: int, clock: FixedClock) -> None:
    grant(run)
    pay(run)
    clock.at = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
    with pytest.raises(Refusal):
        run.system(pension.pay_month, Month(2026, 12), "second")
    assert run.system(payout.check) == []
