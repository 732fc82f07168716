"""Fixtures: a retiree's card, and a kiosk that holds cash."""

import pytest

from backend.kernel.db import Runner
from backend.payout import service as payout
from tests.backend.payout.city import a_retiree, fund
from tests.backend.payout.terminal import Card, Terminal


@pytest.fixture
def card(run: Runner) -> Card:
    return a_retiree(run)


@pytest.fixture
def kiosk(run: Runner) -> Terminal:
    terminal = Terminal(run)
    fund(run)
    run.system(payout.load, terminal.id, 10_000_000, "first")
    return terminal
