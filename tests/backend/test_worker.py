"""The nightly job takes away what has served its time, and nothing else."""

from __future__ import annotations

from datetime import timedelta

from backend import worker
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.payout.model import Visit
from tests.backend.payout.city import a_retiree
from tests.backend.payout.terminal import Terminal


def test_a_visit_is_kept_for_a_day(run: Runner, clock: FixedClock) -> None:
    card = a_retiree(run)
    Terminal(run).visit(card)

    def visits(uow: Uow) -> int:
        return uow.session.query(Visit).count()

    clock.set(clock.now() + timedelta(hours=23))
    run.system(worker.forget)
    assert run.system(visits) == 1
    clock.set(clock.now() + timedelta(hours=2))
    run.system(worker.forget)
    assert run.system(visits) == 0
