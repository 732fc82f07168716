"""Public calculators of basic pension; the award itself uses the same functions."""

from backend.pension.calculators.adjustment import (
    AskPensionAdjustment,
    PensionAdjustment,
    pension_adjustment,
)
from backend.pension.calculators.benefit import Addition, AskPension, PensionEstimate, pension
from backend.pension.calculators.divisor import AskDivisorMonths, DivisorMonths, divisor_months
from backend.pension.calculators.interest import AccountInterest, AskAccountInterest, account_interest
from backend.pension.calculators.place import AskBenefitPlace, BenefitPlace, place
from backend.pension.calculators.retirement import (
    AskMinimumContribution,
    AskRetirementAge,
    MinimumContribution,
    RetirementAge,
    minimum_contribution,
    retirement_age,
)
from backend.pension.calculators.survivor import AskSurvivor, SurvivorMoney, survivor
from backend.pension.calculators.transfer import AskTransfer, TransferAmount, transfer

__all__ = [
    "AccountInterest",
    "Addition",
    "AskAccountInterest",
    "AskBenefitPlace",
    "AskDivisorMonths",
    "AskMinimumContribution",
    "AskPension",
    "AskPensionAdjustment",
    "AskRetirementAge",
    "AskSurvivor",
    "AskTransfer",
    "BenefitPlace",
    "DivisorMonths",
    "MinimumContribution",
    "PensionAdjustment",
    "PensionEstimate",
    "RetirementAge",
    "SurvivorMoney",
    "TransferAmount",
    "account_interest",
    "divisor_months",
    "minimum_contribution",
    "pension",
    "pension_adjustment",
    "place",
    "retirement_age",
    "survivor",
    "transfer",
]
