"""A matter with everything in hand that any service's screen shows, as the reference hall says it."""

from __future__ import annotations

from backend.hall.schema import AskCards, AskGuide, AskJob, AskLife, MakePaper
from kiosk.matter import Matter
from kiosk.vacancies import FindJobs
from tests.kiosk.people import persona
from tests.kiosk.reference_backend import ReferenceBackend


def full() -> Matter:
    books, card = ReferenceBackend(), persona()
    books.owe(card, 458_037)
    hall, visit = books.hall, "a" * 32
    cards = hall.cards(AskCards(visit=visit), card.card_no).cards
    guide = hall.guide(AskGuide(), "").groups
    return Matter(
        sheet="career",
        paper=hall.paper(MakePaper(visit=visit, kind="career"), card.card_no),
        life=hall.life(AskLife(visit=visit), card.card_no),
        cards=cards,
        card=cards[0],
        total=hall.hits,
        jobs=hall.find(FindJobs(q="仓库"), "").hits,
        job=hall.job(AskJob(vacancy="V0000000001", visit=visit), card.card_no),
        news=tuple(hall.news),
        message=hall.news[2],
        guide=guide,
        group=guide[0],
        errand=guide[0].items[0],
    )
