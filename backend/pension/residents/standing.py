"""Standing 停发情况: why and since when a resident's pension is not paid."""

from __future__ import annotations

from backend.kernel import codes
from backend.kernel.db import Uow
from backend.payout import service as payout
from backend.pension.residents.books import ITEM
from backend.pension.residents.model import ResidentAward
from backend.pension.schema import StopView


def stop_of(uow: Uow, row: ResidentAward) -> StopView | None:
    held = None if row.state == "active" else payout.standing(uow, row.person_id, ITEM)
    if held is None:
        return None
    return StopView(since=str(held.since), reason=codes.name("stop_reason", held.reason))
