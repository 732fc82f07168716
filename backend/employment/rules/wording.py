"""What an advert may not say: the rules that are found by words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from backend.employment.rules.facts import Advert, Finding, Severity
from backend.employment.rules.rulebook import Rulebook

DECORATION = frozenset("~*_★☆●◆■♥❤🔥🎈")
TITLE, WORK, CONDITIONS, BENEFITS = "title", "work", "conditions", "benefits"
EVERYWHERE = frozenset({TITLE, WORK, CONDITIONS, BENEFITS})
ASKED = frozenset(
    {TITLE, CONDITIONS, BENEFITS}
)  # where an advert speaks of the person and the pay, not the work
LONGEST_EXCERPT = 40
BLOT = "\0"


def _means_nothing(letter: str) -> bool:
    return letter.isspace() or letter in DECORATION or unicodedata.category(letter) == "Cf"


@dataclass(frozen=True)
class Passage:
    """A run of an advert's text in plain form, with the way back to the words as written."""

    field: str  # where it stands
    speaks_of: str  # what it is about: a list of conditions at the end of the work is about conditions
    plain: str
    origin: tuple[int, ...]
    written: str

    def quoted(self, start: int, end: int) -> str:
        return self.written[self.origin[start] : self.origin[end - 1] + 1].strip()[:LONGEST_EXCERPT]

    def blotted(self, patterns: tuple[re.Pattern[str], ...]) -> str:
        """The plain text with what is harmless taken out, every other letter in its place."""
        text = self.plain
        for pattern in patterns:
            text = pattern.sub(lambda match: BLOT * len(match[0]), text)
        return text


def plain(written: str) -> tuple[str, tuple[int, ...]]:
    """Full width to half, no spaces, no decoration (so that 限 男 ★ 性 hides nothing); lines stay.

    >>> plain("限 男★性，１８岁")[0]
    '限男性,18岁'
    >>> plain("月入过万不~是~梦，18～35岁")[0]
    '月入过万不是梦,18~35岁'
    """
    letters: list[str] = []
    origin: list[int] = []
    for at, letter in enumerate(written):
        for form in unicodedata.normalize("NFKC", letter):
            between_numbers = form == "~" and letters and letters[-1].isdigit()
            if between_numbers or form == "\n" or not _means_nothing(form):
                letters.append(form)
                origin.append(at)
    return "".join(letters), tuple(origin)


def passages(advert: Advert, book: Rulebook) -> tuple[Passage, ...]:
    """The fields as passages; where the work goes over to conditions and pay, it is cut in two."""
    found: list[Passage] = []
    for field in (TITLE, WORK, CONDITIONS, BENEFITS):
        written = getattr(advert, field)
        text, origin = plain(written)
        cut = len(text)
        if field == WORK:
            begins = (pattern.search(text) for pattern in book.patterns("conditions_begin"))
            cut = min((match.start() for match in begins if match), default=len(text))
        found.append(Passage(field, field, text[:cut], origin[:cut], written))
        if cut < len(text):
            found.append(Passage(field, CONDITIONS, text[cut:], origin[cut:], written))
    return tuple(found)


@dataclass(frozen=True)
class Wording:
    """One rule: the words it looks for, where, what makes them harmless, which clause it stands on."""

    rule: str
    severity: Severity
    patterns: str
    clauses: tuple[str, ...]  # the first that is in force is quoted; the last always is
    advice: str
    where: frozenset[str] = EVERYWHERE
    harmless: str = ""


