"""Fixtures: a retiree's card in a kiosk that holds cash."""

from tests.backend.payout.conftest import card, kiosk

__all__ = ["card", "kiosk"]
