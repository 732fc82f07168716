"""The city that is asked anything: small, complete, with somebody of each kind, and a bell that rings at every write."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_plus

import httpx2
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from pydantic import SecretStr
from rich.progress import Progress
from sqlalchemy import Engine, text
from sqlalchemy.orm import sessionmaker

from backend import wiring
from backend.demo.cast import CAST, PASSWORD
from backend.demo.load import load
from backend.http import SESSION_COOKIE
from backend.kernel import auth
from backend.kernel.actor import SYSTEM, Kind
from backend.kernel.clock import FixedClock
from backend.kernel.db import Base, Runner
from backend.kernel.db import engine as connect
from backend.kernel.settings import settings as house
from backend.kernel.telling import Refused
from portal.app import create
from portal.indexing import Indexer
from portal.occupations import table
from search.engine import open_index
from tests.conftest import TODAY

PERSONS, VACANCIES = 100, 40
HERE = {"sec-fetch-site": "same-origin"}
KIOSK = "000000ff"
OFFICERS = ("经办", "复核", "审计", "财务")
ROLES = ("anyone", "citizen", "neighbour", "employer", *OFFICERS, "kiosk")
LOGINS = {
    "citizen": next(one.login for one in CAST if one.key == "retiree_cash"),
    "neighbour": next(one.login for one in CAST if one.key == "seeker"),
    "employer": next(one.login for one in CAST if one.kind == "employer"),
}
PLACE = re.compile(r"\{[a-z_0-9]{2,}\}")  # a fact that nobody filled in
TIMES = int(os.environ.get("RENSHE_FUZZ", "1"))  # how many times as much as every day
MAY_CHANGE = {"audit", "kernel.request", "auth.attempt", "auth.session"}  # also by who is refused


def much(examples: int) -> settings:
    """So many examples, the same ones every day; more and other ones by `make fuzz`."""
    return settings(
        max_examples=examples * TIMES,
        derandomize=TIMES == 1,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@dataclass(frozen=True)
class World:
    """One client a role, and what rings when something is written."""

    visitors: dict[str, TestClient]
    owner: Engine

    def written(self) -> int:
        """How many rows of what people's pensions depend on were written so far."""
        with self.owner.connect() as connection:
            return int(connection.execute(text("select count(*) from public.bell")).scalar_one())

    def judged(self, role: str, method: str, path: str, **sent: object) -> httpx2.Response:
        """Ask, follow no one elsewhere, and hold the answer to what every answer must be."""
        before = self.written()
        visitor = self.visitors[role]
        request = visitor.build_request(method, path, **sent)  # type: ignore[arg-type]
        request.read()
        answer = visitor.send(request, follow_redirects=False)
        judge(answer)
        if answer.status_code >= 400:
            assert self.written() == before, f"{role} {method} {path} was refused, and something was written"
        return answer


def judge(answer: httpx2.Response) -> None:
    """Never a crash; a refusal is a sentence, in JSON or on a page, with nothing left to fill in."""
    where = f"{answer.request.method} {answer.request.url} {answer.status_code}"
    assert answer.status_code < 500, f"{where} {answer.text[:500]}"
    if answer.status_code < 400:
        return
    kind = answer.headers["content-type"]
    if answer.request.method == "HEAD":
        return
    if answer.request.url.path.startswith("/api/"):
        assert kind == "application/json", where
        told = Refused.model_validate_json(answer.content)
        for name in told.fields:
            assert len(name) < 300, where
        asked = set(
            PLACE.findall(
                unquote_plus(str(answer.request.url)) + answer.request.content.decode(errors="replace")
            )
        )
        names = sorted((name.rpartition(".")[2] for name in told.fields), key=len, reverse=True)
        for said in (told.message, *told.fields.values()):
            for name in filter(None, names):
                said = said.replace(name, "")  # a field that nobody knows is called by its own name
            assert said.strip(), where
            assert asked.issuperset(PLACE.findall(said)), (where, said)
        assert len(answer.content) < 100_000, where
    else:
        assert kind.startswith("text/html"), where
        assert "<h1" in answer.text, where


@contextmanager
def open_world(url: str, home: Path) -> Iterator[World]:
    """The demo city with somebody of each kind signed in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RENSHE_HOME", str(home))
        house.cache_clear()
        app_engine, owner = connect(url, size=4), connect(url, size=1, role=None)
        run = Runner(
            sessionmaker(app_engine, expire_on_commit=False), wiring.HANDLERS, SYSTEM, FixedClock(TODAY)
        )
        with Progress(disable=True) as progress:
            load(url, run, PERSONS, VACANCIES, progress)
        _hang_bells(owner)
        with open_index(home, table(), write=True) as writing:
            Indexer(run, writing, home).rebuild()
        app = create(run, open_index(home, table()))
        with TestClient(app) as first:
            world = World({role: _visitor(first, run, role) for role in ROLES}, owner)
            _begin(world)
            yield world
        for one in (app_engine, owner):
            one.dispose()
    house.cache_clear()


def _begin(world: World) -> None:
    """Something is going on: a case waits, and somebody has applied for a job."""
    filed = {"kiosk": KIOSK, "amount_fen": 100, "sheet": "1"}
    assert world.judged("经办", "POST", "/api/v1/items/PAY-22", json=filed).status_code == 202
    own = world.judged("employer", "GET", f"/api/v1/questions/EMP-Q1?uscc={LOGINS['employer']}").json()
    wanted = next(one["vacancy"] for one in own["vacancies"] if one["status"] == "open")
    letter = {"letter": "随时可以上班"}
    assert world.judged("neighbour", "POST", f"/jobs/{wanted}/apply", data=letter).status_code == 303


def _visitor(first: TestClient, run: Runner, role: str) -> TestClient:
    client = TestClient(first.app, headers=HERE)
    client.portal = first.portal  # one loop for all
    if role == "kiosk":
        key = secrets.token_hex(32)
        run.system(auth.register_device, id=KIOSK, name="自助机", area="310101", key=key)
        client.headers["authorization"] = f"Device {KIOSK}:{key}"
    elif role != "anyone":
        name = _name(run, role)
        token = run.system(auth.check_password, auth.SignIn(name=name, password=SecretStr(PASSWORD)), role)
        assert isinstance(token, str)
        client.cookies.set(SESSION_COOKIE, token)
    return client


def _name(run: Runner, role: str) -> str:
    """Who of the cast plays this role; an officer has one role only."""
    if role in LOGINS:
        return LOGINS[role]
    name = f"90000{1 + OFFICERS.index(role)}"
    run.system(
        auth.enrol, name=name, kind=Kind.OFFICER, shown=role, password=PASSWORD, area="310000", roles=(role,)
    )
    return name


def _hang_bells(owner: Engine) -> None:
    """Every row written to a table of the business rings; what is undone has never rung."""
    names = [
        f'"{one.schema}"."{one.name}"' for one in Base.metadata.sorted_tables if _counts(one.schema, one.name)
    ]
    with owner.begin() as connection:
        connection.execute(text("create table public.bell (of text)"))
        connection.execute(
            text(
                "create function public.ring() returns trigger language plpgsql security definer as "
                "$$ begin insert into public.bell values (tg_table_name); return null; end $$"
            )
        )
        for name in names:
            connection.execute(
                text(
                    f"create trigger zz_ring after insert or update or delete on {name} "
                    "for each row execute function public.ring()"
                )
            )


def _counts(schema: str | None, name: str) -> bool:
    return not {schema, f"{schema}.{name}"} & MAY_CHANGE
