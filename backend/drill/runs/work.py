"""Work: one run in a process of its own, which may be killed at any instant; asked again, it is the same run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.drill.place import on, quiet
from backend.kernel import items
from backend.kernel.actor import Actor
from backend.kernel.clock import FixedClock
from backend.kernel.sentences import read
from backend.kernel.vault import Vault

CUT = 3  # how the process ends whose line to the database was cut


@dataclass(frozen=True)
class Task:
    """A command, by whom and on which day; `key` makes it one however often it is asked."""

    name: str
    code: str
    by: Actor
    body: Mapping[str, Any]
    key: str
    at: datetime


def carry_out(owner: str, task: Task, parent: Connection) -> None:
    """Say which process of the database serves us; at a word, do it; say so, and stay until told to go."""
    with quiet():
        run = on(owner, FixedClock(task.at), Vault.new(), size=1)
        known = items.find(task.code)
        command = read(known.asks, task.body)
        parent.send(run(lambda uow: uow.session.scalar(text("select pg_backend_pid()"))))
        parent.recv()
        try:
            items.perform(run.by(task.by), known, command, task.key)
        except SQLAlchemyError:
            os._exit(CUT)
        parent.send("done")
        parent.recv()
