"""An employer with three employees and a flexible worker, in Shanghai's published terms of 2026-08."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from backend.kernel import items, ledger
from backend.kernel.clock import CHINA, FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.period import Month
from backend.levy import service as levy
from backend.levy.schema import (
    AskEmployerBills,
    BillMonth,
    Bills,
    DeclareBase,
    ReceiptView,
    RunView,
    TakeReceipt,
)
from backend.pension.model import Account, Contribution
from backend.registry import service as registry
from backend.registry.model import Enrolment
from backend.registry.schema import Hire
from tests.backend.people import USCC, a_person, an_employer, officer

WANG, ZHAO, SUN = "310115199001010010", "310101196311150017", "310101197109100029"
LOW, MIDDLE, HIGH = (
    500_000,
    1_000_000,
    9_000_000,
)  # below the floor of 7546, within, above the ceiling of 37731
AUGUST = Month(2026, 8)
# by insurance: the three employees' dues of August, employer and person
DUES = {
    "110": (120_736 + 60_368) + (160_000 + 80_000) + (603_696 + 301_848),
    "310": (67_914 + 15_092) + (90_000 + 20_000) + (339_579 + 75_462),
    "210": (3_773 + 3_773) + (5_000 + 5_000) + (18_866 + 18_866),
    "410": 6_791 + 9_000 + 33_958,
}
WHOLE = sum(DUES.values())


def a_town(run: Runner, clock: FixedClock) -> int:
    """All three hired in July; the employer's id comes back. It is the fifth of August."""
    at(clock, 2026, 8, 5)
    boss = an_employer(run)
    for number in (WANG, ZHAO, SUN):
        a_person(run, number)
        run.system(registry.hire, Hire(uscc=USCC, ident=number, name="张秀䶮", started=date(2026, 7, 1)))
    return boss


def at(clock: FixedClock, year: int, month: int, day: int) -> None:
    clock.set(datetime(year, month, day, 10, tzinfo=CHINA))


def declare_all(run: Runner, since: str = "2026-08") -> None:
    for number, wage in ((WANG, LOW), (ZHAO, MIDDLE), (SUN, HIGH)):
        declare(run, number, wage, since)


def declare(run: Runner, number: str, wage: int, since: str = "2026-08") -> None:
    run.system(levy.declare_base, DeclareBase(uscc=USCC, ident=number, since=since, wage_fen=wage))


def bill(run: Runner, month: str = "2026-08") -> RunView:
    return run.system(levy.bill_month, BillMonth(month=month))


def receive(run: Runner, reference: str, fen: int, **changed: Any) -> ReceiptView:
    given = {
        "channel": "bank",
        "reference": reference,
        "payer": USCC,
        "amount_fen": fen,
        "received_on": run.clock.today(),
    }
    return run.system(levy.take, TakeReceipt.model_validate(given | changed))


def owed(run: Runner) -> Bills:
    return run.system(levy.of_employer, AskEmployerBills(uscc=USCC))


def contributions(run: Runner, number: str) -> list[tuple[str, int, int]]:
    """A person's months that count: month, base and own share in fen."""

    def look(uow: Uow) -> list[tuple[str, int, int]]:
        who = registry.person(uow, number).id
        rows = uow.session.query(Contribution).filter_by(person_id=who).order_by(Contribution.month)
        return [(str(row.month), row.base.fen, row.person_share.fen) for row in rows]

    return run.system(look)


def flexible(run: Runner, number: str, since: Month = AUGUST) -> int:
    """Somebody who insures themselves; their account is open."""
    person_id = a_person(run, number)

    def enrol(uow: Uow) -> None:
        uow.session.add_all(
            [
                Enrolment(
                    person_id=person_id,
                    insurance="110",
                    category="flexible",
                    employer_id=None,
                    started=since,
                    ended=None,
                ),
                Account(
                    person_id=person_id,
                    status="1",
                    opened=since,
                    track=60,
                    months_paid=0,
                    deemed_months=0,
                    index_sum=0,
                ),
            ]
        )

    run.system(enrol)
    return person_id


def sound(run: Runner) -> None:
    """The books agree, and what was received is what was paid, waits or went back."""
    assert run.system(ledger.check) == []
    assert run.system(levy.check) == []


def carried_out(run: Runner, code: str, command: object) -> None:
    """By one officer, approved by another (or two)."""
    known = items.find(code)
    filed = items.perform(run.by(officer()), known, command)  # type: ignore[arg-type]
    assert isinstance(filed, items.Filed)
    for n in range(known.review):
        run.by(officer(f"officer:{n + 2}", "复核"))(items.decide, filed.case_no, "approved", "")
