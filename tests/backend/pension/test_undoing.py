"""A death registered by mistake is taken back: the person has in the end what they would have had, and not a fen more."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from backend.kernel import files, items
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.payout import undoing
from backend.payout.model import Payable, Recovery, Repayment, Stop
from backend.payout.recovery import repaying
from backend.payout.recovery.schema import AgreeOffset, AskMine, ClaimOverpaid, RecoveryView, Repay
from backend.pension import service as pension
from backend.pension import stopping
from backend.pension.model import Award as AwardRow
from backend.pension.schema import Resume
from backend.registry import service as registry
from backend.registry.deaths import DeadAlready, NotRegisteredDead
from backend.registry.model import Death
from backend.registry.schema import WithdrawDeath
from tests.backend.pension.test_service import MAN
from tests.backend.pension.test_stopping import (
    DOC,
    balance,
    claims,
    die,
    draw,
    ledger_agrees,
    man,
    owing,
    part,
    states,
    suspend,
    total,
)
from tests.backend.people import officer

__all__ = ["man"]
LIVES = "在世证明 2026-3"
DECEMBER = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
IN_DECEMBER = Month(2026, 12)


def live(run: Runner, document: str = LIVES) -> registry.DeathWithdrawn:
    command = WithdrawDeath(ident=MAN, document=document, reason="同名同姓，登记错了人")
    return run.system(registry.withdraw_death, command)


def state(run: Runner) -> str:
    return run.system(
        lambda uow: uow.session.scalars(select(AwardRow.state).where(AwardRow.state != "replaced")).one()
    )


def due(run: Runner, what: str = "基本养老金") -> dict[str, int]:
    """What is owed or was paid to the person, by month."""
    query = select(Payable.month, Payable.amount).where(Payable.item == what, Payable.cancelled_at.is_(None))
    rows = run.system(lambda uow: uow.session.execute(query.order_by(Payable.month)).all())
    assert len({month for month, _fen in rows}) == len(rows)
    return {str(month): fen.fen for month, fen in rows}


def test_what_was_stopped_is_paid_with_the_next_run_and_nothing_is_claimed_any_more(
    run: Runner, man: int, clock: FixedClock
) -> None:
    fen, each, before = total(run), part(run), balance(run, man)
    draw(run, 10)
    die(run, date(2026, 9, 30))
    assert live(run).died == date(2026, 9, 30)
    assert (owing(run), claims(run), state(run)) == (0, 0, "active")
    assert states(run) == {"2026-09": "payable", "2026-10": "collected", "2026-11": "cancelled"}
    assert balance(run, man) == before + Money(each), "November's part, which is not drawn for now"
    assert ledger_agrees(run)
    clock.at = DECEMBER
    run.system(pension.pay_month, IN_DECEMBER, "second")
    assert due(run) == dict.fromkeys(("2026-09", "2026-10", "2026-11", "2026-12"), fen)
    assert balance(run, man) == before - Money(each), "as if nothing had been: one month more than before"
    assert ledger_agrees(run)
    with pytest.raises(Refusal, match="全部发放过了"):
        run.system(pension.pay_month, IN_DECEMBER, "second")


def test_what_the_family_had_returned_goes_back_to_the_person(run: Runner, man: int) -> None:
    fen = total(run)
    draw(run, 10)
    die(run, date(2026, 9, 30))
    [claim] = run.system(lambda uow: uow.session.scalars(select(Recovery.id)).all())
    run.system(repaying.repay, Repay(recovery=claim, amount_fen=fen - 1, document=LIVES))
    live(run)
    assert (owing(run), claims(run)) == (0, 0)
    assert due(run, undoing.REFUND) == {"2026-11": fen - 1}
    ways = run.system(
        lambda uow: uow.session.execute(select(Repayment.way, Repayment.amount).order_by(Repayment.id)).all()
    )
    assert [(way, amount.fen) for way, amount in ways] == [("returned", fen - 1), ("withdrawn", 1)]
    assert ledger_agrees(run)


def test_a_claim_that_had_come_back_whole_is_returned_once_a_month(run: Runner, man: int) -> None:
    draw(run, 10)

    def whole(document: str) -> None:
        die(run, date(2026, 9, 30))
        query = select(Recovery.id).where(Recovery.closed_at.is_(None))
        claim = run.system(lambda uow: uow.session.scalars(query).one())
        run.system(repaying.repay, Repay(recovery=claim, amount_fen=total(run), document="回单1"))
        live(run, document)

    whole(LIVES)
    assert due(run, undoing.REFUND) == {"2026-11": total(run)}
    assert ledger_agrees(run)
    with pytest.raises(
        undoing.RefundedThisMonth, match="2026-11"
    ):  # the same claimed, returned, withdrawn again
        whole("另一份证明")
    assert due(run, undoing.REFUND) == {"2026-11": total(run)}


def test_who_was_suspended_before_is_suspended_again(run: Runner, man: int, clock: FixedClock) -> None:
    suspend(run, "2026-10")
    die(run, date(2026, 11, 3))
    live(run)
    assert state(run) == "suspended"
    run.system(stopping.resume, Resume(ident=MAN, document=DOC))
    clock.at = DECEMBER
    run.system(pension.pay_month, IN_DECEMBER, "second")
    assert due(run) == dict.fromkeys(("2026-09", "2026-10", "2026-11", "2026-12"), total(run))
    assert ledger_agrees(run)


def test_a_debt_that_was_being_paid_off_goes_on(run: Runner, man: int, clock: FixedClock) -> None:
    """A tenth of December was kept back for it; December is cancelled, withdrawn and run again."""
    fen = total(run)
    debt = run.system(
        repaying.claim_overpaid,
        ClaimOverpaid(ident=MAN, amount_fen=5 * fen, reason="07", note="八月多算", document="追1"),
    )
    run.system(repaying.agree_offset, AgreeOffset(recovery=debt.recovery, percent=10, document="抵扣1"))
    clock.at = DECEMBER
    run.system(pension.pay_month, IN_DECEMBER, "second")
    tenth = fen // 10
    assert (owing(run), due(run)["2026-12"]) == (5 * fen - tenth, fen - tenth)
    die(run, date(2026, 11, 3))
    live(run)
    assert owing(run) == 5 * fen
    assert {one.reason for one in open_claims(run)} == {"核定或者计算有误"}, (
        "no living person owes for their death"
    )
    assert ledger_agrees(run)
    run.system(pension.pay_month, IN_DECEMBER, "second")
    assert (owing(run), due(run)["2026-12"]) == (5 * fen - tenth, fen - tenth)
    assert ledger_agrees(run)


def open_claims(run: Runner) -> list[RecoveryView]:
    found = run.system(lambda uow: payout.listing.mine(uow, AskMine(ident=MAN)))
    return [one for one in found.recoveries if one.left_fen]


def test_the_right_day_is_registered_after_the_wrong_one_was_taken_back(
    run: Runner, man: int, clock: FixedClock
) -> None:
    """What was claimed by the wrong day may be claimed again by the right one, and every step stays on record."""
    draw(run, 10)
    draw(run, 11)
    die(run, date(2026, 9, 30))
    with pytest.raises(DeadAlready, match="REG-23"):
        die(run, date(2026, 10, 3))
    live(run)
    die(run, date(2026, 10, 3))
    assert (owing(run), claims(run)) == (total(run), total(run)), "November alone"
    assert state(run) == "ended"
    assert ledger_agrees(run)
    rows = run.system(lambda uow: uow.session.scalars(select(Death).order_by(Death.id)).all())
    assert [(one.died, one.withdrawn_document) for one in rows] == [
        (date(2026, 9, 30), LIVES),
        (date(2026, 10, 3), None),
    ]
    stops = run.system(lambda uow: uow.session.scalars(select(Stop).order_by(Stop.id)).all())
    assert [(str(one.since), str(one.until)) for one in stops] == [
        ("2026-10", "2026-10"),
        ("2026-11", "None"),
    ]


def test_a_year_that_is_over_is_drawn_upon_again(run: Runner, man: int, clock: FixedClock) -> None:
    draw(run, 10)
    before = balance(run, man)
    die(run, date(2026, 10, 1))
    clock.at = datetime(2027, 1, 10, 2, 0, tzinfo=UTC)
    live(run)
    run.system(pension.pay_month, Month(2027, 1), "second")
    assert set(due(run).values()) == {total(run)}
    assert list(due(run)) == ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01"]
    assert balance(run, man) == before - Money(2 * part(run)), "December and January"
    assert ledger_agrees(run)


def test_who_is_not_registered_dead_is_not_taken_back(run: Runner, man: int) -> None:
    with pytest.raises(NotRegisteredDead):
        live(run)
    die(run, date(2026, 11, 3))
    filed = items.perform(
        run.by(officer()),
        items.find("REG-23"),
        WithdrawDeath(ident=MAN, document=LIVES, reason="登记错了人"),
    )
    assert isinstance(filed, items.Filed)
    assert state(run) == "ended"
    run.by(officer("officer:2", "复核"))(items.decide, filed.case_no, "approved", "")
    assert state(run) == "active"
    with pytest.raises(NotRegisteredDead):
        live(run)


def test_the_proof_stays_with_the_registration(run: Runner, man: int) -> None:
    die(run, date(2026, 11, 3))
    command = WithdrawDeath(ident=MAN, document=LIVES, reason="登记错了人", evidence="x" * 22)
    with pytest.raises(NotFound, match="这个文件"):
        run.system(registry.withdraw_death, command)
    kept = run.system(files.keep, name="在世证明.pdf", content=b"scan").file
    run.system(registry.withdraw_death, command.model_copy(update={"evidence": kept}))
    row = run.system(lambda uow: uow.session.scalars(select(Death)).one())
    assert (row.withdrawn_evidence, row.withdrawn_reason) == (kept, "登记错了人")


def test_no_program_removes_the_trace(run: Runner, man: int) -> None:
    die(run, date(2026, 11, 3))
    live(run)

    def rewrite(uow: Uow) -> None:
        uow.session.scalars(select(Death)).one().document = "另一份"
        uow.session.flush()

    with pytest.raises(ProgrammingError, match="permission denied"):
        run.system(rewrite)
