"""Tables of payout 发放: payables, batches, collection orders, bank files. Private to this folder."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    SQLColumnExpression,
    String,
    UniqueConstraint,
    exists,
    null,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.kernel.db import Base
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.payout import following

SCHEMA = "payout"
COUNTS = "num_nonnulls(ctc, card_rnd, key_version) = case profile when 'collect' then 3 when 'field' then 0 else -1 end"
PROVED = "(profile = 'field') = (tac is null) or state in ('opened','cancelled','refused')"


class Batch(Base):
    """发放批次: one fund, one area, one month; posted as one set when a second person has approved it.

    `run` counts from 1: a later run of the same month posts only what was not yet owed at an earlier one.
    """

    __tablename__ = "batch"
    __table_args__ = (
        UniqueConstraint("fund", "item", "area", "month", "run"),
        CheckConstraint("n > 0 and total > 0", name="not_empty"),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    fund: Mapped[str] = mapped_column(String(20))
    item: Mapped[str] = mapped_column(String(20))
    area: Mapped[str] = mapped_column(String(6))
    month: Mapped[Month]  # in which it is paid; a payable's own month may be an earlier one (arrears)
    run: Mapped[int] = mapped_column(SmallInteger)
    n: Mapped[int]
    total: Mapped[Money]
    maker: Mapped[str]
    checker: Mapped[str]
    posted_at: Mapped[datetime]


class Payable(Base):
    """应付待遇: one person, one month, one item. It is drawn once, by card or by bank file.

    Cancelled, it is owed no more, and the month may be owed anew. That batch and person are there is checked once a
    statement, not once a row (migration 0003): a month is posted for a million persons at a time.

    `stored` is what the row says, `state` what holds: it may follow its bank file (`following`).
    """

    __tablename__ = "payable"
    __table_args__ = (
        # the state stands in no index: every step of a payment would touch it
        Index(
            "uq_payable_person_month_item",
            "person_id",
            "month",
            "item",
            unique=True,
            postgresql_where=text("cancelled_at is null"),
        ),
        Index("ix_payable_cancelled", "person_id", postgresql_where=text("cancelled_at is not null")),
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint(
            "state in ('payable','held','collected','at_bank','filed','paid','cancelled')", name="state"
        ),
        CheckConstraint("(state = 'filed') = (file_id is not null)", name="filed"),
        CheckConstraint("(state = 'cancelled') = (cancelled_at is not null)", name="cancelled"),
        # a batch is written in one go, so its rows lie together
        Index(
            "ix_payable_batch_id",
            "batch_id",
            postgresql_using="brin",
            postgresql_with={"autosummarize": "on"},
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    batch_id: Mapped[int]
    person_id: Mapped[int]
    month: Mapped[Month]
    item: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Money]
    stored: Mapped[str] = mapped_column("state", String(10), default="payable")
    stored_at: Mapped[datetime | None] = mapped_column("settled_at")
    cancelled_at: Mapped[datetime | None]
    file_id: Mapped[int | None]  # which it follows; no key is checked a million times, `checking` looks
    file: Mapped[BankFile | None] = relationship(
        primaryjoin="foreign(Payable.file_id) == BankFile.id", lazy="raise", viewonly=True
    )

    @hybrid_property
    def state(self) -> str:
        """payable, held, collected, at_bank, paid or cancelled."""
        return following.holds(self.stored, _answered_at(self), "at_bank")

    @state.inplace.setter
    def _state_setter(self, value: str) -> None:
        self.stored, self.file_id = value, None

    @state.inplace.expression
    @classmethod
    def _state_expression(cls) -> ColumnElement[str]:
        return following.holding(cls.stored, cls.file_id, "at_bank")

    @state.inplace.update_expression
    @classmethod
    def _state_update(cls, value: Any) -> list[tuple[Any, Any]]:
        return [(cls.stored, value), (cls.file_id, null())]

    @hybrid_property
    def settled_at(self) -> datetime | None:
        """When it reached the person."""
        return _answered_at(self) if self.stored == following.FILED else self.stored_at

    @settled_at.inplace.setter
    def _settled_at_setter(self, value: datetime | None) -> None:
        self.stored_at = value

    @settled_at.inplace.expression
    @classmethod
    def _settled_at_expression(cls) -> ColumnElement[datetime | None]:
        return following.settling(cls.stored, cls.stored_at, cls.file_id)


class Visit(Base):
    """来访: a card in a kiosk. Lapses ten minutes after it began."""

    __tablename__ = "visit"
    __table_args__ = ({"schema": SCHEMA},)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kiosk: Mapped[str] = mapped_column(String(8))
    card_id: Mapped[int] = mapped_column(ForeignKey("registry.card.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"))
    challenge: Mapped[str] = mapped_column(String(32))
    begun_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]


class Order(Base):
    """领取单 (domain rule C.3): OPENED → AUTHORISED → PAID | RELEASED | IN_DOUBT, and never back."""

    __tablename__ = "order"
    __table_args__ = (
        CheckConstraint(
            "state in ('opened','authorised','paid','released','in_doubt','cancelled','refused')",
            name="state",
        ),
        CheckConstraint("method in ('cash','bank')", name="method"),
        # R9: one living order an entitlement
        Index(
            "uq_order_one_living",
            "payable_id",
            unique=True,
            postgresql_where=text("state in ('opened','authorised','in_doubt','paid')"),
        ),
        Index("ix_order_state_opened_at", "state", "opened_at"),
        CheckConstraint(COUNTS, name="profile"),
        CheckConstraint(PROVED, name="tac"),
        Index("uq_order_tac", "card_id", "ctc", unique=True, postgresql_where=text("tac is not null")),
        Index("ix_order_of_card", "card_id", "opened_at", postgresql_where=text("ctc is not null")),
        {"schema": SCHEMA},
    )
    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    payable_id: Mapped[int] = mapped_column(ForeignKey("payout.payable.id"))
    kiosk: Mapped[str] = mapped_column(String(8))
    card_id: Mapped[int] = mapped_column(ForeignKey("registry.card.id"))
    amount: Mapped[Money]
    method: Mapped[str] = mapped_column(String(4))
    state: Mapped[str] = mapped_column(String(10))
    nonce: Mapped[str] = mapped_column(String(32))
    dispenser: Mapped[str | None] = mapped_column(String(32))
    dispenser_nonce: Mapped[str | None] = mapped_column(String(32))
    evidence: Mapped[dict[str, Any] | None]
    opened_at: Mapped[datetime]
    authorised_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    contradicted_at: Mapped[datetime | None]  # released, and then the dispenser signed that it had handed out
    receipt_no: Mapped[str | None] = mapped_column(String(25), unique=True)
    profile: Mapped[str] = mapped_column(String(8), default="field", server_default="field")
    ctc: Mapped[int | None]  # the number it gets in a collect card's own count
    card_rnd: Mapped[str | None] = mapped_column(String(16))
    key_version: Mapped[int | None] = mapped_column(SmallInteger)
    tac: Mapped[str | None] = mapped_column(String(16))  # the card's proof that its holder agreed


class GivenUp(Base):
    """An order that its kiosk gave up before we heard of it: should the request to open it come after all,
    it opens nothing."""

    __tablename__ = "given_up"
    __table_args__ = ({"schema": SCHEMA},)
    order: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime]


class Journal(Base):
    """The journal entries a kiosk has shown: two different heads for one number are a fork (R13)."""

    __tablename__ = "journal"
    __table_args__ = ({"schema": SCHEMA},)
    kiosk: Mapped[str] = mapped_column(String(8), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    head: Mapped[str] = mapped_column(String(64))


class Dispenser(Base):
    """The cash dispenser that stands in a kiosk: only to it are tokens given for that kiosk's orders."""

    __tablename__ = "dispenser"
    __table_args__ = ({"schema": SCHEMA},)
    kiosk: Mapped[str] = mapped_column(String(8), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)


