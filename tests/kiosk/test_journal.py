"""The journal: survives the power at any byte, refuses any other harm."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk import journal as journals
from kiosk.journal import Journal, JournalBusy, JournalDamaged, JournalFailed, Stage

ORDER = "0000000100010001"


def written(path: Path, orders: int = 2) -> list[tuple[int, str]]:
    """A journal with finished orders; the (seq, head) after each record."""
    journal = Journal(path)
    journal.boot(1)
    marks = [(journal.seq, journal.head)]
    for n in range(orders):
        order = f"000000010001{n + 1:04x}"
        for stage, facts in (
            (Stage.ORDERED, {"method": "cash", "amount_fen": 458037, "entitlement": "7"}),
            (Stage.PRESENTING, {}),
            (Stage.OUT, {"outcome": "paid", "status": None}),
            (Stage.ACKED, {"state": "paid"}),
        ):
            journal.append(stage, order, **facts)
            marks.append((journal.seq, journal.head))
    journal.close()
    return marks


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    marks = written(tmp_path / "j.log")
    journal = Journal(tmp_path / "j.log")
    assert (journal.seq, journal.head) == marks[-1]
    assert journal.epoch == 1
    assert not journal.unfinished()
    assert not journal.outbox()
    assert [entry.seq for entry in journals.read(journal.path)] == [seq for seq, _ in marks]
    journal.close()


def test_torn_at_every_byte_the_last_record_is_gone_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "j.log"
    marks = written(path, orders=1)
    whole = path.read_bytes()
    ends = [at for at in range(len(whole) + 1) if _sound(whole[:at])]
    assert len(ends) == len(marks) + 1
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        journal = Journal(path)
        kept = max(end for end in ends if end <= cut)
        assert path.stat().st_size == kept
        assert journal.seq == (marks[ends.index(kept) - 1][0] if kept else 0)
        journal.append(Stage.ORDERED, ORDER, method="cash", amount_fen=1, entitlement="1")
        journal.close()
        Journal(path).close()


def _sound(data: bytes) -> bool:
    return sum(end for _, _, end in list(journals._told(data))[-1:]) == len(data)


@pytest.mark.parametrize(
    "noise", [b"\0" * 40, b"\xff" * 200, b"RSJ1\0\0\0\x20garbage"], ids=["zeros", "noise", "header"]
)
def test_noise_where_the_last_record_should_be_is_a_torn_record(tmp_path: Path, noise: bytes) -> None:
    path = tmp_path / "j.log"
    marks = written(path)
    path.write_bytes(path.read_bytes() + noise)
    journal = Journal(path)
    assert (journal.seq, journal.head) == marks[-1]
    journal.close()


def test_a_harmed_middle_is_refused_at_every_byte(tmp_path: Path) -> None:
    path = tmp_path / "j.log"
    written(path, orders=1)
    whole = path.read_bytes()
    last = [end for _, _, end in journals._told(whole)][-2]
    for at in range(last):
        harmed = bytearray(whole)
        harmed[at] ^= 0x10
        path.write_bytes(harmed)
        with pytest.raises(JournalDamaged):
            Journal(path)


def test_a_record_left_out_breaks_the_chain(tmp_path: Path) -> None:
    path = tmp_path / "j.log"
    written(path, orders=1)
    whole = path.read_bytes()
    ends = [end for _, _, end in journals._told(whole)]
    path.write_bytes(whole[: ends[1]] + whole[ends[2] :])
    with pytest.raises(JournalDamaged):
        Journal(path)


def test_two_programs_cannot_have_one_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.log")
    with pytest.raises(JournalBusy):
        Journal(tmp_path / "j.log")
    journal.close()
    Journal(tmp_path / "j.log").close()


def test_after_a_failed_write_nothing_more_is_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.log")
    journal.boot(1)
    real = journal._file
    with (tmp_path / "j.log").open("rb") as read_only:
        journal._file = read_only.fileno()  # a disk that has become read-only
        with pytest.raises(JournalFailed):
            journal.append(Stage.ORDERED, ORDER, method="cash", amount_fen=1, entitlement="1")
    journal._file = real
    with pytest.raises(JournalFailed):
        journal.append(Stage.ORDERED, ORDER, method="cash", amount_fen=1, entitlement="1")
    journal.close()


def test_the_outbox_is_what_has_an_outcome_and_no_acknowledgement(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.log")
    journal.append(Stage.ORDERED, ORDER, method="cash", amount_fen=1, entitlement="1")
    assert [course.order for course in journal.unfinished()] == [ORDER]
    journal.append(Stage.OUT, ORDER, outcome="unknown", status=None)
    assert not journal.unfinished()
    assert [course.order for course in journal.outbox()] == [ORDER]
    journal.append(Stage.ACKED, ORDER, state="in_doubt")
    assert not journal.outbox()
    assert [course.order for course in journal.doubts()] == [ORDER]
    journal.append(Stage.ACKED, ORDER, state="released")
    assert not journal.doubts()
    journal.close()


def test_other_threads_may_ask_while_it_is_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.log")
    journal.boot(1)
    enough, asked = threading.Event(), [0]

    def ask() -> None:
        while not enough.is_set():
            asked[0] += len(journal.outbox()) + len(journal.doubts())

    with ThreadPoolExecutor(1) as others:
        asking = others.submit(ask)
        for n in range(300):
            order = f"000000010001{n + 1:04x}"
            journal.append(Stage.ORDERED, order, method="cash", amount_fen=1, entitlement="7")
            journal.append(Stage.OUT, order, outcome="not", status=None)
        enough.set()
        assert asking.exception(10) is None
    assert asked[0]
    journal.close()


def test_a_full_journal_is_put_aside_and_the_chain_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "j.log"
    marks = written(path, orders=3)
    journal = Journal(path, kept=100)
    assert journal.seq == marks[-1][0]
    assert journal.epoch == 1
    entry = journal.append(Stage.ORDERED, ORDER, method="cash", amount_fen=1, entitlement="1")
    assert entry.seq == marks[-1][0] + 1
    journal.close()
    aside = next(tmp_path.glob("j-*.log"))
    assert len(list(journals.read(aside))) == len(marks)
    assert [e.stage for e in journals.read(path)] == [Stage.BOOT, Stage.ORDERED]
    again = Journal(path, kept=100)
    assert len(again.unfinished()) == 1, "an open order is never put aside"
    again.close()


def test_a_journal_is_for_the_kiosks_own_eyes_also_when_it_was_turned(tmp_path: Path) -> None:
    written(tmp_path / "j.log", 8)
    Journal(tmp_path / "j.log", kept=1000).close()
    files = [path for path in tmp_path.glob("j*") if path.suffix != ".lock"]
    assert len(files) == 2
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_the_power_fails_while_the_journal_is_turned(tmp_path: Path) -> None:
    path = tmp_path / "j.log"
    marks = written(path, orders=3)
    journal = Journal(path, kept=100)
    journal.close()
    path.rename(path.with_suffix(".next"))  # between the two renames
    journal = Journal(path)
    assert journal.seq == marks[-1][0]
    journal.close()


def test_numbers_never_come_back_even_when_the_journal_is_lost(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.log")
    journal.boot(1)
    last = journal.append(Stage.ORDERED, ORDER, method="cash", amount_fen=1, entitlement="1").seq
    journal.close()
    os.remove(tmp_path / "j.log")
    journal = Journal(tmp_path / "j.log")
    journal.boot(2)
    assert journal.seq > last
    journal.close()


@settings(max_examples=60, deadline=None)
@given(
    facts=st.lists(
        st.dictionaries(st.text(max_size=8), st.one_of(st.integers(), st.text(max_size=30))), max_size=12
    ),
    cut=st.floats(0, 1),
)
def test_any_facts_come_back_and_any_cut_leaves_a_beginning(
    tmp_path_factory: pytest.TempPathFactory, facts: list[dict[str, object]], cut: float
) -> None:
    path = tmp_path_factory.mktemp("j") / "j.log"
    journal = Journal(path)
    first = {"method": "cash", "amount_fen": 1, "entitlement": "1"}
    journal.append(Stage.ORDERED, ORDER, **first)
    for told in facts:
        journal._write({"seq": journal.seq + 1, "stage": "STACKED", "order": ORDER, "facts": told})
    journal.close()
    facts = [first, *facts]
    assert [dict(entry.facts) for entry in journals.read(path)] == facts
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * cut)])
    Journal(path).close()
    found = [dict(entry.facts) for entry in journals.read(path)]
    assert found == facts[: len(found)]


def test_a_journal_that_is_refused_keeps_no_file_open(tmp_path: Path) -> None:
    path = tmp_path / "j.log"
    journal = Journal(path)
    journal.boot(1)
    journal.close()
    path.write_bytes(b"x" + path.read_bytes())
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        with pytest.raises(JournalDamaged):
            Journal(path)
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize(
    "told",
    [
        b"{",
        b"[]",
        b'{"seq": "1", "stage": "BOOT", "order": "", "facts": {"epoch": 1}}',
        b'{"seq": 1, "stage": "BOOT", "order": "", "facts": {}}',
        b'{"seq": 1, "stage": "NEVER", "order": "", "facts": {}}',
        b'{"seq": 1, "stage": "OUT", "order": "0000000100010001", "facts": {"outcome": "paid"}}',
    ],
    ids=["cut off", "a list", "seq is text", "no epoch", "no such stage", "an end without an order"],
)
def test_right_sums_over_wrong_words_are_damage(tmp_path: Path, told: bytes) -> None:
    """Whoever can write to the disk can make the sums right; the kiosk stops and does not fall over."""
    path = tmp_path / "j.log"
    path.write_bytes(journals._record(journals.GENESIS, told)[0])
    with pytest.raises(JournalDamaged):
        Journal(path)
