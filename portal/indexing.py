"""Indexing: the one writer of the search index. Reads the outbox, turns vacancies into documents, commits.

Run as a program of its own (`python -m portal.indexing`). The index is disposable: when it is not there it is
rebuilt beside the old one and switched.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import structlog
from sqlalchemy.engine import make_url

from backend import connect
from backend.employment import service as employment
from backend.employment.schema import VacancyDoc
from backend.kernel import codes
from backend.kernel.db import Runner
from backend.kernel.settings import settings
from portal.index import opened
from search.port import Document, Index

log = structlog.get_logger()
BATCH = 500
WAIT_S = 1.0  # how long to sleep when nobody calls
GATHER_S = 0.25  # how long changes gather: each round stops whoever posts for a moment
POSITION = "position"


def document(found: VacancyDoc) -> Document:
    """A vacancy as search takes it: its occupation under every name people use for it."""
    line = codes.find("occupation", found.occupation)
    return Document(
        id=found.vacancy,
        title=found.title,
        published=found.published,
        employer=found.employer,
        body="\n".join(part for part in (found.work, found.conditions, found.benefits) if part),
        area=found.area,
        occupation=found.occupation,
        occupation_names=(line.name, *line.aliases),
        salary_min_fen=found.salary_min_fen,
        salary_max_fen=found.salary_max_fen,
        education=found.education,
        type=found.type,
        openings=found.openings,
        applicants=found.applicants,
    )


class Indexer:
    """Follows the outbox from where it stopped."""

    def __init__(self, run: Runner, index: Index, home: Path) -> None:
        self.run = run.system
        self.index = index
        self.mark = home / POSITION

    def position(self) -> int:
        return int(self.mark.read_text("utf-8")) if self.mark.exists() else -1

    def _keep(self, position: int) -> None:
        draft = self.mark.with_suffix(".new")
        draft.write_text(str(position), "utf-8")
        draft.replace(self.mark)

    def rebuild(self) -> int:
        """Everything that is open, afresh; changes that come meanwhile are read after."""
        position = self.run(employment.last_change)
        number = self.index.rebuild(self._everything())
        self._keep(position)
        log.info("index.rebuilt", documents=number)
        return number

    def _everything(self) -> Iterator[Document]:
        after = ""
        while nos := self.run(employment.open_nos, after, BATCH):
            yield from map(document, self.run(employment.documents, nos))
            after = nos[-1]

    def follow(self) -> int:
        """Take in what has changed; how many changes there were."""
        taken, more = 0, True
        while more:
            changes = self.run(employment.changed, self.position(), BATCH)
            more = len(changes) == BATCH  # else that was all: asking again would hold up who posts
            if not changes:
                break
            nos = list(dict.fromkeys(change.vacancy for change in changes))
            found = self.run(employment.documents, nos)
            self.index.drop(set(nos) - {one.vacancy for one in found})
            self.index.put(map(document, found))
            self.index.commit()
            self._keep(changes[-1].id)
            taken += len(changes)
        return taken


def main() -> None:
    """Follow the outbox until told to stop; a notification wakes at once."""
    stopping = threading.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, lambda *_: stopping.set())
    url = connect.database_url()
    with opened(write=True) as index:
        indexer = Indexer(connect.onlooker(url), index, settings().root / "index")
        if indexer.position() < 0 or index.needs_rebuild:
            indexer.rebuild()
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as listener:
            listener.execute(f"listen {employment.CHANNEL}")
            keep_up(indexer, listener, stopping)


def keep_up(indexer: Indexer, listener: psycopg.Connection, stopping: threading.Event) -> None:
    """Take in changes as they come: a first one at once, those of the next moment together."""
    while not stopping.is_set():
        indexer.follow()
        stopping.wait(GATHER_S)
        for _ in listener.notifies(timeout=0 if stopping.is_set() else WAIT_S, stop_after=1):
            pass


if __name__ == "__main__":
    main()
