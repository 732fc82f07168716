"""Two funds, two areas and two kiosks, with money in the expenditure account and in one kiosk."""

from __future__ import annotations

from dataclasses import dataclass

from backend.kernel import ledger
from backend.kernel.db import Runner, Uow
from backend.kernel.period import Month

OCTOBER, NOVEMBER, DECEMBER = Month(2026, 10), Month(2026, 11), Month(2026, 12)
AREA = "310000"


@dataclass(frozen=True)
class World:
    """Account numbers."""

    expense: int
    payable: int
    clearing: int
    expenditure: int
    treasury: int
    cash: int
    other_cash: int
    medical: int
    elsewhere: int


def accounts(uow: Uow) -> World:
    def of(kind: str, owner: str | None = None, fund: str = "pension", area: str = AREA) -> int:
        return ledger.account(uow, fund, area, kind, owner)

    return World(
        expense=of("benefit_expense"),
        payable=of("benefit_payable"),
        clearing=of("bank_clearing"),
        expenditure=of("expenditure_deposit"),
        treasury=of("treasury_deposit"),
        cash=of("cash", "00000001"),
        other_cash=of("cash", "00000002"),
        medical=of("expenditure_deposit", fund="medical"),
        elsewhere=of("expenditure_deposit", area="440100"),
    )


def post(uow: Uow, key: str, *lines: tuple[int, int, int], month: Month = NOVEMBER) -> int:
    return ledger.post(
        uow,
        month=month,
        document="test",
        key=key,
        lines=[ledger.Line(*line) for line in lines],
        maker="maker",
        checker="checker",
    )


def a_world(run: Runner) -> World:
    """1,000 yuan in the expenditure account, 100 in the first kiosk, 500 owed."""

    def begin(uow: Uow) -> World:
        world = accounts(uow)
        post(
            uow,
            "opening",
            (world.expenditure, world.treasury, 1_100_00),
            (world.cash, world.expenditure, 100_00),
            (world.expense, world.payable, 500_00),
        )
        return world

    return run(begin)
