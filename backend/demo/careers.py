"""Careers 缴费经历: spells of work, bases within the limits, the account year by year.

Bases change once a year in July, as the limits do, so a career is told in stretches of one base;
`contributions` opens them into months. Amounts are whole fen; indices are ten-thousandths.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from random import Random
from typing import NamedTuple

from backend.demo.companies import Employer
from backend.demo.occupations import RANK, Family, Occupations
from backend.demo.people import SCHOOLED, Person, month_text
from backend.demo.series import MILLIONTHS, WHOLE, Terms
from backend.kernel.period import Month
from backend.pension.rules.index import month_index
from backend.pension.rules.interest import monthly_product_fen

MIN_MONTHS = 180  # 最低缴费年限 of all who have retired by now
MIGRANT_SINCE = 1994 * 12
NEW_BASE = 6  # July, counted from January = 0
CITY_WAGE_FEN = 1_243_400  # 演示: the average wage in whose terms the families' pay is told
GAP_CHANCE, GAP_MONTHS, GAPS_MONTHS = 0.25, 8, 40  # how often between jobs, how long each, how long in all
SPELL_MONTHS = 6, 330  # the shortest job and about the longest
SETTLED_YEARS = 20  # pay grows for so many years
FLEXIBLE_LAST, FLEXIBLE_MONTHS = 0.15, 120  # retirees who ended as flexible workers, and for how long at most
SEEKING_MONTHS = 18
SIXTEEN_MONTHS = 16 * 12  # 未满十六周岁 nobody may be employed


class Spell(NamedTuple):
    """One job, or one time as a flexible worker (`employer` is None)."""

    employer: int | None
    occupation: str
    started: str  # YYYY-MM
    ended: str  # YYYY-MM, empty while it lasts


class Stretch(NamedTuple):
    """Months in a row on one base, paid by one employer."""

    employer: int | None
    started: str
    ended: str
    months: int
    base_fen: int


class Year(NamedTuple):
    """个人账户年度记账: closing = opening + credited + interest - paid. `moved`: credits less payments by month;
    `rate` as the table has it: 0 where the year's interest was given before our books, none where it is not yet."""

    year: int
    months: int
    opening_fen: int
    credited_fen: int
    interest_fen: int
    paid_fen: int
    closing_fen: int
    rate: int | None
    moved: list[int]


class Contribution(NamedTuple):
    """One month paid in full; of who insures themselves both shares are their own, as in our books."""

    person: int
    month: str
    employer: int | None
    base_fen: int
    person_fen: int
    employer_fen: int
    credited_fen: int
    wage_index: int  # ten-thousandths


@dataclass(frozen=True, slots=True)
class Career:
    """What a person's working life leaves in the books."""

    person: int
    opened: str  # the account's first month, empty for those who retired before there were accounts
    retired: str  # YYYY-MM, empty while working
    spells: tuple[Spell, ...]
    stretches: tuple[Stretch, ...]
    years: tuple[Year, ...]
    months_paid: int
    deemed: tuple[tuple[str, str], ...]  # 视同缴费: continuous work before there were accounts, from and to
    index_sum: int  # the sum of every paid month's index, ten-thousandths

    @property
    def balance_fen(self) -> int:
        """The account when it was last closed, with this year's credits."""
        return self.years[-1].closing_fen if self.years else 0

    @property
    def deemed_months(self) -> int:
        return sum(parse(last) - parse(first) + 1 for first, last in self.deemed)

    @property
    def average_index(self) -> int:
        """Ten-thousandths, half up; work before there were accounts counts as paid on the average wage."""
        if not self.months_paid:
            return WHOLE
        return (2 * self.index_sum + self.months_paid) // (2 * self.months_paid)


