"""Entrusting 移交密钥: what leaves the vault for whoever reads and makes cards; sealed, and kept in the audit.

A kiosk gets the keys of one area by which cards are read and spoken to, a counter the one for a new PIN besides;
the factory the transport key of one production, and what it believes our files by. No key of who pays ever leaves.
"""

from __future__ import annotations

import json
import secrets
from typing import NamedTuple

from sqlalchemy import select

from backend.cards.model import KeyVersion, Production
from backend.cards.personalising import SIGNED_BY
from backend.cards.refusals import NoProduction
from backend.kernel import audit, cardkeys, codes
from backend.kernel.db import Uow

TERMINAL = ("RK", "STK")
COUNTER = (*TERMINAL, "PUK")
RING, TRANSPORT = "CARD-RING", "CARD-TRANSPORT"  # as the audit calls these commands, which are no items


class Taken(NamedTuple):
    """What is to be sealed, and what may be told of it in plain."""

    secret: bytes
    told: dict[str, str | int]

    def __repr__(self) -> str:
        return f"Taken({self.told})"


def ring(uow: Uow, area: str, counter: bool = False) -> Taken:
    """What a security module of one area holds (`cardio/sam/ring.py`): every version there is, also one to come.

    The pin pad's key belongs to the module alone: a new one.
    """
    codes.find("area", area)
    purposes = COUNTER if counter else TERMINAL
    versions = uow.session.scalars(select(KeyVersion.version).order_by(KeyVersion.version)).all()
    audit.write(
        uow,
        RING,
        subject=area,
        outcome="done",
        command={"purposes": list(purposes), "versions": list(versions)},
    )
    keys = [
        (purpose, version, uow.vault.area_key(purpose, version, area).hex())
        for purpose in purposes
        for version in versions
    ]
    keys.append(("PAD", 1, secrets.token_hex(cardkeys.BLOCK)))
    return Taken(json.dumps({"area": area, "keys": keys}).encode(), {})


def transport(uow: Uow, no: int) -> Taken:
    """For the factory's security module, by another way than the file of the production."""
    row = uow.session.get(Production, no)
    if row is None:
        raise NoProduction(no=no)
    key = uow.vault.transport_key(row.id)
    told: dict[str, str | int] = {
        "production": row.id,
        "area": row.area,
        "key_version": row.key_version,
        "check_value": cardkeys.check_value(key),
        "public_key": uow.vault.signer(SIGNED_BY).public.hex(),
    }
    audit.write(uow, TRANSPORT, subject=f"ZK{row.id:08d}", outcome="done", command=told)
    return Taken(key, told)
