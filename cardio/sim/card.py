"""SimCard: a persona's card in a reader, as a Link; it can be pulled, put in again, and have bad luck."""

from __future__ import annotations

from random import Random

from cardio.codecs import pin_block
from cardio.link import Answer, CardDirty, CardMute, CardPulled, CardStuck
from cardio.sim.chip import Chip
from cardio.sim.collected import BLANK
from cardio.sim.luck import Fault, Faults, Kind
from cardio.sim.memory import Memory, PowerLost
from cardio.sim.persona import Persona


class SimCard:
    """A card that lies in a reader from the start. `nv` is what lasts: save it, give it to the next one.

    As a Link it is the reader's slot: `close` takes the power away, the next session's `atr` gives it back.
    """

    def __init__(self, persona: Persona, faults: Faults | None = None, nv: bytes | None = None) -> None:
        self.persona = persona
        self.commands = 0
        self.inside = True
        self._faults = faults or Faults()
        self._memory = Memory(nv, self._faults, BLANK if persona.profile == "collect" else b"")
        self._chip: Chip | None = None

    @property
    def nv(self) -> bytes:
        return self._memory.image

    @property
    def tries(self) -> int:
        return self._memory.tries

    def set_anew(self) -> None:
        """At the counter the PIN is again the one it was made with; all else that it remembers is kept."""
        self._memory.write_unblocked(pin_block(self.persona.pin))

    def pull(self) -> None:
        """Take it out: what it knew of the session is gone."""
        self.inside = False
        self._chip = None

    def insert(self) -> None:
        """Put it in again; without power until its `atr` is asked for."""
        self.inside = True

    # ---- Link ----

    def atr(self) -> bytes:
        """Power up, or reset."""
        if not self.inside:
            raise CardPulled("no card in the simulated reader")
        if self._faults.mute:
            raise CardMute("no answer to reset")
        if self._chip is None:
            self._chip = Chip(self.persona, self._memory)
        return bytes.fromhex(self.persona.atr)

    def send(self, apdu: bytes) -> Answer:
        if self._chip is None:
            raise CardPulled("the simulated card has no power")
        self.commands += 1
        fault = self._faults.of(self.commands)
        if fault and fault.kind is Kind.HANG:
            raise CardStuck(f"hangs at command {self.commands}")
        if fault and fault.kind is Kind.PULL_BEFORE:
            raise self._gone()
        if fault and fault.kind is Kind.MUTE:
            return self._silent(apdu)
        try:
            answer = self._chip.process(apdu)
        except PowerLost as torn:
            raise self._gone() from torn
        return self._spoilt(fault, answer) if fault else answer

    def close(self) -> None:
        self._chip = None

    def _silent(self, apdu: bytes) -> Answer:
        """Every other time it has heard the command."""
        if self._chip is not None and self.commands % 2:
            self._chip.process(apdu)
        self._chip = None
        raise CardDirty(f"no answer at command {self.commands}")

    def _gone(self) -> CardPulled:
        self.pull()
        return CardPulled(f"pulled at command {self.commands}")

    def _spoilt(self, fault: Fault, answer: Answer) -> Answer:
        if fault.kind is Kind.PULL_AFTER:
            raise self._gone()
        if fault.kind is Kind.WRONG_SW:
            return Answer(b"", fault.sw)
        noise = Random(self._faults.seed + self.commands)  # noqa: S311 - noise, not a secret
        return Answer(noise.randbytes(noise.randrange(40)), noise.randrange(0x10000))
