"""Every table of every system, imported once so that Base.metadata is whole (migrations and schema tests)."""

from backend.accounting import model as accounting
from backend.cards import model as cards
from backend.employment import model as employment
from backend.kernel import audit, auth, cases, files, items, longbatches
from backend.kernel.db import Base
from backend.kiosks import model as kiosks
from backend.levy import model as levy
from backend.payout import model as payout
from backend.payout.copies import model as copies
from backend.pension import model as pension
from backend.pension import transferred
from backend.pension.awarding import model as awarding
from backend.pension.careers import model as careers
from backend.pension.death import model as death
from backend.pension.living import model as pension_living
from backend.pension.residents import model as residents
from backend.registry import model as registry

METADATA = Base.metadata
__all__ = [
    "METADATA",
    "accounting",
    "audit",
    "auth",
    "awarding",
    "cards",
    "careers",
    "cases",
    "copies",
    "death",
    "employment",
    "files",
    "items",
    "kiosks",
    "levy",
    "longbatches",
    "payout",
    "pension",
    "pension_living",
    "registry",
    "residents",
    "transferred",
]
