"""A relation goes to another place: settled and frozen to the fen, told, paid, and gone; or it comes back untouched."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from backend.kernel import files, ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.levy import service as levy
from backend.levy.certified import AskCertificate
from backend.pension import service as pension
from backend.pension.model import Account, AccountYear, Contribution
from backend.pension.schema import AskMine, Award
from backend.pension.transferring import cases, guarding, leaving, money, temporary
from backend.pension.transferring import service as transferring
from backend.pension.transferring.schema import (
    AskOwnTransfers,
    AskTable,
    AskWaiting,
    Certify,
    FlagTemporary,
    PayOut,
    Print,
    SendOut,
    TakeLetter,
    Withdraw,
)
from backend.pension.transferring.shown import Flagged, TransferView
from backend.registry import service as registry
from backend.registry.schema import Hire, Leave
from tests.backend.exchange.test_dues import of
from tests.backend.exchange.test_sources import some
from tests.backend.levy.town import at, carried_out
from tests.backend.payout.city import fund
from tests.backend.pension.movers import (
    GUANGZHOU,
    HUNAN,
    balance,
    insured,
    leaver,
    newest,
    paid,
    stands,
)
from tests.backend.pension.test_service import MAN
from tests.backend.people import LI, USCC, citizen

# 2025: 9600.00 at 1.5 %, and the products of twelve times 800.00; 2026, whose rate is not published: 11 months of 1.5 %
ACCOUNT = 1_920_000 + 22_200 + 26_705
POOLED = 2_880_000  # 12 % of 24 times 10000.00
TOTAL = ACCOUNT + POOLED


def letter(run: Runner, ident: str = LI, **changed: object) -> TransferView:
    told = {
        "ident": ident,
        "other_area": GUANGZHOU,
        "other_agency": "广州市社会保险基金管理中心",
        "letter": "粤转〔2026〕8号",
        "received_on": "2026-11-23",
    }
    return run.system(transferring.take_letter, TakeLetter.model_validate(told | changed))


def send(run: Runner, *, with_money: bool | None = True) -> TransferView:
    return run.system(transferring.send, SendOut(ident=LI, with_money=with_money))


def agrees(run: Runner) -> bool:
    return run.system(pension.check) + run.system(transferring.check) + run.system(ledger.check) == []


def test_an_account_is_settled_to_the_month_told_and_paid_to_the_fen(run: Runner) -> None:
    fund(run)
    person = leaver(run)
    told = letter(run)
    assert (told.state_label, told.due_on) == ("已收到联系函，等办理", date(2026, 12, 14))
    sent = send(run)
    assert (sent.account_fen, sent.pooled_fen, sent.total_fen) == (ACCOUNT, POOLED, TOTAL)
    assert sent.months == 24
    assert any("2026 年的记账利率还没有公布" in one for one in sent.warnings)
    assert balance(run, person) == 0
    mine = run.system(pension.mine, AskMine(ident=LI))
    assert (mine.status, mine.months_paid) == ("已转出", 0)
    assert (stands(run, "transfer_expense"), stands(run, "transfers_in_transit")) == (TOTAL, TOTAL)
    assert agrees(run)
    before = stands(run, "expenditure_deposit")
    done = run.system(transferring.pay, PayOut(ident=LI, slip="B-1", paid_on=date(2026, 11, 24)))
    assert (done.state, stands(run, "transfers_in_transit")) == ("done", 0)
    assert before - stands(run, "expenditure_deposit") == TOTAL
    assert agrees(run)


def test_the_table_that_goes_out_says_every_month_and_every_year(run: Runner) -> None:
    fund(run)
    leaver(run)
    letter(run)
    sent = send(run)
    table = run.system(transferring.told, AskTable(ident=LI, case=sent.case))
    assert [(one.first, one.last, one.months) for one in table.spans] == [
        ("2024-01", "2024-12", 12),
        ("2025-01", "2025-12", 12),
    ]
    assert [one.closing_fen for one in table.years] == [960_000, 1_942_200, ACCOUNT]
    assert sent.file
    content = run.system(files.fetch, sent.file).content.decode("utf-8-sig")
    assert "月份,2025-01,2025-12,310000,10000.00,800.00" in content
    paper = run.system(transferring.print_paper, Print(ident=LI, what="table")).paper
    assert run.system(files.fetch, paper).content.startswith(b"%PDF")


def test_two_officers_and_a_permission_are_needed(run: Runner) -> None:
    fund(run)
    leaver(run)
    letter(run)
    carried_out(run, "PEN-67", SendOut(ident=LI, with_money=True))
    assert stands(run, "transfers_in_transit") == TOTAL


def test_since_national_pooling_no_money_goes_along_unless_the_letter_says_so(run: Runner) -> None:
    """The relation is done at once; the parameter is not verified, and the answer says so."""
    person = leaver(run)
    letter(run)
    sent = send(run, with_money=None)
    assert (sent.state, sent.with_money, sent.total_fen) == ("done", False, TOTAL)
    assert any("资金是否随同划转" in one for one in sent.warnings)
    assert (balance(run, person), stands(run, "transfer_expense")) == (0, 0)
    assert agrees(run)


def test_who_is_still_insured_owes_or_draws_a_pension_does_not_go(run: Runner) -> None:
    person = insured(run)
    paid(run, person, Month(2024, 1), Month(2025, 12))
    with pytest.raises(leaving.StillInsured, match="2020-08"):
        letter(run)
    with pytest.raises(cases.SamePlace):
        letter(run, other_area="310115")
    with pytest.raises(cases.DayAhead):
        letter(run, received_on="2026-11-25")
    run.system(lambda uow: setattr(uow.session.get_one(Account, person), "months_paid", 25))
    run.system(registry.leave, Leave(uscc=USCC, ident=LI, ended=date(2026, 9, 30), reason="6301"))
    with pytest.raises(leaving.MonthsMissing, match="25 个月"):
        letter(run)
    run.system(lambda uow: setattr(uow.session.get_one(Account, person), "status", "4"))
    with pytest.raises(cases.DrawsPension):
        letter(run)


def _contributions(uow: Uow, person: int) -> list[Contribution]:
    rows = select(Contribution).where(Contribution.person_id == person).order_by(Contribution.month)
    return list(uow.session.scalars(rows))


def test_withdrawn_after_it_was_frozen_everything_stands_as_it_did(run: Runner, clock: FixedClock) -> None:
    fund(run)
    person = leaver(run)

    def state(uow: Uow) -> tuple[object, ...]:
        account = uow.session.get_one(Account, person)
        rows = uow.session.query(AccountYear).filter_by(person_id=person).order_by(AccountYear.year)
        months = [(one.month, one.index) for one in _contributions(uow, person)]
        return (
            account.status,
            account.months_paid,
            account.index_sum,
            months,
            [
                (row.year, row.interest, row.closing, row.rate, list(row.moved))
                for row in rows
                if row.year < 2026
            ],
        )

    def each_its_own(uow: Uow) -> None:
        for n, one in enumerate(_contributions(uow, person)):
            one.index = 7_000 + n

    run.system(each_its_own)
    before = run.system(state)
    letter(run)
    send(run)
    at(clock, 2026, 12, 8)
    run.system(transferring.withdraw, Withdraw(ident=LI, reason="本人又回来工作"))
    after = run.system(state)
    assert before[:4] == after[:4]
    # 2025 was over and its rate published: what it bore stays, and is by the rule
    assert after[4][1][1:3] == (Money(22_200), Money(1_942_200))  # type: ignore[index]
    assert balance(run, person) == 1_942_200
    assert (stands(run, "transfers_in_transit"), stands(run, "transfer_expense")) == (0, 0)
    assert newest(run, person).state == "withdrawn"
    assert agrees(run)


def test_one_case_at_a_time_and_a_slip_is_used_once(run: Runner) -> None:
    fund(run)
    leaver(run)
    letter(run)
    with pytest.raises(cases.AlreadyOpen, match="已收到联系函"):
        letter(run)
    with pytest.raises(cases.NotAtThisStep):
        run.system(transferring.pay, PayOut(ident=LI, slip="B-1", paid_on=date(2026, 11, 24)))
    send(run)
    with pytest.raises(cases.DayBefore):
        run.system(transferring.pay, PayOut(ident=LI, slip="B-1", paid_on=date(2026, 11, 22)))
    run.system(transferring.pay, PayOut(ident=LI, slip="B-1", paid_on=date(2026, 11, 24)))
    leaver(run, MAN)
    letter(run, MAN)
    run.system(transferring.send, SendOut(ident=MAN, with_money=True))
    with pytest.raises(money.SlipUsed):
        run.system(transferring.pay, PayOut(ident=MAN, slip="B-1", paid_on=date(2026, 11, 24)))


def test_who_has_moved_gets_no_award_here_and_starts_anew_when_hired_again(run: Runner) -> None:
    person = leaver(run)
    letter(run)
    with pytest.raises(guarding.OnTheWay):
        run.system(pension.award, Award(ident=LI))
    send(run, with_money=False)
    with pytest.raises(guarding.MovedAway, match="广州"):
        run.system(pension.award, Award(ident=LI))
    run.system(registry.hire, Hire(uscc=USCC, ident=LI, name="张秀䶮", started=date(2026, 11, 2)))
    account = run.system(lambda uow: uow.session.get_one(Account, person))
    assert (account.status, account.months_paid) == ("1", 0)


def test_a_temporary_account_gives_all_that_the_employer_paid_and_pays_no_pension(run: Runner) -> None:
    """First insured here at 56, at home in Hunan: 16 % of 10000.00 for 24 months instead of 12 %."""
    person = leaver(run, MAN)
    with pytest.raises(temporary.NotTemporary, match="56"):
        flag(run, hukou="310101")
    assert flag(run, hukou=HUNAN).age == "56岁9个月"
    with pytest.raises(guarding.TemporaryOnly):
        run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    letter(run, MAN)
    sent = run.system(transferring.send, SendOut(ident=MAN, with_money=False))
    assert (sent.temporary, sent.pooled_fen) == (True, 24 * 160_000)
    assert balance(run, person) == 0


def flag(run: Runner, hukou: str) -> Flagged:
    return run.system(
        transferring.flag, FlagTemporary(ident=MAN, hukou=hukou, kept_area=HUNAN, document="认定表1号")
    )


def test_a_citizen_gets_a_voucher_that_anybody_can_check_without_seeing_the_money(run: Runner) -> None:
    person = leaver(run)
    made = run.by(citizen(LI, person))(transferring.certify, Certify(ident=LI)).certificate
    told = {one.name: one.value for one in made.facts}
    assert told["个人账户储存额"] == "19,200.00元"
    assert (told["累计缴费月数"], told["账户类型"]) == ("24个月", "一般账户")
    assert (made.title, made.spans[0].months) == ("基本养老保险参保缴费凭证", 24)
    seen = run.system(levy.verify, AskCertificate(code=made.code))
    assert (seen.facts, seen.spans, seen.lines[0].months) == ((), (), 24)


def test_what_waits_is_listed_by_its_deadline_and_the_person_sees_every_step(
    run: Runner, clock: FixedClock
) -> None:
    leaver(run)
    letter(run)
    assert run.system(transferring.waiting, AskWaiting()).overdue == 0
    at(clock, 2026, 12, 15)
    late = run.system(transferring.waiting, AskWaiting(direction="out"))
    assert (late.open, late.overdue, late.transfers[0].due_on) == (1, 1, date(2026, 12, 14))
    assert run.system(transferring.waiting, AskWaiting(direction="in")).open == 0
    own = run.system(transferring.own, AskOwnTransfers(ident=LI)).transfers[0]
    assert [(one.what, one.day) for one in own.steps] == [("received", date(2026, 11, 24))]


def test_an_auditor_is_given_what_went_and_how_much(run: Runner) -> None:
    """Table 7 of GB/T 40217—2021; what is not done is not in it."""
    leaver(run)
    letter(run)
    assert of(run, 7) == []
    send(run, with_money=False)
    [row] = of(run, 7)
    assert some(row, "EAC071N", "OAA027", "AAE201", "AIC099", "AIC103", "AIC102", "AAE036") == (
        "转出",
        GUANGZHOU,
        24,
        Money(ACCOUNT),
        Money(POOLED),
        Money(TOTAL),
        date(2026, 11, 24),
    )
