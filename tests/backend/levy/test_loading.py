"""Months from before the books: paid as bills, and in nobody's ledger."""

from __future__ import annotations

from datetime import date

from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.period import Month
from backend.levy import service as levy
from backend.levy.schema import AskEmployerReceipts, AskPersonReceipts, ChooseBase
from tests.backend.levy.town import WHOLE, a_town, bill, contributions, declare_all, flexible, owed, sound
from tests.backend.people import USCC, ZHANG

AUGUST = Month(2026, 8)


def test_each_payer_has_one_receipt_on_the_due_day(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    declare_all(run)
    flexible(run, ZHANG)
    run.system(levy.choose_base, ChooseBase(ident=ZHANG, since="2026-08", base_fen=1_000_000))
    bill(run)
    assert run.system(levy.paid_before, AUGUST) == 2
    assert owed(run).owed_fen == 0
    [one] = run.system(levy.receipts_of_employer, AskEmployerReceipts(uscc=USCC)).receipts
    assert (one.amount_fen, one.received_on, len(one.parts)) == (WHOLE, date(2026, 8, 25), 4)
    [own] = run.system(levy.receipts_of_person, AskPersonReceipts(ident=ZHANG)).receipts
    assert own.amount_fen == 200_000
    assert contributions(run, ZHANG) == [], "what the months did to the accounts stands in them already"
    sound(run)


def test_who_has_not_paid_still_owes(run: Runner, clock: FixedClock) -> None:
    a_town(run, clock)
    declare_all(run)
    bill(run)
    assert run.system(levy.paid_before, AUGUST, but=frozenset({USCC})) == 0
    assert owed(run).owed_fen == WHOLE
