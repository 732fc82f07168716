"""What was entered by hand and wrong is set right by a further voucher, once, with a reason, and nothing else is touched."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.accounting import checking, correcting, moving
from backend.accounting.schema import HandKind
from backend.kernel import files, items, ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import NotFound
from backend.kernel.funds import chart
from backend.kernel.period import Month
from backend.kernel.pooling import BeyondReach
from backend.kernel.review import Decide, review
from backend.kernel.sentences import Invalid
from tests.backend.accounting.test_moving import funded, holds, move, pool
from tests.backend.accounting.world import AREA, CLERK, FIRST, NOVEMBER, ask, book, done, settle
from tests.backend.people import officer

WHY = {"document": "沪社财更〔2026〕3号", "reason": "利息记成了其他收入"}
DECEMBER, JANUARY = Month(2026, 12), Month(2027, 1)


@pytest.fixture(autouse=True)
def world(run: Runner) -> None:
    run(
        book,
        NOVEMBER,
        (("receipts_deposit", "contribution_income", 1_000_00), ("receipts_deposit", "other_income", 20_00)),
    )


def undo(run: Runner, voucher: int, **more: Any) -> Any:
    return done(run, "FIN-07", **{"voucher": voucher, **WHY, **more})


def adjust(run: Runner, **more: Any) -> Any:
    asked = {"fund": "pension", "debit": "other_income", "credit": "interest_income", "amount": "20", **WHY}
    return done(run, "FIN-08", **asked | more)


def listed(run: Runner, **more: Any) -> Any:
    return ask(run, "FIN-Q7", **{"fund": "pension", "year": 2026, **more}).rows


def agree(run: Runner) -> bool:
    return run(checking.check, ledger.this_month(run(lambda uow: uow))) == []


def test_a_wrong_move_is_reversed_in_red_and_entered_anew(run: Runner) -> None:
    wrong = move(run, "receipts_to_treasury", "600", "S-1")
    red = undo(run, wrong.batch)
    assert (red.month, red.amount_fen) == ("2026-11", 600_00)
    assert (holds(run, "receipts_deposit"), holds(run, "treasury_deposit")) == (1_020_00, 0)
    with pytest.raises(moving.SlipReversed, match="S-1"):  # neither silently nothing nor twice
        move(run, "receipts_to_treasury", "600", "S-1")
    move(run, "receipts_to_treasury", "60", "S-1b")
    assert holds(run, "treasury_deposit") == 60_00
    [row] = listed(run)
    assert (row.batch, row.reverses, row.reason) == (red.batch, wrong.batch, WHY["reason"])
    assert (row.debit, row.credit, row.checker) == ("收入户存款", "财政专户存款", FIRST.id)
    assert agree(run)


def test_a_voucher_is_reversed_once_and_a_reversal_not_at_all(run: Runner) -> None:
    red = undo(run, move(run, "receipts_to_treasury", "600").batch)
    with pytest.raises(correcting.ReversedAlready, match=f"已经由凭证 {red.batch} 冲销"):
        undo(run, red.batch - 1)
    with pytest.raises(ledger.ReversesReversal):
        undo(run, red.batch)
    with pytest.raises(NotFound):
        undo(run, red.batch + 99)
    assert len(listed(run)) == 1


def test_what_was_spent_since_is_not_taken_back(run: Runner) -> None:
    first = move(run, "receipts_to_treasury", "600", "S-1")
    move(run, "treasury_to_expenditure", "500", "S-2")
    with pytest.raises(ledger.Overdrawn):
        undo(run, first.batch)
    assert holds(run, "treasury_deposit") == 100_00


def test_money_pooled_by_mistake_comes_back(run: Runner) -> None:
    funded(run)
    told = pool(run)
    undo(run, told.paid)
    assert (holds(run, "expenditure_deposit"), holds(run, "superior_remittance_expense")) == (1_000_00, 0)
    with pytest.raises(moving.SlipReversed):
        pool(run)
    assert agree(run)


@pytest.mark.parametrize("document", ["benefit", "receipt", "opening", "unknown"])
def test_what_other_systems_booked_they_set_right_themselves(run: Runner, document: str) -> None:
    def booked(uow: Uow) -> int:
        """Between accounts that are corrected by hand: a late fee, say."""
        accounts = [
            ledger.account(uow, "pension", AREA, kind) for kind in ("receipts_deposit", "other_income")
        ]
        return ledger.post(
            uow,
            month=NOVEMBER,
            document=document,
            key="theirs",
            lines=[ledger.Line(accounts[0], accounts[1], 1)],
            maker="m",
            checker="c",
        )

    with pytest.raises(correcting.NotByHand, match="业务系统"):
        undo(run, run(booked))


def test_an_account_is_corrected_once_a_document(run: Runner) -> None:
    first = adjust(run)
    assert adjust(run) == first
    assert (holds(run, "other_income"), holds(run, "interest_income")) == (0, -20_00)
    with pytest.raises(ledger.AlreadyPosted):
        adjust(run, amount="19")
    [row] = listed(run)
    assert (row.reverses, row.debit, row.credit, row.amount_fen) == (None, "其他收入", "利息收入", 20_00)
    undo(run, first.batch, document="另一份")  # and that was wrong in its turn
    assert holds(run, "interest_income") == 0
    assert len(listed(run)) == 2
    assert agree(run)


def test_only_accounts_that_no_other_system_explains_are_corrected_by_hand(run: Runner) -> None:
    """The chart decides, and what the counter offers is what it says."""
    assert set(get_args(HandKind)) == {kind.kind for kind in chart().values() if kind.by_hand}
    explained = {kind.kind for kind in chart().values() if not kind.by_hand}
    assert explained >= {
        "cash",
        "benefit_payable",
        "bank_clearing",
        "suspense",
        "unallocated_receipts",
        "temporary_payments",
        "contribution_income",
        "benefit_expense",
        "fund_balance",
    }
    for kind in explained:
        with pytest.raises(Invalid):
            adjust(run, debit=kind)
        with pytest.raises(Invalid):
            adjust(run, credit=kind)


def test_a_correction_moves_nothing_that_is_not_there(run: Runner) -> None:
    with pytest.raises(ledger.Overdrawn):
        adjust(run, debit="receipts_deposit", credit="treasury_deposit", amount="1")
    with pytest.raises(correcting.SameAccount):
        adjust(run, credit="other_income")
    with pytest.raises(correcting.NoSuchAccount):
        adjust(run, credit="collective_subsidy")


def test_a_correction_waits_for_another_officer_and_belongs_to_the_whole_area(run: Runner) -> None:
    command = {"fund": "pension", "debit": "other_income", "credit": "interest_income", "amount": "20"}
    assert isinstance(ask(run, "FIN-08", **command, **WHY), items.Filed)
    assert listed(run) == ()
    moved = move(run, "receipts_to_treasury", "1")
    for code, fields in (("FIN-07", {"voucher": moved.batch}), ("FIN-08", command)):
        filed = ask(run, code, officer("officer:9", "财务", area="310115"), **fields, **WHY)
        with pytest.raises(BeyondReach):
            run.by(FIRST)(review, Decide(no=filed.case_no, decision="approved"))


def test_the_document_handed_in_stays_with_the_correction(run: Runner) -> None:
    kept = run.by(CLERK)(files.keep, name="更正单.pdf", content=b"scan").file
    with pytest.raises(NotFound, match="这个文件"):
        adjust(run, evidence="x" * 22)
    adjust(run, evidence=kept)
    assert [row.evidence for row in listed(run)] == [kept]


# ---- an earlier year ----


def test_an_earlier_years_mistake_is_corrected_in_the_open_year(run: Runner, clock: FixedClock) -> None:
    """会计基础工作规范 第五十一条: red within the year, a correcting voucher afterwards; a carried year stays."""
    wrong = move(run, "receipts_to_treasury", "600")
    clock.set(datetime(2027, 1, 5, tzinfo=UTC))
    settle(run, NOVEMBER, DECEMBER)
    [carried] = done(run, "FIN-06", year=2026).funds
    with pytest.raises(correcting.OfEarlierYear, match="记在 2026-11，红字冲销只用在当年"):
        undo(run, wrong.batch)
    with pytest.raises(correcting.CarryingStays):
        undo(run, carried.batch)
    with pytest.raises(ledger.YearCarried, match="更正凭证"):
        done(run, "FIN-02", month="2026-12", reason="年结以后发现差错")
    before = ask(run, "FIN-Q3", fund="pension", month="2026-12")
    assert adjust(run).month == "2027-01"
    assert ask(run, "FIN-Q3", fund="pension", month="2026-12") == before  # what was reported stays reported
    assert [row.month for row in listed(run, year=2027)] == ["2027-01"]
    assert run(checking.check, JANUARY) == []


def test_within_an_open_december_its_vouchers_are_reversed_in_january(run: Runner, clock: FixedClock) -> None:
    wrong = move(run, "receipts_to_treasury", "600")
    clock.set(datetime(2027, 1, 5, tzinfo=UTC))
    assert undo(run, wrong.batch, month="2026-11").month == "2026-11"
    assert holds(run, "treasury_deposit") == 0


# ---- the trace ----


def test_a_correcting_voucher_without_its_document_is_found(run: Runner) -> None:
    stray = text(
        "insert into accounting.correction (batch, fund, area, document, reason)"
        " values (999999, 'pension', '310000', 'x1', 'y')"
    )
    run(lambda uow: uow.session.execute(stray))
    assert "没有更正依据" in str(run(checking.unexplained)[0])


@pytest.mark.parametrize(
    "statement", ["update accounting.correction set reason = 'x'", "delete from accounting.correction"]
)
def test_no_program_changes_a_correction(run: Runner, statement: str) -> None:
    adjust(run)
    with pytest.raises(DBAPIError) as told:
        run(lambda uow: uow.session.execute(text(statement)))
    assert getattr(told.value.orig, "sqlstate", None) == "42501"
