"""At retirement age an account moves between the schemes once, each fund's books with it; years count one way only."""

from __future__ import annotations

import pytest

from backend.kernel import ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.payout import service as payout
from backend.pension import service as pension
from backend.pension.model import Account
from backend.pension.residents import service as residents
from backend.pension.schema import AskMine
from backend.pension.transferring import bridging
from backend.pension.transferring import service as transferring
from backend.pension.transferring.schema import EndRelation, MoveScheme
from backend.pension.transferring.shown import SchemeMoved
from tests.backend.levy.town import at, carried_out
from tests.backend.payout.city import fund
from tests.backend.pension.movers import balance, leaver, stands
from tests.backend.pension.residents import village
from tests.backend.pension.test_service import WOMAN

# 19200.00, its interest of 2025, and 1.5 % of 19422.00 for 2026, and of that again for four months of 2027
LEFT_2025 = 1_942_200
LEFT = LEFT_2025 + 29_133
LAST = 9_857


def move(run: Runner, direction: str) -> SchemeMoved:
    command = MoveScheme.model_validate({"ident": WOMAN, "direction": direction, "document": "申1"})
    return run.system(transferring.move, command)


def agrees(run: Runner) -> bool:
    checks = (pension.check, transferring.check, residents.check, ledger.check)
    return [one for check in checks for one in run.system(check)] == []


def test_too_few_months_take_account_and_months_to_the_residents(run: Runner, clock: FixedClock) -> None:
    fund(run)
    person = leaver(run, WOMAN)
    with pytest.raises(bridging.NotYetOfAge, match="2027-03-10"):
        move(run, "to_residents")
    at(clock, 2027, 4, 8)
    with pytest.raises(bridging.TooFewToTake, match="不满 180 个月"):
        move(run, "to_employees")
    before = stands(run, "expenditure_deposit")
    carried_out(run, "PEN-69", MoveScheme(ident=WOMAN, direction="to_residents", document="申1"))
    amount = LEFT + LAST
    assert balance(run, person) == 0
    assert run.system(pension.mine, AskMine(ident=WOMAN)).status == "终止"
    assert before - stands(run, "expenditure_deposit") == amount == stands(run, "transfer_expense")
    told = village.mine(run, WOMAN)
    assert (told.months, told.balance_fen) == (24, amount)
    assert -village.booked(run, "transfer_income") == amount
    assert agrees(run)
    with pytest.raises(bridging.MovedSchemeAlready):
        move(run, "to_residents")


def test_who_ends_the_relation_is_paid_the_account_once_and_the_months_count_no_more(
    run: Runner, clock: FixedClock
) -> None:
    fund(run)
    person = leaver(run, WOMAN)
    asked = EndRelation(ident=WOMAN, document="申1", confirmed=True)
    with pytest.raises(bridging.NotYetOfAge, match="2027-03-10"):
        run.system(transferring.end, asked)
    at(clock, 2027, 4, 8)
    with pytest.raises(bridging.NotConfirmed):
        run.system(transferring.end, EndRelation(ident=WOMAN, document="申1"))
    carried_out(run, "PEN-74", asked)
    amount = LEFT + LAST
    assert balance(run, person) == 0
    mine = run.system(pension.mine, AskMine(ident=WOMAN))
    assert (mine.status, mine.months_paid) == ("终止", 0)
    [owed] = [one for one in run.system(payout.of_person, person, 10) if one.item == bridging.OUT_OF_ACCOUNT]
    assert (owed.amount_fen, owed.state) == (amount, "payable")
    assert agrees(run)
    with pytest.raises(bridging.MovedSchemeAlready):
        run.system(transferring.end, asked)
    with pytest.raises(bridging.MovedSchemeAlready):
        move(run, "to_residents")


def test_who_has_enough_months_does_not_end_the_relation(run: Runner, clock: FixedClock) -> None:
    fund(run)
    person = leaver(run, WOMAN)
    at(clock, 2027, 4, 8)
    run.system(lambda uow: setattr(uow.session.get_one(Account, person), "months_paid", 180))
    with pytest.raises(bridging.EnoughMonths, match="也不能终止关系"):
        run.system(transferring.end, EndRelation(ident=WOMAN, document="申1", confirmed=True))


def test_enough_months_take_the_residents_account_along_but_not_its_years(
    run: Runner, clock: FixedClock
) -> None:
    fund(run)
    village.fund(run)
    person = leaver(run, WOMAN)
    village.enrol(run, WOMAN)
    village.pay(run, WOMAN, 2026)
    at(clock, 2027, 4, 8)
    run.system(lambda uow: setattr(uow.session.get_one(Account, person), "months_paid", 180))
    with pytest.raises(bridging.EnoughMonths, match="已满 180 个月"):
        move(run, "to_residents")
    before = balance(run, person)
    moved = move(run, "to_employees")
    assert moved.amount_fen > 56_000, "what was paid with its subsidy, and interest"
    assert balance(run, person) - before == moved.amount_fen
    assert run.system(pension.mine, AskMine(ident=WOMAN)).months_paid == 180
    assert village.mine(run, WOMAN).balance_fen == 0
    assert stands(run, "transfer_income") == moved.amount_fen == village.booked(run, "transfer_expense")
    assert agrees(run)
