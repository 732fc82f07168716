"""The line that existing halls read: eleven fields, each with its bar, GBK, byte for byte."""

from __future__ import annotations

import pytest

from cardio import compat
from cardio.card import CardSession
from cardio.sim import SimCard
from cardio.tlv import Malformed
from tests.cardio.people import LI, ZHOU, like


def test_eleven_fields_as_halls_know_them() -> None:
    line = compat.base(CardSession(SimCard(ZHOU)), "P00000000001", "D0001")
    assert line == (
        "310000|440524188001010014|D00000021|310000D1560000050000000000000002|周四|"
        "00815431418660000000000002|2.00|20200131|20300228|P00000000001|D0001|"
    )
    assert line.count("|") == len(compat.FIELDS) == 11
    assert compat.gbk(line).decode("gbk") == line


def test_a_machine_without_numbers_leaves_their_fields_empty() -> None:
    assert compat.base(CardSession(SimCard(LI))).endswith("|20190601|20290601|||")


def test_a_rare_name_takes_four_bytes_where_gbk_has_none() -> None:
    line = compat.base(CardSession(SimCard(LI)))
    assert bytes.fromhex("D5C5FE9F9933A932") in compat.gbk(line)


def test_a_bar_within_a_field_is_refused_and_never_shifts_the_others() -> None:
    with pytest.raises(Malformed, match="竖线"):
        compat.base(CardSession(SimCard(like(name="张|三"))))
    with pytest.raises(Malformed):
        compat.base(CardSession(SimCard(LI)), "P|1")
