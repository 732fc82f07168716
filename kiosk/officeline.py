"""Officeline: what the machine itself (not its visitor) says to the office; an answer, a refusal, or no answer."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from pydantic import BaseModel, SecretStr

from backend.cards.schema import AskStopped, StoppedCards
from backend.kiosks.schema import (
    BagPlaced,
    Beat,
    CountAtKiosk,
    Counted,
    Entered,
    EnterOperator,
    Heard,
    PlaceBag,
    TakenOut,
    TakeOut,
)
from kiosk import line
from kiosk.client import API, answered

A = TypeVar("A", bound=BaseModel)
TIMEOUT_S: Final = 8.0


class Office(Protocol):
    """The calls of the machine for itself."""

    def beat(self, cmd: Beat) -> Heard: ...
    def stopped(self, question: AskStopped) -> StoppedCards: ...
    def enter(self, cmd: EnterOperator) -> Entered: ...
    def place(self, cmd: PlaceBag) -> BagPlaced: ...
    def count(self, cmd: CountAtKiosk) -> Counted: ...
    def take_out(self, cmd: TakeOut) -> TakenOut: ...


class HttpOffice:
    """The office over HTTP, one try a call; `last_ms` is how long the last answer took."""

    def __init__(
        self,
        url: str,
        kiosk: str,
        key: str,
        timeout_s: float = TIMEOUT_S,
        monotonic: Callable[[], float] = time.monotonic,
        ca: Path | None = None,
    ) -> None:
        self._http = line.client(url, kiosk, key, timeout_s=timeout_s, ca=ca)
        self._monotonic = monotonic
        self.url, self.last_ms = url, 0

    def beat(self, cmd: Beat) -> Heard:
        return self._post("KSK-31", cmd, Heard)

    def stopped(self, question: AskStopped) -> StoppedCards:
        return answered(
            lambda: self._http.get(f"{API}/questions/CRD-Q9", params=question.model_dump()), StoppedCards
        )

    def enter(self, cmd: EnterOperator) -> Entered:
        return self._post("KSK-33", cmd, Entered)

    def place(self, cmd: PlaceBag) -> BagPlaced:
        return self._post("KSK-32", cmd, BagPlaced)

    def count(self, cmd: CountAtKiosk) -> Counted:
        return self._post("KSK-34", cmd, Counted)

    def take_out(self, cmd: TakeOut) -> TakenOut:
        return self._post("KSK-35", cmd, TakenOut)

    def close(self) -> None:
        self._http.close()

    def _post(self, code: str, cmd: BaseModel, answer: type[A]) -> A:
        began = self._monotonic()
        told = answered(
            lambda: self._http.post(
                f"{API}/items/{code}",
                content=json.dumps(cmd.model_dump(), default=_plain, ensure_ascii=False),
                headers={"Idempotency-Key": secrets.token_hex(16), "Content-Type": "application/json"},
            ),
            answer,
        )
        self.last_ms = round((self._monotonic() - began) * 1000)
        return told


def _plain(value: Any) -> str:
    """Codes go to the office as they were typed, and nowhere else."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value.isoformat()
