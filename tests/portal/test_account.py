"""My account: one unit of work a page, and only a number where only a number is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlalchemy.engine import Connection

from backend.employment.messages import write
from backend.kernel.db import Runner, Uow
from backend.kernel.money import ZERO, Money
from backend.kernel.period import Month
from backend.pension import interest
from backend.pension.model import Account, AccountYear
from backend.pension.schema import SettleYear
from backend.registry import service as registry
from tests.backend.people import USCC, ZHANG
from tests.portal.city import signed


@contextmanager
def told(run: Runner) -> Iterator[list[str]]:
    """The statements that reach the database."""
    bind = run.sessions.kw["bind"]
    assert isinstance(bind, Connection)
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        statements.append(statement)

    event.listen(bind, "before_cursor_execute", note)
    yield statements
    event.remove(bind, "before_cursor_execute", note)


def units(statements: list[str]) -> int:
    return sum("set_config('renshe.scope'" in one for one in statements)


def test_the_overview_is_one_unit_of_work(site: TestClient, run: Runner) -> None:
    signed(site, ZHANG)
    with told(run) as statements:
        assert site.get("/account").status_code == 200
    assert units(statements) == 2, "who is signed in, then the whole page"


def test_messages_are_read_only_where_they_are_shown(site: TestClient, run: Runner) -> None:
    run.system(lambda uow: write(uow, registry.person(uow, ZHANG).id, "通知", "内容"))
    signed(site, ZHANG)
    with told(run) as statements:
        page = site.get("/account/card").text
    assert 'class="tag waits">1<' in page
    assert not [one for one in statements if "message.body" in one]
    with told(run) as statements:
        assert "内容" in site.get("/account/messages").text
    assert [one for one in statements if "message.body" in one]


def test_who_has_no_account_is_told_so_on_every_page(site: TestClient) -> None:
    signed(site, ZHANG)
    for page in ("", "/statement", "/pension", "/pension/when", "/pension/estimate"):
        assert "还没有养老保险账户" in site.get(f"/account{page}").text


def test_an_unknown_address_knows_who_is_there(site: TestClient) -> None:
    signed(site, USCC)
    page = site.get("/no/such/page").text
    assert "退出" in page
    assert ">登录<" not in page


def test_the_statement_says_by_which_rate_a_year_bore_interest_and_which_has_not_yet(
    site: TestClient, run: Runner
) -> None:
    run.system(_two_years)
    run.system(interest.settle_year, SettleYear(year=2025))
    signed(site, ZHANG)
    page = site.get("/account/statement").text
    assert re.search(r"150\.00<br><small>记账利率 1\.5%</small>", page)
    assert "10,150.00" in page
    assert page.count("未结息") == 1


def _two_years(uow: Uow) -> None:
    person, held = registry.person(uow, ZHANG).id, Money(1_000_000)
    uow.session.add(
        Account(
            person_id=person,
            status="1",
            opened=Month(2025, 1),
            track=60,
            months_paid=0,
            deemed_months=0,
            index_sum=0,
        )
    )
    uow.session.flush()
    uow.session.add_all(
        AccountYear(
            year=year,
            person_id=person,
            months=0,
            opening=held,
            credited=ZERO,
            interest=ZERO,
            paid=ZERO,
            closing=held,
        )
        for year in (2025, 2026)
    )
