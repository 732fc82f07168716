"""Connect: from settings to a running backend: database, vault, runner. Every program starts here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backend.kernel import embedded
from backend.kernel.settings import Settings, settings

if TYPE_CHECKING:
    from backend.kernel.db import Handler, Runner
    from backend.kernel.vault import Vault

DATABASE = "renshe"


def database_url(known: Settings | None = None) -> str:
    """The owner's address of our database; starts the embedded server where no other is named."""
    known = known or settings()
    if known.database_url:
        return known.database_url
    return embedded.ensure_database(embedded.start(known.root), DATABASE)


def vault(known: Settings | None = None) -> Vault:
    from backend.kernel.vault import Vault

    return Vault.open((known or settings()).root / "keys.json")


def runner(url: str | None = None) -> Runner:
    """A runner on the configured database, working as the application role."""
    from backend import wiring

    return _runner(url, wiring.HANDLERS)


def onlooker(url: str) -> Runner:
    """A runner for a program that only reads, and so has no facts to tell: it need not load all who would hear them."""
    return _runner(url, {})


def _runner(url: str | None, handlers: Mapping[type, Sequence[Handler]]) -> Runner:
    from backend.kernel import log
    from backend.kernel.db import runner as make_runner

    known = settings()
    log.configure(as_json=known.log_json)
    return make_runner(url or database_url(known), handlers, vault(known), known.threads)


@contextmanager
def session() -> Iterator[Runner]:
    """For one command on the command line: the server is left as it was found."""
    known = settings()
    ours = known.database_url is None and not (known.root / "postgres" / "postmaster.pid").exists()
    run = runner()
    try:
        yield run
    finally:
        run.sessions.kw["bind"].dispose()
        if ours:
            embedded.stop(known.root)
