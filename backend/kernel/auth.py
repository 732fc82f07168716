"""Auth 身份认证: logins, sessions, officers' roles and kiosks' keys.

Passwords are kept as argon2id; a session is an opaque token of which only the hash is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from pydantic import AfterValidator, Field, SecretStr
from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    String,
    bindparam,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.kernel.actor import Actor, Kind, Permission
from backend.kernel.db import STANDING, Base, Uow, sight
from backend.kernel.errors import DeviceUnknown, KioskStopped, Refusal
from backend.kernel.fields import Shape
from backend.kernel.text import plain

LASTS = timedelta(hours=8)
IDLE = timedelta(minutes=30)
TRIES = 5
WINDOW = timedelta(minutes=15)
TRIES_KEPT = timedelta(days=1)
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's argon2id profile
NOBODY = HASHER.hash(secrets.token_hex(16))  # checked when the name is unknown, so that both take as long


class SignInFailed(Refusal):
    """号码或密码不对。请核对后再试；还可以试 {left} 次。"""

    status = 401


class TooManyTries(Refusal):
    """密码连续输错太多次，为了您的账户安全请 {minutes} 分钟以后再试，或者到柜台重设密码。"""

    status = 429


class NotSignedIn(Refusal):
    """请先登录。"""

    status = 401


ROLES: dict[str, frozenset[Permission]] = {
    "经办": frozenset(
        {
            Permission.REGISTRY_READ,
            Permission.REGISTRY_WRITE,
            Permission.PENSION_READ,
            Permission.PENSION_DECIDE,
            Permission.LEVY_READ,
            Permission.LEVY_RUN,
            Permission.PAYOUT_READ,
            Permission.PAYOUT_RUN,
            Permission.CARD_MANAGE,
            Permission.EMPLOYMENT_READ,
            Permission.EMPLOYMENT_REVIEW,
            Permission.KIOSK_READ,
            Permission.KIOSK_MANAGE,
            Permission.KIOSK_OPERATE,
        }
    ),
    "财务": frozenset(
        {
            Permission.REGISTRY_READ,
            Permission.PAYOUT_READ,
            Permission.FUND_READ,
            Permission.FUND_KEEP,
            Permission.KIOSK_READ,
        }
    ),
    "复核": frozenset(
        {
            Permission.REGISTRY_READ,
            Permission.PENSION_READ,
            Permission.LEVY_READ,
            Permission.PAYOUT_READ,
            Permission.FUND_READ,
            Permission.EMPLOYMENT_READ,
            Permission.EMPLOYMENT_REVIEW,
            Permission.CASE_APPROVE,
            Permission.KIOSK_READ,
            Permission.KIOSK_OPERATE,
        }
    ),
    "审计": frozenset(
        {
            Permission.REGISTRY_READ,
            Permission.PENSION_READ,
            Permission.LEVY_READ,
            Permission.PAYOUT_READ,
            Permission.FUND_READ,
            Permission.AUDIT_READ,
            Permission.KIOSK_READ,
        }
    ),
}


class Login(Base):
    """One who can sign in. `name` is a citizen number, a credit code or an officer's work number."""

    __tablename__ = "login"
    __table_args__ = (
        CheckConstraint("kind in ('citizen','employer','officer')", name="kind"),
        {"schema": "auth"},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(String(18), unique=True)
    kind: Mapped[str]
    shown: Mapped[str]
    password: Mapped[str]
    area: Mapped[str] = mapped_column(String(6))
    subject_id: Mapped[int | None]
    roles: Mapped[list[str]] = mapped_column(ARRAY(String), default=list)
    active: Mapped[bool] = mapped_column(default=True)


class Session(Base):
    """A signed-in browser."""

    __tablename__ = "session"
    __table_args__ = ({"schema": "auth"},)
    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    login_id: Mapped[int] = mapped_column(ForeignKey("auth.login.id"), index=True)
    started: Mapped[datetime]
    seen: Mapped[datetime]


class Attempt(Base):
    """A sign-in that failed; counted per name and per address."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_key_at", "key", "at"), {"schema": "auth"})
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class Device(Base):
    """A kiosk: its key's hash, where it stands, and whether it serves."""

    __tablename__ = "device"
    __table_args__ = ({"schema": "auth"},)
    id: Mapped[str] = mapped_column(String(8), primary_key=True)  # the kiosk's 4 bytes, in hex
    name: Mapped[str]
    area: Mapped[str] = mapped_column(String(6))
    key: Mapped[str] = mapped_column(String(64))
    stopped: Mapped[str | None]


DEVICE = select(Device.id, Device.name, Device.area, Device.key, Device.stopped, STANDING).where(
    Device.id == bindparam("id")
)


class SignIn(Shape):
    """登录。"""

    name: Annotated[
        str,
        AfterValidator(plain),
        Field(min_length=3, max_length=18, title="公民身份号码、统一社会信用代码或工号"),
    ]
    password: Annotated[SecretStr, Field(min_length=1, max_length=128, title="密码")]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def enrol(
    uow: Uow,
    *,
    name: str,
    kind: Kind,
    shown: str,
    password: str,
    area: str,
    subject_id: int | None = None,
    roles: tuple[str, ...] = (),
) -> Login:
    """Open a login."""
    login = Login(
        name=name.upper(),
        kind=kind.value,
        shown=shown,
        password=HASHER.hash(password),
        area=area,
        subject_id=subject_id,
        roles=list(roles),
    )
    uow.session.add(login)
    uow.session.flush()
    return login


def check_password(uow: Uow, cmd: SignIn, address: str) -> str | Refusal:
    """A new session's token, or the refusal to raise (returned, so that the failed try is kept)."""
    name = cmd.name.upper()
    keys = (f"name:{name}", f"address:{address}")
    since = uow.now - WINDOW
    failed = dict(
        uow.session.execute(
            select(Attempt.key, func.count())
            .where(Attempt.key.in_(keys), Attempt.at > since)
            .group_by(Attempt.key)
        ).all()
    )
    if failed.get(keys[0], 0) >= TRIES or failed.get(keys[1], 0) >= TRIES * 20:
        return TooManyTries(minutes=int(WINDOW.total_seconds() // 60))
    login = uow.session.scalar(select(Login).where(Login.name == name, Login.active))
    try:
        HASHER.verify(login.password if login else NOBODY, cmd.password.get_secret_value())
    except (VerifyMismatchError, InvalidHashError):
        login = None
    if login is None:
        uow.session.add_all(Attempt(key=key, at=uow.now) for key in keys)
        return SignInFailed(left=TRIES - 1 - failed.get(keys[0], 0))
    uow.session.execute(delete(Attempt).where(Attempt.key == keys[0]))
    token = secrets.token_urlsafe(32)
    uow.session.add(Session(token=_hash(token), login_id=login.id, started=uow.now, seen=uow.now))
    return token


def sign_out(uow: Uow, token: str) -> None:
    uow.session.execute(delete(Session).where(Session.token == _hash(token)))


def who(uow: Uow, token: str) -> Actor | None:
    """The actor behind a session's token, or None where it has ended."""
    found = uow.session.execute(
        select(Session, Login)
        .join(Login, Login.id == Session.login_id)
        .where(Session.token == _hash(token), Login.active)
    ).first()
    if found is None:
        return None
    session, login = found
    if session.started < uow.now - LASTS or session.seen < uow.now - IDLE:
        uow.session.delete(session)
        return None
    if session.seen < uow.now - timedelta(minutes=1):
        session.seen = uow.now
    return actor(login)


def actor(login: Login) -> Actor:
    kind = Kind(login.kind)
    return Actor(
        kind,
        f"{login.kind}:{login.id}",
        name=login.shown,
        area=login.area,
        subject="" if kind is Kind.OFFICER else login.name,
        subject_id=login.subject_id,
        permissions=frozenset().union(*(ROLES.get(role, frozenset()) for role in login.roles)),
    )


def of(uow: Uow, id: str) -> Actor | None:
    """The actor behind an actor's id, with what they may do by now; None for who may not sign in any more."""
    kind, _, number = id.partition(":")
    login = uow.session.get(Login, int(number)) if re.fullmatch(r"[0-9]{1,18}", number) else None
    return actor(login) if login and login.active and login.kind == kind else None


def shown(uow: Uow, ids: Iterable[str]) -> dict[str, str]:
    """The names behind actors' ids; who is no login (a program) is not among them."""
    numbers = {id: int(id.partition(":")[2]) for id in ids if re.fullmatch(r"officer:[0-9]{1,18}", id)}
    rows = uow.session.execute(select(Login.id, Login.shown).where(Login.id.in_(numbers.values()))).all()
    names = dict(rows)
    return {id: names[number] for id, number in numbers.items() if number in names}


def forget(uow: Uow) -> None:
    """Sessions that have ended, and tries that no longer count."""
    ended = or_(Session.started < uow.now - LASTS, Session.seen < uow.now - IDLE)
    uow.session.execute(delete(Session).where(ended))
    uow.session.execute(delete(Attempt).where(Attempt.at < uow.now - TRIES_KEPT))


def register_device(uow: Uow, *, id: str, name: str, area: str, key: str) -> None:
    uow.session.add(Device(id=id, name=name, area=area, key=_hash(key), stopped=None))
    uow.session.flush()


def device(uow: Uow, id: str, key: str) -> Actor:
    """The kiosk behind a device id and key, standing before the rows that it may see."""
    asked = {"id": id} | sight(Actor(Kind.KIOSK, id))
    known = uow.session.connection().execute(DEVICE, asked).one_or_none()
    if known is None or not hmac.compare_digest(known.key, _hash(key)):
        raise DeviceUnknown
    if known.stopped:
        raise KioskStopped
    return Actor(Kind.KIOSK, known.id, name=known.name, area=known.area)


def device_known(uow: Uow, id: str) -> bool:
    return uow.session.get(Device, id) is not None


def stop_device(uow: Uow, id: str, why: str) -> None:
    uow.session.get_one(Device, id).stopped = why
    uow.session.flush()
