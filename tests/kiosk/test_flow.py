"""The table of the kiosk: every pair has an answer, and no way through it loses or doubles money."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk import flow
from kiosk.flow import GESTURES, TABLE, WAITING, Do, Event, State, step
from kiosk.visit import EFFECTS

MONEY = {
    State.OPENING,
    State.PROVING,
    State.CONFIRMING,
    State.DISPENSING,
    State.STACKED,
    State.PRESENTING,
    State.CLEARING,
    State.REPORTING,
}


@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
def test_every_pair_is_defined_ignored_or_stops_the_kiosk(state: State) -> None:
    for event in Event:
        after = step(state, event)
        kinds = [(state, event) in TABLE, flow.ignored(state, event), flow.illegal(state, event)]
        assert sum(kinds) == 1
        if flow.ignored(state, event):
            assert after == flow.Step(state)
        if flow.illegal(state, event):
            assert after == flow.STOP
            assert not {Do.DISPENSE, Do.PRESENT, Do.OPEN, Do.CONFIRM} & set(after.effects)


def test_every_effect_is_used_and_somebody_carries_it_out() -> None:
    assert {effect for after in TABLE.values() for effect in after.effects} == set(Do) == set(EFFECTS)


def test_every_state_can_be_reached_and_left() -> None:
    reached = {after.state for after in TABLE.values()} | {State.BOOTING}
    assert reached == set(State)
    for state in set(State) - {State.STOPPED}:
        assert any(before is state and after.state is not state for (before, _), after in TABLE.items()), (
            state
        )


@pytest.mark.parametrize(
    ("deed", "record"),
    [(Do.OPEN, Do.WRITE_ORDERED), (Do.DISPENSE, Do.WRITE_DISPENSING), (Do.PRESENT, Do.WRITE_PRESENTING)],
)
def test_the_journal_is_written_before_the_deed(deed: Do, record: Do) -> None:
    for after in TABLE.values():
        if deed in after.effects:
            assert after.effects.index(record) < after.effects.index(deed)


def test_nothing_is_reported_that_is_not_journalled_first() -> None:
    outs = {Do.WRITE_PAID, Do.WRITE_NOT, Do.WRITE_UNKNOWN}
    for after in TABLE.values():
        if Do.REPORT in after.effects:
            before = after.effects[: after.effects.index(Do.REPORT)]
            assert len(outs & set(before)) == 1


def test_cash_is_paid_or_released_only_on_the_word_of_the_dispenser() -> None:
    for (state, _), after in TABLE.items():
        if {Do.WRITE_PAID, Do.WRITE_NOT} & set(after.effects):
            assert state is State.CLEARING


def test_the_card_is_out_before_the_notes_come() -> None:
    assert [pair for pair, after in TABLE.items() if Do.PRESENT in after.effects] == [
        (State.STACKED, Event.CARD_OUT)
    ]


def test_an_order_under_way_ends_only_by_its_outcome_or_a_stop() -> None:
    for (state, event), after in TABLE.items():
        if state in MONEY and after.state not in MONEY:
            assert after.state is State.STOPPED or state is State.REPORTING, (state, event)


def test_no_state_in_which_the_machine_has_the_move_waits_for_a_person() -> None:
    for (state, event), after in TABLE.items():
        if state not in WAITING and event in GESTURES:
            assert event is Event.CARD_OUT, (state, event)
            assert after.state is State.WELCOME


def test_only_the_last_effect_of_a_step_answers() -> None:
    silent = {effect for effect in Do if effect.name.startswith("WRITE_")}
    silent |= {Do.WIPE, Do.CLOSE_CARD, Do.ALARM, Do.PRINT, Do.EXPLAIN_NONE, Do.RETRACT}
    for pair, after in TABLE.items():
        assert set(after.effects[:-1]) <= silent, pair
        if after.state not in WAITING:
            assert after.effects, pair
            assert after.effects[-1] not in silent, f"{pair} would never go on"


def test_from_everywhere_there_is_a_way_back_to_the_next_person() -> None:
    before: dict[State, set[State]] = {}
    for (state, _), after in TABLE.items():
        before.setdefault(after.state, set()).add(state)
    found, queue = {State.WELCOME}, deque([State.WELCOME])
    while queue:
        for state in before.get(queue.popleft(), set()) - found:
            found.add(state)
            queue.append(state)
    assert found == set(State) - {State.STOPPED}


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 10_000), max_size=80))
def test_whatever_happens_each_order_is_handed_out_at_most_once(turns: list[int]) -> None:
    state, presented, ordered, outcomes = State.BOOTING, 0, 0, 0
    for turn in turns:
        expected = [event for before, event in TABLE if before is state and event is not Event.DISK_FAILED]
        events = expected if expected and turn % 8 else list(Event)
        after = step(state, events[turn % len(events)])
        state = after.state
        for effect in after.effects:
            ordered += effect is Do.WRITE_ORDERED
            presented += effect is Do.PRESENT
            outcomes += effect in (Do.WRITE_PAID, Do.WRITE_NOT, Do.WRITE_UNKNOWN)
        assert outcomes <= ordered
        assert presented <= ordered
        assert ordered - outcomes == (state in MONEY - {State.REPORTING}) or state is State.STOPPED
