"""Recover: settle from the journal what an earlier run left open, and deliver what the backend does not know.

Power-up (before anybody is served): the token of every unfinished order is killed, then the dispenser's
signed word decides: handed out → paid, not → not, cannot tell → unknown, which is never guessed.
"""

from __future__ import annotations

from typing import Final

import structlog

from backend.kernel.errors import KioskStopped, Told, sentence_of
from backend.payout.schema import Outcome, PresentStatus, Reported, ReportOrder
from kiosk.case import Kiosk
from kiosk.client import Caller, NoAnswer, Refused
from kiosk.devices.port import Dispenser
from kiosk.journal import Course, Journal, Stage

log = structlog.get_logger()
LAST_EPOCH: Final = 0xFFFF
ENDED: Final = frozenset({"paid", "released", "in_doubt", "cancelled"})
ENDED_AT_BANK: Final = ENDED | {"authorised"}  # from there the bank's word counts, not ours


class NumbersUsedUp(Told):
    """这台自助机的领取单编号已经用完，请为它登记一个新的自助机编号。"""


def boot(at: Kiosk) -> None:
    """Rule 8: start a new epoch and give every unfinished order its outcome."""
    epoch = max(at.journal.epoch + 1, at.dispenser.boots)
    if epoch > LAST_EPOCH:
        raise NumbersUsedUp
    at.journal.boot(epoch)
    at.dispenser.clear_nonce()
    for course in at.journal.unfinished():
        settle(at.journal, at.dispenser, course)
    at.dispenser.reject()  # also what a run whose journal is lost left there


def settle(journal: Journal, dispenser: Dispenser, course: Course) -> None:
    """Write the outcome of one unfinished order; its token is dead already."""
    if not course.cash:  # nothing here moves money; the backend knows whether it told the bank
        journal.append(Stage.OUT, course.order, outcome="not", status=None)
        return
    status = dispenser.status(course.order)
    outcome = outcome_of(status, int(course.entries[Stage.ORDERED].facts["amount_fen"]))
    log.info("order.recovered", order=course.order, outcome=outcome)
    write_out(journal, course.order, outcome, status)


def outcome_of(status: PresentStatus, amount_fen: int) -> Outcome:
    if status.presented == "no":
        return "not"
    return "paid" if status.presented == "yes" and status.amount_fen == amount_fen else "unknown"


def write_out(journal: Journal, order: str, outcome: Outcome, status: PresentStatus | None) -> None:
    told = None if status is None else status.model_dump(mode="json")
    journal.append(Stage.OUT, order, outcome=outcome, status=told)


def report(journal: Journal, caller: Caller, course: Course) -> Reported:
    """Tell the backend how one order ended; its acknowledgement goes into the journal."""
    out = course.entries[Stage.OUT]
    reported = caller.report(
        ReportOrder(
            order=course.order,
            outcome=out.facts["outcome"],
            status=out.facts["status"],
            journal_seq=out.seq,
            journal_head=out.head,
        ),
        again=course.acked is not None,
    )
    if reported.state == "refused":  # two machines use our number: neither is believed any more
        raise Refused(KioskStopped.__name__, sentence_of(KioskStopped))
    if reported.state not in (ENDED if course.cash else ENDED_AT_BANK):
        raise NoAnswer(f"order is {reported.state}")
    if reported.state != course.acked:
        journal.append(Stage.ACKED, course.order, state=reported.state)
    return reported


def deliver(at: Kiosk, caller: Caller) -> NoAnswer | Refused | None:
    """Empty the outbox, oldest first; what stands in the way if it is not empty now.

    A report that is refused will be refused again: time does not mend it, staff must be called.
    """
    for course in at.journal.outbox():
        try:
            report(at.journal, caller, course)
        except NoAnswer as why:
            log.warning("report.waits", order=course.order, why=why.detail)
            return why
        except Refused as why:
            log.error("report.refused", order=course.order, code=why.code)
            return why
    return None


def ask_again(at: Kiosk, caller: Caller) -> None:
    """Whether orders in doubt have been counted and settled meanwhile: then cash may be given again."""
    for course in at.journal.doubts():
        try:
            report(at.journal, caller, course)
        except (NoAnswer, Refused):
            return