def share_fen(base_fen: int, rate: int) -> int:
    """A share of a base, half up to the fen.

    >>> share_fen(754_655, 800)
    60372
    """
    return (base_fen * rate + WHOLE // 2) // WHOLE


class Calendar:
    """The terms laid out by month, looked up once for a whole city."""

    def __init__(self, terms: Terms, today: date) -> None:
        self.since = terms.since.year * 12 + terms.since.month - 1
        self.now = today.year * 12 + today.month - 1
        self.interest = terms.interest
        months = [terms.since + n for n in range(self.now - self.since + 1)]
        self.limits = [terms.base_limits(month) for month in months]
        self.wages = [terms.average_wage(month) for month in months]
        self.shares = [terms.shares(month) for month in months]
        self.cuts = self._cuts()

    def _cuts(self) -> list[int]:
        """The months in which a base may change."""
        known = list(zip(self.limits, self.wages, strict=True))
        return [
            self.since + n
            for n in range(1, len(known))
            if known[n] != known[n - 1] or (self.since + n) % 12 == NEW_BASE
        ]

    def stretches(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """The months from first to last, cut where a base may change."""
        inside = self.cuts[bisect(self.cuts, first) : bisect(self.cuts, last)]
        return ((a, b - 1) for a, b in pairwise([first, *inside, last + 1]))

    def rate(self, year: int) -> int:
        """A year's rate; while it is not published, the last one known."""
        return self.interest[max(known for known in self.interest if known <= year)]


class Market:
    """Who employs whom: employers by industry, each as likely as it is large."""

    def __init__(self, employers: Sequence[Employer], occupations: Occupations) -> None:
        self.occupations = occupations
        self.employers = employers
        self.sizes = list(accumulate(one.size for one in employers))

    def employer(self, rng: Random) -> Employer:
        return self.employers[bisect(self.sizes, rng.random() * self.sizes[-1])]

    def post(self, rng: Random, education: str, family: Family | None) -> tuple[Employer, Family, str]:
        """An employer, and there an occupation that fits the schooling and, if possible, the trade learnt."""
        employer = self.employer(rng)
        known = self.occupations.of(employer.section, employer.division)
        if family is None or family not in known or rng.random() < 0.35:
            fit = tuple(one for one in known if RANK[one.education] <= RANK[education]) or known
            family = fit[int(rng.random() * len(fit))]
        return employer, family, family.occupations[int(rng.random() * len(family.occupations))].code


class Teller:
    """Tells the career of one person after another, each from a source of chance of its own."""

    def __init__(self, seed: int | str, market: Market, calendar: Calendar) -> None:
        self.seed = seed
        self.market = market
        self.calendar = calendar

    def career(self, person: Person) -> Career | None:
        """The person's career, or None for those who have not begun to work."""
        if person.life in {"child", "student"}:
            return None
        rng = Random(f"career:{self.seed}:{person.ident}")  # noqa: S311 - a demo city is drawn, not guarded
        first, last = self.span(person, rng)
        jobs = list(self.jobs(person, first, last, rng))
        paid = [part for job in jobs for part in self.paid(job, first, rng)]
        retired = parse(person.retired) if person.retired else None
        years = tuple(self.years(paid, retired))
        ongoing = person.life in {"working", "flexible"}
        return Career(
            person=person.key,
            opened=month_text(paid[0].first) if paid else "",
            retired=person.retired,
            spells=tuple(
                Spell(
                    job.employer,
                    job.occupation,
                    month_text(job.first),
                    "" if ongoing and job is jobs[-1] else month_text(job.last),
                )
                for job in jobs
            ),
            stretches=tuple(
                Stretch(one.employer, month_text(one.first), month_text(one.last), one.months, one.base_fen)
                for one in paid
            ),
            years=years,
            months_paid=sum(one.months for one in paid),
            deemed=tuple(
                (month_text(job.first), month_text(min(job.last, self.calendar.since - 1)))
                for job in jobs
                if job.first < self.calendar.since
            ),
            index_sum=sum(one.months * self.index(one) for one in paid),
        )

    def span(self, person: Person, rng: Random) -> tuple[int, int]:
        """The first and last month of work in the city."""
        born = person.birth.year * 12 + person.birth.month - 1
        left_school = person.birth.year + SCHOOLED.get(person.education, 16)
        first = left_school * 12 + NEW_BASE + int(rng.random() * 12)
        first = max(first, born + SIXTEEN_MONTHS + 1)
        if not person.ident.startswith(person.area[:2]):
            first = max(first, MIGRANT_SINCE + int(rng.random() * 288))
        last = self.calendar.now - 1
        if person.retired:
            last = parse(person.retired)
            first = min(first, last - MIN_MONTHS - GAPS_MONTHS)
        elif person.life == "unemployed":
            last -= 1 + int(rng.random() * SEEKING_MONTHS)
        return min(first, last), last

    def jobs(self, person: Person, first: int, last: int, rng: Random) -> Iterator[Job]:
        """Jobs one after another, with gaps between some, to the last month."""
        flexible = last + 1
        if person.life == "flexible" or (person.life == "retired" and rng.random() < FLEXIBLE_LAST):
            flexible = max(first, last - int(rng.random() * FLEXIBLE_MONTHS))
        family: Family | None = None
        spare = GAPS_MONTHS
        shortest, longest = SPELL_MONTHS
        while first < flexible:
            end = min(first + shortest + int(longest * rng.random() * rng.random()), flexible - 1)
            if flexible - end <= shortest:
                end = flexible - 1
            employer, family, occupation = self.market.post(rng, person.education, family)
            yield Job(employer.key, occupation, first, end, self.level(family, rng))
            gap = 1 + int(rng.random() * GAP_MONTHS) if rng.random() < GAP_CHANCE else 0
            gap = gap if gap <= min(spare, flexible - end - 1 - shortest) else 0
            spare -= gap
            first = end + 1 + gap
        if flexible <= last:
            choice = rng.random()
            yield Job(None, "", flexible, last, 0 if choice < 0.7 else 6_000 + int(choice * 5_000))

    @staticmethod
    def level(family: Family, rng: Random) -> int:
        """What a job pays, as a share of the average wage in ten-thousandths."""
        usual = (family.pay_low_fen + family.pay_high_fen) * WHOLE // (2 * CITY_WAGE_FEN)
        return usual * (70 + int(30 * rng.random()) + int(35 * rng.random())) // 100

    def paid(self, job: Job, began: int, rng: Random) -> Iterator[Paid]:
        """The months of a job that were paid, each stretch on the base of its year, within the limits."""
        calendar = self.calendar
        first = max(job.first, calendar.since)
        if first > job.last:
            return
        for a, b in calendar.stretches(first, job.last):
            floor, ceiling = calendar.limits[a - calendar.since]
            settled = 80 + 35 * min((a - began) // 12, SETTLED_YEARS) // SETTLED_YEARS
            wage = calendar.wages[a - calendar.since] * job.level // WHOLE * settled // 100
            wage = wage * (97 + int(7 * rng.random())) // 100 // 100 * 100  # whole yuan, a little up or down
            yield Paid(job.employer, a, b, max(floor, min(wage, ceiling)))

    def index(self, paid: Paid) -> int:
        """A month's index: its base as a share of the average wage, half up, ten-thousandths."""
        return month_index(paid.base_fen, self.calendar.wages[paid.first - self.calendar.since])

    def years(self, paid: Sequence[Paid], retired: int | None) -> Iterator[Year]:
        """The account year by year, to retirement or to this year, which bears no interest before it ends."""
        if not paid:
            return
        calendar = self.calendar
        credits: dict[int, list[int]] = {}
        for one in paid:
            known = {}  # a stretch is credited at one rate, or at two where the law changed within it
            for month in range(one.first, one.last + 1):
                rate = calendar.shares[month - calendar.since].credited
                if rate not in known:
                    known[rate] = share_fen(one.base_fen, rate)
                credits.setdefault(month // 12, [0] * 12)[month % 12] = known[rate]
        balance = 0
        end = calendar.now if retired is None else retired
        for year in range(paid[0].first // 12, end // 12 + 1):
            monthly = credits.get(year, [0] * 12)
            until = 12 if year < end // 12 else 0 if retired is None else end % 12 + 1
            interest = monthly_product_fen(balance, monthly, calendar.rate(year) * MILLIONTHS, until)
            credited = sum(monthly)
            closing = balance + credited + interest
            given = 0 if year < calendar.now // 12 else None
            yield Year(
                year, sum(map(bool, monthly)), balance, credited, interest, 0, closing, given, list(monthly)
            )
            balance = closing


class Job(NamedTuple):
    """A spell with its months counted, and what it pays."""

    employer: int | None
    occupation: str
    first: int
    last: int
    level: int


class Paid(NamedTuple):
    """A stretch with its months counted."""

    employer: int | None
    first: int
    last: int
    base_fen: int

    @property
    def months(self) -> int:
        return self.last - self.first + 1


def parse(month: str) -> int:
    """A month counted from year nought.

    >>> parse("0001-02")
    13
    """
    return int(month[:4]) * 12 + int(month[5:]) - 1


def careers(
    seed: int | str,
    persons: Iterable[Person],
    employers: Sequence[Employer],
    occupations: Occupations,
    terms: Terms,
    today: date,
) -> Iterator[Career]:
    """The careers of those who have worked, in the order of the persons.

    A person's career depends on the seed, the person and the employers, not on who else is told.
    """
    teller = Teller(seed, Market(employers, occupations), Calendar(terms, today))
    return (career for career in map(teller.career, persons) if career is not None)


def contributions(career: Career, terms: Terms) -> Iterator[Contribution]:
    """A career's contributions month by month."""
    for one in career.stretches:
        for month in Month.parse(one.started).until(Month.parse(one.ended)):
            rate = terms.shares(month)
            alone = one.employer is None
            credited = share_fen(one.base_fen, rate.credited)
            yield Contribution(
                career.person,
                str(month),
                one.employer,
                one.base_fen,
                credited if alone else share_fen(one.base_fen, rate.person),
                share_fen(one.base_fen, rate.flexible) - credited
                if alone
                else share_fen(one.base_fen, rate.employer),
                credited,
                month_index(one.base_fen, terms.average_wage(month)),
            )
