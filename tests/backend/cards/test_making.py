"""Made together: the file out, the file back, blank cards, and keys that never stand in plain."""

from __future__ import annotations

import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from backend.cards import service as cards
from backend.cards.refusals import (
    BackCounts,
    BackOther,
    BackResult,
    BackStranger,
    BackTwice,
    BackUnreadable,
    BlanksShort,
    CardKeysOld,
    CountAgrees,
    FileDiffers,
    MovedSinceCount,
    NothingToMake,
    NotSent,
    SamePlace,
    VersionDays,
    VersionNotNext,
)
from backend.kernel import cardkeys, items, signing
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.sentences import read
from backend.registry.persons import OutOfReach
from backend.systems import CATALOGUE
from tests.backend.cards.factory import Factory, Made
from tests.backend.cards.town import AREA, CARD_NO, CLERK, Town, kiosk, picture
from tests.backend.payout.terminal import CODE, Card, Terminal
from tests.backend.people import LI, ZHANG, officer

WANG = "310101196001010019"


def numbers() -> tuple[str, ...]:
    return ZHANG, LI, "11010519491231002X"


@pytest.fixture
def three(run: Runner, town: Town) -> list[Town]:
    """Three who wait for a card."""
    towns = [town, *(Town(run, ident) for ident in numbers()[1:])]
    for one in towns:
        one.ask("CRD-22", no=one.apply(), approve=True)
    return towns


def test_a_file_has_everything_for_the_factory_and_no_key_in_plain(
    three: list[Town], factory: Factory
) -> None:
    no = factory.order()
    seen: list[tuple[int, int]] = []
    written = cards.write(three[0].run.system, no, factory.folder, lambda done, n: seen.append((done, n)))
    content, vault = written.path.read_bytes(), three[0].run.vault
    assert (written.lines, written.size, seen) == (3, len(content), [(3, 3)])
    for one in factory.read(no):
        expected = [
            cardkeys.card_key(vault.cards, purpose, 1, AREA, one.card_code) for purpose in cardkeys.PURPOSES
        ]
        assert one.keys == expected, "the factory opens what the backend derives"
        assert len(set(one.keys)) == len(cardkeys.PURPOSES)
        assert not any(key.hex().encode() in content or key in content for key in one.keys)
        assert vault.answers(
            AREA, one.card_code, bytes(16), cardkeys.enciphers(one.keys[0]).update(bytes(16))
        )
    assert {one.cells[6] for one in factory.read(no)} == set(numbers())
    assert factory.read(no)[0].cells[7] == "张秀䶮", "a rare name is written as the card holds it"
    with zipfile.ZipFile(written.path.with_suffix(".zip")) as archive:
        assert [archive.read(name) for name in archive.namelist()] == [picture()], "the same picture once"
    for one in (written.path, written.path.with_suffix(".zip")):
        assert one.stat().st_mode & 0o077 == 0, "nobody else on that machine reads it"


