"""Collecting: the money path — reserve, sign, authorise, count, hand out, settle; journal before deed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog

from backend.kernel.errors import KioskStopped, Sentence
from backend.payout.refusals import CardFrozen, CashShort
from backend.payout.schema import Confirmed, ConfirmOrder, OpenOrder
from cardio.keys import order_challenge
from cardio.link import CardFault
from kiosk import reading, recover, signing, told, words
from kiosk.case import Errand, Kiosk, Said
from kiosk.client import NoAnswer, Refused
from kiosk.devices.port import DeviceDead, DeviceFailed
from kiosk.flow import Do, Event
from kiosk.journal import Stage
from kiosk.reading import Effect
from kiosk.told import CashBroken, InDoubt, NotDone, NotTaken, PartTaken

log = structlog.get_logger()
NO_NONCE: Final = "0" * 32  # a bank transfer has no dispenser


def write_ordered(at: Kiosk) -> None:
    """A number no run has used, on the disk before anybody hears of it."""
    case = at.person
    payable, account = case.payable, case.account
    if payable is None or account is None:
        raise RuntimeError("nothing was chosen")
    order = next_order(at)
    at.errand = Errand(
        order=order,
        amount_fen=payable.amount_fen,
        month=payable.month,
        item=payable.item,
        entitlement=payable.entitlement,
        method=case.method,
        masked_name=case.masked_name,
        bank=account.bank,
    )
    at.journal.append(
        Stage.ORDERED,
        order,
        method=case.method,
        amount_fen=payable.amount_fen,
        entitlement=payable.entitlement,
    )


def next_order(at: Kiosk) -> str:
    """Kiosk number, boot epoch, number within it."""
    if at.journal.ordered >= recover.LAST_EPOCH:
        raise recover.NumbersUsedUp
    return f"{at.id}{at.journal.epoch:04x}{at.journal.ordered + 1:04x}"


def open_order(at: Kiosk) -> Event:
    """One order at a time: what the backend does not know yet of earlier ones goes first."""
    order = at.order
    if (why := recover.deliver(at, at.caller)) is not None:
        return _undelivered(at, why)
    if (fault := signing.begin(at)) is not None:
        return fault
    entry = at.journal.courses[order.order].entries[Stage.ORDERED]
    try:
        opened = at.caller.open(
            OpenOrder(
                order=order.order,
                visit=at.person.visit,
                entitlement=order.entitlement,
                amount_fen=order.amount_fen,
                method=order.method,
                journal_seq=entry.seq,
                journal_head=entry.head,
                begun=signing.answered(order),
            )
        )
    except Refused as refused:
        return _refused(at, refused)
    except NoAnswer as unknown:
        at.say(unknown)
        return Event.NO_ANSWER
    if opened.frozen:
        return _refused(at, CardFrozen())
    if opened.state != "opened":  # a fresh number can be nothing else: this machine is not trusted any more
        return _refused(at, KioskStopped())
    order.nonce, order.terms = opened.nonce, opened.terms
    return Event.OPENED


def _undelivered(at: Kiosk, why: NoAnswer | Refused) -> Event:
    if isinstance(why, Refused):
        alarm(at)
        return _refused(at, KioskStopped())
    at.say(why)
    return Event.NO_ANSWER


def _refused(at: Kiosk, why: Sentence) -> Event:
    log.info("order.refused", order=at.order.order, code=why.code)
    at.say(why)
    return Event.REFUSED


def prove_order(at: Kiosk) -> Event:
    """The card signs this order, this amount, at this kiosk."""
    order = at.order
    if order.terms is not None:
        return signing.collect(at, order.terms)
    challenge = order_challenge(order.order, order.amount_fen, order.entitlement, at.id, order.nonce)
    try:
        order.proof = at.person.session.prove(challenge).hex()
    except CardFault as fault:
        at.person.signed_in = False
        at.say(fault)
        return Event.CARD_BAD
    return Event.CARD_PROVED


def confirm(at: Kiosk) -> Event:
    """Ask for the token; it is bound to what the dispenser will accept once."""
    order, cash = at.order, at.order.method == "cash"
    try:
        confirmed = at.caller.confirm(
            ConfirmOrder(
                order=order.order,
                proof=order.proof,
                dispenser=at.dispenser.id if cash else "bank",
                dispenser_nonce=at.dispenser.nonce() if cash else NO_NONCE,
            )
        )
    except Refused as refused:
        if refused.code == CashShort.__name__:  # until staff load or count it
            at.short_fen = min(order.amount_fen, at.short_fen or order.amount_fen)
        return _refused(at, refused)
    except NoAnswer as unknown:
        at.say(unknown)
        return Event.NO_ANSWER
    except DeviceDead as why:  # before anything was authorised
        at.say(told.cash(why))
        return Event.REFUSED
    return _authorised(at, confirmed)


def _authorised(at: Kiosk, confirmed: Confirmed) -> Event:
    order = at.order
    if confirmed.frozen:
        return _refused(at, CardFrozen())
    if order.method == "bank" and confirmed.state in ("authorised", "paid"):
        order.state = confirmed.state
        reading.note_sent_to_bank(at, order.entitlement)
        return Event.AT_BANK
    if order.method == "cash" and confirmed.state == "authorised" and confirmed.token:
        order.token = confirmed.token
        return Event.AUTHORISED
    return _refused(at, NotDone())


def write_dispensing(at: Kiosk) -> None:
    at.journal.append(Stage.DISPENSING, at.order.order, token=at.order.token)


def dispense(at: Kiosk) -> Event:
    """All or nothing: only the exact amount is ever offered."""
    order = at.order
    try:
        pieces = at.dispenser.dispense(order.order, order.amount_fen, order.token)
    except (DeviceFailed, DeviceDead) as fault:
        log.warning("dispenser.failed", order=order.order, why=str(fault))
        at.say(told.cash(fault))
        return Event.NOT_STACKED
    if sum(int(fen) * n for fen, n in pieces.items()) != order.amount_fen:
        log.warning("dispenser.count", order=order.order, pieces=dict(pieces))
        at.say(CashBroken())
        return Event.NOT_STACKED
    return Event.STACKED


def write_stacked(at: Kiosk) -> None:
    at.journal.append(Stage.STACKED, at.order.order, amount_fen=at.order.amount_fen)


def write_presenting(at: Kiosk) -> None:
    at.journal.append(Stage.PRESENTING, at.order.order)


def present(at: Kiosk) -> Event | None:
    try:
        at.dispenser.present(at.order.order)
    except (DeviceFailed, DeviceDead) as fault:
        log.warning("dispenser.failed", order=at.order.order, why=str(fault))
        at.say(told.cash(fault))
        return Event.NOT_PRESENTED
    return None


def retract(at: Kiosk) -> None:
    """Notes were left; whether all came back, the status will tell."""
    at.say(NotTaken())
    try:
        back_fen = at.dispenser.retract()
    except (DeviceFailed, DeviceDead) as fault:
        log.warning("dispenser.failed", order=at.order.order, why=str(fault))
    else:
        if 0 < back_fen < at.order.amount_fen:
            log.warning("dispenser.part", order=at.order.order, back_fen=back_fen)
            at.say(PartTaken())


def clear(at: Kiosk) -> Event:
    """Kill the token first, then ask what became of the notes; the device's word decides."""
    order = at.order
    if order.method == "bank":
        return Event.KEPT
    try:
        at.dispenser.clear_nonce()
        order.status = at.dispenser.status(order.order)
        outcome = recover.outcome_of(order.status, order.amount_fen)
        if outcome == "not":
            at.dispenser.reject()
    except (DeviceFailed, DeviceDead):
        at.say(InDoubt(order=order.order))
        return Event.DISPENSER_DEAD
    return {"not": Event.KEPT, "paid": Event.GIVEN, "unknown": Event.DOUBTFUL}[outcome]


