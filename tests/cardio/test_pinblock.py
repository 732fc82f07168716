"""PIN blocks: what was typed comes out for the right key, card and entry, and for nothing else."""

from __future__ import annotations

import secrets
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardio.keys import sm4
from cardio.pinblock import seal, session_key, unseal
from cardio.tlv import Malformed

KEY, CODE = bytes(range(16)), bytes(range(16, 32))
PINS = st.from_regex(r"[0-9]{4,12}", fullmatch=True)


@given(PINS, st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_the_module_reads_what_was_typed(pin: str, key: bytes, code: bytes) -> None:
    assert unseal(key, seal(key, pin, code), code) == pin


def test_the_layout_is_that_of_format_4_with_our_cipher() -> None:
    field = bytes.fromhex("46123456aaaaaaaa") + bytes(8)
    mixed = bytes(a ^ b for a, b in zip(sm4(KEY, field), CODE, strict=True))
    assert seal(KEY, "123456", CODE, salt=bytes(8)) == sm4(KEY, mixed)


def test_the_same_pin_never_looks_the_same_twice() -> None:
    assert len({seal(KEY, "123456", CODE) for _ in range(50)}) == 50
    assert session_key(KEY, bytes(16)) != session_key(KEY, bytes(15) + b"\1")


@given(st.integers(0, 127))
def test_a_block_that_was_altered_is_refused_or_is_another_pin_never_this_one(bit: int) -> None:
    block = bytearray(seal(KEY, "123456", CODE))
    block[bit // 8] ^= 1 << bit % 8
    with suppress(Malformed):
        assert unseal(KEY, bytes(block), CODE) != "123456"


@pytest.mark.parametrize(("key", "code"), [(bytes(16), CODE), (KEY, bytes(16))], ids=["key", "card"])
def test_another_key_or_card_does_not_open_it(key: bytes, code: bytes) -> None:
    opened = 0
    for _ in range(200):
        try:
            opened += unseal(key, seal(KEY, "123456", CODE), code) == "123456"
        except Malformed:
            continue
    assert opened == 0


@given(st.binary(max_size=40))
def test_anything_else_is_refused_or_a_pin(block: bytes) -> None:
    try:
        pin = unseal(KEY, block, CODE)
    except Malformed:
        return
    assert pin.isdigit()
    assert 4 <= len(pin) <= 12


@pytest.mark.parametrize("pin", ["", "123", "1" * 13, "12345a", "１２３４５６"])
def test_what_is_no_pin_is_not_sealed(pin: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        seal(KEY, pin, CODE)


def test_challenges_and_codes_have_a_whole_block() -> None:
    with pytest.raises(ValueError, match="16"):
        session_key(KEY, secrets.token_bytes(8))
    with pytest.raises(ValueError, match="16"):
        seal(KEY, "123456", bytes(8))
