"""House: PostgreSQL, the portal and a kiosk as `make run` starts them, each in a namespace of its own.

Whoever opens it stands where the kiosk stands: in a network of its own with one cable to the office. Whatever
dies is started again by a supervisor, as the house does.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from sqlalchemy.exc import SQLAlchemyError

from backend import connect, migrate, up
from backend.drill import city
from backend.drill.papers import Papers, issue
from backend.kernel import embedded
from backend.kernel.settings import settings
from backend.kiosks import enrolment
from backend.payout.notes import KINDS_FEN
from backend.up import Program

ROOT = Path(__file__).parents[2]
OFFICE, PLACE, PORT, KIOSK_PORT = "10.77.0.1", "10.77.0.2", 8000, 8100
PIECES = 20_000  # of every kind: nobody fills the cassettes while a drill is held
DISK = "16m"  # the kiosk's own small disk
PATIENCE_S = "4"  # how long the kiosk of a drill waits for an answer
TURN_S = 0.02
START_POSTGRES = (
    "import sys, pathlib; from backend.kernel import embedded; embedded.start(pathlib.Path(sys.argv[1]))"
)


@dataclass
class Postgres:
    """The server, in a network without anybody: it is reached by a file."""

    home: Path

    def start(self) -> None:
        subprocess.run(  # noqa: S603
            ["unshare", "-n", sys.executable, "-c", START_POSTGRES, str(self.home)],  # noqa: S607
            check=True,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def pid(self) -> int | None:
        try:
            return int((self.home / "postgres" / "postmaster.pid").read_text("utf-8").split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def alive(self) -> bool:
        return self.pid is not None and Path(f"/proc/{self.pid}").exists()

    def kill(self) -> None:
        """At once: nothing is written out, every line breaks off; the next start recovers."""
        pid = self.pid
        if pid is not None:
            os.kill(pid, signal.SIGQUIT)
            while Path(f"/proc/{pid}").exists():
                time.sleep(0.01)

    def mind(self) -> None:
        if not self.alive():
            with suppress(
                subprocess.CalledProcessError
            ):  # the old one has not quite gone: the next turn tries again
                self.start()


@dataclass
class House:
    """What the kiosk's half of the drill needs to know and may do to it."""

    home: Path
    postgres: Postgres
    portal: Program
    kiosk: Program
    books: city.Books
    door: subprocess.Popen[str]
    authority: Path  # who certified the office's front door
    url: str = f"http://127.0.0.1:{KIOSK_PORT}"
    portal_url: str = f"https://{OFFICE}:{PORT}"
    _minding: threading.Lock = field(default_factory=threading.Lock)
    _closing: threading.Event = field(default_factory=threading.Event)

    @property
    def kiosk_home(self) -> Path:
        return self.home / "kiosk"

    # ---- supervision ----

    def supervise(self) -> None:
        while not self._closing.wait(TURN_S):
            with self._minding:
                for one in (self.postgres, self.portal, self.kiosk):
                    one.mind()

    @contextmanager
    def unattended(self) -> Iterator[None]:
        """Nobody starts anything again meanwhile."""
        with self._minding:
            yield

    def close(self) -> None:
        self._closing.set()

    # ---- what is done to it ----

    def kill(self, name: str) -> None:
        """SIGKILL the kiosk or the portal, break PostgreSQL off."""
        if name == "postgres":
            self.postgres.kill()
            self.books.run.sessions.kw["bind"].dispose()
            return
        program: Program = getattr(self, name)
        program.falls = 0
        process = program.process  # the supervisor may forget it meanwhile
        if process is not None:
            process.kill()
            process.wait()

    def wait_for_books(self) -> None:
        """Until the database answers."""
        deadline = time.monotonic() + up.GRACE_S * 2
        while True:
            try:
                self.books.in_suspense()
            except SQLAlchemyError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def restart_kiosk(self) -> None:
        """As staff do."""
        self.kiosk.falls = 0
        self.kiosk.stop()

    def cable(self, state: str) -> None:
        _ip("link", "set", "place", state)

    def fill_disk(self) -> None:
        """Not one byte more goes onto the kiosk's disk."""
        ballast = os.open(self.kiosk_home / "ballast", os.O_WRONLY | os.O_CREAT)
        try:
            for size in (2**16, 1):
                try:
                    while os.write(ballast, bytes(size)):
                        continue
                except OSError:
                    continue
        finally:
            os.close(ballast)

    def free_disk(self) -> None:
        (self.kiosk_home / "ballast").unlink(missing_ok=True)

    def lose_journal(self) -> None:
        (self.kiosk_home / "journal.log").unlink(missing_ok=True)

    # ---- the office's front door ----

    def tell_door(self, word: str) -> None:
        if self.door.stdin is not None:
            self.door.stdin.write(f"{word}\n")
            self.door.stdin.flush()

    def hear_door(self) -> str:
        return self.door.stdout.readline().strip() if self.door.stdout is not None else ""


def _ip(*words: str, inside: int | None = None) -> None:
    at = ["nsenter", "-t", str(inside), "-n"] if inside else []
    subprocess.run([*at, "ip", *words], check=True)  # noqa: S603


