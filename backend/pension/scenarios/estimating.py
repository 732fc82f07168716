"""Estimating 能领多少: the award's own calculator on a person's facts as they would be, a base and wages that stay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from backend.kernel import params
from backend.kernel.actor import Kind, Permission
from backend.kernel.calculators import wrong
from backend.kernel.db import Uow
from backend.kernel.errors import Wrong
from backend.kernel.items import question
from backend.kernel.money import ZERO, Money
from backend.kernel.params import ENDED, Lookup, Missing
from backend.kernel.period import AgeYM, Month
from backend.kernel.rules import half_up, millionths, percent, share_fen
from backend.kernel.sentences import read
from backend.kernel.settings import settings
from backend.pension.calculators import AskPension, PensionEstimate, pension
from backend.pension.calculators.facts import BASE, provincial_base
from backend.pension.careers.summing import Career, Paid, summed
from backend.pension.crediting import average_wage
from backend.pension.rules import projection
from backend.pension.rules.index import month_index
from backend.pension.rules.interest import THOUSAND, Method
from backend.pension.rules.projection import Credits
from backend.pension.scenarios.schema import AskWhatIf, Estimates, Outcome
from backend.pension.scenarios.standing import Standing, standing
from backend.pension.schema import AskMine, StepView

RATE, METHOD, FACTOR = (
    f"pension.account.{name}" for name in ("interest_rate", "interest_method", "annual_factor")
)
LIMITS = ("floor", "ceiling", "floor_share", "ceiling_share", "account_rate")
STOP, GO_ON, LATE, NOW, OTHERWISE = "现在停缴", "接着缴费", "最晚退休", "现在退休", "您的打算"
USUAL = (GO_ON, NOW)
UNSURE = "这是估算，不是核定：以退休时经办机构核定的为准。"


class NoSuchMonth(Wrong):
    """“{title}”要在 {earliest} 到 {latest} 之间"""


class TooManyMonths(Wrong):
    """到 {retired} 退休，从现在起最多还能缴 {most} 个月"""


class ShareOutside(Wrong):
    """缴费基数只能在平均工资的百分之 {low} 到百分之 {high} 之间"""


@dataclass(frozen=True)
class Limits:
    """What holds for a month's contribution today."""

    wage_fen: int
    floor_fen: int
    ceiling_fen: int
    low: Decimal
    high: Decimal
    own_rate: Decimal
    account_rate: Decimal

    @classmethod
    def of(cls, at: Standing) -> Limits:
        look = Lookup(at.now.first, settings().area)
        part = "flexible_rate" if at.flexible else "person_rate"
        known = {name: look.value(f"pension.contribution.{name}") for name in (*LIMITS, part)}
        return cls(
            average_wage(at.now),
            known["floor"].fen,
            known["ceiling"].fen,
            known["floor_share"],
            known["ceiling_share"],
            known[part],
            known["account_rate"],
        )

    def held(self, base_fen: int) -> int:
        return min(max(base_fen, self.floor_fen), self.ceiling_fen)

    def share(self, base_fen: int) -> int:
        return half_up(base_fen * 100, self.wage_fen)


@dataclass(frozen=True)
class Course:
    """One way of going on: how many more months on which base, and when to retire."""

    name: str
    retired: Month
    paying: int
    base_fen: int

    def at_least(self, other: Course) -> bool:
        """Longer, higher and later, or the same."""
        return (
            self.retired >= other.retired and self.paying >= other.paying and self.base_fen >= other.base_fen
        )


