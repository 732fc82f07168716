"""Keys: fixed by vectors that OpenSSL computed, so that both ends can be held to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.kernel import vault
from cardio import keys, tac
from cardio.sim import SimCard
from tests.cardio.people import CHALLENGE, LI

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = VECTORS[name]
    return found


BYTES = {"key", "block", "data", "master", "challenge", "own"} | {
    *("lk", "tk", "session", "rnd", "ctc", "asked", "terms", "about"),
}


def given(case: dict[str, Any]) -> dict[str, Any]:
    return {
        name: bytes.fromhex(value) if name in BYTES else value
        for name, value in case.items()
        if name != "out"
    }


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("sm4", keys.sm4),
        ("sm3", keys.sm3),
        ("card_key", keys.card_key),
        ("response", keys.response),
        ("order_challenge", keys.order_challenge),
        ("terminal_cryptogram", keys.terminal_cryptogram),
        ("collect_key", tac.collect_key),
        ("session_key", tac.session_key),
        ("cmac", tac.cmac),
        ("mac1", tac.mac1),
        ("mac2", tac.mac2),
        ("tac", tac.tac),
        ("mac3", tac.mac3),
    ],
)
def test_a_function_gives_what_openssl_gives(name: str, function: Callable[..., bytes]) -> None:
    assert cases(name)
    for case in cases(name):
        assert function(**given(case)).hex() == case["out"]


def test_the_checking_side_gives_what_openssl_gives() -> None:
    for case in cases("card_key"):
        ours = vault.Vault(bytes.fromhex(case["master"]), b"").card_key(case["area"], case["card_code"])
        assert ours.hex() == case["out"]
    for case in cases("order_challenge"):
        assert vault.order_challenge(**given(case)).hex() == case["out"]
    for case in cases("proof"):
        known = vault.Vault(bytes.fromhex(case["master"]), b"")
        challenge, proof = bytes.fromhex(case["challenge"]), bytes.fromhex(case["out"])
        assert known.answers(case["area"], case["card_code"], challenge, proof)
        assert not known.answers(case["area"], case["card_code"][:-1] + "2", challenge, proof)


def test_one_fen_more_is_another_challenge() -> None:
    first, second, *_ = (keys.order_challenge(**given(case)) for case in cases("order_challenge"))
    assert first != second


@pytest.mark.parametrize("length", [0, 8, 15, 17, 32])
def test_a_challenge_of_another_length_is_a_bug(length: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        keys.response(LI.key, bytes(length))


def test_no_key_shows_in_what_is_printed() -> None:
    for shown in (repr(LI), repr(keys.SoftwareTerminalKey(LI.key)), repr(SimCard(LI))):
        assert LI.key.hex() not in shown
        assert repr(LI.key) not in shown
        assert LI.pin not in shown
    assert keys.response(LI.key, CHALLENGE) != LI.key
