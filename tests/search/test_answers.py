"""What every engine says of what it found: the same reasons, marks and numbers, page by page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from search.embedded import EmbeddedIndex
from search.port import (
    AgeNeedsDay,
    Field,
    How,
    Index,
    PageOutOfRange,
    Piece,
    Query,
    Sort,
    Why,
)
from tests.search.conftest import Opener
from tests.search.corpus import NAMED, TODAY, thesaurus, vacancy, varied_titles

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
