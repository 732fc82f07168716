"""The recorded tapes: every kind of session plays again bit for bit, and is recorded the same wherever it is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardio import tape
from tests.cardio.sessions import HOLDER, SESSIONS, TAPES, WRONG_PIN, record, same_numbers

each = pytest.mark.parametrize("name", SESSIONS)


@each
def test_a_session_is_told_by_its_tape_bit_for_bit(name: str, tmp_path: Path) -> None:
    told, recorded = SESSIONS[name], TAPES / f"{name}.jsonl"
    with same_numbers():
        on_card = told.play(told.card())
    copied = tmp_path / "copy.jsonl"
    replayed = told.play(tape.Recorder(tape.Replay(tape.read(recorded)), copied, clock=lambda: 0.0))
    assert replayed == on_card
    assert copied.read_bytes() == recorded.read_bytes(), "the same commands in the same order"


def test_all_tapes_are_recorded_the_same_anywhere(tmp_path: Path) -> None:
    record(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in TAPES.iterdir()
    }


def test_no_tape_has_a_pin_on_it() -> None:
    for path in TAPES.iterdir():
        for entry in tape.read(path):
            assert not entry.apdu.startswith(("0020000003" + HOLDER.pin, "0020000003" + WRONG_PIN)), path.name


@pytest.mark.parametrize("name", [name for name in SESSIONS if name != "mute"])
def test_another_command_than_the_recorded_is_never_answered(name: str) -> None:
    played = tape.Replay(tape.read(TAPES / f"{name}.jsonl"))
    played.atr()
    with pytest.raises(tape.TapeDiffers):
        played.send(bytes.fromhex("0084000008ff"))
