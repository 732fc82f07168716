"""My account: one unit of work a page, and only a number where only a number is shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlalchemy.engine import Connection

from backend.employment.messages import write
from backend.kernel.db import Runner
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
    for page in ("", "/statement", "/benefits"):
        assert "还没有养老保险账户" in site.get(f"/account{page}").text


def test_an_unknown_address_knows_who_is_there(site: TestClient) -> None:
    signed(site, USCC)
    page = site.get("/no/such/page").text
    assert "退出" in page
    assert ">登录<" not in page
