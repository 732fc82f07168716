"""Everything the kiosk says has an English; whatever is refused here is said in words for who stands before it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

import cardio
import kiosk.cards
import kiosk.cli  # noqa: F401 - what commands have to tell is declared by being imported
from backend.kernel.errors import Refusal, Told, sentence_of
from backend.kernel.language import EN, ZH, Catalogue
from backend.kernel.telling import tell
from cardio.link import CardFault, CardPulled
from cardio.tape import TapeBroken
from kiosk import duty, matter, mishaps, pages, services, spoken, told, words
from kiosk.case import Said
from kiosk.client import NoAnswer, Refused
from portal.texts import pattern_of
from tests.kiosk.refused import refused_here

ROOT, CARDS = Path(words.__file__).parent, Path(cardio.__file__).parent
METHODS = [
    ("templates/**.html", "jinja2"),
    ("words.py", "python"),
    ("printed.py", "python"),
    ("operator/slips.py", "python"),
]
OPTIONS = {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true"}}
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
OWN = Catalogue(words.OWN).english


def below(shape: type) -> Iterator[type]:
    for one in shape.__subclasses__():
        yield one
        yield from below(one)


def faults_of_data() -> Iterator[str]:
    """What is found wrong with the data of a card: the sentences at `Malformed`, or beside it in the function."""
    for path in (*CARDS.rglob("*.py"), *ROOT.glob("*.py")):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and ast.unparse(node.func) == "Malformed":
                        own = [*_texts(node)]
                        yield from own or _texts(function)


def _texts(top: ast.AST) -> Iterator[str]:
    made = [node for node in ast.walk(top) if isinstance(node, ast.JoinedStr)]
    inside = {id(part) for node in made for part in ast.walk(node)}
    yield from (pattern_of(node) for node in made)
    for node in ast.walk(top):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


def sources() -> set[str]:
    """Every source text of the kiosk."""
    found = set()
    for _, _, message, _, _ in extract_from_dir(ROOT, METHODS, OPTIONS):
        found.add(message if isinstance(message, str) else message[0])
    for group in (words.ENDINGS, pages.BUSY, mishaps.LABELS):
        found |= set(group.values())
    found |= {*spoken.texts(), duty.UNREADABLE}
    found |= {text for texts in matter.SHEETS.values() for text in texts}
    found |= {text for one in services.SERVICES for text in (one.name, one.line)}
    found |= {one.name for one in services.TRADES}
    told_here = [one for one in below(Told) if one.__module__.partition(".")[0] == "kiosk"]
    for shape in (
        *told_here,
        CardFault,
        *(one for one in below(CardFault) if one.__module__.startswith("cardio")),
    ):
        found.add((shape.__doc__ or "").partition("\n")[0])
    found |= {text for text in faults_of_data() if CHINESE.search(text)}
    return found - {sentence_of(Refused)}


def test_every_source_text_has_an_english_and_no_english_is_left_over() -> None:
    assert sources() == set(OWN)


@pytest.mark.parametrize("text", sorted(OWN))
def test_the_english_has_the_same_blanks_and_no_chinese(text: str) -> None:
    blanks = re.compile(r"%\(\w+\)s|\{\w+\}")
    for english in OWN[text]:
        assert sorted(blanks.findall(english)) == sorted(blanks.findall(text))
        assert not CHINESE.search(english)


def test_one_and_many() -> None:
    text = "还可以试 <b>%(n)s</b> 次"
    assert words.CATALOGUE.counted(text, 1, EN) == "<b>%(n)s</b> try left"
    assert words.CATALOGUE.counted(text, 2, EN) == "<b>%(n)s</b> tries left"
    assert words.CATALOGUE.counted(text, 2, ZH) == text


@pytest.mark.parametrize(
    "refusal", refused_here(), ids=lambda one: f"{one.code}-{'-'.join(one.facts.values())}"
)
def test_each_refusal_that_can_reach_a_kiosk_is_said_in_both_languages(refusal: Refusal) -> None:
    """As it comes over the wire: in Chinese, and the screen may be switched afterwards."""
    heard = Said.of(Refused(refusal.code, tell(refusal, ZH).message))
    assert words.said(heard, ZH) == tell(refusal, ZH).message
    english = words.said(heard, EN)
    assert not CHINESE.search(english)
    assert english == words.said(refusal, EN) == tell(refusal, EN).message
    for sentence in (words.said(heard, ZH), english):
        assert not re.search(r"[{}]|None|\b[A-Z][a-z]+[A-Z]", sentence), "no code, nothing left to fill in"
    assert re.search("请|您", words.said(heard, ZH)), "says what to do"


@pytest.mark.parametrize("shape", [*below(told.Told)], ids=lambda one: one.__name__)
def test_what_the_machine_tells_itself_ends_as_a_sentence(shape: type[Told]) -> None:
    if shape.__module__ == told.__name__:
        assert (shape.__doc__ or "").endswith("。")


def test_dates_are_said_as_people_read_them() -> None:
    (paid,) = (one for one in refused_here() if one.code == "AlreadyCollected")
    assert "2026年11月的基本养老金" in words.said(paid, ZH)
    assert "2026年11月9日" in words.said(paid, ZH)
    assert words.said(paid, EN).startswith("Basic pension, November 2026: ")
    assert "9 November 2026" in words.said(paid, EN)


def test_a_refusal_nobody_foresaw_is_shown_as_it_is() -> None:
    strange = Said.of(Refused("Strange", "今天盘点 {0}，请明天再来。"))
    assert words.said(strange, ZH) == words.said(strange, EN) == "今天盘点 {0}，请明天再来。"


def test_card_and_machine_are_told_alike() -> None:
    assert words.said(CardPulled("3 bytes"), EN).startswith("The card was pulled out too early")
    assert words.said(told.InDoubt(order="0000000100010001"), EN).count("0000000100010001") == 1
    assert words.said(NoAnswer("ConnectError"), ZH).startswith("网络暂时不通")
    assert "line 7" in words.said(TapeBroken(line=7), EN)


def test_nothing_of_the_error_stays_with_what_is_said() -> None:
    """An error's frames hold what was read from the card and typed."""
    assert set(vars(Said.of(CardPulled("secret")))) == {"code", "template", "facts"}
