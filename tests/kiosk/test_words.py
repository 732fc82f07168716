"""Everything the kiosk says has an English; nothing in the catalogue is left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from kiosk import pages, words
from kiosk.case import Said

ROOT = Path(words.__file__).parent
METHODS = [("templates/**.html", "jinja2"), ("words.py", "python")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true"}}


def said() -> set[str]:
    """Every source text of the kiosk."""
    found = set()
    for _, _, message, _, _ in extract_from_dir(ROOT, METHODS, OPTIONS):
        found.add(message if isinstance(message, str) else message[0])
    for group in (words.SENTENCES, words.FAULTS, words.ENDINGS, pages.BUSY, pages.STATES):
        found |= set(group.values())
    return found | set(pages.ITEMS) | {words.OTHER}


def test_every_source_text_has_an_english_and_no_english_is_left_over() -> None:
    assert said() == set(words.catalogue())


@pytest.mark.parametrize("text", sorted(words.catalogue()))
def test_the_english_has_the_same_blanks_and_no_chinese(text: str) -> None:
    blanks = re.compile(r"%\(\w+\)s|\{\w+\}")
    for english in words.catalogue()[text]:
        assert sorted(blanks.findall(english)) == sorted(blanks.findall(text))
        assert not re.search(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]", english)


def test_one_and_many() -> None:
    text = "还可以试 <b>%(n)s</b> 次"
    assert words.translate(text, "en", 1) == "<b>%(n)s</b> try left"
    assert words.translate(text, "en", 2) == "<b>%(n)s</b> tries left"
    assert words.translate(text, "zh", 2) == text


def test_a_refusal_is_said_in_the_backends_words_or_in_ours() -> None:
    refused = Said("CardStopped", {"status": "挂失"}, "这张社会保障卡已经挂失，请到柜台。")
    assert words.sentence(refused, "zh") == "这张社会保障卡已经挂失，请到柜台。"
    assert words.sentence(refused, "en").startswith("This card has been stopped")
    assert words.sentence(Said("AlreadyCollected", {"day": "2026-11-09"}), "zh").count("2026年11月9日") == 1
    assert "9 November 2026" in words.sentence(Said("AlreadyCollected", {"day": "2026-11-09"}), "en")


def test_a_refusal_nobody_foresaw_is_shown_as_it_is() -> None:
    strange = Said("Strange", {}, "今天盘点，请明天再来。")
    assert words.sentence(strange, "zh") == "今天盘点，请明天再来。"
    assert "今天盘点，请明天再来。" in words.sentence(strange, "en")


def test_a_refusal_with_facts_missing_is_still_a_sentence() -> None:
    assert words.sentence(Said("CardExpired", {}, "已经过期。"), "en").startswith("This card has expired")
