"""The owner of the database changes no row of the ledger by accident, and none unnoticed on purpose."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from backend.kernel import ledger
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from tests.backend.kernel.ledger_world import NOVEMBER, OCTOBER, a_world, post


@pytest.fixture
def books(owner: Engine, clock: FixedClock) -> Iterator[Runner]:
    """The owner of the database at work; undone after the test."""
    with owner.connect() as connection:
        outer = connection.begin()
        sessions = sessionmaker[Session](bind=connection, join_transaction_mode="create_savepoint")
        run = Runner(sessions, actor=SYSTEM, clock=clock)
        run(lambda uow: uow.session.execute(text("set local role renshe_app")))
        yield run
        outer.rollback()


@pytest.fixture
def tampered(books: Runner) -> Iterator[Runner]:
    """A world with a hold, a posted hold, a reversal and a closed month, in the hands of the owner."""
    world = a_world(books)

    def more(uow: Uow) -> None:
        for key in ("pending", "order"):
            ledger.reserve(uow, key=key, debit=world.payable, credit=world.cash, fen=10_00, month=NOVEMBER)
        ledger.post_hold(uow, key="order", document="collection")
        wrong = post(uow, "wrong", (world.cash, world.expenditure, 5))
        ledger.reverse(uow, wrong, maker="m", checker="c")
        ledger.open_period(uow, OCTOBER)
        post(uow, "october", (world.expense, world.payable, 5), month=OCTOBER)
        ledger.close_period(uow, OCTOBER)
        ledger.seal(uow, 2)

    books(more)
    assert books(ledger.check) == []
    books(lambda uow: uow.session.execute(text("reset role")))
    return books


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger.transfer set amount_fen = 1",
        "update ledger.transfer_202611 set amount_fen = 1",
        "delete from ledger.transfer",
        "delete from ledger.transfer_202611",
        "truncate ledger.transfer",
        "truncate ledger.transfer_202611",
        "insert into ledger.transfer_202611 select ym, batch, 99, debit, credit, 1 from ledger.transfer",
        "update ledger.batch set maker = 'x'",
        "delete from ledger.batch",
        "delete from ledger.hold",
        "delete from ledger.balance",
        "update ledger.account set no_overdraft = false",
        "update ledger.seal set n = 1",
        "delete from ledger.period",
        "update ledger.step set maker = 'x'",
        "delete from ledger.total",
    ],
)
def test_even_the_owner_changes_no_row_by_accident(tampered: Runner, statement: str) -> None:
    with pytest.raises(DBAPIError) as told:
        tampered(lambda uow: uow.session.execute(text(statement)))
    assert getattr(told.value.orig, "sqlstate", None) == "LG001"


@pytest.mark.parametrize(
    ("statement", "question"),
    [
        ("update ledger.balance set debit = debit + 1 where debit > 0", "余额"),
        ("update ledger.balance set credit = credit + 1 where credit > 0", "借贷平衡"),
        ("update ledger.balance set pending_credit = 0", "预留额"),
        ("update ledger.balance set no_overdraft = false", "余额行"),
        ("delete from ledger.balance where debit = 0 and credit = 0 and pending_debit = 0", "余额行"),
        ("update ledger.transfer set amount_fen = amount_fen + 1", "余额"),
        ("update ledger.transfer set amount_fen = amount_fen + 1", "凭证"),
        ("update ledger.transfer set amount_fen = amount_fen + 1", "封块"),
        ("update ledger.transfer set debit = credit, credit = debit where line = 1", "封块"),
        ("update ledger.transfer set line = line + 1 where line = 3", "凭证"),
        ("delete from ledger.transfer where line = 2", "凭证"),
        ("delete from ledger.batch where key = 'wrong'", "凭证"),
        ("update ledger.batch set checker = 'x'", "封块"),
        ("update ledger.batch set n = n + 1", "凭证"),
        (
            "update ledger.transfer set amount_fen = 4"
            " where batch = (select id from ledger.batch where key = 'wrong')",
            "冲正",
        ),
        ("update ledger.hold set amount_fen = amount_fen + 1 where state = 'posted'", "预留"),
        ("update ledger.hold set batch = (select max(id) from ledger.batch) where state = 'posted'", "预留"),
        ("update ledger.account set area = '440100' where kind = 'cash'", "基金分账"),
        ("delete from ledger.account where kind = 'cash'", "基金分账"),
        ("update ledger.seal set root = hash", "封块"),
        ("delete from ledger.seal where seq = 2", "封块"),
        ("update ledger.total set debit = debit + 1", "月合计"),
        ("delete from ledger.total where debit > 0", "月合计"),
        ("update ledger.step set what = 'reopened', reason = 'x'", "会计期间"),
        ("update ledger.period set status = 'open', closed_at = null where ym = 202610", "会计期间"),
        ("grant insert on ledger.step to renshe_app", "保护"),
        ("alter table ledger.total disable trigger only_added", "保护"),
        ("alter table ledger.transfer disable trigger posted", "保护"),
        ("alter table ledger.transfer_202611 disable trigger only_added", "保护"),
        ("drop trigger whole on ledger.batch", "保护"),
        ("grant update on ledger.transfer_202611 to renshe_app", "保护"),
        ("grant insert on ledger.seal to renshe_app", "保护"),
    ],
)
def test_what_the_owner_does_on_purpose_is_found(tampered: Runner, statement: str, question: str) -> None:
    def tamper(uow: Uow) -> None:
        uow.session.execute(text("set local session_replication_role = replica"))
        uow.session.execute(text(statement))
        uow.session.execute(text("set local session_replication_role = origin"))

    tampered(tamper)
    found = tampered(ledger.check)
    assert question in {difference.question for difference in found}
    assert all("，应为" in str(difference) for difference in found)


WEAK_SPOTS = {
    "a trigger that is off": (
        "select tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid"
        " where c.relnamespace = 'ledger'::regnamespace and tgenabled <> 'O'"
    ),
    "a function that would find other tables": (
        "select proname from pg_proc where pronamespace = 'ledger'::regnamespace"
        " and (proconfig is null or not 'search_path=pg_catalog, pg_temp' = any (proconfig))"
    ),
    "something the programs own": (
        "select relname from pg_class where relowner = 'renshe_app'::regrole"
        " union all select proname from pg_proc where proowner = 'renshe_app'::regrole"
    ),
    "a function for everybody": (
        "select proname from pg_proc where pronamespace = 'ledger'::regnamespace"
        " and has_function_privilege('public', oid, 'execute')"
    ),
    "a partition the programs may name": (
        "select relname from pg_class where relnamespace = 'ledger'::regnamespace and relispartition"
        " and relkind = 'r' and has_table_privilege('renshe_app', oid, 'select, insert, update, delete')"
    ),
}


@pytest.mark.parametrize("query", WEAK_SPOTS.values(), ids=WEAK_SPOTS)
def test_there_is_no_weak_spot(tampered: Runner, query: str) -> None:
    assert tampered(lambda uow: uow.session.execute(text(query)).all()) == []
