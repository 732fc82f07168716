"""House: a whole city of the test's own — a fresh home, free ports, every program as `make run` starts it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATIENCE_S = 240.0  # a first index of a large city, on a busy machine
GRACE_S = 40.0


class NotUp(RuntimeError):
    """A program did not answer in time; the end of its log follows."""


@dataclass(frozen=True)
class House:
    """One home on this machine. Nothing of the caller's own city reaches it: every RENSHE_ name is left out."""

    home: Path
    portal: int = field(default_factory=lambda: free_port())
    kiosk: int = field(default_factory=lambda: free_port())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.portal}"

    @property
    def env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RENSHE_")}
        return kept | {
            "RENSHE_HOME": str(self.home),
            "RENSHE_PORT": str(self.portal),
            "RENSHE_KIOSK_PORT": str(self.kiosk),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "PYTHONUNBUFFERED": "1",
        }

    def renshe(self, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """One command of the house, as an operator types it; its outcome is the caller's to judge."""
        return subprocess.run(  # noqa: S603 - our own program
            [str(Path(sys.executable).parent / "renshe"), *words],
            cwd=ROOT,
            env=self.env,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    def must(self, *words: str, given: str | None = None) -> str:
        """The same where there is no going on without it."""
        done = self.renshe(*words, given=given)
        if done.returncode:
            raise NotUp(f"renshe {' '.join(words)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    @contextmanager
    def program(
        self, name: str, argv: Sequence[str], ready: Callable[[], bool], env: Mapping[str, str] | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A program that runs while the block lasts, from when it is ready."""
        log = self.home / f"{name}.log"
        with log.open("ab") as out:
            process = subprocess.Popen(  # noqa: S603 - our own program
                argv, cwd=ROOT, env=self.env | dict(env or {}), stdout=out, stderr=out, start_new_session=True
            )
        try:
            wait_for(ready, process, log)
            yield process
        finally:
            end(process)

    @contextmanager
    def up(self, persons: int, vacancies: int) -> Iterator[subprocess.Popen[bytes]]:
        """Everything, as `make run` starts it; the city is loaded first where there is none."""
        sizes = [f"--persons={persons}", f"--vacancies={vacancies}"]
        renshe = str(Path(sys.executable).parent / "renshe")
        with self.program("up", [renshe, "up", *sizes], self.answers) as process:
            yield process

    def answers(self) -> bool:
        """Portal and kiosk are there and the search has something to search in."""
        doors = (
            f"{self.url}/health",
            f"http://127.0.0.1:{self.kiosk}/health",
            f"{self.url}/api/v1/vacancies",
        )
        return all(answers(door) for door in doors)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - an address of this machine
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_for(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, patience_s: float = PATIENCE_S
) -> None:
    deadline = time.monotonic() + patience_s
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotUp(log.read_text("utf-8", "replace")[-4000:])
        time.sleep(0.02)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to stop; after the grace there is no more asking."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def temporary() -> Iterator[Path]:
    """A folder that PostgreSQL may use even where we are root, and that is gone afterwards.

    Told to stop, we end as by Ctrl-C: nothing is left running.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    home = Path(tempfile.mkdtemp(prefix="renshe-load-"))
    try:
        home.chmod(0o755)
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)
