"""Pay in an advert: never under the minimum wage, never bait; and what it comes to in a month."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from backend.employment.rules.facts import PAY_UNITS, Advert, Finding, Severity
from backend.employment.rules.rulebook import Amounts, Rulebook
from backend.employment.rules.wording import BENEFITS, LONGEST_EXCERPT, TITLE, Passage

WEEKS_A_YEAR, MONTHS_A_YEAR = 52, 12
AMOUNT = re.compile(
    r"(?P<lead>日结|日薪|日入|时薪|年薪|月薪|月入|底薪|保底|工资|薪资|收入|月)?[:约为达]?(?<![A-Za-z0-9.\-])"
    r"(?:(?P<first>\d{1,6}(?:\.\d{1,2})?)(?:[kw万千元]?[-~—至到](?P<last>\d{1,6}(?:\.\d{1,2})?))?(?![\d.%])"
    r"|(?P<word>[一二两三四五六七八九十过]))"
    r"(?P<scale>万|千|k|w)?(?P<yuan>元|块)?"
    r"(?:(?P<each>/|每|一)?(?P<per>天(?!然|猫|津|河|府|使)|日(?![结用语料式本])|小时|时(?![间光候])|h(?![a-z])|月(?![嫂饼入薪])|年(?![薪轻])))?",
    re.IGNORECASE,
)
SCALES = {"万": 1_000_000, "w": 1_000_000, "千": 100_000, "k": 100_000, "": 100}
WORDS = {word: str(value) for value, word in enumerate("一二三四五六七八九十", 1)} | {"两": "2", "过": "1"}
PER = {
    "天": "day",
    "日": "day",
    "小时": "hour",
    "时": "hour",
    "h": "hour",
    "月": "month",
    "年": "year",
}
LEADS = {"日结": "day", "日薪": "day", "日入": "day", "时薪": "hour", "年薪": "year"}


def a_month(fen: int, unit: str, type: str, amounts: Amounts) -> int:
    """Pay by the hour or day as it comes to in a month of usual hours; part-time: of the most allowed."""
    if unit == "hour":
        if type == "part":
            return fen * amounts.part_week_hours * WEEKS_A_YEAR // MONTHS_A_YEAR
        return fen * amounts.day_hours * amounts.month_days_hundredths // 100
    if unit == "day":
        return fen * amounts.month_days_hundredths // 100
    return fen


def promised(text: str, type: str, amounts: Amounts) -> int:
    """The highest pay a text speaks of, in fen a month; 0 where it speaks of none."""
    return max((_money(match, type, amounts) for match in AMOUNT.finditer(text)), default=0)


def _money(match: re.Match[str], type: str, amounts: Amounts) -> int:
    """An amount that says it is money: 8k, 1.2万元, 300/天, 保底6000; not 24小时, 10万级, 20-55岁."""
    lead, scale, per = (match[name] or "" for name in ("lead", "scale", "per"))
    scale = scale.lower()
    if match["word"] and not (lead and scale):
        return 0
    if scale in {"万", "千", "w"}:
        said = bool(lead or match["yuan"] or (per and match["each"]) or match["last"])
    else:
        said = bool(lead or scale or match["yuan"] or (per and match["each"]))
    if not said:
        return 0
    number = WORDS[match["word"]] if match["word"] else match["last"] or match["first"]
    fen = int(Decimal(number) * SCALES[scale])
    unit = PER[per.lower()] if per else LEADS.get(lead, "month")
    return fen // MONTHS_A_YEAR if unit == "year" else a_month(fen, unit, type, amounts)


def by_pay(advert: Advert, book: Rulebook, parts: tuple[Passage, ...]) -> Iterator[Finding]:
    """The amounts as written, the minimum wage, and whether the words promise more."""
    if advert.pay_max_fen < advert.pay_min_fen:
        yield _finding(advert, book, "bait", "block", "market_24", "工资范围的上限低于下限，请改正。")
        return
    widest = book.amounts.widest
    if advert.pay_max_fen > advert.pay_min_fen * widest:
        advice = f"上限超过下限的 {widest} 倍，看不出多数人能拿多少，请缩小范围。"
        yield _finding(advert, book, "bait", "review", "notice_content", advice)
    yield from _minimum(advert, book)
    most = a_month(advert.pay_max_fen, advert.pay_unit, advert.type, book.amounts)
    for part in parts:
        said = promised(part.plain, advert.type, book.amounts) if part.field in {TITLE, BENEFITS} else 0
        if said // 100 > most // 100:
            yield _finding(
                advert,
                book,
                "bait",
                "review",
                "notice_content",
                f"这里说的工资折合每月 {said // 100} 元，比填写的上限 {most // 100} 元高，请写成一致。",
                part,
            )


def _minimum(advert: Advert, book: Rulebook) -> Iterator[Finding]:
    """最低工资: by the month for full-time work, by the hour for part-time; a trainee is no employee."""
    month, hour = book.amounts.minimum_month_fen, book.amounts.minimum_hour_fen
    if advert.type == "intern":
        return
    if advert.pay_unit == "hour":
        if hour is not None and advert.pay_min_fen < hour:
            advice = f"当地小时最低工资是 {hour // 100} 元，请提高工资下限。"
            yield _finding(advert, book, "minimum_wage", "block", "contract_72", advice)
    elif advert.type == "part":
        if advert.pay_unit == "month" and month is not None and advert.pay_min_fen < month:
            advice = "非全日制用工以小时计酬，请改按“元/小时”填写。"
            yield _finding(advert, book, "minimum_wage", "review", "contract_72", advice)
    elif (
        month is not None and a_month(advert.pay_min_fen, advert.pay_unit, advert.type, book.amounts) < month
    ):
        advice = f"当地月最低工资是 {month // 100} 元，请提高工资下限。"
        yield _finding(advert, book, "minimum_wage", "block", "labour_48", advice)


def _finding(
    advert: Advert,
    book: Rulebook,
    rule: str,
    severity: Severity,
    clause: str,
    advice: str,
    part: Passage | None = None,
) -> Finding:
    law = book.clause(clause, "market_24")
    field, excerpt = "pay", _written(advert)
    if part is not None:
        field, excerpt = part.field, part.written.strip()[:LONGEST_EXCERPT]
    return Finding(rule, severity, field, excerpt, law.law, law.text, advice)


def _written(advert: Advert) -> str:
    return f"{advert.pay_min_fen // 100}–{advert.pay_max_fen // 100} {PAY_UNITS[advert.pay_unit]}"
