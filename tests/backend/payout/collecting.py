"""A retiree with a collect card: the simulated card itself, asked as a kiosk asks it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import literal, select

from backend.kernel.db import Runner, Uow
from backend.kernel.period import Month
from backend.payout import service as payout
from backend.payout.schema import Confirmed, Opened, Visit
from backend.registry import service as registry
from backend.registry.schema import IssueCard
from cardio.card import CardSession
from cardio.collect import Begun, CollectCard, Done, Proof, Terms
from cardio.sim import Persona, SimCard
from cardio.tac import Asked
from tests.backend.payout.terminal import Terminal
from tests.backend.people import ZHANG, a_person

AMOUNT = 384_752
AREA = "310000"
CARD_NO, CODE = "000000019", Persona.code(AREA, 77)
DAYS = {"issued": date(2024, 1, 2), "expires": date(2034, 1, 1)}


@dataclass
class Holding:
    """A card in a person's hand; `copy` makes another with all that this one holds, keys included."""

    persona: Persona
    card: SimCard = field(init=False)
    visit: Visit = field(init=False)

    def __post_init__(self) -> None:
        self.card = SimCard(self.persona)
        self.insert()

    def insert(self) -> None:
        self.session = CardSession(self.card)
        assert self.session.verify(self.persona.pin).ok

    @property
    def collect(self) -> CollectCard:
        return CollectCard(self.session)

    def copy(self) -> Holding:
        made = Holding(self.persona)
        made.card = SimCard(self.persona, nv=self.card.nv)
        made.insert()
        return made

    def visits(self, kiosk: Terminal) -> Visit:
        self.insert()
        told = {"card_no": self.persona.card_no, "card_code": self.persona.card_code, "area": AREA}
        begun = kiosk.ask("CRD-11", ident=self.persona.ident, **told)
        answer = self.session.prove(bytes.fromhex(begun.challenge)).hex()
        self.visit = kiosk.ask("CRD-12", visit=begun.visit, response=answer)
        return self.visit


@dataclass
class Course:
    """One collection, as far as it has come."""

    asked: Asked
    begun: Begun
    opened: Opened
    proof: Proof | None = None


def asks(kiosk: Terminal, holding: Holding) -> tuple[Asked, Begun]:
    """The card is asked, the office not yet."""
    order = f"{kiosk.id}0001{next(kiosk.numbers):04x}"
    asked = Asked(order, AMOUNT, kiosk.id, holding.visit.collect_key or 0)
    return asked, holding.collect.init_collect(asked)


def opens(
    kiosk: Terminal,
    holding: Holding,
    which: int = 0,
    answered: tuple[Asked, Begun] | None = None,
    **changed: Any,
) -> Course:
    due = holding.visit.payables[which]
    asked, begun = answered or asks(kiosk, holding)
    body = {
        "order": asked.order,
        "visit": holding.visit.visit,
        "entitlement": due.entitlement,
        "amount_fen": due.amount_fen,
        "method": "cash",
        "begun": {
            "count": begun.ctc,
            "rnd": begun.rnd.hex(),
            "mac1": begun.mac1.hex(),
            "key_version": begun.key_version,
        },
    } | kiosk.journal()
    return Course(asked, begun, kiosk.ask("PAY-11", **(body | changed)))


def agrees(holding: Holding, course: Course) -> Proof:
    terms = course.opened.terms
    assert terms is not None
    at = datetime.strptime(terms.moment, "%Y%m%d%H%M%S")  # noqa: DTZ007 - the time of day at the office
    signed = Terms(at, terms.month, bytes.fromhex(terms.mac2))
    done = holding.collect.collect(course.asked, course.begun, signed)
    assert isinstance(done, Done)
    course.proof = done.value
    return done.value


def confirms(kiosk: Terminal, course: Course, **changed: Any) -> Confirmed:
    body = {
        "order": course.opened.order,
        "proof": course.proof.tac.hex() if course.proof else "00" * 8,
        "dispenser": kiosk.dispenser.id,
        "dispenser_nonce": kiosk.dispenser.nonce,
    }
    return kiosk.ask("PAY-12", **(body | changed))


def pays(kiosk: Terminal, course: Course, confirmed: Confirmed) -> None:
    assert confirmed.token
    kiosk.dispenser.hand_out(course.opened.order, confirmed.token, course.asked.amount_fen)
    status = kiosk.dispenser.status(course.opened.order)
    assert kiosk.report(course.opened.order, "paid", status).state == "paid"
    kiosk.dispenser.clear()


def collects(kiosk: Terminal, holding: Holding) -> Course:
    """The next payment in cash, from the card put in to the notes taken."""
    holding.visits(kiosk)
    which = next(n for n, one in enumerate(holding.visit.payables) if one.state == "payable")
    course = opens(kiosk, holding, which)
    agrees(holding, course)
    pays(kiosk, course, confirms(kiosk, course))
    return course


def owe(run: Runner, person_id: int, *months: str) -> None:
    def post(uow: Uow) -> None:
        for month in months:
            payout.run_month(
                uow,
                fund="pension",
                what="基本养老金",
                area=AREA,
                month=Month.parse(month),
                due=select(
                    literal(person_id).label("person_id"),
                    payout.month_of(Month.parse(month)).label("month"),
                    literal(AMOUNT).label("amount"),
                ),
                checker="b",
            )

    run.system(post)


def a_collector(run: Runner, *months: str) -> Holding:
    person_id = a_person(run, ZHANG)
    persona = Persona.issue(
        run.vault.cards,
        area=AREA,
        card_code=CODE,
        card_no=CARD_NO,
        ident=ZHANG,
        name="张秀䶮",
        sex="2",
        nation="01",
        birth=date(1950, 3, 7),
        profile="collect",
        **DAYS,
    )
    issued = IssueCard(
        ident=ZHANG, card_no=CARD_NO, card_code=CODE, version="3.00", profile="collect", **DAYS
    )
    run.system(registry.issue_card, issued)
    owe(run, person_id, *months)
    return Holding(persona)
