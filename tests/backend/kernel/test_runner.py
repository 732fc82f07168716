"""The one place that commits: asked again where another was first, a sentence where that does not help."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from backend.kernel import audit, auth, items
from backend.kernel.actor import ANYONE
from backend.kernel.db import Clash, Runner, Uow, runner
from backend.kernel.vault import Vault
from backend.registry import service as registry
from backend.registry.model import Employer, Person
from backend.registry.persons import AlreadyRegistered
from backend.registry.schema import RegisterEmployer
from tests.backend.people import USCC, a_person, an_employer

KIOSK = {"id": "00000001", "name": "一号", "area": "310000", "key": "k"}


@pytest.fixture
def real(fresh: object) -> Iterator[Runner]:
    """Real commits."""
    run = runner(fresh(), {}, Vault.new(), size=4)  # type: ignore[operator]
    yield run
    run.sessions.kw["bind"].dispose()


def test_who_comes_second_reads_the_services_own_sentence(real: Runner) -> None:
    """The second has looked and seen nobody before the first commits; asked again, it sees."""
    looked, said, tries = threading.Event(), [], []
    command = RegisterEmployer(
        uscc=USCC,
        name="示例有限公司",
        area="310115",
        industry="C",
        injury_class=4,
        address="示例路",
        contact="王经理",
        phone="021-12345678",
    )

    def second() -> None:
        def register(uow: Uow) -> None:
            tries.append(1)
            looked.set()
            registry.register_employer(uow, command)

        try:
            real.system(register)
        except AlreadyRegistered as refusal:
            said.append(refusal.message)

    def first(uow: Uow) -> None:
        registry.register_employer(uow, command)
        thread.start()
        looked.wait()
        waiting = text("select exists (select from pg_locks where not granted)")
        until = time.monotonic() + 10
        while not uow.session.scalar(waiting):  # the second stands before our row
            assert time.monotonic() < until

    thread = threading.Thread(target=second)
    real.system(first)
    thread.join()
    assert len(tries) == 2
    assert "已经登记过" in said[0]
    assert real.system(lambda uow: uow.session.query(Employer).count()) == 1


def test_what_clashes_every_time_is_a_sentence_and_changes_nothing(run: Runner) -> None:
    run.system(auth.register_device, **KIOSK)
    tries = []

    def again(uow: Uow) -> None:
        tries.append(1)
        auth.register_device(uow, **KIOSK | {"id": "00000002"})
        uow.session.expunge_all()
        auth.register_device(uow, **KIOSK)

    with pytest.raises(Clash, match="请重新打开看一看"):
        run.system(again)
    assert len(tries) == 3
    assert run.system(lambda uow: uow.session.query(auth.Device).count()) == 1


def test_a_passer_by_sees_nobody(run: Runner) -> None:
    a_person(run)
    an_employer(run)
    assert run.by(ANYONE)(lambda uow: uow.session.query(Person).count()) == 0
    assert run.by(ANYONE)(lambda uow: uow.session.query(Employer).count()) == 1


def test_old_requests_are_forgotten_and_others_are_not(run: Runner) -> None:
    def old_and_new(uow: Uow) -> None:
        for days in (29, 31):
            at = uow.now - items.timedelta(days=days)
            uow.session.add(items.Request(id=f"r{days}", digest="d", at=at, answer={}))

    run.system(old_and_new)
    run.system(items.forget)
    assert run.system(lambda uow: [one.id for one in uow.session.query(items.Request)]) == ["r29"]


def test_at_one_moment_sees_nothing_that_others_write_meanwhile(real: Runner) -> None:
    count = text("select count(*) from audit.row")

    def twice(uow: Uow) -> tuple[int, int]:
        first = uow.session.scalar(count)
        real.system(lambda other: audit.write(other, "X", subject="", outcome="done", command={}))
        return first or 0, uow.session.scalar(count) or 0

    assert real.system.at_one_moment(twice) == (0, 0)
    assert real.system(twice) == (1, 2)
