"""renshe-card: what it prints, and that every failure is a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from pydantic import SecretStr
from typer.testing import CliRunner

from cardio import pcsc, tape
from cardio.card import CardSession
from cardio.keys import cmac
from cardio.sam import COUNTER, KeyRing, Purpose, SoftSam, create
from cardio.sandbox import ADDRESS
from cardio.sealing import KeyFile, Passphrase, unseal
from cardio.sim import SimCard, load
from cardio.sim.psam import SimSam
from kiosk import cards, sams
from kiosk.settings import Settings
from tests.cardio.people import LI
from tests.cardio.test_collect import WANG, with_some

run = CliRunner()


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    path = tmp_path / "li.tape"
    with tape.Recorder(SimCard(LI), path) as link:
        session = CardSession(link)
        session.identify()
        session.holder()
    return path


def test_a_sample_card_is_written_and_serves(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    assert run.invoke(cards.main, ["persona", str(path)]).exit_code == 0
    (persona,) = load(path)
    assert CardSession(SimCard(persona)).verify("123456").ok


def test_the_cards_own_log_is_shown_to_whoever_knows_the_pin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = SimCard(WANG, nv=with_some(2))
    monkeypatch.setattr(pcsc, "connect", lambda reader: card)  # the reader is not ours
    wrong = run.invoke(cards.main, ["log"], input="000000\n")
    assert (wrong.exit_code, "还能试 2 次" in wrong.output) == (1, True)
    shown = run.invoke(cards.main, ["log", "--plain"], input=f"{WANG.pin}\n", env={"COLUMNS": "150"})
    assert shown.exit_code == 0
    lines = [line for line in shown.output.splitlines() if "2026-11" in line]
    assert [line.split()[0] for line in lines] == ["2", "1"]
    assert all("4,580.37" in line and "未回写" in line for line in lines)
    masked = run.invoke(cards.main, ["log"], input=f"{WANG.pin}\n", env={"COLUMNS": "150"})
    assert "4,580.37" not in masked.output


def test_a_tape_is_replayed_masked_or_plain(recorded: Path) -> None:
    shown = run.invoke(cards.main, ["replay", str(recorded)])
    assert shown.exit_code == 0
    assert LI.name not in shown.output
    assert LI.ident not in shown.output
    assert "110*************2X" in shown.output
    plain = run.invoke(cards.main, ["replay", "--plain", str(recorded)])
    assert LI.name in plain.output
    assert LI.ident in plain.output


def test_a_tape_is_read_as_halls_read_a_card(recorded: Path) -> None:
    told = run.invoke(cards.main, ["replay", "--compat", str(recorded)])
    assert told.exit_code == 0
    fields = told.stdout_bytes.decode("gb18030").split("|")
    assert len(fields) == 12
    assert fields[:3] == [LI.area, LI.ident, LI.card_no]
    assert fields[4] == LI.name


def test_the_environment_is_listed_with_where_each_value_is_from() -> None:
    told = run.invoke(cards.main, ["environment"], env={"COLUMNS": "160"})
    assert told.exit_code == 0
    for shown in ("7378312E73682EC9E7BBE1B1A3D5CF", "SSSE/EF06", "本系统自定", "公开资料"):
        assert shown in told.output


def test_a_module_is_made_narrowed_and_shown_and_no_key_is(tmp_path: Path) -> None:
    centre, kiosk, key = tmp_path / "centre", tmp_path / "kiosk", tmp_path / "key"
    typed = "三个臭皮匠\n"
    assert run.invoke(cards.main, ["sam", "new", str(centre)], input=typed * 2).exit_code == 0
    narrow = ["sam", "area", str(centre), "310000", str(kiosk), "--to-key", str(key), "--counter"]
    assert run.invoke(cards.main, narrow, input=typed).exit_code == 0
    told = run.invoke(cards.main, ["sam", "show", str(kiosk), "--key", str(key)])
    assert told.exit_code == 0
    assert "地区 310000" in told.output
    held = {purpose.value for purpose in Purpose if f" {purpose.value} " in told.output}
    assert held == {"RK", "STK", "PUK", "PAD"}
    settings = Settings(
        id="00000001", key="k", dispenser="D", dispenser_key="00", sam=kiosk, sam_key=key.read_text()
    )
    opened = sams.module(settings)
    assert isinstance(opened, SoftSam)
    assert opened.area == "310000"
    ring = KeyRing.of(unseal(kiosk, KeyFile(key)))
    assert not any(secret.hex() in told.output.lower() for secret in ring.masters.values())


def test_a_module_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    path, lost, key = tmp_path / "sam", tmp_path / "lost", tmp_path / "key"
    create(path, KeyRing.new(), Passphrase("right"))
    create(lost, KeyRing.new(), KeyFile(key).make())
    key.unlink()
    for argv, typed, sentence in (
        (["sam", "show", str(path)], "wrong\n", "口令不对"),
        (["sam", "new", str(path)], "right\nright\n", "没有覆盖"),
        (["sam", "show", str(lost), "--key", str(key)], "", "找不到打开密钥文件的钥匙"),
        (["sam", "show", str(tmp_path / "none")], "right\n", "找不到密钥文件"),
        (["sam", "area", str(path), "31", str(tmp_path / "to")], "", "六位数字"),
    ):
        done = run.invoke(cards.main, argv, input=typed)
        assert done.exit_code != 0
        assert sentence in done.output.replace("\n", "")
        assert "Traceback" not in done.output
    plain = Settings(id="00000001", key="k", dispenser="D", dispenser_key="00")
    assert sams.module(plain) is None
    with pytest.raises(sams.SamNotOpened):
        sams.module(plain.model_copy(update={"sam": path}))
    words = SecretStr("right")
    assert sams.module(plain.model_copy(update={"sam": path, "sam_passphrase": words})) is not None


# ---- a new PIN at a counter ----

RING = KeyRing.new(versions=2)
NEW = "246801"


def blocked() -> SimCard:
    """Of the older of two versions."""
    card = SimCard(LI.equipped(RING, version=1))
    session = CardSession(card)
    for _ in range(3):
        session.verify("999999")
    session.close()
    return card


def at_the_reader(card: SimCard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcsc, "connect", lambda reader: card)  # the reader is not ours


def test_a_counter_with_a_module_gives_a_new_pin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card, sam, key = blocked(), tmp_path / "sam", tmp_path / "key"
    create(sam, RING.for_area(LI.area, COUNTER), KeyFile(key).make())
    at_the_reader(card, monkeypatch)
    typed = ("12", "12", "123456", "123456", NEW, "246802", NEW, NEW)  # none, too simple, not twice the same
    done = run.invoke(
        cards.main, ["unblock", "--sam", str(sam), "--key", str(key)], input="\n".join(typed) + "\n"
    )
    assert done.exit_code == 0, done.output
    for sentence in ("六位数字", "容易被人猜到", "新密码设好了"):
        assert sentence in done.output
    assert not any(secret in done.output for secret in (NEW, "246802", LI.name, LI.card_no))
    session = CardSession(card)
    assert session.verify(NEW).ok


def test_a_module_card_in_a_reader_of_its_own_does_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    card, module = blocked(), SimSam(RING.for_area(LI.area, COUNTER))
    monkeypatch.setattr(pcsc, "connect", lambda reader: module if reader == "SAM" else card)
    done = run.invoke(cards.main, ["unblock", "--module", "SAM", "--plain"], input=f"{NEW}\n{NEW}\n")
    assert (done.exit_code, LI.name in done.output) == (0, True)
    assert CardSession(card).verify(NEW).ok


def test_a_reader_without_a_module_is_helped_by_the_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """The card's number goes to CRD-09, two keys come back; a slip of the hand costs the card nothing."""
    card, shown = blocked(), list[str]()
    at_the_reader(card, monkeypatch)
    puk = RING.card(Purpose.PUK, LI.area, LI.card_code, 1)
    answers = iter(("12 34", "e", "m", NEW))

    def typed(what: str, **how: bool) -> str:
        answer = next(answers)
        if answer in ("e", "m"):
            (number,) = (line.removeprefix("卡片随机数 ") for line in shown if "随机数 " in line)
            return cmac(puk, answer.encode() + bytes.fromhex(number)).hex()
        assert answer != NEW or how == {"hide_input": True, "confirmation_prompt": True}
        return answer

    monkeypatch.setattr(typer, "prompt", typed)
    monkeypatch.setattr(cards.out, "print", lambda text: shown.append(str(text)))
    assert run.invoke(cards.main, ["unblock"]).exit_code == 0
    assert not any(NEW in line for line in shown)
    assert CardSession(card).verify(NEW).ok


