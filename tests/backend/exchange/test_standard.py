"""The standard as data is the standard: its elements, its tables in order, its files, its code lists."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from backend.exchange.sources import SOURCES, books, employers
from backend.exchange.standard import Element, Unmapped, code_lists, elements, files, meaning, tables
from backend.kernel import codes, ident
from backend.kernel.funds import Fund
from backend.levy.auditing import CHANNELS, KINDS
from backend.payout.auditing import PAID
from backend.payout.service import REFUND
from backend.pension.adjusting.service import ARREARS
from backend.pension.benefits import ITEM, SUPPLEMENT
from backend.pension.death.service import ITEMS
from backend.pension.service import STATUS
from tests.backend.exchange.printed import NAMES, ROOTS, sample

# 4.1: how many elements each class has
CLASSES = {
    "001": 7,
    "002": 16,
    "003": 38,
    "004": 7,
    "005": 28,
    "006": 17,
    "007": 44,
    "008": 20,
    "009": 5,
    "010": 19,
}


def test_every_element_has_its_identifier_once_in_order() -> None:
    identifiers = [one.identifier for one in elements().values()]
    assert identifiers == sorted(set(identifiers))
    assert {kind: sum(one.startswith(kind) for one in identifiers) for kind in CLASSES} == CLASSES
    assert all(re.fullmatch(r"[A-Z]{3}\d{3}N?", code) for code in elements())


def test_names_are_told_apart() -> None:
    """A record names its elements in Chinese, so no two of a table may be called alike."""
    for table in tables().values():
        names = [one.name for one in table.elements]
        assert len(set(names)) == len(names), table.name


def test_forms_are_read() -> None:
    known = elements()
    assert [(known[code].kind, known[code].length, known[code].exact, known[code].places) for code in (
        "ZZZ001", "AAB004", "AAB119", "AAE058", "AAA042", "AAD087"
    )] == [
        ("text", 16, True, 0), ("text", 128, False, 0), ("whole", 6, False, 0), ("decimal", 16, False, 2),
        ("decimal", 16, False, 4), ("decimal", 20, False, 2),
    ]  # fmt: skip


def test_what_is_written_as_a_time_has_the_length_of_one() -> None:
    lengths = {"span": 16, "day": 8, "month": 6, "year": 4}
    for one in elements().values():
        assert not one.written or (one.exact and one.length == lengths[one.written]), one.code
        assert one.written or not one.exact or one.coded, f"{one.code} is of fixed length and no time"


def test_the_standard_wants_these_never_empty() -> None:
    required = {one.code for one in elements().values() if one.required}
    assert required == {"AAB004", "AAC002", "AAC003", "AAE135", "AAC006", "AAC049", "AAE035"}


def test_tables_and_files_are_the_standards() -> None:
    assert {number: table.name for number, table in tables().items()} == NAMES
    assert {file.name: tuple(one.number for one in file.tables) for file in files()} == ROOTS
    assert [file.mark for file in files()] == [f"U0{n}" for n in range(1, 10)]


@pytest.mark.parametrize("number", NAMES)
def test_a_table_has_the_elements_of_the_printed_instance_in_its_order(number: int) -> None:
    assert [one.name for one in tables()[number].elements] == [name for name, _ in sample(number)]


HEAD = "ZZZ001 C16, ZZZ002 C6, AAB301 C6, AAA146 C..128, AAB034 C..16, AAB034N C..128"
# 5.2: code and form of every element, as the standard lists them (it prints I..6 of AAB119 in table 8 as L..6)
LISTED = {
    8: """EAZ058 C..20, AAB001 C..16, AAB004 C..128, AAB019 C..2, AAB019N C..64, AAB020 C..4, AAB020N C..64,
        AAB021 C..4, AAB021N C..16, AAE002 C6, AAE003 C6, EAD131 C8, AAB033 C..1, AAB033N C..32, AAE078 C..1,
        AAE078N C..16, AAA115 C..2, AAA115N C..40, AAE140 C..3, AAE140N C..32, AAB119 I..6, AAE058 D16.2,
        AAB121 D16.2, AAB120 D16.2, AAE020 D16.2, AAE022 D16.2, AAB204 D16.2, AAE021 D16.2, AAE023 D16.2,
        AAE080 D16.2, AAE081 D16.2, AAE082 D16.2, AAE083 D16.2, ZZZ003 C8""",
    11: """EAZ058 C..20, AAE002 C6, AAE003 C6, AAA115 C..2, AAA115N C..40, AAC001 C..20, AAC002 C..32, AAA029N C..32,
        AAA029 C..4, AAE135 C..32, AAC003 C..64, AAB001 C..16, AAB004 C..128, AAE140 C..3, AAE140N C..32,
        AAE058 D16.2, AAE180 D16.2, AAA042 D16.4, AAE020 D16.2, AAE021 D16.2, AAA041 D16.4, AAE022 D16.2,
        AAE082 D16.2, AAE023 D16.2, AAE025 D16.2, ZZB004 D16.2, AAE027 D16.2, AAE017 C..10, AAE078 C..1,
        AAE078N C..16, EAD131 C8, AAE011 C..64, AAE036 C8, ZZZ003 C8""",
    14: """AAE011 C..64, AAB001 C..16, AAB100 C..10, AAB100N C..32, AAE123 C..64, AAE124 C..64, AAE160 C..4,
        AAE160N C..64, AAE035 C8, ZZZ003 C8""",
    15: """AAE011 C..64, AAZ308 C..32, AAC001 C..20, AAC003 C..64, AAC002 C..32, AAA029N C..32, AAA029 C..4,
        AAE135 C..32, AAC049 C6, AAC050 C..10, AAC050N C..10, AAE160 C..4, AAE160N C..64, AAE123 C..64,
        AAE124 C..64, AAE035 C8, ZZZ003 C8""",
}


def form(one: Element) -> str:
    """As the standard writes it."""
    if one.kind == "decimal":
        return f"D{one.length}.{one.places}"
    return f"{'C' if one.kind == 'text' else 'I'}{'' if one.exact else '..'}{one.length}"


@pytest.mark.parametrize("number", LISTED)
def test_a_table_has_the_codes_and_forms_of_the_standards_list(number: int) -> None:
    listed = [line.split() for line in f"{HEAD}, {LISTED[number]}".split(",")]
    assert [[one.code, form(one)] for one in tables()[number].elements] == listed


def test_every_table_is_written_or_says_why_not() -> None:
    for number, table in tables().items():
        assert (number in SOURCES) != bool(table.why_not), table.name


def test_lists_are_of_coded_elements_and_say_where_they_are_from() -> None:
    for code, one in code_lists().items():
        assert elements()[code].coded, code
        assert one.source, code
        assert one.evidence in "SOTKC", code
        length = elements()[code].length
        assert all(len(known) <= length for known in one.codes), code


def names_of(code: str) -> str:
    return "AAA037" if code == "AAA036" else f"{code}N"


def test_every_name_in_a_list_fits_its_element() -> None:
    for code, one in code_lists().items():
        if names_of(code) in elements():
            most = elements()[names_of(code)].length
            assert all(len(name) <= most for _, name in one.ours.values()), code


OURS = {
    "AAC004": ["1", "2"],
    "AAC005": list(codes.table("nation").codes),
    "AAA029": list(get_args(ident.Kind)),
    "EAC040": list(STATUS),
    "AAE145": list(PAID.values()),
    "AAA036": [ITEM, REFUND, SUPPLEMENT, ARREARS, *ITEMS],
    "EAE004": ["monthly", "once"],
    "AAE140": [fund.value for fund in books.FUNDS],
    "AAA157": [Fund.PENSION.value],
    "AAC016": ["working", "retired", "neither"],
    "AAC031": ["paying", "paused", "ended"],
    "AAB051": ["paying", "paused", "ended"],
    "AAE078": [True, False],
    "AAA115": list(KINDS),
    "AAB033": list(CHANNELS),
    "AAC050": [*codes.table("hire_reason").codes, "entered", "paused", "ended"],
    "AAB100": list(codes.table("employer_change").codes),
    "AAE160": [*codes.table("leave_reason").codes, employers.CEASED],
}


@pytest.mark.parametrize(("element", "word"), [(e, word) for e, words in OURS.items() for word in words])
def test_every_code_of_ours_means_something_to_the_auditor(element: str, word: object) -> None:
    code, name = meaning(element, word)
    assert name or word == "neither"
    assert not code or code_lists()[element].codes[code] == name


def test_a_word_that_nobody_mapped_stops_the_export() -> None:
    with pytest.raises(Unmapped, match="AAC004 3"):
        meaning("AAC004", "3")


def test_every_kind_of_credit_code_is_some_kind_of_employer() -> None:
    for office in ident.CREDIT_OFFICES:
        for kind in ident.CREDIT_ALPHABET:
            employers.kind(office + kind)
    assert employers.kind("91310000M000100Y4D") == {"AAB019": "10", "AAB019N": "企业"}
    assert employers.kind("12310000M000100Y4D") == {"AAB019": "", "AAB019N": "事业单位"}
    assert employers.kind("A1310000M000100Y4D") == {"AAB019": "", "AAB019N": ""}
