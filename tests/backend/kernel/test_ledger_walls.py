"""Each rule that the database itself keeps of the ledger, and how it answers who tries to break it in SQL."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.kernel import ledger
from backend.kernel.db import Clash, Runner, Uow
from backend.kernel.period import Month
from tests.backend.kernel.ledger_world import NOVEMBER, World, a_world, post

HEADER = "ym, document, key, maker, checker, approved_at, n, total"
BATCH = (
    "with h as (insert into ledger.batch ({header}) values ({values}) returning id)"
    " insert into ledger.transfer (ym, batch, line, debit, credit, amount_fen)"
    " select x.ym, h.id, x.line, x.debit, x.credit, x.fen"
    " from h, (values {lines}) x (ym, line, debit, credit, fen)"
)


def batch(
    *lines: str,
    n: int = 1,
    total: int = 5,
    ym: int = 202611,
    maker: str = "'m'",
    checker: str = "'c'",
    key: str = "raw",
    more: tuple[str, str] = ("", ""),
) -> str:
    """A batch in raw SQL; a line is `ym, line, debit, credit, fen`, accounts by their names in braces."""
    values = f"{ym}, 'raw', '{key}', {maker}, {checker}, now(), {n}, {total}{more[1]}"
    return BATCH.format(
        header=HEADER + more[0], values=values, lines=", ".join(f"({line})" for line in lines)
    )


GOOD = "202611, 1, {cash}, {expenditure}, 5"


def refused(run: Runner, world: World, statement: str, *codes: str) -> str:
    """The database's own word for no: an SQLSTATE or the name of a constraint."""
    numbers = {name: getattr(world, name) for name in world.__dataclass_fields__}
    sql = statement.replace("{opening}", "(select id from ledger.batch where key = 'opening')")
    with pytest.raises((DBAPIError, Clash)) as told:
        run(lambda uow: uow.session.execute(text(sql.format(**numbers))))
    error = getattr(told.value, "orig", None) or told.value.__cause__.orig  # type: ignore[union-attr]
    said = {getattr(error, "sqlstate", None), error.diag.constraint_name}  # type: ignore[union-attr]
    assert said & set(codes), f"{said}: {error}"
    return str(error)


@pytest.fixture
def world(run: Runner) -> World:
    return a_world(run)


def test_the_raw_batch_of_these_tests_is_good_when_nothing_is_wrong(run: Runner, world: World) -> None:
    numbers = {name: getattr(world, name) for name in world.__dataclass_fields__}
    run(lambda uow: uow.session.execute(text(batch(GOOD).format(**numbers))))
    assert run(ledger.balance, world.cash) == 100_05
    assert run(ledger.check) == []


