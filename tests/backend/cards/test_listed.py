"""Everybody whose card does not serve is on the list: it is checked, and a house that is older than the list is caught up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session, sessionmaker

from backend import migrate, wiring
from backend.cards import listed
from backend.cards import service as cards
from backend.kernel import signing
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import FixedClock, SystemClock
from backend.kernel.db import Runner
from backend.kernel.db import engine as connect
from tests.backend.cards.town import CARD_NO, Town, kiosk
from tests.backend.payout.terminal import CODE
from tests.backend.people import LI, ZHANG
from tests.conftest import Fresh

SECOND, THIRD = "31A000027", "31A000035"
WANG = "310101199001010039"
OTHERS = {LI: (SECOND, CODE[:-2] + "BB"), WANG: (THIRD, CODE[:-2] + "CC")}


@pytest.fixture
def owner_of_one(fresh: Fresh, clock: FixedClock) -> Iterator[tuple[Connection, Runner]]:
    """The owner's connection to a house of its own, and the house on the same connection; all of it is undone."""
    engine = connect(fresh(), size=1, role=None)
    with engine.connect() as connection:
        outer = connection.begin()
        sessions = sessionmaker[Session](
            bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        yield connection, Runner(sessions, wiring.HANDLERS, actor=SYSTEM, clock=clock)
        outer.rollback()
    engine.dispose()


def test_a_card_that_stopped_and_is_not_on_the_list_is_found(town: Town) -> None:
    town.old_card()
    assert town.run.system(cards.check) == []
    town.run.system(
        lambda uow: uow.session.execute(text("update registry.card set status = 'lost'")) and None
    )
    found = [str(one) for one in town.run.system(cards.check) if "名单" in str(one)]
    assert len(found) == 1, found
    assert CARD_NO in found[0]
    assert "不在名单上" in found[0]


def test_the_list_is_signed_for_the_moment_that_it_tells_though_the_clock_goes_on(town: Town) -> None:
    town.old_card()
    town.mine("CRD-03")
    town.run = replace(town.run, clock=SystemClock())
    told = town.ask("CRD-Q9", kiosk())
    public = town.run.vault.signer("stopped-cards").public
    assert signing.signed(
        public, listed.signed_text(told.since, told.serial, told.at, told.entries), told.signature
    )


def test_who_had_stopped_before_the_list_was_kept_is_put_on_it_behind_what_stands_there(
    owner_of_one: tuple[Connection, Runner],
) -> None:
    db, run = owner_of_one
    towns = [Town(run, ident) for ident in (ZHANG, *OTHERS)]
    towns[0].old_card()
    for town in towns[1:]:
        card_no, card_code = OTHERS[town.ident]
        town.old_card(card_no=card_no, card_code=card_code)
    towns[1].mine("CRD-02")
    db.execute(text("delete from cards.stop"))  # as it was before the list was kept
    towns[2].mine("CRD-02")
    assert [one.where for one in run.system(cards.check)] == [f"卡 {SECOND} 的停用名单"]
    for _ in range(2):  # done once
        with Operations.context(MigrationContext.configure(db)):
            ScriptDirectory.from_config(migrate.config()).get_revision("0030").module.upgrade()
    assert run.system(cards.check) == []
    told = towns[0].ask("CRD-Q9", kiosk())
    assert [(one.serial, one.stopped) for one in told.entries] == [(1, True), (2, True)]
    assert [one.mark for one in told.entries] == [listed.mark(OTHERS[who][1]) for who in (WANG, LI)]
    towns[1].ask("CRD-04", card_no=SECOND, note="核对过本人和卡")
    assert [(one.serial, one.stopped) for one in towns[0].ask("CRD-Q9", kiosk(), since=2).entries] == [
        (3, False)
    ]
    assert run.system(cards.check) == []
