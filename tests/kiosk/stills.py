"""Every screen a person can meet, at rest: to be looked at, measured and listened to."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from backend.hall.schema import AskRecords, MakePaper, Paper, Records
from backend.kernel.errors import Refusal
from cardio import card, link
from cardio.card import PinTooSimple
from kiosk import told
from kiosk.case import Comfort, Errand, Said, Screen
from kiosk.client import NoAnswer, Refused
from kiosk.flow import State
from tests.kiosk.matters import full
from tests.kiosk.people import persona
from tests.kiosk.reference_backend import ReferenceBackend
from tests.kiosk.reference_hall import NOTICE
from tests.kiosk.refused import refused_here

FAULTS = [
    shape("")
    for module in (link, card)
    for shape in vars(module).values()
    if isinstance(shape, type) and issubclass(shape, link.CardFault) and shape.__module__ == module.__name__
]
ERRAND = Errand(
    "0000000100010001", 1_458_037, "2026-11", "基本养老金", "1", "cash", "欧*妹", "示例银行 ****6217"
)


def heard(refusal: Refusal) -> Said:
    """A refusal of the backend as it came."""
    return Said.of(Refused(refusal.code, refusal.message))


def stills(books: ReferenceBackend) -> dict[str, Screen]:
    who = persona(3, "欧阳䶮小妹")
    for month in range(1, 13):
        books.owe(who, 1_458_037 + month, f"2026-{month:02d}")
    account = books.view(who.card_no, "v")
    shown = Screen(
        1,
        State.WELCOME,
        masked_name="欧*妹",
        account=account,
        payable=account.payables[0],
        due=account.payables[:4],
        errand=ERRAND,
    )
    return usual(shown) | rare(shown) | wrong(shown)


def usual(shown: Screen) -> dict[str, Screen]:
    paid = replace(ERRAND, outcome="paid", receipt_no="31202611000123", printed=True)
    return {
        "welcome": Screen(1, State.WELCOME),
        "pin": replace(shown, state=State.PIN, typed=3),
        "menu": replace(shown, state=State.MENU),
        "account": replace(shown, state=State.ACCOUNT),
        "payments": replace(shown, state=State.PAYMENTS),
        "choosing": replace(shown, state=State.CHOOSING),
        "method": replace(shown, state=State.METHOD),
        "busy": replace(shown, state=State.CONFIRMING),
        "stacked": replace(shown, state=State.STACKED),
        "presenting": replace(shown, state=State.PRESENTING),
        "paid": replace(shown, state=State.RESULT, errand=paid, due=()),
        "paid, more due": replace(shown, state=State.RESULT, errand=paid),
        "to bank": replace(
            shown, state=State.RESULT, errand=replace(paid, method="bank", state="authorised"), due=()
        ),
        "take card": replace(shown, state=State.TAKE_CARD),
    }


def of_services(books: ReferenceBackend) -> dict[str, Screen]:
    """Of the other services what shows amounts, and what is asked of whoever is photographed."""
    has = full()
    hall, card, visit = books.hall, next(iter(books.people)), "a" * 32
    shown = Screen(1, State.MESSAGE, masked_name="欧*妹", camera=True, matter=has)

    def paper(sheet: Literal["year", "benefit"]) -> Screen:
        made: Paper | Records = (
            hall.paper(MakePaper(visit=visit, kind="benefit"), card)
            if sheet == "benefit"
            else hall.records(AskRecords(visit=visit), card)
        )
        return replace(shown, state=State.PAPER, matter=replace(has, sheet=sheet, paper=made))

    return {
        "message, paid": shown,
        "message, notice": replace(shown, matter=replace(has, message=NOTICE)),
        "paper, benefit": paper("benefit"),
        "paper, year": paper("year"),
        "life": replace(shown, state=State.LIFE),
        "life, no camera": replace(shown, state=State.LIFE, camera=False),
        "unseen": replace(shown, state=State.UNSEEN, said=Said.of(told.CameraDark())),
        "unseen, silent": replace(shown, state=State.UNSEEN, said=Said.of(told.CameraSilent())),
    }


def rare(shown: Screen) -> dict[str, Screen]:
    doubt = replace(ERRAND, outcome="unknown", receipt_no=None)
    return {
        "asking": replace(shown, state=State.MENU, asking=True),
        "sound": replace(shown, state=State.MENU, comfort=Comfort(open=True)),
        "sound off": replace(shown, state=State.MENU, comfort=Comfort(volume=0, slow=True, open=True)),
        "resumed": replace(shown, state=State.METHOD, resumed=True),
        "no cash": replace(shown, state=State.METHOD, gives_cash=False),
        "staff": replace(shown, state=State.ACCOUNT, staff_called=True),
        "staff, PIN": replace(shown, state=State.PIN, staff_called=True, tries=1),
        "pin, pad": replace(shown, state=State.PIN, pad=True, typed=3, tries=2),
        "old pin, pad": replace(shown, state=State.PIN_OLD, pad=True, typed=3),
        "new pin, pad": replace(shown, state=State.PIN_NEW, pad=True, said=Said.of(PinTooSimple())),
        "new pin again, pad": replace(shown, state=State.PIN_AGAIN, pad=True, typed=6),
        "stopped": replace(shown, state=State.STOPPED, card_in=True),
        "doubt": replace(shown, state=State.RESULT, errand=doubt),
        "doubt, part taken": replace(
            shown,
            state=State.RESULT,
            errand=replace(doubt, printed=True),
            said=Said.of(told.PartTaken()),
            due=(),  # the card is out before the notes come
        ),
    }


def wrong(shown: Screen) -> dict[str, Screen]:
    """Whatever can go wrong, where it is shown."""
    refusals = {f"{at} {one.code}": heard(one) for at, one in enumerate(refused_here())}
    faults = {type(one).__name__: Said.of(one) for one in FAULTS}
    own = (told.PinBlocked(), told.NothingDue(), told.NotDone(), told.CashBroken(), told.NotTaken())
    unpaid = replace(ERRAND, outcome="not")
    ending = refusals | faults | {one.code: Said.of(one) for one in (*own, NoAnswer("timeout"))}
    ordering = refusals | {one.code: Said.of(one) for one in (*own[2:], NoAnswer("timeout"))}
    explained = ("AlreadyCollected", "HeldElsewhere", "SentToBank")
    none_due = {name: said for name, said in refusals.items() if said.code in explained}
    none_due["NothingDue"] = Said.of(told.NothingDue())
    return (
        {"wrong PIN": replace(shown, state=State.PIN, typed=0, tries=1, said=Said.of(told.PinWrong()))}
        | {
            f"card out: {name}": replace(shown, state=State.TAKE_CARD, said=said, errand=None)
            for name, said in ending.items()
        }
        | {
            f"not paid: {name}": replace(shown, state=State.RESULT, errand=unpaid, said=said)
            for name, said in ordering.items()
        }
        | {
            f"refused: {name}": replace(shown, state=State.REFUSED, said=said)
            for name, said in none_due.items()
        }
    )
