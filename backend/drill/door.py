"""Door: the office's front door, a relay of its own process that can hold one request on its way in or out.

`python -m backend.drill.door ADDRESS PORT TO-PORT CERTIFICATE KEY`: TLS outside, plain to the portal. On standard input
`hold CODE before|after`, `go`, `drop`; on standard output `at` when the request is there. Before: nobody has seen it.
After: it is answered, and the answer has not left.
"""

from __future__ import annotations

import socket
import ssl
import sys
import threading
from contextlib import suppress

HEAD_END = b"\r\n\r\n"
LONGEST_WAIT_S = 30.0


class Hung(Exception):
    """The other side closed the line."""


class Door:
    def __init__(self, portal: int, papers: ssl.SSLContext) -> None:
        self._portal, self._papers = portal, papers
        self._held = ("", "")  # code, before or after
        self._word = ""
        self._spoken = threading.Condition()

    def told(self, line: str) -> None:
        """What the drill wants."""
        with self._spoken:
            if line.startswith("hold"):
                _, code, when = line.split()
                self._held, self._word = (code, when), ""
            else:
                self._held, self._word = ("", ""), line
                self._spoken.notify_all()

    def pass_by(self, code: str, when: str) -> None:
        """One request comes past; one that is held waits for a word, and may be dropped."""
        with self._spoken:
            if (code, when) != self._held:
                return
            self._held, self._word = ("", ""), ""
            _say("at")
            self._spoken.wait_for(lambda: bool(self._word), LONGEST_WAIT_S)
            if self._word == "drop":
                raise Hung

    def serve(self, line: socket.socket) -> None:
        """One line from a kiosk, until either side ends it."""
        with (
            line,
            suppress(Hung, OSError),
            self._papers.wrap_socket(line, server_side=True) as kiosk,
            socket.create_connection(("127.0.0.1", self._portal)) as portal,
        ):
            while True:
                request = _message(kiosk)
                code = request.split(b" ", 2)[1].rpartition(b"/")[2].decode()
                self.pass_by(code, "before")
                portal.sendall(request)
                answer = _message(portal)
                self.pass_by(code, "after")
                kiosk.sendall(answer)


def _message(line: socket.socket) -> bytes:
    """One whole request or answer; ours all say how long they are."""
    data = b""
    while HEAD_END not in data:
        data += _part(line)
    head, _, body = data.partition(HEAD_END)
    lengths = [
        int(field[15:]) for field in head.lower().split(b"\r\n") if field.startswith(b"content-length:")
    ]
    while len(body) < sum(lengths):
        body += _part(line)
    return head + HEAD_END + body


def _part(line: socket.socket) -> bytes:
    part = line.recv(65536)
    if not part:
        raise Hung
    return part


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(address: str, port: str, portal: str, certificate: str, key: str) -> None:
    papers = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    papers.load_cert_chain(certificate, key)
    door = Door(int(portal), papers)
    with socket.create_server((address, int(port))) as listening:
        threading.Thread(target=_listen, args=(listening, door), daemon=True).start()
        _say("ready")
        for line in sys.stdin:
            door.told(line.strip())


def _listen(listening: socket.socket, door: Door) -> None:
    while True:
        kiosk, _ = listening.accept()
        threading.Thread(target=door.serve, args=(kiosk,), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
