"""The standard as data is the standard: its elements, its tables in order, its files, its code lists."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from backend.exchange.sources import SOURCES, books, employers
from backend.exchange.standard import Unmapped, code_lists, elements, files, meaning, tables
from backend.kernel import codes, ident
from backend.kernel.funds import Fund
from backend.payout.auditing import PAID
from backend.payout.service import REFUND
from backend.pension.paying import ITEM
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
    "AAA036": [ITEM, REFUND],
    "EAE004": ["monthly", "once"],
    "AAE140": [fund.value for fund in books.FUNDS],
    "AAA157": [Fund.PENSION.value],
    "AAC016": ["working", "retired", "neither"],
    "AAC031": ["paying", "paused", "ended"],
    "AAB051": ["paying", "paused"],
    "AAE078": [True, False],
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
