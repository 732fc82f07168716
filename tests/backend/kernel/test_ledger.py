"""The fund ledger as callers see it: posted once, undone by a mirror, held then settled, read by month."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Select, func, literal, select, text, values
from sqlalchemy import column as named

from backend.kernel import ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import NotFound, Refusal
from backend.kernel.ledger import Line
from backend.kernel.period import Month
from tests.backend.kernel.ledger_world import AREA, DECEMBER, NOVEMBER, World, a_world, post

OCTOBER = Month(2026, 10)


@pytest.fixture
def world(run: Runner) -> World:
    return a_world(run)


def balance(run: Runner, account: int) -> int:
    return run(ledger.balance, account)


# ---- accounts ----


def test_an_account_is_opened_once_and_found_again(run: Runner, world: World) -> None:
    assert run(ledger.account, "pension", AREA, "cash", "00000001") == world.cash
    assert run(ledger.account, "pension", AREA, "cash", "00000009") not in vars_of(world)


def vars_of(world: World) -> set[int]:
    return {getattr(world, name) for name in world.__dataclass_fields__}


@pytest.mark.parametrize(
    ("fund", "kind", "owner"),
    [
        ("pension", "no_such_kind", None),
        ("pocket_money", "cash", "00000001"),
        ("pension", "cash", None),
        ("pension", "benefit_expense", "00000001"),
        ("pension", "job_retention_expense", None),
    ],
)
def test_an_account_outside_the_chart_is_a_bug(run: Runner, fund: str, kind: str, owner: str | None) -> None:
    with pytest.raises(ValueError, match=r"."):
        run(ledger.account, fund, AREA, kind, owner)


# ---- posting ----


def test_a_posting_moves_the_amount_and_nothing_else(run: Runner, world: World) -> None:
    run(post, "a", (world.cash, world.expenditure, 1), (world.cash, world.expenditure, 2))
    assert balance(run, world.cash) == 100_03
    assert balance(run, world.expenditure) == 999_97
    assert balance(run, world.payable) == -500_00
    assert run(ledger.check) == []


def test_the_same_posting_again_is_the_first_one(run: Runner, world: World) -> None:
    line = (world.cash, world.expenditure, 5_00)
    first = run(post, "again", line, line)
    assert run(post, "again", line, line) == first
    assert balance(run, world.cash) == 110_00


def test_the_same_posting_again_in_the_next_month_is_the_first_one(
    run: Runner, clock: FixedClock, world: World
) -> None:
    first = run(post, "late", (world.cash, world.expenditure, 5_00))
    clock.set(datetime(2026, 12, 1, tzinfo=UTC))
    assert run(lambda uow: post(uow, "late", (world.cash, world.expenditure, 5_00), month=DECEMBER)) == first
    assert balance(run, world.cash) == 105_00


@pytest.mark.parametrize("amounts", [(5_01,), (5_00, 1), (2_50, 2_50)])
def test_other_content_under_a_used_key_is_refused(
    run: Runner, world: World, amounts: tuple[int, ...]
) -> None:
    run(post, "used", (world.cash, world.expenditure, 5_00))
    with pytest.raises(ledger.AlreadyPosted, match="used"):
        run(post, "used", *((world.cash, world.expenditure, fen) for fen in amounts))
    with pytest.raises(ledger.AlreadyPosted):
        run(post, "used", (world.expenditure, world.cash, 5_00))
    assert balance(run, world.cash) == 105_00


def test_a_used_key_under_another_kind_of_document_is_refused(run: Runner, world: World) -> None:
    run(post, "used", (world.cash, world.expenditure, 5_00))
    with pytest.raises(ledger.AlreadyPosted):
        run(
            lambda uow: ledger.post(
                uow,
                month=NOVEMBER,
                document="another",
                key="used",
                lines=[Line(world.cash, world.expenditure, 5_00)],
                maker="maker",
                checker="checker",
            )
        )


@pytest.mark.parametrize("fen", [0, -1, 1.5, True, "100", None])
def test_a_line_moves_whole_fen_above_zero(fen: Any) -> None:
    with pytest.raises(ValueError, match="whole number of fen"):
        Line(1, 2, fen)


def test_refusals_are_sentences(run: Runner, world: World) -> None:
    refused: list[tuple[type[Refusal], Any]] = [
        (ledger.Overdrawn, lambda uow: post(uow, "x", (world.expenditure, world.cash, 100_01))),
        (ledger.Overdrawn, lambda uow: post(uow, "x", (world.payable, world.clearing, 500_01))),
        (ledger.TwoFunds, lambda uow: post(uow, "x", (world.medical, world.expenditure, 1))),
        (ledger.TwoFunds, lambda uow: post(uow, "x", (world.elsewhere, world.expenditure, 1))),
        (ledger.NothingToPost, lambda uow: post(uow, "x")),
        (ledger.PeriodNotOpen, lambda uow: post(uow, "x", (world.cash, world.expenditure, 1), month=OCTOBER)),
        (NotFound, lambda uow: ledger.balance(uow, 10**9)),
        (NotFound, lambda uow: ledger.statement(uow, 10**9, NOVEMBER, NOVEMBER)),
        (NotFound, lambda uow: ledger.reverse(uow, 10**9, maker="a", checker="b")),
    ]
    for refusal, work in refused:
        with pytest.raises(refusal) as told:
            run(work)
        assert told.value.message.endswith("。")
        assert "{" not in told.value.message
    assert run(ledger.check) == []


def test_maker_and_checker_come_from_the_case_in_hand(run: Runner, world: World) -> None:
    lines = [Line(world.cash, world.expenditure, 1)]

    def of(uow: Uow, key: str) -> Any:
        batch = ledger.post(uow, month=NOVEMBER, document="test", key=key, lines=lines)
        return uow.session.execute(
            text("select maker, checker, approved_at from ledger.batch where id = :id"), {"id": batch}
        ).one()

    with pytest.raises(ledger.NotChecked):
        run(of, "unchecked")
    with pytest.raises(ledger.SamePerson):
        run(lambda uow: of(replace(uow, approvers=("system",)), "alone"))
    signed = run(lambda uow: of(replace(uow, approvers=("second", "third")), "checked"))
    assert tuple(signed) == ("system", "third", datetime(2026, 11, 24, 2, 0, tzinfo=UTC))


# ---- a set of rows ----


def due(world: World, n: int) -> Select[Any]:
    amounts = func.generate_series(1, n).table_valued("fen").render_derived()
    return select(
        literal(world.expense).label("debit"),
        literal(world.payable).label("credit"),
        amounts.c.fen.label("amount_fen"),
    )


def post_due(uow: Uow, source: Select[Any], key: str = "set") -> int:
    return ledger.post_select(
        uow, month=NOVEMBER, document="benefit", key=key, source=source, maker="maker", checker="checker"
    )


def test_a_set_posts_as_one_batch_of_numbered_lines(run: Runner, world: World) -> None:
    batch = run(post_due, due(world, 1000))
    assert balance(run, world.payable) == -500_00 - 500_500
    lines = run(
        lambda uow: uow.session.execute(
            text("select count(*), min(line), max(line) from ledger.transfer where batch = :id"),
            {"id": batch},
        ).one()
    )
    assert tuple(lines) == (1000, 1, 1000)
    assert run(post_due, due(world, 1000)) == batch
    with pytest.raises(ledger.AlreadyPosted):
        run(post_due, due(world, 999))
    swapped = select(values(named("fen"), name="v").data([(500_499,), (1,)]).c.fen).subquery()
    with pytest.raises(ledger.AlreadyPosted):
        run(
            post_due,
            select(
                literal(world.expense).label("debit"),
                literal(world.payable).label("credit"),
                swapped.c.fen.label("amount_fen"),
            ),
        )
    assert run(ledger.check) == []


def test_a_set_of_nobody_is_refused(run: Runner, world: World) -> None:
    with pytest.raises(ledger.NothingToPost):
        run(post_due, due(world, 0))


# ---- reversal ----


def test_a_reversal_mirrors_every_line_once(run: Runner, world: World) -> None:
    batch = run(post_due, due(world, 10))
    reversal = run(lambda uow: ledger.reverse(uow, batch, maker="a", checker="b"))
    assert balance(run, world.payable) == -500_00
    assert run(lambda uow: ledger.reverse(uow, batch, maker="a", checker="b")) == reversal
    assert balance(run, world.payable) == -500_00
    with pytest.raises(ledger.ReversesReversal, match=str(reversal)):
        run(lambda uow: ledger.reverse(uow, reversal, maker="a", checker="b"))
    assert run(ledger.check) == []


def test_what_has_been_drawn_cannot_be_reversed_away(run: Runner, world: World) -> None:
    batch = run(post, "load", (world.other_cash, world.expenditure, 10_00))
    run(post, "pay", (world.payable, world.other_cash, 6_00))
    with pytest.raises(ledger.Overdrawn):
        run(lambda uow: ledger.reverse(uow, batch, maker="a", checker="b"))


def test_a_batch_of_a_closed_month_is_reversed_in_the_current_one(
    run: Runner, clock: FixedClock, world: World
) -> None:
    batch = run(post, "wrong", (world.cash, world.expenditure, 7))
    run(ledger.close_period, NOVEMBER)
    clock.set(datetime(2026, 12, 5, tzinfo=UTC))
    run(lambda uow: ledger.reverse(uow, batch, maker="a", checker="b"))
    (line,) = run(ledger.statement, world.cash, DECEMBER, DECEMBER).lines
    assert (line.month, line.credit_fen, line.balance_fen) == (DECEMBER, 7, 100_00)


# ---- holds ----


def hold(uow: Uow, world: World, key: str = "order/1", fen: int = 60_00) -> ledger.Hold:
    return ledger.reserve(uow, key=key, debit=world.payable, credit=world.cash, fen=fen, month=NOVEMBER)


def test_a_hold_moves_nothing_until_it_is_posted_once(run: Runner, world: World) -> None:
    held = run(hold, world)
    assert (held.state, held.fen) == ("pending", 60_00)
    assert run(hold, world) == held
    assert balance(run, world.cash) == 100_00
    batch = run(lambda uow: ledger.post_hold(uow, key="order/1", document="collection"))
    assert run(lambda uow: ledger.post_hold(uow, key="order/1", document="collection")) == batch
    assert balance(run, world.cash) == 40_00
    assert balance(run, world.payable) == -440_00
    assert run(ledger.check) == []
    with pytest.raises(ledger.HoldSettled):
        run(lambda uow: ledger.void_hold(uow, key="order/1"))
    with pytest.raises(ledger.HoldSettled):
        run(hold, world)


def test_a_voided_hold_is_free_again_and_stays_voided(run: Runner, world: World) -> None:
    run(hold, world, fen=100_00)
    with pytest.raises(ledger.Overdrawn):
        run(hold, world, "order/2", 1)
    run(lambda uow: ledger.void_hold(uow, key="order/1"))
    run(lambda uow: ledger.void_hold(uow, key="order/1"))
    with pytest.raises(ledger.HoldSettled):
        run(lambda uow: ledger.post_hold(uow, key="order/1", document="collection"))
    assert run(hold, world, "order/2", 100_00).state == "pending"
    assert run(ledger.check) == []


def test_what_is_held_cannot_be_posted_away(run: Runner, world: World) -> None:
    run(hold, world)
    with pytest.raises(ledger.Overdrawn):
        run(post, "empty", (world.expenditure, world.cash, 40_01))
    run(post, "rest", (world.expenditure, world.cash, 40_00))


def test_what_is_owed_is_held_no_more_than_once(run: Runner, world: World) -> None:
    run(post, "load", (world.cash, world.expenditure, 900_00))
    run(hold, world, "order/1", 300_00)
    with pytest.raises(ledger.Overdrawn):
        run(hold, world, "order/2", 200_01)


def test_a_hold_key_is_for_one_thing(run: Runner, world: World) -> None:
    run(hold, world)
    with pytest.raises(ledger.HoldReused, match="order/1"):
        run(hold, world, fen=60_01)
    for settle in (
        lambda uow: ledger.post_hold(uow, key="order/?", document="collection"),
        lambda uow: ledger.void_hold(uow, key="order/?"),
    ):
        with pytest.raises(ledger.UnknownHold, match="order/"):
            run(settle)


def test_a_hold_is_booked_in_the_month_in_which_it_is_settled(
    run: Runner, clock: FixedClock, world: World
) -> None:
    run(hold, world)
    run(ledger.close_period, NOVEMBER)
    clock.set(datetime(2026, 11, 30, 16, 0, tzinfo=UTC))  # midnight of 1 December in China
    run(lambda uow: ledger.post_hold(uow, key="order/1", document="collection"))
    assert run(ledger.statement, world.cash, DECEMBER, DECEMBER).closing_fen == 40_00
    assert run(ledger.check) == []


def test_two_persons_who_settle_a_hold_stand_in_the_batch(run: Runner, world: World) -> None:
    run(hold, world)
    batch = run(
        lambda uow: ledger.post_hold(replace(uow, approvers=("second",)), key="order/1", document="count")
    )
    signed = run(
        lambda uow: uow.session.execute(
            text("select maker, checker, key from ledger.batch where id = :id"), {"id": batch}
        ).one()
    )
    assert tuple(signed) == ("system", "second", "hold/order/1")
