"""Vacancies of the demo city: what an advert must have, and what the law forbids it to ask."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

import pytest

from backend.demo.city import City
from backend.demo.companies import trades
from backend.demo.names import told as book
from backend.demo.occupations import Occupations, family_of, plain, spoken, titles
from backend.demo.vacancies import Vacancy
from backend.employment.rules import Advert, check, rulebook
from tests.backend.demo.given import MINIMUM_WAGE_FEN, TODAY, Table

# 民族、种族、性别、宗教信仰，户籍地域，年龄、婚育、身高相貌、病史、出身院校，收费和高薪噱头
UNLAWFUL = re.compile(
    r"限[男女]|[男女]性|[男女]士|[男女]生|帅哥|美女|周岁|\d+岁|[一二三四五]十岁|年龄|已婚|未婚|已育|婚育|怀孕|生育"
    r"|户籍|户口|本地人|外地|籍贯|[省市]内人|民族|汉族|回族|种族|宗教|信仰|党员|身高|体重|相貌|五官|形象好|气质"
    r"|乙肝|艾滋|病史|纹身|残疾人勿|985|211|双一流|统招|全日制|第一学历"
    r"|押金|保证金|培训费|服装费|押证|贷款培训|培训贷|月入[上过]?万|高薪|日结千|保录|包过|无薪"
)


def words(vacancy: Vacancy) -> str:
    return "\n".join((vacancy.title, vacancy.work, *vacancy.conditions))


def test_every_advert_names_only_lawful_conditions(adverts: list[Vacancy]) -> None:
    for vacancy in adverts:
        assert not UNLAWFUL.search(words(vacancy)), words(vacancy)


def test_every_advert_passes_the_check_before_publishing(adverts: list[Vacancy], market: City) -> None:
    """The check that every employer's advert goes through finds nothing to refuse and nothing to review."""
    book = rulebook(TODAY, "310000")
    by_key = {one.key: one for one in market.employers}
    for vacancy in adverts[:1_500]:
        if vacancy.state not in {"open", "filled"} or vacancy.valid_until is None:
            continue
        employer = by_key[vacancy.employer]
        advert = Advert(
            title=vacancy.title,
            work=vacancy.work,
            conditions="；".join(vacancy.conditions),
            occupation=vacancy.occupation,
            type=vacancy.type,
            pay_min_fen=vacancy.pay_min_fen,
            pay_max_fen=vacancy.pay_max_fen,
            valid_until=vacancy.valid_until,
            forwarded=bool(vacancy.source),
            source=vacancy.source,
            employer=employer.name,
            licence=employer.licence or None,
            verified_on=employer.verified_on,
        )
        assert check(advert, book) == (), (employer.name, words(vacancy))


def test_the_lexicon_itself_is_lawful() -> None:
    for family in book("tasks")["families"]:
        said = "\n".join((family["needs"], *family["tasks"]))
        found = UNLAWFUL.search(said.replace("服务残疾人", ""))
        assert not found, (family["name"], found)


def test_the_lexicon_has_six_tasks_and_three_needs_for_every_family() -> None:
    families = book("tasks")["families"]
    assert len(families) >= 60
    for family in families:
        assert len(family["tasks"]) == len(set(family["tasks"])) == 6, family["name"]
        assert len(family["needs"].split()) == 3, family["name"]
        low, high = map(int, family["pay"].split())
        assert MINIMUM_WAGE_FEN // 100 < low < high


def test_an_advert_has_all_that_the_notice_asks(adverts: list[Vacancy], market: City) -> None:
    by_key = {one.key: one for one in market.employers}
    for vacancy in adverts:
        assert by_key[vacancy.employer].verified_on
        assert 2 <= len(vacancy.title) <= 30
        assert vacancy.headcount >= 1
        assert vacancy.conditions
        assert 3 <= vacancy.work.count("。") <= 6
        assert vacancy.address.startswith("示例市")
        assert (vacancy.published is None) == (vacancy.valid_until is None) == (vacancy.state == "draft")


def test_pay_is_lawful_and_no_bait(adverts: list[Vacancy]) -> None:
    for vacancy in adverts:
        assert MINIMUM_WAGE_FEN <= vacancy.pay_min_fen < vacancy.pay_max_fen <= 2 * vacancy.pay_min_fen
        assert vacancy.pay_min_fen % 10_000 == vacancy.pay_max_fen % 10_000 == 0, "whole hundreds of yuan"


def test_office_work_pays_more_than_cleaning(adverts: list[Vacancy]) -> None:
    def usual(prefix: str) -> float:
        pays = [v.pay_min_fen for v in adverts if v.occupation.startswith(prefix) and v.type == "full"]
        return sum(pays) / len(pays)

    assert usual("2-02-10") > usual("2-06-0") > usual("4-09-0")


