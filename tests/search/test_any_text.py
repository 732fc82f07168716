"""Whatever a person types is answered: nothing is a command, nothing raises, letters of a title find it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search import words
from search.embedded import EmbeddedIndex
from search.occupations import Occupations
from search.port import Document, Query, Sort
from tests.search.corpus import HOSTILE, TODAY, occupations, thesaurus, titles, vacancy, varied_titles

ALL = list(varied_titles(250))


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedIndex]:
    with EmbeddedIndex(tmp_path_factory.mktemp("any"), thesaurus(), write=True) as index:
        index.rebuild(ALL)
        yield index


@pytest.fixture(scope="module")
def known() -> Occupations:
    return Occupations(occupations(), thesaurus())


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_is_only_text(board: EmbeddedIndex, known: Occupations, text: str) -> None:
    answer = board.find(Query(text, today=TODAY))
    assert answer.total == board.count(Query(text))
    assert len(answer.hits) == min(answer.total, 20)
    assert len(known.suggest(text)) <= 5


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.characters(), max_size=60), sort=st.sampled_from(Sort), size=st.integers(1, 100))
@example(text="护士" * 200, sort=Sort.RELEVANCE, size=1)
def test_any_text_is_answered(board: EmbeddedIndex, text: str, sort: Sort, size: int) -> None:
    answer = board.find(Query(text, sort=sort, size=size, today=TODAY))
    assert len(answer.hits) == min(answer.total, size)
    for hit in answer.hits:
        assert "".join(piece.text for piece in hit.title) == hit.document.title


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_two_letters_or_more_of_a_title_find_it(board: EmbeddedIndex, data: st.DataObject) -> None:
    document = data.draw(st.sampled_from(ALL))
    start = data.draw(st.integers(0, len(document.title) - 2))
    end = data.draw(st.integers(start + 2, len(document.title)))
    part = document.title[start:end]
    if not words.fold(part):
        return
    query = Query(part, size=100)
    pages = range(1, -(-board.count(query) // 100) + 1)
    assert any(document.id == hit.id for page in pages for hit in board.find(replace(query, page=page)).hits)


def test_a_part_of_a_text_folds_to_a_part_of_the_folded_text() -> None:
    for title, _ in titles()[::7]:
        folded = words.fold(title)
        for cut in range(len(title)):
            assert words.fold(title[:cut]) + words.fold(title[cut:]) == folded


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_numbers_beside_the_choices_add_up(board: EmbeddedIndex, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(["", "销售", "客服 专员", "技术", "xiaoshou"]))
    area = data.draw(st.sampled_from([None, "310000", "310115"]))
    kind = data.draw(st.sampled_from([None, "full", "part"]))
    answer = board.find(Query(text, area=area, type=kind, today=TODAY))
    without = {
        "type": board.count(Query(text, area=area)),
        "education": answer.total,
        "occupation": answer.total,
        "area": board.count(Query(text, type=kind)),
    }
    assert sum(answer.facets["type"].values()) == without["type"]
    assert max(answer.facets["education"].values(), default=0) == without["education"]
    top = {code: n for code, n in answer.facets["occupation"].items() if code.endswith("00-00-00")}
    assert sum(top.values()) == without["occupation"]
    provinces = {code: n for code, n in answer.facets["area"].items() if code.endswith("0000")}
    assert sum(provinces.values()) == without["area"]


@settings(max_examples=60, deadline=None)
@given(
    title=st.text(st.characters(), max_size=40),
    body=st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    area=st.text("0123456789", max_size=14),
    occupation=st.text("0123456789-", max_size=14),
    pay=st.one_of(st.none(), st.integers(0, 10**15)),
    applicants=st.integers(0, 10**9),
)
def test_any_vacancy_can_be_put_and_comes_back_as_it_was(
    scratch: EmbeddedIndex,
    title: str,
    body: str,
    area: str,
    occupation: str,
    pay: int | None,
    applicants: int,
) -> None:
    title = title.encode("utf-8", "ignore").decode()
    document: Document = vacancy(
        "one", title, body=body, area=area, occupation=occupation, salary_min_fen=pay, applicants=applicants
    )
    scratch.put([document])
    scratch.commit()
    [hit] = scratch.find(Query(today=TODAY)).hits
    assert hit.document == document


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedIndex]:
    with EmbeddedIndex(tmp_path_factory.mktemp("scratch"), thesaurus(), write=True) as index:
        yield index
