"""City: the real backend and a real PostgreSQL of its own, for collections that are cut at declared points.

The kiosk's half of the drill (kiosk.drill) talks HTTP to the city opened here and asks its books directly,
as an auditor would.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Literal

import uvicorn
from sqlalchemy import BigInteger, String, column, select, values

from backend import migrate, wiring
from backend.app import create
from backend.demo import numbers
from backend.kernel import auth, embedded, items, ledger, review
from backend.kernel.actor import Actor, Kind, Permission
from backend.kernel.clock import CHINA, SystemClock
from backend.kernel.db import Runner, Uow, runner
from backend.kernel.period import Month
from backend.kernel.vault import Vault
from backend.payout import accounts
from backend.payout import service as payout
from backend.registry import service as registry

AREA, KIOSK, DISPENSER = "310000", "00000001", "D-0001"
BIRTH, ISSUED, EXPIRES = date(1955, 1, 1), date(2024, 1, 2), date(2034, 1, 1)
LEAST_FEN, MOST_FEN = 100_000, 900_000
FUND_FEN = 10**12
PIN = "123456"
QUARTER = timedelta(minutes=16)
COUNTS = Actor(Kind.OFFICER, "drill/counts", "甲", AREA, permissions=frozenset({Permission.PAYOUT_RUN}))
CHECKS = Actor(Kind.OFFICER, "drill/checks", "乙", AREA, permissions=frozenset({Permission.CASE_APPROVE}))


class DrillClock(SystemClock):
    """The machine's time, moved on by hand: a quarter of an hour goes by in no time."""

    moved: timedelta = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.moved

    def today(self) -> date:
        return self.now().astimezone(CHINA).date()

    def go_on(self, time: timedelta) -> None:
        object.__setattr__(self, "moved", self.moved + time)


@dataclass(frozen=True)
class Retiree:
    """One person with one payment due; the card as the kiosk's tray reads it."""

    persona: Mapping[str, str]
    amount_fen: int


Profile = Literal["field", "collect"]


@dataclass
class Books:
    """The office's own accounts, as an auditor may ask them."""

    run: Runner
    clock: DrillClock
    people: list[Retiree]

    def retiree(self, n: int) -> Retiree:
        return self.people[n]

    def owed_fen(self) -> int:
        return self.run(lambda uow: -ledger.balance(uow, accounts.payable(uow)))

    def paid_in_cash_fen(self) -> int:
        return FUND_FEN // 2 - self.run(lambda uow: ledger.balance(uow, accounts.cassette(uow, KIOSK)))

    def in_suspense(self) -> Sequence[str]:
        return self.run(payout.in_suspense)

    def time_passes(self) -> None:
        self.clock.go_on(QUARTER)
        self.run(payout.settle_stale)

    def count_cash(self, order: str, *, handed_out: bool) -> None:
        """One officer files what was counted (PAY-21), another one approves it."""
        command = payout.CountCash(order=order, handed_out=handed_out)
        filed = items.perform(self.run.by(COUNTS), items.find("PAY-21"), command)
        if not isinstance(filed, items.Filed):
            raise TypeError("a count needs a second person")
        approval = review.Decide(no=filed.case_no, decision="approved")
        items.perform(self.run.by(CHECKS), items.find("CAS-01"), approval)

    def differences(self) -> Sequence[str]:
        """What the ledger finds wrong with itself, and payout with the ledger."""
        return [str(one) for one in self.run(ledger.check) + self.run(payout.check)]


@dataclass
class City:
    """What the kiosk's half needs to know."""

    url: str
    books: Books
    key: str
    dispenser_key: bytes
    kiosk: str = KIOSK
    dispenser: str = DISPENSER


