"""The command line: clear sentences where something is missing, and a journal people can read."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backend.kiosks.enrolment import hand_over
from kiosk import cli
from kiosk.cli import app
from kiosk.devices.camera import somebody
from kiosk.devices.dispenser import Memory, SimDispenser
from kiosk.journal import Journal, Stage
from kiosk.settings import Settings
from kiosk.slot import demo_cards
from tests.kiosk.people import persona
from tests.kiosk.served import until

ENROLMENT = {"id": "00000001", "key": "ab" * 32, "dispenser": "D-1", "dispenser_key": "cd" * 32}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("RENSHE_KIOSK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RENSHE_KIOSK_HOME", str(tmp_path))
    monkeypatch.setenv("RENSHE_KIOSK_CREDENTIALS", str(tmp_path / "chip"))
    return tmp_path


def enrol(home: Path, **more: str) -> None:
    hand_over(home, home / "chip", ENROLMENT | more)


def test_an_unenrolled_kiosk_says_what_is_missing(home: Path) -> None:
    done = CliRunner().invoke(app, ["serve"])
    assert done.exit_code == 1
    assert "dispenser, dispenser_key, id, key。" in done.output


@pytest.mark.parametrize(
    ("argv", "chinese", "english"),
    [
        (["serve"], "还没有登记好", "not registered properly; missing or wrong: dispenser, "),
        (["journal", "none.log"], "没有日志：none.log", "There is no journal: none.log"),
    ],
)
def test_what_goes_wrong_is_told_in_the_terminals_language(
    home: Path, argv: list[str], chinese: str, english: str
) -> None:
    for language, said in (("zh_CN.UTF-8", chinese), ("en_GB.UTF-8", english)):
        done = CliRunner().invoke(app, argv, env={"LC_ALL": language})
        assert (done.exit_code, said in done.stderr) == (1, True), done.stderr


def test_the_enrolment_file_counts_and_the_environment_counts_more(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(home, backend="https://10.0.0.1:8000")
    assert Settings().backend == "https://10.0.0.1:8000"
    monkeypatch.setenv("RENSHE_KIOSK_BACKEND", "https://10.0.0.2:8000")
    known = Settings()
    assert (known.backend, known.id, known.mode) == ("https://10.0.0.2:8000", "00000001", "tray")
    assert known.demo_cards == home / "cards.json"
    assert "ab" * 32 not in repr(known)


def test_a_secret_on_the_disk_is_refused_and_said_where_it_belongs(home: Path) -> None:
    told = {name: value for name, value in ENROLMENT.items() if name != "dispenser_key"}
    (home / "kiosk.json").write_text(json.dumps(told), "utf-8")
    for language, said in (
        ("zh_CN.UTF-8", "kiosk.json 里写着密钥（key）"),
        ("en_GB.UTF-8", "holds secrets (key)"),
    ):
        done = CliRunner().invoke(app, ["serve"], env={"LC_ALL": language})
        assert (done.exit_code, said in done.stderr, str(home / "chip") in done.stderr) == (1, True, True)


def test_secrets_are_files_that_their_owner_alone_reads(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enrol(home, pad_key="ef" * 16)
    kept = {file.name: file.stat().st_mode & 0o777 for file in (home / "chip").iterdir()}
    assert kept == {"key": 0o600, "dispenser_key": 0o600, "pad_key": 0o600}
    assert not any(
        "ab" * 32 in text or "cd" * 32 in text for text in [(home / "kiosk.json").read_text("utf-8")]
    )
    monkeypatch.delenv("RENSHE_KIOSK_CREDENTIALS")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(home / "chip"))  # as systemd lets them out
    known = Settings()
    assert known.pad_key is not None
    assert (known.key.get_secret_value(), known.pad_key.get_secret_value()) == ("ab" * 32, "ef" * 16)


@pytest.mark.parametrize(("mode", "invents"), [("tray", True), ("both", False), ("pcsc", False)])
def test_nobody_invented_is_filed_as_the_picture_of_a_real_person(
    home: Path, mode: str, invents: bool
) -> None:
    enrol(home, mode=mode)
    camera = cli._camera(Settings())
    assert (camera is not None) == invents
    assert camera is None or camera.picture() == somebody()
    (home / "camera.pgm").write_bytes(b"P5\n2 1\n255\n\x20\xe0")
    camera = cli._camera(Settings())
    assert camera is not None
    assert camera.picture().grey == b"\x20\xe0"


def test_the_backend_is_the_portal_of_the_same_house(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enrol(home)
    monkeypatch.setenv("RENSHE_PORT", "8111")
    assert Settings().backend == "http://127.0.0.1:8111"


def test_demo_cards_come_from_a_list_with_notes(home: Path) -> None:
    one = json.loads(persona().to_json()) | {"note": "退休人员"}
    (home / "cards.json").write_text(json.dumps([one, json.loads(persona(2).to_json())]), "utf-8")
    first, second = demo_cards(home / "cards.json")
    assert (first.persona, first.note) == (persona(), "退休人员")
    assert (second.persona, second.note) == (persona(2), "")
    assert demo_cards(home / "none.json") == []


def test_spoilt_demo_cards_are_told_in_a_sentence(home: Path) -> None:
    enrol(home)
    (home / "cards.json").write_text('[{"card_no": 1}]', "utf-8")
    done = CliRunner().invoke(app, ["serve", "--port", "1024"])
    assert done.exit_code == 1
    assert "cards.json" in done.output
    assert "Traceback" not in done.output


def test_a_taken_port_is_told_in_a_sentence(home: Path) -> None:
    enrol(home)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = CliRunner().invoke(app, ["serve", "--port", str(taken.getsockname()[1])])
    assert done.exit_code == 1
    assert "已被占用" in done.output


def test_the_journal_can_be_read_without_its_tokens_and_damage_is_seen(home: Path) -> None:
    enrol(home)
    assert "没有日志" in CliRunner().invoke(app, ["journal"]).output
    journal = Journal(home / "journal.log")
    journal.boot(1)
    journal.append(Stage.ORDERED, "0000000100010001", method="cash", amount_fen=1, entitlement="1")
    journal.append(Stage.DISPENSING, "0000000100010001", token="secret")
    journal.close()
    done = CliRunner().invoke(app, ["journal"])
    assert done.exit_code == 0
    assert "DISPENSING" in done.output
    assert "哈希链完整" in done.output
    assert "secret" not in done.output
    data = bytearray((home / "journal.log").read_bytes())
    data[30] ^= 1
    (home / "journal.log").write_bytes(data)
    done = CliRunner().invoke(app, ["journal"])
    assert done.exit_code == 1
    assert "损坏" in done.output
    assert "损坏" in CliRunner().invoke(app, ["serve", "--port", "1024"]).output


def test_cash_is_counted_and_loaded_but_not_while_it_serves(home: Path) -> None:
    enrol(home)
    assert "钞箱" in CliRunner().invoke(app, ["cash"]).output
    assert CliRunner().invoke(app, ["load"]).exit_code == 0
    journal = Journal(home / "journal.log")
    done = CliRunner().invoke(app, ["load"])
    assert (done.exit_code, "正在运行" in done.output) == (1, True)
    journal.close()


@pytest.mark.parametrize("stage", [Stage.ORDERED, Stage.OUT, Stage.ACKED])
def test_nothing_is_emptied_while_an_order_is_open(home: Path, stage: Stage) -> None:
    enrol(home)
    memory = SimDispenser(home / "dispenser.json", "D-1", bytes.fromhex(ENROLMENT["dispenser_key"])).memory
    memory.caught[100] = 1
    memory.write(home / "dispenser.json")
    journal = Journal(home / "journal.log")
    journal.boot(1)
    facts: dict[Stage, dict[str, object]] = {
        Stage.ORDERED: {"method": "cash", "amount_fen": 100, "entitlement": "1"},
        Stage.OUT: {"outcome": "unknown", "status": None},
        Stage.ACKED: {"state": "in_doubt"},
    }
    for one in facts:
        journal.append(one, "0000000100010001", **facts[one])
        if one is stage:
            break
    journal.close()
    done = CliRunner().invoke(app, ["load"])
    assert (done.exit_code, "没有核实" in done.output) == (1, True)
    assert Memory.read(home / "dispenser.json").caught == {100: 1}
    journal = Journal(home / "journal.log")
    journal.append(Stage.OUT, "0000000100010001", outcome="not", status=None)
    journal.append(Stage.ACKED, "0000000100010001", state="released")
    journal.close()
    assert CliRunner().invoke(app, ["load"]).exit_code == 0
    assert Memory.read(home / "dispenser.json").caught == {}


def test_the_program_serves_and_stops_cleanly_and_its_log_is_masked(home: Path) -> None:
    enrol(home, backend="http://127.0.0.1:9/11010519491231002X")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (home / "log").open("wb") as log:
        program = subprocess.Popen(
            [sys.executable, "-c", "from kiosk.cli import main; main()", "serve", "--port", str(port)],
            stdout=log,
            stderr=log,
        )

    def healthy() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as answer:
                return bool(json.load(answer)["state"] == "WELCOME")
        except OSError:
            return False

    try:
        until(healthy)
    finally:
        program.send_signal(signal.SIGTERM)
        assert program.wait(60) in (0, -signal.SIGTERM)
    Journal(home / "journal.log").close()
    said = (home / "log").read_text("utf-8")
    assert "kiosk.serves" in said
    assert "110105********002X" in said
    assert "11010519491231002X" not in said


def test_a_mishap_from_the_start_is_one_that_there_is_and_for_demonstrations_only(home: Path) -> None:
    enrol(home)
    done = CliRunner().invoke(app, ["serve", "--port", "1024", "--mishap", "flood"])
    assert (done.exit_code, "没有“flood”这种故障" in done.output, "paper-jam" in done.output) == (
        1,
        True,
        True,
    )
    enrol(home, mode="pcsc")
    done = CliRunner().invoke(app, ["serve", "--port", "1024", "--mishap", "paper"])
    assert (done.exit_code, "只有演示时" in done.output) == (1, True)
