"""Language: every text a page can say has its English, and finished sentences are understood again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from backend import http
from backend.kernel.auth import SignInFailed
from backend.kernel.cases import AlreadyDecided
from backend.kernel.errors import NotFound
from backend.kernel.language import CATALOGUE, EN, ZH, preferred
from backend.kernel.sentences import Invalid, read
from backend.pension.calculators.retirement import AskRetirementAge, RetirementAge, retirement_age
from portal import texts
from portal.forms import Form
from portal.language import current, gettext, ngettext, said, said_fields
from portal.render import env

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
PLACE = re.compile(r"\{\w*\}|%\(\w+\)s")


@pytest.fixture
def english() -> Iterator[None]:
    token = current.set(EN)
    yield
    current.reset(token)


def messages() -> list[Message]:
    with CATALOGUE.open("rb") as file:
        return [one for one in read_po(file) if one.id]


def pairs() -> list[tuple[str, str]]:
    """Chinese and English, each plural form with its own."""
    found: list[tuple[str, str]] = []
    for one in messages():
        if isinstance(one.id, str):
            found.append((one.id, str(one.string)))
        else:
            found.extend(zip(one.id, list(one.string or ()), strict=True))
    return found


def test_everything_a_page_can_say_is_in_the_catalogue_and_nothing_else() -> None:
    known = {one.id if isinstance(one.id, str) else tuple(one.id) for one in messages()}
    wanted = set(texts.texts())
    assert not wanted - known, "say it in English too: run python -m portal.texts, then fill in en.po"
    assert not known - wanted, "nobody says this any more: run python -m portal.texts"


def test_every_text_has_its_english() -> None:
    assert [chinese for chinese, told in pairs() if not told.strip()] == []


def test_the_catalogue_is_written_as_it_would_be_written_again() -> None:
    assert CATALOGUE.read_bytes() == texts.written(texts.update())


def test_facts_stand_in_both_languages_under_the_same_names() -> None:
    wrong = [
        (chinese, told)
        for chinese, told in pairs()
        if Counter(PLACE.findall(chinese)) != Counter(PLACE.findall(told))
    ]
    assert wrong == []


def test_english_has_no_chinese_in_it() -> None:
    assert [told for _, told in pairs() if CHINESE.search(told)] == []


def test_percent_signs_survive_being_filled() -> None:
    for chinese, told in pairs():
        for text in (chinese, told):
            if "%(" in text:
                assert "%" not in PLACE.sub("", text), text


def test_a_refusal_is_translated_by_its_template_and_then_filled(english: None) -> None:
    assert (
        said(SignInFailed(left=3))
        == "The number or password is wrong. Please check and try again. Tries left: 3."
    )
    assert said(AlreadyDecided(no=7, state="办结")) == "Case 7 cannot be reviewed again. Its status is: Done."


def test_a_fact_that_is_a_sentence_itself_is_translated_too(english: None) -> None:
    assert said(NotFound(what="职位 V7K2M")) == "We could not find job V7K2M. Please check and try again."
    assert said(NotFound(what="证件号码 310101********1234 的登记信息")).startswith(
        "We could not find a registration for identity number 310101********1234."
    )


def test_a_name_stays_as_it_is(english: None) -> None:
    assert gettext("张建国") == "张建国"
    assert said(NotFound(what="张建国")) == "We could not find 张建国. Please check and try again."


def test_what_is_wrong_with_a_form_is_said_in_english(english: None) -> None:
    with pytest.raises(Invalid) as refused:
        read(AskRetirementAge, {"sex": "male", "track": 60, "birth": "1967"})
    assert said_fields(refused.value) == {
        "birth": 'Write "Date of birth" as year-month or year-month-day, for example 1967-05 or 1967-05-12; '
        "it must be a real date"
    }
    assert CHINESE.search(said(refused.value)) is None


def test_how_an_age_was_worked_out_reads_in_english(english: None) -> None:
    found: RetirementAge = retirement_age(AskRetirementAge(sex="male", track=60, birth="1971-08-15"))
    told = [gettext(text) for step in found.steps for text in (step.name, step.formula, step.value)]
    assert [text for text in told if CHINESE.search(text)] == []
    assert "61 years 8 months" in told


def test_the_age_form_takes_what_a_browser_sends_and_says_what_is_wrong_in_english(english: None) -> None:
    asked = Form(AskRetirementAge, {"sex": "male", "track": "60", "birth": "1971-08-15"}).parse()
    assert asked is not None
    assert asked.track == 60
    wrong = Form(AskRetirementAge, {"sex": "male", "track": "58", "birth": "1971-08-15"})
    assert wrong.parse() is None
    assert wrong.errors == {"track": '"Former retirement age" must be 60, 55 or 50'}


@pytest.mark.parametrize(
    ("chinese", "told"),
    [
        ("61岁3个月", "61 years 3 months"),
        ("60岁", "60 years"),
        ("已录用：仓库管理员", "Hired: 仓库管理员"),
        ("6,000–8,000 元/月", "6,000–8,000 yuan a month"),
        (
            "晨光超市处理了您对“理货员”的申请，结果是未录用。原因：没有参加面试。单位留言：下次再来。",
            '晨光超市 has answered your application for "理货员". The answer: Not hired. '
            "Reason: Did not come to the interview. Message from the employer: 下次再来。",
        ),
        (
            "您申请的“理货员”已经招满，申请随之结束。可以看看相似的职位。",
            'The job "理货员" you applied for has been filled, so your application has ended. Have a look at similar jobs.',
        ),
        ("“出生年月”应该是数字", '"Date of birth" must be a number'),
    ],
)
def test_a_finished_sentence_is_understood_again(english: None, chinese: str, told: str) -> None:
    assert gettext(chinese) == told


def test_chinese_readers_read_the_source_text() -> None:
    token = current.set(ZH)
    try:
        assert gettext("找工作") == "找工作"
        assert ngettext("{n} 人", "{n} 人", 2) == "{n} 人"
    finally:
        current.reset(token)


def test_a_text_with_facts_in_a_template_is_filled_in_both_languages() -> None:
    template = env.from_string("{% trans n=3, bad=1 %}共 {{ n }} 行，{{ bad }} 行有误{% endtrans %}")
    spoken = {}
    for language in (ZH, EN):
        token = current.set(language)
        spoken[language] = template.render()
        current.reset(token)
    assert spoken == {ZH: "共 3 行，1 行有误", EN: "3 lines, 1 with a problem"}


def test_the_portal_says_its_own_refusals_in_english(english: None) -> None:
    assert said(http.Broken()).startswith("Something went wrong on our side")


def test_the_browser_chooses_when_the_person_has_not() -> None:
    assert preferred("en-GB,en;q=0.9") == EN
    assert preferred("zh-TW,zh;q=0.9,en;q=0.8") == ZH
