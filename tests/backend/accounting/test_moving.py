"""Money moves between a fund's own deposits and between levels, never beyond what an account holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from backend.accounting.moving import ROUTES, NotSuperior, move_funds
from backend.accounting.schema import MoveFunds
from backend.kernel import ledger
from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.db import Runner, Uow
from backend.kernel.db import engine as connect
from backend.kernel.funds import Fund
from backend.kernel.pooling import BeyondReach
from backend.kernel.review import Decide, review
from backend.kernel.sentences import Invalid
from tests.backend.accounting.world import AREA, CLERK, FIRST, NOVEMBER, OCTOBER, ask, book, done
from tests.backend.people import officer
from tests.conftest import Fresh


@pytest.fixture(autouse=True)
def world(run: Runner) -> None:
    run(
        book,
        NOVEMBER,
        (
            ("receipts_deposit", "contribution_income", 1_000_00),
            ("state_treasury_deposit", "contribution_income", 500_00),
        ),
    )


def move(run: Runner, way: str, amount: str, slip: str = "S-1", **more: Any) -> Any:
    return done(run, "FIN-03", fund="pension", way=way, amount=amount, slip=slip, **more)


def holds(run: Runner, kind: str, fund: str = "pension", area: str = AREA) -> int:
    def look(uow: Uow) -> int:
        return sum(
            ledger.balance(uow, one.id)
            for one in ledger.accounts_of(uow, Fund(fund), area)
            if one.kind == kind
        )

    return run(look)


def test_money_goes_the_whole_way_and_back(run: Runner) -> None:
    told = move(run, "receipts_to_treasury", "1000.00", "S-1")
    assert (told.left_fen, told.holds_fen) == (0, 1_000_00)
    move(run, "state_treasury_to_treasury", "500", "S-2")
    move(run, "treasury_to_expenditure", "300.50", "S-3")
    move(run, "expenditure_to_treasury", "0.50", "S-4")
    assert holds(run, "treasury_deposit") == 1_200_00
    assert holds(run, "expenditure_deposit") == 300_00
    assert run(ledger.check) == []


@pytest.mark.parametrize("way", ROUTES)
def test_no_account_is_drawn_beyond_what_it_holds(run: Runner, way: str) -> None:
    before = {kind: holds(run, kind) for route in ROUTES.values() for kind in route}
    with pytest.raises(ledger.Overdrawn):
        move(run, way, "1000.01")
    assert {kind: holds(run, kind) for kind in before} == before


def test_what_is_held_for_another_purpose_is_not_moved(run: Runner) -> None:
    def reserve(uow: Uow) -> None:
        receipts = ledger.account(uow, "pension", AREA, "receipts_deposit")
        spent = ledger.account(uow, "pension", AREA, "other_expense")
        ledger.reserve(uow, key="refund", debit=spent, credit=receipts, fen=1, month=NOVEMBER)

    run(reserve)
    with pytest.raises(ledger.Overdrawn):
        move(run, "receipts_to_treasury", "1000.00")
    assert move(run, "receipts_to_treasury", "999.99").left_fen == 1


def test_a_slip_is_booked_once(run: Runner) -> None:
    first = move(run, "receipts_to_treasury", "600")
    assert move(run, "receipts_to_treasury", "600").batch == first.batch
    assert holds(run, "receipts_deposit") == 400_00
    with pytest.raises(ledger.AlreadyPosted):
        move(run, "receipts_to_treasury", "100")


def test_a_move_is_booked_in_a_month_that_is_open(run: Runner) -> None:
    with pytest.raises(ledger.PeriodNotOpen, match="2026-10"):
        move(run, "receipts_to_treasury", "1", month="2026-10")
    run(ledger.open_period, OCTOBER)
    move(run, "receipts_to_treasury", "1", month="2026-10")
    [line] = ask(
        run,
        "FIN-Q4",
        fund="pension",
        kind="treasury_deposit",
        first_month="2026-10",
        last_month="2026-10",
    ).entries
    assert (line.document, line.debit_fen) == ("资金划转", 1_00)


@pytest.mark.parametrize("amount", ["0", "-1", "1.001", "many"])
def test_an_amount_is_whole_fen_above_nothing(run: Runner, amount: str) -> None:
    with pytest.raises(Invalid):
        move(run, "receipts_to_treasury", amount)


def test_an_officer_of_a_part_moves_nothing_of_the_whole(run: Runner) -> None:
    part = officer("officer:9", "财务", area="310115")
    filed = ask(run, "FIN-03", part, fund="pension", way="receipts_to_treasury", amount="1", slip="S-9")
    with pytest.raises(BeyondReach):
        run.by(FIRST)(review, Decide(no=filed.case_no, decision="approved"))


# ---- between levels ----


def pool(run: Runner, maker: Actor = CLERK, **more: Any) -> Any:
    told = {
        "fund": "pension",
        "direction": "up",
        "payer": AREA,
        "receiver": "000000",
        "amount": "100",
        "slip": "T-1",
    } | more
    return done(run, "FIN-05", maker, **told)


def funded(run: Runner, area: str = AREA) -> None:
    run(book, NOVEMBER, (("expenditure_deposit", "fund_balance", 1_000_00),), f"funded/{area}", area=area)


def test_a_city_remits_and_books_its_own_side_only(run: Runner) -> None:
    funded(run)
    told = pool(run)
    assert told.paid is not None
    assert told.received is None
    assert holds(run, "superior_remittance_expense") == 100_00
    assert holds(run, "expenditure_deposit") == 900_00
    assert holds(run, "inferior_remittance_income", area="000000") == 0


def test_who_keeps_both_books_books_both_sides(run: Runner) -> None:
    funded(run, "310115")
    told = pool(run, payer="310115", receiver=AREA)
    assert told.paid is not None
    assert told.received is not None
    assert holds(run, "inferior_remittance_income") == -100_00
    assert holds(run, "superior_remittance_expense", area="310115") == 100_00
    assert pool(run, payer="310115", receiver=AREA) == told  # once a slip
    assert run(ledger.check) == []


def test_a_subsidy_goes_down(run: Runner) -> None:
    funded(run)
    pool(run, direction="down", payer=AREA, receiver="310115", amount="30.05")
    assert holds(run, "inferior_subsidy_expense") == 30_05
    assert holds(run, "superior_subsidy_income", area="310115") == -30_05
    assert holds(run, "receipts_deposit", area="310115") == 30_05


def test_a_city_books_what_came_from_above(run: Runner) -> None:
    told = pool(run, direction="down", payer="000000", receiver=AREA)
    assert told.paid is None
    assert holds(run, "superior_subsidy_income") == -100_00


def test_no_level_remits_what_it_does_not_have(run: Runner) -> None:
    with pytest.raises(ledger.Overdrawn):
        pool(run)


@pytest.mark.parametrize(
    ("direction", "payer", "receiver"),
    [
        ("up", "000000", AREA),
        ("down", AREA, "000000"),
        ("up", AREA, AREA),
        ("up", AREA, "440000"),
        ("down", "310115", "310101"),
    ],
)
def test_money_is_pooled_between_a_level_and_one_above_it(
    run: Runner, direction: str, payer: str, receiver: str
) -> None:
    with pytest.raises(NotSuperior):
        pool(run, direction=direction, payer=payer, receiver=receiver)


def test_who_keeps_neither_books_books_nothing(run: Runner) -> None:
    with pytest.raises(BeyondReach):
        pool(run, payer="440100", receiver="440000")


def test_two_that_would_overdraw_together_do_not(fresh: Fresh) -> None:
    """Both ask at once for most of what there is: one waits for the other, and is refused."""
    pool = connect(fresh(), size=4)
    crowd = Runner(sessionmaker[Session](bind=pool, expire_on_commit=False), actor=SYSTEM)
    month = crowd(ledger.this_month)
    crowd(book, month, (("receipts_deposit", "contribution_income", 1_000_00),))
    start = Barrier(4)

    def draw(slip: str) -> bool:
        def move(uow: Uow) -> None:
            command = MoveFunds.model_validate(
                {"fund": "pension", "way": "receipts_to_treasury", "amount": "600", "slip": slip}
            )
            move_funds(replace(uow, approvers=("checker",)), command)

        start.wait()
        try:
            crowd(move)
        except ledger.Overdrawn:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(draw, "ABCD")) == [False, False, False, True]
    assert holds(crowd, "receipts_deposit") == 400_00
    assert crowd(ledger.check) == []
    pool.dispose()
