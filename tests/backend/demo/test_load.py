"""A city whose loading was cut off is finished by the next start, and one that people live in is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.progress import Progress
from sqlalchemy import text

from backend import up, wiring
from backend.demo.cast import CAST
from backend.demo.load import load
from backend.kernel.db import Runner, Uow, runner
from backend.kernel.settings import settings
from backend.kernel.vault import Vault
from tests.backend.people import a_person

TABLES = ("registry.person", "employment.vacancy", "payout.batch", "levy.run", "auth.device", "auth.login")


@pytest.fixture
def place(fresh: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Runner]]:
    """An empty database and a home for the kiosk's keys."""
    monkeypatch.setenv("RENSHE_HOME", str(tmp_path))
    settings.cache_clear()
    url = fresh()  # type: ignore[operator]
    run = runner(url, wiring.HANDLERS, Vault.new(), size=2)
    yield url, run
    run.sessions.kw["bind"].dispose()
    settings.cache_clear()


def counted(uow: Uow) -> dict[str, int]:
    return {table: uow.session.scalar(text(f"select count(*) from {table}")) or 0 for table in TABLES}


def test_what_is_missing_is_loaded_and_what_is_there_stays(place: tuple[str, Runner]) -> None:
    url, run = place
    assert not up._inhabited(url)
    load(url, run, 100, 10, Progress(disable=True))
    whole = run.system(counted)
    assert (whole["registry.person"], whole["auth.login"]) == (100, len(CAST))
    assert up._inhabited(url)

    def cut_off(uow: Uow) -> None:
        """As if the power had failed after the people were written and before anybody could sign in."""
        for table in ("auth.login", "auth.device"):
            uow.session.execute(text(f"delete from {table}"))

    run.system(cut_off)
    assert not up._inhabited(url)
    load(url, run, 100, 10, Progress(disable=True))
    assert run.system(counted) == whole
    assert up._inhabited(url)


def test_a_real_city_gets_no_demo(place: tuple[str, Runner]) -> None:
    url, run = place
    a_person(run)
    assert up._inhabited(url)
