"""In prison nothing is paid, then or later; in custody it is put off, and paid in full to who is found innocent."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.errors import Refusal
from backend.kernel.period import Month
from backend.pension import service as pension
from backend.pension import stopping
from backend.pension.living import serving
from backend.pension.living.served import Imprison, Release
from backend.pension.schema import Award, Resume, Resumed, Suspend, Suspended
from backend.registry import service as registry
from backend.registry.schema import RegisterDeath
from tests.backend.payout.books import agree
from tests.backend.pension.test_service import MAN, WOMAN, with_account
from tests.backend.pension.test_stopping import balance, draw, ledger_agrees, owing, part, states, total

PAPER = "示例刑〔2026〕8号"


def imprison(run: Runner, effective: date, **more: object) -> Suspended:
    given = {"ident": MAN, "effective": effective, "document": PAPER}
    return run.system(serving.imprison, Imprison.model_validate(given | more))


def release(run: Runner, day: date) -> Resumed:
    return run.system(serving.release, Release(ident=MAN, released=day, document="释〔2027〕3号"))


def test_from_the_month_after_the_sentence_to_the_month_of_release_nothing_is_paid_nor_later(
    run: Runner, man: int, clock: FixedClock
) -> None:
    before, each = balance(run, man), part(run)
    done = imprison(run, date(2026, 9, 30))
    assert (done.since, done.reason, done.cancelled) == ("2026-10", "服刑", 2)
    assert balance(run, man).fen - before.fen == 2 * each
    clock.at = datetime(2027, 2, 10, 2, 0, tzinfo=UTC)
    with pytest.raises(Refusal):
        run.system(pension.pay_month, Month(2027, 2), "second")
    with pytest.raises(stopping.ServingElsewhere, match="PEN-28"):
        run.system(stopping.resume, Resume(ident=MAN, document="复1号"))
    assert release(run, date(2026, 12, 31)).since == "2027-01"
    batch = run.system(pension.pay_month, Month(2027, 2), "second")
    assert (batch.n, batch.total_fen) == (2, 2 * total(run)), "January and February, no month of the sentence"
    assert agree(run)
    assert run.system(pension.check) == []


def test_what_was_drawn_in_prison_is_claimed_back(run: Runner, man: int) -> None:
    draw(run, 10)
    done = imprison(run, date(2026, 9, 1))
    assert (done.cancelled, done.claimed) == (1, 1)
    assert owing(run) == total(run)
    assert ledger_agrees(run)


def test_a_sentence_heard_of_after_the_release_stops_its_own_months_only(run: Runner, man: int) -> None:
    draw(run, 11)
    done = imprison(run, date(2026, 9, 15), released=date(2026, 10, 20))
    assert (done.cancelled, done.claimed) == (1, 0)
    assert states(run) == {"2026-09": "payable", "2026-10": "cancelled", "2026-11": "collected"}
    with pytest.raises(serving.DoesNotServe):
        release(run, date(2026, 10, 20))
    assert imprison(run, date(2026, 10, 21)).claimed == 1, "and again to prison"


def test_a_release_heard_of_late_leaves_what_was_drawn_since(
    run: Runner, man: int, clock: FixedClock
) -> None:
    """October and November are claimed when the sentence is heard of; then that he was free from October 20 on."""
    draw(run, 10)
    draw(run, 11)
    before = balance(run, man)
    imprison(run, date(2026, 9, 15))
    assert owing(run) == 2 * total(run)
    assert release(run, date(2026, 10, 20)).since == "2026-11"
    assert owing(run) == total(run), "October's alone"
    assert balance(run, man).fen - before.fen == part(run)
    assert ledger_agrees(run)
    clock.at = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
    assert run.system(pension.pay_month, Month(2026, 12), "second").n == 1


def test_custody_is_put_off_and_paid_to_who_is_innocent(run: Runner, man: int, clock: FixedClock) -> None:
    custody = Suspend(ident=MAN, since="2026-10", reason="08", document="拘1号")
    run.system(stopping.suspend, custody)
    clock.at = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
    run.system(stopping.resume, Resume(ident=MAN, document="无罪1号"))
    assert run.system(pension.pay_month, Month(2026, 12), "second").n == 3


def test_custody_of_who_is_sentenced_is_not_paid_either(run: Runner, man: int, clock: FixedClock) -> None:
    run.system(stopping.suspend, Suspend(ident=MAN, since="2026-10", reason="08", document="拘1号"))
    clock.at = datetime(2027, 3, 10, 2, 0, tzinfo=UTC)
    imprison(run, date(2026, 12, 2))
    with pytest.raises(serving.ServesAlready, match="2027-01"):
        imprison(run, date(2026, 12, 2))
    assert release(run, date(2027, 2, 1)).since == "2027-03"
    assert run.system(pension.pay_month, Month(2027, 3), "second").n == 1
    assert agree(run)


def test_days_that_cannot_be_are_refused(run: Runner, man: int) -> None:
    with pytest.raises(serving.NotSoLate, match="判决生效日期"):
        imprison(run, date(2026, 11, 25))
    with pytest.raises(serving.ReleasedBefore):
        imprison(run, date(2026, 9, 15), released=date(2026, 9, 14))
    with pytest.raises(serving.DoesNotServe):
        release(run, date(2026, 10, 1))
    imprison(run, date(2026, 10, 5))
    with pytest.raises(serving.ReleasedBefore, match="2026-11"):
        release(run, date(2026, 9, 30))
    with pytest.raises(serving.NotSoLate, match="刑满释放日期"):
        release(run, date(2026, 11, 25))


def test_a_sentence_before_retirement_stops_from_the_first_pension(run: Runner, man: int) -> None:
    with_account(run, WOMAN, months=300, balance="90000", index=8_000)
    run.system(pension.award, Award(ident=WOMAN, retired="2026-10"))
    given = {"ident": WOMAN, "effective": date(2024, 2, 29), "document": PAPER}
    assert run.system(serving.imprison, Imprison.model_validate(given)).since == "2026-11"
    death = RegisterDeath(ident=WOMAN, died=date(2026, 11, 3), document="死证 1", reported_by="监狱")
    run.system(registry.register_death, death)
    with pytest.raises(stopping.NotRunning, match="停止发放"):
        run.system(serving.imprison, Imprison.model_validate(given))
