"""Two years of a small town, month by month: who pays in part, late, too much, who is unknown, reversed, moves, leaves,
never declares, retires and dies; at every month's end every fen is where it belongs."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from backend.kernel import ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.levy import service as levy
from backend.levy.model import Bill, Receipt, Settlement
from backend.levy.schema import AllocateReceipt, AskArrears, AskPersonBills, ChooseBase, ReverseReceipt
from backend.payout.batches import NobodyDue
from backend.payout.model import Payable
from backend.pension import service as pension
from backend.pension.model import Account, AccountYear, Contribution
from backend.pension.schema import Award
from backend.registry import service as registry
from backend.registry.schema import Hire, Leave
from tests.backend.levy.test_receiving import carried_out
from tests.backend.levy.town import (
    HIGH,
    LOW,
    SUN,
    WANG,
    at,
    bill,
    declare,
    flexible,
    owed,
    receive,
)
from tests.backend.payout.city import fund
from tests.backend.pension.test_service import MAN, with_account
from tests.backend.people import USCC, ZHANG, a_person, an_employer

FIRST, MONTHS = Month(2025, 7), 24
OTHER = "91350100M000100Y43"
FREE = "310115198501010039"  # a flexible worker
PAID_BEFORE_DEATH = 36  # from 2023-12 to 2026-11, in which he dies


@pytest.mark.slow
def test_two_years(run: Runner, clock: FixedClock) -> None:
    begin(run, clock)
    for n in range(MONTHS):
        month = FIRST + n
        at(clock, month.year, month.month, 6)
        events(run, clock, month, n)
        bill(run, str(month))
        pay(run, clock, month, n)
        pensions(run, month)
        at(clock, month.year, month.month, 28)
        run.system(sound)
    end(run)


def begin(run: Runner, clock: FixedClock) -> None:
    """One who always declares, one who never does, a flexible worker, and the fund's own money."""
    at(clock, 2025, 7, 1)
    fund(run)
    an_employer(run)
    an_employer(run, OTHER, name="从不申报有限公司")
    for number, boss in ((WANG, USCC), (SUN, USCC), (ZHANG, OTHER)):
        a_person(run, number)
        run.system(registry.hire, Hire(uscc=boss, ident=number, name="张秀䶮", started=date(2025, 7, 1)))
    flexible(run, FREE, FIRST)
    with_account(run, MAN, months=360, balance="182340.15", index=10_500)
    run.system(registry.leave, Leave(uscc=USCC, ident=MAN, ended=date(2025, 6, 30), reason="6301"))


def events(run: Runner, clock: FixedClock, month: Month, n: int) -> None:
    if n == 0:
        declare(run, WANG, LOW, str(month))
    if n in (0, 14):  # two months late the second year: billed a tenth more until then
        declare(run, SUN, HIGH, str(month))
    if month.month == 7:  # the base year begins
        run.system(levy.choose_base, ChooseBase(ident=FREE, since=str(month), base_fen=1_000_000))
    if n == 8:  # a mover: leaves one, is hired by the other, who does not declare
        run.system(registry.leave, Leave(uscc=USCC, ident=WANG, ended=clock.today(), reason="6301"))
        run.system(registry.hire, Hire(uscc=OTHER, ident=WANG, name="张秀䶮", started=clock.today()))
    if n == 1:
        run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    if n == 16:
        run.system(die)


def die(uow: Uow) -> None:
    registry.person(uow, MAN).died = uow.today


