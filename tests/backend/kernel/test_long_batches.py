"""A long batch is done by the worker, as its maker, once: whatever falls in the middle."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.kernel import auth, batch, files, longbatches
from backend.kernel.actor import Actor, Kind
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import NotFound
from backend.kernel.language import ZH
from backend.kernel.longbatches import BEAT, LEASE, TRIES, Batch
from backend.registry.model import Person
from backend.systems import CATALOGUE
from tests.backend.people import officer
from tests.portal.city import sign_up

REGISTER = CATALOGUE["REG-01"]
HEADS = "ident,name,area,phone,address"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
LINES = 3 * BEAT


def number(n: int) -> str:
    """The n-th citizen number of this file, its last character right."""
    first = f"31010119900101{n:03d}"
    return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, WEIGHTS, strict=True)) % 11]


def content(lines: int = LINES, bad: int = 1) -> bytes:
    rows = [f"{number(n)},王{n},310101,13800000000,示例路" for n in range(lines - bad)]
    return "\n".join([HEADS, *rows, *["x,李四,310101,13800000000,示例路"] * bad]).encode()


@pytest.fixture
def maker(run: Runner) -> Actor:
    sign_up(run, "1001", Kind.OFFICER, None, ("经办",))
    return run.system(lambda uow: auth.actor(uow.session.query(auth.Login).one()))


def sent(run: Runner, maker: Actor, *, dry: bool = False) -> int:
    kept = run.by(maker)(files.keep, name="登记.csv", content=content(), may=REGISTER.may)
    return run.by(maker)(longbatches.send, REGISTER, kept, LINES, dry=dry, language=ZH)


def seen(run: Runner, maker: Actor, number: int) -> Batch:
    return run.by(maker)(longbatches.seen, number)


def persons(run: Runner) -> int:
    return run.system(lambda uow: uow.session.query(Person).count())


def test_it_is_done_as_its_maker_and_gives_back_what_came_of_each_line(run: Runner, maker: Actor) -> None:
    assert not longbatches.work(run)
    at = sent(run, maker)
    assert longbatches.work(run)
    done = seen(run, maker, at)
    assert (done.state, done.at, done.bad) == ("done", LINES, 1)
    assert persons(run) == LINES - 1
    assert done.result
    back = run.by(maker)(files.fetch, done.result)
    rows = back.content.decode("utf-8-sig").splitlines()
    assert (back.name, rows[0], len(rows)) == ("登记-回盘.csv", f"{HEADS},结果,说明", LINES + 1)
    assert rows[1].endswith(",成功,已办理")
    assert ",失败," in rows[-1]
    assert not longbatches.work(run)


def test_tried_it_keeps_nothing(run: Runner, maker: Actor) -> None:
    at = sent(run, maker, dry=True)
    assert longbatches.work(run)
    assert (seen(run, maker, at).state, persons(run)) == ("done", 0)


def test_told_to_stop_it_is_left_to_the_next_worker_and_no_line_is_done_twice(
    run: Runner, maker: Actor
) -> None:
    at = sent(run, maker)
    longbatches.work(run, lambda: False)
    left = seen(run, maker, at)
    assert (left.state, left.at, persons(run)) == ("waiting", BEAT, BEAT)
    assert longbatches.work(run)
    done = seen(run, maker, at)
    assert (done.state, done.at, done.bad, persons(run)) == ("done", LINES, 1, LINES - 1)


def fallen(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that falls after its first lines."""

    def falls(*given: object, **named: object) -> None:
        raise OSError("fallen")

    with monkeypatch.context() as patch:
        patch.setattr(batch, "read", falls)
        with pytest.raises(OSError, match="fallen"):
            longbatches.work(run)


def test_a_worker_that_fell_is_missed_after_a_while(
    run: Runner, maker: Actor, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = sent(run, maker)
    fallen(run, monkeypatch)
    assert seen(run, maker, at).state == "running"
    assert not longbatches.work(run)  # it may be slow, not fallen
    clock.set(clock.now() + LEASE + timedelta(seconds=1))
    assert longbatches.work(run)
    assert (seen(run, maker, at).state, persons(run)) == ("done", LINES - 1)


def test_what_fails_again_and_again_stops_and_stands_in_nobodys_way(
    run: Runner, maker: Actor, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = sent(run, maker)
    for _ in range(TRIES):
        fallen(run, monkeypatch)
        clock.set(clock.now() + LEASE + timedelta(seconds=1))
    assert not longbatches.work(run)
    stopped = seen(run, maker, at)
    assert stopped.state == "stopped"
    assert "已经停下" in stopped.said


def test_who_may_work_no_more_is_not_worked_for(run: Runner, maker: Actor) -> None:
    at = sent(run, maker)

    def leave(uow: Uow) -> None:
        uow.session.query(auth.Login).one().active = False

    run.system(leave)
    assert longbatches.work(run)
    stopped = run.system(longbatches.seen, at)
    assert (stopped.state, persons(run)) == ("stopped", 0)
    assert "已经不能办理业务" in stopped.said


def test_an_officer_elsewhere_or_without_the_item_finds_none(run: Runner, maker: Actor) -> None:
    at = sent(run, maker)
    assert run.by(officer("officer:77"))(longbatches.seen, at).n == LINES
    assert run.by(officer("officer:77"))(longbatches.newest, REGISTER, 5)
    for other in (officer("officer:77", area="110000"), officer("officer:77", role="复核")):
        with pytest.raises(NotFound):
            run.by(other)(longbatches.seen, at)
