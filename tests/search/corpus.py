"""The vacancies that the tests look for: a few written by hand, and thousands of real titles."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from zlib import crc32

from search.port import Document, Index, Occupation, Query
from search.thesaurus import Thesaurus, names

DATA = Path(__file__).parent / "data"
TODAY = date(2026, 11, 24)
AREAS = ("310101", "310104", "310115", "310116", "320102", "320505", "330106", "419001")
TYPES = ("full", "part", "intern")


@cache
def occupations() -> tuple[Occupation, ...]:
    with (DATA / "occupations.csv").open(encoding="utf-8") as file:
        return tuple(
            (row["code"], row["name"], tuple(row["alias"].split(","))) for row in csv.DictReader(file)
        )


@cache
def titles() -> tuple[tuple[str, str], ...]:
    """Real titles with the code of their occupation."""
    with (DATA / "vacancy_titles.csv").open(encoding="utf-8") as file:
        return tuple((row["title"], row["occupation_code"]) for row in csv.DictReader(file))


@cache
def thesaurus() -> Thesaurus:
    return Thesaurus.load(occupations())


@cache
def names_of() -> dict[str, tuple[str, ...]]:
    known: dict[str, list[str]] = defaultdict(list)
    for row in occupations():
        known[row[0]] += names(row)
    return {code: tuple(dict.fromkeys(called)) for code, called in known.items()}


def bare_titles() -> Iterator[Document]:
    """Titles and nothing else: what a vacancy is found by when nobody coded it."""
    for number, (title, _) in enumerate(titles()):
        yield Document(id=str(number), title=title, published=TODAY)


def varied_titles(number: int) -> Iterator[Document]:
    """The first titles, with everything a vacancy has; the same on every run."""
    for at, (title, code) in enumerate(titles()[:number]):
        dice = crc32(title.encode())
        least = 300_000 + dice % 40 * 50_000
        yield Document(
            id=f"v/{at}",
            title=title,
            published=TODAY - timedelta(days=dice % 45),
            employer=f"东方{'物流餐饮医药机械'[dice % 4 * 2 : dice % 4 * 2 + 2]}有限公司",
            body="负责日常接待，做五休二，提供员工餐和五险一金。" if dice % 3 else "能吃苦耐劳，服从安排。",
            area=AREAS[dice % len(AREAS)],
            occupation=code,
            occupation_names=names_of().get(code, ()),
            salary_min_fen=None if dice % 7 == 0 else least,
            salary_max_fen=None if dice % 7 == 0 else least + 200_000,
            education=(0, 0, 20, 30, 40)[dice % 5],
            type=TYPES[dice % 3],
            openings=1 + dice % 5,
            applicants=dice % 23,
        )


def vacancy(id: str, title: str, days_ago: int = 0, **more: object) -> Document:
    known = {"published": TODAY - timedelta(days=days_ago), **more}
    return Document(id=id, title=title, **known)  # type: ignore[arg-type]


WAITER = names_of()["4-03-02-05"]
HOUSEKEEPER = names_of()["4-10-01-06"]
PROGRAMMER = names_of()["2-02-10-03"]

VACANCIES = (
    vacancy(
        "waiter", "酒店服务员（包吃住）", 0, employer="浦江酒店管理有限公司",
        body="负责餐厅接待和传菜，做五休二。", area="310115",
        occupation="4-03-02-05", occupation_names=WAITER, salary_min_fen=500_000,
        salary_max_fen=700_000, type="full", education=20, openings=3, applicants=1,
    ),
    vacancy(
        "waiter-night", "夜班服务员", 2, employer="静安小馆", body="晚上六点到凌晨。", area="310106",
        occupation="4-03-02-05", occupation_names=WAITER, salary_min_fen=400_000, salary_max_fen=500_000,
        type="part", education=0, openings=1, applicants=9,
    ),
    vacancy(
        "nanny", "住家保姆", 1, employer="安心家政", body="照顾两位老人，会做上海菜。", area="310104",
        occupation="4-10-01-06", occupation_names=HOUSEKEEPER, salary_min_fen=700_000,
        salary_max_fen=900_000, type="full", education=0,
    ),
    vacancy(
        "cleaner", "写字楼保洁员", 5, employer="明亮物业", body="早班，五险一金。", area="310115",
        occupation="4-09-08-01", occupation_names=names_of()["4-09-08-01"], salary_min_fen=350_000,
        salary_max_fen=350_000, type="full", education=0,
    ),
    vacancy(
        "guard", "小区保安", 10, employer="平安护卫", body="两班倒。", area="310116",
        occupation="4-07-05-01", occupation_names=names_of()["4-07-05-01"], salary_min_fen=450_000,
        salary_max_fen=600_000, type="full", education=20,
    ),
    vacancy(
        "java", "Java软件工程师", 3, employer="云帆信息", body="三年以上经验，熟悉C++者优先。", area="310115",
        occupation="2-02-10-03", occupation_names=PROGRAMMER, salary_min_fen=1_800_000,
        salary_max_fen=3_000_000, type="full", education=50,
    ),
    vacancy(
        "java-intern", "Java开发实习生", 0, employer="云帆信息", body="每周到岗四天。", area="320102",
        occupation="2-02-10-03", occupation_names=PROGRAMMER, salary_min_fen=300_000,
        salary_max_fen=400_000, type="intern", education=50, applicants=40,
    ),
    vacancy(
        "nurse", "門診護士", 20, employer="仁和医院", body="持护士执业证书。", area="330106",
        occupation="2-05-08-01", occupation_names=names_of()["2-05-08-01"], salary_min_fen=600_000,
        salary_max_fen=1_000_000, type="full", education=40,
    ),
    vacancy(
        "accountant", "会计（代账公司）", 40, employer="诚信代账", body="会用表格软件。", area="419001",
        occupation="2-06-03-00", occupation_names=names_of()["2-06-03-00"], type="full", education=40,
    ),
    vacancy(
        "driver", "网约车司机", 6, employer="畅行出行", body="自备车优先，多劳多得。", area="310000",
        occupation="4-02-02-01", occupation_names=names_of()["4-02-02-01"], salary_min_fen=800_000,
        salary_max_fen=1_200_000, type="full", education=0,
    ),
    vacancy("rare", "𬭎䶮饭店帮厨", 8, employer="䶮记饭店", body="", area="320505", type="part"),
    vacancy("bare", "什么都没写的职位", 30),
)  # fmt: skip

HOSTILE = (
    "", " ", "\t\n\u3000", "\x00\x01\x1b[2J", "'\"`", '"', "\\", "(", ")))((", "+", "++--", "*", "?", "AND",
    "OR NOT", "title:护士", "id:*", "[a TO b]", "^3~2", "护士 AND NOT 医院", "a" * 10_000, "护" * 10_000,
    "护士 " * 3_000, "😀", "护士😀👩‍⚕️", "\ud800", "护士\udfff", "\u202e士护", "e\u0301cole", "İİİ", "ﬁ",
    "½㎡", "\U000e0001", "\u061c\u200f", "<script>", "%00", "../../etc/passwd", "{{7*7}}", "' or 1=1 --",
)  # fmt: skip
"""What a person, a cat on the keyboard or an attacker may type."""


NAMED = {document.id: document for document in VACANCIES}


def found(board: Index, text: str = "", **choices: object) -> set[str]:
    return {hit.id for hit in board.find(Query(text, today=TODAY, size=100, **choices)).hits}  # type: ignore[arg-type]