def pay(run: Runner, clock: FixedClock, month: Month, n: int) -> None:
    """The employer's habits change with the month; the flexible worker always pays in time."""
    open_fen = owed(run).owed_fen
    mine = run.system(levy.of_person, AskPersonBills(ident=FREE)).owed_fen
    receive(run, f"F{n:04}", mine, payer=FREE, channel="tax")
    if not open_fen:
        return
    whole = max(open_fen, 1)
    if n % 6 == 1:  # a part now, the rest with the next
        receive(run, f"B{n:04}", max(whole // 3, 1))
    elif n % 6 == 2:  # late: the fee comes on top later
        at(clock, month.year, month.month, 27)
        receive(run, f"B{n:04}", whole)
    elif n % 6 == 3:  # taken wrongly, reversed, taken again
        receive(run, f"B{n:04}", whole)
        carried_out(run, "LEV-07", ReverseReceipt(channel="bank", reference=f"B{n:04}", reason="重复汇款"))
        receive(run, f"B{n:04}-2", whole)
    elif n % 6 == 4:  # from nobody known, then found out
        receive(run, f"B{n:04}", whole, payer="")
        carried_out(run, "LEV-06", AllocateReceipt(channel="bank", reference=f"B{n:04}", payer=USCC))
    elif n % 6 == 5:  # too much: waits for the next month
        receive(run, f"B{n:04}", whole + 123_456)
    else:
        receive(run, f"B{n:04}", whole)


def pensions(run: Runner, month: Month) -> None:
    """Everybody in payment gets the month; nobody is before the first retires, nor after he has died."""
    with suppress(NobodyDue):
        run.system(pension.pay_month, month, "second")


def sound(uow: Uow) -> None:
    """What holds at every month's end."""
    assert ledger.check(uow) == []
    assert levy.check(uow) == []
    month = Month.of(uow.today)
    lines = ledger.trial_balance(uow, month)
    for name in {line.account.fund for line in lines}:
        assert sum(line.closing_fen for line in lines if line.account.fund is name) == 0
    owed_fen = sum_of(uow, select(func.sum(Bill.due)).where(Bill.voided_at.is_(None)))
    received = sum_of(uow, select(func.sum(Settlement.amount)).where(Settlement.undone_at.is_(None)))
    forgiven = sum_of(uow, select(func.sum(Bill.written_off)))
    arrears = sum_of(
        uow, select(func.sum(Bill.due - Bill.paid - Bill.written_off)).where(Bill.voided_at.is_(None))
    )
    assert owed_fen - received - forgiven == arrears
    kept = sum_of(uow, select(func.sum(Receipt.amount)).where(Receipt.reversed_at.is_(None)))
    assert kept == received + sum_of(uow, select(func.sum(Receipt.unallocated)))
    accounts(uow)


def accounts(uow: Uow) -> None:
    """Each account is what was credited and earned, less what it paid; each year begins where the last ended."""
    for person in uow.session.scalars(select(Account.person_id)).all():
        years = uow.session.scalars(
            select(AccountYear).where(AccountYear.person_id == person).order_by(AccountYear.year)
        ).all()
        for before, after in pairwise(years):
            assert after.opening == before.closing
        credited = sum(year.credited.fen for year in years)
        assert credited == sum_of(
            uow, select(func.sum(Contribution.person_share)).where(Contribution.person_id == person)
        )


def end(run: Runner) -> None:
    """The one who never declared was never billed before the mover came, and stands on the list every month."""
    arrears = run.system(levy.arrears, AskArrears()).payers
    assert {one.number for one in arrears} <= {USCC, OTHER}
    whole = run.system(counted)
    assert whole[FREE] == MONTHS
    assert whole[SUN] == MONTHS
    assert run.system(lambda uow: uow.session.query(Payable).count()) == PAID_BEFORE_DEATH


def counted(uow: Uow) -> dict[str, int]:
    """How many months count of each."""
    rows = uow.session.execute(
        select(registry.Person.ident, func.count())
        .join(Contribution, Contribution.person_id == registry.Person.id)
        .group_by(registry.Person.ident)
    ).all()
    return {row.ident: row[1] for row in rows}


def sum_of(uow: Uow, query: object) -> int:
    value = uow.session.scalar(query) or 0  # type: ignore[call-overload]
    return value.fen if isinstance(value, Money) else int(value)
