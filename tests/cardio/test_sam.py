"""Security modules: what they let out is right, keys they never let out, and the file alone is worth nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardio import pinblock, secure
from cardio.card import (
    CardCloned,
    CardOfOtherArea,
    CardSession,
    KeyVersionUnknown,
    PinTooSimple,
    TerminalNotTrusted,
)
from cardio.keys import cmac, response, terminal_cryptogram
from cardio.link import Answer
from cardio.sam import (
    COUNTER,
    KeyNotHeld,
    KeyRing,
    PcscSam,
    PinBlock,
    PinBlockUsed,
    Purpose,
    Sam,
    SamFault,
    SoftSam,
    create,
)
from cardio.sealing import KeyFile, Passphrase, SealKeyMissing, SealWrong, seal, unseal
from cardio.sim import SimCard
from cardio.sim.psam import SimSam
from cardio.tlv import Malformed
from tests.cardio.people import CHALLENGE, LI

RING = KeyRing.new(versions=2)
GOOD = LI.equipped(RING, version=2)
AREA = RING.for_area(LI.area, COUNTER)
NEW = "246801"


def on_a_card(ring: KeyRing) -> PcscSam:
    card = SimSam(ring)
    return PcscSam(lambda: card)


MODULES: dict[str, Callable[[KeyRing], Sam]] = {"soft": SoftSam, "card": on_a_card}
both = pytest.mark.parametrize("make", MODULES.values(), ids=MODULES)
rings = pytest.mark.parametrize("ring", [RING, AREA], ids=["nation", "area"])
of_each_version = pytest.mark.parametrize("version", [1, 2])


@both
@rings
@of_each_version
@pytest.mark.parametrize("tells", [True, False], ids=["it tells its version", "it does not"])
def test_a_third_generation_card_is_read_and_its_pin_changed_through_the_module(
    make: Callable[[KeyRing], Sam], ring: KeyRing, version: int, tells: bool
) -> None:
    """Of the newest version or an older one, with secure messaging or without: the module holds both."""
    good = LI.equipped(RING, version)
    card = SimCard(good if tells else replace(good, channel_key=None))
    session = CardSession(card, sam=make(ring))
    assert session.holder().name == LI.name
    assert session.verify("999999").tries_left == 2
    assert session.verify(LI.pin).ok
    assert session.prove(CHALLENGE) == response(good.key, CHALLENGE)
    assert session.change_pin(LI.pin, NEW).ok
    assert session.verify(NEW).ok
    session.unblock("135799")
    session.close()
    assert CardSession(card).verify("135799").ok


@both
@pytest.mark.parametrize("version", [None, 1, 2])
def test_what_a_module_computes_is_what_the_cards_own_key_gives(
    make: Callable[[KeyRing], Sam], version: int | None
) -> None:
    sam, who = make(RING), (LI.area, LI.card_code)

    def own(purpose: Purpose) -> bytes:
        return RING.card(purpose, *who, version or 2)

    said = sam.cryptogram(*who, CHALLENGE[:8], version)
    assert said == terminal_cryptogram(own(Purpose.RK), CHALLENGE[:8], said[8:])
    proof = response(own(Purpose.IRK), CHALLENGE)
    assert sam.genuine(*who, CHALLENGE, proof, version)
    assert not sam.genuine(*who, CHALLENGE, proof, 1 if version != 1 else 2)
    assert not sam.genuine(*who, CHALLENGE, bytes(16), version)
    assert not sam.genuine(LI.area, LI.card_code[:-1] + "2", CHALLENGE, proof, version)
    assert sam.mac(Purpose.TK, *who, b"order", version) == cmac(own(Purpose.TK), b"order")
    made = secure.unblock_command(own(Purpose.PUK), CHALLENGE, NEW)
    assert sam.unblock_command(*who, CHALLENGE, NEW, version) == made
    assert [sam.versions(purpose) for purpose in (Purpose.STK, Purpose.PAD)] == [(1, 2), (1, 2)]
    assert len({sam.number() for _ in range(20)}) == 20


@both
@pytest.mark.parametrize("purpose", [Purpose.IRK, Purpose.RK, Purpose.STK, Purpose.PUK, Purpose.PAD])
def test_no_other_key_signs_what_it_is_given(make: Callable[[KeyRing], Sam], purpose: Purpose) -> None:
    """Whoever could have anything signed under STK could make up every message of its own."""
    with pytest.raises(KeyNotHeld, match=purpose.value):
        make(RING).mac(purpose, LI.area, LI.card_code, b"T" + bytes(32))


@both
def test_what_a_module_does_not_hold_it_does_not_do(make: Callable[[KeyRing], Sam]) -> None:
    kiosk = make(RING.for_area(LI.area))
    who = (LI.area, LI.card_code)
    for do in (
        lambda: kiosk.genuine(*who, CHALLENGE, CHALLENGE),
        lambda: kiosk.unblock_command(*who, CHALLENGE, NEW),
        lambda: kiosk.mac(Purpose.TK, *who, b""),
        lambda: kiosk.meet(*who, CHALLENGE, 3),
        lambda: kiosk.cryptogram(*who, CHALLENGE[:8], 3),
        lambda: make(RING).genuine(*who, CHALLENGE, CHALLENGE, 3),
        lambda: make(RING).unblock_command(*who, CHALLENGE, NEW, 3),
        lambda: make(RING).mac(Purpose.TK, *who, b"", 3),
    ):
        with pytest.raises(KeyNotHeld):
            do()
    with pytest.raises(CardOfOtherArea):
        kiosk.cryptogram("320000", LI.card_code, CHALLENGE[:8])
    with pytest.raises(KeyNotHeld):
        CardSession(SimCard(GOOD), sam=kiosk).unblock(NEW)


@both
def test_before_a_card_has_answered_nothing_is_wrapped_for_it(make: Callable[[KeyRing], Sam]) -> None:
    meeting = make(RING).meet(LI.area, LI.card_code, CHALLENGE, 1)
    with pytest.raises(SamFault):
        meeting.verify_command(LI.pin)
    assert not meeting.confirm(bytes(16))
    with pytest.raises(SamFault):
        meeting.verify_command(LI.pin)


# ---- the pin pad ----


def seal_pin(shared: bytes, number: bytes, pin: str, card_code: str = LI.card_code) -> PinBlock:
    """In the pad."""
    return PinBlock(
        number, pinblock.seal(pinblock.session_key(shared, number), pin, bytes.fromhex(card_code))
    )


def pad_of(ring: KeyRing) -> bytes:
    return ring.master(Purpose.PAD)


@both
def test_a_pin_goes_from_the_pad_through_the_module_to_the_card_and_nobody_between_reads_it(
    make: Callable[[KeyRing], Sam],
) -> None:
    sam, sent = make(RING), list[bytes]()

    class Wire(SimCard):
        def send(self, apdu: bytes):  # type: ignore[no-untyped-def]
            sent.append(apdu)
            return super().send(apdu)

    session = CardSession(Wire(GOOD), sam=sam)
    typed = seal_pin(pad_of(RING), sam.number(), LI.pin)
    assert session.verify(typed).ok
    old, new = (seal_pin(pad_of(RING), sam.number(), pin) for pin in (LI.pin, NEW))
    assert session.change_pin(old, new).ok
    assert session.verify(NEW).ok
    for pin in (LI.pin, NEW):
        assert all(bytes.fromhex(pin) not in apdu for apdu in sent)
        assert pin not in repr(typed)


@both
def test_a_block_is_good_once_and_for_its_own_number(make: Callable[[KeyRing], Sam]) -> None:
    sam, card = make(RING), SimCard(GOOD)
    session = CardSession(card, sam=sam)
    block = seal_pin(pad_of(RING), sam.number(), LI.pin)
    assert session.verify(block).ok
    made_up = seal_pin(pad_of(RING), CHALLENGE, LI.pin)
    moved = PinBlock(sam.number(), block.sealed)
    other_pad = seal_pin(bytes(16), sam.number(), LI.pin)
    other_card = seal_pin(pad_of(RING), sam.number(), LI.pin, LI.card_code[:-1] + "2")
    short = seal_pin(pad_of(RING), sam.number(), "1234")
    for wrong in (block, made_up, moved, other_pad, other_card, short):
        with pytest.raises(PinBlockUsed, match="重新输入"):
            CardSession(card, sam=sam).verify(wrong)
    assert card.tries == 3


@both
def test_a_simple_pin_is_refused_though_nobody_but_the_module_sees_it(make: Callable[[KeyRing], Sam]) -> None:
    sam, card = make(RING), SimCard(GOOD)
    for new in ("123456", "777777", LI.pin):
        old, simple = (seal_pin(pad_of(RING), sam.number(), pin) for pin in (LI.pin, new))
        with pytest.raises(PinTooSimple):
            CardSession(card, sam=sam).change_pin(old, simple)
    assert CardSession(card).verify(LI.pin).ok


def test_a_block_for_a_card_without_secure_messaging_stays_closed() -> None:
    sam, card = SoftSam(RING), SimCard(LI)
    session = CardSession(card, sam=sam)
    with pytest.raises(SamFault):
        session.verify(seal_pin(pad_of(RING), sam.number(), LI.pin))
    assert card.tries == 3


# ---- keys stay inside ----


def test_no_key_is_to_be_had_from_a_module() -> None:
    sam = SoftSam(RING)
    meeting = sam.meet(LI.area, LI.card_code, CHALLENGE, 1)
    shown = " ".join(repr(one) for one in (sam, meeting, RING, AREA))
    for key in (*RING.masters.values(), *(RING.card(purpose, LI.area, LI.card_code) for purpose in Purpose)):
        assert key.hex() not in shown
        assert repr(key) not in shown
    public = {name for name in dir(sam) if not name.startswith("_")}
    assert public == {
        "area",
        "cryptogram",
        "genuine",
        "mac",
        "meet",
        "number",
        "open",
        "unblock_command",
        "versions",
    }


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=60), max_size=12))
def test_whatever_a_sam_card_is_asked_it_says_no_key(asked: list[bytes]) -> None:
    card = SimSam(RING)
    PcscSam(lambda: card)
    secrets = [*RING.masters.values()]
    for apdu in asked:
        data, sw = card.send(apdu)
        assert 0 <= sw <= 0xFFFF
        assert not any(key in data for key in secrets)


def test_a_sam_that_is_none_says_so() -> None:
    with pytest.raises(SamFault, match="没有回答"):
        PcscSam(lambda: SimCard(LI))


def test_a_sam_that_was_pulled_and_put_back_goes_on_with_the_same_holder() -> None:
    """What it knew of the meeting is gone; the card's next PIN begins another."""
    module, card = SimSam(RING), SimCard(GOOD)
    sam = PcscSam(lambda: module)
    session = CardSession(card, sam=sam)
    session.identify()
    module.pull()
    with pytest.raises(SamFault):
        session.verify(LI.pin)
    with pytest.raises(SamFault):
        sam.number()
    module.insert()
    assert session.verify(LI.pin).ok
    assert card.tries == 3


