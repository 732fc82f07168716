"""Commands: their bytes, and how a whole answer is fetched from a card that speaks T=0."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cardio import apdu
from cardio.apdu import Command, exchange
from cardio.layout import SSSE
from cardio.link import Answer

OK = 0x9000


class Script:
    """A card that says these answers, whatever it is asked; keeps what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.asked = list(answers), list[str]()

    def atr(self) -> bytes:
        return b""

    def send(self, apdu: bytes) -> Answer:
        self.asked.append(apdu.hex())
        return self.answers.pop(0)

    def close(self) -> None:
        self.answers = []


def test_commands_are_the_bytes_of_the_specification() -> None:
    for command, expected in (
        (apdu.select_application(SSSE), "00a404000f" + SSSE.hex()),
        (apdu.select_folder(0xDF03), "00a4010002df03"),
        (apdu.select_file(0xEF05), "00a4000002ef05"),
        (apdu.read_record(7, 11), "00b207040b"),
        (apdu.read_record(1), "00b2010400"),
        (apdu.read_binary(0x1F0, 0x10), "00b001f010"),
        (apdu.verify("123456"), "0020000003123456"),
        (apdu.tries(), "0020000000"),
        (apdu.get_challenge(8), "0084000008"),
        (apdu.internal_authenticate(1, bytes(16)), "0088000110" + "00" * 16),
        (apdu.external_authenticate(10, bytes(16)), "0082000a10" + "00" * 16),
    ):
        assert command.encoded.hex() == expected


def test_a_command_shows_no_pin_to_logs_and_none_is_kept_for_the_next() -> None:
    assert "123456" not in repr(apdu.verify("123456"))
    assert apdu.verify("123456") is not apdu.verify("123456")
    assert apdu.tries() is apdu.tries()


def test_data_is_fetched_after_a_command_that_brought_data() -> None:
    card = Script(Answer(b"", 0x6102), Answer(b"ab", 0x6101), Answer(b"c", OK))
    assert exchange(card, apdu.select_file(0xEF05)) == (b"abc", OK)
    assert card.asked[1:] == ["00c0000002", "00c0000001"]


def test_61_after_any_other_command_is_an_answer_like_another() -> None:
    for command in (apdu.verify("123456"), apdu.read_record(1), apdu.tries()):
        card = Script(Answer(b"", 0x6102))
        assert exchange(card, command) == (b"", 0x6102)
        assert len(card.asked) == 1


def test_6c_repeats_a_read_once_with_the_right_length() -> None:
    card = Script(Answer(b"", 0x6C03), Answer(b"abc", OK))
    assert exchange(card, apdu.read_record(2)) == (b"abc", OK)
    assert card.asked == ["00b2020400", "00b2020403"]
    card = Script(Answer(b"", 0x6C03), Answer(b"", 0x6C04))
    assert exchange(card, apdu.read_record(2)).sw == 0x6C04


def test_6c_repeats_the_fetching_not_the_deed() -> None:
    card = Script(Answer(b"", 0x6110), Answer(b"", 0x6C02), Answer(b"ab", OK))
    assert exchange(card, apdu.internal_authenticate(1, bytes(16))) == (b"ab", OK)
    assert [asked[2:4] for asked in card.asked] == ["88", "c0", "c0"]


def test_a_pin_is_never_sent_twice() -> None:
    for sw in (0x6C03, 0x6103, 0x6700, 0x6F00):
        card = Script(Answer(b"", sw))
        assert exchange(card, apdu.verify("123456")).sw == sw
        assert len(card.asked) == 1


def test_a_card_that_always_has_more_is_given_up() -> None:
    card = Script(*[Answer(b"", 0x61FF)] * 100)
    assert exchange(card, apdu.select_file(1)) == (b"", 0x61FF)
    assert len(card.asked) < 20


ANSWERS = st.tuples(
    st.binary(max_size=20),
    st.sampled_from([OK, 0x6100, 0x6110, 0x6C00, 0x6C10, 0x6A82, 0x63C1]) | st.integers(0, 0xFFFF),
)


@given(st.lists(ANSWERS, min_size=40, max_size=40), st.booleans())
def test_whatever_a_card_says_an_exchange_ends_with_its_words(
    said: list[tuple[bytes, int]], fetching: bool
) -> None:
    card = Script(*(Answer(*one) for one in said))
    command = apdu.select_file(0xEF05) if fetching else apdu.read_record(1)
    data, sw = exchange(card, command)
    heard = [Answer(*one) for one in said[: len(card.asked)]]
    assert sw == heard[-1].sw
    assert data == b"".join(one.data for one in heard if one.sw >> 8 != 0x6C or one is heard[-1]) or any(
        one.data for one in heard if one.sw >> 8 == 0x6C
    )


@given(st.integers(0, 255), st.integers(0, 255), st.binary(min_size=1, max_size=255), st.integers(1, 256))
def test_a_command_tells_its_own_length(p1: int, p2: int, data: bytes, le: int) -> None:
    assert Command(0xA4, p1, p2, data, le).encoded[4:] == bytes([len(data)]) + data
    assert Command(0xB0, p1, p2, le=le).encoded[4:] == bytes([le % 256])
