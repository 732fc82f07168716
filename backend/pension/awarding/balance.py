"""储存额: what an account holds at the month of retirement, with the interest of years that are not settled yet.

劳办发〔1997〕116号: in the year of retirement interest runs to that month; where the year's rate is not published, by the
last one that is, made good later. It is worked out by the rule of the yearly interest (`interest`), so what the account
is given when the year is settled begins with the same fen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.kernel.rules import Step, Steps
from backend.pension.books import EMPLOYEES, Books
from backend.pension.interest import terms_or_last
from backend.pension.model import Yearly
from backend.pension.rules.interest import YEAR, Booked, year_fen

LAW = "劳办发〔1997〕116号"
QUIET = (0,) * YEAR


@dataclass(frozen=True)
class Running:
    """What a year that is not settled bears until the month of retirement, or whole; `own`: by its own rate."""

    year: int
    opening: Money
    months: int
    rate: str
    own: bool
    fen: int


@dataclass(frozen=True)
class Held:
    """`settled`: what was paid in, with the interest that has been given; `years`: interest since, to the month of
    retirement. `beyond`: months paid after the month of retirement, which count for nothing."""

    settled: Money
    years: tuple[Running, ...] = ()
    beyond: int = 0

    @property
    def running(self) -> Money:
        return Money(sum(one.fen for one in self.years))

    @property
    def rate(self) -> str:
        """By which the newest of it is counted."""
        return self.years[-1].rate if self.years else ""

    @property
    def interim_year(self) -> int | None:
        """Whose own rate is not published yet, the first of them."""
        return next((one.year for one in self.years if not one.own), None)

    @property
    def total(self) -> Money:
        return self.settled + self.running

    @property
    def interim(self) -> bool:
        return self.interim_year is not None

    def steps(self, law: str = LAW, *, resident: bool = False) -> tuple[Step, ...]:
        """Nothing to explain where no interest is running."""
        if not self.running:
            return ()
        steps = Steps()
        for one in self.years:
            rate = f"记账利率 {one.rate}" if one.own else f"最近公布的记账利率 {one.rate}"
            formula = f"年初 {one.opening.text} × {rate} × {one.months}÷12，当年记入的从记入当月起计息"
            name = f"{one.year} 年的利息"
            steps.add(name, formula, Money(one.fen).text, law)
        added = " + ".join(Money(one.fen).text for one in self.years)
        if resident:
            steps.add("计到开始领取前一个月的利息", added, self.running.text, law)
        else:
            steps.add("计到退休当月的利息", added, self.running.text, law)
        formula = f"本金和已结的利息 {self.settled.text} + 以后的利息 {self.running.text}"
        steps.add("个人账户储存额", formula, self.total.text, law)
        return steps.all()


def at_retirement(
    years: Sequence[Yearly],
    retired: Month,
    *,
    beyond: tuple[int, Money] = (0, ZERO),
    drawn: Sequence[int] = QUIET,
    taken: Mapping[Month, int] | None = None,
    books: Books = EMPLOYEES,
) -> Held:
    """`years`: the account's, in order. Who was decided later than they retired has had further years: what came in
    counts, what was given or paid since does not. `beyond`: months after the retirement month, and what they brought;
    `drawn`: what pensions took out of the account in each month of the retirement year; `taken`: what a disability
    allowance before it took in each month, in fen, which is gone."""
    if not years:
        return Held(ZERO)
    settled, known, running = years[0].opening, {row.year: row for row in years}, list[Running]()
    gone = Counter[int]()
    for booked, fen in (taken or {}).items():
        gone[booked.year] += fen if booked <= retired else 0
    for year in range(years[0].year, retired.year + 1):
        row, months = known.get(year), YEAR if year < retired.year else retired.month
        if row is not None and row.rate is not None and year < retired.year:
            settled += row.interest + row.credited - Money(gone[year])
            continue
        moved = row.moved if row else QUIET
        if year == retired.year:
            moved = [fen + out for fen, out in zip(moved, drawn, strict=True)]
        paid_in = row.credited if row else ZERO
        if terms := terms_or_last(year, books):
            opening = settled + Money(sum(one.fen for one in running))
            bears = max(0, year_fen(terms.by, Booked(opening.fen, moved, paid_in.fen, gone[year]), months))
            running.append(Running(year, opening, months, terms.rate, terms.year == year, bears))
        settled += paid_in - Money(gone[year])
    later = sum((row.credited for row in years if row.year > retired.year), ZERO)
    return Held(settled + later - beyond[1], tuple(running), beyond[0])
