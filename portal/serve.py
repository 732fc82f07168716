"""Serve: the portal as a program."""

from __future__ import annotations

from typing import Any

import uvicorn

from backend import connect
from backend.kernel.settings import settings
from portal.app import create
from portal.occupations import table
from search.engine import open_index

SERVED: dict[str, Any] = {
    "host": "127.0.0.1",
    "log_config": None,  # its tracebacks go through our log, which masks whom they speak of
    "log_level": "warning",
    "access_log": False,
    "server_header": False,
}


def main() -> None:
    known = settings()
    home = known.root / "index"
    home.mkdir(exist_ok=True)
    index = open_index(
        home, table(), meili_url=str(known.meili_url) if known.meili_url else None, meili_key=known.meili_key
    )
    app = create(connect.runner(), index)
    uvicorn.run(app, port=known.port, **SERVED)


if __name__ == "__main__":
    main()
