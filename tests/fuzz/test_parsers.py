"""Every reader of foreign bytes, a little each day; `python -m tests.fuzz.parsers` does it a million times."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.parsers import Tally, feed
from tests.fuzz.targets import TARGETS
from tests.fuzz.world import TIMES

readers = pytest.mark.parametrize("name", TARGETS)


@readers
def test_what_is_spoilt_is_read_or_refused_by_name(name: str, tmp_path: Path) -> None:
    tally = Tally()
    feed(TARGETS[name], 400 * TIMES, Random(f"daily {name}"), tmp_path, tally)
    assert tally.crashes == {}, tally.kept[:1]
    assert tally.inputs == 400 * TIMES


@readers
def test_what_is_real_is_taken(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]
    assert target.real(), "there is something real to spoil"
    for data in target.real():
        target.read(data, tmp_path) if name != "tray of cards" or data.startswith(b"[") else None


@readers
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=300))
def test_what_is_nothing_at_all_is_read_or_refused_by_name(
    name: str, data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    TARGETS[name].one(data, tmp_path_factory.getbasetemp())
