"""Serving: the effects of every service but collecting — asked of the backend, the card, the printer; money is not touched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any, Final, TypeVar

import structlog
from pydantic import BaseModel

from backend.hall.schema import (
    Applied,
    ApplyHere,
    AskCards,
    AskGuide,
    AskJob,
    AskLife,
    AskNews,
    AskRecords,
    CardLost,
    Cards,
    Guidebook,
    Job,
    Life,
    LoseCard,
    MakePaper,
    News,
    NewsRead,
    Paper,
    ReadNews,
    Records,
)
from backend.kernel.errors import Sentence
from backend.kernel.language import ZH, day_in
from backend.pension.living.proved import PAYMENTS, ProveByCard, Proved
from kiosk import matter, pin, printed, told
from kiosk.case import Kiosk
from kiosk.client import NoAnswer, Refused
from kiosk.devices.camera import png, take
from kiosk.devices.port import DeviceDead, DeviceFailed
from kiosk.matter import Matter
from kiosk.moves import Do, Event, State
from kiosk.reading import Effect
from kiosk.vacancies import FindJobs, Found

log = structlog.get_logger()
A = TypeVar("A", bound=BaseModel)
PHOTO: Final = "proof-of-life.png"


def pressed(at: Kiosk, state: State, event: Event, choice: int) -> bool:
    """Whether a service's button makes sense; what it says is in hand from here."""
    if event is Event.CHOSEN:
        found = matter.chosen(at.matter, state, choice)
        if found is not None:
            at.matter = found
        return found is not None
    if event is Event.MORE:
        at.matter = matter.turned(at.matter, state, at.offers)
    if event is Event.TYPE:
        _have(at, trade=None)
    return matter.makes_sense(at.matter, state, event, at.offers, card=at.case is not None)


class _Ended(Exception):
    """The backend's answer ends the service: refused, or unknown."""

    def __init__(self, event: Event) -> None:
        self.event = event


def _service(effect: Callable[[Kiosk], Event]) -> Effect:
    """Nothing said before counts any more; what the backend says instead of an answer is shown."""

    @wraps(effect)
    def served(at: Kiosk) -> Event:
        at.said = None
        try:
            return effect(at)
        except _Ended as ended:
            return ended.event

    return served


def _ask(at: Kiosk, question: BaseModel, answer: type[A]) -> A:
    try:
        return at.caller.ask(question, answer)
    except Refused as refused:
        raise _ended(at, refused, Event.REFUSED) from None
    except NoAnswer as unknown:
        raise _ended(at, unknown, Event.NO_ANSWER) from None


def _serve(at: Kiosk, command: BaseModel, answer: type[A]) -> A:
    """What changes something: without an answer nobody knows whether it did, and that is what is said."""
    try:
        return at.caller.serve(command, answer)
    except Refused as refused:
        raise _ended(at, refused, Event.REFUSED) from None
    except NoAnswer:
        raise _ended(at, told.MaybeDone(), Event.NO_ANSWER) from None


def _ended(at: Kiosk, happened: Sentence, event: Event) -> _Ended:
    log.info("service.ended", code=happened.code)
    at.say(happened)
    return _Ended(event)


def _have(at: Kiosk, **known: Any) -> None:
    at.matter = replace(at.matter, **known)


# ---- papers ----


@_service
def make_paper(at: Kiosk) -> Event:
    visit, sheet = at.person.visit, at.matter.sheet
    paper: Paper | Records
    if sheet == "year":
        paper = _ask(at, AskRecords(visit=visit), Records)
    else:
        paper = _serve(at, MakePaper.model_validate({"visit": visit, "kind": sheet}), Paper)
    _have(at, paper=paper)
    return Event.PAPER_MADE


@_service
def print_paper(at: Kiosk) -> Event:
    """What is on the screen; without paper it is still there to be read."""
    paper, errand = at.matter.paper, at.matter.errand
    if paper is not None:
        name, slip = printed.number(at.person.visit, paper), printed.slip(paper, at.language)
    elif errand is not None:
        name, slip = errand.code, printed.errand(errand, at.language)
    else:
        raise RuntimeError("nothing to print")
    try:
        at.printer.print(name, slip)
    except (OSError, DeviceFailed, DeviceDead) as why:
        log.warning("printer.failed", why=str(why))
        raise _ended(at, told.NoPaper(), Event.REFUSED) from why
    at.say(told.Printed())
    return Event.DONE


# ---- proof of life ----


@_service
def fetch_life(at: Kiosk) -> Event:
    _have(at, life=_ask(at, AskLife(visit=at.person.visit), Life), picture="first")
    return Event.LIFE_KNOWN


