"""Numbers are checked by their standard, explained in a sentence, and masked."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel import ident
from backend.kernel.errors import Wrong

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("number", "birth", "sex", "area"),
    [
        ("11010519491231002X", date(1949, 12, 31), "2", "北京市朝阳区"),
        ("11010519491231002x", date(1949, 12, 31), "2", "北京市朝阳区"),
        ("１１０１０５１９４９１２３１００２Ｘ", date(1949, 12, 31), "2", "北京市朝阳区"),
        (
            "440524188001010014",
            date(1880, 1, 1),
            "1",
            "广东省汕头市",
        ),  # a cancelled division: the standard's own
        ("110105491231002", date(1949, 12, 31), "2", "北京市朝阳区"),  # 15 digits
        ("810000199408230021", date(1994, 8, 23), "2", "香港居民"),
        ("830000199201300022", date(1992, 1, 30), "2", "台湾居民"),
    ],
)
def test_a_number_says_when_and_where(number: str, birth: date, sex: str, area: str) -> None:
    found = ident.read(number, TODAY)
    assert (found.birth, found.sex, ident.area_name(found)) == (birth, sex, area)


def test_fifteen_digits_become_eighteen() -> None:
    assert ident.citizen_number("110105491231002") == "11010519491231002X"


def test_a_foreigners_card_of_now_and_of_before() -> None:
    body = "93115519810302003"
    now = ident.read(body + ident.check_character(body))
    assert (now.kind, now.area, now.sex) == ("foreigner", "310000", "1")
    before = ident.read("FRA310081030212")
    assert (before.kind, before.area, before.birth) == ("foreigner", "310000", date(1981, 3, 2))


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("110105194912310021", ident.NumberCheck),
        ("11010519490231002X", ident.NumberBirth),
        ("110105202702280011", ident.NumberBirthAhead),
        ("990105194912310021", ident.NumberDivision),
        ("000105194912310021", ident.NumberDivision),
        ("1101051949123100", ident.NumberLength),
        ("", ident.NumberLength),
        ("X" * 10_000, ident.NumberLength),
        ("11010519491231002Ⅹ", ident.NumberLength),
    ],
)
def test_a_wrong_number_is_refused_with_its_reason(number: str, why: type[Wrong]) -> None:
    with pytest.raises(why) as refused:
        ident.read(number, TODAY)
    assert "请" in str(refused.value)


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_digit_mistyped_is_always_noticed(place: int, off: int) -> None:
    number = "310115199001010010"
    body = number[:17]
    body += ident.check_character(body)
    typed = body[:place] + str((int(body[place]) + off) % 10) + body[place + 1 :]
    with pytest.raises(Wrong):
        ident.read(typed)


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91350100m000100y43", " 91350100M000100Y43 "])
def test_a_credit_code_in_its_one_form(code: str) -> None:
    assert ident.credit_code(code) == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("91110000600037341I", ident.CodeLength),
        ("9135010", ident.CodeLength),
        ("71350100M000100Y44", ident.CodeCheck),
        ("B1350100M000100Y43", ident.CodeOffice),
        ("91A50100M000100Y43", ident.CodeDivision),
    ],
)
def test_a_wrong_credit_code_is_refused_with_its_reason(code: str, why: type[Wrong]) -> None:
    with pytest.raises(why):
        ident.credit_code(code)


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_a_sentence(text: str) -> None:
    for read in (ident.citizen_number, ident.credit_code):
        try:
            number = read(text)
        except Wrong as problem:
            number = str(problem)
        assert number


@given(st.text(min_size=11, max_size=40))
def test_a_mask_hides_the_middle(number: str) -> None:
    assert len(ident.masked(number)) == len(number)
    assert set(ident.masked(number)[3:-4]) == {"*"}


@pytest.mark.parametrize(("name", "shown"), [("张秀䶮", "张*䶮"), ("李四", "李*"), ("", ""), ("王", "王")])
def test_names_are_masked(name: str, shown: str) -> None:
    assert ident.masked_name(name) == shown
