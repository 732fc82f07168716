"""Fixtures: one city for all that is asked here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Fresh
from tests.fuzz.world import TIMES, World, open_world


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker asks all of it every day, so that there is one city and one order."""
    for item in items:
        if item.path.parent == Path(__file__).parent and TIMES == 1:
            item.add_marker(pytest.mark.xdist_group("fuzz"))


@pytest.fixture(scope="session")
def world(fresh: Fresh, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(fresh(), tmp_path_factory.mktemp("city")) as city:
        yield city