def test_a_file_that_was_torn_is_written_again_the_same(three: list[Town], factory: Factory) -> None:
    no = factory.order()

    def cut(done: int, n: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cards.write(three[0].run.system, no, factory.folder, cut)
    assert not (factory.folder / f"ZK{no:08d}.txt").exists(), "what is not whole has another name"
    assert three[0].ask("CRD-Q4", no=no).productions[0].state == "writing"
    assert cards.write_waiting(three[0].run.system, factory.folder) == 1
    again = factory.written(no)
    assert three[0].ask("CRD-Q4", no=no).productions[0].digest == again.digest


def test_a_file_that_was_given_out_is_written_again_the_same_or_not_at_all(
    three: list[Town], factory: Factory
) -> None:
    no = factory.order()
    first = factory.written(no)
    assert factory.written(no).digest == first.digest
    three[0].run.system(
        lambda uow: uow.session.execute(text("update registry.person set name = '李肆'")) and None
    )
    content, pictures = first.path.read_bytes(), first.path.with_suffix(".zip").read_bytes()
    for _ in ("sent", "back"):
        with pytest.raises(FileDiffers, match=f"第 {no} 号"):
            factory.written(no)
        assert first.path.read_bytes() == content
        assert first.path.with_suffix(".zip").read_bytes() == pictures
        if three[0].ask("CRD-Q4", no=no).productions[0].state == "sent":
            factory.hand_in(no, factory.back(no, factory.read(no)))
    assert three[0].ask("CRD-Q4", no=no).productions[0].digest == first.digest


def test_an_altered_line_is_noticed_by_its_mac(three: list[Town], factory: Factory) -> None:
    no = factory.order()
    path = factory.written(no).path
    path.write_bytes(path.read_bytes().replace(LI.encode(), WANG.encode()))
    with pytest.raises(AssertionError):
        factory.read(no)


def test_what_the_factory_says_of_each_card_is_taken(three: list[Town], factory: Factory) -> None:
    no = factory.order()
    factory.written(no)
    made = factory.read(no)
    results = {2: ("01", "芯片不响应"), 3: ("03", "")}
    done: Any = factory.hand_in(no, factory.back(no, made, results))
    assert (done.made, done.again, done.refused, done.spoilt) == (1, 1, 1, 1)
    states = [one.mine("CRD-Q1") for one in three]
    assert [one.application.state if one.application else "" for one in states] == ["made", "approved", ""]
    assert "清楚的近期免冠照片" in states[2].earlier[0].said
    assert [one.reason for one in three[0].ask("CRD-Q4", no=no).failed] == ["芯片不响应", "照片不合格"]
    assert three[0].ask("CRD-Q3").stock[0].n == 98, "one went into a card, one was spoilt, one came back"
    again = factory.make()
    assert len(again) == 1
    assert again[0].card_no != made[1].card_no, "a number is never given twice"
    assert three[0].run.system(cards.check) == []


def _without(lines: list[str], at: int) -> list[str]:
    return lines[:at] + lines[at + 1 :]


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (lambda lines: [], BackUnreadable),
        (lambda lines: ["RSZK-BACK|999|3", *lines[1:]], BackOther),
        (lambda lines: _without(lines, 2), BackCounts),
        (lambda lines: _without(lines, 4), BackUnreadable),
        (lambda lines: [*lines[:2], lines[1], *lines[3:]], BackTwice),
        (lambda lines: [lines[0], lines[1].replace("|00|", "|77|"), *lines[2:]], BackResult),
        (lambda lines: [lines[0], lines[1].replace("R", "S"), *lines[2:]], BackStranger),
        (lambda lines: [lines[0], lines[1] + "|x", *lines[2:]], BackUnreadable),
        (lambda lines: [lines[0], "²" + lines[1], *lines[2:]], BackUnreadable),
        (lambda lines: [*lines[:-1], "END|2|1"], BackCounts),
    ],
    ids=["empty", "other", "short", "no-tail", "twice", "code", "stranger", "wide", "digit", "sums"],
)
def test_a_file_back_with_one_wrong_line_changes_nothing(
    three: list[Town], factory: Factory, spoil: Any, refusal: type[Exception]
) -> None:
    no = factory.order()
    factory.written(no)
    lines = spoil(factory.back(no, factory.read(no)).splitlines())
    with pytest.raises(refusal):
        factory.hand_in(no, "\n".join(lines) + "\n")
    assert three[0].ask("CRD-Q4", no=no).productions[0].state == "sent"
    assert [one.mine("CRD-Q1").application.state for one in three] == ["producing"] * 3


def test_a_file_is_taken_back_once_and_only_after_it_was_sent(three: list[Town], factory: Factory) -> None:
    no = factory.order()
    with pytest.raises(NotSent, match="等着写文件"):
        factory.hand_in(no, "RSZK-BACK|1|0\nEND|0|0\n")
    factory.written(no)
    back = factory.back(no, factory.read(no))
    factory.hand_in(no, back)
    with pytest.raises(NotSent, match="已回盘"):
        factory.hand_in(no, back)


