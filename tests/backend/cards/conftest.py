"""Fixtures: a town, and the factory that makes its cards."""

from pathlib import Path

import pytest

from backend.kernel.db import Runner
from tests.backend.cards.factory import Factory
from tests.backend.cards.town import Town


@pytest.fixture
def town(run: Runner) -> Town:
    return Town(run)


@pytest.fixture
def factory(town: Town, tmp_path: Path) -> Factory:
    return Factory(town, tmp_path)
