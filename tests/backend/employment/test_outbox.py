"""What the indexer hears: every change once, in the order of commits, nothing lost between two writers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import text

from backend.employment import service
from backend.employment.model import Vacancy
from backend.employment.outbox import CHANNEL, tell
from backend.employment.schema import VacancyDoc
from backend.employment.service import LoadedVacancy
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow, runner
from backend.kernel.vault import Vault
from tests.backend.employment.city import (
    IN_DOUBT,
    MEN_ONLY,
    a_market,
    answer,
    apply,
    boss,
    decide,
    do,
    edit,
    post,
)
from tests.backend.people import LI, USCC, an_employer
from tests.conftest import Fresh


class Indexer:
    """Follows the outbox as the real one does."""

    def __init__(self, run: Runner) -> None:
        self.run, self.seen, self.index = (
            run,
            run.system(service.last_change),
            dict[str, VacancyDoc](),
        )

    def catch_up(self) -> list[str]:
        """Reads on; the numbers it looked at come back."""
        changes = self.run.system(service.changed, self.seen)
        nos = sorted({change.vacancy for change in changes})
        documents = {one.vacancy: one for one in self.run.system(service.documents, nos)}
        for no in nos:
            self.index.pop(no, None)
        self.index |= documents
        self.seen = changes[-1].id if changes else self.seen
        return nos


def test_the_index_follows_every_change(run: Runner, clock: FixedClock) -> None:
    a_market(run)
    indexer = Indexer(run)
    no = post(run).vacancy
    assert indexer.catch_up() == [no]
    assert indexer.catch_up() == []
    first = indexer.index[no]
    assert (first.title, first.openings, first.applicants, first.education) == ("仓库管理员", 2, 0, 0)
    assert first.published == date(2026, 11, 24)
    sent = apply(run, no).application
    apply(run, no, LI)
    indexer.catch_up()
    assert indexer.index[no].applicants == 2
    answer(run, sent, "accepted")
    indexer.catch_up()
    assert indexer.index[no].openings == 1
    edit(run, no, **MEN_ONLY)
    assert (indexer.catch_up(), indexer.index) == ([no], {})
    edit(run, no, **IN_DOUBT)
    assert indexer.catch_up() == [no]
    decide(run, no)
    indexer.catch_up()
    assert set(indexer.index) == {no} == set(run.system(service.open_nos))
    do(run, boss(), "EMP-03", uscc=USCC, vacancy=no)
    indexer.catch_up()
    assert indexer.index == {}


def test_what_expires_is_told_once(run: Runner, clock: FixedClock) -> None:
    an_employer(run)
    indexer = Indexer(run)
    no = post(run, valid_until="2026-11-24").vacancy
    stays = post(run).vacancy
    indexer.catch_up()
    assert run.system(service.expire_due) == 0
    clock.set(clock.now() + timedelta(days=1))
    assert run.system(service.expire_due) == 1
    assert run.system(service.expire_due) == 0
    assert indexer.catch_up() == [no]
    assert set(indexer.index) == {stays}
    edit(run, no, valid_until="2026-11-26")
    clock.set(clock.now() + timedelta(days=2))
    assert run.system(service.expire_due) == 1


def test_what_was_read_long_ago_is_forgotten(run: Runner, clock: FixedClock) -> None:
    an_employer(run)
    post(run, valid_until="2027-05-01")
    clock.set(clock.now() + timedelta(days=31))
    run.system(service.expire_due)
    assert run.system(service.changed, 0) == ()


def loaded(employer_id: int, **changed: object) -> LoadedVacancy:
    given = {
        "employer_id": employer_id,
        "title": "面点师",
        "occupation": "4-03-02-02",
        "area": "310101",
        "address": "示例路 3 号",
        "work": "制作包子、馒头和面条，保持操作间清洁。",
        "pay_min_fen": 600_000,
        "pay_max_fen": 900_000,
        "contact": "王经理",
        "phone": "021-12345678",
        "published": datetime.fromisoformat("2026-11-20T09:00:00+08:00"),
        "valid_until": date(2026, 12, 31),
    }
    return LoadedVacancy(**(given | changed))  # type: ignore[arg-type]


def test_many_are_loaded_at_once_and_the_open_ones_are_indexed(run: Runner) -> None:
    boss_id = an_employer(run)
    indexer = Indexer(run)
    filled = datetime.fromisoformat("2026-11-21T09:00:00+08:00")
    rows = [
        *(loaded(boss_id, title=f"面点师{n}") for n in range(300)),
        loaded(boss_id, published=None),
        loaded(boss_id, filled=filled),
        loaded(boss_id, valid_until=date(2026, 11, 1)),
        loaded(boss_id, pay_unit="hour", type="part", pay_min_fen=3_000, pay_max_fen=3_600, no="V0123456789"),
    ]
    assert run.system(service.load, rows) == 304
    indexer.catch_up()
    assert len(indexer.index) == 301
    assert indexer.index["V0123456789"].salary_min_fen == 312_000
    listed = do(run, boss(), "EMP-Q1", uscc=USCC)
    assert listed.total == 304
    by_status = {
        row.status
        for page in range(1, 8)
        for row in do(run, boss(), "EMP-Q1", uscc=USCC, page=page).vacancies
    }
    assert by_status == {"open", "draft", "filled", "expired"}


@pytest.fixture
def committed(fresh: Fresh) -> Iterator[tuple[str, Runner]]:
    """A database of its own, with real commits."""
    url = fresh()
    run = runner(url, {}, Vault.new(), size=6)
    a_market(run)
    yield url, run
    run.sessions.kw["bind"].dispose()


def test_a_commit_wakes_the_indexer(committed: tuple[str, Runner]) -> None:
    url, run = committed
    with psycopg.connect(url, autocommit=True) as listener:
        listener.execute(f"listen {CHANNEL}")
        post(run)
        woken = next(listener.notifies(timeout=60, stop_after=1))
    assert woken.channel == CHANNEL


def test_a_slow_writer_is_not_overtaken(committed: tuple[str, Runner]) -> None:
    """Its number is lower though it commits later; a reader that ran ahead would never see it."""
    _, run = committed
    slow, fast = post(run).vacancy, post(run).vacancy
    seen = run.system(service.last_change)
    told, go_on = threading.Event(), threading.Event()

    def ids(uow: Uow) -> dict[str, int]:
        return {row.no: row.id for row in uow.session.query(Vacancy)}

    known = run.system(ids)

    def tell_slowly(uow: Uow) -> None:
        tell(uow, known[slow])
        told.set()
        assert go_on.wait(60)

    writer = threading.Thread(target=run.system, args=(tell_slowly,))
    writer.start()
    assert told.wait(60)
    run.system(lambda uow: tell(uow, known[fast]))
    read: list[str] = []
    reader = threading.Thread(
        target=lambda: read.extend(one.vacancy for one in run.system(service.changed, seen))
    )
    reader.start()
    reader.join(0.3)
    assert reader.is_alive()
    go_on.set()
    writer.join(60)
    reader.join(60)
    assert read == [slow, fast]


def test_a_change_and_its_telling_stand_or_fall_together(run: Runner) -> None:
    an_employer(run)
    no = post(run).vacancy
    seen = run.system(service.last_change)

    def half(uow: Uow) -> None:
        row = uow.session.query(Vacancy).filter_by(no=no).one()
        row.title = "改了一半"
        tell(uow, row.id)
        uow.session.execute(text("select 1 / 0"))

    with pytest.raises(Exception, match="division by zero"):
        run.system(half)
    assert run.system(service.changed, seen) == ()
