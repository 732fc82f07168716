"""The simulated dispenser: pays a token once, to the fen, and says truly what became of it."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import operator
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.cassettes import DENOMINATIONS_FEN, FULL, pick, total_fen
from kiosk.devices.dispenser import REMEMBERED, Plan, SimDispenser
from kiosk.devices.port import DeviceFailed

KEY = bytes(range(32))
ORDER = "0000000100010001"


class Dark(BaseException):
    """The power goes."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dispenser.json"


def on(path: Path, plan: Plan | None = None) -> SimDispenser:
    return SimDispenser(path, "D-1", KEY, plan)


def token(device: SimDispenser, order: str = ORDER, amount_fen: int = 458037, nonce: str = "") -> str:
    text = f"{order}|{nonce or device.nonce()}|{amount_fen}"
    return hmac.digest(KEY, text.encode(), hashlib.sha256).hex()


def go(device: SimDispenser) -> None:
    device.dispense(ORDER, 458037, token(device))
    device.present(ORDER)


def whole_fen(device: SimDispenser) -> int:
    """All the money there is, wherever it lies."""
    m = device.memory
    places = (m.cassettes, m.stacker, m.shutter, m.rejected, m.retracted, m.caught, m.customers)
    return sum(total_fen(place) for place in places)


def paid(path: Path, plan: Plan | None = None) -> SimDispenser:
    device = on(path, plan)
    go(device)
    return device


def test_an_amount_is_paid_to_the_fen(path: Path) -> None:
    device = paid(path)
    assert not device.taken()
    assert device.hand() == 458037
    assert device.taken()
    status = device.status(ORDER)
    assert (status.order, status.presented, status.amount_fen) == (ORDER, "yes", 458037)
    assert whole_fen(device) == total_fen(FULL)


def test_the_status_is_signed_over_everything_it_says(path: Path) -> None:
    status = paid(path).status(ORDER)
    text = f"D-1|{ORDER}|{status.nonce}|yes|458037"
    assert status.signature == hmac.digest(KEY, text.encode(), hashlib.sha256).hex()


def test_a_token_works_once_for_its_order_its_amount_and_its_nonce(path: Path) -> None:
    device = on(path)
    good = token(device)
    for order, amount_fen, wrong in (
        ("0000000100010002", 458037, good),
        (ORDER, 458038, good),
        (ORDER, 458037, token(device, nonce="0" * 32)),
        (ORDER, 458037, "00" * 32),
    ):
        with pytest.raises(DeviceFailed):
            device.dispense(order, amount_fen, wrong)
    device.dispense(ORDER, 458037, good)
    device.reject()
    with pytest.raises(DeviceFailed):
        device.dispense(ORDER, 458037, good)


def test_a_cleared_nonce_kills_the_token_and_so_does_a_restart(path: Path) -> None:
    device = on(path)
    good = token(device)
    device.clear_nonce()
    with pytest.raises(DeviceFailed):
        device.dispense(ORDER, 458037, good)
    good = token(device)
    with pytest.raises(DeviceFailed):
        on(path).dispense(ORDER, 458037, good)


def test_a_later_nonce_is_always_the_greater_one(path: Path) -> None:
    nonces = []
    for _ in range(3):
        device = on(path)
        nonces += [device.nonce(), device.clear_nonce(), device.clear_nonce()]
    assert nonces == sorted(set(nonces))


def test_what_the_cassettes_cannot_make_is_refused_whole(path: Path) -> None:
    device = on(path)
    device.memory.cassettes = {10000: 50, 10: 1}
    with pytest.raises(DeviceFailed):
        device.dispense(ORDER, 458037, token(device))
    assert not device.memory.stacker
    assert device.status(ORDER).presented == "no"


@pytest.mark.parametrize("plan", [Plan(jam=True), Plan(short_pieces=1)], ids=["jam", "short"])
def test_too_little_in_the_stacker_is_seen_and_rejected(path: Path, plan: Plan) -> None:
    device = on(path, plan)
    try:
        pieces = device.dispense(ORDER, 458037, token(device))
    except DeviceFailed:
        pieces = {}
    assert sum(int(fen) * n for fen, n in pieces.items()) != 458037
    device.reject()
    assert not device.memory.stacker
    assert (device.status(ORDER).presented, whole_fen(device)) == ("no", total_fen(FULL))


def test_forgotten_notes_come_back_and_were_not_paid(path: Path) -> None:
    device = paid(path)
    device.retract()
    assert device.status(ORDER).presented == "no"
    assert total_fen(device.memory.retracted) == 458037


