"""Occupations suggested from a title, held against the codes that people gave."""

from __future__ import annotations

import pytest

from search.occupations import Occupations
from tests.search.corpus import occupations, thesaurus, titles


@pytest.fixture(scope="module")
def known() -> Occupations:
    return Occupations(occupations(), thesaurus())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("家政", "4-10-01-06"),
        ("急招住家月嫂", "4-10-01-06"),
        ("java", "2-02-10-03"),
        ("网约车司", "4-02-02-01"),
        ("保安", "4-07-05-01"),
        ("會計", "2-06-03-00"),
        ("jiazheng", "4-10-01-06"),
        ("baoan", "4-07-05-01"),
        ("招聘专员", "4-07-03-08"),
        ("机械设计工程师+包食宿", "2-02-07-01"),
    ],
)
def test_the_likeliest_occupation_stands_first(known: Occupations, text: str, code: str) -> None:
    assert known.suggest(text)[0].code == code


def test_a_suggestion_has_the_plain_name_and_scores_fall(known: Occupations) -> None:
    found = known.suggest("算法工程师", n=8)
    assert len(found) == 8
    assert "人工智能工程技术人员" in [each.name for each in found]
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def test_nothing_alike_suggests_nothing(known: Occupations) -> None:
    assert known.suggest("") == known.suggest("！？") == known.suggest("ẞ") == []


def test_of_real_titles_two_in_five_are_named_first_and_two_in_three_in_five(known: Occupations) -> None:
    asked = [(title, code) for title, code in titles()[::4] if code]
    found = [[each.code for each in known.suggest(title)] for title, _ in asked]
    first = sum(codes[:1] == [code] for codes, (_, code) in zip(found, asked, strict=True)) / len(asked)
    among = sum(code in codes for codes, (_, code) in zip(found, asked, strict=True)) / len(asked)
    assert first >= 0.38
    assert among >= 0.63
