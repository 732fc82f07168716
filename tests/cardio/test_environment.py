"""The environment as data: every file of every version is written to a card and read back by its own example."""

from __future__ import annotations

from typing import Any

import pytest

from cardio import environment
from cardio.atr import Atr, historical
from cardio.card import CardSession, PinNeeded, TerminalNotTrusted
from cardio.environment import APPLICATIONS, FOLDERS, KEYS, Evidence, rule
from cardio.keys import SoftwareTerminalKey, card_key
from cardio.layout import FILES, HOLDER, ISSUER, VERSIONS, Access, File
from cardio.sim import SimCard
from cardio.tlv import Malformed
from tests.cardio.people import LI, READ_MASTER, like

READ_KEY = card_key(READ_MASTER, LI.area, LI.card_code)
OTHERS = [
    file for file in FILES if file not in (ISSUER, HOLDER) and file.folder != 0xDF0C
]  # it keeps its own log


def example(file: File, version: str) -> dict[str, Any]:
    """What a card of this version holds in a file, by tag; where no item is known, an object nobody knows."""
    if file.kind == "rows":
        return {"1": "0102", "2": "0304"}
    if not file.items:
        return {"5A": "3132"}
    return {f"{item.tag:02X}": item.example[1] for item in file.of(version)}


def read_back(file: File, version: str) -> dict[str, Any]:
    held = example(file, version)
    titles = {f"{item.tag:02X}": item.title for item in file.of(version)}
    return {titles.get(tag, tag): value for tag, value in held.items()}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_file_of_a_version_comes_back_as_its_example(version: str) -> None:
    held = {file.path: example(file, version) for file in OTHERS}
    session = CardSession(SimCard(like(version=version, files=held)))
    session.verify(LI.pin)
    for file in sorted(OTHERS, key=lambda one: one.folder):
        assert session.file(file.path) == read_back(file, version), file.path


@pytest.mark.parametrize("file", OTHERS, ids=lambda one: one.path)
def test_a_third_generation_card_keeps_its_rules(file: File) -> None:
    card = SimCard(like(read_key=READ_KEY, files={file.path: example(file, "3.00")}))
    match rule(file, "3.00").read:
        case Access.FREE:
            assert CardSession(card).file(file.path)
        case Access.TERMINAL:
            with pytest.raises(TerminalNotTrusted):
                CardSession(card).file(file.path)
            assert CardSession(card, SoftwareTerminalKey(READ_MASTER)).file(file.path)
        case Access.PIN:
            with pytest.raises(PinNeeded):
                CardSession(card, SoftwareTerminalKey(READ_MASTER)).file(file.path)


def test_keys_and_folders_are_named_once_and_every_value_says_where_it_is_from() -> None:
    assert len({key.id for key in KEYS}) == len({key.purpose for key in KEYS}) == len(KEYS)
    assert len({folder.fid for folder in FOLDERS}) == len({folder.aid for folder in FOLDERS}) == len(FOLDERS)
    assert {file.folder for file in FILES} <= {0, *(folder.fid for folder in FOLDERS)}
    for one in (*APPLICATIONS, *FOLDERS, *KEYS, environment.PIN):
        assert isinstance(one.evidence, Evidence)
    assert environment.BY_PURPOSE["IRK"].evidence is Evidence.OURS, "key numbers differ from city to city"


def test_before_the_third_generation_anybody_may_read_what_needs_no_pin() -> None:
    for file in FILES:
        for version in VERSIONS[:2]:
            assert (rule(file, version).read is Access.FREE) is (file.read is not Access.PIN)


@pytest.mark.parametrize("raw", ["", "3B", "3B6D0000", LI.atr[:-2], LI.atr + "00", "3F" + LI.atr[2:]])
def test_what_is_no_answer_to_reset_of_this_card_is_refused(raw: str) -> None:
    with pytest.raises(Malformed):
        Atr.of(bytes.fromhex(raw))
    assert isinstance(historical(bytes.fromhex(raw)), str)


def test_the_answer_to_reset_is_told_in_words() -> None:
    told = Atr.of(bytes.fromhex(LI.atr))
    assert (told.chip, told.maker, told.serial) == ("0081", "8660", LI.card_code[-12:])
    assert historical(bytes.fromhex(LI.atr)) == LI.atr[8:]
