"""Slot: a simulated card in a program of its own beside the driver, so that it answers while the terminal thinks.

`python -m loadtests.bench.slot` inside the card service's network; the card stays in until the program ends.
"""

from __future__ import annotations

import sys

from cardio.sim import Persona, SimCard
from cardio.vpcd import PORT, converse, dial


def main() -> None:
    card = SimCard(Persona.from_json(sys.stdin.readline()))
    converse(card, dial("127.0.0.1", PORT))


if __name__ == "__main__":
    main()
