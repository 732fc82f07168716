"""Fleet 全部自助机: which are alive, what they hold and how long it lasts, what is wrong, for who runs them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from backend.kernel import auth, codes
from backend.kernel.actor import Permission, reach
from backend.kernel.db import Uow
from backend.kernel.items import question
from backend.kiosks import happening
from backend.kiosks.beating import SILENT_S, off_fen
from backend.kiosks.differences import views
from backend.kiosks.model import Bag, Count, Happening, Machine, Standing
from backend.kiosks.rules import daily, lasts_days
from backend.kiosks.seen import (
    AskDifferences,
    AskFleet,
    AskKiosk,
    BagView,
    Differences,
    Fleet,
    HappeningView,
    KioskHistory,
    KioskView,
    OfKind,
)
from backend.payout.service import cashboxes

LATELY = timedelta(days=14)
MOST = 500
SHOWN = 50


@question("KSK-Q31", "自助机一览", may=Permission.KIOSK_READ)
def fleet(uow: Uow, ask: AskFleet) -> Fleet:
    within = auth.Device.area.startswith(reach(uow.actor.area))
    devices = uow.session.scalars(select(auth.Device).where(within).order_by(auth.Device.id).limit(MOST))
    return Fleet(now=uow.now, kiosks=_views(uow, list(devices)))


@question("KSK-Q32", "一台自助机的情况", may=Permission.KIOSK_READ)
def one(uow: Uow, ask: AskKiosk) -> KioskHistory:
    [view] = _views(uow, [happening.within(uow, ask.kiosk)])
    mine = (Happening.kiosk == ask.kiosk, Count.kiosk == ask.kiosk, Bag.kiosk == ask.kiosk)
    happenings = uow.session.scalars(
        select(Happening).where(mine[0]).order_by(Happening.id.desc()).limit(SHOWN)
    )
    counts = uow.session.scalars(select(Count).where(mine[1]).order_by(Count.id.desc()).limit(SHOWN))
    bags = uow.session.scalars(
        select(Bag).where(mine[2]).order_by(Bag.booked_at.desc(), Bag.sheet.desc()).limit(SHOWN)
    )
    return KioskHistory(
        kiosk=view,
        happenings=tuple(
            HappeningView(at=row.at, what=row.what, detail=row.detail, who=row.who) for row in happenings
        ),
        counts=views(uow, list(counts)),
        bags=tuple(
            BagView(
                sheet=row.sheet,
                bag=row.bag,
                amount_fen=row.amount.fen,
                booked_at=row.booked_at,
                placed_at=row.placed_at,
            )
            for row in bags
        ),
    )


@question("KSK-Q34", "自助机现金差额", may=Permission.KIOSK_READ)
def differences(uow: Uow, ask: AskDifferences) -> Differences:
    near = (
        select(Count)
        .join(auth.Device, auth.Device.id == Count.kiosk)
        .where(auth.Device.area.startswith(reach(uow.actor.area)), Count.state == ask.state)
        .order_by(Count.id.desc())
        .limit(MOST)
    )
    return Differences(differences=views(uow, list(uow.session.scalars(near))))


def _views(uow: Uow, devices: list[auth.Device]) -> tuple[KioskView, ...]:
    ids = [device.id for device in devices]
    standings = {
        row.kiosk: row for row in uow.session.scalars(select(Standing).where(Standing.kiosk.in_(ids)))
    }
    machines = {row.kiosk: row for row in uow.session.scalars(select(Machine).where(Machine.kiosk.in_(ids)))}
    paid = cashboxes.paid_in_cash(uow, ids, uow.now - LATELY)
    booked = cashboxes.booked(uow, ids)
    cases = _numbers(
        uow, select(Count.kiosk, func.count()).where(Count.state == "open").group_by(Count.kiosk)
    )
    bags = _numbers(uow, select(Bag.kiosk, func.count()).where(Bag.placed_at.is_(None)).group_by(Bag.kiosk))
    return tuple(
        _view(
            uow,
            device,
            standings.get(device.id),
            machines.get(device.id),
            _daily(uow.now, paid.get(device.id)),
            booked.get(device.id, 0),
            cases=cases.get(device.id, 0),
            bags=bags.get(device.id, 0),
        )
        for device in devices
    )


def _numbers(uow: Uow, query: Any) -> dict[str, int]:
    return {kiosk: int(n) for kiosk, n in uow.session.execute(query)}


def _daily(now: datetime, paid: tuple[int, datetime] | None) -> int:
    """A kiosk that has paid for three days only is judged by three days."""
    return 0 if paid is None else daily(paid[0], min(LATELY, now - paid[1]).days + 1)


def _view(
    uow: Uow,
    device: auth.Device,
    last: Standing | None,
    decided: Machine | None,
    daily_fen: int,
    book_fen: int,
    **numbers: int,
) -> KioskView:
    report: dict[str, Any] = last.report if last else {}
    kinds = _kinds(report.get("notes"))
    cassette_fen = None if kinds is None else sum(one.fen * one.cassette for one in kinds)
    stopped = decided.stopped if decided else None
    return KioskView(
        kiosk=device.id,
        name=device.name,
        area_name=codes.name("area", device.area),
        state=_state(uow, device, last),
        at=last.at if last else None,
        age_s=max(0, int((uow.now - last.at).total_seconds())) if last else None,
        since=last.since if last else None,
        serve=stopped is None and not device.stopped,
        reason=device.stopped or stopped or report.get("reason", ""),
        devices=tuple(report.get("devices", ())),
        kinds=kinds or (),
        cassette_fen=cassette_fen,
        inside_fen=last.inside_fen if last else None,
        book_fen=book_fen,
        daily_fen=daily_fen,
        days=None if cassette_fen is None else lasts_days(cassette_fen, daily_fen),
        off_fen=off_fen(last) if last else 0,
        open=report.get("open", 0),
        outbox=report.get("outbox", 0),
        doubts=tuple(report.get("doubts", ())),
        version=report.get("version", ""),
        skew_s=last.skew_s if last else None,
        services=tuple(decided.services) if decided and decided.services is not None else None,
        **numbers,
    )


def _state(uow: Uow, device: auth.Device, last: Standing | None) -> str:
    """What it said last, unless it is sealed, or has said nothing for too long."""
    if device.stopped:
        return "refused"
    if last is None:
        return "never"
    return "silent" if (uow.now - last.at).total_seconds() > SILENT_S else last.state


def _kinds(notes: list[dict[str, Any]] | None) -> tuple[OfKind, ...] | None:
    """By denomination, large ones first; None where the dispenser did not say."""
    if notes is None:
        return None
    cassette, elsewhere = Counter[int](), Counter[int]()
    for one in notes:
        (cassette if one["place"] == "cassette" else elsewhere)[one["fen"]] += one["n"]
    return tuple(
        OfKind(fen=fen, cassette=cassette[fen], elsewhere=elsewhere[fen])
        for fen in sorted({*cassette, *elsewhere}, reverse=True)
    )