def write_paid(at: Kiosk) -> None:
    at.order.outcome = "paid"
    recover.write_out(at.journal, at.order.order, "paid", at.order.status)


def write_not(at: Kiosk) -> None:
    at.order.outcome = "not"
    recover.write_out(at.journal, at.order.order, "not", at.order.status)


def write_unknown(at: Kiosk) -> None:
    at.order.outcome = "unknown"
    recover.write_out(at.journal, at.order.order, "unknown", at.order.status)


def report(at: Kiosk) -> Event:
    """Once now, with patience; after that the outbox goes on while others are served."""
    order = at.order
    try:
        reported = recover.report(at.journal, at.caller, at.journal.courses[order.order])
    except NoAnswer:
        return Event.NO_ANSWER
    except Refused as refused:
        log.error("report.refused", order=order.order, code=refused.code)
        return Event.REFUSED
    order.state, order.receipt_no, order.at = reported.state, reported.receipt_no, reported.at
    return Event.REPORTED


def print_receipt(at: Kiosk) -> None:
    """A slip for whatever moved money or may have; without paper the screen still shows it all, and says why."""
    if not at.order.prints:
        return
    try:
        at.printer.print(at.order.order, words.receipt(at.order, at.language))
        at.order.printed, at.order.unprinted = True, None
        at.order.slips += 1
    except (OSError, DeviceFailed, DeviceDead) as why:
        log.warning("printer.failed", order=at.order.order, why=str(why))
        at.order.printed, at.order.unprinted = False, Said.of(told.paper(why))


def alarm(at: Kiosk) -> None:
    log.error("staff.needed", order=at.errand.order if at.errand else None)


EFFECTS: Final[Mapping[Do, Effect]] = {
    Do.WRITE_ORDERED: write_ordered,
    Do.OPEN: open_order,
    Do.PROVE_ORDER: prove_order,
    Do.CONFIRM: confirm,
    Do.WRITE_DISPENSING: write_dispensing,
    Do.DISPENSE: dispense,
    Do.WRITE_STACKED: write_stacked,
    Do.WRITE_PRESENTING: write_presenting,
    Do.PRESENT: present,
    Do.RETRACT: retract,
    Do.CLEAR: clear,
    Do.WRITE_PAID: write_paid,
    Do.WRITE_NOT: write_not,
    Do.WRITE_UNKNOWN: write_unknown,
    Do.REPORT: report,
    Do.PRINT: print_receipt,
    Do.ALARM: alarm,
}