@contextmanager
def house(people: int, seed: int, env: Mapping[str, str]) -> Iterator[House]:
    """Everything running, with so many retirees; gone without a trace afterwards."""
    home = Path(tempfile.mkdtemp(prefix="renshe-drill-"))
    os.environ |= {
        "RENSHE_HOME": str(home),
        "RENSHE_PORT": str(PORT),
        "RENSHE_KIOSK_PORT": str(KIOSK_PORT),
    } | dict(env)
    settings.cache_clear()
    up.console.quiet = True
    postgres = Postgres(home)
    running: tuple[Program, ...] = ()
    try:
        with _network() as office:
            postgres.start()
            owner = embedded.ensure_database(embedded.start(home), connect.DATABASE)
            migrate.upgrade(owner)
            books = _settle_in(owner, people, seed)
            papers = issue(OFFICE, home / "papers")
            _place(home / "kiosk", books, papers.authority)
            running = portal, kiosk = _programs(owner, office)
            held = House(home, postgres, portal, kiosk, books, _door(office, papers), papers.authority)
            with _supervised(held):
                yield held
    finally:
        for program in running:
            program.stop()
            program.gone(time.monotonic() + up.GRACE_S)
        embedded.stop(home)
        subprocess.run(["umount", str(home / "kiosk")], check=False, stderr=subprocess.DEVNULL)  # noqa: S603, S607
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _supervised(held: House) -> Iterator[None]:
    """The programs run, and whatever dies is started again, as long as this lasts."""
    for program in (held.portal, held.kiosk):
        program.start()
    minding = threading.Thread(target=held.supervise, name="supervisor")
    minding.start()
    try:
        yield
    finally:
        held.close()
        minding.join()
        held.door.kill()
        held.door.communicate()
        held.books.run.sessions.kw["bind"].dispose()


@contextmanager
def _network() -> Iterator[int]:
    """The office's network, held open by a process that does nothing, and the cable to it."""
    office = subprocess.Popen(["unshare", "-n", "sleep", "infinity"])  # noqa: S607
    try:
        while os.readlink(f"/proc/{office.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
            time.sleep(0.01)
        _ip("link", "set", "lo", "up")
        _ip("link", "add", "place", "type", "veth", "peer", "name", "office", "netns", str(office.pid))
        _ip("addr", "add", f"{PLACE}/30", "dev", "place")
        _ip("link", "set", "place", "up")
        for device in ("lo", "office"):
            _ip("link", "set", device, "up", inside=office.pid)
        _ip("addr", "add", f"{OFFICE}/30", "dev", "office", inside=office.pid)
        yield office.pid
    finally:
        office.kill()
        office.wait()


def _settle_in(owner: str, people: int, seed: int) -> city.Books:
    clock = city.DrillClock()
    run = city.runner_on(owner, clock, connect.vault())
    rng, amounts = Random(seed), {"least_fen": 1_000, "most_fen": 20_000}  # noqa: S311 - a demonstration
    retirees = city.settle_in(run, people, rng, **amounts)
    return city.Books(run, clock, retirees)


def _place(kiosk: Path, books: city.Books, authority: Path) -> None:
    """The kiosk's disk and what makes it known to the office."""
    kiosk.mkdir()
    subprocess.run(  # noqa: S603
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(kiosk)],  # noqa: S607
        check=True,
    )
    key = secrets.token_hex(32)
    books.run(city.enrol, key)
    told = {
        "id": city.KIOSK,
        "key": key,
        "dispenser": city.DISPENSER,
        "dispenser_key": books.run.vault.dispenser_key(city.DISPENSER).hex(),
        "terminal_key": city.READERS.hex(),
        "backend": f"https://{OFFICE}:{PORT}",
        "backend_ca": str(authority),
        "notice_key": books.run.vault.signer("stopped-cards").public.hex(),
        "mode": "both",
    }
    enrolment.hand_over(kiosk, kiosk.parent / enrolment.CREDENTIALS, told)
    plenty = dict.fromkeys(KINDS_FEN, PIECES)
    inside = {"cassettes": plenty, "initial": plenty, "told": {}}
    (kiosk / "dispenser.json").write_text(json.dumps(inside), "utf-8")


def _programs(owner: str, office: int) -> tuple[Program, Program]:
    """The portal and the kiosk, by their lines in the Procfile."""
    known = {program.name: program for program in up.programs()}
    portal, kiosk = known["portal"], known["kiosk"]
    portal.env = portal.env | {"RENSHE_DATABASE_URL": owner}
    portal.command = f"nsenter -t {office} -n {portal.command}"
    kiosk.env = kiosk.env | {"RENSHE_KIOSK_PATIENCE_S": PATIENCE_S}
    return portal, kiosk


def _door(office: int, papers: Papers) -> subprocess.Popen[str]:
    inside = ["nsenter", "-t", str(office), "-n"]
    shown = [str(papers.certificate), str(papers.key)]
    door = subprocess.Popen(  # noqa: S603
        [*inside, sys.executable, "-m", "backend.drill.door", OFFICE, str(PORT), str(PORT), *shown],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    if door.stdout is None or door.stdout.readline().strip() != "ready":
        raise RuntimeError("the front door does not open")
    return door
