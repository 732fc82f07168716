"""Beating 心跳: what a kiosk says of itself every minute, what changed since, and what it is to do."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from backend.kernel import ledger
from backend.kernel.actor import Kind
from backend.kernel.db import Uow
from backend.kernel.errors import KioskStopped, sentence_of
from backend.kernel.items import item
from backend.kiosks import happening
from backend.kiosks.model import Bag, Machine, Standing
from backend.kiosks.schema import DEVICES, HEALTH, STATES, BagWaiting, Beat, Heard, Notes, fields_of
from backend.payout import accounts
from backend.payout.service import cashboxes

SILENT_S = 180  # three heartbeats missed
SKEWED_S = 120  # ours: from here the slips of a kiosk and its log tell a wrong time
SERVING = ("serving", "visit")


@item("KSK-31", "自助机报告情况", by=(Kind.KIOSK,))
def beat(uow: Uow, cmd: Beat) -> Heard:
    """Keep the last word, note what changed, answer what the kiosk is to do."""
    kiosk = uow.actor.id
    if cmd.journal_seq and not cashboxes.journal_agrees(uow, cmd.journal_seq, cmd.journal_head or ""):
        return Heard(now=uow.now, serve=False, reason=sentence_of(KioskStopped))
    before = uow.session.get(Standing, kiosk, with_for_update=True)
    now = _standing(uow, cmd, before)
    for what, detail in _changes(uow, before, now):
        happening.note(uow, kiosk, what, detail)
    uow.session.merge(now)
    uow.session.flush()
    return _heard(uow, kiosk)


def _standing(uow: Uow, cmd: Beat, before: Standing | None) -> Standing:
    inside = None if cmd.notes is None else sum(one.fen * one.n for one in cmd.notes)
    return Standing(
        kiosk=uow.actor.id,
        at=uow.now,
        since=before.since if before and before.state == cmd.state else uow.now,
        state=cmd.state,
        skew_s=round((cmd.clock - uow.now).total_seconds()),
        report=cmd.model_dump(mode="json"),
        inside_fen=inside,
        expected_fen=None if inside is None else _expected(uow, cmd),
    )


def _expected(uow: Uow, cmd: Beat) -> int | None:
    """What the books say lies inside, where nothing is under way and all of its cash came in counted bags."""
    kiosk = uow.actor.id
    if cmd.open or cmd.outbox or cmd.doubts or cmd.journal_seq is None:
        return None
    if cashboxes.newest_entry(uow, kiosk) > cmd.journal_seq or cashboxes.held_orders(uow, kiosk):
        return None
    return should_hold(uow, kiosk)


def should_hold(uow: Uow, kiosk: str) -> int | None:
    """By the books; bags that are booked and not put in lie beside it. None where cash came in without a bag."""
    mine = select(func.count(), func.count().filter(Bag.bag == "")).where(Bag.kiosk == kiosk)
    bags, without = uow.session.execute(mine).one()
    if not bags or without:
        return None
    return ledger.balance(uow, accounts.cassette(uow, kiosk)) - waiting_fen(uow, kiosk)


def waiting_fen(uow: Uow, kiosk: str) -> int:
    """In bags that are booked for a kiosk and not put in yet."""
    waiting = select(Bag.amount).where(Bag.kiosk == kiosk, Bag.placed_at.is_(None))
    return sum(amount.fen for amount in uow.session.scalars(waiting))


def _changes(uow: Uow, before: Standing | None, now: Standing) -> Iterator[tuple[str, str]]:
    """What is worth remembering, each with its words."""
    silent = before is not None and (now.at - before.at).total_seconds() > SILENT_S
    if before is not None and silent:
        yield "line", f"{int((now.at - before.at).total_seconds() // 60)} 分钟没有报告"
    if before is None or _word(before) != _word(now):
        yield "state", _word(now)
    known = {} if before is None else {one["name"]: one for one in before.report["devices"]}
    for one in now.report["devices"]:
        old = known.get(one["name"], {"state": "ok", "code": ""})
        if (one["state"], one["code"]) != (old["state"], old["code"]):
            yield "device", _of_device(one)
    if abs(now.skew_s) > SKEWED_S >= abs(before.skew_s if before else 0):
        yield "clock", f"相差 {now.skew_s} 秒"
    if off_fen(now) and (before is None or off_fen(before) != off_fen(now)):
        yield "cash", f"机内 {now.inside_fen} 分，账面应有 {now.expected_fen} 分"


def _word(one: Standing) -> str:
    """Someone at the screen is no change."""
    state = "serving" if one.state in SERVING else one.state
    reason = one.report["reason"]
    return STATES[state] + (f"：{reason}" if reason else "")


def _of_device(one: dict[str, str]) -> str:
    code = f" {one['code']}" if one["code"] else ""
    return f"{DEVICES.get(one['name'], one['name'])}：{HEALTH[one['state']]}{code}"


def off_fen(one: Standing) -> int:
    """By how much the counts of its dispenser differ from the books; 0 where that cannot be said."""
    if one.inside_fen is None or one.expected_fen is None:
        return 0
    return one.inside_fen - one.expected_fen


def _heard(uow: Uow, kiosk: str) -> Heard:
    decided = uow.session.get(Machine, kiosk)
    waiting = uow.session.scalars(
        select(Bag).where(Bag.kiosk == kiosk, Bag.placed_at.is_(None)).order_by(Bag.sheet).limit(20)
    )
    return Heard(
        now=uow.now,
        serve=decided is None or decided.stopped is None,
        reason=(decided.stopped if decided else None) or "",
        services=None if decided is None or decided.services is None else tuple(decided.services),
        bags=tuple(
            BagWaiting(sheet=one.sheet, bag=one.bag, amount_fen=one.amount.fen, notes=notes_of(one.pieces))
            for one in waiting
        ),
    )


def notes_of(pieces: dict[str, int]) -> Notes:
    return Notes(**fields_of({int(fen): n for fen, n in pieces.items()}))
