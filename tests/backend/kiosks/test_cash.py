"""The cash of a kiosk: from the vault's bag into the cassettes, out to people, counted, and every fen in one book."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.kernel import ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.sentences import Invalid
from backend.kiosks.cash import (
    BagPlacedAlready,
    MoreThanThere,
    MovedSince,
    NoSuchBag,
    NothingThere,
    OrdersHeld,
    SheetUsed,
    StillServing,
    TwoPersons,
)
from backend.kiosks.differences import DecidedAlready, NothingToDecide, OtherWay
from backend.kiosks.operators import TicketOver
from backend.payout import accounts
from backend.payout.settling import BagDiffers, BagUnnamed
from tests.backend.kiosks.hall import AMOUNT, BAG, BAG_FEN, CODES, Hall
from tests.backend.payout.city import cash
from tests.backend.payout.terminal import Card, Terminal


def fields(pieces: dict[int, int]) -> dict[str, int]:
    return {f"n{fen}": n for fen, n in pieces.items()}


def count(hall: Hall, pieces: dict[int, int], sheet: str = "C-1", **more: int):
    return hall.kiosk.ask("KSK-34", sheet=sheet, **fields(pieces), **more, **hall.tickets())


def suspense(run: Runner, hall: Hall) -> int:
    return run.system(lambda uow: -ledger.balance(uow, accounts.suspense(uow, hall.kiosk.id)))


def test_a_bag_is_booked_by_two_waits_beside_the_kiosk_and_is_put_in_by_two(hall: Hall, run: Runner) -> None:
    sheet = hall.bag()
    assert cash(run, hall.kiosk) == BAG_FEN
    [waiting] = hall.says(notes=[]).bags
    assert (waiting.sheet, waiting.amount_fen, waiting.notes.pieces) == (sheet, BAG_FEN, BAG)
    assert hall.differences() == []
    placed = hall.kiosk.ask("KSK-32", sheet=sheet, **hall.tickets())
    assert placed.notes.pieces == BAG
    assert hall.says().bags == ()
    assert hall.differences() == []
    with pytest.raises(BagPlacedAlready):
        hall.kiosk.ask("KSK-32", sheet=sheet, **hall.tickets())


def test_a_second_bag_under_a_used_sheet_is_refused_and_the_same_one_is_the_same(
    hall: Hall, run: Runner
) -> None:
    """Otherwise its cash would have left the vault and be in no book."""
    sheet = hall.bag()
    given = {"kiosk": hall.kiosk.id, "sheet": sheet, "amount_fen": BAG_FEN, **fields(BAG)}
    with pytest.raises(SheetUsed):
        hall.decide("PAY-22", bag="F-999999", **given)
    with pytest.raises(SheetUsed):
        hall.decide(
            "PAY-22", bag="F-000001", **(given | fields({10000: BAG[10000] - 1, 5000: BAG[5000] + 2}))
        )
    hall.decide("PAY-22", bag="F-000001", **given)
    assert cash(run, hall.kiosk) == BAG_FEN
    assert len(hall.says(notes=[]).bags) == 1


def test_a_bag_whose_answer_was_lost_is_asked_for_again(hall: Hall) -> None:
    sheet = hall.loaded()
    again = hall.kiosk.ask("KSK-32", sheet=sheet, again=True, **hall.tickets())
    assert (again.amount_fen, again.notes.pieces) == (BAG_FEN, BAG)


def test_a_bag_must_add_up_and_have_a_number(hall: Hall) -> None:
    given = {"kiosk": hall.kiosk.id, "sheet": "S-9", "amount_fen": 10000}
    with pytest.raises(BagDiffers):
        hall.ask("PAY-22", bag="F-1", n5000=1, **given)
    with pytest.raises(BagUnnamed):
        hall.ask("PAY-22", n10000=1, **given)
    with pytest.raises(BagUnnamed):
        hall.ask("PAY-22", bag="F-1", **given)


def test_one_person_with_one_code_is_not_two(hall: Hall, clock: FixedClock) -> None:
    sheet = hall.bag()
    with pytest.raises(TwoPersons):
        hall.kiosk.ask("KSK-32", sheet=sheet, first=hall.ticket("1001"), second=hall.ticket("1001"))
    two = hall.tickets()
    clock.set(clock.now() + timedelta(minutes=31))
    with pytest.raises(TicketOver):
        hall.kiosk.ask("KSK-32", sheet=sheet, **two)


def test_a_ticket_of_another_kiosk_opens_nothing_here_nor_a_bag_of_another_kiosk(
    hall: Hall, run: Runner
) -> None:
    sheet, there = hall.bag(), Terminal(run, "00000002")
    with pytest.raises(TicketOver):
        there.ask("KSK-32", sheet=sheet, **hall.tickets())
    keeper = {"first": "1001", "second": "1002"}
    mine = {
        name: there.ask("KSK-33", keeper={"work": work, "code": CODES[work]}).ticket
        for name, work in keeper.items()
    }
    with pytest.raises(NoSuchBag):
        there.ask("KSK-32", sheet=sheet, **mine)


def test_what_lies_inside_and_what_was_paid_is_what_was_loaded(hall: Hall, card: Card, run: Runner) -> None:
    hall.loaded()
    hall.pay(card)
    left = dict(BAG) | {10000: BAG[10000] - 38, 100: BAG[100] - 47, 10: BAG[10] - 5, 1: BAG[1] - 2}
    assert sum(fen * n for fen, n in left.items()) == BAG_FEN - AMOUNT
    hall.says(notes=hall.lying(left))
    assert hall.differences() == []
    hall.says(notes=hall.lying(left | {10000: left[10000] - 1}, rejected={10000: 1}))
    assert hall.differences() == []
    hall.says(notes=hall.lying(left | {10000: left[10000] - 1}))
    [found] = hall.differences()
    assert str(BAG_FEN - AMOUNT) in found
    assert str(BAG_FEN - AMOUNT - 10000) in found
    assert hall.ask("KSK-Q31").kiosks[0].off_fen == -10000


@pytest.mark.parametrize(
    "busy", [{"open": 1}, {"outbox": 1}, {"doubts": ["0000000100010001"]}, {"notes": None}]
)
def test_while_something_is_under_way_nothing_is_said_of_the_cash(hall: Hall, busy: dict) -> None:
    hall.loaded()
    hall.says(**({"notes": hall.lying({10000: 1})} | busy))
    assert hall.differences() == []


def test_a_word_that_was_spoken_before_the_last_order_says_nothing_of_the_cash(
    hall: Hall, card: Card
) -> None:
    """A heartbeat on its way while a pension is paid: it counted what was there before."""
    hall.loaded()
    hall.kiosk.entries = iter(range(5000, 6000))
    hall.pay(card)
    hall.says(journal_seq=4000)
    assert hall.differences() == []


def test_a_count_that_agrees_is_kept_and_moves_nothing(hall: Hall, run: Runner) -> None:
    hall.loaded()
    hall.says(state="closed")
    found = count(hall, BAG)
    assert (found.difference_fen, found.book_fen, found.device_fen) == (0, BAG_FEN, BAG_FEN)
    with pytest.raises(NothingToDecide):
        hall.ask("KSK-45", count=found.count, way="income", reason="没有差额")
    assert hall.differences() == []


@pytest.mark.parametrize(
    ("more", "way", "account"),
    [
        (1, "income", "other_income"),
        (1, "owed", "temporary_receipts"),
        (-1, "written_off", "other_expense"),
        (-1, "repaid", "expenditure_deposit"),
    ],
)
def test_a_difference_is_booked_decided_by_two_and_ends_where_they_say(
    hall: Hall, run: Runner, more: int, way: str, account: str
) -> None:
    hall.loaded()
    hall.says(state="closed")
    there = BAG | {5000: BAG[5000] + more}
    before = run.system(lambda uow: ledger.balance(uow, accounts.other(uow, account)))
    found = count(hall, there)
    assert found.difference_fen == 5000 * more
    assert (cash(run, hall.kiosk), suspense(run, hall)) == (BAG_FEN + 5000 * more, 5000 * more)
    hall.says(state="closed", notes=hall.lying(there))
    assert hall.differences() == []
    assert hall.ask("KSK-Q31").kiosks[0].cases == 1
    wrong = {"income": "repaid", "owed": "written_off", "written_off": "income", "repaid": "owed"}[way]
    with pytest.raises(OtherWay):
        hall.ask("KSK-45", count=found.count, way=wrong, reason="查过")
    hall.decide("KSK-45", count=found.count, way=way, reason="监控已经看过")
    moved = run.system(lambda uow: ledger.balance(uow, accounts.other(uow, account))) - before
    assert (suspense(run, hall), moved) == (0, -5000 * more)
    assert hall.differences() == []
    assert [one.reason for one in hall.ask("KSK-Q34", state="decided").differences] == ["监控已经看过"]
    with pytest.raises(DecidedAlready):
        hall.ask("KSK-45", count=found.count, way=way, reason="再来一次")


def test_a_count_waits_for_orders_in_doubt_and_for_the_stop(hall: Hall, card: Card) -> None:
    hall.loaded()
    hall.says()
    with pytest.raises(StillServing):
        count(hall, BAG)
    visit = hall.kiosk.visit(card)
    opened = hall.kiosk.open(visit)
    hall.kiosk.confirm(visit, opened, card)
    hall.kiosk.report(opened.order, "unknown")
    hall.says(state="closed")
    with pytest.raises(OrdersHeld, match=opened.order):
        count(hall, BAG)
    hall.decide("PAY-21", order=opened.order, handed_out=False)
    assert count(hall, BAG).difference_fen == 0


def test_the_same_sheet_counts_once(hall: Hall, run: Runner) -> None:
    hall.loaded()
    hall.says(state="closed")
    short = BAG | {10000: 99}
    first = count(hall, short)
    assert count(hall, short) == first
    assert suspense(run, hall) == -10000
    with pytest.raises(SheetUsed):
        count(hall, BAG)


def test_what_is_booked_is_answered_again_whoever_asks(hall: Hall, run: Runner, clock: FixedClock) -> None:
    """The machine had no answer, and who stood before it has gone meanwhile."""
    sheet = hall.bag()
    tickets = hall.tickets()
    placed = hall.kiosk.ask("KSK-32", sheet=sheet, **tickets)
    taken = hall.kiosk.ask("KSK-35", sheet="T-1", n10000=3, **tickets)
    hall.says(state="closed")
    found = hall.kiosk.ask("KSK-34", sheet="C-1", **fields(BAG | {10000: BAG[10000] - 3}), **tickets)
    clock.set(clock.now() + timedelta(hours=1))
    with pytest.raises(TicketOver):
        hall.kiosk.ask("KSK-35", sheet="T-2", n10000=3, **tickets)
    assert hall.kiosk.ask("KSK-32", sheet=sheet, again=True, **tickets) == placed
    assert hall.kiosk.ask("KSK-35", sheet="T-1", n10000=3, **tickets) == taken
    again = hall.kiosk.ask("KSK-34", sheet="C-1", **fields(BAG | {10000: BAG[10000] - 3}), **tickets)
    assert again == found
    assert cash(run, hall.kiosk) == BAG_FEN - 30000


def test_bins_count_too(hall: Hall) -> None:
    hall.loaded()
    hall.says(state="closed")
    found = count(hall, BAG | {10000: 97}, rejected_fen=10000, retracted_fen=10000, caught_fen=10000)
    assert found.difference_fen == 0


def test_a_dead_kiosk_is_counted_at_the_desk_when_it_was_stopped_there(hall: Hall, run: Runner) -> None:
    hall.loaded()
    given = {"kiosk": hall.kiosk.id, "sheet": "D-1", **fields(BAG | {1: BAG[1] - 3})}
    with pytest.raises(StillServing):
        hall.decide("KSK-46", **given)
    hall.ask("KSK-41", kiosk=hall.kiosk.id, reason="坏了")
    hall.decide("KSK-46", **(given | {"sheet": "D-2"}))
    assert suspense(run, hall) == -3
    assert hall.differences() == []


@pytest.mark.parametrize("moves", ["in", "out"])
def test_a_count_at_the_desk_is_of_its_hour(hall: Hall, run: Runner, clock: FixedClock, moves: str) -> None:
    """What goes in or out before the second person approves would become a false difference."""
    hall.loaded()
    waits = hall.bag()
    hall.says(state="closed")
    hall.ask("KSK-41", kiosk=hall.kiosk.id, reason="坏了")
    given = {"kiosk": hall.kiosk.id, **fields(BAG)}
    filed = hall.ask("KSK-46", sheet="D-1", **given)
    clock.set(clock.now() + timedelta(minutes=5))
    if moves == "in":
        hall.kiosk.ask("KSK-32", sheet=waits, **hall.tickets())
    else:
        hall.kiosk.ask("KSK-35", sheet="T-1", n10000=1, **hall.tickets())
    with pytest.raises(MovedSince):
        hall.ask("CAS-01", "1002", no=filed.case_no, decision="approved", note="")
    assert suspense(run, hall) == 0


def test_a_day_that_no_kiosk_has_seen_and_a_clock_without_a_zone_are_refused(hall: Hall) -> None:
    for day in ("0001-01-01", "9950-01-01"):
        with pytest.raises(Invalid):
            hall.ask("KSK-Q33", kiosk=hall.kiosk.id, day=day)
    with pytest.raises(Invalid):
        hall.says(clock="2026-11-24T10:00:00")


def test_what_is_taken_out_goes_back_to_where_bags_come_from(hall: Hall, run: Runner) -> None:
    hall.loaded()
    hall.says(state="closed")
    free = run.system(lambda uow: ledger.balance(uow, accounts.expenditure(uow)))
    taken = {"sheet": "T-1", "n10000": 10}
    hall.kiosk.ask("KSK-35", **taken, **hall.tickets())
    hall.kiosk.ask("KSK-35", **taken, **hall.tickets())
    assert cash(run, hall.kiosk) == BAG_FEN - 100_000
    assert run.system(lambda uow: ledger.balance(uow, accounts.expenditure(uow))) == free + 100_000
    hall.says(state="closed", notes=hall.lying(BAG | {10000: BAG[10000] - 10}))
    assert hall.differences() == []
    with pytest.raises(SheetUsed):
        hall.kiosk.ask("KSK-35", **(taken | {"n10000": 11}), **hall.tickets())
    with pytest.raises(MoreThanThere):
        hall.kiosk.ask("KSK-35", sheet="T-2", n10000=1000, **hall.tickets())
    with pytest.raises(NothingThere):
        hall.kiosk.ask("KSK-35", sheet="T-3", **hall.tickets())


def test_the_days_sheet_adds_up(hall: Hall, card: Card, run: Runner, clock: FixedClock) -> None:
    hall.loaded()
    hall.pay(card)
    hall.says(state="closed")
    count(hall, BAG | {10000: BAG[10000] - 39})  # two notes more than the books' 38 and some coins
    day = hall.ask("KSK-Q33", kiosk=hall.kiosk.id, day=clock.today())
    assert (day.opening_fen, day.loaded_fen, day.paid_fen, day.paid) == (0, BAG_FEN, AMOUNT, 1)
    assert (
        day.closing_fen == day.opening_fen + day.loaded_fen - day.paid_fen - day.taken_fen + day.counted_fen
    )
    assert day.closing_fen == cash(run, hall.kiosk)
    before = hall.ask("KSK-Q33", kiosk=hall.kiosk.id, day=clock.today() - timedelta(days=1))
    assert (before.opening_fen, before.closing_fen, before.loaded_fen) == (0, 0, 0)
    after = hall.ask("KSK-Q33", kiosk=hall.kiosk.id, day=clock.today() + timedelta(days=1))
    assert (after.opening_fen, after.closing_fen) == (day.closing_fen, day.closing_fen)
