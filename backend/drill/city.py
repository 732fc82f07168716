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
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Literal

import uvicorn
from sqlalchemy import BigInteger, String, column, select, text, values

from backend import migrate, wiring
from backend.app import create
from backend.cards import service as cards
from backend.cards.schema import FindCard
from backend.demo import numbers
from backend.drill.street import BORN, found, open_street
from backend.drill.wire import Wire
from backend.http import API
from backend.kernel import auth, embedded, items, ledger, review
from backend.kernel.actor import Actor, Kind, Permission
from backend.kernel.clock import CHINA, SystemClock
from backend.kernel.db import Runner, Uow, runner
from backend.kernel.period import Month
from backend.kernel.vault import Vault
from backend.payout import accounts
from backend.payout import service as payout
from backend.registry import service as registry
from backend.registry.schema import ChangeAccount

A_COMMIT = 2_000
DAYS = 3_650  # of birth
AREA, KIOSK, DISPENSER = "310000", "00000001", "D-0001"
BORN_DAYS, BORN_ORDER = 28, 700  # of wanderers
BIRTH, ISSUED, EXPIRES = date(1955, 1, 1), date(2024, 1, 2), date(2034, 1, 1)
LEAST_FEN, MOST_FEN = 100_000, 900_000
FUND_FEN = 10**12
PIN = "123456"
READERS = bytes.fromhex("3f6a0e51c89d4b72a1e05c3794d8b60f")  # a key centre of the drill's own
AT_BANK = text("select sum(amount) from payout.order where method = 'bank' and state = 'authorised'")
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
class CardKind:
    version: str
    profile: Literal["field", "collect"] = "field"


# second generation; third, which shows its holder to terminals with the readers' key only; with the collect profile
KINDS = (CardKind("2.00"), CardKind("3.00"), CardKind("3.00", "collect"))


@dataclass(frozen=True)
class Retiree:
    """One person with one payment due; the card as the kiosk's tray reads it."""

    persona: Mapping[str, str]
    amount_fen: int


@dataclass
class Books:
    """The office's own accounts, as an auditor may ask them."""

    run: Runner
    clock: DrillClock
    people: list[Retiree]
    wanderers: list[Retiree] = field(default_factory=list)
    kinds: int = len(KINDS)

    def retiree(self, n: int) -> Retiree:
        return self.people[n]

    def wanderer(self, n: int) -> Retiree:
        return self.wanderers[n]

    def owed_fen(self) -> int:
        return self.run(_owed_fen)

    def paid_in_cash_fen(self) -> int:
        return self.run(_paid_in_cash_fen)

    def accounts(self) -> tuple[int, int, int]:
        """Owed, paid in cash, told to a bank: at one moment."""
        return self.run(
            lambda uow: (_owed_fen(uow), _paid_in_cash_fen(uow), int(uow.session.scalar(AT_BANK) or 0))
        )

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

    def give_back(self, n: int) -> None:
        card = self.wanderers[n].persona
        with suppress(registry.CardNotNow):  # it was never lost
            self.run(cards.find_card, FindCard(ident=card["ident"], card_no=card["card_no"]))

    def differences(self) -> Sequence[str]:
        """What the ledger finds wrong with itself, and payout with the ledger."""
        return [str(one) for one in self.run(ledger.check) + self.run(payout.check)]


def _owed_fen(uow: Uow) -> int:
    return -ledger.balance(uow, accounts.payable(uow))


def _paid_in_cash_fen(uow: Uow) -> int:
    return FUND_FEN // 2 - ledger.balance(uow, accounts.cassette(uow, KIOSK))


@dataclass
class City:
    """What the kiosk's half needs to know."""

    url: str
    books: Books
    key: str
    dispenser_key: bytes
    answers: Wire  # what it does with an item, without a network
    kiosk: str = KIOSK
    dispenser: str = DISPENSER
    terminal_key: bytes = READERS


