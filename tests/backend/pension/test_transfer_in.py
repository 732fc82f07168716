"""A relation comes from another place: its months count once, its money is booked only when it agrees to the fen."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from backend.kernel import files, items, ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.items import NotYours
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.pension import service as pension
from backend.pension.careers.summing import Listed
from backend.pension.model import Account, Contribution
from backend.pension.schema import AskMine, AskStatement
from backend.pension.transferring import cases, coming, doubled, table, temporary, withdrawing
from backend.pension.transferring import service as transferring
from backend.pension.transferring.schema import (
    AcceptIn,
    ApplyIn,
    AskPlace,
    FinishIn,
    Print,
    ReceiveMoney,
    RefundDouble,
    SendOut,
    TellIn,
    Withdraw,
)
from backend.pension.transferring.shown import TransferView
from backend.registry import service as registry
from tests.backend.levy import town
from tests.backend.levy.town import WANG, at, carried_out
from tests.backend.payout.city import fund
from tests.backend.pension.movers import (
    GUANGZHOU,
    HUNAN,
    asked,
    balance,
    insured,
    leaver,
    newest,
    paid,
    sheet,
    stands,
)
from tests.backend.pension.test_transfer_out import letter
from tests.backend.people import LI, ZHANG, citizen

# a year and a half in Guangzhou, on 8000.00, and its account
MONTHS = (
    "月份,2022-07,2022-12,440100,8000.00,640.00",
    "月份,2023-01,2023-12,440100,8000.00,640.00",
)
YEARS = (
    "年度,2022,,,,,,0,3840.00,100.00,0,3940.00",
    "年度,2023,,,,,,3940.00,7680.00,300.00,0,11920.00",
)
ACCOUNT, POOLED = 1_192_000, 1_728_000  # 12 % of eighteen times 8000.00
TOTAL = ACCOUNT + POOLED


@pytest.fixture
def comer(run: Runner) -> int:
    """Insured here since August 2020, two years on record."""
    fund(run)
    person = insured(run)
    paid(run, person, Month(2024, 1), Month(2025, 12))
    return person


def tell(run: Runner, *lines: str, **changed: object) -> TransferView:
    told = {
        "ident": LI,
        "file": sheet(run, lines or (*MONTHS, *YEARS)),
        "account_fen": ACCOUNT,
        "pooled_fen": POOLED,
        "with_money": True,
    }
    return run.system(transferring.tell, TellIn.model_validate(told | changed))


def receive(run: Runner, fen: int, slip: str = "G-1") -> TransferView:
    command = ReceiveMoney(ident=LI, amount_fen=fen, slip=slip, received_on=date(2026, 11, 24))
    return run.system(transferring.receive, command)


def agrees(run: Runner) -> bool:
    return run.system(pension.check) + run.system(transferring.check) + run.system(ledger.check) == []


def test_a_relation_comes_with_its_months_and_its_money_by_four_hands(run: Runner, comer: int) -> None:
    before, account = balance(run, comer), run.system(lambda uow: uow.session.get_one(Account, comer))
    sum_before = account.index_sum
    asked(run)
    assert newest(run, comer).due_on == date(2026, 12, 15)
    assert tell(run).short_fen == TOTAL
    assert receive(run, TOTAL).short_fen == 0
    assert (stands(run, "transfers_in_transit"), stands(run, "transfer_income")) == (TOTAL, 0)
    carried_out(run, "PEN-65", FinishIn(ident=LI))
    case = newest(run, comer)
    assert (case.state, case.booked.fen, case.doubled.fen) == ("done", ACCOUNT, 0)
    assert (stands(run, "transfers_in_transit"), stands(run, "transfer_income")) == (0, TOTAL)
    mine = run.system(pension.mine, AskMine(ident=LI))
    assert (mine.months_paid, mine.balance_fen) == (24 + 18, before + ACCOUNT)
    # 8000.00 of 11396.00 and 12183.00: two average wages, 0.7020 and 0.6567 to the ten-thousandth
    account = run.system(lambda uow: uow.session.get_one(Account, comer))
    assert account.index_sum - sum_before == 12 * 7_020 + 6 * 6_567
    came = run.system(lambda uow: Listed.of(uow, [comer]).paid[comer])
    assert Counter(one.at for one in came if one.month < Month(2024, 1)) == {7_020: 12, 6_567: 6}
    assert account.opened == Month(2020, 8)
    row = run.system(pension.statement, AskStatement(ident=LI, year=2023)).months[0]
    assert (row.employer, row.base_fen) == ("广东省广州市", 800_000)
    assert agrees(run)


def test_money_that_does_not_agree_to_the_fen_waits_and_can_go_back(run: Runner, comer: int) -> None:
    asked(run)
    tell(run)
    receive(run, TOTAL - 1)
    with pytest.raises(coming.AmountDiffers, match=r"差 0\.01"):
        run.system(transferring.finish, FinishIn(ident=LI))
    assert agrees(run)
    receive(run, 2, "G-2")
    with pytest.raises(coming.AmountDiffers, match=r"差 -0\.01"):
        run.system(transferring.finish, FinishIn(ident=LI))
    with pytest.raises(withdrawing.SlipMissing):
        run.system(transferring.withdraw, Withdraw(ident=LI, reason="对方多划"))
    run.system(transferring.withdraw, Withdraw(ident=LI, reason="对方多划", slip="R-1"))
    assert (stands(run, "transfers_in_transit"), stands(run, "receipts_deposit")) == (0, 0)
    assert (newest(run, comer).state, balance(run, comer)) == ("withdrawn", 1_920_000)
    assert agrees(run)
    asked(run)  # and once more from the beginning


def test_a_month_counts_once_and_the_other_places_part_of_it_goes_back_to_the_person(
    run: Runner, comer: int
) -> None:
    """Two of twenty months count here already: a tenth of the credits, so a tenth of the account with its interest."""
    asked(run)
    lines = (
        *MONTHS,
        "月份,2024-01,2024-02,440100,8000.00,640.00",
        *YEARS,
        "年度,2024,,,,,,11920.00,1280.00,200.00,0,13400.00",
    )
    told = tell(run, *lines, account_fen=1_340_000, pooled_fen=20 * 96_000, with_money=False)
    assert told.doubled == ("2024-01～2024-02",)
    run.system(transferring.finish, FinishIn(ident=LI))
    case = newest(run, comer)
    part = round(1_340_000 * 2 / 20)
    assert (case.doubled.fen, case.booked.fen) == (part, 1_340_000 - part)
    assert run.system(pension.mine, AskMine(ident=LI)).months_paid == 24 + 18
    [due] = run.system(lambda uow: payout.of_person(uow, comer, 10))
    assert (due.item, due.amount_fen, due.state) == (doubled.ITEM, part, "payable")
    assert agrees(run)


def test_a_table_that_is_wrong_anywhere_is_refused_with_its_line(run: Runner, comer: int) -> None:
    asked(run)
    first, second = YEARS
    for lines, refusal, said in (
        ((*MONTHS, MONTHS[0], *YEARS), table.MonthTwice, "第 4 行：2022-07"),
        ((MONTHS[0], "月份,2023-02,2023-01,440100,8000,640", *YEARS), table.LineWrong, "第 3 行的“止”"),
        (("月份,2022-07,2022-12,440100,0,0", *YEARS), table.LineWrong, "月缴费基数"),
        (("月份,2022-07,2022-12,999999,8000,640", *YEARS), table.LineWrong, "参保地"),
        (("月份,2022-02-29,2022-12,440100,8000,640", *YEARS), table.LineWrong, "“起”"),
        (("月份,2022-07,2022-12,440100,1e9,640", *YEARS), table.LineWrong, "月缴费基数"),
        (("月份,2022-07,2022-12,440100,NaN,640", *YEARS), table.LineWrong, "月缴费基数"),
        (("月,2022-07,2022-12,440100,8000,640", *YEARS), table.LineWrong, "类别"),
        (("月份,2026-12,2026-12,440100,8000,640", *YEARS), table.MonthAhead, "2026-12"),
        (("月份,2005-12,2005-12,440100,8000,640", *YEARS), table.TooYoungThen, "2005-12"),
        (YEARS, table.NoMonths, "没有缴费的月份"),
        ((*MONTHS, first, second.replace("300.00", "300.01")), table.YearsPart, "2023"),
        ((*MONTHS, second), coming.PooledDiffers, "17,280.00"),
        ((*MONTHS, first), coming.AccountDiffers, "11,920.00"),
    ):
        changed = {"pooled_fen": POOLED + 1} if refusal is coming.PooledDiffers else {}
        with pytest.raises(refusal, match=said):
            tell(run, *lines, **changed)
    assert newest(run, comer).state == "asked"
    assert tell(run, *MONTHS, *YEARS, pooled_fen=POOLED + 1, temporary=True).temporary


def test_who_may_ask_and_who_may_not(run: Runner, comer: int) -> None:
    told = {"ident": LI, "other_area": GUANGZHOU, "other_agency": "广州市社保中心", "hukou": HUNAN}
    own = run.by(citizen(LI, comer))
    with pytest.raises(NotYours):
        items.perform(own, items.find("PEN-61"), ApplyIn.model_validate(told | {"ident": ZHANG}))
    with pytest.raises(cases.SamePlace):
        run.system(transferring.apply, ApplyIn.model_validate(told | {"other_area": "310101"}))
    done = items.perform(own, items.find("PEN-61"), ApplyIn.model_validate(told))
    assert isinstance(done, TransferView)
    assert (done.state_label, done.with_money) == ("已申请，等受理", False)
    with pytest.raises(cases.AlreadyOpen):
        run.system(transferring.apply, ApplyIn.model_validate(told))
    with pytest.raises(coming.ReasonMissing):
        run.system(transferring.accept, AcceptIn(ident=LI, accepted=False))
    refused = run.system(transferring.accept, AcceptIn(ident=LI, accepted=False, reason="还没有参保"))
    assert (refused.state, refused.steps[-1].note) == ("refused", "还没有参保")
    with pytest.raises(cases.NothingOpen):
        run.system(transferring.finish, FinishIn(ident=LI))


def test_who_was_first_insured_here_at_fifty_away_from_home_keeps_the_relation_where_it_was(
    run: Runner,
) -> None:
    insured(run, ZHANG, started=date(2020, 8, 1))  # born in 1950
    with pytest.raises(temporary.OnlyTemporary, match="70岁5个月"):
        asked(run, ZHANG)
    assert asked(run, ZHANG, posted=True).state == "asked"


def test_what_goes_out_here_can_be_read_back_here_and_counts_once(run: Runner) -> None:
    """Away and back: the table that we wrote is the one we read, and the months that were here are here again."""
    person = leaver(run)
    letter(run)
    sent = run.system(transferring.send, SendOut(ident=LI, with_money=False))
    content = run.system(files.fetch, sent.file).content
    told = table.read(content, GUANGZHOU, date(1990, 1, 1), date(2026, 11, 24))
    assert (len(told.months), told.years[-1].closing.fen) == (24, sent.account_fen)
    run.system(lambda uow: setattr(uow.session.get_one(Account, person), "status", "1"))
    asked(run)
    back = {"account_fen": sent.account_fen, "pooled_fen": sent.pooled_fen, "with_money": False}
    run.system(transferring.tell, TellIn.model_validate({"ident": LI, "file": sent.file} | back))
    run.system(transferring.finish, FinishIn(ident=LI))
    mine = run.system(pension.mine, AskMine(ident=LI))
    assert (mine.months_paid, mine.balance_fen, mine.status) == (24, sent.account_fen, "正常")
    assert agrees(run)
    with pytest.raises(doubled.NoDoubles):
        run.system(transferring.refund_late, RefundDouble(ident=LI))


def test_months_of_before_any_known_average_wage_take_the_other_places_index(run: Runner, comer: int) -> None:
    asked(run)
    old = "月份,2010-01,2010-12,440100,3000.00,240.00,{}"
    years = ("年度,2010,,,,,,0,2880.00,0,0,2880.00",)
    sums = {"account_fen": 288_000, "pooled_fen": 432_000, "with_money": False}
    with pytest.raises(Exception, match="缴费基数上限"):
        tell(run, old.format(""), *years, **sums)
    told = tell(run, old.format("0.8123"), *years, **sums)
    assert any("缴费指数用转出地的" in one for one in told.warnings)


def test_a_month_from_elsewhere_that_is_paid_here_later_is_given_back_once(
    run: Runner, clock: FixedClock
) -> None:
    """August was told by Guangzhou first; then it is billed and paid here: it stays as it came, the share goes back."""
    town.a_town(run, clock)
    person = run.system(lambda uow: registry.person(uow, WANG).id)
    at(clock, 2026, 8, 20)
    asked(run, WANG)
    line = "月份,2026-08,2026-08,440100,8000.00,640.00"
    year = "年度,2026,,,,,,0,640.00,0,0,640.00"
    sums = {"ident": WANG, "account_fen": 64_000, "pooled_fen": 96_000, "with_money": False}
    tell(run, line, year, **sums)
    run.system(transferring.finish, FinishIn(ident=WANG))
    town.declare_all(run)
    town.bill(run)
    town.receive(run, "W-0001", town.WHOLE)
    assert town.contributions(run, WANG) == [("2026-08", 800_000, 64_000)]
    assert balance(run, person) == 64_000
    assert [one.found for one in run.system(transferring.check)] == ["没有退"]
    fund(run)
    done = run.system(transferring.refund_late, RefundDouble(ident=WANG))
    assert (done.months, done.amount_fen) == (("2026-08",), 60_368)
    assert agrees(run)
    with pytest.raises(doubled.NoDoubles):
        run.system(transferring.refund_late, RefundDouble(ident=WANG))


def test_the_place_of_benefit_is_worked_out_from_where_every_month_was_paid(run: Runner) -> None:
    person = insured(run)

    def write(uow: Uow) -> None:
        months = Month(2008, 1).until(Month(2018, 12))
        uow.session.add_all(
            Contribution(
                person_id=person,
                month=month,
                area=GUANGZHOU,
                base=Money(500_000),
                person_share=Money(0),
                employer_share=Money(0),
            )
            for month in months
        )
        uow.session.get_one(Account, person).months_paid = 132 + 20

    run.system(write)
    told = run.by(citizen(LI, person))(transferring.place, AskPlace(ident=LI, hukou="430100"))
    assert (told.area, told.here) == ("440000", False)
    assert "上一个满十年" in told.why
    assert {one.area: one.months for one in told.places} == {"440000": 132, "310000": 20}
    assert run.system(transferring.place, AskPlace(ident=LI, hukou="310101")).here


def test_the_letter_says_what_is_asked_for_and_by_when(run: Runner, comer: int) -> None:
    asked(run)
    paper = run.system(transferring.print_paper, Print(ident=LI, what="letter")).paper
    assert run.system(files.fetch, paper).content.startswith(b"%PDF")
