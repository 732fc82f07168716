"""How words are folded, cut, spelled and stood for."""

from __future__ import annotations

import pytest
import yaml

from search import choices, pinyin, words
from search.port import How
from search.reading import read
from search.thesaurus import Other, Thesaurus, named
from tests.search.corpus import occupations, thesaurus


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("軟體工程師", "软体工程师"),
        ("ＣＮＣ 操作工", "cnc操作工"),
        ("C++/C#", "c++c#"),
        ("（五险一金）", "五险一金"),
        ("𬭎䶮", "𬭎䶮"),
        (" \t\u200b", ""),
    ],
)
def test_texts_that_mean_the_same_letters_fold_alike(text: str, folded: str) -> None:
    assert words.fold(text) == folded


def test_words_inside_words_are_found_too() -> None:
    assert {"软件", "开发", "软件开发", "工程师"} <= set(words.cut_for_search("软件开发工程师"))
    assert words.cut("乾淨") == ["干净"]


def test_pinyin_knows_how_a_word_is_said_in_its_place() -> None:
    assert pinyin.spell("银行行长") == "yinhanghangzhang"
    assert pinyin.spell("重庆") == "chongqing"
    assert pinyin.initials("服务员") == "fwy"


@pytest.mark.parametrize(
    ("one", "other"),
    [("zhi", "zi"), ("chi", "ci"), ("yin", "ying"), ("fen", "feng"), ("lan", "nan"), ("lv", "lu")],
)
def test_sounds_that_many_write_alike_are_near(one: str, other: str) -> None:
    assert pinyin.near(one) == pinyin.near(other)


@pytest.mark.parametrize(
    ("other", "slips"), [("fuwuyuan", 0), ("fuwuyaun", 1), ("fuwuyan", 1), ("fuwuyuann", 1), ("fuwvyuan", 1)]
)
def test_a_slip_is_a_letter_left_out_added_mistaken_or_swapped(other: str, slips: int) -> None:
    assert pinyin.slips("fuwuyuan", other, most=2) == slips


def test_everyday_words_stand_for_each_other() -> None:
    plain = Thesaurus.load()
    assert Other("保安员", How.SYNONYM) in plain.others["保安"]
    assert Other("保安", How.SYNONYM) in plain.others["保安员"]
    assert Other("软件开发", How.SYNONYM) in plain.others["程序员"]
    assert "工厂" not in {other.word for other in plain.others["普工"]}


def test_names_of_one_occupation_stand_for_each_other() -> None:
    assert Other("收纳师", How.OCCUPATION) in thesaurus().others["月嫂"]
    assert thesaurus().codes["月嫂"] == ("4-10-01-06",)
    assert named(("物业/家政管理", "家政")) == ("物业家政管理", "物业", "家政管理", "家政")


def test_the_list_of_everyday_words_is_tidy() -> None:
    text = (words_file := __import__("pathlib").Path(words.__file__).with_name("synonyms.yaml")).read_text(
        "utf-8"
    )
    known = yaml.load(text, Loader=yaml.BaseLoader)
    assert words_file.exists()
    assert len(known["same"]) + len(known["wider"]) > 200
    for group in [*known["same"], *known["wider"].values()]:
        assert len(group) == len({words.fold(word) for word in group}) > 1, group


def test_a_question_is_read_without_its_filler() -> None:
    reading = read("我想找个月嫂的工作，要住家", thesaurus())
    assert [unit.word for unit in reading.units] == ["月嫂", "住家"]
    assert [unit.word for unit in read("招聘", thesaurus()).units] == ["招聘"]
    assert [unit.word for unit in read("网约车司机", thesaurus()).units] == ["网约车司机"]


def test_general_words_alone_are_no_reason() -> None:
    reading = read("收纳经理", Thesaurus.load())
    assert (reading.strong, reading.weak) == (("收纳",), ("经理",))


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("310115", ("310000", "310100", "310115")),
        ("3101", ("310000", "310100")),
        ("310000", ("310000",)),
        ("419001", ("410000", "419000", "419001")),
        ("310115001000", ("310000", "310100", "310115", "310115001")),
        ("441900003", ("440000", "441900", "441900003")),
        ("0001", ("000100",)),
        ("", ()),
    ],
)
def test_a_place_lies_in_all_the_places_above_it(code: str, path: tuple[str, ...]) -> None:
    assert choices.area_path(code) == path


def test_every_occupation_lies_in_the_groups_above_it() -> None:
    assert choices.occupation_path("4-01-02-01") == ("4-00-00-00", "4-01-00-00", "4-01-02-00", "4-01-02-01")
    assert choices.occupation_path("2-03-01-00") == ("2-00-00-00", "2-03-00-00", "2-03-01-00")
    assert choices.occupation_path("4-01") == ("4-00-00-00", "4-01-00-00")
    for code, _, _ in occupations():
        assert choices.occupation_path(code)[-1] == code
