"""Fixtures: a small demo city, and its export into a folder, told once for all tests that only read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.progress import Progress
from sqlalchemy.orm import sessionmaker

from backend import wiring
from backend.demo.load import load
from backend.exchange import service as exchange
from backend.exchange.export import Exported
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.db import engine as connect
from backend.kernel.settings import settings
from tests.conftest import TODAY, Fresh

PERSONS, YEAR = 100, 2025


@dataclass(frozen=True)
class City:
    """The house, its database's address, and what was exported of one year."""

    run: Runner
    url: str
    folder: Path
    done: Exported


@pytest.fixture(scope="module")
def city(fresh: Fresh, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RENSHE_HOME", str(home))
        patch.setenv("RENSHE_AGENCY", "310199")
        patch.setenv("RENSHE_AGENCY_NAME", "示例市社会保险事业管理中心")
        settings.cache_clear()
        url = fresh()
        engine = connect(url, size=2)
        run = Runner(sessionmaker(engine, expire_on_commit=False), wiring.HANDLERS, SYSTEM, FixedClock(TODAY))
        load(url, run, PERSONS, 10, Progress(disable=True))
        folder = home / "out"
        done = export(run, folder, YEAR)
        yield City(run, url, folder, done)
        engine.dispose()
    settings.cache_clear()


def export(run: Runner, folder: Path, year: int | None = None, tables: str = "") -> Exported:
    asked = exchange.ExportAudit(year=year, tables=tables)
    return run.at_one_moment(
        exchange.export_to, asked, exchange.Folder(folder), str(folder), lambda table, records: None
    )