def test_who_has_waited_longest_comes_first_and_nobody_twice(three: list[Town], factory: Factory) -> None:
    first, second = factory.order(most=2), factory.order(most=2)
    cells: list[list[Made]] = []
    for no in (first, second):
        factory.written(no)
        cells.append(factory.read(no))
    assert [[one.cells[6] for one in made] for made in cells] == [list(numbers()[:2]), [numbers()[2]]]
    with pytest.raises(NothingToMake):
        factory.order()


# ---- blank cards ----


def test_blank_cards_add_up_wherever_they_go(town: Town) -> None:
    town.blanks(500)
    town.ask("CRD-28", place=AREA, other="310101", n=120, document="调拨单-1")
    town.ask("CRD-29", place="310101", n=3, document="销毁单-1", note="弯折")
    town.ask("CRD-30", place="310101", counted=116, document="盘点表-1", note="少一张，待查")
    seen = town.ask("CRD-Q3")
    assert [(one.place, one.n) for one in seen.stock] == [(AREA, 380), ("310101", 116)]
    assert [(one.kind, one.n, one.balance) for one in seen.moves] == [
        ("counted", -1, 116),
        ("spoilt", -3, 117),
        ("arrived", 120, 120),
        ("sent", -120, 380),
        ("received", 500, 500),
    ]
    assert town.run.system(cards.check) == []


def test_a_count_of_blank_cards_is_of_its_hour(town: Town, clock: FixedClock) -> None:
    town.blanks(1000)
    counted = read(
        CATALOGUE["CRD-30"].asks, {"place": AREA, "counted": 990, "document": "盘点表-1", "note": "少十张"}
    )
    filed = items.perform(town.run.by(CLERK), CATALOGUE["CRD-30"], counted)
    assert isinstance(filed, items.Filed)
    clock.set(clock.now() + timedelta(minutes=5))
    town.ask("CRD-28", place=AREA, other="310101", n=500, document="调拨单-1")
    with pytest.raises(MovedSinceCount):
        town.approve(filed.case_no)
    assert [(one.place, one.n) for one in town.ask("CRD-Q3").stock] == [(AREA, 500), ("310101", 500)]


def test_blank_cards_that_are_not_there_are_not_given_out(three: list[Town], town: Town) -> None:
    with pytest.raises(BlanksShort):
        town.ask("CRD-24", area=AREA)
    town.blanks(2)
    with pytest.raises(BlanksShort):
        town.ask("CRD-28", place=AREA, other="310101", n=3, document="调拨单-1")
    with pytest.raises(SamePlace):
        town.ask("CRD-28", place=AREA, other=AREA, n=1, document="调拨单-1")
    with pytest.raises(CountAgrees):
        town.ask("CRD-30", place=AREA, counted=2, document="盘点表-1", note="一样")
    with pytest.raises(OutOfReach):
        town.ask("CRD-27", officer(area="310101"), place="310115", n=1, document="送货单-2")
    assert town.ask("CRD-Q3").stock[0].n == 2


