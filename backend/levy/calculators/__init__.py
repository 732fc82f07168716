"""Public calculators of levy: what is owed for a month, what comes on top when it is late or not declared."""

from backend.levy.calculators.contribution import AskContribution, Contribution, contribution
from backend.levy.calculators.flexible import AskFlexible, FlexibleContribution, flexible_contribution
from backend.levy.calculators.overdue import (
    AskLateFee,
    AskUndeclared,
    LateFee,
    Undeclared,
    late_fee,
    undeclared,
)

__all__ = [
    "AskContribution",
    "AskFlexible",
    "AskLateFee",
    "AskUndeclared",
    "Contribution",
    "FlexibleContribution",
    "LateFee",
    "Undeclared",
    "contribution",
    "flexible_contribution",
    "late_fee",
    "undeclared",
]
