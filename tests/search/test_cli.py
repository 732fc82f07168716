"""The command line, on a real index."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from portal.searching import main
from search.cli import app
from search.embedded import EmbeddedIndex
from search.engine import open_index
from search.meili import MeiliIndex
from search.port import EngineAway, Query
from tests.search.corpus import VACANCIES, occupations, thesaurus

NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("renshe")
    with open_index(home, occupations(), write=True) as index:
        index.rebuild(VACANCIES)
    return home


def said(home: Path, *words: str, code: int = 0) -> str:
    result = CliRunner().invoke(
        app, words, obj=lambda: open_index(home, occupations()), env={"COLUMNS": "200"}
    )
    assert result.exit_code == code, result.output
    return result.output


def test_stats_count_the_vacancies(home: Path) -> None:
    assert f"职位 {len(VACANCIES)} 个" in said(home, "stats")


def test_a_query_shows_the_vacancies_and_why(home: Path) -> None:
    output = said(home, "query", "fuwuyaun", "--salary-min", "6000")
    assert "共 1 个" in output
    assert "5000-7000" in output
    assert "fuwuyaun → 服务员（近似拼音）" in output
    assert "面议" in said(home, "query", "会计", "--occupation", "2-06", "--area", "41")


def test_check_finds_a_sound_index_sound(home: Path) -> None:
    assert "索引完好" in said(home, "check")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("C.UTF-8", "还没有职位索引"), ("en_GB.UTF-8", "has no job index yet")],
)
def test_a_refusal_is_said_in_the_terminals_language(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: str,
    sentence: str,
) -> None:
    monkeypatch.setattr("sys.argv", ["renshe-search", "stats"])
    monkeypatch.setattr("portal.searching.opened", lambda: open_index(tmp_path))
    monkeypatch.setenv("LC_ALL", language)
    with pytest.raises(SystemExit, match="1"):
        main()
    assert sentence in capsys.readouterr().err


def test_the_address_of_a_server_chooses_the_engine(tmp_path: Path) -> None:
    assert isinstance(open_index(tmp_path), EmbeddedIndex)
    assert isinstance(open_index(tmp_path, meili_url=NOBODY), MeiliIndex)


def test_a_server_that_is_away_is_said_so() -> None:
    with MeiliIndex(NOBODY, thesaurus()) as index, pytest.raises(EngineAway, match="没有应答"):
        index.find(Query("护士"))
