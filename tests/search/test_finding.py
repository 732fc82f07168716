"""What every engine finds: the same vacancies by words and choices, in the same order."""

from __future__ import annotations

import pytest

from search.port import (
    Attempt,
    Index,
    Query,
    Sort,
)
from tests.search.corpus import HOSTILE, TODAY, found


def listed(board: Index, text: str = "", **choices: object) -> list[str]:
    return [hit.id for hit in board.find(Query(text, today=TODAY, size=100, **choices)).hits]  # type: ignore[arg-type]


# Words

WORDS = [
    ("服务员", {"waiter", "waiter-night"}),
    ("夜班 服务员", {"waiter-night"}),
    ("服務員", {"waiter", "waiter-night"}),
    ("护士", {"nurse"}),
    ("ＪＡＶＡ", {"java", "java-intern"}),
    ("C++", {"java"}),
    ("诚信代账", {"accountant"}),
    ("䶮", {"rare"}),
    ("𬭎䶮饭店", {"rare"}),
    ("没写的", {"bare"}),
]


@pytest.mark.parametrize(("text", "expected"), WORDS)
def test_words_find_their_vacancies(board: Index, text: str, expected: set[str]) -> None:
    assert expected <= found(board, text)
    assert set(listed(board, text)[: len(expected)]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("阿姨", {"nanny"}),
        ("月嫂", {"nanny"}),
        ("看大门", {"guard"}),
        ("码农", {"java"}),
        ("滴滴司机", {"driver"}),
        ("端盘子", {"waiter", "waiter-night"}),
        ("做账", {"accountant"}),
    ],
)
def test_an_everyday_word_finds_the_work_it_means(board: Index, text: str, expected: set[str]) -> None:
    assert expected <= found(board, text)


@pytest.mark.parametrize(
    ("text", "expected", "attempt"),
    [
        ("fuwuyuan", {"waiter", "waiter-night"}, Attempt.PINYIN),
        ("FU WU YUAN", {"waiter", "waiter-night"}, Attempt.PINYIN),
        ("fwy", {"waiter", "waiter-night"}, Attempt.PINYIN),
        ("zhujiabaomu", {"nanny"}, Attempt.PINYIN),
        ("fuwuyaun", {"waiter", "waiter-night"}, Attempt.FUZZY_PINYIN),
        ("huwuyuan", {"waiter", "waiter-night"}, Attempt.FUZZY_PINYIN),
        ("zujiabaomu", {"nanny"}, Attempt.FUZZY_PINYIN),
        ("wangyueche shiji", {"driver"}, Attempt.FUZZY_PINYIN),
        ("保母", {"nanny"}, Attempt.PINYIN),
    ],
)
def test_pinyin_initials_and_slips_of_the_finger_find_it_too(
    board: Index, text: str, expected: set[str], attempt: Attempt
) -> None:
    answer = board.find(Query(text))
    assert {hit.id for hit in answer.hits} == expected
    assert answer.tried[-1] is attempt


def test_the_answer_says_what_was_tried(board: Index) -> None:
    assert board.find(Query("")).tried == ()
    assert board.find(Query("服务员 飞行员")).tried == (Attempt.WORDS, Attempt.WORDS_OR)
    assert board.find(Query("qqqqqqqqqqqq")).tried == tuple(
        each for each in Attempt if each is not Attempt.WORDS_OR
    )


def test_what_nobody_offers_is_not_found(board: Index) -> None:
    answer = board.find(Query("宇航员", today=TODAY))
    assert (answer.total, answer.hits, answer.facets["type"]) == (0, (), {})


def test_hostile_text_is_only_text(board: Index) -> None:
    for text in HOSTILE:
        answer = board.find(Query(text, today=TODAY))
        assert len(answer.hits) == min(answer.total, 20), text


# Filters

FILTERS = [
    ({"area": "310000"}, {"waiter", "waiter-night", "nanny", "cleaner", "guard", "java", "driver"}),
    ({"area": "31"}, {"waiter", "waiter-night", "nanny", "cleaner", "guard", "java", "driver"}),
    ({"area": "310115"}, {"waiter", "cleaner", "java"}),
    ({"area": "410000"}, {"accountant"}),
    ({"area": "110000"}, set()),
    ({"occupation": "4-03-02-05"}, {"waiter", "waiter-night"}),
    ({"occupation": "4-00-00-00"}, {"waiter", "waiter-night", "nanny", "cleaner", "guard", "driver"}),
    ({"occupation": "2"}, {"java", "java-intern", "nurse", "accountant"}),
    ({"occupation": "2-02"}, {"java", "java-intern"}),
    ({"salary_min_fen": 1_000_000}, {"java", "nurse", "driver"}),
    ({"education": 0}, {"waiter-night", "nanny", "cleaner", "driver", "rare", "bare"}),
    ({"education": 20, "type": "part"}, {"waiter-night", "rare"}),
    ({"type": "intern"}, {"java-intern"}),
    ({"days": 1}, {"waiter", "java-intern"}),
    ({"days": 3}, {"waiter", "java-intern", "nanny", "waiter-night"}),
    ({"type": 'full" OR type = "part'}, set()),
    ({"area": "x\\", "occupation": "'"}, set()),
]


@pytest.mark.parametrize(("choices", "expected"), FILTERS)
def test_a_filter_leaves_exactly_what_it_says(
    board: Index, choices: dict[str, object], expected: set[str]
) -> None:
    query = Query(today=TODAY, size=100, **choices)  # type: ignore[arg-type]
    assert {hit.id for hit in board.find(query).hits} == expected
    assert board.count(query) == board.find(query).total == len(expected)


def test_a_filter_never_changes_what_the_words_mean(board: Index) -> None:
    everywhere, here = board.find(Query("服务员")), board.find(Query("服务员", area="310115"))
    assert here.tried == everywhere.tried
    assert {hit.id for hit in here.hits} == {
        hit.id for hit in everywhere.hits if hit.document.area == "310115"
    }


# Order


def test_newest_first_and_of_one_day_the_least_crowded(board: Index) -> None:
    assert listed(board, sort=Sort.NEWEST)[:3] == ["waiter", "java-intern", "nanny"]
    assert listed(board) == listed(board, sort=Sort.NEWEST)


def test_by_salary_the_best_floor_first_and_unstated_pay_last(board: Index) -> None:
    order = listed(board, sort=Sort.SALARY)
    assert order[:3] == ["java", "driver", "nanny"]
    assert set(order[-3:]) == {"accountant", "rare", "bare"}


def test_sorting_keeps_the_same_vacancies(board: Index) -> None:
    assert found(board, "服务员", sort=Sort.NEWEST) == found(board, "服务员", sort=Sort.SALARY)
