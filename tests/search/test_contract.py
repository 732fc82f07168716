"""What every engine promises: the same vacancies, the same numbers, the same reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from search.embedded import EmbeddedIndex
from search.port import (
    AgeNeedsDay,
    Attempt,
    Field,
    How,
    Index,
    IndexClosedToWriting,
    IndexMissing,
    PageOutOfRange,
    Piece,
    Query,
    Sort,
    Why,
)
from tests.search.conftest import Opener
from tests.search.corpus import HOSTILE, TODAY, VACANCIES, thesaurus, vacancy, varied_titles

NAMED = {document.id: document for document in VACANCIES}


@pytest.fixture(scope="module")
def board(open_index: Opener) -> Index:
    """The vacancies written by hand."""
    index = open_index("board")
    assert index.rebuild(VACANCIES) == len(VACANCIES)
    return index


def found(board: Index, text: str = "", **choices: object) -> set[str]:
    return {hit.id for hit in board.find(Query(text, today=TODAY, size=100, **choices)).hits}  # type: ignore[arg-type]


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


# Reasons


def reasons(board: Index, text: str, id: str) -> tuple[Why, ...]:
    return next(hit.why for hit in board.find(Query(text, size=100)).hits if hit.id == id)


def test_every_hit_says_why_it_is_there(board: Index) -> None:
    assert Why("服务员", How.WORD, "服务员", Field.TITLE) in reasons(board, "服务员", "waiter")
    assert Why("阿姨", How.SYNONYM, "保姆", Field.TITLE) in reasons(board, "阿姨", "nanny")
    assert Why("月嫂", How.OCCUPATION, "保姆", Field.TITLE) in reasons(board, "月嫂", "nanny")
    assert Why("fuwuyuan", How.PINYIN, "服务员", Field.TITLE) in reasons(board, "fuwuyuan", "waiter")
    assert Why("fwy", How.INITIALS, "服务员", Field.TITLE) in reasons(board, "fwy", "waiter")
    assert Why("fuwuyaun", How.FUZZY_PINYIN, "服务员", Field.TITLE) in reasons(board, "fuwuyaun", "waiter")
    assert Why("早班", How.WORD, "早班", Field.BODY) in reasons(board, "早班", "cleaner")


def test_what_was_looked_for_is_marked_as_the_employer_wrote_it(board: Index) -> None:
    [hit] = [hit for hit in board.find(Query("护士")).hits if hit.id == "nurse"]
    assert hit.title == (Piece("門診", False), Piece("護士", True))
    assert Piece("护士", True) in hit.snippet
    [hit] = [hit for hit in board.find(Query("fuwuyaun")).hits if hit.id == "waiter"]
    assert Piece("服务员", True) in hit.title


def test_marks_fall_on_whole_runs(open_index: Opener) -> None:
    index = open_index("marks")
    told = {
        "护士 病房": ("护士/病房护士", ["护士", "病房护士"]),  # what touches is one run, a sign is none
        "電焊": ("（ 電 焊 ）工", ["電 焊"]),  # signs within a word belong to it
        "½㎡ 贴砖": ("½㎡贴砖工", ["½㎡贴砖"]),  # letters that fold to several
    }
    index.rebuild(vacancy(text, title) for text, (title, _) in told.items())
    for text, (title, marked) in told.items():
        [hit] = [hit for hit in index.find(Query(text)).hits if hit.id == text]
        assert "".join(piece.text for piece in hit.title) == title
        assert [piece.text for piece in hit.title if piece.marked] == marked


def test_the_passage_begins_shortly_before_what_was_found(open_index: Opener) -> None:
    index = open_index("passages")
    index.rebuild([vacancy("one", "普工", body="。" * 50 + "做五休二" * 20 + "会开叉车，" + "包吃住" * 30)])
    [hit] = index.find(Query("叉车")).hits
    passage = "".join(piece.text for piece in hit.snippet)
    assert passage.startswith("…")
    assert passage.endswith("…")
    assert passage.index("叉车") == 21
    assert len(passage) == 92
    [hit] = index.find(Query("普工")).hits
    assert "".join(piece.text for piece in hit.snippet) == hit.document.body[:90] + "…"


def test_a_hit_gives_back_the_whole_document(board: Index) -> None:
    assert {hit.id: hit.document for hit in board.find(Query(size=100)).hits} == NAMED


# Numbers

CHOICES: dict[str, Callable[[Query, str], Query]] = {
    "area": lambda query, value: replace(query, area=value),
    "occupation": lambda query, value: replace(query, occupation=value),
    "education": lambda query, value: replace(query, education=int(value)),
    "type": lambda query, value: replace(query, type=value),
    "salary": lambda query, value: replace(query, salary_min_fen=int(value)),
    "age": lambda query, value: replace(query, days=int(value)),
}
ASKED = [
    Query(today=TODAY),
    Query("服务员", today=TODAY),
    Query("fuwuyaun", today=TODAY),
    Query("会计 司机", today=TODAY),
    Query(area="310115", occupation="4", today=TODAY),
    Query("java", type="intern", education=50, salary_min_fen=300_000, days=30, today=TODAY),
    Query("服务员", area="310115", today=TODAY),
    Query("服务员", area="310000", type="full", today=TODAY),
    Query("服务员", area="310000", education=20, salary_min_fen=400_000, type="full", today=TODAY),
    Query("服务员", type='full" OR type:"part', today=TODAY),
]


@pytest.mark.parametrize("query", ASKED, ids=str)
def test_the_number_beside_a_choice_is_what_choosing_it_finds(board: Index, query: Query) -> None:
    facets = board.find(query).facets
    assert set(facets) == set(CHOICES)
    for name, choose in CHOICES.items():
        for value, number in facets[name].items():
            assert board.count(choose(query, value)) == number > 0, (name, value)


def test_places_and_occupations_open_one_level_at_a_time(board: Index) -> None:
    assert board.find(Query()).facets["area"] == {"310000": 7, "320000": 2, "330000": 1, "410000": 1}
    inside = board.find(Query(area="310100")).facets["area"]
    assert inside == {
        "310000": 7, "310100": 6, "310115": 3, "310104": 1, "310106": 1, "310116": 1,
        "320000": 2, "330000": 1, "410000": 1,
    }  # fmt: skip
    assert board.find(Query(occupation="2-02-10")).facets["occupation"] == {
        "4-00-00-00": 6, "2-00-00-00": 4, "2-02-00-00": 2, "2-05-00-00": 1, "2-06-00-00": 1,
        "2-02-10-00": 2, "2-02-10-03": 2,
    }  # fmt: skip


def test_without_a_day_no_age_is_counted(board: Index) -> None:
    assert board.find(Query()).facets["age"] == {}
    assert board.find(Query(today=TODAY)).facets["age"] == {"1": 2, "3": 4, "7": 8 - 1, "14": 9, "30": 10}


# Paging


@pytest.fixture(scope="module")
def many(open_index: Opener) -> Index:
    index = open_index("many")
    index.rebuild(varied_titles(400))
    return index


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("text", ["", "销售", "客服 专员", "xiaoshou"])
def test_the_pages_together_are_the_total_and_each_vacancy_stands_once(
    many: Index, text: str, sort: Sort
) -> None:
    query = Query(text, sort=sort, size=30)
    total = many.find(query).total
    pages = [
        [hit.id for hit in many.find(replace(query, page=page)).hits] for page in range(1, total // 30 + 2)
    ]
    seen = [each for page in pages for each in page]
    assert len(seen) == len(set(seen)) == total
    assert [hit.id for hit in many.find(replace(query, page=1)).hits] == pages[0]
    assert many.find(replace(query, page=10**30)).hits == ()


def test_a_page_must_be_a_page() -> None:
    for wrong in ({"size": 0}, {"size": 101}, {"page": 0}):
        with pytest.raises(PageOutOfRange):
            Query(**wrong)  # type: ignore[arg-type]
    with pytest.raises(AgeNeedsDay):
        Query(days=3)


@pytest.mark.parametrize(
    "text", ["", "销售", "客服 专员", "会计", "阿姨", "xiaoshou", "kf", "司机 五险", "技术员", "java工程师"]
)
@pytest.mark.parametrize("area", [None, "310000"])
def test_every_engine_counts_the_same(many: Index, same: Index, text: str, area: str | None) -> None:
    query = Query(text, area=area, today=TODAY)
    ours, theirs = many.find(query), same.find(query)
    assert (ours.total, ours.tried, ours.facets) == (theirs.total, theirs.tried, theirs.facets)


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The embedded engine with the same vacancies, written one batch after the other."""
    index = EmbeddedIndex(tmp_path_factory.mktemp("same"), thesaurus(), write=True)
    documents = list(varied_titles(400))
    for start in range(0, len(documents), 90):
        index.put(documents[start : start + 90])
        index.commit()
    return index


