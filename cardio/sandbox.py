"""A card service of one's own for tests and drills: pcscd and its virtual reader in namespaces.

The driver vpcd listens on every address, so it gets a network namespace to itself. pcscd's own socket is a
file, and files are not bound to a network: clients outside reach it by PCSCLITE_CSOCK_NAME and keep their
network, so a kiosk can talk to the card service and to the portal. Cards dial in through `dial` (an open
line, made inside and handed out) or as programs started by `inside`. Works as root and, where user namespaces
are allowed, as anybody.
"""

# ruff: noqa: S101, S603, S607 - for tests and drills only, started with words of their own

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Thread

DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
PORT = 35963  # of the first slot; the next has the next
READERS = ("Virtual PCD 00 00", "Virtual PCD 00 01")
ADDRESS = "PCSCLITE_CSOCK_NAME"
PATIENCE_S = 10.0


@cache
def missing() -> str | None:
    """Why real PC/SC tests cannot run here, and what to install."""
    packages = [
        package
        for package, there in (
            ("pcscd", _pcscd() is not None),
            ("vsmartcard-vpcd", DRIVER.exists()),
            ("util-linux", shutil.which("unshare") and shutil.which("nsenter")),
            ("iproute2", _ip() is not None),
            ("libpcsclite-dev gcc", importlib.util.find_spec("smartcard")),
        )
        if not there
    ]
    if packages:
        return f"缺少 Debian 软件包：{' '.join(packages)}"
    tried = subprocess.run([*_unshare(), "true"], capture_output=True, check=False)
    return None if tried.returncode == 0 else "这里不许建立命名空间（unshare -m -n）"


def _pcscd() -> str | None:
    return shutil.which("pcscd", path="/usr/sbin:/usr/bin:/sbin:/bin")


def _ip() -> str | None:
    return shutil.which("ip", path="/usr/sbin:/usr/bin:/sbin:/bin")


def _unshare() -> list[str]:
    as_root = [] if os.geteuid() == 0 else ["-U", "-r"]
    return ["unshare", *as_root, "-m", "-n"]