@pytest.mark.parametrize(
    ("why", "statement", "code"),
    [
        # balanced, by construction
        ("no credit side", batch("202611, 1, {cash}, null::bigint, 5"), "23502"),
        ("one account on both sides", batch("202611, 1, {cash}, {cash}, 5"), "transfer_two_accounts"),
        ("nothing moved", batch("202611, 1, {cash}, {expenditure}, 0"), "transfer_positive"),
        ("moved backwards", batch("202611, 1, {cash}, {expenditure}, -5"), "transfer_positive"),
        # funds and areas never meet
        ("another fund", batch("202611, 1, {medical}, {expenditure}, 5"), "LG007"),
        ("another area", batch("202611, 1, {elsewhere}, {expenditure}, 5"), "LG007"),
        (
            "another fund among good lines",
            batch(GOOD, "202611, 2, {medical}, {cash}, 5", n=2, total=10),
            "LG007",
        ),
        ("an account that is not there", batch("202611, 1, {cash}, 999999, 5"), "LG006"),
        # the month
        ("a month never opened", batch("202601, 1, {cash}, {expenditure}, 5", ym=202601), "23514"),
        ("another month than the header", batch(GOOD, ym=202612), "LG008"),
        # two persons
        ("nobody checked", batch(GOOD, checker="null"), "23502"),
        ("an empty checker", batch(GOOD, checker="''"), "23514"),
        ("maker and checker are one", batch(GOOD, checker="'m'"), "batch_two_persons"),
        # the header holds
        ("fewer lines than said", batch(GOOD, n=2, total=5), "LG008"),
        (
            "more lines than said",
            batch(GOOD, "202611, 2, {cash}, {expenditure}, 5", n=1, total=10),
            "LG008",
        ),
        ("another total than said", batch(GOOD, total=6), "LG008"),
        (
            "a number left out",
            batch(GOOD, "202611, 3, {cash}, {expenditure}, 5", n=2, total=10),
            "LG008",
        ),
        (
            "a number twice",
            batch(GOOD, "202611, 1, {cash}, {expenditure}, 5", n=2, total=10),
            "23505",
        ),
        (
            "a header without lines",
            f"insert into ledger.batch ({HEADER}) values (202611, 'raw', 'k', 'm', 'c', now(), 1, 5)",
            "LG008",
        ),
        (
            "lines without a header",
            "insert into ledger.transfer values (202611, 999999, 1, {cash}, {expenditure}, 5)",
            "LG008",
        ),
        (
            "a line more, later",
            "insert into ledger.transfer values (202611, {opening}, 4, {cash}, {expenditure}, 5)",
            "LG008",
        ),
        (
            "all lines again, later",
            "insert into ledger.transfer select * from ledger.transfer where batch = {opening}",
            "23505",
        ),
        # once
        ("a key used before", batch(GOOD, key="opening"), "batch_key"),
        # no overdraft, on either side
        (
            "more cash than there is",
            batch("202611, 1, {expenditure}, {cash}, 10001", total=10001),
            "balance_no_overdraft",
        ),
        (
            "more than is owed",
            batch("202611, 1, {payable}, {clearing}, 50001", total=50001),
            "balance_no_overdraft",
        ),
        (
            "beyond all numbers",
            batch("202611, 1, {cash}, {expense}, 9223372036854775807", total=9223372036854775807),
            "22003",
        ),
        # reversals
        (
            "a reversal of other lines",
            batch(GOOD, more=(", reverses", ", {opening}")),
            "LG009",
        ),
        (
            "a reversal of what is not there",
            batch(GOOD, more=(", reverses", ", 999999")),
            "23503",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "",
)
def test_a_batch_that_must_not_be(run: Runner, world: World, why: str, statement: str, code: str) -> None:
    if code == "22003":
        run(post, "nearly", (world.cash, world.expense, 9_200_000_000_000_000_000))
    refused(run, world, statement, code)
    assert run(ledger.check) == []


def test_a_closed_month_takes_nothing(run: Runner, world: World) -> None:
    run(ledger.close_period, NOVEMBER)
    refused(run, world, batch(GOOD), "LG003")
    refused(run, world, HOLD.format(debit="{payable}", credit="{cash}", fen=5), "LG003")


def test_a_batch_is_reversed_once_and_its_reversal_never(run: Runner, world: World) -> None:
    done = run(post, "wrong", (world.cash, world.expenditure, 5))
    mirror = "202611, 1, {expenditure}, {cash}, 5"
    reversal = run(lambda uow: ledger.reverse(uow, done, maker="m", checker="c"))
    refused(run, world, batch(mirror, more=(", reverses", f", {done}")), "batch_reversed_once")
    refused(run, world, batch(GOOD, more=(", reverses", f", {reversal}")), "LG009")


# ---- holds ----

HOLD = (
    "insert into ledger.hold (key, ym, debit, credit, amount_fen, reserved_by, reserved_at)"
    " values ('raw', 202611, {debit}, {credit}, {fen}, 'kiosk', now())"
)


@pytest.mark.parametrize(
    ("debit", "credit", "fen", "code"),
    [
        ("{payable}", "{cash}", "10001", "balance_no_overdraft"),
        ("{payable}", "{treasury}", "50001", "balance_no_overdraft"),
        ("{payable}", "{medical}", "5", "LG007"),
        ("{payable}", "{elsewhere}", "5", "LG007"),
        ("{payable}", "999999", "5", "LG006"),
        ("{cash}", "{cash}", "5", "23514"),
        ("{payable}", "{cash}", "0", "23514"),
        ("{payable}", "{cash}", "-5", "23514"),
    ],
)
def test_a_hold_that_must_not_be(
    run: Runner, world: World, debit: str, credit: str, fen: str, code: str
) -> None:
    refused(run, world, HOLD.format(debit=debit, credit=credit, fen=fen), code)
    assert run(ledger.check) == []


def test_a_hold_is_settled_once_and_only_by_its_door(run: Runner, world: World) -> None:
    def reserve(uow: Uow, key: str) -> ledger.Hold:
        return ledger.reserve(
            uow, key=key, debit=world.payable, credit=world.cash, fen=60_00, month=Month(2026, 11)
        )

    run(reserve, "order")
    refused(
        run, world, HOLD.format(debit="{payable}", credit="{cash}", fen=5).replace("raw", "order"), "hold_key"
    )
    refused(run, world, "update ledger.hold set state = 'voided'", "42501")
    refused(
        run, world, HOLD.format(debit=1, credit=2, fen="5").replace("key,", "state, key,"), "42501", "42601"
    )
    run(lambda uow: ledger.post_hold(uow, key="order", document="collection"))
    refused(run, world, "select ledger.void_hold('order', 'm', now())", "LG011")
    refused(run, world, "select ledger.void_hold('nobody', 'm', now())", "LG010")
    refused(run, world, batch("202611, 1, {expenditure}, {cash}, 4001", total=4001), "balance_no_overdraft")
    refused(run, world, "select ledger.post_hold('order', 202611, 'd', 'm', 'm', now()), 1 / 0", "22012")


# ---- rights ----

PROGRAMS_MAY_NOT = [
    *(
        f"{statement} ledger.{table}{rest}"
        for table in ("transfer", "transfer_202611", "batch", "account", "balance", "hold", "seal", "period")
        for statement, rest in (
            ("delete from", ""),
            ("truncate", ""),
            ("alter table", " disable trigger all"),
            ("drop table", " cascade"),
        )
    ),
    "update ledger.transfer set amount_fen = amount_fen + 1",
    "update ledger.transfer_202611 set amount_fen = amount_fen + 1",
    "update ledger.batch set maker = 'x'",
    "update ledger.account set no_overdraft = false",
    "update ledger.balance set debit = debit + 1",
    "update ledger.hold set amount_fen = 1",
    "update ledger.seal set n = 1",
    "update ledger.period set status = 'open', closed_at = null",
    "insert into ledger.transfer_202611 values (202611, 1, 99, {cash}, {expenditure}, 5)",
    "insert into ledger.balance (account, shard, normal, no_overdraft) values ({cash}, 1, 'D', false)",
    "insert into ledger.period (ym, opened_at) values (202601, now())",
    "insert into ledger.seal select 1, '', 1, 1, 1, 1, 1, '', '', now()",
    "insert into ledger.batch (id) overriding system value values (1)",
    "create table ledger.mine (id int)",
    "create trigger mine before insert on ledger.transfer execute function ledger.refuse_change()",
    "drop trigger posted on ledger.transfer",
    "alter table ledger.transfer detach partition ledger.transfer_202611",
    "alter function ledger.on_transfers() security invoker",
    "create or replace function ledger.require_open(p_ym integer) returns void language sql as 'select'",
    "select ledger.add_pending(1, {cash}, {payable}, -5)",
    "select ledger.require_open(202611)",
    "set session_replication_role = replica",
]


@pytest.mark.parametrize("statement", PROGRAMS_MAY_NOT)
def test_the_programs_may_only_add(run: Runner, world: World, statement: str) -> None:
    refused(run, world, statement, "42501")


def test_an_account_keeps_the_rule_it_was_opened_by(run: Runner, world: World) -> None:
    columns = "(fund, area, kind, owner, normal, no_overdraft, shards)"
    opening = f"insert into ledger.account {columns} values "
    refused(run, world, opening + "('pension', '310000', 'cash', '00000001', 'D', false, 1)", "account_once")
    refused(
        run, world, opening + "('pension', '310000', 'benefit_payable', null, 'C', false, 1)", "account_once"
    )
    refused(run, world, opening + "('pocket', '310000', 'cash', 'x', 'D', true, 1)", "account_fund")
    refused(run, world, opening + "('pension', '310000', 'cash', 'x', 'D', true, 2)", "account_authorises")
