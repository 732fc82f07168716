"""The raw line reads what our servers write: one answer after the other on one connection, and its end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from loadtests.bench.steady import steady
from loadtests.line import HungUp, Line, cookie


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(503 if self.path == "/broken" else 200, self.path.encode() * 5_000)

    def do_POST(self) -> None:
        self._answer(200, self.rfile.read(int(self.headers["content-length"])))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Set-Cookie", "session=abc; Path=/")
        self.send_header("X-Auth", self.headers.get("Authorization", ""))
        if self.path == "/last":
            self.send_header("Connection", "close")
            self.close_connection = True
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_answers_of_any_length_come_whole_one_after_the_other(port: int) -> None:
    with Line(port, headers={"Authorization": "Device a:b"}) as line:
        for path in ("/a", "/long" * 20, "/last", "/a"):
            reply = line.get(path)
            assert (reply.status, reply.body) == (200, path.encode() * 5_000)
        assert b"X-Auth: Device a:b" in reply.head
        assert line.post("/x", {"字": 1}).json() == {"字": 1}
        assert line.form("/x", name="张").body == b"name=%E5%BC%A0"
        assert cookie(reply, "session") == "abc"
        with pytest.raises(KeyError):
            cookie(reply, "other")


def test_a_server_that_hangs_up_is_heard() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:

        def half() -> None:
            caller, _ = door.accept()
            with caller:
                caller.recv(1000)
                caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")

        thread = threading.Thread(target=half)
        thread.start()
        with Line(door.getsockname()[1]) as line, pytest.raises(HungUp):
            line.get("/")
        thread.join()


def test_a_steady_rate_counts_from_when_each_was_due_and_tells_what_was_wrong(port: int) -> None:
    seen = steady(time.monotonic() + 0.1, port, ["/a", "/broken"], rate=100, seconds=0.3, lines=2)
    assert 25 <= len(seen.ms) <= 31
    assert all(ms >= 0 for ms in seen.ms)
    assert 15 <= len(seen.wrong) <= 21
    assert set(seen.wrong) == {"/broken: 503"}
