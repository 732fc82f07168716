"""The residents' accounts as rules see them: drawn on and given interest as the employees' are."""

from backend.kernel.funds import Fund
from backend.pension.books import Books
from backend.pension.residents.model import ResidentAccount, ResidentAward, ResidentYear

FUND = Fund.RESIDENT_PENSION.value
ITEM, INHERITANCE, FUNERAL = "居民基本养老金", "居民养老账户继承", "居民养老丧葬补助"
RESIDENTS = Books(
    ResidentAccount, ResidentYear, ResidentAward, "pension.resident_year", "resident.account", FUND, ITEM
)