def test_why_nothing_was_unblocked_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card, kiosk, key = blocked(), tmp_path / "kiosk", KeyFile(tmp_path / "key").make()
    create(kiosk, RING.for_area(LI.area), key)
    at_the_reader(card, monkeypatch)
    keys = "00" * 16
    for argv, typed, sentence in (
        (["--sam", str(kiosk), "--key", str(key.path)], "", "没有办这件事的密钥（PUK）"),
        (["--sam", str(tmp_path / "none"), "--key", str(key.path)], "", "找不到密钥文件"),
        ([], f"{keys}\n{keys}\n{NEW}\n{NEW}\n", "卡片没有接受解锁"),
    ):
        done = run.invoke(cards.main, ["unblock", *argv], input=typed)
        assert (done.exit_code, sentence in done.output.replace("\n", "")) == (1, True), done.output
    assert CardSession(card).tries() == 0


def test_a_tape_is_told_in_words(recorded: Path) -> None:
    told = run.invoke(cards.main, ["show", str(recorded)])
    assert told.exit_code == 0
    assert "选择社会保障应用" in told.output
    assert LI.ident not in told.output


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["replay", "{broken}"], "第 1 行读不懂"),
        (["serve", "{broken}"], "卡片资料有误"),
        (["serve", "{card}", "--card", "2"], "只有 1 张卡"),
        (["serve", "{card}", "--port", "1"], "虚拟读卡器没有应答"),
        (["serve", "{card}", "--faults", "{broken}"], "故障计划读不懂"),
        (["persona", "{new}", "--master", "xyz"], "32 位十六进制"),
        (["replay", "{new}"], "打不开"),
        (["serve", "{card}", "--bad", "gold"], "没有“gold”这种坏卡"),
    ],
)
def test_every_failure_is_a_sentence(argv: list[str], sentence: str, tmp_path: Path) -> None:
    broken, card = tmp_path / "broken.json", tmp_path / "card.json"
    broken.write_text("{", "utf-8")
    card.write_text(LI.to_json(), "utf-8")
    places = {"broken": broken, "card": card, "new": tmp_path / "new.json"}
    done = run.invoke(cards.main, [one.format_map(places) for one in argv])
    assert done.exit_code == 1
    assert sentence in done.stderr.replace("\n", "")
    assert "Traceback" not in done.output


