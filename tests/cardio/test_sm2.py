"""SM2: the standard's own example, a second library's opinion both ways, and OpenSSL's where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import gmalg
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from cardio.keys import sm3, sm4
from cardio.sm2 import ID, PrivateKey, PublicKey, sign, verify
from cardio.tlv import Malformed

# GB/T 32918.5—2017 appendix A.2: the recommended curve, “message digest”, ALICE's default name
SECRET = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
POINT = bytes.fromhex(
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
NONCE = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
MESSAGE = b"message digest"
SIGNATURE = bytes.fromhex(
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
KEY = PrivateKey(PublicKey(POINT), SECRET)
OPENSSL = shutil.which("openssl")


def test_sm3_and_sm4_give_what_their_standards_give() -> None:
    """GB/T 32905—2016 appendix A, GB/T 32907—2016 appendix A: both examples of each."""
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3(b"abcd" * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    assert sm4(key, key).hex() == "681edf34d206965e86b3e94f536e4246"


@pytest.mark.slow
def test_sm4_a_million_times_gives_what_the_standard_gives() -> None:
    """GB/T 32907—2016 appendix A.2."""
    key = block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    for _ in range(1_000_000):
        block = sm4(key, block)
    assert block.hex() == "595298c7c6fd271f0402f804c33d3f66"


def test_the_standards_own_signature_is_right_and_any_other_bit_is_wrong() -> None:
    assert verify(KEY.public, MESSAGE, SIGNATURE)
    assert not verify(KEY.public, b"message digesT", SIGNATURE)
    assert not verify(KEY.public, MESSAGE, SIGNATURE, b"ALICE123@YAHOO.COM")
    for at in range(64):
        spoilt = SIGNATURE[:at] + bytes([SIGNATURE[at] ^ 1]) + SIGNATURE[at + 1 :]
        assert not verify(KEY.public, MESSAGE, spoilt)


def test_the_second_library_makes_the_standards_signature_from_the_standards_nonce() -> None:
    other = gmalg.SM2(SECRET, ID, b"\x04" + POINT, rnd_fn=lambda bits: NONCE)
    r, s = other.sign(MESSAGE)
    assert r + s == SIGNATURE


def padded(number: bytes) -> bytes:
    """The second library drops leading zeros."""
    return number.rjust(32, b"\0")


@settings(max_examples=10)
@given(st.binary(max_size=200), st.binary(min_size=1, max_size=40))
def test_two_libraries_believe_each_other(message: bytes, signer: bytes) -> None:
    mine = PrivateKey.new()
    theirs = gmalg.SM2(mine.secret, signer, b"\x04" + mine.public.point)
    signed = mine.sign(message, signer)
    assert theirs.verify(message, signed[:32], signed[32:])
    assert not theirs.verify(message + b"!", signed[:32], signed[32:])
    r, s = theirs.sign(message)
    assert mine.public.verify(message, padded(r) + padded(s), signer)


def test_the_same_words_are_signed_differently_each_time() -> None:
    """A nonce used twice gives the key away."""
    assert len({sign(KEY, MESSAGE)[:32] for _ in range(20)}) == 20


@given(st.binary(max_size=80))
def test_what_is_no_signature_is_just_wrong(signature: bytes) -> None:
    assert not verify(KEY.public, MESSAGE, signature)


ORDER = bytes.fromhex("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123")


@pytest.mark.parametrize("half", [bytes(32), ORDER, b"\xff" * 32], ids=["zero", "order", "most"])
def test_numbers_outside_the_group_are_no_signature(half: bytes) -> None:
    assert not verify(KEY.public, MESSAGE, half + SIGNATURE[32:])
    assert not verify(KEY.public, MESSAGE, SIGNATURE[:32] + half)


def test_keys_come_back_from_their_files(tmp_path: Path) -> None:
    assert PrivateKey.of(KEY.pem()) == KEY
    assert PublicKey.of(KEY.public.pem()) == KEY.public
    path = tmp_path / "key.pem"
    KEY.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        PrivateKey.new().save(path)
    assert PrivateKey.of(path.read_text()) == KEY
    assert SECRET.hex() not in repr(KEY)
    assert repr(SECRET) not in repr(KEY)


@pytest.mark.parametrize("text", ["", "x", KEY.public.pem(), KEY.pem()[:-40], KEY.pem().replace("M", "!", 1)])
def test_what_is_no_private_key_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        PrivateKey.of(text)


def test_a_point_off_the_curve_and_a_pair_that_is_none_are_refused() -> None:
    for point in (b"", bytes(64), POINT[:-1] + b"\0", POINT + b"\0", b"\x04" + POINT):
        with pytest.raises(Malformed, match="公钥"):
            PublicKey(point)
    with pytest.raises(Malformed, match="一对"):
        PrivateKey(PrivateKey.new().public, SECRET)
    for secret in (bytes(32), ORDER, SECRET[:-1]):
        with pytest.raises(Malformed, match="私钥"):
            PrivateKey(KEY.public, secret)


@pytest.mark.skipif(not OPENSSL, reason="OpenSSL is not installed")
def test_openssl_reads_our_keys_and_believes_our_signature(tmp_path: Path) -> None:
    (tmp_path / "private").write_text(KEY.pem())
    told = subprocess.run(
        [OPENSSL or "", "pkey", "-in", tmp_path / "private", "-pubout"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert PublicKey.of(told.stdout) == KEY.public
    signed = sign(KEY, MESSAGE)
    (tmp_path / "public").write_text(KEY.public.pem())
    (tmp_path / "message").write_bytes(MESSAGE)
    (tmp_path / "signature").write_bytes(
        encode_dss_signature(int.from_bytes(signed[:32]), int.from_bytes(signed[32:]))
    )
    subprocess.run(
        [
            OPENSSL or "",
            "pkeyutl",
            "-verify",
            "-pubin",
            "-inkey",
            "public",
            "-rawin",
            "-digest",
            "sm3",
            "-pkeyopt",
            f"distid:{ID.decode()}",
            "-in",
            "message",
            "-sigfile",
            "signature",
        ],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
