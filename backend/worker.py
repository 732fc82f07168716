"""Worker: jobs and schedules (procrastinate, on the same PostgreSQL): seals, lapsed orders, transfers, what is over;
beside them long batches, one after the other."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import procrastinate
import structlog
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import text

from backend import connect
from backend.cards import service as cards
from backend.employment import service as employment
from backend.kernel import audit, auth, items, ledger, longbatches
from backend.kernel.db import APP_ROLE, Runner, Uow
from backend.kernel.settings import settings
from backend.kiosks import service as kiosks
from backend.payout import service as payout
from backend.payout.bank import FolderBank

log = structlog.get_logger()
EVERY_MINUTE = "* * * * *"
NIGHTLY = "20 18 * * *"  # twenty past two in China
VISITS_KEPT = timedelta(days=1)


def app(url: str, run: Runner) -> procrastinate.App:
    """The jobs of this system, bound to one database."""
    options = f"-c role={APP_ROLE} -c search_path=jobs,public -c timezone=UTC"
    connector = procrastinate.PsycopgConnector(
        kwargs=conninfo_to_dict(url) | {"options": options}, min_size=1, max_size=4
    )
    jobs = procrastinate.App(connector=connector)
    bank = FolderBank(settings().root / "bank")

    def every(cron: str, name: str, work: Callable[[Uow], Any]) -> None:
        @jobs.periodic(cron=cron)
        @jobs.task(name=name, queueing_lock=name, pass_context=False)
        def task(timestamp: int) -> None:
            done = run.system(work)
            log.info("job.done", job=name, result=str(done))

    every(EVERY_MINUTE, "audit.seal", audit.seal)
    every(EVERY_MINUTE, "ledger.seal", ledger.seal)
    every(EVERY_MINUTE, "payout.settle_stale", payout.settle_stale)
    every("*/10 * * * *", "employment.expire_due", employment.expire_due)
    every(NIGHTLY, "forget", forget)
    every(NIGHTLY, "cards.lapse", cards.lapse)

    @jobs.periodic(cron=EVERY_MINUTE)
    @jobs.task(name="payout.transfers", queueing_lock="payout.transfers")
    def transfers(timestamp: int) -> None:
        log.info("job.done", job="payout.transfers", result=str(payout.transfer(run.system, bank)))

    @jobs.periodic(cron=EVERY_MINUTE)
    @jobs.task(name="cards.write", lock="cards.write", queueing_lock="cards.write")  # one writer at a time
    def productions(timestamp: int) -> None:
        log.info(
            "job.done", job="cards.write", result=str(cards.write_waiting(run.system, productions_home()))
        )

    return jobs


def productions_home() -> Path:
    """Where files for the factory are written; who fetches them takes them from there."""
    return settings().root / "cards"


def forget(uow: Uow) -> None:
    """What has served its time: request ids, sign-ins that are over, visits to kiosks."""
    items.forget(uow)
    auth.forget(uow)
    kiosks.forget(uow)
    uow.session.execute(
        text("delete from payout.visit where begun_at < :before"), {"before": uow.now - VISITS_KEPT}
    )


def work(url: str) -> None:
    """Run until told to stop; a signal lets the job in hand finish."""
    run = connect.runner(url)
    jobs, stop = app(url, run), threading.Event()

    async def serve() -> None:
        batches = asyncio.create_task(asyncio.to_thread(longbatches.keep_working, run, stop))
        try:
            async with jobs.open_async():
                await jobs.run_worker_async(
                    concurrency=2, install_signal_handlers=True, delete_jobs="successful"
                )
        finally:
            stop.set()
            await batches

    asyncio.run(serve())
