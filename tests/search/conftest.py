"""The two engines, the one on a server only where RENSHE_MEILI_URL answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

import pytest
from meilisearch_python_sdk import Client

from search.embedded import EmbeddedIndex
from search.meili import MeiliIndex
from search.port import Index
from search.thesaurus import Thesaurus
from tests.search.corpus import VACANCIES, thesaurus

ENGINES = ("embedded", "meilisearch")
Opener = Callable[..., Index]


def meili_url() -> str:
    """Where the server is; the test is skipped where there is none."""
    url = os.environ.get("RENSHE_MEILI_URL", "")
    try:
        urlopen(f"{url}/health", timeout=2).close()
    except (ValueError, URLError):
        pytest.skip("RENSHE_MEILI_URL names no Meilisearch server that answers")
    return url


def remove(url: str, uid: str) -> None:
    with Client(url) as client:
        client.index(uid).delete_if_exists()


@pytest.fixture(scope="module", params=ENGINES)
def open_index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    """Opens indexes of one engine; the same name opens the same index again."""
    with ExitStack() as stack:
        if request.param == "embedded":
            home: Path = tmp_path_factory.mktemp("index")

            def opened(name: str, words: Thesaurus | None = None, *, write: bool = True) -> Index:
                return stack.enter_context(EmbeddedIndex(home / name, words or thesaurus(), write=write))
        else:
            url, run = meili_url(), uuid4().hex[:8]

            def opened(name: str, words: Thesaurus | None = None, *, write: bool = True) -> Index:
                index = MeiliIndex(url, words or thesaurus(), name=f"test_{run}_{name}", write=write)
                stack.callback(remove, url, index.uid)
                return stack.enter_context(index)

        yield opened


@pytest.fixture(scope="module")
def board(open_index: Opener) -> Index:
    """The vacancies written by hand."""
    index = open_index("board")
    assert index.rebuild(VACANCIES) == len(VACANCIES)
    return index
