"""Serve: the portal as a program — several processes behind one door, for Python works on one processor at a time.

All that is the same for everybody is loaded once, before there are several; what each must have of its own (a drawing
engine, whose threads bear no fork) it begins with as the door opens. So nobody waits for what somebody asks for first.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading
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

SERVED: dict[str, Any] = {
    "log_config": None,  # its tracebacks go through our log, which masks whom they speak of
    "log_level": "warning",
    "access_log": False,
    "server_header": False,
}


def _serve(door: socket.socket, app: FastAPI, run: Runner) -> None:
    """What is loaded is left out of every later sweep of the garbage collector: going through all of it again and again
    stopped everybody for a tenth of a second."""
    gc.freeze()
    gc.enable()
    threading.Thread(target=public.warm, args=(app, run), daemon=True).start()
    uvicorn.Server(uvicorn.Config(app, **SERVED)).run(sockets=[door])


def _clerk(door: socket.socket, app: FastAPI, run: Runner, alive: int) -> NoReturn:
    """One process of several. It ends with the first, however that ends: `alive` can be read from then on."""

    def mourn() -> None:
        os.read(alive, 1)
        os._exit(1)

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=mourn, daemon=True).start()
    _serve(door, app, run)
    sys.stdout.flush()
    os._exit(0)


def _together(door: socket.socket, app: FastAPI, run: Runner, processes: int) -> bool:
    """Fork the clerks, with everything loaded once, and wait until they have ended; whether they were told to.

    Where one falls all end: whoever started us starts anew.
    """
    alive, held = os.pipe()
    clerks: set[int] = set()
    told = threading.Event()

    def stop(*_: object) -> None:
        told.set()
        _tell(clerks)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    for _ in range(processes):
        clerk = os.fork()
        if not clerk:
            os.close(held)
            _clerk(door, app, run, alive)
        clerks.add(clerk)
    if told.is_set():  # while the last was not yet among them
        _tell(clerks)
    while clerks:
        clerks.discard(os.wait()[0])
        _tell(clerks)
    return told.is_set()


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
