"""The dispenser's states and faults: no piece is made or lost, and it never says "no" of notes that went out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.devices.cassettes import FULL, total_fen
from kiosk.devices.dispenser import Plan, SimDispenser
from kiosk.devices.port import CashUnit, DeviceDead, DeviceFailed
from tests.kiosk.test_dispenser import KEY, ORDER, Dark, go, on, token, whole_fen

AMOUNT = 458037


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dispenser.json"


def fails(device: SimDispenser, amount_fen: int = AMOUNT) -> DeviceFailed:
    with pytest.raises(DeviceFailed) as raised:
        device.dispense(ORDER, amount_fen, token(device, amount_fen=amount_fen))
    return raised.value


def cassette(device: SimDispenser, fen: int) -> CashUnit:
    return next(unit for unit in device.units() if unit.fen == fen)


def low(device: SimDispenser) -> None:
    device.memory.cassettes[10000] = 100


def none_left(device: SimDispenser) -> None:
    device.memory.cassettes.clear()


@pytest.mark.parametrize(
    ("plan", "befall", "state", "code"),
    [
        (Plan(), lambda device: None, "ok", "ONLINE"),
        (Plan(), low, "warns", "LOW"),
        (Plan(), lambda device: device.memory.cassettes.pop(5000), "warns", "EMPTY"),
        (Plan(missing=frozenset({5000})), lambda device: None, "warns", "MISSING"),
        (Plan(picks_nothing_at=1), fails, "warns", "INOP"),
        (Plan(), none_left, "failed", "CASHUNITERROR"),
        (Plan(jam_at=3), fails, "failed", "HWERROR"),
        (Plan(shutter="blocked"), lambda device: None, "failed", "USERERROR"),
        (Plan(bin_holds=0), lambda device: None, "failed", "FULL"),
        (Plan(dead=True), lambda device: None, "away", "OFFLINE"),
        (Plan(powerless=True), lambda device: None, "away", "POWEROFF"),
    ],
)
def test_its_health_is_the_worst_there_is_to_say(
    path: Path, plan: Plan, befall: Callable[[SimDispenser], object], state: str, code: str
) -> None:
    device = on(path, plan)
    befall(device)
    assert (device.health().state, device.health().code) == (state, code)


def test_its_facts_are_the_counts_of_every_cassette_and_bin(path: Path) -> None:
    device = on(path)
    go(device)
    facts = device.health().facts
    assert (facts["shutter"], facts["stacker"]) == ("SHTOPEN", "ISEMPTY")
    assert facts["cassette_10000"] == FULL[10000] - 45
    assert facts["status_10000"] == "OK"
    device.hand()
    assert device.health().facts["shutter"] == "SHTCLOSED"


def test_while_it_works_others_hear_that_it_is_busy(path: Path) -> None:
    heard = []

    def ask(point: str) -> None:
        asker = threading.Thread(target=lambda: heard.append(device.health().code))
        asker.start()
        asker.join()

    device = on(path, Plan(cut=ask))
    go(device)
    assert set(heard) == {"BUSY"}
    assert device.health().code == "ONLINE"


def test_each_cassette_counts_what_left_it_what_was_presented_and_what_came_back(path: Path) -> None:
    device = on(path)
    go(device)
    device.retract()
    assert cassette(device, 10000) == CashUnit(
        "cassette", "OK", 1955, 10000, initial=2000, dispensed=45, presented=45, retracted=45, minimum=100
    )
    device.dispense("0000000100010002", 10000, _renewed(device, "0000000100010002", 10000))
    device.reject()
    assert (cassette(device, 10000).dispensed, cassette(device, 10000).rejected) == (46, 1)
    assert {unit.kind: unit.count for unit in device.units() if not unit.fen} == {"reject": 1, "retract": 53}


def _renewed(device: SimDispenser, order: str, amount_fen: int) -> str:
    device.clear_nonce()
    return token(device, order, amount_fen)


def test_a_torn_piece_stays_inside_until_somebody_opens_it(path: Path) -> None:
    device = on(path, Plan(jam_at=3))
    assert fails(device).code == "HARDWARE_ERROR"
    assert total_fen(device.memory.caught) == 10000
    device.reject()
    assert (device.status(ORDER).presented, whole_fen(device)) == ("no", total_fen(FULL))
    device = on(path)
    device.clear_nonce()
    assert fails(device).code == "HARDWARE_ERROR", "a restart does not mend it"
    with pytest.raises(DeviceFailed, match="opened"):
        device.reset()
    device.load(FULL)
    go(device)
    assert device.hand() == AMOUNT


def test_two_at_once_are_seen_and_the_amount_is_exact_all_the_same(path: Path) -> None:
    device = on(path, Plan(double_at=2))
    go(device)
    assert device.memory.rejected == {10000: 2}
    assert device.hand() == AMOUNT
    assert whole_fen(device) == total_fen(FULL)


def test_a_cassette_that_gives_nothing_is_left_out_of_the_next_amount_until_it_is_reset(path: Path) -> None:
    device = on(path, Plan(picks_nothing_at=1))
    assert fails(device).code == "CASHUNITERROR"
    assert cassette(device, 10000).status == "INOP"
    device.plan = Plan()
    device.clear_nonce()
    go(device)
    assert 10000 not in device.memory.shutter
    assert device.hand() == AMOUNT
    device.reset()
    assert cassette(device, 10000).status == "OK"


def test_a_cassette_that_is_emptier_than_its_count_is_noticed_in_the_middle(path: Path) -> None:
    device = on(path)
    device.memory.cassettes[10000] = 10
    device.load({fen: 10 if fen == 10000 else n for fen, n in FULL.items()}, counted=FULL)
    before = whole_fen(device)
    assert cassette(device, 10000).count == 2000, "what staff keyed in"
    assert fails(device).code == "CASHUNITERROR"
    assert cassette(device, 10000).status == "EMPTY"
    device.reject()
    assert (device.status(ORDER).presented, whole_fen(device)) == ("no", before)


def test_a_cassette_that_is_pulled_out_is_not_reached_for(path: Path) -> None:
    device = on(path, Plan(missing=frozenset({10000})))
    go(device)
    assert 10000 not in device.memory.shutter
    assert cassette(device, 10000).status == "MISSING"


def test_full_bins_leave_the_token_unused(path: Path) -> None:
    device = on(path, Plan(bin_holds=0))
    assert fails(device).code == "CASHUNITERROR"
    device.plan = Plan()
    go(device)
    assert device.hand() == AMOUNT


def test_notes_snatched_while_they_are_drawn_in_leave_a_doubt(path: Path) -> None:
    device = on(path, Plan(taken_back=2))
    go(device)
    with pytest.raises(DeviceFailed) as raised:
        device.retract()
    assert raised.value.code == "ITEMSTAKEN"
    assert (device.status(ORDER).presented, device.memory.handed[ORDER]) == ("unknown", 7)
    assert on(path).status(ORDER).presented == "unknown", "a restart does not make it wiser"
    assert whole_fen(device) == total_fen(FULL)


@pytest.mark.parametrize(
    ("shutter", "code", "told"),
    [
        ("closed", "SHUTTERNOTOPEN", "no"),
        ("blocked", "USER_ERROR", "no"),
        ("unsure", "PRERRORUNKNOWN", "unknown"),
    ],
)
def test_a_shutter_that_does_not_open_has_a_name_for_it(
    path: Path, shutter: str, code: str, told: str
) -> None:
    device = on(path, Plan(shutter=shutter))  # type: ignore[arg-type]
    device.dispense(ORDER, AMOUNT, token(device))
    with pytest.raises(DeviceFailed) as raised:
        device.present(ORDER)
    assert (raised.value.code, device.status(ORDER).presented) == (code, told)


def test_a_device_that_lost_its_status_says_unknown_and_signs_it(path: Path) -> None:
    device = on(path)
    go(device)
    device.hand()
    before = device.status(ORDER).signature
    device.plan.forgets = True
    assert device.status(ORDER).presented == "unknown"
    assert device.status(ORDER).signature != before


@pytest.mark.parametrize("plan", [Plan(dead=True), Plan(powerless=True)], ids=["no cable", "no power"])
def test_a_device_without_cable_or_power_answers_nothing(path: Path, plan: Plan) -> None:
    device = on(path, plan)
    for ask in (device.nonce, device.clear_nonce, device.retract, device.reject, device.reset, device.test):
        with pytest.raises(DeviceDead):
            ask()
    with pytest.raises(DeviceDead):
        device.dispense(ORDER, AMOUNT, "00" * 32)
    with pytest.raises(DeviceDead):
        device.status(ORDER)


def test_a_test_brings_one_piece_of_each_cassette_into_the_reject_bin(path: Path) -> None:
    device = on(path, Plan(missing=frozenset({2}), picks_nothing_at=2))
    found = {unit.fen: unit.status for unit in device.test() if unit.fen}
    assert (found[2], found[5000], found[10000]) == ("MISSING", "INOP", "OK")
    assert device.memory.rejected == {fen: 1 for fen in FULL if fen not in (2, 5000)}
    assert whole_fen(device) == total_fen(FULL)
    device.plan = Plan()
    assert {unit.fen: unit.status for unit in device.test()}[5000] == "OK", "it gives again"


def test_a_test_is_refused_while_notes_of_an_order_are_inside(path: Path) -> None:
    device = on(path)
    go(device)
    with pytest.raises(DeviceFailed, match="NOT_EMPTY"):
        device.test()


def test_a_reset_takes_back_what_lies_in_reach(path: Path) -> None:
    device = on(path)
    go(device)
    device.reset()
    assert device.taken()
    assert (device.status(ORDER).presented, total_fen(device.memory.retracted)) == ("no", AMOUNT)


PLANS = st.builds(
    Plan,
    jam=st.booleans(),
    short_pieces=st.integers(0, 2),
    shutter=st.sampled_from(["works", "works", "closed", "unsure", "blocked"]),
    retract_short=st.booleans(),
    sees=st.booleans(),
    jam_at=st.integers(0, 60),
    double_at=st.integers(0, 60),
    picks_nothing_at=st.integers(0, 60),
    missing=st.frozensets(st.sampled_from(sorted(FULL)), max_size=2),
    left_lying=st.sampled_from([0, 0, 1, 2, 100]),
    taken_back=st.integers(0, 3),
    bin_holds=st.sampled_from([0, 10_000, 10_000]),
)
POINTS = (
    "token used, no note moved",
    "notes in the stacker",
    "shutter about to open",
    "notes in reach, not yet noted",
    "notes in reach, noted",
    "about to retract",
    "retracted",
    "",
)


@settings(max_examples=60)
@given(PLANS, st.sampled_from(POINTS), st.booleans())
def test_whatever_goes_wrong_and_wherever_the_power_goes_it_never_says_no_of_notes_that_went_out(
    plan: Plan, where: str, takes: bool
) -> None:
    def cut(point: str) -> None:
        if point == where:
            raise Dark

    plan.cut = cut
    with TemporaryDirectory() as home:
        device = SimDispenser(Path(home) / "dispenser.json", "D-1", KEY, plan)
        try:
            counted = device.dispense(ORDER, AMOUNT, token(device))
            if sum(int(fen) * n for fen, n in counted.items()) == AMOUNT:  # else the kiosk does not go on
                device.present(ORDER)
                if takes:
                    device.hand()
                device.retract()
        except (Dark, DeviceFailed):
            pass
        after = SimDispenser(Path(home) / "dispenser.json", "D-1", KEY, Plan(sees=plan.sees))
        after.reject()
        told, handed = after.status(ORDER).presented, after.memory.handed.get(ORDER, 0)
        assert whole_fen(after) == total_fen(FULL)
        assert told != "no" or handed == 0
        assert told != "yes" or handed == AMOUNT
        assert handed in (0, AMOUNT) or after.status(ORDER).amount_fen == AMOUNT
