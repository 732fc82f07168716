"""A session with a social-security card: whose it is, the PIN, the proof that it is genuine."""

from cardio.card.facts import CardIdentity, Holder, Named, PinResult
from cardio.card.session import CardSession
from cardio.faults import (
    CardGarbled,
    CardLocked,
    CardOfUnknownVersion,
    CardTooOld,
    PinMalformed,
    PinNeeded,
    PinTooSimple,
    TerminalNotTrusted,
)

__all__ = [
    "CardGarbled",
    "CardIdentity",
    "CardLocked",
    "CardOfUnknownVersion",
    "CardSession",
    "CardTooOld",
    "Holder",
    "Named",
    "PinMalformed",
    "PinNeeded",
    "PinResult",
    "PinTooSimple",
    "TerminalNotTrusted",
]