@_service
def prove_life(at: Kiosk) -> Event:
    photo = _photo(at)
    done = _serve(at, ProveByCard(visit=at.person.visit, photo=photo), Proved)
    confirmed = told.LifeConfirmed if photo or at.camera is None else told.LifeConfirmedUnseen
    at.say(confirmed(until=day_in(done.valid_until, ZH), payment=PAYMENTS[done.payment]))
    return Event.DONE


def _photo(at: Kiosk) -> str | None:
    """A picture where there is a camera. The card and its PIN are the proof: without a picture it is as good.

    That the camera gives none is told once, and the person says how to go on; a second time the proof goes without.
    """
    if at.camera is None or at.matter.picture == "none":
        return None
    try:
        picture = png(take(at.camera))
    except (DeviceFailed, DeviceDead) as why:
        log.warning("camera.failed", why=str(why))
        if at.matter.picture == "again":
            return None
        raise _ended(at, told.lens(why), Event.NO_PICTURE) from why
    try:
        return at.caller.hand_in(PHOTO, picture)
    except (Refused, NoAnswer) as why:
        log.warning("photo.not_kept", code=why.code)
        return None


# ---- one's cards ----


@_service
def fetch_cards(at: Kiosk) -> Event:
    _have(at, cards=_ask(at, AskCards(visit=at.person.visit), Cards).cards)
    return Event.CARDS_KNOWN


@_service
def lose_card(at: Kiosk) -> Event:
    card = at.matter.card
    if card is None:
        raise RuntimeError("no card was chosen")
    lost = _serve(at, LoseCard(visit=at.person.visit, card=card.card), CardLost)
    at.say((told.ThisCardReported if lost.here else told.CardReported)(tail=lost.tail))
    return Event.CARD_STOPPED if lost.here else Event.DONE


# ---- work ----


@_service
def find_jobs(at: Kiosk) -> Event:
    words = at.matter.words
    found = _ask(at, FindJobs(q=words), Found)
    if not found.hits:
        raise _ended(at, told.NothingFound(words=words), Event.REFUSED)
    pages = {**at.matter.pages, State.JOBS: 0}
    _have(at, jobs=found.hits, total=found.total, pages=pages)
    return Event.JOBS_KNOWN


@_service
def fetch_job(at: Kiosk) -> Event:
    visit = at.case.visit if at.case else None
    _have(at, job=_ask(at, AskJob(vacancy=at.matter.vacancy, visit=visit), Job))
    return Event.JOB_KNOWN


@_service
def apply(at: Kiosk) -> Event:
    done = _serve(at, ApplyHere(visit=at.person.visit, vacancy=at.matter.vacancy), Applied)
    at.say(told.ApplicationSent(employer=done.employer))
    return Event.DONE


# ---- messages ----


@_service
def fetch_news(at: Kiosk) -> Event:
    found = _ask(at, AskNews(visit=at.person.visit), News)
    if not found.rows:
        raise _ended(at, told.NoNews(), Event.REFUSED)
    _have(at, news=found.rows)
    return Event.NEWS_KNOWN


@_service
def open_message(at: Kiosk) -> Event:
    """Shown whatever the backend says to its being read."""
    message = at.matter.message
    if message is not None and not message.read:
        opened = at.matter.opened | {message.id}
        news = tuple(one.model_copy(update={"read": one.read or one.id in opened}) for one in at.matter.news)
        _have(at, opened=opened, news=news)
        if until := _read_until(at.matter):
            try:
                at.caller.once.serve(ReadNews(visit=at.person.visit, until=until), NewsRead)
            except (Refused, NoAnswer) as why:
                log.info("news.unread", code=why.code)
    return Event.MESSAGE_KNOWN


def _read_until(now: Matter) -> int:
    """The backend marks what is read up to a message: only as far as nothing older waits to be opened."""
    unread = min((one.id for one in now.news if not one.read), default=None)
    return max((id for id in now.opened if unread is None or id < unread), default=0)


# ---- the guide ----


@_service
def fetch_guide(at: Kiosk) -> Event:
    _have(at, guide=_ask(at, AskGuide(), Guidebook).groups)
    return Event.GUIDE_KNOWN


EFFECTS: Final[Mapping[Do, Effect]] = {
    Do.MAKE_PAPER: make_paper,
    Do.PRINT_PAPER: print_paper,
    Do.FETCH_LIFE: fetch_life,
    Do.PROVE_LIFE: prove_life,
    Do.KEEP_OLD: pin.keep_old,
    Do.KEEP_NEW: pin.keep_new,
    Do.CHANGE_PIN: pin.change,
    Do.FETCH_CARDS: fetch_cards,
    Do.LOSE_CARD: lose_card,
    Do.FIND_JOBS: find_jobs,
    Do.FETCH_JOB: fetch_job,
    Do.APPLY: apply,
    Do.FETCH_NEWS: fetch_news,
    Do.OPEN_MESSAGE: open_message,
    Do.FETCH_GUIDE: fetch_guide,
}
