"""The database: one Base, one unit of work, one place that commits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Engine,
    MetaData,
    String,
    create_engine,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from backend.kernel.actor import ANYONE, SYSTEM, Actor, Kind, reach
from backend.kernel.clock import Clock, SystemClock
from backend.kernel.errors import Refusal
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.kernel.vault import Vault

APP_ROLE = "renshe_app"  # owns nothing; every program works as this role
RETRY = {"40001", "40P01"}  # serialization failure, deadlock: nothing happened, ask again
TRIES = 6
PAUSE_S = 0.02  # before asking again, a little longer each time: who stood in the way goes first
CLASH = {
    "23505",
    "23P01",
}  # unique, exclusion: another was first; asked again, the service meets what they wrote
CLASH_TRIES = 3
STANDING = text("set_config('renshe.scope', :scope, true), set_config('renshe.person', :person, true)")
STAND = select(STANDING)
log = structlog.get_logger()


class Clash(Refusal):
    """同一件事刚刚已经有人在办，这一次没有办成，什么也没有改。请重新打开看一看，没有办好的再办一次。"""


class MoneyType(TypeDecorator[Money]):
    """Whole fen in a BIGINT."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Any) -> int | None:
        return None if value is None else value.fen

    def process_result_value(self, value: Any, dialect: Any) -> Money | None:
        return None if value is None else Money(int(value))


class MonthType(TypeDecorator[Month]):
    """A month as the date of its first day."""

    impl = Date
    cache_ok = True

    def process_bind_param(self, value: Month | None, dialect: Any) -> date | None:
        return None if value is None else value.first

    def process_result_value(self, value: Any, dialect: Any) -> Month | None:
        return None if value is None else Month(value.year, value.month)


class Base(DeclarativeBase):
    """Every table of every system; each system's tables live in its own PostgreSQL schema."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        Money: MoneyType,
        Month: MonthType,
        str: String,
        int: BigInteger,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
    }


Handler = Callable[["Uow", Any], None]
P = ParamSpec("P")
R = TypeVar("R")


@dataclass
class Uow:
    """One command's work: it all happens or none of it does."""

    session: Session
    actor: Actor
    clock: Clock
    vault: Vault
    handlers: Mapping[type, Sequence[Handler]] = field(default_factory=dict)
    approvers: tuple[str, ...] = ()  # of the case being carried out
    filed_at: datetime | None = None  # when that case was filed

    @property
    def today(self) -> date:
        return self.clock.today()

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def emit(self, fact: object) -> None:
        """Tell the other systems now, inside this same transaction."""
        for handle in self.handlers.get(type(fact), ()):
            handle(self, fact)


