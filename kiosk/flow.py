"""Flow: the one table of the kiosk, (state, event) → (next state, effects); pure, every pair has an answer.

A pair is *defined* (in TABLE), *ignored* (a person's or a card's late gesture: nothing happens) or *illegal*
(the machine heard the answer to a question that state never asked: stop, let the journal settle it).
What makes money safe can be read off the rows: WRITE_DISPENSING stands before DISPENSE, WRITE_PRESENTING
before PRESENT, and every way out of an order goes through CLEAR or PRESENT, an OUT record and REPORT.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final


class State(Enum):
    BOOTING = "settling what the last run left"
    STOPPED = "out of service until staff restart it"
    WELCOME = "waits for a card"
    READING = "reads the card, registers the visit"
    PIN = "waits for the PIN"
    CHECKING = "the card checks the PIN and proves itself"
    MENU = "what would you like to do"
    ACCOUNT = "shows the account"
    PAYMENTS = "shows what was paid"
    CHOOSING = "which payment"
    METHOD = "the amount; cash or bank"
    OPENING = "ordered in the journal, the backend is asked to reserve"
    PROVING = "the card signs the order"
    CONFIRMING = "the backend is asked to authorise"
    DISPENSING = "notes are counted into the inner stacker"
    STACKED = "notes counted, waits for the card to be taken"
    PRESENTING = "the holder can reach the notes"
    CLEARING = "token killed, the dispenser asked what became of the notes"
    REPORTING = "outcome in the journal, the backend is told"
    RESULT = "shows how it ended"
    REFUSED = "shows a kind sentence"
    TAKE_CARD = "the visit is over, waits for the card to be taken"


class Event(Enum):
    # the machine starts
    SETTLED = "every unfinished order has an outcome"
    UNSETTLED = "the journal or the dispenser could not be read"
    # the card slot
    CARD_IN = "a card was put in"
    CARD_OUT = "the card is gone"
    # the person
    PIN_TYPED = "six digits and confirm"
    COLLECT = "wants to collect"
    SHOW_ACCOUNT = "wants to see the account"
    SHOW_PAYMENTS = "wants to see past payments"
    CHOSEN = "this payment"
    CASH = "in cash"
    BANK = "to the bank account"
    BACK = "one step back"
    LEAVE = "is done"
    PRINT_AGAIN = "wants the slip once more"
    WAITED = "the time of this screen is up"
    TAKEN = "the notes were taken"
    # answers of the card
    CARD_READ = "it is a social-security card"
    CARD_BAD = "the card did not answer, or not as it should"
    PIN_OK = "the PIN is right"
    PIN_WRONG = "the PIN is wrong"
    PIN_BLOCKED = "no tries left"
    CARD_PROVED = "the card signed the order"
    # answers of the backend
    BEGUN = "the visit is registered"
    VISITED = "the card is genuine, here is the account"
    RESUMED = "the same card was pulled a moment ago, in the middle of collecting"
    OPENED = "reserved"
    AUTHORISED = "here is the token"
    AT_BANK = "the bank was instructed"
    REPORTED = "the outcome is booked"
    REFUSED = "understood and refused"
    NO_ANSWER = "no answer: unknown whether it happened"
    # answers of the dispenser
    STACKED = "the exact amount lies in the stacker"
    NOT_STACKED = "jam, short count or token refused"
    NOT_PRESENTED = "the shutter failed"
    KEPT = "signed: not handed out, and the token is dead"
    GIVEN = "signed: handed out"
    DOUBTFUL = "signed: it cannot tell"
    DISPENSER_DEAD = "it does not answer"
    # what may be due
    ONE_DUE = "one payment can be collected"
    SEVERAL_DUE = "several payments can be collected"
    NONE_DUE = "nothing can be collected now"
    # the disk
    DISK_FAILED = "the journal cannot be written"


class Do(Enum):
    READ_CARD = "identify the card and read its holder"
    BEGIN = "register the visit"
    VERIFY = "let the card check the PIN"
    PROVE_VISIT = "let the card answer the backend, fetch the account"
    LOOK_FOR_DUE = "see what may be collected"
    EXPLAIN_NONE = "say why nothing can be collected"
    WRITE_ORDERED = "journal: ORDERED"
    OPEN = "ask the backend to reserve"
    PROVE_ORDER = "let the card sign the order"
    CONFIRM = "ask the backend to authorise"
    WRITE_DISPENSING = "journal: DISPENSING"
    DISPENSE = "count the notes into the stacker"
    WRITE_STACKED = "journal: STACKED"
    WRITE_PRESENTING = "journal: PRESENTING"
    PRESENT = "open the shutter"
    RETRACT = "take the notes back in"
    CLEAR = "kill the token, ask the dispenser, reject what lies in the stacker"
    WRITE_PAID = "journal: OUT paid"
    WRITE_NOT = "journal: OUT not"
    WRITE_UNKNOWN = "journal: OUT unknown"
    REPORT = "tell the backend until it acknowledges"
    PRINT = "print the receipt"
    CLOSE_CARD = "end the session with the card"
    WIPE = "forget the person"
    ALARM = "call staff"


@dataclass(frozen=True, slots=True)
class Step:
    state: State
    effects: tuple[Do, ...] = ()


S, E = State, Event


def _to(state: State, *effects: Do) -> Step:
    return Step(state, effects)


CLEAR: Final = _to(S.CLEARING, Do.CLEAR)  # any way to "not paid" leads through the dispenser's own word
GOODBYE: Final = _to(S.WELCOME, Do.CLOSE_CARD, Do.WIPE)
OVER: Final = _to(S.TAKE_CARD, Do.CLOSE_CARD, Do.WIPE)
STOP: Final = _to(S.STOPPED, Do.CLOSE_CARD, Do.WIPE, Do.ALARM)

START: Final[Mapping[tuple[State, Event], Step]] = {
    (S.BOOTING, E.SETTLED): _to(S.WELCOME),
    (S.BOOTING, E.UNSETTLED): STOP,
    (S.WELCOME, E.CARD_IN): _to(S.READING, Do.READ_CARD),
}

VISIT: Final[Mapping[tuple[State, Event], Step]] = {
    (S.READING, E.CARD_READ): _to(S.READING, Do.BEGIN),
    (S.READING, E.CARD_BAD): OVER,
    (S.READING, E.PIN_BLOCKED): OVER,
    (S.READING, E.BEGUN): _to(S.PIN),
    (S.READING, E.REFUSED): OVER,
    (S.READING, E.NO_ANSWER): OVER,
    (S.READING, E.CARD_OUT): GOODBYE,
    (S.PIN, E.PIN_TYPED): _to(S.CHECKING, Do.VERIFY),
    (S.PIN, E.BACK): OVER,
    (S.PIN, E.LEAVE): OVER,
    (S.PIN, E.WAITED): OVER,
    (S.PIN, E.CARD_OUT): GOODBYE,
    (S.CHECKING, E.PIN_OK): _to(S.CHECKING, Do.PROVE_VISIT),
    (S.CHECKING, E.PIN_WRONG): _to(S.PIN),
    (S.CHECKING, E.PIN_BLOCKED): OVER,
    (S.CHECKING, E.CARD_BAD): OVER,
    (S.CHECKING, E.REFUSED): OVER,
    (S.CHECKING, E.NO_ANSWER): OVER,
    (S.CHECKING, E.VISITED): _to(S.MENU),
    (S.CHECKING, E.RESUMED): _to(S.METHOD),
    (S.CHECKING, E.CARD_OUT): GOODBYE,
    (S.MENU, E.COLLECT): _to(S.CHOOSING, Do.LOOK_FOR_DUE),
    (S.MENU, E.SHOW_ACCOUNT): _to(S.ACCOUNT),
    (S.MENU, E.SHOW_PAYMENTS): _to(S.PAYMENTS),
    (S.CHOOSING, E.ONE_DUE): _to(S.METHOD),
    (S.CHOOSING, E.SEVERAL_DUE): _to(S.CHOOSING),
    (S.CHOOSING, E.NONE_DUE): _to(S.REFUSED, Do.EXPLAIN_NONE),
    (S.CHOOSING, E.CHOSEN): _to(S.METHOD),
    (S.METHOD, E.CASH): _to(S.OPENING, Do.WRITE_ORDERED, Do.OPEN),
    (S.METHOD, E.BANK): _to(S.OPENING, Do.WRITE_ORDERED, Do.OPEN),
    (S.RESULT, E.COLLECT): _to(S.CHOOSING, Do.LOOK_FOR_DUE),  # another month, while the card is still in
    (S.RESULT, E.PRINT_AGAIN): _to(S.RESULT, Do.PRINT),
    (S.TAKE_CARD, E.CARD_OUT): GOODBYE,
    (S.STOPPED, E.CARD_OUT): _to(S.STOPPED, Do.CLOSE_CARD, Do.WIPE),
}

LEAVING: Final[Mapping[tuple[State, Event], Step]] = {
    (state, event): step
    for state in (S.MENU, S.ACCOUNT, S.PAYMENTS, S.CHOOSING, S.METHOD, S.REFUSED, S.RESULT)
    for event, step in (
        (E.BACK, OVER if state in (S.MENU, S.RESULT) else _to(S.MENU)),
        (E.LEAVE, OVER),
        (E.WAITED, OVER),
        (E.CARD_OUT, _to(S.RESULT, Do.CLOSE_CARD, Do.WIPE) if state is S.RESULT else GOODBYE),
    )
}

ORDER: Final[Mapping[tuple[State, Event], Step]] = {
    (S.OPENING, E.OPENED): _to(S.PROVING, Do.PROVE_ORDER),
    (S.OPENING, E.CARD_BAD): CLEAR,
    (S.OPENING, E.REFUSED): CLEAR,
    (S.OPENING, E.NO_ANSWER): CLEAR,
    (S.PROVING, E.CARD_PROVED): _to(S.CONFIRMING, Do.CONFIRM),
    (S.PROVING, E.CARD_BAD): CLEAR,
    (S.CONFIRMING, E.AUTHORISED): _to(S.DISPENSING, Do.WRITE_DISPENSING, Do.DISPENSE),
    (S.CONFIRMING, E.AT_BANK): _to(S.REPORTING, Do.WRITE_UNKNOWN, Do.REPORT),
    (S.CONFIRMING, E.REFUSED): CLEAR,
    (S.CONFIRMING, E.NO_ANSWER): CLEAR,
    (S.DISPENSING, E.STACKED): _to(S.STACKED, Do.WRITE_STACKED, Do.CLOSE_CARD),
    (S.DISPENSING, E.NOT_STACKED): CLEAR,
    (S.STACKED, E.CARD_OUT): _to(S.PRESENTING, Do.WIPE, Do.WRITE_PRESENTING, Do.PRESENT),
    (S.STACKED, E.WAITED): CLEAR,
    (S.PRESENTING, E.TAKEN): _to(S.CLEARING, Do.CLEAR),
    (S.PRESENTING, E.NOT_PRESENTED): CLEAR,
    (S.PRESENTING, E.WAITED): _to(S.CLEARING, Do.RETRACT, Do.CLEAR),
    (S.CLEARING, E.KEPT): _to(S.REPORTING, Do.WRITE_NOT, Do.REPORT),
    (S.CLEARING, E.GIVEN): _to(S.REPORTING, Do.WRITE_PAID, Do.REPORT),
    (S.CLEARING, E.DOUBTFUL): _to(S.REPORTING, Do.ALARM, Do.WRITE_UNKNOWN, Do.REPORT),
    (S.CLEARING, E.DISPENSER_DEAD): STOP,
    (S.REPORTING, E.REPORTED): _to(S.RESULT, Do.PRINT),
    (S.REPORTING, E.NO_ANSWER): _to(S.RESULT, Do.PRINT),
    (S.REPORTING, E.REFUSED): _to(S.RESULT, Do.ALARM, Do.PRINT),
}

DISK: Final[Mapping[tuple[State, Event], Step]] = {(state, E.DISK_FAILED): STOP for state in State}

TABLE: Final[Mapping[tuple[State, Event], Step]] = {**START, **VISIT, **LEAVING, **ORDER, **DISK}

# Late taps, a card pulled or put in while the machine is busy: these never harm and never move money.
GESTURES: Final = frozenset(
    {
        E.CARD_IN,
        E.CARD_OUT,
        E.PIN_TYPED,
        E.COLLECT,
        E.SHOW_ACCOUNT,
        E.SHOW_PAYMENTS,
        E.CHOSEN,
        E.CASH,
        E.BANK,
        E.BACK,
        E.LEAVE,
        E.PRINT_AGAIN,
        E.WAITED,
        E.TAKEN,
    }
)

WAITING: Final = frozenset(  # states in which a person, not the machine, has the next move
    {
        S.STOPPED,
        S.WELCOME,
        S.PIN,
        S.MENU,
        S.ACCOUNT,
        S.PAYMENTS,
        S.CHOOSING,
        S.METHOD,
        S.STACKED,
        S.PRESENTING,
        S.RESULT,
        S.REFUSED,
        S.TAKE_CARD,
    }
)


def ignored(state: State, event: Event) -> bool:
    return (state, event) not in TABLE and event in GESTURES


def illegal(state: State, event: Event) -> bool:
    return (state, event) not in TABLE and event not in GESTURES


def step(state: State, event: Event) -> Step:
    """What comes next; for an illegal pair the safe end."""
    if (found := TABLE.get((state, event))) is not None:
        return found
    return Step(state) if ignored(state, event) else STOP
