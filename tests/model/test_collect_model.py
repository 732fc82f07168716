"""The collection protocol holds in every state it can reach; without one rule it breaks where it should."""

from __future__ import annotations

import os

import pytest

from tests.model.collect_model import Protocol
from tests.model.exploring import check
from tests.model.world import Rules

HOLDS = None
ABLATIONS = [
    # what is taken away, rules, adversary, states, what then happens
    ("nothing, against both", Rules(), "clone, no card", 446_142, HOLDS),
    ("write-ahead of PRESENTING", Rules(write_ahead=False), "", 50_370, HOLDS),
    ("one open order", Rules(one_open=False), "", None, "paid twice"),
    ("never released by time", Rules(never_by_time=False), "", None, "handed out, but released"),
    (
        "unknown is doubt (taken as not)",
        Rules(unknown="not", evidence=False),
        "",
        None,
        "handed out, but released",
    ),
    (
        "unknown is doubt (taken as paid)",
        Rules(unknown="paid", evidence=False),
        "",
        None,
        "booked as paid, never handed out",
    ),
    ("token bound to the nonce", Rules(token_bound=False), "clone", None, "paid twice"),
    ("pinned nonce", Rules(pinned=False), "clone", None, "paid twice"),
    ("evidence", Rules(evidence=False), "clone", None, "handed out, but released"),
    ("clear before release", Rules(clears=False), "clone", None, "handed out, but released"),
    ("the device remembers", Rules(device_remembers=False), "", 47_287, HOLDS),
    ("proof again", Rules(proof_again=False), "", 47_589, HOLDS),
    (
        "write-ahead and evidence",
        Rules(write_ahead=False, evidence=False),
        "",
        None,
        "handed out, but released",
    ),
    ("evidence, of an honest kiosk", Rules(evidence=False), "", 47_589, HOLDS),
    ("proof", Rules(proof_needed=False), "clone, no card", None, "cash without the card"),
]
if "RENSHE_FUZZ" in os.environ:  # `make fuzz`: what one of the two can do, both can
    ABLATIONS += [
        ("nothing, against a cloned kiosk", Rules(), "clone", 211_759, HOLDS),
        ("nothing, against a kiosk without the card", Rules(), "no card", None, HOLDS),
    ]


def test_honest_parties_are_safe_and_every_pension_can_be_settled() -> None:
    verdict = check(Protocol(), losses=2)
    assert verdict.broken is None, verdict.trace
    assert verdict.states == 47_589


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rules", "adversary", "states", "broken"), [a[1:] for a in ABLATIONS], ids=[a[0] for a in ABLATIONS]
)
def test_without_this_rule(rules: Rules, adversary: str, states: int | None, broken: str | None) -> None:
    verdict = check(Protocol(rules, clone="clone" in adversary, no_card="no card" in adversary))
    assert verdict.broken == broken, verdict.trace
    if states is not None:
        assert verdict.states == states
    if broken:
        assert verdict.trace, "a violation shows the way to it"


THREE_LOSSES = [pytest.param(False, 106_374, id="honest")]
if "RENSHE_FUZZ" in os.environ:  # `make fuzz`: over a minute for what two losses have shown every day
    THREE_LOSSES.append(pytest.param(True, 634_416, id="cloned"))


@pytest.mark.slow
@pytest.mark.parametrize(("clone", "states"), THREE_LOSSES)
def test_three_power_losses(clone: bool, states: int) -> None:
    verdict = check(Protocol(clone=clone), losses=3)
    assert (verdict.broken, verdict.states) == (None, states)