# Changes


def test_changes_are_seen_after_the_commit_and_not_before(open_index: Opener) -> None:
    index = open_index("changes")
    assert index.needs_rebuild
    index.put([vacancy("a", "电焊工"), vacancy("b", "钳工")])
    index.commit()
    assert not index.needs_rebuild
    index.put([vacancy("a", "氩弧焊工"), vacancy("c", "车工")])
    index.drop(["b"])
    assert found(index) == {"a", "b"}
    index.commit()
    assert found(index) == {"a", "c"}
    assert index.find(Query("氩弧焊工")).total == 1
    index.drop(["c"])
    index.put([vacancy("c", "铣工", days_ago=1)])
    index.commit()
    assert {hit.document.title for hit in index.find(Query()).hits} == {"氩弧焊工", "铣工"}


def test_a_place_that_all_lie_in_is_left_by_the_first_that_lies_elsewhere(open_index: Opener) -> None:
    """Deleted vacancies still stand among the words: they must not pass for those that are there."""
    index = open_index("moved")
    index.rebuild(vacancy(str(n), "电工", area="310115") for n in range(4))
    inside = Query("电工", area="310115")
    assert index.find(inside).total == 4
    index.put([vacancy("3", "电工", area="320102")])
    index.commit()
    answer = index.find(inside)
    assert answer.total == index.count(inside) == 3
    assert answer.facets["area"]["320000"] == 1


