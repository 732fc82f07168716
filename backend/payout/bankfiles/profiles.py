"""Profiles of banks 银行文件格式: how each bank writes what goes out and what comes back (banks.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from backend.kernel import codes
from backend.kernel.errors import Refusal

BANKS = Path(__file__).parent / "banks.yaml"
RESULTS = "bank_result"  # the code table
USUAL = "plain"
PAID, OTHERWISE, PENDING = "00", "09", "90"


class NoProfile(Refusal):
    """没有叫 {profile} 的银行文件格式，请从 {known} 里选一个。"""

    status = 422


@dataclass(frozen=True)
class Side:
    """What a delimited file is made of, in one direction."""

    head: tuple[str, ...]
    line: tuple[str, ...]
    tail: tuple[str, ...]
    head_may_lack: bool = False

    @property
    def least(self) -> int:
        """How many columns a line has at least."""
        return len([one for one in self.line if not one.endswith("?")])

    def place(self, column: str) -> int:
        """Where a column stands in a line, from 1; 0 where there is none."""
        names = [one.removesuffix("?") for one in self.line]
        return names.index(column) + 1 if column in names else 0


@dataclass(frozen=True)
class Profile:
    """One bank's way of writing."""

    key: str
    name: str
    bank: str
    most: int
    results: Mapping[str, str]


@dataclass(frozen=True)
class Delimited(Profile):
    """Text, a line a payment, columns between separators."""

    encoding: str
    separator: str
    sent: Side
    returned: Side


@dataclass(frozen=True)
class Iso(Profile):
    """ISO 20022: a customer credit transfer out, a payment status report back."""

    sends: str
    hears: tuple[str, ...]
    payer: Mapping[str, str]
    reasons: Mapping[str, str]


@cache
def profiles() -> dict[str, Delimited | Iso]:
    """Every profile by its key, in the order of the file."""
    known = yaml.load(BANKS.read_text("utf-8"), yaml.BaseLoader)
    return {key: (_iso if one["form"] == "iso20022" else _delimited)(key, one) for key, one in known.items()}


def profile(key: str) -> Delimited | Iso:
    known = profiles()
    if key not in known:
        raise NoProfile(profile=key[: codes.SHOWN], known="、".join(known))
    return known[key]


def _shared(key: str, one: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": key, "name": one["name"], "bank": one["bank"], "most": int(one["most"])}


def _delimited(key: str, one: Mapping[str, Any]) -> Delimited:
    own = {code: code for code in codes.table(RESULTS).codes}
    return Delimited(
        **_shared(key, one),
        results=one["results"] or own,
        encoding=one["encoding"],
        separator=one["separator"],
        sent=_side(one["sent"]),
        returned=_side(one["returned"]),
    )


def _side(one: Mapping[str, Any]) -> Side:
    return Side(
        tuple(one["head"]), tuple(one["line"]), tuple(one["tail"]), one.get("head_may_lack", "no") == "yes"
    )


def _iso(key: str, one: Mapping[str, Any]) -> Iso:
    return Iso(
        **_shared(key, one),
        results=one["results"],
        sends=one["sends"],
        hears=tuple(one["hears"]),
        payer=one["payer"],
        reasons=one["reasons"],
    )
