"""Books 账簿 as statements read them: a fund's trial balance by kind of account, and its income and expense by month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backend.accounting.rules import standing
from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.kernel.funds import AccountKind, Fund, chart
from backend.kernel.period import Month

RESULT = ("income", "expense")


@dataclass(frozen=True)
class Stand:
    """One kind of account of a fund in a month, its owners together; debits less credits."""

    kind: AccountKind
    opening_fen: int
    debit_fen: int
    credit_fen: int

    @property
    def closing_fen(self) -> int:
        return self.opening_fen + self.debit_fen - self.credit_fen


def kinds_of(fund: Fund) -> Iterator[AccountKind]:
    """The chart of one fund, in the order of its codes."""
    return (kind for kind in chart().values() if fund in kind.funds)


def stands(lines: Iterable[ledger.TrialLine], fund: Fund, area: str) -> tuple[Stand, ...]:
    """What a trial balance says of one fund and area, by kind, in the order of the codes."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for line in lines:
        if (line.account.fund, line.account.area) == (fund, area):
            held = sums[line.account.kind]
            for at, fen in enumerate((line.opening_fen, line.debit_fen, line.credit_fen)):
                held[at] += fen
    return tuple(Stand(kind, *sums[kind.kind]) for kind in kinds_of(fund) if kind.kind in sums)


def flows(uow: Uow, fund: Fund, area: str, first: Month, last: Month) -> dict[tuple[str, Month], int]:
    """Income and expense by kind and month, each in its own direction; the carrying of a year is left out."""
    accounts = [one for one in ledger.accounts_of(uow, fund, area) if chart()[one.kind].element in RESULT]
    found: dict[tuple[str, Month], int] = defaultdict(int)
    for moved in ledger.movements(uow, accounts, first, last):
        normal = chart()[moved.account.kind].normal
        found[moved.account.kind, moved.month] += standing(normal, moved.debit_fen - moved.credit_fen)
    return found
