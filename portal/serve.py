"""Serve: the portal as a program."""

from __future__ import annotations

import threading

import uvicorn

from backend import connect
from backend.kernel.settings import settings
from portal.app import create
from portal.index import opened
from portal.pages import public

WARM_AFTER_S = 1.0  # when the doors are open


def main() -> None:
    known = settings()
    run = connect.runner()
    app = create(run, opened())
    warming = threading.Timer(WARM_AFTER_S, public.warm, (app, run))
    warming.daemon = True
    warming.start()
    uvicorn.run(
        app, host="127.0.0.1", port=known.port, log_level="warning", access_log=False, server_header=False
    )


if __name__ == "__main__":
    main()
