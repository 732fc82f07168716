"""Nobody changes, removes or slips in a row of the audit without the seals telling."""

import time

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from backend.kernel import audit, items
from backend.kernel.db import Runner, Uow, runner
from backend.kernel.db import engine as connect
from backend.kernel.sentences import read
from backend.kernel.vault import Vault
from backend.systems import CATALOGUE
from tests.backend.people import LI, USCC, ZHANG, an_employer, officer


def written(run: Runner) -> None:
    """Three rows by a real item."""
    for number in (ZHANG, LI):
        items.perform(
            run.by(officer()),
            CATALOGUE["REG-01"],
            read(
                CATALOGUE["REG-01"].asks,
                {
                    "ident": number,
                    "name": "张三",
                    "area": "310101",
                    "phone": "13800000000",
                    "address": "示例路",
                },
            ),
        )
    an_employer(run)
    items.perform(
        run.by(officer()),
        CATALOGUE["REG-03"],
        read(CATALOGUE["REG-03"].asks, {"uscc": USCC, "ident": LI, "name": "张三", "started": "2020-01-02"}),
    )


def test_what_changed_stands_in_the_row(run: Runner) -> None:
    written(run)
    a_row = run.system(
        lambda uow: (
            uow.session.query(audit.Row).filter_by(item="REG-03").order_by(audit.Row.id.desc()).first()
        )
    )
    assert a_row is not None
    assert a_row.subject == LI
    job = a_row.changes["registry.job"][0]["after"]
    assert (job["started"], job["ended"]) == ("2020-01-02", None)


def test_before_and_after_of_a_change(run: Runner) -> None:
    written(run)
    leave = CATALOGUE["REG-04"]
    gone = {"uscc": USCC, "ident": LI, "ended": "2026-10-31", "reason": "6301"}
    items.perform(run.by(officer()), leave, read(leave.asks, gone))
    a_row = run.system(lambda uow: uow.session.query(audit.Row).filter_by(item="REG-04").one())
    change = a_row.changes["registry.job"][0]
    assert (change["before"]["ended"], change["after"]["ended"]) == (None, "2026-10-31")
    assert change["after"]["leave_reason"] == "6301"


def test_sealed_rows_verify(run: Runner) -> None:
    written(run)
    assert run.system(audit.seal) == 3
    assert run.system(audit.seal) == 0
    assert run.system(audit.verify) == []
    assert run.system(audit.count) == (3, 3)


@pytest.fixture
def sealed(fresh: object) -> tuple[Runner, str]:
    """A database of its own with sealed rows, for tampering as its owner."""
    url = fresh()  # type: ignore[operator]
    run = runner(url, {}, Vault.new(), size=2)
    written(run)
    run.system(audit.seal)
    yield run, url  # type: ignore[misc]
    run.sessions.kw["bind"].dispose()


@pytest.mark.parametrize(
    "tampering",
    [
        "update audit.row set actor_name = '别人' where id = 2",
        "update audit.row set command = jsonb_set(command, '{name}', to_jsonb('李四'::text)) where id = 1",
        "delete from audit.row where id = 2",
        "update audit.row set id = 1000 - id where id = 2",
        "update audit.seal set n = n - 1",
        "update audit.seal set previous = repeat('1', 64)",
    ],
)
def test_tampering_by_the_owner_of_the_database_is_found(sealed: tuple[Runner, str], tampering: str) -> None:
    run, url = sealed
    owner = connect(url, size=1, role=None)
    with owner.begin() as connection:
        if "id = 1000" in tampering:
            connection.execute(text("alter table audit.row alter column id drop identity"))
        connection.execute(text(tampering))
    owner.dispose()
    assert run.system(audit.verify) != []


def test_the_application_cannot_change_its_audit(engine: Engine) -> None:
    for statement in (
        "update audit.row set item = 'x'",
        "delete from audit.row",
        "truncate audit.row",
        "update audit.seal set n = 1",
        "alter table audit.row disable trigger all",
    ):
        with (
            pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
            engine.begin() as connection,
        ):
            connection.execute(text(statement))


def test_a_seal_waits_for_nobody_and_holds_nobody_up(fresh: object) -> None:
    """While a command is on its way nothing is sealed; the next time everything is."""
    run = runner(fresh(), {}, Vault.new(), size=3)  # type: ignore[operator]
    written(run)

    def noted(uow: Uow) -> None:
        audit.write(uow, "X", subject="", outcome="done", command={})

    def on_its_way(uow: Uow) -> int:
        noted(uow)
        began = time.monotonic()
        sealed = run.system(audit.seal)
        assert time.monotonic() - began < 20
        return sealed

    assert run.system(on_its_way) == 0

    def sealing(uow: Uow) -> int:
        sealed = audit.seal(uow)
        run.system(noted)  # not held back by the seal
        return sealed

    assert run.system(sealing) == 4
    assert run.system(audit.seal) == 1
    assert run.system(audit.verify) == []
    run.sessions.kw["bind"].dispose()
