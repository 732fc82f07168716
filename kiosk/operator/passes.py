"""Passes: who has shown at this machine who they are."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from pydantic import SecretStr, ValidationError

from backend.kiosks.schema import Entered, Keeping
from kiosk.operator import told


@dataclass(frozen=True)
class Pass:
    """Who has opened the page. `ticket` is the office's, for deeds with cash; a local code has none."""

    token: str
    name: str
    work: str = ""
    ticket: str = ""


def pass_of(entered: Entered) -> Pass:
    return Pass(secrets.token_urlsafe(24), entered.name, entered.work, entered.ticket)


def keeping(work: str, code: str) -> Keeping:
    try:
        return Keeping(work=work, code=SecretStr(code))
    except ValidationError:
        raise told.NotAdmitted(left=5) from None