def test_a_failure_is_told_in_the_terminals_language(tmp_path: Path) -> None:
    card = json.loads(LI.to_json())
    spoilt = tmp_path / "card.json"
    for wrong, english in (
        ({"card_no": "D00000012"}, "the check digit of card number D00000012 is wrong"),
        ({"name": "䶮" * 60}, "the name has 120 bytes and does not fit on the card"),
        ({"version": "9"}, "there is no version 9"),
    ):
        spoilt.write_text(json.dumps(card | wrong), "utf-8")
        done = run.invoke(cards.main, ["serve", str(spoilt)], env={"LC_ALL": "en_GB.UTF-8"})
        assert done.exit_code == 1
        assert done.stderr == f"The data of the card is wrong: {english}\n"


def test_without_a_card_service_it_says_what_to_start(tmp_path: Path) -> None:
    pytest.importorskip("smartcard", reason="缺少 Debian 软件包：libpcsclite-dev gcc（pyscard 没有装上）")
    done = subprocess.run(
        [sys.executable, "-c", "from kiosk.cards import main; main()", "readers"],
        env={ADDRESS: str(tmp_path / "nobody"), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "读卡服务没有启动" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_pyscard_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcsc, "_installed", None)
    for command in ("readers", "read", "tries", "watch"):
        done = run.invoke(cards.main, [command])
        assert done.exit_code == 1
        assert "libpcsclite-dev" in done.stderr.replace("\n", "")