def test_a_piece_that_does_not_come_back_leaves_a_doubt(path: Path) -> None:
    device = paid(path, Plan(retract_short=True))
    with pytest.raises(DeviceFailed):
        device.retract()
    assert device.status(ORDER).presented == "unknown"
    assert on(path).status(ORDER).presented == "unknown", "a restart does not make it wiser"
    assert whole_fen(device) == total_fen(FULL)


@pytest.mark.parametrize(("shutter", "told"), [("closed", "no"), ("unsure", "unknown")])
def test_a_stuck_shutter(path: Path, shutter: str, told: str) -> None:
    device = on(path, Plan(shutter=shutter))  # type: ignore[arg-type]
    device.dispense(ORDER, 458037, token(device))
    with pytest.raises(DeviceFailed):
        device.present(ORDER)
    assert device.status(ORDER).presented == told
    assert not device.memory.shutter


POINTS = [
    # where the power goes, whether sensors see, whether somebody takes what lies there, what it says then
    ("token used, no note moved", True, False, "no"),
    ("notes in the stacker", True, False, "no"),
    ("notes in the stacker", False, False, "no"),
    ("shutter about to open", True, False, "no"),
    ("shutter about to open", False, False, "unknown"),
    ("notes in reach, not yet noted", True, True, "yes"),
    ("notes in reach, not yet noted", True, False, "no"),
    ("notes in reach, not yet noted", False, True, "unknown"),
    ("notes in reach, not yet noted", False, False, "unknown"),
    ("notes in reach, noted", True, True, "yes"),
    ("notes in reach, noted", False, True, "yes"),
    ("notes in reach, noted", True, False, "no"),
    ("notes in reach, noted", False, False, "unknown"),
]


@pytest.mark.parametrize(("where", "sees", "taken", "told"), POINTS)
def test_after_a_power_loss_it_says_the_truth_or_that_it_cannot_tell(
    path: Path, where: str, sees: bool, taken: bool, told: str
) -> None:
    def cut(point: str) -> None:
        if point == where:
            raise Dark

    device = on(path, Plan(cut=cut))
    with pytest.raises(Dark):
        go(device)
    if taken:
        device.hand()
    after = on(path, Plan(sees=sees))
    assert after.status(ORDER).presented == told
    assert not after.memory.shutter
    assert whole_fen(after) == total_fen(FULL)
    if told != "unknown":
        assert (told == "yes") == bool(after.memory.customers)


def test_of_an_order_long_ago_it_says_unknown_never_no(path: Path) -> None:
    device = paid(path)
    device.hand()
    for n in range(REMEMBERED + 1):
        device._tell(f"00000001000a{n:04x}", "no", 0)
    assert device.status(ORDER).presented == "unknown"
    assert device.status("00000001000b0001").presented == "no"


@given(st.integers(1, 2_000_000))
def test_every_amount_can_be_made_from_full_cassettes(amount_fen: int) -> None:
    pieces = pick(amount_fen, FULL)
    assert pieces is not None
    assert total_fen(pieces) == amount_fen


@given(
    st.dictionaries(st.sampled_from(DENOMINATIONS_FEN), st.integers(0, 3)),
    st.dictionaries(st.sampled_from(DENOMINATIONS_FEN), st.integers(0, 3)),
)
def test_what_lies_in_the_cassettes_can_be_paid_whatever_else_is_there(
    taken: dict[int, int], more: dict[int, int]
) -> None:
    stock = {fen: taken.get(fen, 0) + more.get(fen, 0) for fen in taken.keys() | more.keys()}
    pieces = pick(total_fen(taken), stock)
    assert pieces is not None
    assert total_fen(pieces) == total_fen(taken)
    assert all(n <= stock[fen] for fen, n in pieces.items())


def test_small_boxes_empty_are_seen_at_once_not_after_ten_seconds() -> None:
    stock = {fen: n for fen, n in FULL.items() if fen > 10}
    began = time.process_time()
    assert pick(458037, stock) is None
    assert pick(458050, stock) == {10000: 45, 5000: 1, 2000: 1, 1000: 1, 50: 1}
    assert pick(total_fen(FULL), FULL) == FULL
    assert time.process_time() - began < 1


@given(
    st.dictionaries(st.sampled_from(DENOMINATIONS_FEN), st.integers(0, 3), max_size=5), st.integers(1, 60_000)
)
def test_large_pieces_go_first_and_none_is_missed(stock: dict[int, int], amount_fen: int) -> None:
    """Against trying out everything, the largest pieces first."""
    fens = [fen for fen in DENOMINATIONS_FEN if stock.get(fen)]
    ways = itertools.product(*(range(stock[fen], -1, -1) for fen in fens))
    first = next((way for way in ways if sum(map(operator.mul, fens, way)) == amount_fen), None)
    found = pick(amount_fen, stock)
    assert found == (first and {fen: n for fen, n in zip(fens, first, strict=True) if n})
