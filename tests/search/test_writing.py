"""What every engine promises to who writes: changes are seen after the commit, a rebuild replaces all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from search.port import (
    IndexClosedToWriting,
    IndexMissing,
    Query,
)
from tests.search.conftest import Opener
from tests.search.corpus import NAMED, TODAY, found, vacancy


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
