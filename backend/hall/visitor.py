"""The visitor: who stands at the kiosk, known by a card that has answered and is still in use."""

from __future__ import annotations

from backend.kernel.db import Uow
from backend.payout import service as payout
from backend.payout.refusals import HolderDied
from backend.registry import service as registry


def visitor(uow: Uow, visit: str) -> registry.Held:
    """Asked anew each time: a card may be reported lost, and its holder's death registered, while it is in."""
    held = registry.card_by_id(uow, payout.proved(uow, visit).card_id)
    payout.require_in_use(held.card)
    if held.holder.died is not None:
        raise HolderDied
    return held