# ---- the file ----


def test_a_module_is_opened_by_its_passphrase_and_by_no_other(tmp_path: Path) -> None:
    path = tmp_path / "sam"
    create(path, RING, Passphrase("三个臭皮匠"))
    assert path.stat().st_mode & 0o777 == 0o600
    sam = SoftSam.open(path, Passphrase("三个臭皮匠"))
    assert sam.versions(Purpose.PUK) == (1, 2)
    with pytest.raises(SealWrong, match="口令不对"):
        SoftSam.open(path, Passphrase("三个臭皮匠 "))
    with pytest.raises(SealWrong):
        SoftSam.open(path, KeyFile(tmp_path / "none"))
    text = path.read_text()
    assert not any(key.hex() in text for key in RING.masters.values())
    with pytest.raises(FileExistsError):
        create(path, RING, Passphrase("x"))


def test_a_module_is_opened_by_a_key_kept_elsewhere(tmp_path: Path) -> None:
    key = KeyFile(tmp_path / "key").make()
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    create(tmp_path / "sam", AREA, key)
    assert SoftSam.open(tmp_path / "sam", key).area == LI.area
    other = KeyFile(tmp_path / "other").make()
    with pytest.raises(SealWrong):
        SoftSam.open(tmp_path / "sam", other)
    (tmp_path / "key").write_text("short")
    for gone in (key, KeyFile(tmp_path / "nowhere")):
        with pytest.raises(SealKeyMissing):
            SoftSam.open(tmp_path / "sam", gone)


