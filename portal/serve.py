"""Serve: the portal as a program."""

from __future__ import annotations

import uvicorn

from backend import connect
from backend.kernel.settings import settings
from portal.app import create
from portal.index import opened


def main() -> None:
    known = settings()
    app = create(connect.runner(), opened())
    uvicorn.run(
        app, host="127.0.0.1", port=known.port, log_level="warning", access_log=False, server_header=False
    )


if __name__ == "__main__":
    main()
