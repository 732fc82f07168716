"""What every advert must have: a source when forwarded, a licence, a verified employer, an end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.employment.rules.facts import Advert, Finding, Severity
from backend.employment.rules.rulebook import Rulebook
from backend.employment.rules.wording import LONGEST_EXCERPT, TITLE, WORK, Passage, search
from backend.kernel.period import add_months

LETTERS = re.compile(r"[\u4e00-\u9fffA-Za-z]")
LEAST_TITLE, LEAST_WORK = 1, 8  # letters that say something
MONTHS = {word: value for value, word in enumerate("一二三四五六七八九十", 1)} | {"两": 2, "十二": 12}


def by_basics(advert: Advert, book: Rulebook, parts: tuple[Passage, ...]) -> Iterator[Finding]:
    for rule, severity, field, excerpt, clause, advice in _missing(advert, book, parts):
        law = book.clause(clause, "market_24")
        yield Finding(rule, severity, field, excerpt[:LONGEST_EXCERPT], law.law, law.text, advice)


Missing = tuple[str, Severity, str, str, str, str]


def _missing(advert: Advert, book: Rulebook, parts: tuple[Passage, ...]) -> Iterator[Missing]:
    if len(LETTERS.findall(advert.title)) < LEAST_TITLE:
        yield "basics", "block", TITLE, advert.title, "notice_elements", "请写明招什么岗位。"
    if len(LETTERS.findall(advert.work)) < LEAST_WORK:
        yield "basics", "block", WORK, advert.work, "notice_elements", "请写明具体做什么工作。"
    forwarded = advert.forwarded or search(book.patterns("forwarded_words"), parts[0].plain)
    if forwarded and not advert.source:
        advice = "转发别处的招聘信息，请在“信息来源”写明出处。"
        yield "source", "block", "source", advert.title, "notice_source", advice
    yield from _of_employer(advert, book)
    yield from _of_time(advert, book)
    yield from _trial(book, parts)


def _of_employer(advert: Advert, book: Rulebook) -> Iterator[Missing]:
    if search(book.patterns("agency_name"), advert.employer) and not advert.licence:
        advice = "职业中介机构要登记人力资源服务许可证号，由工作人员核对以后发布。"
        yield "licence", "review", "employer", advert.employer, "market_18", advice
    every = book.amounts.verify_every
    if advert.verified_on is None or add_months(advert.verified_on, every) < book.day:
        advice = f"单位实名核验每 {every} 个月一次，已经到期；请带营业执照到柜台核验。"
        yield "verification", "review", "employer", advert.employer, "notice_account", advice


def _of_time(advert: Advert, book: Rulebook) -> Iterator[Missing]:
    last = add_months(book.day, book.amounts.longest_valid)
    if advert.valid_until < book.day:
        advice = "有效期已经过去，请写今天或以后的日期。"
        yield "validity", "block", "valid_until", str(advert.valid_until), "notice_elements", advice
    elif advert.valid_until > last:
        advice = f"有效期最长到 {last}，到期可以再延长。"
        yield "validity", "block", "valid_until", str(advert.valid_until), "notice_elements", advice


def _trial(book: Rulebook, parts: tuple[Passage, ...]) -> Iterator[Missing]:
    longest = book.amounts.longest_trial
    for part in parts:
        match = search(book.patterns("trial_length"), part.plain)
        if match is None:
            continue
        months = int(match[1]) if match[1].isdigit() else MONTHS.get(match[1], longest + 1)
        if months > longest:
            advice = f"试用期最长 {longest} 个月，还要看合同期限，请改正。"
            quoted = part.quoted(match.start(), match.end())
            yield "trial", "block", part.field, quoted, "contract_19", advice