@contextmanager
def city(people: int, seed: int, wanderers: int = 0) -> Iterator[City]:
    """A city with so many retirees with one payment due, and so many with two and a bank account, cards of every kind
    among them; its backend served on a free port."""
    home = Path(tempfile.mkdtemp(prefix="renshe-drill-"))
    try:
        owner = embedded.ensure_database(embedded.start(home), "renshe")
        migrate.upgrade(owner)
        clock = DrillClock()
        run = runner_on(owner, clock, Vault.new())
        rng = Random(seed)  # noqa: S311 - a demonstration
        retirees = settle_in(run, people, rng, wanderers=wanderers)
        open_street(run, [one.persona["ident"] for one in retirees[people:]])
        books = Books(run, clock, retirees[:people], retirees[people:])
        key = secrets.token_hex(32)
        run(enrol, key)
        with _served(run) as url:
            yield City(url, books, key, run.vault.dispenser_key(DISPENSER), Wire(run, KIOSK, key))
        run.sessions.kw["bind"].dispose()
    finally:
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)


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
    wanderers: int = 0,
) -> list[Retiree]:
    """Persons, cards and one month's payments, by the real commands; the last of them are wanderers."""
    listed = [
        _person(run.vault, n, rng.randint(least_fen, most_fen), _born(n, n - people))
        for n in range(people + wanderers)
    ]
    several = listed[people:]
    for at in range(0, len(listed), A_COMMIT):
        run(_register, listed[at : at + A_COMMIT])
    run(_bank_accounts, several)
    month = Month.of(run.clock.today())
    run(_pay, month, listed)
    run(_pay, month - 1, several)
    return listed[:people] + [replace(one, amount_fen=2 * one.amount_fen) for one in several]


def _register(uow: Uow, listed: Sequence[Retiree]) -> None:
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
                version=given["version"],
                issued=ISSUED,
                expires=EXPIRES,
                profile=given.get("profile", "field"),
            ),
        )


def _bank_accounts(uow: Uow, several: Sequence[Retiree]) -> None:
    """They are paid by card all the same: the bank account stands by."""
    for n, one in enumerate(several, 1):
        registry.change_account(
            uow,
            ChangeAccount(
                ident=one.persona["ident"],
                bank=numbers.BANK,
                number=numbers.bank_account(n),
                holder=one.persona["name"],
                standing=False,
            ),
        )


def _pay(uow: Uow, month: Month, listed: Sequence[Retiree]) -> None:
    if not listed:
        return
    due = values(column("ident", String), column("amount", BigInteger), name="due").data(
        [(one.persona["ident"], one.amount_fen) for one in listed]
    )
    payout.run_month(
        uow,
        fund="pension",
        what="基本养老金",
        area=AREA,
        month=month,
        due=select(
            registry.Person.id.label("person_id"),
            payout.month_of(month).label("month"),
            due.c.amount.label("amount"),
        ).join(due, due.c.ident == registry.Person.ident),
        checker="drill/checker",
    )


def _born(n: int, wanderer: int) -> tuple[date, int]:
    """Birthday and number of the day: whoever wanders retired not long ago."""
    if wanderer >= 0:
        return BORN + timedelta(days=wanderer % BORN_DAYS), BORN_ORDER + 2 * (wanderer // BORN_DAYS)
    return BIRTH + timedelta(days=n % DAYS), 2 + 2 * (n // DAYS)


def _person(vault: Vault, n: int, amount_fen: int, born: tuple[date, int]) -> Retiree:
    day, order = born
    kind = KINDS[n % len(KINDS)]
    code = numbers.card_code(AREA, n + 1)
    third = kind.version == "3.00"
    return Retiree(
        {
            "card_no": numbers.card_number(n + 1),
            "card_code": code,
            "area": AREA,
            "ident": numbers.citizen_number("310101", f"{day:%Y%m%d}", order),
            "name": f"演练{'甲乙丙丁戊己庚辛壬癸'[n % 10]}",
            "sex": "2",
            "nation": "01",
            "birth": day.isoformat(),
            "issued": ISSUED.isoformat(),
            "expires": EXPIRES.isoformat(),
            "version": kind.version,
            "read_key": Vault(READERS, b"").card_key(AREA, code).hex() if third else "",
            "key": vault.card_key(AREA, code).hex(),
            "pin": PIN,
        }
        | (vault.of_collect_card(AREA, code) if kind.profile == "collect" else {}),
        amount_fen,
    )


@contextmanager
def _served(run: Runner) -> Iterator[str]:
    """The backend's API on a free port of this machine."""
    office = create(run)
    office.include_router(found(run), prefix=API)
    server = uvicorn.Server(uvicorn.Config(office, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
