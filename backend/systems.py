"""Every system, imported once so that the catalogue of items and questions is whole."""

from backend.accounting import service as accounting
from backend.cards import service as cards
from backend.employment import service as employment
from backend.exchange import service as exchange
from backend.hall import service as hall
from backend.kernel import items, review
from backend.kernel.calculators import run as calculate
from backend.kiosks import service as kiosks
from backend.levy import calculators as levy_calculators
from backend.levy import service as levy
from backend.payout import service as payout
from backend.pension import service as pension
from backend.pension.residents import service as residents
from backend.registry import calculators
from backend.registry import service as registry

CATALOGUE = items.CATALOGUE
__all__ = [
    "CATALOGUE",
    "accounting",
    "calculate",
    "calculators",
    "cards",
    "employment",
    "exchange",
    "hall",
    "items",
    "kiosks",
    "levy",
    "levy_calculators",
    "payout",
    "pension",
    "registry",
    "residents",
    "review",
]
