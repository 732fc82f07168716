"""A reference of the backend's half of the protocol: in memory, orders that only go forward.

It is stricter than any kiosk needs: outcomes count only with the dispenser's signature, for this very order,
with a nonce past the one that was pinned.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from pydantic import BaseModel

from backend.kernel.errors import KioskStopped, NotFound, Refusal
from backend.kernel.language import ZH, day_in, month_in
from backend.kernel.period import Month
from backend.payout.refusals import (
    AlreadyCollected,
    AmountChanged,
    CardStopped,
    CardUnknown,
    CashShort,
    HeldElsewhere,
    ProofWrong,
)
from backend.payout.schema import (
    BeginVisit,
    Closing,
    Confirmed,
    ConfirmOrder,
    Opened,
    OpenOrder,
    Payable,
    PresentStatus,
    ProveVisit,
    Reported,
    ReportOrder,
    Visit,
    VisitBegun,
    YearOfAccount,
)
from cardio import keys
from cardio.sim import Persona
from kiosk.client import Refused
from tests.kiosk.reference_hall import A, Hall
from tests.kiosk.reference_orders import Due, Kept

MASTER = bytes(range(16))
DISPENSERS = bytes(range(32))
TODAY = date(2026, 11, 24)
LIVING = ("opened", "authorised", "in_doubt", "paid")
CLOSED = ("paid", "released", "cancelled", "refused")


def dispenser_key(dispenser: str) -> bytes:
    return hmac.digest(DISPENSERS, dispenser.encode(), hashlib.sha256)


def refused(refusal: Refusal) -> Refused:
    """As the kiosk hears it."""
    return Refused(refusal.code, refusal.message)


@dataclass
class ReferenceBackend:
    """The books of one office; `at(kiosk)` is its counter for one kiosk."""

    people: dict[str, Persona] = field(default_factory=dict)  # by card number
    dues: dict[str, Due] = field(default_factory=dict)
    orders: dict[str, Kept] = field(default_factory=dict)
    visits: dict[str, tuple[str, str, bool]] = field(default_factory=dict)  # (card, challenge, proved)
    answers: dict[str, BaseModel] = field(default_factory=dict)
    heads: dict[tuple[str, int], str] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    lost_cards: set[str] = field(default_factory=set)
    given_up: set[str] = field(default_factory=set)  # orders reported before they came
    cash_fen: int | None = None  # what the books say is in each kiosk; None: more than enough
    bank: str | None = "示例银行 ****6217"

    def __post_init__(self) -> None:
        self.hall = Hall(self)

    def owe(self, persona: Persona, amount_fen: int, month: str = "2026-11") -> Due:
        self.people[persona.card_no] = persona
        due = Due(str(len(self.dues) + 1), persona.card_no, amount_fen, month)
        self.dues[due.entitlement] = due
        return due

    def at(self, kiosk: str) -> Counter:
        return Counter(self, kiosk)

    def living(self, due: Due) -> Kept | None:
        return next((order for order in due.orders if order.state in LIVING), None)

    def count(self, card_no: str) -> int:
        """The highest number that this collect card has proved."""
        proved = [
            o.begun.count + 1 for o in self.orders.values() if o.card.card_no == card_no and o.tac and o.begun
        ]
        return max(proved, default=0)

    def closings(self, card_no: str) -> tuple[Closing, ...]:
        """Its newest order, and the newest that it proved, where they have ended."""
        mine = [o for o in self.orders.values() if o.card.card_no == card_no and o.begun][::-1]
        proved = [o for o in mine if o.tac]
        newest = dict.fromkeys([*mine[:1], *proved[:1]])
        ended = ("paid", "released", "cancelled")
        return tuple(o.agreed.closing(paid=o.state == "paid") for o in newest if o.state in ended)

    def short(self, kept: Kept) -> bool:
        """Whether the kiosk holds less than it has given, promised and is asked for."""
        gone_fen = sum(
            o.due.amount_fen
            for o in self.orders.values()
            if o.kiosk == kept.kiosk and o.method == "cash" and o.state in ("authorised", "in_doubt", "paid")
        )
        return self.cash_fen is not None and gone_fen + kept.due.amount_fen > self.cash_fen

    # ---- what an auditor asks ----

    def owed_fen(self) -> int:
        return sum(d.amount_fen for d in self.dues.values() if self._state(d) != "collected")

    def paid_fen(self) -> int:
        return sum(o.due.amount_fen for o in self.orders.values() if o.state == "paid")

    def paid_in_cash_fen(self) -> int:
        return sum(o.due.amount_fen for o in self.orders.values() if o.state == "paid" and o.method == "cash")

    def in_suspense(self) -> list[str]:
        held = (o for o in self.orders.values() if o.state in ("authorised", "in_doubt"))
        return sorted(o.order for o in held if o.method == "cash")

    def differences(self) -> list[str]:
        """Entitlements with more than one living order."""
        lives = {due.entitlement: sum(o.state in LIVING for o in due.orders) for due in self.dues.values()}
        return [f"{entitlement}: {n} living orders" for entitlement, n in lives.items() if n > 1]

    def time_passes(self) -> None:
        """Leases run out: OPENED → CANCELLED, AUTHORISED → IN_DOUBT, never released by time."""
        for order in self.orders.values():
            if order.state == "opened":
                order.state = "cancelled"
            elif order.state == "authorised" and order.method == "cash":
                order.state = "in_doubt"

    def count_cash(self, order: str, *, handed_out: bool) -> None:
        """Two persons counted the stopped kiosk."""
        kept = self.orders[order]
        if kept.state == "in_doubt":
            self.finish(kept, "paid" if handed_out else "released")

    def finish(self, kept: Kept, state: str) -> None:
        if kept.state in CLOSED:
            raise AssertionError(f"{kept.order} is {kept.state} and would become {state}")
        kept.state = state
        if state == "paid":
            kept.due.collected_on = TODAY
            kept.receipt_no = f"R20261124{kept.order}"

    def _state(self, due: Due) -> str:
        order = self.living(due)
        if order is None:
            return "payable"
        if order.method == "bank" and order.state != "opened":
            return "sent_to_bank"
        return "collected" if order.state == "paid" else "held"

    def view(self, card_no: str, visit: str) -> Visit:
        persona = self.people[card_no]
        dues = [
            Payable(
                entitlement=d.entitlement,
                month=d.month,
                item="基本养老金",
                amount_fen=d.amount_fen,
                state=self._state(d),
                collected_on=d.collected_on,
            )
            for d in sorted(self.dues.values(), key=lambda d: d.month, reverse=True)
            if d.card_no == card_no
        ]
        years = tuple(
            YearOfAccount(
                year=year,
                opening_fen=9_000_000,
                credited_fen=720_000,
                interest_fen=235_800,
                paid_fen=0,
                closing_fen=9_955_800,
            )
            for year in range(2025, 2019, -1)
        )
        return Visit(
            visit=visit,
            name=persona.name,
            masked_ident=f"{persona.ident[:3]}***********{persona.ident[-4:]}",
            months_paid=340,
            account_fen=9_955_800,
            years=years,
            payables=tuple(dues),
            bank=self.bank,
            collect_key=1 if persona.profile == "collect" else None,
            closings=self.closings(card_no),
        )


@dataclass
class Counter:
    """The calls, for one kiosk."""

    books: ReferenceBackend
    kiosk: str

    def _once(self, key: str, do: Callable[[], BaseModel]) -> BaseModel:
        if self.kiosk in self.books.stopped:
            raise refused(KioskStopped())
        if key not in self.books.answers:
            self.books.answers[key] = do()
        return self.books.answers[key]

    def serve(self, cmd: BaseModel, answer: type[A], key: str) -> A:
        done = self._once(key, lambda: self.books.hall.hear(cmd))
        assert isinstance(done, answer)
        return done

    def ask(self, question: BaseModel, answer: type[A]) -> A:
        if self.kiosk in self.books.stopped:
            raise refused(KioskStopped())
        told = self.books.hall.hear(question)
        assert isinstance(told, answer)
        return told

    def hand_in(self, name: str, content: bytes) -> str:
        number = f"{len(self.books.hall.files):022d}"
        self.books.hall.files[number] = content
        return number

    def begin(self, cmd: BeginVisit, key: str) -> VisitBegun:
        done = self._once(key, lambda: self._begin(cmd))
        assert isinstance(done, VisitBegun)
        return done

    def _begin(self, cmd: BeginVisit) -> VisitBegun:
        persona = self.books.people.get(cmd.card_no)
        if (
            persona is None
            or persona.ident != cmd.ident
            or persona.card_code.lower() != cmd.card_code.lower()
        ):
            raise refused(CardUnknown())
        if cmd.card_no in self.books.lost_cards:
            raise refused(CardStopped(status="登记挂失"))
        visit, challenge = secrets.token_hex(16), secrets.token_hex(16)
        self.books.visits[visit] = (cmd.card_no, challenge, False)
        return VisitBegun(
            visit=visit, challenge=challenge, masked_name=f"{persona.name[0]}*{persona.name[-1]}"
        )

    def prove(self, cmd: ProveVisit, key: str) -> Visit:
        done = self._once(key, lambda: self._prove(cmd))
        assert isinstance(done, Visit)
        return done

    def _prove(self, cmd: ProveVisit) -> Visit:
        card_no, challenge, _ = self.books.visits[cmd.visit]
        if not _answers(self.books.people[card_no], bytes.fromhex(challenge), cmd.response):
            raise refused(ProofWrong())
        self.books.visits[cmd.visit] = (card_no, challenge, True)
        return self.books.view(card_no, cmd.visit)

    def open(self, cmd: OpenOrder, key: str) -> Opened:
        done = self._once(key, lambda: self._open(cmd))
        assert isinstance(done, Opened)
        return done

    def _fork(self, seq: int, head: str) -> bool:
        """R13: one number with two heads means two machines with one key."""
        if self.books.heads.setdefault((self.kiosk, seq), head) != head:
            self.books.stopped.add(self.kiosk)
        return self.kiosk in self.books.stopped

    def _own(self, order: str) -> None:
        """An order's number begins with its kiosk's."""
        if not order.startswith(self.kiosk):
            raise refused(NotFound(what="领取单"))

    def _open(self, cmd: OpenOrder) -> Opened:
        self._own(cmd.order)
        if self._fork(cmd.journal_seq, cmd.journal_head):
            return Opened(order=cmd.order, state="refused", nonce="0" * 32)
        if cmd.order in self.books.given_up:
            return Opened(order=cmd.order, state="cancelled", nonce="0" * 32)
        if known := self.books.orders.get(cmd.order):
            return Opened(order=cmd.order, state=known.state, nonce=known.nonce, terms=known.terms)
        card_no, _, proved = self.books.visits[cmd.visit]
        due = self.books.dues[cmd.entitlement]
        if not proved or due.card_no != card_no:
            raise refused(ProofWrong())
        if (other := self.books.living(due)) is not None:
            why = AlreadyCollected if other.state == "paid" else HeldElsewhere
            month = month_in(Month.parse(due.month), ZH)
            raise refused(why(month=month, item="基本养老金", day=day_in(TODAY, ZH)))
        if due.amount_fen != cmd.amount_fen:
            raise refused(AmountChanged())
        kept = Kept(cmd.order, self.kiosk, self.books.people[card_no], due, cmd.method, secrets.token_hex(16))
        kept.begun = cmd.begun
        if kept.begun is not None and not kept.agreed.asked_right():
            raise refused(ProofWrong())
        if kept.begun is not None and kept.begun.count < self.books.count(card_no):
            self.books.lost_cards.add(card_no)
            return Opened(order=cmd.order, state="refused", nonce="0" * 32, frozen=True)
        self.books.orders[cmd.order] = kept
        due.orders.append(kept)
        return Opened(order=cmd.order, state="opened", nonce=kept.nonce, terms=kept.terms)

    def confirm(self, cmd: ConfirmOrder, key: str) -> Confirmed:
        done = self._once(key, lambda: self._confirm(cmd))
        assert isinstance(done, Confirmed)
        return done

    def _confirm(self, cmd: ConfirmOrder) -> Confirmed:
        kept = self.books.orders.get(cmd.order)
        if kept is None or kept.kiosk != self.kiosk:
            raise refused(NotFound(what="领取单"))
        if kept.state == "opened":
            if not self._proves(kept, cmd.proof):
                raise refused(ProofWrong())
            kept.tac = cmd.proof if kept.begun else ""
            if kept.method == "cash" and self.books.short(kept):
                raise refused(CashShort())
            kept.state, kept.dispenser, kept.dispenser_nonce = (
                "authorised",
                cmd.dispenser,
                cmd.dispenser_nonce,
            )
        token = None
        if kept.state == "authorised" and kept.method == "cash":
            text = f"{kept.order}|{kept.dispenser_nonce}|{kept.due.amount_fen}"
            token = hmac.digest(dispenser_key(kept.dispenser), text.encode(), hashlib.sha256).hex()
        return Confirmed(order=kept.order, state=kept.state, token=token)

    def _proves(self, kept: Kept, proof: str) -> bool:
        """A collect card by its TAC, under a number it has not proved yet; another by its answer."""
        if (kept.card.profile == "collect") != (kept.begun is not None):
            return False
        if kept.begun is not None:
            fresh = kept.begun.count >= self.books.count(kept.card.card_no)
            return fresh and proof == kept.agreed.tac()
        challenge = keys.order_challenge(
            kept.order, kept.due.amount_fen, kept.due.entitlement, self.kiosk, kept.nonce
        )
        return _answers(kept.card, challenge, proof)

    def report(self, cmd: ReportOrder, key: str) -> Reported:
        done = self._once(key, lambda: self._report(cmd))
        assert isinstance(done, Reported)
        return done

    def _report(self, cmd: ReportOrder) -> Reported:
        self._own(cmd.order)
        if self._fork(cmd.journal_seq, cmd.journal_head):
            return Reported(order=cmd.order, state="refused")
        kept = self.books.orders.get(cmd.order)
        if kept is None:
            self.books.given_up.add(cmd.order)
            return Reported(order=cmd.order, state="cancelled")
        if kept.state == "opened" and cmd.outcome == "not":
            self.books.finish(kept, "cancelled")
        elif kept.method == "cash" and kept.state in ("authorised", "in_doubt"):
            self._settle(kept, cmd)
        at = datetime(2026, 11, 24, 2, tzinfo=UTC) if kept.state == "paid" else None
        return Reported(order=kept.order, state=kept.state, receipt_no=kept.receipt_no, at=at)

    def _settle(self, kept: Kept, cmd: ReportOrder) -> None:
        status = cmd.status
        if status is not None and _signed(kept, status):
            if cmd.outcome == "paid" and (status.presented, status.amount_fen) == (
                "yes",
                kept.due.amount_fen,
            ):
                self.books.finish(kept, "paid")
                return
            if cmd.outcome == "not" and status.presented == "no" and status.nonce > kept.dispenser_nonce:
                self.books.finish(kept, "released")
                return
        kept.state = "in_doubt"


def _answers(persona: Persona, challenge: bytes, response: str) -> bool:
    key = keys.card_key(MASTER, persona.area, persona.card_code)
    return hmac.compare_digest(keys.response(key, challenge).hex(), response)


def _signed(kept: Kept, status: PresentStatus) -> bool:
    text = f"{status.dispenser}|{status.order}|{status.nonce}|{status.presented}|{status.amount_fen}"
    good = hmac.digest(dispenser_key(status.dispenser), text.encode(), hashlib.sha256).hex()
    ours = status.dispenser == kept.dispenser and status.order == kept.order
    return ours and hmac.compare_digest(good, status.signature)
