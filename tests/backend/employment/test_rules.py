"""The rulebook is whole, a vacancy stands where its dates say, and demand is counted as published."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis.strategies import integers, text

from backend.employment.rules import (
    Advert,
    a_month,
    check,
    demand_ratio,
    rulebook,
    status,
)
from backend.employment.rules.pay import promised
from backend.employment.rules.rulebook import SYSTEM
from backend.employment.rules.wording import RULES, Wording, plain
from backend.kernel import params
from tests.backend.employment.test_check import DAY, LAWFUL, SHANGHAI

BOOK = rulebook(DAY, SHANGHAI)
DATA = Path(__file__).parents[2] / "search" / "data"
NOON = datetime.fromisoformat("2026-11-24T12:00:00+08:00")


@pytest.mark.parametrize("wording", RULES, ids=lambda wording: wording.patterns)
def test_every_rule_has_its_words_and_its_clause(wording: Wording) -> None:
    assert BOOK.patterns(wording.patterns)
    assert not wording.harmless or BOOK.patterns(wording.harmless)
    assert BOOK.clause(*wording.clauses).text
    assert wording.advice.endswith("。")


def test_before_a_law_is_in_force_an_older_clause_is_quoted() -> None:
    advert = replace(LAWFUL, conditions="限男性", valid_until=date(2022, 12, 1), verified_on=date(2022, 6, 1))
    (finding,) = check(advert, rulebook(date(2022, 11, 24), SHANGHAI))
    assert finding.law == "就业促进法 第二十七条"
    (finding,) = (one for one in check(replace(LAWFUL, conditions="限男性"), BOOK))
    assert finding.law == "妇女权益保障法 第四十三条"
    assert "限定为男性或者规定男性优先" in finding.clause


def test_a_finding_quotes_the_words_as_they_were_written() -> None:
    (finding,) = check(replace(LAWFUL, conditions="会开叉车；限 男 ★ 性，能吃苦"), BOOK)
    assert (finding.field, finding.excerpt) == ("conditions", "限 男 ★ 性")


def test_men_may_be_asked_for_only_where_the_state_forbids_the_work_to_women() -> None:
    mine = replace(LAWFUL, title="采煤工", work="在矿山井下从事采煤和支护作业。", conditions="限男性")
    assert [one.severity for one in check(mine, BOOK)] == ["review"]
    women_only = replace(mine, conditions="限女性")
    assert [one.severity for one in check(women_only, BOOK)] == ["block"]


def test_where_no_minimum_wage_is_published_pay_is_not_held_against_one() -> None:
    low = replace(LAWFUL, pay_min_fen=100_000, pay_max_fen=200_000)
    assert [one.rule for one in check(low, BOOK)] == ["minimum_wage"]
    assert check(low, rulebook(DAY, "540100")) == ()
    assert BOOK.amounts.minimum_month_fen == 274_000
    assert rulebook(date(2025, 6, 30), SHANGHAI).amounts.minimum_month_fen == 269_000


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("机械设计工程师+包食宿+10K", 10_000),
        ("月入1.2W鲜羊奶销售", 12_000),
        ("保底一万", 10_000),
        ("月薪过万", 10_000),
        ("工资3800~6000包吃住", 6_000),
        ("年薪30万", 25_000),
        ("日结200-300时间自由", 6_525),
        ("暑假学生工25元时", 4_350),
        ("装卸240一天", 5_220),
        ("销售顾问", 0),
        ("24小时便利店", 0),
        ("10万级洁净室", 0),
        ("20-55岁", 0),
        ("提成30%", 0),
        ("4S店J27509", 0),
        ("8小时双休", 0),
    ],
)
def test_pay_that_a_text_promises(text: str, yuan: int) -> None:
    assert promised(plain(text)[0], "full", BOOK.amounts) == yuan * 100


def test_pay_by_the_hour_and_day_in_a_month() -> None:
    assert a_month(2_500, "hour", "full", BOOK.amounts) == 435_000  # 174 hours
    assert a_month(2_500, "hour", "part", BOOK.amounts) == 260_000  # 104 hours
    assert a_month(20_000, "day", "full", BOOK.amounts) == 435_000  # 21.75 days
    assert a_month(435_001, "month", "full", BOOK.amounts) == 435_001


def test_figures_that_the_ministry_published_come_out() -> None:
    assert demand_ratio(4_785, 4_733) == "1.01"  # 2010 第四季度
    assert demand_ratio(4_337, 3_542) == "1.22"  # 2017 第四季度
    assert demand_ratio(5_638, 3_560) == "1.58"  # 2021 第二季度
    assert demand_ratio(10, 0) is None


@dataclass
class Life:
    submitted_at: datetime | None = None
    reviewed_at: datetime | None = None
    passed: bool | None = None
    withdrawn_at: datetime | None = None
    filled_at: datetime | None = None
    valid_until: date = DAY


@pytest.mark.parametrize(
    ("life", "expected"),
    [
        (Life(), "draft"),
        (Life(NOON), "in_review"),
        (Life(NOON, NOON, False), "refused"),
        (Life(NOON, NOON, True), "open"),
        (Life(NOON, NOON, True, valid_until=date(2026, 11, 23)), "expired"),
        (Life(NOON, NOON, True, filled_at=NOON), "filled"),
        (Life(NOON, NOON, True, filled_at=NOON, withdrawn_at=NOON), "withdrawn"),
        (Life(withdrawn_at=NOON), "withdrawn"),
        (Life(NOON, NOON, False, valid_until=date(2026, 11, 23)), "refused"),
    ],
)
def test_where_a_vacancy_stands(life: Life, expected: str) -> None:
    assert status(life, DAY) == expected


# what real titles say that an officer should look at; everything else is published at once
LOOKED_AT = {
    "挑战高薪一万加+接受小白+上升空间": "bait review",
    "无销售采耳理疗保底一万 包吃包住 不限经验": "bait review",
    "日结100聊天打字主播": "bait review",
    "月入过万不~是~梦，轻松不加班纯坐班": "bait block",
    "月入过万的零基础销售": "bait review",
    "母婴公司招月嫂20-55岁": "age review",
    "深圳失业救济站，保底1万，不限经验": "bait review",
    "茶叶女导购3名": "sex review",
    "采耳师无责保底10000+包吃住/接受小白": "bait review",
    "风浪越大采耳越赚钱 花不完根本花不完": "bait review",
}


def titles() -> list[str]:
    with (DATA / "vacancy_titles.csv").open(encoding="utf-8", newline="") as file:
        return [row["title"] for row in csv.DictReader(file)]


def honest(title: str) -> Advert:
    """An advert under that title whose pay is what the title says, or ordinary."""
    said = promised(plain(title)[0], "full", BOOK.amounts)
    return replace(LAWFUL, title=title, pay_min_fen=max(500_000, said // 2), pay_max_fen=max(800_000, said))


def test_of_thousands_of_real_titles_only_those_in_doubt_are_held_back() -> None:
    held = {
        title: "、".join(f"{one.rule} {one.severity}" for one in found)
        for title in titles()
        if (found := check(honest(title), BOOK))
    }
    assert held == LOOKED_AT


def test_no_occupation_of_the_national_table_is_held_back_for_its_name() -> None:
    with (DATA / "occupations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {
        name for row in rows for name in (row["name"], *row.get("alias", "").split(",")) if len(name) > 1
    }
    assert len(names) > 1_000
    assert [name for name in names if check(replace(LAWFUL, title=name), BOOK)] == []


def test_no_word_of_the_rulebook_is_left_over() -> None:
    """Every pattern is looked for by some rule; every vocabulary stands in some pattern."""
    used = {name for wording in RULES for name in (wording.patterns, wording.harmless) if name} | {
        "conditions_begin",
        "health_certificate",
        "sex_excluded_work",
        "age_of_clients",
        "minor_place",
        "forwarded_words",
        "agency_name",
        "trial_length",
    }
    known = {
        path.removeprefix(f"{SYSTEM}.patterns.")
        for path in (one.path for one in params.everything())
        if path.startswith(f"{SYSTEM}.patterns.")
    }
    assert known == used


@pytest.mark.parametrize(
    "piece", ["限", "限招", "不收", "押金、", "18-", "月入", "只招本地", "试用期", "12万-"]
)
def test_the_longest_advert_is_checked_in_a_moment_whatever_stands_in_it(piece: str) -> None:
    long = replace(LAWFUL, work=(piece * 4000)[:4000], conditions=(piece * 2000)[:2000])
    began = process_time()
    check(long, BOOK)
    assert process_time() - began < 2


@given(
    text(max_size=60),
    text(max_size=200),
    text(alphabet="限男女招岁押金0123456789-万千k月入，。\n 不收", max_size=200),
    integers(min_value=1, max_value=100_000_000),
)
def test_any_text_is_answered_with_findings(title: str, work: str, conditions: str, fen: int) -> None:
    advert = replace(LAWFUL, title=title, work=work, conditions=conditions, pay_min_fen=fen, pay_max_fen=fen)
    for finding in check(advert, BOOK):
        assert finding.law
        assert finding.clause
        assert len(finding.excerpt) <= 60