@dataclass(frozen=True)
class Runner:
    """Runs one command for one actor in one transaction. Only this class commits."""

    sessions: sessionmaker[Session]
    handlers: Mapping[type, Sequence[Handler]] = field(default_factory=dict)
    actor: Actor = ANYONE
    clock: Clock = field(default_factory=SystemClock)
    vault: Vault = field(default_factory=Vault.new)
    admit: Callable[[Uow], Actor] | None = None

    def by(self, actor: Actor, admit: Callable[[Uow], Actor] | None = None) -> Runner:
        """The same runner, for another actor.

        Where we have only their word for who they are, every transaction begins with `admit`: it says who they are
        and stands them before the rows (`STANDING`), or refuses them. Who is stopped is stopped from the next one on.
        """
        return replace(self, actor=actor, admit=admit)

    @property
    def system(self) -> Runner:
        return self.by(SYSTEM)

    @property
    def at_one_moment(self) -> Runner:
        """The same runner for what only reads: all its statements see the database as it was at the first."""
        bind = self.sessions.kw["bind"].execution_options(isolation_level="REPEATABLE READ")
        return replace(self, sessions=sessionmaker(bind, expire_on_commit=False))

    def __call__(self, command: Callable[Concatenate[Uow, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, TRIES + 1):
            try:
                with self.sessions.begin() as session:
                    uow = Uow(session, self.actor, self.clock, self.vault, self.handlers)
                    if self.admit is None:
                        _stand_before_rows(session, self.actor)
                    else:
                        uow.actor = self.admit(uow)
                    return command(uow, *args, **kwargs)
            except (OperationalError, IntegrityError) as error:
                _allow_again(error, attempt)
        raise AssertionError("unreachable")


def _allow_again(error: DBAPIError, attempt: int) -> None:
    """Nothing has happened: it may be asked again where another transaction stood in the way, so many times."""
    state = getattr(error.orig, "sqlstate", None)
    if state in CLASH and attempt >= CLASH_TRIES:
        constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        log.error("transaction.clash", constraint=constraint)
        raise Clash from error
    if state not in RETRY | CLASH or attempt == TRIES:
        raise error
    log.warning("transaction.retry", attempt=attempt, sqlstate=state)
    time.sleep(PAUSE_S * attempt)


@contextmanager
def on_behalf(
    uow: Uow, actor: Actor, approvers: tuple[str, ...], filed_at: datetime | None = None
) -> Iterator[Uow]:
    """The same work by another actor, who sees what they may see; then as before. (An error ends it all.)"""
    _stand_before_rows(uow.session, actor)
    yield replace(uow, actor=actor, approvers=approvers, filed_at=filed_at)
    uow.session.flush()
    _stand_before_rows(uow.session, uow.actor)


def _stand_before_rows(session: Session, actor: Actor) -> None:
    """Tell row security who is looking."""
    session.connection().execute(STAND, sight(actor))


def sight(actor: Actor) -> dict[str, str]:
    """For `STANDING`: an officer sees an area, a citizen one person, passers-by nobody, and employers, kiosks and
    programs whom they name."""
    scope, person = "%", ""
    if actor.kind is Kind.OFFICER:
        scope = reach(actor.area) + "%"
    elif actor.kind is Kind.ANYONE:
        scope = "-"
    elif actor.kind is Kind.CITIZEN:
        scope, person = "-", str(actor.subject_id)
    return {"scope": scope, "person": person}


def see_everybody(uow: Uow) -> None:
    """For the rest of this transaction row security hides nobody: what is posted for a whole city must not
    depend on who asked for it."""
    uow.session.execute(text("select set_config('renshe.scope', '%', true)"))


@contextmanager
def seeing_everybody(uow: Uow) -> Iterator[None]:
    """Row security hides nobody for as long; then as before. (An error ends it all.)"""
    see_everybody(uow)
    yield
    uow.session.flush()
    _stand_before_rows(uow.session, uow.actor)


def in_bulk(uow: Uow) -> None:
    """For the rest of this transaction the planner joins whole sets. What a statement has just written by the
    million is not in the statistics yet, and row by row took five times as long."""
    uow.session.execute(
        text("select set_config('enable_nestloop', 'off', true), set_config('work_mem', '128MB', true)")
    )


def one_by_one(uow: Uow) -> None:
    """After `in_bulk`: what follows looks single rows up again, each by its index."""
    uow.session.execute(text("select set_config('enable_nestloop', 'on', true)"))


def engine(url: str, size: int = 16, role: str | None = APP_ROLE) -> Engine:
    """An engine of `size` connections, no more; every connection works as `role` (None: as who logs in)."""
    options = "-c timezone=UTC" + (f" -c role={role}" if role else "")
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=size,
        max_overflow=0,
        pool_use_lifo=True,  # the connection that is warm, not the next one
        pool_timeout=20,
        hide_parameters=True,  # a citizen number must not reach a log through an error's text
        connect_args={"options": options},
    )


def runner(url: str, handlers: Mapping[type, Sequence[Handler]], vault: Vault, size: int = 16) -> Runner:
    return Runner(sessionmaker(engine(url, size), expire_on_commit=False), handlers, vault=vault)
