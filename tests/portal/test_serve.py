"""Several processes behind one door: they begin together, and none is left when one of them ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from portal.serve import SERVED, Clerk

PATIENCE_S = 60


def until(seen: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def clerks(portal: subprocess.Popen[bytes]) -> list[int]:
    children = Path(f"/proc/{portal.pid}/task/{portal.pid}/children")
    if not children.exists():
        pytest.skip("这个系统不说一个进程有哪些子进程")
    return [int(one) for one in children.read_text().split()]


def closed(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def served(fresh: object, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A portal of three processes, its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    env = os.environ | {
        "RENSHE_HOME": str(tmp_path),
        "RENSHE_DATABASE_URL": fresh(),  # type: ignore[operator]
        "RENSHE_PORT": str(port),
        "RENSHE_PROCESSES": "3",
    }
    portal = subprocess.Popen([sys.executable, "-m", "portal"], env=env)
    until(lambda: answers(port))
    yield portal, port
    portal.kill()
    portal.wait()


def test_told_to_stop_all_end_well(served: tuple[subprocess.Popen[bytes], int]) -> None:
    portal, port = served
    assert len(clerks(portal)) == 3
    portal.send_signal(signal.SIGTERM)
    assert portal.wait(PATIENCE_S) == 0
    until(lambda: closed(port))


def test_where_one_falls_all_end_and_whoever_started_them_is_told(
    served: tuple[subprocess.Popen[bytes], int],
) -> None:
    portal, port = served
    os.kill(clerks(portal)[0], signal.SIGKILL)
    assert portal.wait(PATIENCE_S) == 1
    until(lambda: closed(port))


def test_where_the_first_is_killed_nobody_goes_on(served: tuple[subprocess.Popen[bytes], int]) -> None:
    portal, port = served
    portal.kill()
    portal.wait()
    until(lambda: closed(port))


def test_whoever_comes_goes_to_the_clerks_in_turn(served: tuple[subprocess.Popen[bytes], int]) -> None:
    portal, port = served
    until(lambda: not any(visitors(clerk, port) for clerk in clerks(portal)))
    came = [httpx.Client(trust_env=False) for _ in range(12)]
    for one in came:
        assert one.get(f"http://127.0.0.1:{port}/health").status_code == 200
    assert [visitors(clerk, port) for clerk in clerks(portal)] == [4, 4, 4]
    for one in came:
        one.close()


def visitors(process: int, port: int) -> int:
    """The connections to a port that a process holds."""
    held = {str(one.readlink()) for one in Path(f"/proc/{process}/fd").iterdir()}
    lines = [line.split() for line in Path(f"/proc/{process}/net/tcp").read_text().splitlines()[1:]]
    return sum(line[1].endswith(f":{port:04X}") and f"socket:[{line[9]}]" in held for line in lines)


def test_a_clerk_who_had_no_hand_free_for_one_visitor_takes_the_next() -> None:
    async def app(scope: dict[str, object], receive: object, send: Callable[..., object]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[misc]
        await send({"type": "http.response.body", "body": b"well"})  # type: ignore[misc]

    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    clerk = Clerk(uvicorn.Config(app, lifespan="off", **SERVED), theirs)  # type: ignore[arg-type]
    working = threading.Thread(target=clerk.run)
    working.start()
    with socket.create_server(("127.0.0.1", 0)) as door:
        visitor = socket.create_connection(door.getsockname())
        came, _ = door.accept()
    ours.send(b".")  # what is left of one whose connection went over the limit
    socket.send_fds(ours, [b"."], [came.fileno()])
    came.close()
    with visitor:
        visitor.settimeout(PATIENCE_S)
        visitor.sendall(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        assert visitor.recv(1000).startswith(b"HTTP/1.1 200")
    clerk.should_exit = True
    working.join(PATIENCE_S)
    assert not working.is_alive()
    for one in (ours, theirs):
        one.close()
