"""Lost and found 挂失和解挂: for a week by the holder or by telephone, for good, and found again."""

from __future__ import annotations

from datetime import timedelta

from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select

from backend.cards import applying
from backend.cards.model import Event, PhoneCode
from backend.cards.refusals import CodeLocked, CodeSimple, FoundAtCounter, NoCode
from backend.cards.rules import too_simple
from backend.cards.schema import (
    FindCard,
    PhoneCodeRegistered,
    PhoneLoss,
    RegisterPhoneCode,
    ReportLossByPhone,
    ReportTemporaryLoss,
    TemporaryLoss,
)
from backend.kernel import params
from backend.kernel.actor import Kind, Permission
from backend.kernel.auth import HASHER
from backend.kernel.db import Uow
from backend.kernel.items import Guide, item
from backend.registry import service as registry
from backend.registry.schema import CARD_STATUS, CardChanged

LAW = "社会保险经办条例 第七条；人社部发〔2011〕47号"
WRONG = "服务码不对，没有挂失。请再报一次；记不得了，请本人登录网站挂失，或者带身份证到柜台。"
LOCKED = "服务码连续说错，已经停用，没有挂失。请本人登录网站挂失，或者带身份证到柜台。"
STOPPED = "卡已经停用。找到了可以在网站上解挂；找不到，请在到期以前正式挂失并补卡。"
NOT_SERVING = ("inactive", "frozen")  # before a loss: found again, it is that again


@item(
    "CRD-03",
    "社会保障卡临时挂失",
    may=Permission.CARD_MANAGE,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="一时找不到卡，先停用几天；找到了自己在网上解挂，过期没有正式挂失的自动恢复。",
        who="持卡人本人",
        bring=("居民身份证",),
        law=LAW,
    ),
)
def report_temporary_loss(uow: Uow, cmd: ReportTemporaryLoss) -> TemporaryLoss:
    return _suspend(uow, registry.person(uow, cmd.ident, lock=True).id)


def _suspend(uow: Uow, person_id: int, note: str = "") -> TemporaryLoss:
    card = registry.living_card(uow, person_id)
    if card is None:
        raise registry.NoCard
    until = uow.today + timedelta(days=temporary_days(uow) - 1)
    registry.move_card(uow, card, "suspend", until=until, note=note)
    return TemporaryLoss(
        card_no=card.card_no, status=card.status, status_name=CARD_STATUS[card.status], until=until
    )


def temporary_days(uow: Uow) -> int:
    return int(params.value("cards.loss.temporary_days", uow.today))


@item(
    "CRD-04",
    "社会保障卡解挂",
    may=Permission.CARD_MANAGE,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="卡找到了，恢复使用。临时挂失的自己在网上办；正式挂失的，本人带身份证和卡到柜台办。",
        who="持卡人本人",
        bring=("居民身份证", "社会保障卡"),
        law=LAW,
    ),
)
def find_card(uow: Uow, cmd: FindCard) -> CardChanged:
    who = registry.person(uow, cmd.ident, lock=True)
    card = (
        registry.numbered_card(uow, who.id, cmd.card_no) if cmd.card_no else registry.living_card(uow, who.id)
    )
    if card is None:
        raise registry.NoCard
    if card.status == "lost":
        if uow.actor.kind is Kind.CITIZEN:
            raise FoundAtCounter(tail=card.card_no[-4:])
        applying.require_no_other_coming(uow, who.id)
        if (was := _before_loss(uow, card.id)) in NOT_SERVING:
            registry.put_back(uow, card, was, "find", until=None, note=cmd.note)
            return registry.card_changed(card)
    registry.move_card(uow, card, "find", note=cmd.note)
    return registry.card_changed(card)


def _before_loss(uow: Uow, card_id: int) -> str | None:
    """What a lost card was when it was lost: to be found makes no card more than that."""
    reported = select(Event.before).where(Event.card_id == card_id, Event.deed == "report_loss")
    return uow.session.scalar(reported.order_by(Event.id.desc()).limit(1))


def lapse(uow: Uow) -> int:
    """Temporary losses whose days are over: the card serves again, unless its holder has another by now: then that one
    has taken its place. Of two the newer serves."""
    over = select(registry.Card).where(
        registry.Card.status == "suspended", registry.Card.suspended_until < uow.today
    )
    done = 0
    rows = over.order_by(registry.Card.id.desc()).with_for_update(of=registry.Card, skip_locked=True)
    for card in uow.session.scalars(rows).all():
        if other := registry.serving_card(uow, card.person_id):
            registry.move_card(uow, card, "replace", note=other.card_no)
        else:
            registry.move_card(uow, card, "lapse")
        done += 1
    return done


# ---- by telephone ----


@item(
    "CRD-05",
    "电话服务码登记",
    may=Permission.CARD_MANAGE,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="登记六位电话服务码。以后卡丢了，打 12333，报身份证号码和服务码就能挂失。",
        who="持卡人本人",
        bring=("居民身份证",),
        law=LAW,
    ),
)
def register_phone_code(uow: Uow, cmd: RegisterPhoneCode) -> PhoneCodeRegistered:
    who = registry.person(uow, cmd.ident, lock=True)
    code = cmd.code.get_secret_value()
    if too_simple(code, who.ident):
        raise CodeSimple
    row = uow.session.get(PhoneCode, who.id) or PhoneCode(person_id=who.id)
    row.code, row.wrong, row.set_at = HASHER.hash(code), 0, uow.now
    uow.session.add(row)
    uow.session.flush()
    return PhoneCodeRegistered(name=who.name)


@item("CRD-06", "电话临时挂失", may=Permission.CARD_MANAGE)
def report_loss_by_phone(uow: Uow, cmd: ReportLossByPhone) -> PhoneLoss:
    """A wrong code is an answer, not a refusal: the try must be kept."""
    who = registry.person(uow, cmd.ident, lock=True)
    known = uow.session.get(PhoneCode, who.id, with_for_update=True)
    if known is None:
        raise NoCode(name=who.name)
    tries = int(params.value("cards.telephone.tries", uow.today))
    if known.wrong >= tries:
        raise CodeLocked(tries=tries)
    try:
        HASHER.verify(known.code, cmd.code.get_secret_value())
    except VerifyMismatchError:
        known.wrong += 1
        left = tries - known.wrong
        return PhoneLoss(stopped=False, told=WRONG if left else LOCKED, tries_left=left)
    known.wrong = 0
    done = _suspend(uow, who.id, note="12333")
    return PhoneLoss(stopped=True, told=STOPPED, tail=done.card_no[-4:], until=done.until, tries_left=tries)
