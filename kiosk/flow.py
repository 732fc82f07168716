"""Flow: the one table of the kiosk, (state, event) → (next state, effects); pure, every pair has an answer.

A pair is *defined* (in TABLE), *ignored* (a person's or a card's late gesture: nothing happens) or *illegal*
(the machine heard the answer to a question that state never asked: stop, let the journal settle it).
What makes money safe can be read off the rows: WRITE_DISPENSING stands before DISPENSE, WRITE_PRESENTING
before PRESENT, and every way out of an order goes through CLEAR or PRESENT, an OUT record and REPORT.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kiosk.moves import Do, Event, State, Step

__all__ = ["Do", "Event", "State", "Step"]  # others read the whole table here
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

SERVICES: Final[Mapping[tuple[State, Event], Step]] = {
    (S.MENU, E.MORE): _to(S.MENU),
    (S.MENU, E.SHOW_PAPERS): _to(S.PAPERS),
    (S.PAPERS, E.CHOSEN): _to(S.FETCHING, Do.MAKE_PAPER),
    (S.FETCHING, E.PAPER_MADE): _to(S.PAPER),
    (S.PAPER, E.PRINT): _to(S.FETCHING, Do.PRINT_PAPER),
    (S.MENU, E.PROVE_LIFE): _to(S.FETCHING, Do.FETCH_LIFE),
    (S.FETCHING, E.LIFE_KNOWN): _to(S.LIFE),
    (S.LIFE, E.YES): _to(S.FETCHING, Do.PROVE_LIFE),
    (S.FETCHING, E.NO_PICTURE): _to(S.UNSEEN),
    (S.UNSEEN, E.CHOSEN): _to(S.FETCHING, Do.PROVE_LIFE),
    (S.MENU, E.CHANGE_PIN): _to(S.PIN_OLD),
    (S.PIN_OLD, E.PIN_TYPED): _to(S.PIN_NEW, Do.KEEP_OLD),
    (S.PIN_NEW, E.PIN_TYPED): _to(S.PIN_AGAIN, Do.KEEP_NEW),
    (S.PIN_AGAIN, E.PIN_UNFIT): _to(S.PIN_NEW),
    (S.PIN_AGAIN, E.PIN_TYPED): _to(S.FETCHING, Do.CHANGE_PIN),
    (S.FETCHING, E.PIN_UNFIT): _to(S.PIN_NEW),
    (S.FETCHING, E.PIN_WRONG): _to(S.PIN_OLD),
    (S.FETCHING, E.PIN_BLOCKED): OVER,
    (S.FETCHING, E.CARD_BAD): OVER,
    (S.MENU, E.REPORT_LOSS): _to(S.FETCHING, Do.FETCH_CARDS),
    (S.FETCHING, E.CARDS_KNOWN): _to(S.CARDS),
    (S.CARDS, E.MORE): _to(S.CARDS),
    (S.CARDS, E.CHOSEN): _to(S.LOSING),
    (S.LOSING, E.YES): _to(S.FETCHING, Do.LOSE_CARD),
    (S.FETCHING, E.CARD_STOPPED): OVER,
    (S.WELCOME, E.FIND_WORK): _to(S.WORK),
    (S.MENU, E.FIND_WORK): _to(S.WORK),
    (S.WORK, E.MORE): _to(S.WORK),
    (S.WORK, E.CHOSEN): _to(S.FETCHING, Do.FIND_JOBS),
    (S.WORK, E.TYPE): _to(S.WORDS),
    (S.WORDS, E.SEARCH): _to(S.FETCHING, Do.FIND_JOBS),
    (S.FETCHING, E.JOBS_KNOWN): _to(S.JOBS),
    (S.JOBS, E.MORE): _to(S.JOBS),
    (S.JOBS, E.CHOSEN): _to(S.FETCHING, Do.FETCH_JOB),
    (S.FETCHING, E.JOB_KNOWN): _to(S.JOB),
    (S.CHECKING, E.JOB_AGAIN): _to(S.FETCHING, Do.FETCH_JOB),
    (S.JOB, E.YES): _to(S.APPLYING),
    (S.APPLYING, E.YES): _to(S.FETCHING, Do.APPLY),
    (S.MENU, E.SHOW_NEWS): _to(S.FETCHING, Do.FETCH_NEWS),
    (S.FETCHING, E.NEWS_KNOWN): _to(S.NEWS),
    (S.NEWS, E.MORE): _to(S.NEWS),
    (S.NEWS, E.CHOSEN): _to(S.FETCHING, Do.OPEN_MESSAGE),
    (S.FETCHING, E.MESSAGE_KNOWN): _to(S.MESSAGE),
    (S.WELCOME, E.SHOW_GUIDE): _to(S.FETCHING, Do.FETCH_GUIDE),
    (S.MENU, E.SHOW_GUIDE): _to(S.FETCHING, Do.FETCH_GUIDE),
    (S.FETCHING, E.GUIDE_KNOWN): _to(S.GUIDE),
    (S.GUIDE, E.MORE): _to(S.GUIDE),
    (S.GUIDE, E.CHOSEN): _to(S.ERRANDS),
    (S.ERRANDS, E.MORE): _to(S.ERRANDS),
    (S.ERRANDS, E.CHOSEN): _to(S.ERRAND),
    (S.ERRAND, E.PRINT): _to(S.FETCHING, Do.PRINT_PAPER),
    (S.FETCHING, E.DONE): _to(S.DONE),
    (S.FETCHING, E.REFUSED): _to(S.NOT_DONE),
    (S.FETCHING, E.NO_ANSWER): _to(S.NOT_DONE),
    (S.FETCHING, E.CARD_OUT): GOODBYE,
}
ONE_BACK: Final[Mapping[State, State]] = {  # where "back" of a service's screen leads
    S.PAPERS: S.MENU,
    S.PAPER: S.PAPERS,
    S.LIFE: S.MENU,
    S.UNSEEN: S.LIFE,
    S.PIN_OLD: S.MENU,
    S.PIN_NEW: S.MENU,
    S.PIN_AGAIN: S.MENU,
    S.CARDS: S.MENU,
    S.LOSING: S.CARDS,
    S.WORK: S.MENU,
    S.WORDS: S.WORK,
    S.JOBS: S.WORK,
    S.JOB: S.JOBS,
    S.APPLYING: S.JOB,
    S.NEWS: S.MENU,
    S.MESSAGE: S.NEWS,
    S.GUIDE: S.MENU,
    S.ERRANDS: S.GUIDE,
    S.ERRAND: S.ERRANDS,
    S.DONE: S.MENU,
    S.NOT_DONE: S.MENU,
}
WITHOUT_CARD: Final = frozenset(  # may be looked at before a card is put in
    {S.WORK, S.WORDS, S.JOBS, S.JOB, S.GUIDE, S.ERRANDS, S.ERRAND, S.DONE, S.NOT_DONE}
)
PINS: Final = frozenset({S.PIN, S.PIN_OLD, S.PIN_NEW, S.PIN_AGAIN})  # digits are typed here

LEAVING: Final[Mapping[tuple[State, Event], Step]] = {
    (state, event): step
    for state in (S.MENU, S.ACCOUNT, S.PAYMENTS, S.CHOOSING, S.METHOD, S.REFUSED, S.RESULT, *ONE_BACK)
    for event, step in (
        (E.BACK, OVER if state in (S.MENU, S.RESULT) else _to(ONE_BACK.get(state, S.MENU))),
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

TABLE: Final[Mapping[tuple[State, Event], Step]] = {
    **START,
    **VISIT,
    **SERVICES,
    **LEAVING,
    **ORDER,
    **DISK,
}

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
        E.MORE,
        E.SHOW_PAPERS,
        E.PROVE_LIFE,
        E.CHANGE_PIN,
        E.REPORT_LOSS,
        E.FIND_WORK,
        E.SHOW_NEWS,
        E.SHOW_GUIDE,
        E.TYPE,
        E.SEARCH,
        E.YES,
        E.PRINT,
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
        *ONE_BACK,
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
