"""Fields, tags and status words: bytes and back, and nothing but a kind refusal on any other bytes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardio import codecs, layout, tlv
from cardio.codecs import CODECS, gb18030, is_card_number, pin_block, split_name
from cardio.layout import FILES, VERSIONS, File, Item
from cardio.status import Status, describe, status, tries_left
from cardio.tlv import Malformed

HAN = st.characters(min_codepoint=0x3400, max_codepoint=0x323AF).filter(lambda char: char.isalpha())
NAMES = st.text(HAN | st.sampled_from("·䶮𬭎龴龵龶龷龸龹龺龻 ABc"), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("file", "item"),
    [(file, item) for file in FILES for item in file.items],
    ids=lambda one: one.path if isinstance(one, File) else f"{one.tag:02X}",
)
def test_every_item_of_every_file_reads_and_writes_its_example(file: File, item: Item) -> None:
    written, value = item.example
    data = bytes.fromhex(written)
    if item.type in ("an", "b"):
        data = data.ljust(item.length, b"\0")
    assert len(data) == item.length
    if item.type == "b":
        value = data.hex().upper()
    assert item.decode(data) == value
    assert item.encode(value) == data


def test_no_two_files_share_a_path_and_no_two_items_of_a_version_a_tag() -> None:
    assert len({file.path for file in FILES}) == len(FILES)
    for file in FILES:
        for version in VERSIONS:
            tags = [item.tag for item in file.of(version)]
            assert len(tags) == len(set(tags))


def test_money_stands_on_no_card_since_2_00() -> None:
    pension = layout.file("DF03/EF07")
    assert {item.tag for item in pension.of("1.00") if item.type == "dec"} == {0x71, 0x72, 0x6D}
    assert not [item for item in pension.of("2.00") + pension.of("3.00") if item.type == "dec"]


@pytest.mark.parametrize("char", ["䶮", "𬭎", "㐂", "龴", "龻", "𠮷"])
def test_a_rare_name_survives_the_card(char: str) -> None:
    item = layout.HOLDER.items[1]
    assert item.decode(item.encode(f"王{char}")) == f"王{char}"


def test_eight_characters_take_their_two_bytes_of_the_later_standard() -> None:
    assert gb18030("龴").hex() == "fe59"
    assert codecs.decode_an(bytes.fromhex("fe59fe61fe66fe67fe6dfe7efe90fea0")) == "龴龵龶龷龸龹龺龻"


def test_a_field_counts_bytes_not_characters() -> None:
    name = layout.HOLDER.items[1]
    assert name.encode("张" * 15) == gb18030("张" * 15)
    with pytest.raises(Malformed, match="32 个字节"):
        name.encode("张" * 16)
    with pytest.raises(Malformed, match="32 个字节"):
        name.encode("𬭎" * 8)


@given(st.binary(max_size=40) | st.binary(max_size=130).map(lambda value: bytes([0x0A, len(value)]) + value))
def test_a_record_is_one_object_of_tag_length_and_value(raw: bytes) -> None:
    try:
        expected = tlv.parse(raw)
    except Malformed:
        expected = ()
    if len(expected) == 1:
        assert layout.record(raw) == expected[0]
    else:
        with pytest.raises(Malformed):
            layout.record(raw)


@given(NAMES)
def test_a_name_over_two_fields_comes_back_whole(name: str) -> None:
    try:
        first, more = split_name(name, 30, 20)
    except Malformed:
        assert name != name.strip() or len(gb18030(name)) > 46 or " " in name
        return
    assert (
        codecs.decode_an(codecs.encode_an(first, 30)) + codecs.decode_an(codecs.encode_an(more, 20)) == name
    )


@given(st.sampled_from(sorted(CODECS)), st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(kind: str, data: bytes) -> None:
    try:
        value = CODECS[kind].decode(data)
    except Malformed:
        return
    assert isinstance(value, str | int | date)


@given(st.dates())
def test_days_come_back(day: date) -> None:
    assert codecs.decode_date(codecs.encode_date(day, 4)) == day


@given(st.from_regex(r"[0-9]{6}", fullmatch=True))
def test_a_pin_is_packed_two_digits_a_byte(pin: str) -> None:
    assert pin_block(pin).hex() == pin


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "12345a", "１２３４５６", "12345\n", "-12345"])
def test_what_is_no_pin_never_reaches_a_card(pin: str) -> None:
    with pytest.raises(Malformed):
        pin_block(pin)


@pytest.mark.parametrize("number", ["d00000013", "D0000001３", "D00000012", "", "D000000130"])
def test_a_wrong_card_number_is_seen(number: str) -> None:
    assert not is_card_number(number)


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=8, max_size=8), st.integers(0, 7), st.data())
def test_one_wrong_digit_of_a_card_number_is_always_seen(body: str, at: int, data: st.DataObject) -> None:
    number = body + codecs.card_check(body)
    assert is_card_number(number)
    other = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != number[at]))
    changed = number[:at] + other + number[at + 1 :]
    if number[at].isdecimal():
        assert not is_card_number(changed)


TAGS = st.sampled_from([0x01, 0x08, 0x4E, 0x84, 0x6F, 0x9F0C, 0x5F2D, 0x9F8101])
OBJECTS = st.lists(st.tuples(TAGS, st.binary(max_size=300)), max_size=6)


@given(OBJECTS)
def test_what_is_labelled_is_read_back(objects: list[tuple[int, bytes]]) -> None:
    assert [tuple(one) for one in tlv.parse(tlv.build(objects))] == objects


@given(st.binary(max_size=80))
def test_any_bytes_are_parsed_or_refused(data: bytes) -> None:
    try:
        found = tlv.parse(data)
        tlv.find(data, 0x9F0C)
    except Malformed:
        return
    assert sum(len(one.value) for one in found) <= len(data)


@given(OBJECTS, st.integers(0, 400))
def test_a_cut_answer_is_never_taken_for_a_whole_one(objects: list[tuple[int, bytes]], cut: int) -> None:
    whole = tlv.build(objects)
    cut = min(cut, len(whole))
    try:
        found = [tuple(one) for one in tlv.parse(whole[:cut])]
    except Malformed:
        return
    assert found == objects[: len(found)]


@pytest.mark.parametrize(
    "hostile", ["1F", "9F", "9FFFFFFF01", "01", "0102AA", "0180", "01830000010A", "0182FF"]
)
def test_broken_labels_are_refused(hostile: str) -> None:
    with pytest.raises(Malformed):
        tlv.parse(bytes.fromhex(hostile))


def test_the_algorithm_stands_in_the_control_information() -> None:
    for name in ("3DES", "SSF33", "SM4"):
        assert layout.algorithm(layout.control_information(name)) == name
    assert layout.algorithm(b"") == layout.algorithm(bytes.fromhex("6F028400")) == ""
    assert layout.algorithm(bytes.fromhex("6F069F0C0386")[:0]) == ""


@given(st.integers(0, 0xFFFF))
def test_every_status_word_has_a_meaning(sw: int) -> None:
    assert isinstance(status(sw), Status)
    assert describe(sw).startswith(f"{sw:04X} ")
    left = tries_left(sw)
    assert left is None or status(sw) in (Status.PIN_WRONG, Status.PIN_BLOCKED)
    assert (left == 0) == (status(sw) is Status.PIN_BLOCKED)
