"""Collection by card 持卡领取: an order authorised by the holder's card, settled by the dispenser's word.

The backend ledger is the only truth about money; the dispenser is the only witness of notes; the card is the
only witness that its holder was there and agreed; the kiosk is trusted for nothing but effort. States only go
forward: OPENED → AUTHORISED → PAID | RELEASED | IN_DOUBT → PAID | RELEASED, and OPENED → CANCELLED.
"""

from __future__ import annotations

import secrets

import structlog
from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import insert

from backend.kernel import auth, ledger
from backend.kernel.actor import Kind
from backend.kernel.clock import CHINA
from backend.kernel.db import Uow
from backend.kernel.errors import Forbidden, NotFound, Refusal
from backend.kernel.items import item
from backend.kernel.vault import order_challenge
from backend.payout import accounts, stopping
from backend.payout.model import BankLine, Dispenser, GivenUp, Journal, Order, Payable, Visit
from backend.payout.schema import (
    Confirmed,
    ConfirmOrder,
    Opened,
    OpenOrder,
    PresentStatus,
    Reported,
    ReportOrder,
)
from backend.payout.visiting import ProofWrong, current, require_in_use
from backend.registry import service as registry

log = structlog.get_logger()
NO_NONCE = "0" * 32


class AlreadyCollected(Refusal):
    """{month}的{item}您已经领过了，领取日期是 {day}。每个月只能领一次。"""


class HeldElsewhere(Refusal):
    """{month}的{item}正在另一次办理中，还没有结束。您的钱没有少，请稍后再来，或者到柜台查询。"""


class SentToBank(Refusal):
    """{month}的{item}已经送银行发放，请查看您的银行账户。"""


class Cancelled(Refusal):
    """{month}的{item}已经停发，不能再领，请到柜台查询。"""


class AmountChanged(Refusal):
    """金额刚刚有变动，请退出后重新查看再领取。"""


class CashShort(Refusal):
    """这台自助机里的现金不够这笔钱，您的钱没有动。请选择转到银行卡，或者换一台自助机。"""


class FundShort(Refusal):
    """发放账户里的钱暂时不够，您的钱没有动，请明天再来，或者到柜台查询。"""


class OtherDispenser(Forbidden):
    """出钞机 {dispenser} 不是这台自助机登记的那一台，没有授权，请联系经办机构。"""


class NoBankAccount(Refusal):
    """您还没有登记领取待遇的银行账户，请选择现金，或者到柜台登记银行账户。"""


@item("PAY-11", "自助领取：受理", by=(Kind.KIOSK,))
def open_order(uow: Uow, cmd: OpenOrder) -> Opened:
    """Reserve one entitlement for one kiosk. Sent again, it answers with what the order has become."""
    if not _journal(uow, cmd.order, cmd.journal_seq, cmd.journal_head):
        return Opened(order=cmd.order, state="refused", nonce=NO_NONCE)
    visit = current(uow, cmd.visit)
    if visit.proved_at is None:
        raise ProofWrong
    due, given_up = _entitlement(uow, cmd, visit)
    if given_up:
        return Opened(order=cmd.order, state="cancelled", nonce=NO_NONCE)
    # looked for behind the lock: the same request may be in flight
    if known := uow.session.get(Order, cmd.order):
        return Opened(order=known.id, state=known.state, nonce=known.nonce)
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
    due.state = "held"
    uow.session.add(order)
    uow.session.flush()
    return Opened(order=order.id, state="opened", nonce=order.nonce)


def _give_up(uow: Uow, order: str) -> None:
    uow.session.execute(insert(GivenUp).values(order=order, at=uow.now).on_conflict_do_nothing())


def _entitlement(uow: Uow, cmd: OpenOrder, visit: Visit) -> tuple[Payable, bool]:
    """The payable, locked, and the visitor's own; and whether the kiosk gave this order up already."""
    found = uow.session.execute(
        select(Payable, select(GivenUp.at).where(GivenUp.order == cmd.order).exists())
        .where(Payable.id == int(cmd.entitlement), Payable.person_id == visit.person_id)
        .with_for_update(of=Payable)
    ).one_or_none()
    if found is None:
        raise NotFound(what="这笔待遇")
    return found[0], found[1]


