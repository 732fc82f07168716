"""Serve: the portal as a program — several processes behind one door, for Python works on one processor at a time."""

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
WARM_AFTER_S = 1.0  # when the doors are open

SERVED: dict[str, Any] = {
    "log_config": None,  # its tracebacks go through our log, which masks whom they speak of
    "log_level": "warning",
    "access_log": False,
    "server_header": False,
}


def _settle(app: FastAPI, run: Runner) -> None:
    """Warm what a first visitor would wait for, then leave it out of every later sweep of the garbage collector:
    going through all of it again and again stopped everybody for a tenth of a second."""
    public.warm(app, run)
    gc.collect()
    gc.freeze()


def _serve(door: socket.socket, run: Runner) -> None:
    app = create(run, opened())
    warming = threading.Timer(WARM_AFTER_S, _settle, (app, run))
    warming.daemon = True
    warming.start()
    uvicorn.Server(uvicorn.Config(app, **SERVED)).run(sockets=[door])


def _clerk(door: socket.socket, run: Runner, alive: int) -> NoReturn:
    """One process of several. It ends with the first, however that ends: `alive` can be read from then on."""

    def mourn() -> None:
        os.read(alive, 1)
        os._exit(1)

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=mourn, daemon=True).start()
    _serve(door, run)
    sys.stdout.flush()
    os._exit(0)


def _together(door: socket.socket, run: Runner, processes: int) -> bool:
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
            _clerk(door, run, alive)
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
    with socket.create_server((HOST, known.port), backlog=WAITING) as door:
        sys.exit(not _together(door, run, known.processes))


if __name__ == "__main__":
    main()
