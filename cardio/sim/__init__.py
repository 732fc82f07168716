"""Simulated cards: a person's card in memory, its files, PIN, keys, worn-out memory and bad luck."""

from cardio.sim.card import SimCard
from cardio.sim.chip import Chip
from cardio.sim.luck import Fault, Faults, Kind, Tear
from cardio.sim.memory import Memory
from cardio.sim.persona import Persona, load, sample

__all__ = ["Chip", "Fault", "Faults", "Kind", "Memory", "Persona", "SimCard", "Tear", "load", "sample"]
