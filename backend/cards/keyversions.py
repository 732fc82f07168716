"""Key versions 密钥版本: which one new cards are made with, and until when a card of an older one is accepted."""

from __future__ import annotations

from sqlalchemy import func, select, update

from backend.cards.model import KeyVersion
from backend.cards.refusals import CardKeysOld, VersionDays, VersionNotNext
from backend.cards.schema import AskKeyVersions, KeyVersions, KeyVersionSet, KeyVersionView, SetKeyVersion
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.items import item, question
from backend.kernel.language import ZH, day_in
from backend.payout.service import Presented
from backend.registry import service as registry


def newest(uow: Uow) -> int:
    """The version that cards are made with today."""
    rows = select(func.max(KeyVersion.version)).where(KeyVersion.since <= uow.today)
    return uow.session.scalars(rows).one() or 1


def on_presented(uow: Uow, fact: Presented) -> None:
    """A card in a kiosk whose keys are no longer taken is named, before anything is asked of it."""
    until = uow.session.scalar(
        select(KeyVersion.accepted_until).where(KeyVersion.version == fact.key_version)
    )
    if until and until < uow.today:
        raise CardKeysOld(version=fact.key_version, until=day_in(until, ZH))


@item("CRD-10", "卡密钥版本更换", may=Permission.CARD_MANAGE, review=1)
def set_key_version(uow: Uow, cmd: SetKeyVersion) -> KeyVersionSet:
    last = uow.session.scalars(
        select(KeyVersion).order_by(KeyVersion.version.desc()).limit(1).with_for_update()
    ).one()
    if cmd.version != last.version + 1:
        raise VersionNotNext(next=last.version + 1, given=cmd.version)
    since = max(cmd.since, last.since)
    if cmd.previous_until < since or cmd.since < last.since:
        raise VersionDays(since=since)
    uow.session.execute(
        update(KeyVersion)
        .where(KeyVersion.version < cmd.version, KeyVersion.accepted_until.is_(None))
        .values(accepted_until=cmd.previous_until)
    )
    uow.session.add(
        KeyVersion(
            version=cmd.version,
            since=cmd.since,
            accepted_until=None,
            reason=cmd.reason,
            maker=uow.actor.id,
            at=uow.now,
        )
    )
    uow.session.flush()
    held = select(func.count()).where(
        registry.Card.status == "active", registry.Card.key_version < cmd.version
    )
    return KeyVersionSet(version=cmd.version, holding=uow.session.scalars(held).one())


@question("CRD-Q5", "卡密钥版本", may=Permission.CARD_MANAGE)
def key_versions(uow: Uow, ask: AskKeyVersions) -> KeyVersions:
    serving = func.count().filter(registry.Card.status == "active")
    counted = select(registry.Card.key_version, serving, func.count()).group_by(registry.Card.key_version)
    held = {version: (active, every) for version, active, every in uow.session.execute(counted)}
    return KeyVersions(
        versions=tuple(
            KeyVersionView(
                version=row.version,
                since=row.since,
                accepted_until=row.accepted_until,
                cards=held.get(row.version, (0, 0))[0],
                others=held.get(row.version, (0, 0))[1] - held.get(row.version, (0, 0))[0],
                reason=row.reason,
            )
            for row in uow.session.scalars(select(KeyVersion).order_by(KeyVersion.version))
        )
    )
