"""Officeline: what the machine itself (not its visitor) says to the office; an answer, a refusal, or no answer."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

import httpx
from pydantic import BaseModel, SecretStr, ValidationError

from backend.kernel.language import ZH
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
from kiosk.client import NoAnswer, refusal_in

A = TypeVar("A", bound=BaseModel)
TIMEOUT_S: Final = 8.0


class Office(Protocol):
    """The calls of the machine for itself."""

    def beat(self, cmd: Beat) -> Heard: ...
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
    ) -> None:
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Device {kiosk}:{key}", "Accept-Language": ZH},
            timeout=timeout_s,
            trust_env=False,
        )
        self._monotonic = monotonic
        self.url, self.last_ms = url, 0

    def beat(self, cmd: Beat) -> Heard:
        return self._post("KSK-31", cmd, Heard)

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
        try:
            response = self._http.post(
                f"/api/v1/items/{code}",
                content=json.dumps(cmd.model_dump(), default=_plain, ensure_ascii=False),
                headers={"Idempotency-Key": secrets.token_hex(16), "Content-Type": "application/json"},
            )
        except httpx.HTTPError as error:
            raise NoAnswer(type(error).__name__) from error
        self.last_ms = round((self._monotonic() - began) * 1000)
        if 400 <= response.status_code < 500:
            raise refusal_in(response)
        if response.status_code != 200:
            raise NoAnswer(f"HTTP {response.status_code}")
        try:
            return answer.model_validate_json(response.content)
        except ValidationError:
            raise NoAnswer("unreadable answer") from None


def _plain(value: Any) -> str:
    """Codes go to the office as they were typed, and nowhere else."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value.isoformat()
