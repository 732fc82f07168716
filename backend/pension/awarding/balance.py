"""储存额: what an account holds at the month of retirement, with the interest of years that are not settled yet.

劳办发〔1997〕116号: in the year of retirement interest runs to that month; where the year's rate is not published, by the
last one that is, made good later. It is worked out by the rule of the yearly interest (`interest`), so what the account
is given when the year is settled begins with the same fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.kernel.rules import Step, Steps
from backend.pension.interest import Terms, terms_or_last
from backend.pension.model import AccountYear
from backend.pension.rules.interest import YEAR, Booked, year_fen

LAW = "劳办发〔1997〕116号"
QUIET = (0,) * YEAR


@dataclass(frozen=True)
class Held:
    """`settled`: what was paid in, with the interest that has been given; `running`: interest since, to the month of
    retirement; `rate`: by which the newest of it is counted; `interim_year`: whose own rate is not published yet.
    `beyond`: months paid after the month of retirement, which count for nothing."""

    settled: Money
    running: Money
    rate: str = ""
    interim_year: int | None = None
    beyond: int = 0

    @property
    def total(self) -> Money:
        return self.settled + self.running

    @property
    def interim(self) -> bool:
        return self.interim_year is not None

    def steps(self) -> tuple[Step, ...]:
        """Nothing to explain where no interest is running."""
        if not self.running:
            return ()
        steps = Steps()
        named = "最近公布的记账利率" if self.interim else "记账利率"
        steps.add("计到退休当月的利息", f"按{named} {self.rate} 计算", self.running.text, LAW)
        formula = f"本金和已结的利息 {self.settled.text} + 计到退休当月的利息 {self.running.text}"
        steps.add("个人账户储存额", formula, self.total.text, LAW)
        return steps.all()


def at_retirement(
    years: Sequence[AccountYear],
    retired: Month,
    *,
    beyond: tuple[int, Money] = (0, ZERO),
    drawn: Sequence[int] = QUIET,
) -> Held:
    """`years`: the account's, in order. Who was decided later than they retired has had further years: what came in
    counts, what was given or paid since does not. `beyond`: months after the retirement month, and what they brought;
    `drawn`: what pensions took out of the account in each month of the retirement year."""
    if not years:
        return Held(ZERO, ZERO)
    settled, running, known = years[0].opening.fen, 0, {row.year: row for row in years}
    used: list[tuple[Terms, int | None]] = []
    for year in range(years[0].year, retired.year + 1):
        row, months = known.get(year), YEAR if year < retired.year else retired.month
        if row is not None and row.rate is not None and year < retired.year:
            settled += row.interest.fen + row.credited.fen
            continue
        moved = row.moved if row else QUIET
        if year == retired.year:
            moved = [fen + out for fen, out in zip(moved, drawn, strict=True)]
        paid_in = row.credited.fen if row else 0
        if terms := terms_or_last(year):
            booked = Booked(settled + running, moved, paid_in, 0)
            running += max(0, year_fen(terms.by, booked, months))
            used.append((terms, year if terms.year != year else None))
        settled += paid_in
    settled += sum(row.credited.fen for row in years if row.year > retired.year) - beyond[1].fen
    waits = next((year for _, year in used if year), None)
    rate = used[-1][0].rate if used else ""
    return Held(Money(settled), Money(running), rate, waits, beyond[0])