class BankFile(Base):
    """银行报盘: the payables sent to a bank in one file, and what came back.

    `answered_at` settles whatever follows the file, at once and for good: the database lets nobody change it.
    """

    __tablename__ = "bank_file"
    __table_args__ = (CheckConstraint("n > 0 and total > 0", name="not_empty"), {"schema": SCHEMA})
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("payout.batch.id"))
    profile: Mapped[str] = mapped_column(String(20))  # how this bank writes (bankfiles/banks.yaml)
    n: Mapped[int]
    total: Mapped[Money]
    sent: Mapped[str | None] = mapped_column(ForeignKey("kernel.file.id"))  # set in the same transaction
    made_at: Mapped[datetime]
    returned: Mapped[str | None] = mapped_column(ForeignKey("kernel.file.id"))  # the newest that came back
    returned_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]


class BankLine(Base):
    """One payment at a bank, alone or in a file; its `end_to_end` never changes, so it is paid once.

    `stored` is what the row says, `result` what holds: it may follow its file, and then has no code of its own.
    """

    __tablename__ = "bank_line"
    __table_args__ = (
        CheckConstraint("result in ('sent','filed','paid','returned')", name="result"),
        CheckConstraint("result <> 'filed' or file_id is not null", name="filed"),
        {"schema": SCHEMA},
    )
    end_to_end: Mapped[str] = mapped_column(String(35), primary_key=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("payout.bank_file.id"), index=True)
    payable_id: Mapped[int] = mapped_column(ForeignKey("payout.payable.id"), index=True)
    bank: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(30))
    holder: Mapped[str] = mapped_column(String(50))
    amount: Mapped[Money]
    stored: Mapped[str] = mapped_column("result", String(10), default="sent")
    code: Mapped[str] = mapped_column(
        String(2), default=""
    )  # 银行回盘结果代码, once it was said of this line
    reason: Mapped[str] = mapped_column(String(100), default="")
    file: Mapped[BankFile | None] = relationship(lazy="raise", viewonly=True)

    @hybrid_property
    def result(self) -> str:
        """sent, paid or returned."""
        return following.holds(self.stored, _answered_at(self), "sent")

    @result.inplace.expression
    @classmethod
    def _result_expression(cls) -> ColumnElement[str]:
        return following.holding(cls.stored, cls.file_id, "sent")