def _free(due: Payable, cmd: OpenOrder) -> None:
    """R9: one living order an entitlement; refuse what is drawn, held, or not the amount on the screen."""
    words = {"month": f"{due.month.year}年{due.month.month}月", "item": due.item}
    if due.state == "collected":
        day = due.settled_at.astimezone(CHINA).date() if due.settled_at else ""
        raise AlreadyCollected(day=day, **words)
    if due.state == "held":
        raise HeldElsewhere(**words)
    if due.state == "cancelled":
        raise Cancelled(**words)
    if due.state != "payable":
        raise SentToBank(**words)
    if due.amount.fen != cmd.amount_fen:
        raise AmountChanged


@item("PAY-12", "自助领取：授权", by=(Kind.KIOSK,))
def confirm(uow: Uow, cmd: ConfirmOrder) -> Confirmed:
    """The card's proof authorises the order and pins the dispenser's nonce; asked again, the same token."""
    order = _own_order(uow, cmd.order)
    if order.state == "opened":
        card = registry.card_by_id(uow, order.card_id)
        require_in_use(card)
        if order.method == "cash":
            _require_own(uow, cmd.dispenser)
        challenge = order_challenge(
            order.id, order.amount.fen, str(order.payable_id), order.kiosk, order.nonce
        )
        if not uow.vault.answers(card.area, card.card_code, challenge, bytes.fromhex(cmd.proof)):
            raise ProofWrong
        order.state, order.authorised_at = "authorised", uow.now
        order.dispenser, order.dispenser_nonce = cmd.dispenser, cmd.dispenser_nonce
        _reserve(uow, order)
        if order.method == "bank":
            _send_to_bank(uow, order)
    return Confirmed(order=order.id, state=order.state, token=_token(uow, order))


def _require_own(uow: Uow, dispenser: str) -> None:
    known = uow.session.get(Dispenser, uow.actor.id)
    if known is None or known.id != dispenser:
        raise OtherDispenser(dispenser=dispenser)


def _token(uow: Uow, order: Order) -> str | None:
    if (
        order.state != "authorised"
        or order.method != "cash"
        or not (order.dispenser and order.dispenser_nonce)
    ):
        return None
    return uow.vault.token(order.dispenser, order.id, order.dispenser_nonce, order.amount.fen)


def _reserve(uow: Uow, order: Order) -> None:
    """Hold the amount between what is owed and where it will come from; nothing is booked yet."""
    cash = order.method == "cash"
    source = accounts.cassette(uow, order.kiosk) if cash else accounts.expenditure(uow)
    try:
        ledger.reserve(
            uow,
            key=f"order/{order.id}",
            debit=accounts.payable(uow),
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
    order = uow.session.scalar(select(Order).where(Order.id == cmd.order).with_for_update())
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
    if due.state == "payable":
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
        due = uow.session.get_one(Payable, order.payable_id, with_for_update=True)
    authorised = order.state in ("authorised", "in_doubt")
    order.state, order.closed_at = state, uow.now
    if state == "paid":
        order.receipt_no = receipt_no(uow, order)
        due.state, due.settled_at = ("collected" if order.method == "cash" else "paid"), uow.now
        ledger.post_hold(uow, key=f"order/{order.id}", document="collection")
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


def _own_order(uow: Uow, id: str) -> Order:
    order = uow.session.scalar(select(Order).where(Order.id == id).with_for_update())
    if order is None or order.kiosk != uow.actor.id:
        raise NotFound(what=f"领取单 {id}")
    return order


def _journal(uow: Uow, order: str, seq: int, head: str) -> bool:
    """R13: a journal only grows. One number with two heads means two machines with one key: stop both.

    Answers (rather than raises) so that the stop is kept. An order's number begins with its kiosk's; opening it
    and giving it up wait for each other here, before anything is looked at.
    """
    if not order.startswith(uow.actor.id):
        raise NotFound(what=f"领取单 {order}")
    waited = select(func.pg_advisory_xact_lock(int(order, 16) - 2**63).label("lock")).subquery()
    entry = insert(Journal).from_select(
        ["kiosk", "seq", "head"],
        select(literal(uow.actor.id), literal(seq), literal(head)).select_from(waited),
    )
    first = uow.session.scalar(
        entry.on_conflict_do_update(index_elements=["kiosk", "seq"], set_={"kiosk": uow.actor.id}).returning(
            Journal.head
        )
    )
    if first == head:
        return True
    auth.stop_device(uow, uow.actor.id, f"日志分叉：第 {seq} 条有两个不同的链头")
    log.error("kiosk.forked", kiosk=uow.actor.id, seq=seq)
    return False
