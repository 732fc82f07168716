"""Collection by card 持卡领取: an order authorised by the holder's card, settled by the dispenser's word.

The backend ledger is the only truth about money; the dispenser is the only witness of notes; the card is the
only witness that its holder was there and agreed; the kiosk is trusted for nothing but effort. States only go
forward: OPENED → AUTHORISED → PAID | RELEASED | IN_DOUBT → PAID | RELEASED, and OPENED → CANCELLED.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

import structlog
from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import insert

from backend.kernel import auth, ledger
from backend.kernel.actor import Kind
from backend.kernel.clock import CHINA
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound
from backend.kernel.items import item
from backend.kernel.language import ZH, day_in, month_in
from backend.kernel.vault import order_challenge
from backend.payout import accounts, agreeing, stopping
from backend.payout.model import BankLine, Batch, Dispenser, GivenUp, Order, Payable, Visit
from backend.payout.refusals import (
    AlreadyCollected,
    AmountChanged,
    Cancelled,
    CashShort,
    FundShort,
    HeldElsewhere,
    NoBankAccount,
    OtherDispenser,
    ProofWrong,
    SentToBank,
)
from backend.payout.schema import (
    Confirmed,
    ConfirmOrder,
    Opened,
    OpenOrder,
    PresentStatus,
    Reported,
    ReportOrder,
)
from backend.payout.visiting import answered, require_in_use
from backend.registry import service as registry

log = structlog.get_logger()
NO_NONCE = "0" * 32


@dataclass(frozen=True)
class Collected:
    """Fact: a person has drawn a benefit by their card; on this day the card, opened by its PIN, agreed to the order."""

    person_id: int
    day: date
    order: str


ORDER = select(Order).where(Order.id == bindparam("id")).with_for_update()
FUND = (  # of an order's entitlement: no fund pays for another
    select(Batch.fund).join(Payable, Payable.batch_id == Batch.id).where(Payable.id == Order.payable_id)
)
ORDER_AND_DISPENSER = (
    select(Order, Dispenser.id, FUND.scalar_subquery())
    .outerjoin(Dispenser, Dispenser.kiosk == Order.kiosk)
    .where(Order.id == bindparam("id"))
    .with_for_update(of=Order)
)
PAYABLE = (
    select(Payable)
    .where(Payable.id == bindparam("id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
ENTITLEMENT = (
    select(Payable, Order, select(GivenUp.at).where(GivenUp.order == bindparam("order")).exists())
    .outerjoin(Order, Order.id == bindparam("order"))
    .where(Payable.id == bindparam("payable"), Payable.person_id == bindparam("person"))
    .with_for_update(of=Payable)
)
ENTRY = text(
    "insert into payout.journal (kiosk, seq, head)"
    " select :kiosk, :seq, :head from (select pg_advisory_xact_lock(:order)) waited"
    " on conflict (kiosk, seq) do update set kiosk = excluded.kiosk returning head"
)


@item("PAY-11", "自助领取：受理", by=(Kind.KIOSK,))
def open_order(uow: Uow, cmd: OpenOrder) -> Opened:
    """Reserve one entitlement for one kiosk. Sent again, it answers with what the order has become."""
    if not _journal(uow, cmd.order, cmd.journal_seq, cmd.journal_head):
        return Opened(order=cmd.order, state="refused", nonce=NO_NONCE)
    visit = answered(uow, cmd.visit)
    due, known, given_up = _entitlement(uow, cmd, visit)
    if given_up:
        return Opened(order=cmd.order, state="cancelled", nonce=NO_NONCE)
    if known:
        terms = agreeing.terms(uow, known)
        return Opened(order=known.id, state=known.state, nonce=known.nonce, terms=terms)
    require_in_use(registry.card_by_id(uow, visit.card_id).card)
    _free(due, cmd)
    if cmd.method == "bank" and registry.bank_account(uow, visit.person_id) is None:
        raise NoBankAccount
    order = Order(
        id=cmd.order,
        payable_id=due.id,
        kiosk=uow.actor.id,
        card_id=visit.card_id,
        amount=due.amount,
        method=cmd.method,
        state="opened",
        nonce=secrets.token_hex(16),
        opened_at=uow.now,
    )
    terms = agreeing.begin(uow, cmd, order, due.month, visit)
    if cmd.begun and terms is None:
        return Opened(order=cmd.order, state="refused", nonce=NO_NONCE, frozen=True)
    due.state = "held"
    uow.session.add(order)
    uow.session.flush()
    return Opened(order=order.id, state="opened", nonce=order.nonce, terms=terms)


def _give_up(uow: Uow, order: str) -> None:
    uow.session.execute(insert(GivenUp).values(order=order, at=uow.now).on_conflict_do_nothing())


def _entitlement(uow: Uow, cmd: OpenOrder, visit: Visit) -> tuple[Payable, Order | None, bool]:
    """The payable, locked, and the visitor's own; the order, where it was opened before; whether the kiosk gave it
    up already. (The same request in flight was waited for at the journal.)"""
    asked = {"order": cmd.order, "payable": int(cmd.entitlement), "person": visit.person_id}
    found = uow.session.execute(ENTITLEMENT, asked).one_or_none()
    if found is None:
        raise NotFound(what="这笔待遇")
    return found[0], found[1], found[2]


def _free(due: Payable, cmd: OpenOrder) -> None:
    """R9: one living order an entitlement; refuse what is drawn, held, or not the amount on the screen.

    What is stored of the locked row says enough: what follows a bank file is not free, whatever became of it.
    """
    words = {"month": month_in(due.month, ZH), "item": due.item}
    if due.stored == "collected":
        day = day_in(due.settled_at.astimezone(CHINA).date(), ZH) if due.settled_at else ""
        raise AlreadyCollected(day=day, **words)
    if due.stored == "held":
        raise HeldElsewhere(**words)
    if due.stored == "cancelled":
        raise Cancelled(**words)
    if due.stored != "payable":
        raise SentToBank(**words)
    if due.amount.fen != cmd.amount_fen:
        raise AmountChanged


@item("PAY-12", "自助领取：授权", by=(Kind.KIOSK,))
def confirm(uow: Uow, cmd: ConfirmOrder) -> Confirmed:
    """The card's proof authorises the order and pins the dispenser's nonce; asked again, the same token."""
    order, dispenser, fund = _own_order(uow, cmd.order)
    if order.state == "opened":
        card = registry.card_by_id(uow, order.card_id).card
        require_in_use(card)
        if order.method == "cash":
            _require_own(dispenser, cmd.dispenser)
        if not _agreed(uow, order, card, cmd.proof):
            return Confirmed(order=order.id, state="refused", token=None, frozen=True)
        order.state, order.authorised_at = "authorised", uow.now
        order.dispenser, order.dispenser_nonce = cmd.dispenser, cmd.dispenser_nonce
        _reserve(uow, order, fund)
        if order.method == "bank":
            _send_to_bank(uow, order)
    return Confirmed(order=order.id, state=order.state, token=_token(uow, order))


def _agreed(uow: Uow, order: Order, card: registry.Card, proof: str) -> bool:
    """R4, R12: the card's own proof of this very order, of the kind that this card gives; False: it was frozen."""
    if card.profile != order.profile:
        raise ProofWrong
    if order.profile == "collect":
        return agreeing.prove(uow, order, card, proof)
    challenge = order_challenge(order.id, order.amount.fen, str(order.payable_id), order.kiosk, order.nonce)
    if not uow.vault.answers(card.area, card.card_code, challenge, bytes.fromhex(proof), card.key_version):
        raise ProofWrong
    return True


