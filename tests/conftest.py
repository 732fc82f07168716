"""Fixtures: a real PostgreSQL, migrated once; every test inside a transaction that is undone."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import fasteners
import hypothesis
import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session, sessionmaker

from backend import migrate, wiring
from backend.app import create
from backend.kernel import embedded
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.db import engine as connect

TODAY = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # ten in the morning in China
TEMPLATE = "renshe_template"
HOME = "RENSHE_TEST_HOME"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# a test does not fail because the machine was busy: how fast something is, is measured in loadtests/bench
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")
expect.set_options(timeout=60_000)


def pytest_configure(config: pytest.Config) -> None:
    """One server for the whole run, under a folder of its own; workers find it by the environment."""
    os.environ.pop(
        "COLUMNS", None
    )  # a console is as wide as a test says, not as whoever started the tests has it
    if not hasattr(config, "workerinput"):
        os.environ[HOME] = tempfile.mkdtemp(prefix="renshe-test-")


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        home = Path(os.environ.pop(HOME))
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)


def admin(url: str, *statements: str) -> None:
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def server() -> str:
    """The owner's address of a running server that holds a migrated template database."""
    home = Path(os.environ[HOME])
    with fasteners.InterProcessLock(home / "lock"):
        url = embedded.start(home)
        if not (home / "ready").exists():
            admin(
                url,
                "alter system set fsync = off",
                "alter system set synchronous_commit = off",
                "alter system set full_page_writes = off",
                "select pg_reload_conf()",
            )
            migrate.upgrade(embedded.ensure_database(url, TEMPLATE))
            (home / "ready").touch()
    return url


@pytest.fixture(scope="session")
def fresh(server: str, worker_id: str) -> Iterator[Fresh]:
    """Makes databases of a test's own, for tests that need real commits."""
    made = Fresh(server, worker_id)
    yield made
    made.drop()


class Fresh:
    """Copies of the template; a copy takes a tenth of a second."""

    def __init__(self, server: str, worker: str) -> None:
        self.server, self.worker, self.names = server, worker, list[str]()

    def __call__(self) -> str:
        """The owner's address of a new, empty, migrated database."""
        name = f"test_{self.worker}_{len(self.names)}"
        with fasteners.InterProcessLock(Path(os.environ[HOME]) / "lock"):
            admin(self.server, f"create database {name} template {TEMPLATE}")
        self.names.append(name)
        return embedded.ensure_database(self.server, name)

    def drop(self) -> None:
        admin(self.server, *(f"drop database {name} with (force)" for name in self.names))


@pytest.fixture(scope="session")
def database(fresh: Fresh) -> str:
    return fresh()


@pytest.fixture(scope="session")
def engine(database: str) -> Iterator[Engine]:
    """A pool of the application's own role."""
    engine = connect(database, size=4)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(TODAY)


@pytest.fixture
def run(engine: Engine, clock: FixedClock) -> Iterator[Runner]:
    """A Runner whose commits are savepoints, undone after the test."""
    with engine.connect() as connection:
        outer = connection.begin()
        sessions = sessionmaker[Session](
            bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        yield Runner(sessions, wiring.HANDLERS, actor=SYSTEM, clock=clock)
        outer.rollback()


@pytest.fixture
def owner(database: str) -> Iterator[Engine]:
    """The owner's own connection, for tests that tamper."""
    engine = connect(database, size=2, role=None)
    yield engine
    engine.dispose()


@pytest.fixture
def api(run: Runner) -> Iterator[TestClient]:
    with TestClient(create(run)) as client:
        yield client


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One real browser for the whole run of a worker."""
    if not CHROMIUM.exists():
        pytest.skip("没有浏览器：请安装 Debian 软件包 chromium")
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield running
        running.close()
