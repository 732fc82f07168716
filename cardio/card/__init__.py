"""A session with a social-security card: whose it is, the PIN, the proof that it is genuine."""

from cardio.card.facts import ANY_CARD, Accepted, CardIdentity, Holder, Named, PinResult
from cardio.card.session import CardSession
from cardio.faults import (
    BankCard,
    CardCloned,
    CardExpired,
    CardGarbled,
    CardLocked,
    CardOfOtherArea,
    CardOfUnknownVersion,
    CardTooOld,
    CardUnfinished,
    KeyVersionUnknown,
    PinMalformed,
    PinNeeded,
    PinTooSimple,
    TerminalCard,
    TerminalNotTrusted,
    UnblockRefused,
)

__all__ = [
    "ANY_CARD",
    "Accepted",
    "BankCard",
    "CardCloned",
    "CardExpired",
    "CardGarbled",
    "CardIdentity",
    "CardLocked",
    "CardOfOtherArea",
    "CardOfUnknownVersion",
    "CardSession",
    "CardTooOld",
    "CardUnfinished",
    "Holder",
    "KeyVersionUnknown",
    "Named",
    "PinMalformed",
    "PinNeeded",
    "PinResult",
    "PinTooSimple",
    "TerminalCard",
    "TerminalNotTrusted",
    "UnblockRefused",
]
