"""Serve: the portal as a program — several processes behind one door, for Python works on one processor at a time.

All that is the same for everybody is loaded once, before there are several; what each must have of its own (a drawing
engine, whose threads bear no fork) it begins with as the door opens. So nobody waits for what somebody asks for first.

The first process stands at the door and hands whoever comes to the clerks in turn. Where the clerks took them in
themselves, the first to wake took all that waited: a hall of kiosks came to one of them, and the other had nothing to do.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import signal
import socket
import sys
import threading
import time
from typing import Any, NoReturn

import uvicorn
from fastapi import FastAPI

from backend import connect
from backend.kernel.db import Runner
from backend.kernel.settings import settings
from portal.app import create
from portal.index import opened
from portal.pages import public

HOST = "127.0.0.1"
WAITING = 2048  # at the door
BREATH_S = 0.05  # where nobody can be let in just now

SERVED: dict[str, Any] = {
    "log_config": None,  # its tracebacks go through our log, which masks whom they speak of
    "log_level": "warning",
    "access_log": False,
    "server_header": False,
}


class Clerk(uvicorn.Server):
    """Serves the connections that come through its hatch."""

    def __init__(self, config: uvicorn.Config, hatch: socket.socket) -> None:
        super().__init__(config)
        self._hatch = hatch
        self._coming: set[asyncio.Task[Any]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets or [])
        asyncio.get_running_loop().add_reader(self._hatch, self._take)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().remove_reader(self._hatch)
        await super().shutdown(sockets)

    def _take(self) -> None:
        loop = asyncio.get_running_loop()
        word, handed, _, _ = socket.recv_fds(self._hatch, 1, 1)
        if not word:  # nobody stands at the door any more
            loop.remove_reader(self._hatch)
        if not handed:  # or there are too many for this process's limit, and who came has gone
            return
        visitor = socket.socket(fileno=handed[0])
        visitor.setblocking(False)
        coming = loop.create_task(loop.connect_accepted_socket(self._protocol, visitor))
        self._coming.add(coming)
        coming.add_done_callback(self._coming.discard)

    def _protocol(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made


def _serve(hatch: socket.socket, app: FastAPI, run: Runner) -> None:
    """What is loaded is left out of every later sweep of the garbage collector: going through all of it again and again
    stopped everybody for a tenth of a second."""
    gc.freeze()
    gc.enable()
    threading.Thread(target=public.warm, args=(app, run), daemon=True).start()
    Clerk(uvicorn.Config(app, **SERVED), hatch).run()


def _clerk(hatch: socket.socket, app: FastAPI, run: Runner, alive: int) -> NoReturn:
    """One process of several. It ends with the first, however that ends: `alive` can be read from then on."""

    def mourn() -> None:
        os.read(alive, 1)
        os._exit(1)

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=mourn, daemon=True).start()
    _serve(hatch, app, run)
    sys.stdout.flush()
    os._exit(0)


def _together(door: socket.socket, app: FastAPI, run: Runner, processes: int) -> bool:
    """Fork the clerks, with everything loaded once, and wait until they have ended; whether they were told to.

    Where one falls all end: whoever started us starts anew.
    """
    alive, held = os.pipe()
    clerks: set[int] = set()
    hatches: list[socket.socket] = []
    told = threading.Event()

    def stop(*_: object) -> None:
        told.set()
        _close(door)
        _tell(clerks)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    for _ in range(processes):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        clerk = os.fork()
        if not clerk:
            os.close(held)
            for one in (door, ours, *hatches):
                one.close()
            _clerk(theirs, app, run, alive)
        theirs.close()
        clerks.add(clerk)
        hatches.append(ours)
    if told.is_set():  # while the last was not yet among them
        _tell(clerks)
    threading.Thread(target=_hand_out, args=(door, hatches, told), daemon=True).start()
    while clerks:
        clerks.discard(os.wait()[0])
        _tell(clerks)
    return told.is_set()


def _hand_out(door: socket.socket, hatches: list[socket.socket], told: threading.Event) -> None:
    """Whoever comes, to the next clerk in turn, until all were told to stop."""
    for hatch in itertools.cycle(hatches):
        try:
            visitor, _ = door.accept()
            with visitor:
                visitor.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                socket.send_fds(hatch, [b"."], [visitor.fileno()])
        except OSError:  # who came has gone again, or there are too many for this machine's limit
            if told.is_set():
                return
            time.sleep(BREATH_S)


def _close(door: socket.socket) -> None:
    """Nobody comes in any more, and whoever stands there goes home."""
    try:
        door.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it was closed before


def _tell(clerks: set[int]) -> None:
    for clerk in clerks:
        os.kill(clerk, signal.SIGTERM)


def main() -> None:
    known = settings()
    run = connect.runner()
    app = create(run, opened())
    public.load()
    with socket.create_server((HOST, known.port), backlog=WAITING) as door:
        sys.exit(not _together(door, app, run, known.processes))