def test_adverts_are_of_the_last_sixty_days_and_few_are_over(adverts: list[Vacancy]) -> None:
    share = Counter(vacancy.state for vacancy in adverts)
    assert 0.84 < share["open"] / len(adverts) < 0.92
    assert all(0.01 < share[state] / len(adverts) < 0.08 for state in ("draft", "filled", "expired"))
    for vacancy in adverts:
        if vacancy.published and vacancy.valid_until:
            assert TODAY - timedelta(days=60) < vacancy.published <= TODAY
            assert (vacancy.valid_until < TODAY) == (vacancy.state == "expired")
            assert timedelta(days=15) <= vacancy.valid_until - vacancy.published <= timedelta(days=90)


def test_a_title_comes_from_the_table_of_occupations(adverts: list[Vacancy], table: Table) -> None:
    known = {code: titles(name, aliases) for code, name, aliases in table}
    for vacancy in adverts:
        bare = re.sub(r"（.*）$", "", vacancy.title)
        assert any(bare.endswith(title) for title in known[vacancy.occupation]), vacancy.title


def test_nobody_advertises_what_employers_do_not_fill(adverts: list[Vacancy]) -> None:
    assert all(family_of(vacancy.occupation) is not None for vacancy in adverts)
    assert not any(
        vacancy.occupation.startswith(("1-01", "1-02", "2-07-02", "7", "8")) for vacancy in adverts
    )
    assert not any("负责人" in vacancy.title or "其他" in vacancy.title for vacancy in adverts)


def test_an_agency_says_for_whom_it_recruits(adverts: list[Vacancy], market: City) -> None:
    names = {one.name for one in market.employers}
    kinds = {one.key: one.kind for one in market.employers}
    forwarded = [vacancy for vacancy in adverts if vacancy.source]
    assert forwarded
    for vacancy in adverts:
        assert bool(vacancy.source) == (kinds[vacancy.employer] == "agency")
        assert not vacancy.source or vacancy.source in names


def test_part_time_and_internships_keep_the_hours_of_the_law(adverts: list[Vacancy]) -> None:
    types = Counter(vacancy.type for vacancy in adverts)
    assert set(types) == {"full", "part", "intern"}
    assert types["full"] / len(adverts) > 0.8
    for vacancy in adverts:
        if vacancy.type == "part":
            assert "四小时" in vacancy.work
            assert vacancy.title.endswith("（兼职）")
        if vacancy.type == "intern":
            assert vacancy.title.endswith("（实习）")


def test_jobs_fit_the_industry(adverts: list[Vacancy], market: City) -> None:
    by_key = {one.key: one for one in market.employers}
    for vacancy in adverts:
        if vacancy.source:
            continue
        employer = by_key[vacancy.employer]
        codes = {
            one.code
            for family in market.occupations.of(employer.section, employer.division)
            for one in family.occupations
        }
        assert vacancy.occupation in codes


def test_every_trade_has_posts_of_its_own(city: City) -> None:
    for trade in trades():
        assert city.occupations.of(trade.section, trade.division) is not city.occupations.everywhere, trade


def test_the_same_seed_gives_the_same_adverts(adverts: list[Vacancy], market: City, table: Table) -> None:
    again = City(market.seed, TODAY, market.size, table)
    assert list(again.vacancies(500, MINIMUM_WAGE_FEN)) == adverts[:500]


def test_adverts_are_varied(adverts: list[Vacancy]) -> None:
    assert len({vacancy.title for vacancy in adverts}) > 500
    assert len({vacancy.work for vacancy in adverts}) > 3_000
    assert len({vacancy.area for vacancy in adverts}) == 16


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("云计算工程技术人员S", "云计算工程师"),
        ("摄影测量与遥感工程技术人员L/S", "摄影测量与遥感工程师"),
        ("会计专业人员", "会计专员"),
        ("保洁员L", "保洁员"),
        ("哲学研究人员", "哲学研究员"),
    ],
)
def test_an_occupation_is_called_as_adverts_call_it(name: str, said: str) -> None:
    assert spoken(name) == said


def test_aliases_that_are_no_title_are_left_out() -> None:
    found = titles(
        "快递员L",
        ["其他快递", "主管", "派件员/收件员", "快递人员", "男快递员", "客服", "KPI", "失效工程师(FA)"],
    )
    assert found == ("快递员", "派件员", "收件员", "客服", "失效工程师")
    assert plain("地质调查员L/S") == "地质调查员"


def test_a_group_of_occupations_is_not_a_post(table: Table) -> None:
    assert {"4-00-00-00", "4-03-00-00", "4-03-02-00", "2-08-02-00"} <= {code for code, _, _ in table}
    posts = {one.code for family in Occupations(table).families for one in family.occupations}
    assert not posts & {"4-00-00-00", "4-03-00-00", "4-03-02-00", "2-08-02-00"}
    assert {"4-03-02-01", "4-01-01-00"} <= posts, "采购员 has no occupations under it and is one itself"


def test_every_occupation_is_either_in_a_family_or_left_out_on_purpose(table: Table) -> None:
    left = book("tasks")["excluded"].split()
    for code, name, _ in table:
        if not code.endswith("00-00") and not name.startswith("其他"):
            assert family_of(code) is not None or code.startswith(tuple(left)), name
