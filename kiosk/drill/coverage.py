"""Coverage: which pairs of the table a drill has met, which nothing can bring about, and why.

Everything here comes from the table and from what the deeds were heard to answer: a new row is asked for by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from kiosk import flow
from kiosk.flow import TABLE, Do, Event, State, Step

Pair = tuple[State, Event]
DEFINED: Final = frozenset(TABLE)
IGNORED: Final = frozenset((s, e) for s in State for e in Event if flow.ignored(s, e))
ILLEGAL: Final = frozenset((s, e) for s in State for e in Event if flow.illegal(s, e))


@dataclass
class Coverage:
    """What was met. `state` is where the machine is now, as its own steps told."""

    pairs: Counter[Pair] = field(default_factory=Counter)
    answers: dict[Do, set[Event]] = field(default_factory=dict)  # deed → what it has been heard to answer
    state: State = State.BOOTING

    def step(self, state: State, event: Event) -> Step:
        """The table, with an ear."""
        self.pairs[state, event] += 1
        found = flow.step(state, event)
        self.state = found.state
        return found

    def answered(self, deed: Do, event: Event | None) -> None:
        if event is not None:
            self.answers.setdefault(deed, set()).add(event)

    def add(self, other: Coverage) -> None:
        """What another part of the same drill has met."""
        self.pairs += other.pairs
        for deed, events in other.answers.items():
            self.answers.setdefault(deed, set()).update(events)

    def missing(self, pairs: Iterable[Pair]) -> list[Pair]:
        return sorted(set(pairs) - set(self.pairs), key=told)

    def met(self, pairs: Iterable[Pair]) -> int:
        return len(set(pairs) & set(self.pairs))

    @property
    def broken(self) -> list[Pair]:
        """Illegal pairs that came about after all: the machine heard an answer to what it had not asked."""
        return sorted(ILLEGAL & set(self.pairs), key=told)

    def why_never(self, event: Event) -> str:
        """Why an event is heard in no other state: who alone says it, and where."""
        deeds = [deed for deed in Do if event in self.answers.get(deed, ())]
        if not deeds:
            places = sorted(state.name for state, known in TABLE if known is event)
            return f"没有一个动作会答它；表里只在 {'、'.join(places)}"
        return "；".join(
            f"只有 {deed.name} 会答它，只在 {'、'.join(sorted(s.name for s in where(deed)))} 里做"
            for deed in deeds
        )


def told(pair: Pair) -> tuple[str, str]:
    return pair[0].name, pair[1].name


def where(deed: Do) -> set[State]:
    """The states in which a deed is done."""
    return {step.state for step in TABLE.values() if deed in step.effects}