def _answered_at(row: Payable | BankLine) -> datetime | None:
    """When the file was answered that a row follows. (It must have been loaded with the row.)"""
    return row.file.answered_at if row.stored == following.FILED and row.file else None


class Stop(Base):
    """停发: an item is not paid to a person for the months from `since` until before `until` (null: until further
    notice; equal: lifted as if it had never been)."""

    __tablename__ = "stop"
    __table_args__ = (CheckConstraint("until >= since", name="order"), {"schema": SCHEMA})
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"), index=True)
    fund: Mapped[str] = mapped_column(String(20))
    item: Mapped[str] = mapped_column(String(20))
    since: Mapped[Month]
    until: Mapped[Month | None]
    claims: Mapped[bool]  # what was drawn for these months is to be given back
    reason: Mapped[str] = mapped_column(String(2))  # 停发原因代码
    document: Mapped[str] = mapped_column(String(60))
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]


class Recovery(Base):
    """追回 (社会保险经办条例 第四十六条): what a person was paid too much, and what of it is still open.

    `left` is the amount less all repayments; the database lets it go neither below nothing nor above the amount.
    """

    __tablename__ = "recovery"
    __table_args__ = (
        CheckConstraint('amount > 0 and "left" between 0 and amount', name="within"),
        CheckConstraint("way in ('once','instalments','offset')", name="way"),
        CheckConstraint("(way = 'offset') = (share is not null) and share between 1 and 10000", name="share"),
        CheckConstraint('("left" = 0) = (closed_at is not null)', name="closed"),
        Index("ix_recovery_open", "person_id", postgresql_where=text("closed_at is null")),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("registry.person.id"), index=True)
    fund: Mapped[str] = mapped_column(String(20))
    item: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Money]
    left: Mapped[Money]
    reason: Mapped[str] = mapped_column(String(2))  # 停发原因代码
    note: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(80), unique=True)  # what it comes from: it is claimed once
    way: Mapped[str] = mapped_column(String(12), default="once")
    share: Mapped[int | None]  # ten-thousandths of a month's benefit that are kept back
    agreement: Mapped[str] = mapped_column(String(60), default="")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Overpaid(Base):
    """A payable that was drawn although it was not due: claimed back once at a time.

    Lifted: it was due after all (`undoing`), and may be claimed again."""

    __tablename__ = "overpaid"
    __table_args__ = (
        Index("uq_overpaid_standing", "payable_id", unique=True, postgresql_where=text("lifted_at is null")),
        {"schema": SCHEMA},
    )
    payable_id: Mapped[int] = mapped_column(ForeignKey("payout.payable.id"), primary_key=True)
    recovery_id: Mapped[int] = mapped_column(ForeignKey("payout.recovery.id"), primary_key=True, index=True)
    lifted_at: Mapped[datetime | None]

    @classmethod
    def claimed(cls, payable: SQLColumnExpression[int]) -> ColumnElement[bool]:
        """Whether the payable of a row is claimed back."""
        return exists().where(cls.payable_id == payable, cls.lifted_at.is_(None))


class Repayment(Base):
    """What came back of a recovery: returned by the person, kept back from a later month's benefit, or taken out of
    their account; or the claim was withdrawn because it was wrong."""

    __tablename__ = "repayment"
    __table_args__ = (
        UniqueConstraint("recovery_id", "slip"),
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint(
            "(payable_id is not null) = (way = 'offset')"
            " and way in ('returned','offset','account','withdrawn')",
            name="way",
        ),
        {"schema": SCHEMA},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    recovery_id: Mapped[int] = mapped_column(ForeignKey("payout.recovery.id"))
    way: Mapped[str] = mapped_column(String(10))
    amount: Mapped[Money]
    slip: Mapped[str] = mapped_column(String(60))
    payable_id: Mapped[int | None] = mapped_column(ForeignKey("payout.payable.id"), unique=True)
    at: Mapped[datetime]


class Instalment(Base):
    """One part of an agreed plan 还款协议: due by the end of a month."""

    __tablename__ = "instalment"
    __table_args__ = (CheckConstraint("amount > 0", name="positive"), {"schema": SCHEMA})
    recovery_id: Mapped[int] = mapped_column(ForeignKey("payout.recovery.id"), primary_key=True)
    no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    due: Mapped[Month]
    amount: Mapped[Money]
