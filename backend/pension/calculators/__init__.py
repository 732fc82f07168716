"""Public calculators of basic pension; the award itself uses the same functions."""

from backend.pension.calculators.benefit import Addition, AskPension, PensionEstimate, pension
from backend.pension.calculators.divisor import AskDivisorMonths, DivisorMonths, divisor_months
from backend.pension.calculators.retirement import (
    AskMinimumContribution,
    AskRetirementAge,
    MinimumContribution,
    RetirementAge,
    minimum_contribution,
    retirement_age,
)

__all__ = [
    "Addition",
    "AskDivisorMonths",
    "AskMinimumContribution",
    "AskPension",
    "AskRetirementAge",
    "DivisorMonths",
    "MinimumContribution",
    "PensionEstimate",
    "RetirementAge",
    "divisor_months",
    "minimum_contribution",
    "pension",
    "retirement_age",
]