class Sandbox:
    """One running card service with two virtual readers, or with those it is given."""

    def __init__(self, home: Path, readers: Mapping[int, str] | None = None) -> None:
        self.home = home
        if readers is not None:
            self._wire(readers)
        self.socket = home / "run" / "pcscd.comm"
        self.env = {ADDRESS: str(self.socket)}  # what a client outside needs
        (home / "run").mkdir()
        self._log = (home / "log").open("wb")
        self._init = subprocess.Popen(
            [*_unshare(), sys.executable, str(Path(__file__)), str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        self._expect("ready")

    def _expect(self, word: str) -> None:
        assert self._init.stdout
        said = self._init.stdout.readline().decode().strip()
        if said != word:
            raise RuntimeError(f"the card service did not start: {said} {(self.home / 'log').read_text()}")

    def _tell(self, word: str, answer: str) -> None:
        assert self._init.stdin
        self._init.stdin.write(f"{word}\n".encode())
        self._init.stdin.flush()
        self._expect(answer)

    def dial(self, reader: int = 0) -> socket.socket:
        """A line to a reader, for a card served in this process."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            with socket.socket(socket.AF_UNIX) as door:
                door.connect(str(self.home / "door"))
                door.sendall(bytes([reader]))
                said, lines, _, _ = socket.recv_fds(door, 1, 1)
            if lines:
                return socket.socket(fileno=lines[0])
            if time.monotonic() > deadline:
                raise RuntimeError(f"reader {reader} does not listen {said!r}")
            time.sleep(0.02)

    def inside(self, argv: Sequence[str]) -> list[str]:
        """The command that runs `argv` beside the driver: for a card that is a program of its own."""
        as_root = [] if os.geteuid() == 0 else ["-U", "--preserve-credentials"]
        return ["nsenter", "-t", str(self._init.pid), *as_root, "-n", "--", *argv]

    def stop_service(self) -> None:
        """pcscd dies, at once."""
        self._tell("kill", "killed")

    def start_service(self) -> None:
        self._tell("start", "ready")

    def plug(self, readers: Mapping[int, str]) -> None:
        """From here on there are these readers: number → model. The service begins anew, as with a USB hub.

        The n-th has two slots, 2n and 2n+1 for `dial`; models of the same name are numbered in the order the
        service finds them, so the same reader may come back under another number.
        """
        self.stop_service()
        self._wire(readers)
        self.start_service()

    def _wire(self, readers: Mapping[int, str]) -> None:
        """A copy of the driver for each: it keeps its slots in static memory and would cross their wires."""
        folder = self.home / "readers"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for place, (n, model) in enumerate(readers.items()):
            driver, port = self.home / f"driver{n}.so", PORT + 2 * n
            shutil.copy(DRIVER, driver)
            told = {
                "FRIENDLYNAME": f'"{model}"',
                "DEVICENAME": f"/dev/null:{port}",
                "LIBPATH": driver,
                "CHANNELID": port,
            }
            text = "".join(f"{name} {value}\n" for name, value in told.items())
            (folder / f"{place:02d}").write_text(text, "utf-8")

    def close(self) -> None:
        assert self._init.stdin
        assert self._init.stdout
        self._init.stdin.close()  # the init in there takes everything down with it
        self._init.wait(PATIENCE_S)
        self._init.stdout.close()
        self._log.close()


@contextmanager
def pcsc_sandbox(readers: Mapping[int, str] | None = None) -> Iterator[Sandbox]:
    """A card service for as long as the block lasts, with the driver's own two readers or with these.

    A process may be a client of one only, since the client library remembers the first address it sees.
    In this process PCSCLITE_CSOCK_NAME is set; give `sandbox.env` to other clients.
    """
    with tempfile.TemporaryDirectory(prefix="pcscd-") as home:
        sandbox = Sandbox(Path(home), readers)
        before = os.environ.get(ADDRESS)
        os.environ.update(sandbox.env)
        try:
            yield sandbox
        finally:
            sandbox.close()
            if before is None:
                os.environ.pop(ADDRESS, None)
            else:
                os.environ[ADDRESS] = before


# ---- inside the namespaces: this file run as a program ----


class _Service:
    """pcscd, started and killed on command."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None
        for command in (
            [_ip() or "ip", "link", "set", "lo", "up"],
            ["mount", "-t", "tmpfs", "tmpfs", "/run"],
        ):
            subprocess.run(command, check=True)
        Path("/run/pcscd").mkdir()
        subprocess.run(["mount", "--bind", str(home / "run"), "/run/pcscd"], check=True)

    def start(self) -> None:
        pcscd = _pcscd()
        assert pcscd
        flags = subprocess.run([pcscd, "--help"], capture_output=True, text=True, check=False).stdout
        polkit = ["--disable-polkit"] if "disable-polkit" in flags else []
        readers = self._home / "readers"
        wired = ["--config", str(readers)] if readers.exists() else []
        with (self._home / "pcscd.log").open("ab") as log:
            self._process = subprocess.Popen(
                [pcscd, "--foreground", *polkit, *wired], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + PATIENCE_S
        while not (self._home / "run" / "pcscd.comm").exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self._home / "pcscd.log").read_text())
            time.sleep(0.01)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        for left in (self._home / "run").iterdir():
            left.unlink()


def _hand_out_lines(door: socket.socket) -> None:
    """Whoever knocks gets an open line to the reader asked for; none while it does not listen."""
    while True:
        caller, _ = door.accept()
        with caller:
            reader = caller.recv(1)
            if not reader:
                continue
            try:
                line = socket.create_connection(("127.0.0.1", PORT + reader[0]), timeout=1)
            except OSError:
                caller.sendall(b"-")
                continue
            with line:
                line.setblocking(True)
                socket.send_fds(caller, [b"+"], [line.fileno()])


def _init(home: Path) -> None:
    """Start, do as told on standard input, and end everything when it closes."""
    service = _Service(home)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(home / "door"))
        door.listen()
        service.start()
        Thread(target=_hand_out_lines, args=(door,), daemon=True).start()
        print("ready", flush=True)  # noqa: T201 - to whoever started us
        for word in sys.stdin:
            if word.strip() == "kill":
                service.kill()
                print("killed", flush=True)  # noqa: T201
            else:
                service.start()
                print("ready", flush=True)  # noqa: T201
        service.kill()


if __name__ == "__main__":
    _init(Path(sys.argv[1]))