@question("PEN-Q31", "养老金估算", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def estimates(uow: Uow, ask: AskMine) -> Estimates:
    at = standing(uow, ask.ident)
    limits = Limits.of(at)
    return worked(at, limits, courses(at, _base(at, limits)))


@question("PEN-Q32", "换一种打算", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def what_if(uow: Uow, ask: AskWhatIf) -> Estimates:
    at = standing(uow, ask.ident)
    limits = Limits.of(at)
    base = _base(at, limits)
    usual = next(one for one in courses(at, base) if one.name in USUAL)
    retired = Month.parse(ask.retired) if ask.retired else at.regular
    earliest = min(max(Month.of(at.dates.earliest), at.now), at.regular)
    latest = Month.of(at.dates.latest)
    if not earliest <= retired <= latest:
        raise wrong("retired", NoSuchMonth(earliest=earliest, latest=latest), AskWhatIf)
    most = at.until(retired)
    if ask.months is not None and ask.months > most:
        raise wrong("months", TooManyMonths(retired=retired, most=most), AskWhatIf)
    if ask.share is not None:
        low, high = int(limits.low * 100), int(limits.high * 100)
        if not low <= ask.share <= high:
            raise wrong("share", ShareOutside(low=low, high=high), AskWhatIf)
        base = limits.held(half_up(limits.wage_fen * ask.share, 100))
    paying = most if ask.months is None else ask.months
    return worked(at, limits, (usual, Course(OTHERWISE, retired, paying, base)))


def _base(at: Standing, limits: Limits) -> int:
    """What they last paid on, within today's limits; who has never paid begins at the floor."""
    return limits.held(at.last.base.fen) if at.last else limits.floor_fen


def courses(at: Standing, base: int) -> tuple[Course, ...]:
    latest = Month.of(at.dates.latest)
    late = Course(LATE, latest, at.until(latest), base)
    if at.regular <= at.now:
        now = Course(NOW, at.regular, 0, base)
        return (now, late) if late.retired > at.now else (now,)
    paying = Course(GO_ON, at.regular, at.until(at.regular), base)
    both = Course(STOP, at.regular, 0, base), paying
    return (*both, late) if late.retired > at.regular else both


def worked(at: Standing, limits: Limits, courses: Sequence[Course]) -> Estimates:
    found = [_outcome(at, limits, course) for course in courses]
    outcomes = [outcome for outcome, _ in found]
    interest = Lookup(at.today, settings().area)
    interest.found(METHOD)
    warned = [warning for _, estimate in found if estimate for warning in estimate.warnings]
    return Estimates(
        outcomes=tuple(outcomes),
        remarks=tuple(_remarks(courses, outcomes)),
        caution=UNSURE,
        assumptions=tuple(_assumptions(at, courses[-1])),
        warnings=tuple(dict.fromkeys((*warned, *interest.warnings()))),
    )


def _outcome(at: Standing, limits: Limits, course: Course) -> tuple[Outcome, PensionEstimate | None]:
    behind = _behind(at, limits, course)
    index, months, needed = behind.index, behind.months, at.needed(course.retired, course.paying)
    balance = _balance(at, course, share_fen(course.base_fen, millionths(limits.account_rate)))
    estimate, obstacle = None, ""
    if months < needed:
        short = needed - months
        obstacle = (
            f"到 {course.retired} 缴费 {months} 个月，最低要 {needed} 个月，还差 {short} 个月，不能按月领。"
        )
    else:
        try:
            estimate = _pension(at, course, index, months, balance)
        except Missing as unknown:  # what no law of the place has set is no reason to hide all the rest
            obstacle = unknown.message
    amounts = _amounts(estimate)
    outcome = Outcome(
        name=course.name,
        usual=course.name in USUAL,
        retired=str(course.retired),
        age_name=str(AgeYM.of_months(at.age(course.retired))),
        age=at.age(course.retired),
        paying=course.paying,
        base_fen=course.base_fen,
        share=limits.share(course.base_fen),
        own_fen=share_fen(course.base_fen, millionths(limits.own_rate)) if course.paying else 0,
        months=months,
        index=str(index.quantize(Decimal("0.0001"))),
        balance_fen=balance,
        basic_fen=amounts[0],
        account_fen=amounts[1],
        transitional_fen=amounts[2],
        additions_fen=amounts[3],
        total_fen=Money.yuan(estimate.total).fen if estimate else 0,
        obstacle=obstacle,
        steps=tuple(StepView(**step.model_dump()) for step in estimate.steps) if estimate else (),
    )
    return outcome, estimate


def _behind(at: Standing, limits: Limits, course: Course) -> Career:
    """What counts then, with the months still to come, each on today's average wage."""
    each = month_index(course.base_fen, limits.wage_fen)
    further = [Paid(at.start + n, each, ZERO) for n in range(course.paying)]
    return summed(at.account, at.listed, course.retired, further)


def _pension(at: Standing, course: Course, index: Decimal, months: int, balance: int) -> PensionEstimate:
    years, odd = divmod(at.age(course.retired), 12)
    province = provincial_base(at.area, course.retired.first)
    return pension(
        read(
            AskPension,
            {
                "area": at.area,
                "retired": str(course.retired),
                "base": params.found(BASE, course.retired.first, at.area).value.text,
                "provincial_base": province.value.text if province else None,
                "index": index,
                "months": months,
                "deemed_months": at.deemed,
                "account": Money(balance).text,
                "age": {"years": years, "months": odd},
            },
        )
    )


def _amounts(estimate: PensionEstimate | None) -> tuple[int, int, int, int]:
    if estimate is None:
        return (0, 0, 0, 0)
    parts = (Money.yuan(one) for one in (estimate.basic, estimate.account, estimate.transitional))
    added = sum((Money.yuan(one.amount) for one in estimate.additions), ZERO)
    basic, account, transitional = (one.fen for one in parts)
    return basic, account, transitional, added.fen


def _base_of(at: Standing, retired: Month) -> params.Found | None:
    """计发基数 in force for a month, where one was ever published."""
    return Lookup(retired.first, at.area).optional(BASE)


def _provincial_of(at: Standing, retired: Month) -> params.Found | None:
    """全省计发基数, where the formula takes it and one was ever published."""
    try:
        return provincial_base(at.area, retired.first)
    except Missing:
        return None


def _balance(at: Standing, course: Course, credit: int) -> int:
    """What the account will hold in the month of retirement; who should have retired long ago has what it holds."""
    if course.retired.year < at.first_year:
        return at.balance_fen
    credits = Credits(credit, at.start, at.start + (course.paying - 1))
    return projection.held_fen(at.opening_fen, at.years, credits, _method, at.first_year, course.retired)


def _method(year: int) -> Method:
    look = Lookup(date(year, 1, 1), settings().area)
    factor = int(look.value(FACTOR) * THOUSAND) if look.value(METHOD) == "annual" else None
    return Method(millionths(_rate(year).value), factor)


def _rate(year: int) -> params.Found:
    """The rate of a year, or the last that is published."""
    known = [one for one in params.history(RATE) if one.value != ENDED and one.since.year <= year]
    return known[-1] if known else params.history(RATE)[0]


def _remarks(courses: Sequence[Course], outcomes: Sequence[Outcome]) -> Iterable[str]:
    """What a person comparing them would not see at once: less for more, and how long waiting takes to pay."""
    paid = [pair for pair in zip(courses, outcomes, strict=True) if not pair[1].obstacle]
    for first, second in pairwise(paid):
        for (shorter, one), (longer, other) in ((first, second), (second, first)):
            if longer.at_least(shorter) and other.total_fen < one.total_fen:
                yield _why_less(one, other)
            yield from _waiting(shorter, one, longer, other)


def _waiting(sooner: Course, less: Outcome, later: Course, more: Outcome) -> Iterable[str]:
    """Until what age somebody draws who has made good what they did not draw while they waited."""
    wait, gained = later.retired - sooner.retired, more.total_fen - less.total_fen
    even = projection.months_until_even(wait, less.total_fen, gained) if wait > 0 else None
    if even is not None:
        forgone, age = Money(wait * less.total_fen), AgeYM.of_months(more.age + even)
        yield (
            f"“{more.name}”比“{less.name}”晚领 {wait} 个月，少领 {forgone} 元；以后每月多 {Money(gained)} 元，"
            f"大约领到 {age}才补得回来。"
        )


def _why_less(less: Outcome, more: Outcome) -> str:
    """More that gives less has one cause in law: an item that follows the average index, or a step of rounding."""
    fall = Money(less.total_fen - more.total_fen)
    if Decimal(more.index) < Decimal(less.index):
        return (
            f"“{more.name}”每月反而少 {fall} 元：以后的缴费基数比您以前的平均低，平均缴费指数从 {less.index} 降到 "
            f"{more.index}，跟着指数走的部分就少了。"
        )
    return f"“{more.name}”每月反而少 {fall} 元：这是当地折算年限和进位的办法造成的。"


def _assumptions(at: Standing, course: Course) -> Iterable[str]:
    yield f"已经有的缴费按今天的 {at.months} 个月算，接着缴的从 {at.start} 起一个月不断。"
    if at.deemed:
        yield f"其中视同缴费 {at.deemed} 个月，按现在登记的算。"
    if course.paying:
        yield f"以后每月的缴费基数都是 {Money(course.base_fen)} 元，不算涨工资。"
    base = _base_of(at, course.retired)
    if base:
        yield f"计发基数一直按 {base.since.year} 年公布的 {base.value} 元算；实际按退休那年公布的算，一般每年都变。"
    if base and (province := _provincial_of(at, course.retired)):
        yield f"全省计发基数一直按 {province.since.year} 年公布的 {province.value} 元算。"
    rate = _rate(course.retired.year)
    yield (
        f"个人账户以后每年按 {rate.since.year} 年公布的记账利率 {percent(rate.value)} 结息，算到退休当月。"
    )