def test_a_rebuild_leaves_exactly_what_it_was_given(open_index: Opener) -> None:
    index = open_index("rebuilt")
    index.rebuild([vacancy("a", "电焊工"), vacancy("b", "钳工")])
    index.put([vacancy("never", "没有提交的职位")])
    assert index.rebuild([vacancy("b", "钳工"), vacancy("c", "车工"), vacancy("c", "数控车工")]) == 2
    index.commit()
    assert {hit.document.title for hit in index.find(Query()).hits} == {"钳工", "数控车工"}


def test_a_reader_may_not_write_and_an_index_that_is_not_there_is_said_so(open_index: Opener) -> None:
    reader = open_index("nowhere", write=False)
    with pytest.raises(IndexMissing, match="还没有职位索引"):
        reader.find(Query())
    for change in (
        lambda: reader.put([vacancy("a", "电工")]),
        lambda: reader.drop(["a"]),
        reader.commit,
        lambda: reader.rebuild([]),
    ):
        with pytest.raises(IndexClosedToWriting):
            change()


def test_any_id_will_do(open_index: Opener) -> None:
    index = open_index("ids")
    ids = ["职位/1", 'a"b', "x y", "é" * 40, "1"]
    index.rebuild(vacancy(each, "保洁员") for each in ids)
    index.drop(['a"b'])
    index.commit()
    assert found(index, "保洁员") == set(ids) - {'a"b'}


def test_an_advert_from_tomorrow_counts_as_new(open_index: Opener) -> None:
    index = open_index("tomorrow")
    index.rebuild([replace(NAMED["bare"], published=TODAY + timedelta(days=1))])
    assert found(index, days=1) == {"bare"}
