"""Operators 操作员: officers who may open a kiosk, with a code of their own or their own card."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete, select

from backend.kernel import auth
from backend.kernel.actor import Kind, Permission, reach
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import item
from backend.kiosks import happening
from backend.kiosks.model import Entry, Keeper
from backend.kiosks.schema import CODE, CodeSet, Entered, EnterOperator, Keeping, SetCode
from backend.payout.visiting import proved
from backend.registry import service as registry

TRIES = 5  # ours
LOCKED = timedelta(minutes=15)  # ours, as for passwords
ENTRY_LASTS = timedelta(minutes=30)  # ours: counting a whole kiosk by hand takes that long


class CodeNotDigits(Refusal):
    """操作码要六到十二位数字，因为自助机上只有数字键。请重新设定。"""

    status = 422


class CodeTooPlain(Refusal):
    """这个操作码太容易猜到（同一个数字，或者依次的数字），没有设定。请换一个。"""

    status = 422


class CardOfAnother(Refusal):
    """这个公民身份号码已经登记给另一名操作员，没有设定。请核对号码。"""


class TicketOver(Refusal):
    """操作员的验证已经超过三十分钟，这一步没有办。请重新输入工号和操作码。"""


@item("KSK-33", "自助机操作员进入", by=(Kind.KIOSK,))
def enter(uow: Uow, cmd: EnterOperator) -> Entered:
    """Answers rather than refuses, so that a wrong try is kept."""
    if cmd.visit:
        return _admit(uow, _by_card(uow, cmd.visit))
    return _admit(uow, known(uow, cmd.keeper)) if cmd.keeper else Entered(admitted=False)


def _admit(uow: Uow, found: auth.Login | int) -> Entered:
    """Let them in under a ticket of their own; or say how many tries are left."""
    if isinstance(found, int):
        return Entered(admitted=False, left=found)
    entry = Entry(ticket=secrets.token_hex(16), kiosk=uow.actor.id, login_id=found.id, at=uow.now)
    uow.session.add(entry)
    happening.note(uow, uow.actor.id, "operator", found.shown, found.shown)
    return Entered(admitted=True, name=found.shown, work=found.name, ticket=entry.ticket)


def _by_card(uow: Uow, visit: str) -> auth.Login | int:
    """The holder stands there with their card and its PIN; whether they are an operator is the question."""
    person_id = proved(uow, visit).person_id
    keeper = uow.session.scalar(select(Keeper).where(Keeper.person_id == person_id))
    login = uow.session.get(auth.Login, keeper.login_id) if keeper else None
    return login if login is not None and may_open(uow, login) else 0


def known(uow: Uow, said: Keeping) -> auth.Login | int:
    """Who it is, or how many tries are left; a wrong one counts, and an unknown name takes as long."""
    login = uow.session.scalar(select(auth.Login).where(auth.Login.name == said.work.upper()))
    keeper = uow.session.get(Keeper, login.id, with_for_update=True) if login else None
    locked = keeper is not None and keeper.locked_until is not None and keeper.locked_until > uow.now
    right = _right(auth.NOBODY if keeper is None or locked else keeper.code, said.code.get_secret_value())
    if keeper is None or login is None or locked or not may_open(uow, login):
        return 0 if locked else TRIES - 1
    if right:
        keeper.failed, keeper.locked_until = 0, None
        return login
    keeper.failed += 1
    left = TRIES - keeper.failed
    if left <= 0:
        keeper.failed, keeper.locked_until = 0, uow.now + LOCKED
    uow.session.flush()
    return max(0, left)


def _right(kept: str, code: str) -> bool:
    try:
        return auth.HASHER.verify(kept, code)
    except (VerifyMismatchError, InvalidHashError):
        return False


def may_open(uow: Uow, login: auth.Login) -> bool:
    """An officer at work, with the permission, whose area reaches this kiosk."""
    if not login.active or login.kind != Kind.OFFICER.value:
        return False
    who = auth.actor(login)
    return who.may(Permission.KIOSK_OPERATE) and uow.actor.area.startswith(reach(who.area))


def behind(uow: Uow, ticket: str) -> auth.Login:
    """The operator who showed who they are at this kiosk a while ago."""
    entry = uow.session.get(Entry, ticket)
    if entry is None or entry.kiosk != uow.actor.id or entry.at < uow.now - ENTRY_LASTS:
        raise TicketOver
    login = uow.session.get_one(auth.Login, entry.login_id)
    if not may_open(uow, login):
        raise TicketOver
    return login


def forget(uow: Uow) -> None:
    """Tickets that no longer open anything."""
    uow.session.execute(delete(Entry).where(Entry.at < uow.now - ENTRY_LASTS))


@item("KSK-44", "设定我的自助机操作码", may=Permission.KIOSK_OPERATE)
def set_code(uow: Uow, cmd: SetCode) -> CodeSet:
    """Only one's own; so two codes are two persons."""
    code = cmd.code.get_secret_value()
    if not re.fullmatch(CODE, code):
        raise CodeNotDigits
    if code in "0123456789012345678901" or code in "9876543210987654321098" or len(set(code)) == 1:
        raise CodeTooPlain
    login_id = int(uow.actor.id.partition(":")[2])
    person_id = registry.person(uow, cmd.card_of).id if cmd.card_of else None
    taken = select(Keeper.login_id).where(Keeper.person_id == person_id, Keeper.login_id != login_id)
    if person_id is not None and uow.session.scalar(taken) is not None:
        raise CardOfAnother
    uow.session.merge(
        Keeper(
            login_id=login_id,
            code=auth.HASHER.hash(code),
            person_id=person_id,
            failed=0,
            locked_until=None,
        )
    )
    uow.session.flush()
    return CodeSet(name=uow.actor.name, by_card=person_id is not None)
