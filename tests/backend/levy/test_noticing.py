"""Notices to pay: for everybody in arrears, once each, kept as issued; what is given up or goes back has its reason."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from backend.kernel import files
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import NotFound
from backend.levy import service as levy
from backend.levy.adjusted import AskAdjustments, AskWaiting
from backend.levy.deferred import Defer, EndDeferral
from backend.levy.noticed import (
    AskEmployerNotices,
    AskNotices,
    AskPersonNotices,
    IssueNotices,
    NoticeRow,
    NoticesIssued,
    NoticeView,
    PrintNotice,
)
from backend.levy.schema import ChooseBase, RefundReceipt, ReverseReceipt, WriteOff
from tests.backend.levy.town import (
    DUES,
    WHOLE,
    a_town,
    at,
    bill,
    carried_out,
    declare_all,
    flexible,
    owed,
    receive,
    sound,
)
from tests.backend.people import USCC, ZHANG

FEE = sum((2 * fen * 15 * 500 + 1_000_000) // 2_000_000 for fen in DUES.values())


@pytest.fixture
def late(run: Runner, clock: FixedClock) -> None:
    """The employer and a flexible worker (2,000 yuan) are fifteen days late: it is the ninth of September."""
    a_town(run, clock)
    declare_all(run)
    flexible(run, ZHANG)
    run.system(levy.choose_base, ChooseBase(ident=ZHANG, since="2026-08", base_fen=1_000_000))
    bill(run)
    at(clock, 2026, 9, 9)


def issue(run: Runner) -> NoticesIssued:
    return run.system(levy.issue_notices, IssueNotices())


def listed(run: Runner, state: str = "open") -> list[NoticeRow]:
    return list(run.system(levy.notices, AskNotices.model_validate({"state": state})).notices)


def own(run: Runner) -> list[NoticeView]:
    return list(run.system(levy.notices_of_employer, AskEmployerNotices(uscc=USCC)).notices)


def test_everybody_in_arrears_is_told_once_who_what_how_much_and_until_when(run: Runner, late: None) -> None:
    done = issue(run)
    assert (done.issued, done.employers, done.persons, done.pay_by) == (2, 1, 1, date(2026, 9, 24))
    assert (done.owed_fen, done.late_fee_fen) == (WHOLE + 200_000, FEE + 200_000 * 15 * 5 // 10_000)
    (notice,) = own(run)
    assert (notice.notice, notice.name, notice.number) == ("2026-1", "示例精密机械有限公司", USCC)
    assert (notice.owed_fen, notice.late_fee_fen, notice.state) == (WHOLE, FEE, "open")
    assert sum(one.late_fee_fen for one in notice.lines) == FEE
    assert {(one.month, one.due_day) for one in notice.lines} == {("2026-08", date(2026, 8, 25))}
    (mine,) = run.system(levy.notices_of_person, AskPersonNotices(ident=ZHANG)).notices
    assert (mine.notice, mine.owed_fen, mine.employer) == ("2026-2", 200_000, False)
    again = issue(run)
    assert (again.issued, again.closed, again.still_open) == (0, 0, 2)


def test_who_is_not_late_yet_is_told_nothing(run: Runner, clock: FixedClock, late: None) -> None:
    at(clock, 2026, 8, 25)
    assert issue(run).issued == 0


def test_it_stays_as_issued_and_the_list_says_what_came_since(
    run: Runner, clock: FixedClock, late: None
) -> None:
    issue(run)
    at(clock, 2026, 9, 12)
    receive(run, "B0001", 1_000_000)
    (notice,) = own(run)
    assert (notice.owed_fen, notice.paid_fen, notice.left_fen) == (WHOLE, 1_000_000, WHOLE - 1_000_000)
    at(clock, 2026, 9, 25)
    assert {one.state for one in listed(run, "overdue")} == {"overdue"}
    receive(run, "B0002", WHOLE)
    assert own(run)[0].state == "paid"
    assert issue(run).closed == 1
    assert [one.notice for one in listed(run)] == ["2026-2"]
    assert [one.notice for one in listed(run, "closed")] == ["2026-1"]


def test_a_new_month_is_told_in_a_new_notice_once_the_old_ones_day_has_passed(
    run: Runner, clock: FixedClock, late: None
) -> None:
    issue(run)
    at(clock, 2026, 9, 20)
    bill(run, "2026-09")
    at(clock, 2026, 9, 24)
    assert issue(run).issued == 0
    at(clock, 2026, 9, 26)
    done = issue(run)
    assert (done.issued, done.replaced, done.still_open) == (2, 2, 2)
    newest, oldest = own(run)
    assert (newest.notice, len(newest.lines), oldest.state) == ("2026-3", 8, "replaced")
    assert newest.owed_fen > oldest.owed_fen == WHOLE


def test_what_is_put_off_by_an_agreement_is_not_asked_for_until_it_breaks(
    run: Runner, clock: FixedClock, late: None
) -> None:
    issue(run)
    file = run.system(files.keep, name="担保.pdf", content=b"%PDF-1.7").file
    run.system(
        levy.defer,
        Defer(
            uscc=USCC,
            document="沪社保缓〔2026〕1号",
            parts=2,
            first="2026-09",
            guarantee="surety",
            file=file,
            reason="暂时没有收入",
        ),
    )
    done = issue(run)
    assert (done.issued, done.closed, own(run)[0].state) == (0, 1, "deferred")
    at(clock, 2026, 9, 11)
    run.system(levy.end_deferral, EndDeferral(document="沪社保缓〔2026〕1号", reason="担保失效"))
    at(clock, 2026, 9, 14)
    assert issue(run).issued == 1
    days = 14 + 3  # of twenty, from the ninth to the eleventh of September are spared
    assert own(run)[0].late_fee_fen == sum(
        (2 * fen * days * 500 + 1_000_000) // 2_000_000 for fen in DUES.values()
    )


def test_the_paper_is_what_was_issued_and_only_its_own(run: Runner, late: None) -> None:
    issue(run)
    done = run.system(levy.print_notice, PrintNotice(notice="2026-1"))
    assert run.system(files.fetch, done.file).content.startswith(b"%PDF")
    for number in ("2026-9", "2025-1"):
        with pytest.raises(NotFound):
            run.system(levy.print_notice, PrintNotice(notice=number))
    with pytest.raises(NotFound):
        run.system(levy.notices_of_employer, AskEmployerNotices(uscc=USCC, notice="2026-2"))


@pytest.mark.parametrize(
    "change",
    ["update levy.notice set owed = 1", "update levy.adjustment set reason = ''", "delete from levy.notice"],
)
def test_nobody_changes_what_was_issued_or_noted(run: Runner, late: None, change: str) -> None:
    def tamper(uow: Uow) -> None:
        uow.session.execute(text(change))

    with pytest.raises(ProgrammingError):
        run.system(tamper)


def test_what_is_given_up_or_goes_back_is_listed_with_its_reason(run: Runner, late: None) -> None:
    receive(run, "B0001", WHOLE)
    carried_out(run, "LEV-07", ReverseReceipt(channel="bank", reference="B0001", reason="银行退回"))
    receive(run, "B0001", WHOLE + FEE + 700, received_on="2026-08-20")
    carried_out(run, "LEV-08", RefundReceipt(channel="bank", reference="B0001", reason="多缴"))
    assert issue(run).persons == 1
    number = run.system(lambda uow: uow.session.scalar(text("select bills[1] from levy.notice")))
    carried_out(run, "LEV-09", WriteOff(bill=number, reason="本人死亡，没有遗产"))
    seen = run.system(levy.adjustments, AskAdjustments(year=2026))
    assert [(one.kind, one.amount_fen, one.reason) for one in seen.adjustments] == [
        ("write_off", 200_000, "本人死亡，没有遗产"),
        ("refund", FEE + 700, "多缴"),
        ("reversal", WHOLE, "银行退回"),
    ]
    assert (seen.write_off_fen, seen.refund_fen, seen.reversal_fen) == (200_000, FEE + 700, WHOLE)
    assert [one.number for one in seen.adjustments] == [ZHANG, USCC, USCC]
    only = run.system(levy.adjustments, AskAdjustments(year=2026, kind="refund"))
    assert [one.what for one in only.adjustments] == ["bank/B0001"]
    assert run.system(levy.adjustments, AskAdjustments(year=2025)).adjustments == ()
    sound(run)


def test_money_that_waits_is_listed_by_whether_its_payer_is_known(run: Runner, late: None) -> None:
    receive(run, "B0001", 700, payer="某某公司")
    receive(run, "B0002", WHOLE + 900, received_on="2026-08-20")
    seen = run.system(levy.waiting, AskWaiting())
    assert (seen.receipts, seen.waiting_fen) == (2, 1_600)
    for payer, expected in (
        ("unknown", [("某某公司", "", 700)]),
        ("known", [(USCC, "示例精密机械有限公司", 900)]),
    ):
        told = run.system(levy.waiting, AskWaiting.model_validate({"payer": payer})).waiting
        assert [(one.payer, one.name, one.waiting_fen) for one in told] == expected
    assert owed(run).unallocated_fen == 900