def test_a_file_with_one_byte_changed_is_refused(tmp_path: Path) -> None:
    key, path = KeyFile(tmp_path / "key").make(), tmp_path / "sealed"
    seal(b"secret", key, path)
    told = json.loads(path.read_text())
    for change in (
        {"opener": "scrypt"},
        {"sealed": "SM4"},
        {"more": 1},
        {"data": ""},
        {"data": "!"},
        {"data": told["data"][:-4]},
        {"data": ("B" if told["data"][0] == "A" else "A") + told["data"][1:]},
    ):
        path.write_text(json.dumps({**told, **change}))
        with pytest.raises(SealWrong):
            unseal(path, key)
    for text in ("", "[]", "null", "{"):
        path.write_text(text)
        with pytest.raises(SealWrong):
            unseal(path, key)


def test_a_file_cannot_make_us_work_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "sealed"
    seal(b"secret", Passphrase("x"), path)
    told = json.loads(path.read_text())
    for cost in ({"n": 2**40}, {"r": 10**6}, {"n": 3}, {"n": "x"}, {"salt": "zz"}):
        path.write_text(json.dumps({**told, **cost}))
        with pytest.raises(SealWrong):
            unseal(path, Passphrase("x"))


def test_a_ring_of_one_area_makes_its_cards_keys_and_no_others() -> None:
    for purpose in COUNTER:
        assert AREA.card(purpose, LI.area, LI.card_code) == RING.card(purpose, LI.area, LI.card_code)
    with pytest.raises(CardOfOtherArea):
        AREA.card(Purpose.RK, "320000", LI.card_code)
    with pytest.raises(Malformed):
        AREA.for_area("320000")
    assert not set(AREA.masters.values()) & set(RING.masters.values())
    for plain in (
        b"",
        b"{}",
        b'{"area": "", "keys": [["XX", 1, "00"]]}',
        b'{"area": "", "keys": [["RK", 0, "00"]]}',
    ):
        with pytest.raises(Malformed):
            KeyRing.of(plain)


