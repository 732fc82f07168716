"""late-fee and undeclared: what comes on top of a contribution that is late, and what stands for one not declared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from pydantic import Field

from backend.kernel import params
from backend.kernel.calculators import Amount, Answer, Ask, Day, calculator, wrong
from backend.kernel.errors import Wrong
from backend.kernel.money import Money
from backend.kernel.params import Found, Lookup
from backend.kernel.rules import Steps, millionths, percent, share_fen
from backend.levy.rules.overdue import days_charged, days_late, days_within, late_fee_fen

RATE = "levy.overdue.late_fee_rate"
LAW: Final = "社会保险法 第八十六条"
DEFERRED: Final = "社会保险法 第六十三条"
PRINCIPAL: Final = "principal"


class AskLateFee(Ask):
    """哪天该缴，哪天缴的。"""

    amount: Amount = Field(title="欠缴金额（元）", examples=["100000.00"])
    due: Day = Field(title="应缴截止日", description="最晚该哪天缴清")
    paid: Day = Field(title="实际缴纳日", description="还没有缴的，填打算缴的那天", examples=["2026-03-10"])
    deferred_from: Day | None = Field(
        default=None,
        title="缓缴期的第一天",
        description="签了缓缴协议、免收缓缴期滞纳金的才填",
        examples=["2026-02-01"],
    )
    deferred_until: Day | None = Field(default=None, title="缓缴期的最后一天", examples=["2026-02-28"])


class LateFee(Answer):
    """逾期几天，加收多少。"""

    days: int = Field(title="逾期天数", description="不算缓缴期里的天数")
    fee: str = Field(title="滞纳金（元）")


class DeferralOpen(Wrong):
    """缓缴期的第一天和最后一天要一起填，请填写“{title}”"""


class DeferralBackwards(Wrong):
    """“{title}”不能早于缓缴期的第一天"""


class AskUndeclared(Ask):
    """没有按时申报的单位，先按上个月的缴费额定应缴额。"""

    last_month: Amount = Field(title="上月缴费额（元）", examples=["38500.00"])


class Undeclared(Answer):
    """按多少缴。"""

    amount: str = Field(title="应缴额（元）")


@dataclass(frozen=True)
class Span:
    """Days of a delay on which one rate was in force."""

    rate: Found
    first: date
    last: date
    days: int  # without those of a deferral


@calculator(
    "late-fee",
    title="滞纳金测算",
    law=LAW,
    hint="社会保险费缴晚了，按逾期的天数算出要加收多少",
)
def late_fee(ask: AskLateFee) -> LateFee:
    look, steps = Lookup(ask.due), Steps()
    spared = _spared(ask)
    starts = look.found("levy.overdue.first_day")
    days = days_late(ask.due.toordinal(), ask.paid.toordinal(), starts.value)
    first = date.fromordinal(ask.due.toordinal() + starts.value)
    formula = f"从 {first} 到 {ask.paid}，两天都算" if days else f"{ask.paid} 没有超过应缴截止日 {ask.due}"
    steps.add("逾期天数", formula, days, starts.source)
    charged = days_charged(first.toordinal(), ask.paid.toordinal(), spared)
    if spared and days:
        steps.add(
            "扣除缓缴期", f"从 {ask.deferred_from} 到 {ask.deferred_until} 免收滞纳金", charged, DEFERRED
        )
    fee = _worked_out(ask, list(_spans(first, ask.paid, spared, look)) if charged else [], look, steps)
    return LateFee(days=charged, fee=Money(fee).text, steps=steps.all(), warnings=look.warnings())


def _spared(ask: AskLateFee) -> tuple[int, int] | None:
    """The first and last day of a deferral."""
    since, until = ask.deferred_from, ask.deferred_until
    if since is None and until is None:
        return None
    if since is None:
        raise wrong("deferred_from", DeferralOpen(), AskLateFee)
    if until is None:
        raise wrong("deferred_until", DeferralOpen(), AskLateFee)
    if until < since:
        raise wrong("deferred_until", DeferralBackwards(), AskLateFee)
    return since.toordinal(), until.toordinal()


def _spans(first: date, last: date, spared: tuple[int, int] | None, look: Lookup) -> Iterator[Span]:
    """The delay cut where the rate changed; Missing where it began before there was any."""
    look.found(RATE, first)
    starts = [*(one.since for one in params.history(RATE)), date.max]
    for since, until in pairwise(starts):
        edges = (one.toordinal() for one in (first, last, since, until))
        if days := days_within(*edges):
            begins = max(first, since)
            ends = begins.toordinal() + days - 1
            charged = days_charged(begins.toordinal(), ends, spared)
            if charged:
                yield Span(look.found(RATE, begins), begins, date.fromordinal(ends), charged)


def _worked_out(ask: AskLateFee, spans: list[Span], look: Lookup, steps: Steps) -> int:
    amount = Money.yuan(ask.amount)
    if len(spans) > 1:
        for span in spans:
            formula = f"每日 {percent(span.rate.value)} 的，从 {span.first} 到 {span.last}"
            steps.add("分段天数", formula, span.days, span.rate.source)
    fee = late_fee_fen(amount.fen, sum(millionths(span.rate.value) * span.days for span in spans))
    parts = " + ".join(f"{percent(span.rate.value)} × {span.days}" for span in spans) or "0"
    inside = f"({parts})" if len(spans) > 1 else parts
    law = spans[-1].rate.source if spans else LAW
    steps.add("滞纳金", f"{amount.text} × {inside}", Money(fee).text, law)
    if fee <= amount.fen:
        return fee
    cap = look.found("levy.overdue.cap")
    if cap.value != PRINCIPAL:
        return fee
    steps.add("滞纳金上限", f"不超过欠缴金额 {amount.text}", amount.text, cap.source)
    return amount.fen


@calculator(
    "undeclared",
    title="未申报应缴额测算",
    law="社会保险法 第六十二条",
    hint="单位没有按规定申报的，按上月缴费额的一定比例定应缴额",
)
def undeclared(ask: AskUndeclared, today: date) -> Undeclared:
    look, steps = Lookup(today), Steps()
    known = look.found("levy.undeclared.share")
    last = Money.yuan(ask.last_month)
    amount = Money(share_fen(last.fen, millionths(known.value))).text
    steps.add("应缴额", f"{last.text} × {percent(known.value)}", amount, known.source)
    return Undeclared(amount=amount, steps=steps.all(), warnings=look.warnings())
