"""Applying 申领: a first card, or another one for a card that is lost, damaged, about to expire or says what is no longer so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from backend.cards import photos
from backend.cards.model import Application, Line
from backend.cards.refusals import (
    AlreadyApplied,
    AnotherComing,
    HasCard,
    LossFirst,
    NoApplication,
    NotExpiring,
    NothingToReplace,
    NotWaiting,
    PhotoMissing,
    ReasonNeeded,
)
from backend.cards.schema import (
    APPLICATION_STATES,
    REASONS,
    Applications,
    ApplicationView,
    Applied,
    ApplyForCard,
    AskApplications,
    DecideApplication,
    Waiting,
    WithdrawApplication,
)
from backend.kernel import codes, params
from backend.kernel.actor import Kind, Permission, reach
from backend.kernel.cases import OwnCase
from backend.kernel.clock import CHINA
from backend.kernel.db import Uow, seeing_everybody
from backend.kernel.items import Guide, item, question
from backend.registry import service as registry
from backend.registry.schema import CARD_STATUS

LAW = "社会保险法 第五十八条；人社部发〔2011〕47号"
UNDER_WAY = ("applied", "approved", "producing", "made")
PAGE = 50


def number(id: int) -> str:
    return f"S{id:010d}"


@item(
    "CRD-21",
    "社会保障卡申领",
    may=Permission.CARD_MANAGE,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="第一次领卡，或者卡丢了补卡、坏了换卡、到期换卡、姓名号码变了换卡。网上交照片，做好以后到选的地方领。",
        who="在本市登记的个人；行动不便的可以由人代领",
        bring=("居民身份证", "近期免冠照片"),
        days="制卡厂做好以后通知",
        law=LAW,
    ),
)
def apply(uow: Uow, cmd: ApplyForCard) -> Applied:
    who = registry.person(uow, cmd.ident, lock=True)
    registry.require_alive(who)
    if earlier := under_way(uow, who.id):
        raise AlreadyApplied(name=who.name, no=number(earlier.id), state=APPLICATION_STATES[earlier.state])
    _require_reason(uow, who, cmd.reason)
    row = Application(
        person_id=who.id,
        reason=cmd.reason,
        state="applied",
        photo=_photo(uow, who.id, cmd.photo),
        area=cmd.area,
        maker=uow.actor.id,
        applied_at=uow.now,
    )
    uow.session.add(row)
    uow.session.flush()
    return applied(row)


def applied(row: Application) -> Applied:
    return Applied(
        no=number(row.id),
        reason_name=REASONS[row.reason],
        state=row.state,
        state_name=APPLICATION_STATES[row.state],
        place=codes.name("area", row.area),
    )


def _require_reason(uow: Uow, who: registry.Person, reason: str) -> None:
    card = registry.living_card(uow, who.id)
    facts = {"name": who.name}
    if card:
        facts |= {"tail": card.card_no[-4:], "status": CARD_STATUS[card.status]}
    if reason == "first":
        if card:
            raise HasCard(**facts)
        return
    if reason == "lost":
        if card and card.status != "lost":
            raise LossFirst(**facts)
        return
    if card is None or card.status == "lost":
        raise NothingToReplace(name=who.name)
    days = int(params.value("cards.card.renew_days", uow.today))
    if reason == "expired" and card.expires > uow.today + timedelta(days=days):
        raise NotExpiring(tail=card.card_no[-4:], expires=card.expires, days=days)


def _photo(uow: Uow, person_id: int, given: str | None) -> str:
    """The photograph handed in, if it is fit to be printed; else the last one of this person."""
    if given:
        return photos.fit(uow, given)
    last = select(Application.photo).where(Application.person_id == person_id)
    known = uow.session.scalar(last.order_by(Application.id.desc()).limit(1))
    if known is None:
        raise PhotoMissing
    return known


def under_way(uow: Uow, person_id: int) -> Application | None:
    rows = select(Application).where(Application.person_id == person_id, Application.closed_on.is_(None))
    return uow.session.scalar(rows.with_for_update(of=Application))


def require_no_other_coming(uow: Uow, person_id: int) -> None:
    """A card is not found again while another one is being made: its holder would have two."""
    if row := under_way(uow, person_id):
        raise AnotherComing(no=number(row.id), state=APPLICATION_STATES[row.state])


def close(uow: Uow, row: Application, state: str, said: str = "") -> None:
    row.state, row.said, row.closed_on = state, said, uow.today
    uow.session.flush()


@item("CRD-22", "社会保障卡申领审核", may=Permission.CARD_MANAGE)
def decide(uow: Uow, cmd: DecideApplication) -> Applied:
    """By somebody else than whoever filed it."""
    row = _one(uow, cmd.no)
    require_state(row, ("applied",), "审核")
    if row.maker == uow.actor.id:
        raise OwnCase
    if not cmd.approve:
        if not cmd.note:
            raise ReasonNeeded
        close(uow, row, "refused", cmd.note)
    else:
        row.state = "approved"
        uow.session.flush()
    return applied(row)


def _one(uow: Uow, no: str, person_id: int | None = None) -> Application:
    """An application, to be changed, of a person whom the actor may see."""
    rows = (
        select(Application)
        .join(registry.Person, registry.Person.id == Application.person_id)
        .where(Application.id == int(no[1:]))
    )
    if person_id is not None:
        rows = rows.where(Application.person_id == person_id)
    row = uow.session.scalar(rows.with_for_update(of=Application))
    if row is None:
        raise NoApplication(no=no)
    return row


def require_state(row: Application, states: Sequence[str], deed: str) -> None:
    if row.state not in states:
        raise NotWaiting(no=number(row.id), state=APPLICATION_STATES[row.state], deed=deed)


@item(
    "CRD-23",
    "社会保障卡申领撤销",
    may=Permission.CARD_MANAGE,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="申领还没有送去制卡的，可以撤销；找到旧卡的先撤销，再解挂。",
        who="申请人本人",
        bring=("居民身份证",),
        law=LAW,
    ),
)
def withdraw(uow: Uow, cmd: WithdrawApplication) -> Applied:
    who = registry.person(uow, cmd.ident, lock=True)
    row = _one(uow, cmd.no, who.id)
    require_state(row, ("applied", "approved"), "撤销")
    close(uow, row, "withdrawn")
    return applied(row)


# ---- questions ----


def of_person(uow: Uow, person_id: int) -> list[ApplicationView]:
    """The newest first."""
    card = select(Line.card_no).where(Line.application_id == Application.id, Line.result == "00")
    rows = uow.session.execute(
        select(Application, card.scalar_subquery())
        .where(Application.person_id == person_id)
        .order_by(Application.id.desc())
    )
    return [ApplicationView(**_view(row, card_no)) for row, card_no in rows]


def _view(row: Application, card_no: str | None) -> dict[str, object]:
    return {
        "no": number(row.id),
        "reason": row.reason,
        "reason_name": REASONS[row.reason],
        "state": row.state,
        "state_name": APPLICATION_STATES[row.state],
        "place": codes.name("area", row.area),
        "applied_on": row.applied_at.astimezone(CHINA).date(),
        "closed_on": row.closed_on,
        "said": row.said,
        "card_no": card_no,
    }


def fetched_here(uow: Uow) -> ColumnElement[bool]:
    """Of applications: approved, and the card is fetched within reach, wherever its holder is registered."""
    return Application.state.in_(UNDER_WAY[1:]) & Application.area.startswith(reach(uow.actor.area))


@question("CRD-Q2", "社会保障卡在办申领", may=Permission.CARD_MANAGE)
def applications(uow: Uow, ask: AskApplications) -> Applications:
    """Of persons within reach; and those whose cards are fetched there."""
    person = registry.Person
    ours = person.area.startswith(reach(uow.actor.area)) | fetched_here(uow)
    counted = (
        select(Application.state, func.count())
        .join(person, person.id == Application.person_id)
        .where(Application.closed_on.is_(None), ours)
        .group_by(Application.state)
    )
    card = select(Line.card_no).where(Line.application_id == Application.id, Line.result == "00")
    rows = (
        select(Application, person.ident, person.name, card.scalar_subquery())
        .join(person, person.id == Application.person_id)
        .where(Application.closed_on.is_(None), ours)
        .order_by(Application.id)
        .limit(PAGE + 1)
        .offset((ask.page - 1) * PAGE)
    )
    if ask.state:
        rows = rows.where(Application.state == ask.state)
    with seeing_everybody(uow):
        counts, found = uow.session.execute(counted).all(), uow.session.execute(rows).all()
    return Applications(
        counts=dict.fromkeys(UNDER_WAY, 0) | dict(counts),
        applications=tuple(
            Waiting(**_view(row, card_no), ident=ident, name=name, photo=row.photo)
            for row, ident, name, card_no in found[:PAGE]
        ),
        more=len(found) > PAGE,
    )
