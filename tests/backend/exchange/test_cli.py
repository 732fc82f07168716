"""renshe audit export and inspect, as an auditor's terminal sees them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backend import connect, wiring
from backend.cli import main
from backend.exchange.export import MANIFEST
from backend.kernel.db import Runner, runner
from backend.kernel.vault import Vault
from tests.backend.people import a_person, an_employer
from tests.conftest import Fresh


@pytest.fixture
def house(fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    """A database of its own, with hardly anybody in it."""
    run = runner(fresh(), wiring.HANDLERS, Vault.new(), size=2)

    @contextmanager
    def session() -> Iterator[Runner]:
        yield run

    monkeypatch.setattr(connect, "session", session)
    a_person(run)
    an_employer(run)
    yield run
    run.sessions.kw["bind"].dispose()


def renshe(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["--lang", "zh-CN", "audit", *words])
    return done.exit_code, done.output.replace("\n", "")


def test_out_and_held_against_the_manifest(house: Runner, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    code, said = renshe("export", str(folder), "--tables", "16,17,9")
    assert code == 0, said
    assert "系统还没有机关事业单位养老" in said
    assert {path.name for path in folder.glob("*.xml")} == {"参数信息.xml"}
    assert (folder / MANIFEST).exists()
    assert (folder / "参数信息.xsd").exists()
    assert renshe("inspect", str(folder)) == (0, "和标准、清单全部相符")


def test_a_change_is_found(house: Runner, tmp_path: Path) -> None:
    renshe("export", str(tmp_path), "--tables", "17")
    path = tmp_path / "参数信息.xml"
    path.write_bytes(path.read_bytes().replace("固定".encode("gb18030"), "固 定".encode("gb18030")))
    code, said = renshe("inspect", str(tmp_path))
    assert code == 1
    assert "内容和清单里的校验值不同" in said
    assert "1 处不符" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--tables", "21"), "表号"),
        (("--year", "1900"), "年度"),
        (("--tables", "1,2"), "没有符合范围的记录"),
    ],
)
def test_what_cannot_be_exported_is_refused_with_a_sentence(
    house: Runner, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    code, output = renshe("export", str(tmp_path / "out"), *words)
    assert code == 2
    assert said in output


def test_a_folder_in_use_or_without_a_manifest_is_refused(house: Runner, tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    assert renshe("export", str(tmp_path))[0] == 2
    assert renshe("inspect", str(tmp_path))[0] == 2
    assert (tmp_path / "mine").exists()
