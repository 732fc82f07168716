"""What must be true of all books after every test: the ledger's own questions, and payout's."""

from __future__ import annotations

from backend.kernel import ledger
from backend.kernel.db import Runner
from backend.payout import service as payout


def agree(run: Runner) -> bool:
    assert run.system(ledger.check) == []
    assert run.system(payout.check) == []
    return True
