"""Proof of life 资格认证 at a kiosk: until when the last one holds. The proof itself is CRD-14 (pension)."""

from __future__ import annotations

from backend.hall.refusals import NothingReceived
from backend.hall.schema import AskLife, Life
from backend.hall.visitor import visitor
from backend.kernel.actor import Kind
from backend.kernel.db import Uow
from backend.kernel.items import question
from backend.pension.living import proving
from backend.pension.living.proved import AskProof


@question("KSK-Q2", "自助机资格认证情况", by=(Kind.KIOSK,))
def life(uow: Uow, ask: AskLife) -> Life:
    who = visitor(uow, ask.visit).holder
    try:
        state = proving.my_proof(uow, AskProof(ident=who.ident))
    except proving.NothingToProve:
        raise NothingReceived from None
    return Life(
        state=state.state,
        valid_until=state.valid_until,
        last_day=state.last_day,
        grace_until=state.grace_until,
        suspended_from=state.suspended_from,
    )
