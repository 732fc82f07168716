"""Line: one kept-open HTTP/1.1 connection with next to no work in it, so that what is measured is the server."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

CHUNK = 65_536


class Reply(NamedTuple):
    """What came back: the status, the raw head, the body."""

    status: int
    head: bytes
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class HungUp(ConnectionError):
    """The server closed the line in the middle of an answer."""


class Line:
    """A connection to a server of this machine. It speaks only what our servers answer: Content-Length bodies."""

    def __init__(self, port: int, timeout_s: float = 30.0, headers: Mapping[str, str] | None = None) -> None:
        self._address = ("127.0.0.1", port)
        self._timeout_s = timeout_s
        known = {"Host": f"127.0.0.1:{port}"} | dict(headers or {})
        self._head = "".join(f"{name}: {value}\r\n" for name, value in known.items())
        self._socket: socket.socket | None = None
        self._left = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def get(self, path: str, **query: str) -> Reply:
        asked = f"{path}?{urlencode(query)}" if query else path
        return self._exchange(f"GET {asked} HTTP/1.1\r\n{self._head}\r\n".encode())

    def post(self, path: str, body: Any, **headers: str) -> Reply:
        content = json.dumps(body, ensure_ascii=False).encode()
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = (
            f"POST {path} HTTP/1.1\r\n{self._head}{more}Content-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        return self._exchange(head.encode() + content)

    def form(self, path: str, **fields: str) -> Reply:
        content = urlencode(fields).encode()
        head = (
            f"POST {path} HTTP/1.1\r\n{self._head}Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        return self._exchange(head.encode() + content)

    def _exchange(self, request: bytes) -> Reply:
        line = self._socket
        if line is None:
            line = self._socket = socket.create_connection(self._address, self._timeout_s)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._left = b""
        try:
            line.sendall(request)
            return self._reply(line)
        except BaseException:
            self.close()
            raise

    def _reply(self, line: socket.socket) -> Reply:
        found = self._left
        while (at := found.find(b"\r\n\r\n")) < 0:
            found = _more(line, found)
        head, end = found[:at], at + 4 + _length(found[:at])
        while len(found) < end:
            found = _more(line, found)
        self._left = found[end:]
        if b"\r\nconnection: close" in head.lower():
            self.close()
        return Reply(int(head[9:12]), head, found[at + 4 : end])


def _more(line: socket.socket, found: bytes) -> bytes:
    part = line.recv(CHUNK)
    if not part:
        raise HungUp
    return found + part


def _length(head: bytes) -> int:
    """How long the body is; none is said where there is none."""
    lower = head.lower()
    at = lower.find(b"\r\ncontent-length:")
    if at < 0:
        return 0
    return int(lower[at + 17 :].split(b"\r\n", 1)[0])


def cookie(reply: Reply, name: str) -> str:
    """A cookie that an answer sets."""
    for field in reply.head.decode("latin-1").split("\r\n"):
        if field.lower().startswith(f"set-cookie: {name}="):
            return field.split("=", 1)[1].split(";", 1)[0]
    raise KeyError(name)
