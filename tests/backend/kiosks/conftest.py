"""Fixtures: a kiosk with its books, two operators, and a retiree's card."""

from __future__ import annotations

import pytest

from backend.kernel.db import Runner
from tests.backend.kiosks.hall import Hall
from tests.backend.payout.city import a_retiree, fund
from tests.backend.payout.terminal import Card


@pytest.fixture
def hall(run: Runner) -> Hall:
    fund(run)
    return Hall(run)


@pytest.fixture
def card(run: Runner) -> Card:
    return a_retiree(run)