def test_a_card_of_another_key_version_is_served_without_secure_messaging() -> None:
    ring = KeyRing({key: value for key, value in RING.masters.items() if key[1] == 1})
    card = SimCard(replace(GOOD, read_key=None))
    session = CardSession(card, sam=SoftSam(ring.for_area(LI.area)))
    assert session.holder().name == LI.name
    assert session.verify(LI.pin).ok


# ---- after a change of keys ----


def unmarked(version: int) -> SimCard:
    """A card that does not tell which version its keys are of."""
    return SimCard(replace(LI.equipped(RING, version), channel_key=None))


@both
@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_copy_is_found_whatever_version_it_tells(make: Callable[[KeyRing], Sam], version: int) -> None:
    """Of one that the module has not, it cannot be said that it is genuine."""
    copy = replace(GOOD, key=bytes(16), read_key=None, key_version=version)
    kept = KeyRing({key: held for key, held in RING.masters.items() if key[0] is not Purpose.STK})
    session = CardSession(SimCard(copy), sam=make(kept))
    session.verify(LI.pin)
    with pytest.raises(CardCloned if version < 3 else KeyNotHeld):
        session.prove(CHALLENGE)
    silent = CardSession(SimCard(replace(copy, channel_key=None)), sam=make(kept))
    silent.verify(LI.pin)
    with pytest.raises(CardCloned):
        silent.prove(CHALLENGE)


class Counting:
    """A card that counts wrong terminals: nobody may go on trying."""

    def __init__(self, card: SimCard) -> None:
        self._card, self.asked = card, 0

    def send(self, apdu: bytes) -> Answer:
        answer = self._card.send(apdu)
        if apdu[1] == 0x82 and answer.sw == 0x6300:
            self.asked += 1
            return Answer(b"", 0x63C2)
        return answer

    def atr(self) -> bytes:
        return self._card.atr()

    def close(self) -> None:
        self._card.close()


def test_another_version_is_tried_only_where_it_costs_the_card_nothing() -> None:
    assert CardSession(unmarked(1), sam=SoftSam(AREA)).holder().name == LI.name
    card = Counting(unmarked(1))
    with pytest.raises(TerminalNotTrusted):
        CardSession(card, sam=SoftSam(AREA)).holder()
    assert card.asked == 1


@both
def test_a_pin_is_unblocked_only_where_the_version_is_known(make: Callable[[KeyRing], Sam]) -> None:
    card, sam = unmarked(1), make(AREA)
    with pytest.raises(KeyVersionUnknown):
        CardSession(card, sam=sam).unblock(NEW)
    session = CardSession(card, sam=sam)
    session.holder()  # the key under which it lets itself be read shows the version
    session.unblock(NEW)
    assert CardSession(card).verify(NEW).ok