def test_no_program_rewrites_what_happened(town: Town, owner: Engine) -> None:
    town.old_card()
    for table in ("event", "stop", "stock_move", "pin_reset"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            town.run.system(
                lambda uow, table=table: uow.session.execute(text(f"update cards.{table} set at = at"))
            )


def test_the_check_finds_a_state_without_its_deed(town: Town) -> None:
    town.old_card()
    town.mine("CRD-02")
    town.run.system(
        lambda uow: uow.session.execute(text("update registry.card set status = 'active'")) and None
    )
    found = [str(one) for one in town.run.system(cards.check)]
    assert len(found) == 2, found
    assert "应为lost，实为active" in found[0]


# ---- what kiosks without a line are told ----


def test_the_list_of_stopped_cards_is_signed_and_goes_on_where_it_ended(town: Town) -> None:
    town.old_card()
    assert town.ask("CRD-Q9", kiosk()).entries == ()
    town.mine("CRD-03")
    town.mine("CRD-04")
    town.mine("CRD-02")
    told = town.ask("CRD-Q9", kiosk())
    assert [(one.serial, one.stopped) for one in told.entries] == [(1, True), (2, False), (3, True)]
    assert {one.mark for one in told.entries} == {cards.stopping.mark(CODE)}
    listed = ",".join(f"{one.serial}:{one.mark}:{int(one.stopped)}" for one in told.entries)
    said = f"renshe-stopped|0|3|{told.at.isoformat()}|{listed}"
    public = town.run.vault.signer("stopped-cards").public
    assert signing.signed(public, said, told.signature)
    assert not signing.signed(public, said.replace(":1", ":0"), told.signature)
    assert [one.serial for one in town.ask("CRD-Q9", kiosk(), since=2).entries] == [3]
    assert (town.ask("CRD-Q9", kiosk(), since=3).serial, told.more) == (3, False)


def test_a_card_on_its_way_to_its_holder_is_on_the_list_until_they_activate_it(
    three: list[Town], factory: Factory
) -> None:
    made = factory.make()
    three[0].ask("CRD-26", card_no=made[0].card_no, taken_by="holder")
    three[0].mine("CRD-07", card_no=made[0].card_no)
    assert [one.stopped for one in three[0].ask("CRD-Q9", kiosk()).entries] == [True, False]


# ---- key versions ----


def test_cards_of_an_older_key_version_are_taken_until_a_day_and_then_named(
    town: Town, factory: Factory, clock: FixedClock
) -> None:
    town.old_card()
    machine, old = Terminal(town.run), Card(town.run.vault, town.ident, CARD_NO, CODE)
    town.ask(
        "CRD-10", version=2, since="2026-11-24", previous_until="2026-12-31", reason="密钥管理中心通知更换"
    )
    assert [(one.version, one.cards) for one in town.ask("CRD-Q5").versions] == [(1, 1), (2, 0)]
    assert machine.visit(old).name == "张秀䶮"
    town.ask("CRD-22", no=town.apply("damaged"), approve=True)
    [made] = factory.make()
    assert made.keys[0] == town.run.vault.card_key(AREA, made.card_code, 2)
    clock.set(clock.now() + timedelta(days=38))
    assert clock.today() > date(2026, 12, 31)
    with pytest.raises(CardKeysOld, match="第 1 版"):
        machine.visit(old)
    town.ask("CRD-26", card_no=made.card_no, taken_by="holder", activate=True)
    begun = machine.begin(Card(town.run.vault, town.ident, made.card_no, made.card_code))
    answer = cardkeys.enciphers(made.keys[0]).update(bytes.fromhex(begun.challenge)).hex()
    assert machine.ask("CRD-12", visit=begun.visit, response=answer).name == "张秀䶮"
    assert [(one.version, one.cards) for one in town.ask("CRD-Q5").versions] == [(1, 0), (2, 1)]


def test_key_versions_follow_each_other(town: Town) -> None:
    asked = {"since": "2026-11-24", "previous_until": "2026-12-31", "reason": "密钥管理中心通知更换"}
    with pytest.raises(VersionNotNext):
        town.ask("CRD-10", version=3, **asked)
    with pytest.raises(VersionDays):
        town.ask("CRD-10", version=2, **asked | {"previous_until": "2026-11-23"})


def test_the_worker_writes_where_the_factory_fetches(three: list[Town], tmp_path: Path) -> None:
    three[0].blanks()
    no = three[0].ask("CRD-24", area=AREA).no
    assert cards.write_waiting(three[0].run.system, tmp_path) == 1
    assert cards.write_waiting(three[0].run.system, tmp_path) == 0
    assert (tmp_path / f"ZK{no:08d}.txt").exists()
