"""Fixtures: the gallery as a client sees it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.portal import gallery


@pytest.fixture(scope="session")
def shown() -> Iterator[TestClient]:
    with TestClient(gallery.create(), raise_server_exceptions=False) as client:
        yield client