def _require_own(known: str | None, dispenser: str) -> None:
    if known != dispenser:
        raise OtherDispenser(dispenser=dispenser)


def _token(uow: Uow, order: Order) -> str | None:
    if (
        order.state != "authorised"
        or order.method != "cash"
        or not (order.dispenser and order.dispenser_nonce)
    ):
        return None
    return uow.vault.token(order.dispenser, order.id, order.dispenser_nonce, order.amount.fen)


def _reserve(uow: Uow, order: Order, fund: str) -> None:
    """Hold the amount between what is owed and where it will come from; nothing is booked yet."""
    cash = order.method == "cash"
    source = accounts.cassette(uow, order.kiosk, fund) if cash else accounts.expenditure(uow, fund)
    try:
        ledger.reserve(
            uow,
            key=f"order/{order.id}",
            debit=accounts.payable(uow, fund),
            credit=source,
            fen=order.amount.fen,
            month=ledger.this_month(uow),
        )
    except ledger.Overdrawn:
        raise (CashShort if cash else FundShort) from None
    log.info("order.authorised", order=order.id, method=order.method)


def _send_to_bank(uow: Uow, order: Order) -> None:
    """Queue one transfer under the order's own number: a bank asked twice pays once."""
    due = uow.session.get_one(Payable, order.payable_id)
    account = registry.bank_account(uow, due.person_id)
    if account is None:
        raise NoBankAccount
    due.state = "at_bank"
    uow.session.add(
        BankLine(
            end_to_end=order.id,
            file_id=None,
            payable_id=due.id,
            bank=account.bank,
            number=account.number,
            holder=account.holder,
            amount=order.amount,
        )
    )
    uow.session.flush()


@item("PAY-13", "自助领取：报告结果", by=(Kind.KIOSK,))
def report(uow: Uow, cmd: ReportOrder) -> Reported:
    """What became of an order, by the dispenser's own signature; without it the order stays in doubt."""
    if not _journal(uow, cmd.order, cmd.journal_seq, cmd.journal_head):
        return Reported(order=cmd.order, state="refused")
    order = uow.session.scalar(ORDER, {"id": cmd.order})
    if order is None:  # the request to open it has not come yet, and the kiosk has given it up
        _give_up(uow, cmd.order)
        return Reported(order=cmd.order, state="cancelled")
    if order.state == "opened" and cmd.outcome == "not":
        finish(uow, order, "cancelled")
    elif order.method == "cash" and order.state in ("authorised", "in_doubt"):
        _settle(uow, order, cmd)
    elif order.state == "released" and order.contradicted_at is None:
        _contradict(uow, order, cmd)
    return reported(order)


