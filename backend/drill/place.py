"""Place: a home and a server of its own, with the demo city in it, gone without a trace afterwards."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import structlog
from rich.progress import Progress

from backend import connect, migrate, wiring
from backend.demo.load import load
from backend.kernel import embedded
from backend.kernel.clock import CHINA, FixedClock
from backend.kernel.db import Runner, runner
from backend.kernel.settings import settings
from backend.kernel.vault import Vault

# the year before it is billed too, and some of the city's terms are known from 2025-07 on
LOADED = datetime(2026, 6, 15, 10, tzinfo=CHINA)
OTHER_SERVER = "RENSHE_DATABASE_URL"


@contextmanager
def place() -> Iterator[tuple[Path, str]]:
    """The home, and the owner's address of its migrated database."""
    home = Path(tempfile.mkdtemp(prefix="renshe-drill-"))
    kept = {name: os.environ.pop(name, None) for name in ("RENSHE_HOME", OTHER_SERVER)}
    os.environ["RENSHE_HOME"] = str(home)
    settings.cache_clear()
    try:
        owner = embedded.ensure_database(embedded.start(home), connect.DATABASE)
        migrate.upgrade(owner)
        with quiet():
            yield home, owner
    finally:
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)
        del os.environ["RENSHE_HOME"]
        os.environ |= {name: value for name, value in kept.items() if value is not None}
        settings.cache_clear()


@contextmanager
def quiet() -> Iterator[None]:
    """What happens to people in a drill is no news."""
    usual = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**usual)


def on(owner: str, clock: FixedClock, vault: Vault, size: int = 2) -> Runner:
    """The system's runner on a database, on the day of a clock."""
    made = runner(owner, wiring.HANDLERS, vault, size)
    return Runner(made.sessions, made.handlers, clock=clock, vault=vault).system


def told_city(owner: str, persons: int, progress: Progress) -> tuple[Runner, FixedClock]:
    """The demo city with so many persons, on the day of its loading."""
    clock = FixedClock(LOADED)
    run = on(owner, clock, Vault.new())
    load(owner, run, persons, 0, progress)
    return run, clock
