"""Kiosk: whole collections by card through the HTTP API, one card after the other."""

from __future__ import annotations

import secrets
import time
from typing import Any

from locust import HttpUser, between, task
from locust.exception import StopUser

from loadtests.shapes import RESULT
from loadtests.terminal import Answer, Asked, ChipCard, Terminal, Wrong
from loadtests.told import told

NAMES = {
    "CRD-11": "自助机 插卡",
    "CRD-12": "自助机 验卡",
    "PAY-11": "自助机 受理",
    "PAY-12": "自助机 授权",
    "PAY-13": "自助机 报告",
}
WHOLE = "自助机 整笔领取"


class NotDone(Exception):
    """A step was not answered with what was asked for; the request's own line in the table counts it."""


class Kiosk(HttpUser):
    """A machine of its own: identity, journal, dispenser. Without a machine or a card there is nothing to do."""

    weight = 3
    wait_time = between(0.2, 1.0)

    def on_start(self) -> None:
        enrolled = told().kiosk()
        if enrolled is None:
            raise StopUser
        self.terminal = Terminal.of(enrolled)

    @task
    def collect(self) -> None:
        known = told().card()
        if known is None:
            RESULT.nobody_left()
            raise StopUser
        began = time.perf_counter()
        wrong: Exception | None = None
        try:
            if self._through(known):
                told().cards.append(known)
        except (NotDone, Wrong) as error:
            wrong = error
        self.environment.events.request.fire(
            request_type="",
            name=WHOLE,
            response_time=(time.perf_counter() - began) * 1000,
            response_length=0,
            exception=wrong,
            context={},
        )

    def _through(self, known: dict[str, Any]) -> bool:
        """Whether the holder has something left to come back for."""
        going = self.terminal.collect(ChipCard(known))
        asked = next(going)
        while True:
            answer = self._ask(asked)
            try:
                asked = going.send(answer)
            except StopIteration as end:
                if end.value is None:
                    raise NotDone("没有可领的待遇") from None
                RESULT.collected(end.value.amount_fen)
                return bool(end.value.left)

    def _ask(self, asked: Asked) -> Answer:
        code, body = asked
        headers = {"Authorization": self.terminal.authorization, "Idempotency-Key": secrets.token_hex(16)}
        with self.client.post(
            f"/api/v1/items/{code}", json=body, headers=headers, name=NAMES[code], catch_response=True
        ) as answer:
            if answer.status_code != 200:
                answer.failure(f"{answer.status_code} {answer.text[:120]}")
                raise NotDone(code)
            answer.success()
            return dict(answer.json())
