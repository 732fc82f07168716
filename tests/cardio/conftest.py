"""Fixtures: a card in memory; one real card service for the whole run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cardio import sandbox
from cardio.sim import SimCard
from tests.cardio.people import LI


@pytest.fixture
def card() -> SimCard:
    return SimCard(LI)


@pytest.fixture(scope="session")
def service() -> Iterator[sandbox.Sandbox]:
    if why := sandbox.missing():
        pytest.skip(why)
    with sandbox.pcsc_sandbox() as running:
        yield running
