"""Serve: the portal as a program."""

from __future__ import annotations

import uvicorn

from backend import connect
from backend.kernel.settings import settings
from portal.app import create
from portal.occupations import table
from search.engine import open_index


def main() -> None:
    known = settings()
    home = known.root / "index"
    home.mkdir(exist_ok=True)
    index = open_index(
        home, table(), meili_url=str(known.meili_url) if known.meili_url else None, meili_key=known.meili_key
    )
    app = create(connect.runner(), index)
    uvicorn.run(
        app, host="127.0.0.1", port=known.port, log_level="warning", access_log=False, server_header=False
    )


if __name__ == "__main__":
    main()
