"""Fixtures: a card in memory; one real card service for the whole run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from cardio.sim import SimCard
from tests import pcscd
from tests.cardio.people import LI

settings.register_profile("unhurried", deadline=None)  # the machine is shared
settings.load_profile("unhurried")


@pytest.fixture
def card() -> SimCard:
    return SimCard(LI)


@pytest.fixture(scope="session")
def service() -> Iterator[pcscd.Sandbox]:
    if why := pcscd.missing():
        pytest.skip(why)
    with pcscd.pcsc_sandbox() as sandbox:
        yield sandbox