def _settle(uow: Uow, order: Order, cmd: ReportOrder) -> None:
    """R6, R11: paid or released only on the dispenser's signed word for this order; else in doubt."""
    status = cmd.status
    order.evidence = cmd.model_dump(mode="json", include={"outcome", "status"})
    genuine = status is not None and status.dispenser == order.dispenser and _signed(uow, status)
    if status is not None and genuine and cmd.outcome == "paid" and _handed_out(order, status):
        finish(uow, order, "paid")
    elif status is not None and genuine and cmd.outcome == "not" and _kept_in(order, status):
        finish(uow, order, "released")
    elif order.state == "authorised":
        order.state = "in_doubt"
        log.warning("order.in_doubt", order=order.id, said=cmd.outcome, genuine=genuine)
    uow.session.flush()


def _contradict(uow: Uow, order: Order, cmd: ReportOrder) -> None:
    """A released order of which the dispenser now signs that it was handed out (a count was wrong): it is drawn
    no second time; two persons count again (PAY-21)."""
    status = cmd.status
    if status is None or status.dispenser != order.dispenser or not _signed(uow, status):
        return
    if not _handed_out(order, status):
        return
    log.error("order.contradicted", order=order.id)
    order.contradicted_at = uow.now
    order.evidence = {"before": order.evidence} | cmd.model_dump(mode="json", include={"outcome", "status"})
    due = uow.session.get_one(Payable, order.payable_id, with_for_update=True)
    if due.stored == "payable":
        due.state = "held"
    uow.session.flush()


def _signed(uow: Uow, status: PresentStatus) -> bool:
    text = f"{status.dispenser}|{status.order}|{status.nonce}|{status.presented}|{status.amount_fen}"
    return uow.vault.signed(status.dispenser, text, status.signature)


def _handed_out(order: Order, status: PresentStatus) -> bool:
    return status.order == order.id and status.presented == "yes" and status.amount_fen == order.amount.fen


def _kept_in(order: Order, status: PresentStatus) -> bool:
    """The dispenser says of this very order that nothing was handed out, and says so after its token was dead.

    Its nonce begins with a counter that only grows. A word about another order, or from before the order was
    authorised, proves nothing: a lying kiosk could have kept one.
    """
    return (
        status.order == order.id
        and status.presented == "no"
        and order.dispenser_nonce is not None
        and status.nonce > order.dispenser_nonce
    )


def finish(uow: Uow, order: Order, state: str) -> None:
    """The end of an order: book it or let it go. Compare-and-set: the row is locked and the state checked."""
    with uow.session.no_autoflush:  # one update an order, not one a field
        due = uow.session.scalars(PAYABLE, {"id": order.payable_id}).one()
    authorised = order.state in ("authorised", "in_doubt")
    order.state, order.closed_at = state, uow.now
    if state == "paid":
        order.receipt_no = receipt_no(uow, order)
        due.state, due.settled_at = ("collected" if order.method == "cash" else "paid"), uow.now
        ledger.post_hold(uow, key=f"order/{order.id}", document="collection")
        if order.authorised_at:
            uow.emit(Collected(due.person_id, order.authorised_at.astimezone(CHINA).date(), order.id))
    else:
        if authorised:
            ledger.void_hold(uow, key=f"order/{order.id}")
        due.state = "payable"
    uow.session.flush()
    stopping.sweep(uow, Payable.id == due.id)
    log.info("order.finished", order=order.id, state=state)


def receipt_no(uow: Uow, order: Order) -> str:
    """R, the day, the order's number in full: no two orders share one."""
    return f"R{uow.today:%Y%m%d}{order.id}"


def reported(order: Order) -> Reported:
    return Reported(
        order=order.id,
        state=order.state,
        receipt_no=order.receipt_no,
        at=order.closed_at,
    )


def _own_order(uow: Uow, id: str) -> tuple[Order, str | None, str]:
    """The kiosk's order, locked, the dispenser that is named as the kiosk's, and which fund pays."""
    found = uow.session.execute(ORDER_AND_DISPENSER, {"id": id}).one_or_none()
    if found is None or found[0].kiosk != uow.actor.id:
        raise NotFound(what=f"领取单 {id}")
    return found[0], found[1], found[2]


def _journal(uow: Uow, order: str, seq: int, head: str) -> bool:
    """R13: a journal only grows. One number with two heads means two machines with one key: stop both.

    Answers (rather than raises) so that the stop is kept. An order's number begins with its kiosk's; opening it
    and giving it up wait for each other here, before anything is looked at.
    """
    if not order.startswith(uow.actor.id):
        raise NotFound(what=f"领取单 {order}")
    entry = {"order": int(order, 16) - 2**63, "kiosk": uow.actor.id, "seq": seq, "head": head}
    if uow.session.connection().execute(ENTRY, entry).scalar_one() == head:
        return True
    auth.stop_device(uow, uow.actor.id, f"日志分叉：第 {seq} 条有两个不同的链头")
    log.error("kiosk.forked", kiosk=uow.actor.id, seq=seq)
    return False
