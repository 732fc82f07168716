"""Tapes: played again bit for bit, told in words that give nobody away, and the PIN is never on them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cardio import tape
from cardio.card import CardSession
from cardio.keys import response
from cardio.link import CardMute, CardPulled, CardStuck, Link
from cardio.sim import Fault, Faults, Kind, SimCard
from tests.cardio.people import CHALLENGE, LI


def visit(link: Link, pin: str = LI.pin) -> tuple[object, ...]:
    session = CardSession(link)
    seen = (
        session.identify(),
        session.holder(),
        session.tries(),
        session.verify(pin),
        session.prove(CHALLENGE),
    )
    session.close()
    return seen


def without_time(path: Path) -> list[dict[str, object]]:
    return [
        {name: value for name, value in json.loads(line).items() if name != "ms"}
        for line in path.read_text("utf-8").splitlines()
    ]


def test_a_tape_answers_as_the_card_did_bit_for_bit(tmp_path: Path) -> None:
    first, second = tmp_path / "first.tape", tmp_path / "second.tape"
    seen = visit(tape.Recorder(SimCard(LI), first))
    assert visit(tape.Recorder(tape.Replay(tape.read(first)), second)) == seen
    assert without_time(first) == without_time(second)
    assert seen[-1] == response(LI.key, CHALLENGE)


@pytest.mark.parametrize("kind", [Kind.PULL_BEFORE, Kind.PULL_AFTER, Kind.HANG])
@pytest.mark.parametrize("at", range(1, 21))
def test_a_failure_is_played_again_too(tmp_path: Path, kind: Kind, at: int) -> None:
    path = tmp_path / "tape"
    fault = CardStuck if kind is Kind.HANG else CardPulled
    with pytest.raises(fault):
        visit(tape.Recorder(SimCard(LI, Faults((Fault(kind, at),))), path))
    with pytest.raises(fault):
        visit(tape.Replay(tape.read(path)))
    assert "做没做不知道" in list(tape.told(tape.read(path)))[-1]


def test_a_mute_card_is_played_again(tmp_path: Path) -> None:
    with pytest.raises(CardMute):
        CardSession(tape.Recorder(SimCard(LI, Faults(mute=True)), tmp_path / "tape"))
    with pytest.raises(CardMute):
        CardSession(tape.Replay(tape.read(tmp_path / "tape")))


def test_the_pin_is_not_on_the_tape_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "tape"
    visit(tape.Recorder(SimCard(LI), path))
    assert f"03{LI.pin}" not in path.read_text("utf-8")
    assert "0020000003******" in path.read_text("utf-8")
    assert path.stat().st_mode & 0o077 == 0


def test_what_is_told_gives_nobody_away(tmp_path: Path) -> None:
    path = tmp_path / "tape"
    visit(tape.Recorder(SimCard(LI), path))
    told = "\n".join(tape.told(tape.read(path)))
    for secret in (LI.ident, LI.name, LI.pin, "1949-12-31", CHALLENGE.hex(), LI.ident.encode().hex()):
        assert secret not in told
    for said in (
        "选择文件 SSSE/EF06 持卡人",
        "社会保障号码 110*************2X",
        "姓名 张*𬭎",
        f"卡号 {LI.card_no}",
        "核对密码 ****** → 9000 成功",
        "问密码还能试几次 → 63C3 密码不对",
        "内部认证 → 6110 还有数据待取",
    ):
        assert said in told


def test_another_question_than_the_recorded_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tape"
    visit(tape.Recorder(SimCard(LI), path))
    session = CardSession(tape.Replay(tape.read(path)))
    session.identify()
    with pytest.raises(tape.TapeDiffers, match="没有这一步"):
        session.tries()
    played = tape.Replay(tape.read(path)[:1])
    with pytest.raises(tape.TapeDiffers, match="到头了"):
        CardSession(played).identify()


@pytest.mark.parametrize("line", ["{", "[]", '"x"', "1", '{"apdu": "zz"}', '{"what": 1}', '{"apdu": 5}'])
def test_a_broken_tape_names_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "tape"
    path.write_text('{"data": "3b00"}\n' + line + "\n", "utf-8")
    with pytest.raises(tape.TapeBroken, match="第 2 行"):
        tape.read(path)