@contextmanager
def city(people: int, seed: int, profile: Profile = "field") -> Iterator[City]:
    """A city with so many retirees, their cards of one kind, its backend served on a free port."""
    home = Path(tempfile.mkdtemp(prefix="renshe-drill-"))
    try:
        owner = embedded.ensure_database(embedded.start(home), "renshe")
        migrate.upgrade(owner)
        clock = DrillClock()
        run = runner_on(owner, clock, Vault.new())
        books = Books(run, clock, settle_in(run, people, Random(seed), profile=profile))  # noqa: S311 - a demonstration
        key = secrets.token_hex(32)
        run(enrol, key)
        with _served(run) as url:
            yield City(url, books, key, run.vault.dispenser_key(DISPENSER))
        run.sessions.kw["bind"].dispose()
    finally:
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)


counting = partial(city, profile="collect")  # the same city, its cards keep count and proofs


def runner_on(owner: str, clock: DrillClock, vault: Vault) -> Runner:
    made = runner(owner, wiring.HANDLERS, vault, size=8)
    return Runner(made.sessions, made.handlers, clock=clock, vault=made.vault).system


def enrol(uow: Uow, key: str) -> None:
    auth.register_device(uow, id=KIOSK, name="演练自助机", area=AREA, key=key)
    payout.enrol_dispenser(uow, KIOSK, DISPENSER)
    payout.open_books(uow, FUND_FEN, FUND_FEN, maker="drill/maker", checker="drill/checker")
    payout.load(uow, KIOSK, FUND_FEN // 2, "opening")


def settle_in(
    run: Runner,
    people: int,
    rng: Random,
    least_fen: int = LEAST_FEN,
    most_fen: int = MOST_FEN,
    profile: Profile = "field",
) -> list[Retiree]:
    """Persons, cards and one month's payments, by the real commands."""
    listed = [_person(run.vault, n, rng.randint(least_fen, most_fen), profile) for n in range(people)]

    def register(uow: Uow) -> None:
        for one in listed:
            given = one.persona
            registry.register_person(
                uow,
                registry.RegisterPerson(
                    ident=given["ident"],
                    name=given["name"],
                    area="310101",
                    phone="13800000000",
                    address="演练路 1 号",
                ),
            )
            registry.issue_card(
                uow,
                registry.IssueCard(
                    ident=given["ident"],
                    card_no=given["card_no"],
                    card_code=given["card_code"],
                    version="2.00",
                    issued=ISSUED,
                    expires=EXPIRES,
                    profile=profile,
                ),
            )
        due = values(column("ident", String), column("amount", BigInteger), name="due").data(
            [(one.persona["ident"], one.amount_fen) for one in listed]
        )
        payout.run_month(
            uow,
            fund="pension",
            what="基本养老金",
            area=AREA,
            month=Month.of(uow.today),
            due=select(
                registry.Person.id.label("person_id"),
                payout.month_of(Month.of(uow.today)).label("month"),
                due.c.amount.label("amount"),
            ).join(due, due.c.ident == registry.Person.ident),
            checker="drill/checker",
        )

    run(register)
    return listed


def _person(vault: Vault, n: int, amount_fen: int, profile: Profile) -> Retiree:
    day = BIRTH + timedelta(days=n)
    code = numbers.card_code(AREA, n + 1)
    return Retiree(
        {
            "card_no": numbers.card_number(n + 1),
            "card_code": code,
            "area": AREA,
            "ident": numbers.citizen_number("310101", f"{day:%Y%m%d}", 2),
            "name": f"演练{'甲乙丙丁戊己庚辛壬癸'[n % 10]}",
            "sex": "2",
            "nation": "01",
            "birth": day.isoformat(),
            "issued": ISSUED.isoformat(),
            "expires": EXPIRES.isoformat(),
            "version": "2.00",
            "key": vault.card_key(AREA, code).hex(),
            "pin": PIN,
        }
        | (vault.of_collect_card(AREA, code) if profile == "collect" else {}),
        amount_fen,
    )


@contextmanager
def _served(run: Runner) -> Iterator[str]:
    """The backend's API on a free port of this machine."""
    server = uvicorn.Server(uvicorn.Config(create(run), host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
