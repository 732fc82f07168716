"""Age in an advert: nobody under sixteen, nobody under eighteen in a bar, and limits that need a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from backend.employment.rules.facts import Advert, Finding, Severity
from backend.employment.rules.rulebook import Rulebook
from backend.employment.rules.wording import WORK, Passage, search

YEARS = r"周?岁"
INCLUDED = r"(?:及|含|\(含\))?"
RANGE = re.compile(rf"(?P<low>\d{{1,2}})(?:{YEARS})?[-—–~至到](?P<high>\d{{1,2}}){YEARS}(?:以?[下内])?")
UP_TO = re.compile(
    rf"(?:不超过|不得超过|不大于|小于|低于)(?P<most>\d{{2}}){YEARS}"
    rf"|(?P<high>\d{{2}}){YEARS}{INCLUDED}(?:以下|以内|之内|封顶)"
)
SAID_AGE = re.compile(
    r"年龄(?:要求|限制|范围)?[:在]?(?:(?P<low>\d{2})[-—–~至到])?(?P<high>\d{2})(?=以下|以内|之间|[,;。、\n]|$)"
)
FROM = re.compile(rf"(?P<low>\d{{1,2}}){YEARS}{INCLUDED}(?:以上|起|即可)")
ASKS = re.compile(r"年龄|招|聘|限|要求|应聘|求职")
WARNS = re.compile(r"未满|不满|不招|不收|谢绝|勿")
NEAR = 8  # letters before and after that tell whose age it is
PUPILS_MOST = 18  # ages that end here and are not asked for are those of pupils


@dataclass(frozen=True)
class Limit:
    """Ages in one place of the text."""

    start: int
    end: int
    low: int | None
    high: int | None


class Verdict(NamedTuple):
    rule: str
    severity: Severity
    clause: str
    advice: str


def limits(text: str) -> Iterator[Limit]:
    """Every age limit in a text, each letter read once."""
    taken: set[int] = set()
    for pattern in (RANGE, UP_TO, FROM, SAID_AGE):
        for match in pattern.finditer(text):
            span = set(range(match.start(), match.end()))
            if taken & span:
                continue
            taken |= span
            known = match.groupdict()
            low, high = known.get("low"), known.get("high") or known.get("most")
            yield Limit(match.start(), match.end(), int(low) if low else None, int(high) if high else None)


def of_applicants(text: str, limit: Limit, clients: tuple[re.Pattern[str], ...], speaks_of: str) -> bool:
    """Whether the ages are asked of who applies; not those of the children to be taught."""
    before = re.split(r"[,。;、\n]", text[max(0, limit.start - NEAR) : limit.start])[-1]
    after = re.split(r"[,。;\n]", text[limit.end : limit.end + NEAR])[0]
    if WARNS.search(before) or search(clients, after):
        return False
    if ASKS.search(before) or text.startswith("年龄", limit.start):
        return True
    young = limit.high is not None and limit.high <= PUPILS_MOST
    return not (young or speaks_of == WORK or search(clients, before))


def by_age(advert: Advert, book: Rulebook, parts: tuple[Passage, ...]) -> Iterator[Finding]:
    """At most one finding a passage."""
    clients, places = book.patterns("age_of_clients"), book.patterns("minor_place")
    night = any(search(places, text) for text in (advert.employer, *(part.plain for part in parts)))
    for part in parts:
        for limit in limits(part.plain):
            if not of_applicants(part.plain, limit, clients, part.speaks_of):
                continue
            verdict = judged(limit, book, night)
            if verdict:
                law = book.clause(verdict.clause, "employment_26")
                quoted = part.quoted(limit.start, limit.end)
                yield Finding(
                    verdict.rule, verdict.severity, part.field, quoted, law.law, law.text, verdict.advice
                )
                break


def judged(limit: Limit, book: Rulebook, night: bool) -> Verdict | None:
    ages = book.amounts
    if limit.low is not None and limit.low < ages.lowest_age:
        return Verdict(
            "child", "block", "labour_15", f"不得招用未满 {ages.lowest_age} 周岁的人，请改正年龄。"
        )
    if night and limit.low is not None and limit.low < ages.adult_age:
        return Verdict(
            "minor",
            "block",
            "minors_61",
            f"这样的场所只能招年满 {ages.adult_age} 周岁的人，请改正年龄。",
        )
    if limit.high is not None and limit.high < ages.free_age:
        return Verdict("age", "review", "opinion_2024", "年龄上限要有工作上的理由；没有就请删去。")
    return None
