"""Killing: a run's own process, the database's process that serves it, or the whole server, at once and from outside."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import psycopg

from backend.drill.runs.work import CUT, Task, carry_out
from backend.kernel import embedded

LONGEST_S = 300.0
LOOK_AGAIN_S = 0.05
OTHERS = "select count(*) from pg_stat_activity where pid = %s"
FORKS = multiprocessing.get_context("forkserver")  # clean and quick: everything is read once
FORKS.set_forkserver_preload(["backend.drill.runs.work", "backend.demo.story"])


@dataclass
class Worker:
    """A process that is ready for its run."""

    process: BaseProcess
    line: Connection
    serving: int  # the database's process

    def begin(self) -> float:
        """Let it run; when that was."""
        self.line.send("go")
        return time.monotonic()

    def done(self) -> bool:
        """Whether it came to the end; waits for it."""
        try:
            return self.line.poll(LONGEST_S) and self.line.recv() == "done"
        except (EOFError, ConnectionResetError):
            return False

    def leave(self) -> None:
        with suppress(BrokenPipeError):
            self.line.send("leave")
        self.process.join(LONGEST_S)


def start(owner: str, task: Task) -> Worker:
    """A process that has its line to the database and waits for the word."""
    ours, theirs = FORKS.Pipe()
    process = FORKS.Process(target=carry_out, args=(owner, task, theirs))
    process.start()
    theirs.close()
    return Worker(process, ours, ours.recv())


def undisturbed(owner: str, task: Task) -> float:
    """The run as a whole; how many seconds it took."""
    worker = start(owner, task)
    begun = worker.begin()
    if not worker.done():
        raise RuntimeError(f"{task.name} did not come to its end")
    took = time.monotonic() - begun
    worker.leave()
    return took


def killed(owner: str, task: Task, wait_s: float, kill: Callable[[Worker], None]) -> None:
    """The run, killed so many seconds after its beginning; nothing of it is left under way."""
    worker = start(owner, task)
    begun = worker.begin()
    while (left := begun + wait_s - time.monotonic()) > 0:
        time.sleep(left)
    kill(worker)
    worker.process.join(LONGEST_S)
    if worker.process.exitcode not in (-signal.SIGKILL, CUT):
        raise RuntimeError(f"{task.name} was not killed: it ended with {worker.process.exitcode}")
    _wait_until_gone(owner, worker.serving)


def client(worker: Worker) -> None:
    with suppress(ProcessLookupError):  # its line may have been cut before
        os.kill(worker.process.pid or 0, signal.SIGKILL)


def backend(worker: Worker) -> None:
    """The server notices, throws out everybody and recovers. Who was done by then is still there."""
    os.kill(worker.serving, signal.SIGKILL)
    if worker.done():
        client(worker)


def server(home: Path, worker: Worker) -> None:
    """All its processes in one breath, as when the power fails; then it is started again, and recovers."""
    postmaster = int((home / "postgres" / "postmaster.pid").read_text("utf-8").split()[0])
    pids = [postmaster, *_children(postmaster)]
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    client(worker)
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        time.sleep(LOOK_AGAIN_S)
    embedded.start(home)


def _children(parent: int) -> list[int]:
    task = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(pid) for pid in task.read_text("utf-8").split()]


def _wait_until_gone(owner: str, serving: int) -> None:
    """Until the database answers, and the process that served the killed one has ended."""
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline:
        with suppress(psycopg.OperationalError), psycopg.connect(owner) as db:
            if db.execute(OTHERS, (serving,)).fetchone() == (0,):
                return
        time.sleep(LOOK_AGAIN_S)
    raise RuntimeError("the database does not answer")
