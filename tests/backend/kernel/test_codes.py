"""Code tables are whole: every code once, every parent there, every day in order."""

from datetime import date

import pytest

from backend.kernel import codes
from backend.kernel.errors import Wrong


@pytest.mark.parametrize("key", codes.tables())
def test_a_table_is_whole(key: str) -> None:
    table = codes.table(key)
    lines = (codes.HOME / f"{key}.csv").read_text("utf-8").splitlines()[1:]
    assert len(lines) == len(table.codes), "a code stands twice"
    assert table.title
    assert table.source
    assert table.evidence in set("SOTKC")
    for one in table.codes.values():
        assert one.code
        assert one.name.strip() == one.name != ""
        assert not one.parent or one.parent in table.codes
        assert one.since is None or one.until is None or one.since <= one.until


def test_every_file_is_registered() -> None:
    assert {file.stem for file in codes.HOME.glob("*.csv")} == {*codes.tables(), "tables"}


def test_a_division_says_what_it_lies_in() -> None:
    assert codes.full_name("310115") == "上海市浦东新区"
    assert codes.full_name("440305") == "广东省深圳市南山区"
    assert [one.code for one in codes.ancestors("area", "310115")] == ["310115", "310100", "310000", "000000"]


def test_an_occupation_has_its_levels_and_other_names() -> None:
    manager = codes.find("occupation", "1-06-01-02")
    assert "总裁" in manager.aliases
    assert [one.level for one in codes.ancestors("occupation", "6-20-05-03")][-1] == 1
    assert all(one.aliases is not None for one in codes.choices("occupation", parent="1-06-00-00"))


def test_fifty_six_nations_and_ninety_seven_groups_of_industry() -> None:
    assert sum(one.code <= "56" for one in codes.choices("nation")) == 56
    assert sum(one.level == 2 for one in codes.choices("industry")) == 97
    assert [one.code for one in codes.choices("industry", parent="P")] == ["83"]


def test_a_code_that_is_not_there_is_refused_by_the_tables_name() -> None:
    with pytest.raises(codes.UnknownCode) as refused:
        codes.name("sex", "7")
    assert "性别代码" in refused.value.message
    with pytest.raises(Wrong):
        codes.checked("nation")("57")
    with pytest.raises(codes.NoTable):
        codes.name("colour", "1")


def test_a_code_is_valid_from_a_day_to_a_day() -> None:
    one = codes.Code("1", "一", date(2000, 1, 1), date(2009, 12, 31), "", 1, ())
    assert [one.valid(day) for day in (date(1999, 12, 31), date(2000, 1, 1), date(2010, 1, 1), None)] == [
        False,
        True,
        False,
        True,
    ]
