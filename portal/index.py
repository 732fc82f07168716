"""The index of vacancies: where it lies and with which table of occupations it is opened, for every program."""

from __future__ import annotations

from backend.kernel.settings import settings
from portal.occupations import table
from search.engine import open_index
from search.port import Index


def opened(*, write: bool = False) -> Index:
    """Under the home folder, or on the server that the settings name."""
    known = settings()
    home = known.root / "index"
    home.mkdir(exist_ok=True)
    url = str(known.meili_url) if known.meili_url else None
    return open_index(home, table(), meili_url=url, meili_key=known.meili_key, write=write)
