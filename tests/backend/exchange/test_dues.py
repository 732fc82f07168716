"""Tables 8 and 11: what was billed and is owed, paid in part, paid late, made good."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from backend.exchange.checking import found_in
from backend.exchange.scope import Values, scope_of
from backend.exchange.standard import tables
from backend.exchange.values import text_of
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.money import ZERO, Money
from backend.levy import service as levy
from backend.levy.schema import ChooseBase, Reassess, ReverseReceipt
from tests.backend.exchange.test_sources import rows, some
from tests.backend.levy.town import (
    AUGUST,
    DUES,
    MIDDLE,
    WHOLE,
    ZHAO,
    a_town,
    at,
    bill,
    carried_out,
    declare_all,
    flexible,
    receive,
)
from tests.backend.people import USCC, ZHANG

LATE = date(2026, 9, 9)


@pytest.fixture
def billed(run: Runner, clock: FixedClock) -> None:
    """August is billed to an employer of three and to a flexible worker; nobody has paid."""
    a_town(run, clock)
    declare_all(run)
    flexible(run, ZHANG)
    run.system(levy.choose_base, ChooseBase(ident=ZHANG, since="2026-08", base_fen=MIDDLE))
    bill(run)


def of(run: Runner, table: int, ident: str | None = None, year: int | None = None) -> list[Values]:
    """The records, each held against the standard as it would be written."""
    found = rows(run, table, year)
    head = run.system(lambda uow: scope_of(uow, year)).head
    for row in found:
        texts = [text_of(one, {**head, **row}.get(one.code)) for one in tables()[table].elements]
        assert list(found_in(tables()[table], texts)) == []
    return [row for row in found if ident in (None, row.get("AAC002"))]


def test_what_is_owed_stands_there_as_not_paid(run: Runner, billed: None) -> None:
    (employer,) = of(run, 8)
    assert some(employer, "AAB119", "AAE058", "AAE078N", "AAE002", "AAE003", "AAA115N") == (
        3, Money(DUES["110"]), "否", AUGUST, AUGUST, "正常应缴",
    )  # fmt: skip
    assert some(employer, "AAE080", "AAE081", "AAE082", "AAE083", "EAD131", "AAB204") == (
        ZERO, ZERO, ZERO, ZERO, None, ZERO,
    )  # fmt: skip
    assert employer["AAE023"] == Money(60_368 + 80_000 + 301_848), "what will be credited when it is paid"
    (zhao,) = of(run, 11, ZHAO)
    assert some(zhao, "EAZ058", "AAE020", "AAE022", "AAE082", "AAE180", "AAA042", "AAA041") == (
        employer["EAZ058"], Money(160_000), Money(80_000), ZERO, Money(MIDDLE), Decimal("0.16"), Decimal("0.08"),
    )  # fmt: skip
    assert some(zhao, "AAE078", "AAE017", "AAE036") == ("0", "未核销", date(2026, 8, 5))


def test_all_of_a_flexible_workers_dues_are_their_own(run: Runner, billed: None) -> None:
    (alone,) = of(run, 11, ZHANG)
    assert some(alone, "AAB001", "AAB004", "AAE020", "AAE022", "AAE023") == (
        None, "灵活就业人员", ZERO, Money(200_000), Money(80_000),
    )  # fmt: skip
    assert len(of(run, 8)) == 1


def test_of_a_bill_paid_in_part_nobody_knows_for_whom(run: Runner, billed: None) -> None:
    receive(run, "B0001", 100_000)
    (employer,) = of(run, 8)
    assert some(employer, "AAE078", "AAE080", "AAE082", "AAE083") == ("0", None, None, ZERO)
    assert of(run, 11, ZHAO)[0]["AAE082"] is None


def test_what_was_paid_late_says_when_how_and_with_which_fee(
    run: Runner, clock: FixedClock, billed: None
) -> None:
    at(clock, 2026, 9, 9)
    receive(run, "T0001", WHOLE + 100_000, channel="tax")
    (employer,) = of(run, 8)
    assert some(employer, "AAE078N", "EAD131", "AAB033", "AAB033N") == ("是", LATE, "2", "税务代征")
    assert employer["AAE058"] == Money(DUES["110"])
    assert employer["AAE080"] == employer["AAE020"]
    assert employer["AAE082"] == employer["AAE083"] == employer["AAE022"]
    days = (LATE - date(2026, 8, 25)).days
    assert employer["AAB204"] == Money((DUES["110"] * days * 5 + 5_000) // 10_000)
    assert some(of(run, 11, ZHAO)[0], "AAE078", "AAE082", "EAD131") == ("1", Money(80_000), LATE)


def test_a_reversed_receipt_leaves_nothing_behind(run: Runner, billed: None) -> None:
    before = of(run, 8), of(run, 11)
    receive(run, "B0001", WHOLE)
    carried_out(run, "LEV-07", ReverseReceipt(channel="bank", reference="B0001", reason="银行退回"))
    assert (of(run, 8), of(run, 11)) == before


def correct(run: Runner, wage: int) -> None:
    run.system(
        levy.reassess, Reassess(uscc=USCC, ident=ZHAO, since="2026-08", until="2026-08", wage_fen=wage)
    )


def test_a_difference_is_a_record_of_its_own_and_a_reduction_lowers_its_own(
    run: Runner, billed: None
) -> None:
    correct(run, MIDDLE + 200_000)
    first, more = of(run, 11, ZHAO)
    assert some(more, "AAA115", "AAA115N", "AAE020", "AAE022", "AAE003") == (
        "", "补差", Money(32_000), Money(16_000), AUGUST,
    )  # fmt: skip
    assert first["EAZ058"] != more["EAZ058"]
    assert [row["AAA115N"] for row in of(run, 8)] == ["正常应缴", "补差"]
    correct(run, MIDDLE - 200_000)
    total = sum(row["AAE058"].fen for row in of(run, 11, ZHAO) if isinstance(row["AAE058"], Money))
    assert total == (MIDDLE - 200_000) * 24 // 100
    assert sum(row["AAE058"].fen for row in of(run, 8) if isinstance(row["AAE058"], Money)) == sum(
        row["AAE058"].fen for row in of(run, 11) if isinstance(row["AAE058"], Money) and row["AAB001"]
    )
