"""Retirees' books 退休人员: the award by the real formula, and the account drawn down since, for the demo city."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from backend.demo import published
from backend.demo.careers import Career, Year
from backend.demo.people import Person
from backend.demo.series import MILLIONTHS, Terms
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.pension import service as pension
from backend.pension.rules.interest import monthly_product_fen

ADJUSTED_PERMILLE = 45  # 演示: what each year's adjustment added, of the pension before it
FORMULA_SINCE = Month(2006, 1)  # 演示: who retired before today's formula is told by it all the same
REFORMED = 2006  # 演示: adjustments are told from here on
ADJUSTED = "历年调整"
NOTE = f"{ADJUSTED}（演示）"


@dataclass(frozen=True)
class Retired:
    """One retiree's award, how it was worked out, and account, ready to be copied."""

    award: tuple[object, ...]
    working: tuple[str, str]  # facts, steps
    years: tuple[Year, ...]


def retired(person: Person, career: Career, terms: Terms, area: str, today: date, now: datetime) -> Retired:
    """The award as the command would make it, on the base of its own month; then the years since."""
    month = Month.parse(person.retired)
    reckoned = max(month, FORMULA_SINCE)
    base, source = published.base(reckoned, area, terms)
    facts = pension.Facts(
        area=area,
        retired=reckoned,
        base=base,
        index=pension.index(career.index_sum, career.months_paid),
        months=career.months_paid + career.deemed_months,
        deemed_months=career.deemed_months,
        account=Money(career.balance_fen),
        age=(month.year - person.birth.year) * 12 + month.month - person.birth.month,
    )
    worked = pension.work_out(facts)
    amounts = pension.amounts(worked)
    added = _adjustments(sum(amount.fen for amount in amounts), month.year, today.year)
    years = _since(career, amounts[1].fen, month, terms, today)
    total = sum(amount.fen for amount in amounts) + added
    steps = pension.told(worked)
    if added:
        steps["steps"][-1:] = _with(steps["steps"][-1], added, total)
    steps["warnings"] += [
        f"计发基数取自{source}",
        *([f"{NOTE}每年 4.5%，不是公布的数字"] if added else []),
    ]
    return Retired(
        award=(
            person.key + 1,
            area,
            min(month.last, today),
            month.first,
            (month + 1).first,
            max(month + 1, Month(today.year, today.month)).first,
            amounts[0].fen,
            amounts[1].fen,
            amounts[2].fen,
            amounts[3].fen + added,
            total,
            False,
            "active",
            now,
        ),
        working=(json.dumps(facts.view(), ensure_ascii=False), json.dumps(steps, ensure_ascii=False)),
        years=tuple(years),
    )


def _with(sum_up: dict[str, Any], added: int, total: int) -> list[dict[str, Any]]:
    """The adjustments as a step of their own, and the total with them: the steps come to what is paid."""
    part, whole = Money(added).text, Money(total).text
    more = {
        "name": ADJUSTED,
        "law": "社会保险法 第十八条",
        "formula": f"{whole} - {Money(total - added).text}",
        "value": part,
    }
    return [more, sum_up | {"formula": f"{sum_up['formula']} + {part}", "value": whole}]


def _adjustments(pension_fen: int, retired: int, this: int) -> int:
    """Yearly adjustments since retirement, whole jiao."""
    total = pension_fen
    for _ in range(max(retired, REFORMED), this):
        total += total * ADJUSTED_PERMILLE // 1000 // 10 * 10
    return total - pension_fen


def _since(career: Career, part_fen: int, month: Month, terms: Terms, today: date) -> list[Year]:
    """The account after retirement: interest on what is left, the account's part out of it every month."""
    years = list(career.years)
    if not years:
        return []
    balance = years[-1].closing_fen
    for year, paid in _drawn(balance, part_fen, month + 1, Month(today.year, today.month)):
        rate = terms.interest[max(known for known in terms.interest if known <= year)]
        over = year < today.year
        if year == years[-1].year:
            last = years.pop()
            closing = last.closing_fen - sum(paid)
            moved = [one - drawn for one, drawn in zip(last.moved, paid, strict=True)]
            years.append(last._replace(paid_fen=last.paid_fen + sum(paid), closing_fen=closing, moved=moved))
        else:
            moved = [-one for one in paid]
            bears = monthly_product_fen(balance, moved, rate * MILLIONTHS)
            interest = max(0, bears) if over else 0
            closing = balance + interest - sum(paid)
            given = 0 if over else None
            years.append(Year(year, 0, balance, 0, interest, sum(paid), closing, given, moved))
        balance = closing
    return years


def _drawn(balance: int, part: int, first: Month, this: Month) -> Iterator[tuple[int, list[int]]]:
    """Each year's twelve drawings until last month, while the account lasts (interest left aside: a little late)."""
    left = balance
    for year in range(first.year, this.year + 1):
        paid = [0] * 12
        for month in range(1, 13):
            if first <= Month(year, month) < this:
                paid[month - 1] = min(part, left)
                left -= paid[month - 1]
        if any(paid) or year <= this.year:
            yield year, paid
