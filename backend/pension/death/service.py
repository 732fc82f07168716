"""死亡待遇: what other systems may call."""

from backend.pension.death import previewing
from backend.pension.death.checking import check
from backend.pension.death.granting import grant
from backend.pension.death.inheriting import inherit, supplement
from backend.pension.death.listing import mine, unsettled
from backend.pension.death.paying import ITEMS, pay
from backend.pension.death.undoing import on_lives, withdraw

__all__ = [
    "ITEMS",
    "check",
    "grant",
    "inherit",
    "mine",
    "on_lives",
    "pay",
    "previewing",
    "supplement",
    "unsettled",
    "withdraw",
]
