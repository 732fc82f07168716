"""Whatever comes in whatever order: nothing negative, nothing twice, every fen is somewhere and the accounts agree."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from backend import wiring
from backend.kernel import ledger
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import Refusal
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.levy import service as levy
from backend.levy.model import Bill, DueLine, Receipt
from backend.levy.schema import (
    AllocateReceipt,
    BillMonth,
    ChooseBase,
    RefundReceipt,
    ReverseReceipt,
    WriteOff,
)
from backend.pension.model import Account, AccountYear, Contribution
from tests.backend.levy.town import AUGUST, WHOLE, a_town, at, declare_all, flexible, receive
from tests.backend.people import USCC, ZHANG
from tests.conftest import TODAY

TIMES = int(os.environ.get("RENSHE_FUZZ", "1"))  # `make fuzz`
REFERENCES = ("B0001", "B0002", "B0003", "B0004", "B0005")
AMOUNTS = st.sampled_from([1, 777, 1_000_001, WHOLE // 3, WHOLE - 1, WHOLE, WHOLE + 50_000, 3 * WHOLE])
PAYERS = st.sampled_from([USCC, ZHANG, "某某公司"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("bill"), st.none(), st.none()),
        st.tuples(st.just("take"), st.sampled_from(REFERENCES), st.tuples(AMOUNTS, PAYERS)),
        st.tuples(st.just("reverse"), st.sampled_from(REFERENCES), st.none()),
        st.tuples(st.just("allocate"), st.sampled_from(REFERENCES), PAYERS),
        st.tuples(st.just("refund"), st.sampled_from(REFERENCES), st.none()),
        st.tuples(st.just("write_off"), st.none(), st.integers(0, 6)),
        st.tuples(st.just("wait"), st.none(), st.none()),
    ),
    max_size=16,
)
Step = tuple[str, Any, Any]


@contextmanager
def a_world(engine: Engine) -> Iterator[tuple[Runner, FixedClock]]:
    """A town of its own, undone afterwards; commits are savepoints."""
    with engine.connect() as connection:
        outer = connection.begin()
        clock = FixedClock(TODAY)
        sessions = sessionmaker[Session](
            bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        yield Runner(sessions, wiring.HANDLERS, actor=SYSTEM, clock=clock), clock
        outer.rollback()


@settings(
    max_examples=25 * TIMES,
    deadline=None,
    derandomize=TIMES == 1,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_every_fen_is_somewhere(engine: Engine, steps: list[Step]) -> None:
    with a_world(engine) as (run, clock):
        a_town(run, clock)
        declare_all(run)
        flexible(run, ZHANG)
        run.system(levy.choose_base, ChooseBase(ident=ZHANG, since="2026-08", base_fen=1_000_000))
        day = [5]
        for step in steps:
            take(run, clock, day, step)
            run.system(hold)


def take(run: Runner, clock: FixedClock, day: list[int], step: Step) -> None:
    """One step; a refusal is an answer."""
    what, reference, more = step
    named = {"channel": "bank", "reference": reference}
    try:
        if what == "bill":
            run.system(_bill_next)
        elif what == "take":
            receive(run, reference, more[0], payer=more[1])
        elif what == "reverse":
            run.system(_as_officers, levy.reverse, ReverseReceipt(**named, reason="银行退回"))
        elif what == "allocate":
            run.system(_as_officers, levy.allocate, AllocateReceipt(**named, payer=more))
        elif what == "refund":
            run.system(_as_officers, levy.refund, RefundReceipt(**named, reason="多缴"))
        elif what == "write_off":
            run.system(_write_off, more)
        else:
            day[0] += 13
            at(clock, 2026, 8 + day[0] // 28, 1 + day[0] % 28)
    except Refusal:
        pass


def _bill_next(uow: Uow) -> None:
    billed = uow.session.scalar(select(func.max(Bill.month)).where(Bill.kind == "dues"))
    month = billed + 1 if billed and billed < Month.of(uow.today) else billed or AUGUST
    levy.bill_month(uow, BillMonth(month=str(month)))


def _as_officers(uow: Uow, command: Any, cmd: Any) -> None:
    uow.approvers = ("officer:2",)
    command(uow, cmd)


def _write_off(uow: Uow, nth: int) -> None:
    bills = uow.session.scalars(select(Bill.id).order_by(Bill.id)).all()
    if bills:
        levy.write_off(uow, WriteOff(bill=bills[nth % len(bills)], reason="无法收回"))


def hold(uow: Uow) -> None:
    """What must hold after every step."""
    assert ledger.check(uow) == []
    assert levy.check(uow) == []
    stands: Counter[str] = Counter()
    for line in ledger.trial_balance(uow, Month.of(uow.today)):
        stands[line.account.kind] += line.closing_fen
    deposits, waiting = stands["receipts_deposit"], -stands["unallocated_receipts"]
    income = -stands["contribution_income"] - stands["other_income"]
    assert deposits == income + waiting
    assert waiting == fen(uow, select(func.sum(Receipt.unallocated)))
    assert income == fen(uow, select(func.sum(Bill.paid)))
    dues = select(func.sum(Bill.due)).where(Bill.kind == "dues")
    assert fen(uow, dues) == fen(uow, select(func.sum(DueLine.employer_share + DueLine.person_share)))
    credits = uow.session.execute(
        select(Account.person_id, Account.months_paid, func.coalesce(func.sum(AccountYear.credited), 0))
        .outerjoin(AccountYear, AccountYear.person_id == Account.person_id)
        .group_by(Account.person_id)
    ).all()
    for person, months, credited in credits:
        counted = uow.session.execute(
            select(func.count(), func.coalesce(func.sum(Contribution.person_share), 0)).where(
                Contribution.person_id == person
            )
        ).one()
        assert (months, fen_of(credited)) == (counted[0], fen_of(counted[1]))


def fen(uow: Uow, query: Any) -> int:
    return fen_of(uow.session.scalar(query) or 0)


def fen_of(value: Any) -> int:
    return value.fen if isinstance(value, Money) else int(value)
