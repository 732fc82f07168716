"""Up: set the house alight — database, schema, demo city, programs — and put it out cleanly on Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from rich.console import Console

from backend import connect, migrate
from backend.demo.cast import CAST
from backend.kernel import embedded
from backend.kernel.settings import settings
from backend.kiosks import enrolment

ROOT = Path(__file__).parent.parent
GRACE_S = 15.0
LONGEST_S = 300.0  # a first index of a large city
LOOK_AGAIN_S = 0.02
INHABITED = """
  select exists (select from auth.login)
    or exists (select from registry.person)
      and not exists (select from registry.person where ident = %s)
"""
console = Console()


@dataclass
class Program:
    """One line of the Procfile, kept running: it is started again, slower each time it falls over."""

    name: str
    command: str
    env: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    falls: int = 0
    due: float = 0.0
    since: float = field(default=0.0)

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S602 - the command is a line of our own Procfile
                f"exec {self.command}",
                shell=True,
                cwd=ROOT,
                env=self.env,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.since = time.monotonic()

    def mind(self) -> None:
        """Start again what has ended."""
        if self.process is None:
            if time.monotonic() >= self.due:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            if self.falls and time.monotonic() - self.since > 60:
                self.falls = 0
            return
        self.falls += 1
        self.due = time.monotonic() + min(0.2 * 2**self.falls, 10.0)
        self.process = None
        console.print(f"[yellow]{self.name} 停了（代码 {code}），马上重新启动；记录在 {self.log}[/]")

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def gone(self, deadline: float) -> None:
        """Wait for a clean end; past the deadline there is no more waiting."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def programs() -> list[Program]:
    known = settings()
    logs = known.root / "logs"
    logs.mkdir(exist_ok=True)
    env = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "RENSHE_HOME": str(known.root),
        "RENSHE_PORT": str(known.port),
        "RENSHE_KIOSK_PORT": str(known.kiosk_port),
        "PYTHONUNBUFFERED": "1",
    }
    lines = (line.partition(":") for line in (ROOT / "Procfile").read_text("utf-8").splitlines() if line)
    return [
        Program(name.strip(), command.strip(), dict(env), logs / f"{name.strip()}.log")
        for name, _, command in lines
    ]


def prepare(persons: int, vacancies: int, *, with_demo: bool) -> str:
    """Database there, schema newest, city loaded; the owner's address comes back."""
    url = connect.database_url()
    if not migrate.current(url):
        with console.status("正在建立数据库结构"):
            migrate.upgrade(url)
    if with_demo and not _inhabited(url):
        _settle(url, persons, vacancies)
    return url


def _inhabited(url: str) -> bool:
    """Whether people live here: the demo city down to the last thing its loading does, or anybody real."""
    with psycopg.connect(url) as owner:
        found = owner.execute(INHABITED, (CAST[0].login,)).fetchone()
    return bool(found and found[0])


def _settle(url: str, persons: int, vacancies: int) -> None:
    from rich.progress import Progress

    from backend.demo.load import load

    run = connect.runner(url)
    with Progress(console=console) as progress:
        load(url, run, persons, vacancies, progress)
    run.sessions.kw["bind"].dispose()


def up(persons: int, vacancies: int) -> None:
    """Everything, until told to stop."""
    known = settings()
    _ports_free()
    began = time.monotonic()
    stopping = threading.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, lambda *_: stopping.set())
    running = programs()
    try:
        _unlock(running)
        url = prepare(persons, vacancies, with_demo=True)
        for program in running:
            program.env["RENSHE_DATABASE_URL"] = url
        _open(running, stopping, began)
        while not stopping.wait(0.3):
            for program in running:
                program.mind()
        console.print("正在停止……")
    finally:
        deadline = time.monotonic() + GRACE_S
        for program in reversed(running):
            program.stop()
        for program in reversed(running):
            program.gone(deadline)
        if known.database_url is None:
            embedded.stop(known.root)
    console.print("已停止，数据都在。再次运行 make run 会接着用。")


def _unlock(running: list[Program]) -> None:
    """A kiosk that has its papers is started first: it is another machine, and needs no database."""
    if (settings().root / "kiosk" / enrolment.PAPERS).exists():
        for program in running:
            if program.name == "kiosk":
                program.start()


def _open(running: list[Program], stopping: threading.Event, began: float) -> None:
    """All at once: while the portal loads, what takes longest, the others find a processor of their own. The first time,
    search is waited for too."""
    known = settings()
    indexed = known.root / "index" / "position"
    for program in running:
        if program.process is None:
            program.start()
    ready = all(
        _answers(f"http://127.0.0.1:{port}/health", running, stopping)
        for port in (known.port, known.kiosk_port)
    )
    while ready and not indexed.exists() and time.monotonic() - began < LONGEST_S and not stopping.wait(0.1):
        for program in running:
            program.mind()
    if ready:
        _welcome(time.monotonic() - began)


def _ports_free() -> None:
    known = settings()
    for port, name in ((known.port, "RENSHE_PORT"), (known.kiosk_port, "RENSHE_KIOSK_PORT")):
        if _taken(port):
            console.print(f"[red]端口 {port} 已经有程序在用：可能已经启动过一次；要换端口请设置 {name}。[/]")
            raise SystemExit(1)


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(url: str, running: list[Program], stopping: threading.Event) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not stopping.is_set():
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address
                return True
        except (urllib.error.URLError, OSError):
            for program in running:
                program.mind()
            time.sleep(LOOK_AGAIN_S)
    return False


def _welcome(seconds: float) -> None:
    known = settings()
    console.print(f"\n[bold]人社 · 示例市[/]  {seconds:.1f} 秒就绪（演示数据，人和单位都是虚构的）\n")
    console.print(f"  门户    http://127.0.0.1:{known.port}")
    console.print(f"  自助机  http://127.0.0.1:{known.kiosk_port}")
    console.print(f"  记录    {known.root / 'logs'}\n")
    console.print("[bold]演示人物[/]")
    for one in CAST:
        card = f"  社保卡 {one.card_no}  卡密码 {one.pin}" if one.card_no else ""
        console.print(f"  {one.role}  [bold]{one.name}[/]", highlight=False, soft_wrap=True)
        console.print(f"      登录 {one.login}  密码 {one.password}{card}", highlight=False, soft_wrap=True)
    console.print("\n按 Ctrl-C 停止。\n")
