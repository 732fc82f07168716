"""Persons of the demo city: numbers, names, ages, retirement, and the same bytes for the same seed."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date
from itertools import islice

import pytest

from backend.demo import numbers
from backend.demo.names import NATIONS
from backend.demo.names import told as book
from backend.demo.people import Person, people, retired_by, retirement_age_months
from backend.demo.places import districts
from backend.kernel import codes, ident
from tests.backend.demo import checks
from tests.backend.demo.given import MANY, SEED, TODAY


def digest(persons: list[Person]) -> str:
    return hashlib.sha256("\n".join(map(repr, persons)).encode()).hexdigest()


def test_every_citizen_number_is_valid_and_tells_birth_and_sex(many: list[Person]) -> None:
    for person in many:
        assert checks.citizen_number(person.ident), person.ident
        assert checks.birth(person.ident) == person.birth <= TODAY
        assert (int(person.ident[16]) % 2 == 1) == (person.sex == "1")


def test_the_kernel_reads_every_number_as_it_was_meant(many: list[Person]) -> None:
    for person in many:
        read = ident.read(person.ident, TODAY)
        assert (read.number, read.kind, read.birth, read.sex) == (
            person.ident,
            "citizen",
            person.birth,
            person.sex,
        )


def test_everything_coded_is_in_its_table(many: list[Person]) -> None:
    for table, used in (
        ("nation", {person.nation for person in many}),
        ("education", {person.education for person in many}),
        ("area", {person.area for person in many}),
    ):
        assert all(codes.known(table, code) for code in used), table


def test_no_two_persons_share_a_number_or_a_telephone(many: list[Person]) -> None:
    assert len({person.ident for person in many}) == len({person.phone for person in many}) == MANY


def test_telephones_are_of_a_segment_no_operator_has(many: list[Person]) -> None:
    assert all(person.phone.startswith("120") and len(person.phone) == 11 for person in many)


def test_order_numbers_of_the_cast_are_given_to_nobody_else(many: list[Person]) -> None:
    assert max(int(person.ident[14:17]) for person in many) < 980


def test_the_same_seed_gives_the_same_bytes(many: list[Person]) -> None:
    assert digest(list(people(SEED, MANY, TODAY))) == digest(many)


def test_another_seed_gives_another_city(many: list[Person]) -> None:
    assert not {p.ident for p in people(2, 500, TODAY)} >= {p.ident for p in many[:500]}


def test_a_longer_stream_begins_with_the_shorter(many: list[Person]) -> None:
    assert list(people(SEED, 300, TODAY)) == many[:300]


def test_a_million_persons_are_told_one_by_one() -> None:
    assert len(list(islice(people(SEED, 1_000_000, TODAY), 10))) == 10


def test_about_a_quarter_are_retired(many: list[Person]) -> None:
    share = Counter(person.life for person in many)
    assert 0.22 <= share["retired"] / MANY <= 0.28
    assert 0.42 <= share["working"] / MANY <= 0.52
    assert 0.07 <= share["flexible"] / MANY <= 0.12
    assert 0.02 <= share["unemployed"] / MANY <= 0.05
    assert 0.09 <= share["child"] / MANY <= 0.14


def test_all_ages_are_there(many: list[Person]) -> None:
    ages = Counter((TODAY.year - person.birth.year) // 10 for person in many)
    assert set(ages) >= set(range(10))
    assert max(ages, key=lambda decade: ages[decade]) in {3, 4}


def test_children_do_not_work_and_the_old_do_not_study(many: list[Person]) -> None:
    for person in many:
        age = (TODAY - person.birth).days / 365.2425
        if age < 15.9:
            assert person.life == "child"
        if age > 30:
            assert person.life not in {"child", "student"}
        if age > 64:
            assert person.life == "retired"


def test_men_retire_on_one_track_and_women_on_two(many: list[Person]) -> None:
    assert {person.track for person in many if person.sex == "1"} == {60}
    tracks = Counter(person.track for person in many if person.sex == "2")
    assert set(tracks) == {50, 55}
    assert tracks[50] / MANY > 0.12
    assert tracks[55] / MANY > 0.12


def test_nobody_retires_before_the_age_of_their_track_or_three_years_late(many: list[Person]) -> None:
    retired = [person for person in many if person.retired]
    for person in retired:
        year, month = map(int, person.retired.split("-"))
        months = (year - person.birth.year) * 12 + month - person.birth.month
        legal = retirement_age_months(person.birth.year, person.birth.month, person.track)
        assert person.track * 12 <= months <= legal + 36
        if person.retired < "2025-01":
            assert months == person.track * 12
        assert person.retired <= "2026-11"
        assert person.life == "retired"
        assert person.drawn in {"bank", "card"}
    assert any(p.retired >= "2025-01" for p in retired), "some retire under the reform"


@pytest.mark.parametrize(
    ("birth", "track", "months"),
    [
        ((1964, 12), 60, 720),  # the last month before the reform
        ((1965, 1), 60, 721),
        ((1965, 5), 60, 722),
        ((1976, 9), 60, 756),  # 63, and no later
        ((1969, 12), 55, 660),
        ((1970, 1), 55, 661),
        ((1981, 9), 55, 696),  # 58
        ((1974, 12), 50, 600),
        ((1975, 1), 50, 601),
        ((1984, 10), 50, 659),
        ((1984, 11), 50, 660),  # 55
    ],
)
def test_the_legal_age_follows_the_decision_of_2024(birth: tuple[int, int], track: int, months: int) -> None:
    assert retirement_age_months(*birth, track) == months


@pytest.mark.parametrize(
    ("birth", "today", "retired"),
    [
        (date(1964, 11, 24), date(2024, 11, 24), "2024-11"),
        (date(1964, 11, 25), date(2024, 11, 24), ""),
        (date(1964, 2, 29), date(2024, 2, 29), "2024-02"),
        (date(1963, 3, 31), date(2023, 3, 31), "2023-03"),
        (date(1963, 3, 31), date(2023, 3, 30), ""),
    ],
)
def test_the_day_itself_decides_who_has_retired(birth: date, today: date, retired: str) -> None:
    assert retired_by(birth, 720, today) == retired


def test_names_survive_the_bank_file_and_the_card(many: list[Person]) -> None:
    for person in many:
        assert person.name.encode("gb18030").decode("gb18030") == person.name
        assert 2 <= len(person.name) <= 20
        assert len(person.name.encode("gb18030")) <= 50, "name and its extension on a card"


def test_rare_characters_are_met(many: list[Person]) -> None:
    written = "".join(person.name for person in many)
    assert all(character in written for character in "䶮𬭎㛃")
    rare = set("".join(book("names")["rare"].values()).replace(" ", ""))
    assert 0.001 < sum(not rare.isdisjoint(person.name) for person in many) / MANY < 0.006


def test_names_of_some_nations_are_written_with_a_dot(many: list[Person]) -> None:
    dotted = [person for person in many if "·" in person.name]
    assert dotted
    assert {person.nation for person in dotted} <= {"05", "17", "29"}
    assert all(part for person in dotted for part in person.name.split("·"))


def test_nations_are_of_the_table_and_mostly_han(many: list[Person]) -> None:
    nations = Counter(person.nation for person in many)
    assert set(nations) <= set(NATIONS)
    assert 0.96 < nations["01"] / MANY < 0.985


def test_names_belong_to_their_generation(many: list[Person]) -> None:
    old = Counter(p.name[1:] for p in many if p.birth.year < 1955 and p.sex == "2")
    young = Counter(p.name[1:] for p in many if p.birth.year > 2005 and p.sex == "2")
    assert old["秀英"] > 3
    assert young["秀英"] == 0
    assert young["一诺"] + young["梓涵"] + young["欣怡"] > old["一诺"] + old["梓涵"] + old["欣怡"]


def test_people_live_in_the_districts_and_come_from_elsewhere_too(many: list[Person]) -> None:
    homes = Counter(person.area for person in many)
    assert set(homes) == {district.code for district in districts()}
    assert homes.most_common(1)[0][0] == "310115"
    assert 0.2 < sum(not person.ident.startswith("31") for person in many) / MANY < 0.45
    assert all(person.address.startswith("示例市") and len(person.address) <= 60 for person in many)


def test_schooling_is_of_the_table_and_grows_with_the_generations(many: list[Person]) -> None:
    assert {p.education for p in many} == {"10", "20", "30", "40", "60", "70", "80", "90"}

    def degrees(first: int, last: int) -> float:
        born = [p for p in many if first <= p.birth.year <= last]
        return sum(p.education in {"10", "20"} for p in born) / len(born)

    assert degrees(1940, 1949) < degrees(1970, 1979) < degrees(1990, 1999)


def test_a_cell_gives_every_number_once_before_it_repeats() -> None:
    size = 365 * numbers.ORDERS
    assert len({k * numbers.STRIDE % size for k in range(size)}) == size
