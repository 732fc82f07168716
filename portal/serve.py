"""Serve: the portal as a program."""

from __future__ import annotations

import gc
import threading
from typing import Any

import uvicorn
from fastapi import FastAPI

from backend import connect
from backend.kernel.db import Runner
from backend.kernel.settings import settings
from portal.app import create
from portal.index import opened
from portal.pages import public

WARM_AFTER_S = 1.0  # when the doors are open

SERVED: dict[str, Any] = {
    "host": "127.0.0.1",
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


def main() -> None:
    known = settings()
    run = connect.runner()
    app = create(run, opened())
    warming = threading.Timer(WARM_AFTER_S, _settle, (app, run))
    warming.daemon = True
    warming.start()
    uvicorn.run(app, port=known.port, **SERVED)


if __name__ == "__main__":
    main()