SEX_ADVICE = "请删去性别要求，按工作需要的能力和条件写。"
HOUSEHOLD_ADVICE = "请删去户籍、地域限制；要求住得近的，可以写上下班时间。"
RULES = (
    Wording(
        "nation", "block", "nation_block", ("employment_28",), "请删去民族要求。", harmless="nation_harmless"
    ),
    Wording(
        "nation",
        "review",
        "nation_review",
        ("employment_28",),
        "指定民族要有法律依据，请写明理由，由工作人员核对。",
        harmless="nation_harmless",
    ),
    Wording("sex", "block", "sex_block", ("women_43", "employment_27"), SEX_ADVICE, harmless="sex_harmless"),
    Wording(
        "sex",
        "review",
        "sex_review",
        ("women_43", "employment_27"),
        SEX_ADVICE,
        where=ASKED,
        harmless="sex_harmless",
    ),
    Wording(
        "sex",
        "block",
        "sex_conditions",
        ("women_43", "employment_27"),
        SEX_ADVICE,
        where=frozenset({CONDITIONS}),
        harmless="sex_harmless",
    ),
    Wording(
        "nation",
        "block",
        "nation_conditions",
        ("employment_28",),
        "请删去民族要求。",
        where=frozenset({CONDITIONS}),
    ),
    Wording("belief", "block", "belief_block", ("employment_3",), "请删去宗教信仰要求。"),
    Wording("rural", "block", "rural_block", ("employment_31",), "请删去对农村劳动者的限制。"),
    Wording(
        "household",
        "block",
        "household_block",
        ("market_11",),
        HOUSEHOLD_ADVICE,
        harmless="household_harmless",
    ),
    Wording(
        "household",
        "block",
        "household_conditions",
        ("market_11",),
        HOUSEHOLD_ADVICE,
        where=frozenset({CONDITIONS}),
        harmless="household_harmless",
    ),
    Wording(
        "household",
        "review",
        "household_review",
        ("market_11",),
        "户籍、地域不宜作为优先条件，请删去或者写明国家规定的依据。",
        harmless="household_harmless",
    ),
    Wording(
        "marital", "block", "marital_block", ("women_43", "employment_26"), "请删去婚姻、生育方面的要求。"
    ),
    Wording(
        "marital",
        "block",
        "marital_conditions",
        ("women_43", "employment_26"),
        "请删去婚姻、生育方面的要求。",
        where=ASKED,
    ),
    Wording("health", "block", "health_block", ("employment_30",), "请删去排斥病原携带者的内容。"),
    Wording(
        "health",
        "block",
        "health_test",
        ("hepatitis", "employment_30"),
        "请删去乙肝检测要求。",
        where=frozenset({CONDITIONS, BENEFITS}),
    ),
    Wording(
        "health",
        "review",
        "health_review",
        ("employment_30",),
        "只有法律规定要有健康证明的工作才可以这样写，请改写为“持有健康证”或者删去。",
    ),
    Wording("disability", "block", "disability_block", ("employment_29",), "请删去排斥残疾人的内容。"),
    Wording(
        "age",
        "review",
        "age_words",
        ("opinion_2024", "employment_26"),
        "年龄要求要有工作上的理由；没有就请删去。",
    ),
    Wording("fate", "review", "fate_review", ("employment_26",), "请删去与工作能力无关的条件。"),
    Wording(
        "fee",
        "block",
        "fee_block",
        ("contract_9",),
        "招用劳动者不得收费，请删去并停止收取。",
        where=ASKED,
        harmless="fee_harmless",
    ),
    Wording(
        "fee",
        "block",
        "fee_anywhere",
        ("contract_9",),
        "招用劳动者不得收费，请删去并停止收取。",
        harmless="fee_harmless",
    ),
    Wording(
        "document",
        "block",
        "document_block",
        ("contract_9",),
        "查验证件以后要当场还给本人，请删去并停止扣押。",
        where=ASKED,
        harmless="fee_harmless",
    ),
    Wording(
        "document",
        "block",
        "document_anywhere",
        ("contract_9",),
        "查验证件以后要当场还给本人，请删去并停止扣押。",
        harmless="fee_harmless",
    ),
    Wording(
        "training_loan",
        "block",
        "loan_block",
        ("notice_lure", "contract_9"),
        "不得以招聘为名推销培训和贷款，请删去。",
        harmless="loan_harmless",
    ),
    Wording(
        "bait",
        "block",
        "bait_block",
        ("notice_lure", "market_24"),
        "请删去诱饵式的说法，如实写工作和工资。",
    ),
    Wording(
        "bait",
        "review",
        "bait_review",
        ("notice_content", "market_24"),
        "请如实写工资的构成和多数人能拿到的数额。",
    ),
    Wording(
        "lure", "review", "lure_review", ("notice_lure", "market_24"), "联系方式请只写在“联系电话”一栏。"
    ),
    Wording(
        "insurance",
        "block",
        "insurance_block",
        ("labour_72",),
        "参加社会保险是法定义务，不能约定放弃，请删去。",
    ),
    Wording(
        "unpaid_trial",
        "block",
        "unpaid_trial_block",
        ("contract_20",),
        "试用期也要发工资，请改正。",
    ),
    Wording("withheld", "review", "withheld_review", ("labour_50",), "工资要按月足额发放，不能押，请改正。"),
    Wording(
        "penalty",
        "review",
        "penalty_review",
        ("contract_25",),
        "除服务期和竞业限制外不能约定违约金，请改正。",
    ),
)


def search(patterns: tuple[re.Pattern[str], ...], text: str) -> re.Match[str] | None:
    return next((match for pattern in patterns if (match := pattern.search(text))), None)


def by_words(advert: Advert, book: Rulebook, parts: tuple[Passage, ...]) -> Iterator[Finding]:
    """Every rule, at most once a field."""
    seen: set[tuple[str, str]] = set()
    excused = _excused(advert, book, parts)
    for wording in RULES:
        if (wording.rule, wording.severity) in excused:
            continue
        for part in parts:
            if part.speaks_of not in wording.where or (wording.rule, part.field) in seen:
                continue
            text = part.blotted(book.patterns(wording.harmless)) if wording.harmless else part.plain
            match = search(book.patterns(wording.patterns), text)
            if match is None:
                continue
            seen.add((wording.rule, part.field))
            severity, advice = _weighed(wording, match, book, parts)
            law, quoted = book.clause(*wording.clauses), part.quoted(match.start(), match.end())
            yield Finding(wording.rule, severity, part.field, quoted, law.law, law.text, advice)


def _excused(advert: Advert, book: Rulebook, parts: tuple[Passage, ...]) -> set[tuple[str, str]]:
    """Rules that do not reach this advert at all."""
    excused: set[tuple[str, str]] = set()
    if advert.type in {"part", "intern"}:  # 非全日制 need only injury insurance; a trainee is no employee
        excused.add(("insurance", "block"))
    if any(search(book.patterns("health_certificate"), part.plain) for part in parts):
        excused.add(("health", "review"))
    return excused


def _weighed(
    wording: Wording, match: re.Match[str], book: Rulebook, parts: tuple[Passage, ...]
) -> tuple[Severity, str]:
    """Work that the state forbids to women may be for men; an officer looks whether it is such work."""
    for_men = wording.rule == "sex" and "男" in match[0]
    if for_men and any(search(book.patterns("sex_excluded_work"), part.plain) for part in parts):
        return "review", "国家规定的女职工禁忌劳动可以限定男性，由工作人员核对工作内容。"
    return wording.severity, wording.advice
