"""What the pension fund pays its pensioners month by month, and what goes with it."""

from __future__ import annotations

FUND, ITEM = "pension", "基本养老金"
SUPPLEMENT = "养老金补差"  # what an award that was replaced had been too low by, of months that were posted
