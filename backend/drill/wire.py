"""Wire: an item asked and answered as over HTTP, in this process: the same bytes in and out, no network between.

For a drill that asks a hundred thousand times and plays the network's faults itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from pydantic import BaseModel, ValidationError

from backend.kernel import auth, items
from backend.kernel.actor import Actor, Kind
from backend.kernel.db import Runner
from backend.kernel.errors import Refusal
from backend.kernel.language import ZH
from backend.kernel.sentences import invalid
from backend.kernel.telling import tell


@dataclass(frozen=True)
class Wire:
    run: Runner
    kiosk: str
    key: str

    def __call__(self, code: str, body: bytes, request_id: str) -> tuple[int, bytes]:
        """(status, body) of POST /api/v1/items/CODE by this kiosk."""
        who = Actor(Kind.KIOSK, self.kiosk)
        mine = self.run.by(who, partial(auth.device, id=self.kiosk, key=self.key))
        known = items.find(code)
        try:
            done = items.perform(mine, known, self._command(known, body), request_id)
        except Refusal as refusal:
            return refusal.status, tell(refusal, ZH).model_dump_json().encode()
        if isinstance(done, items.Filed):
            raise TypeError(f"{code} waits for a review: no kiosk asks for such a thing")
        return 200, done.model_dump_json().encode()

    @staticmethod
    def _command(known: items.Item, body: bytes) -> BaseModel:
        try:
            return known.asks.model_validate_json(body)
        except ValidationError as error:
            raise invalid(known.asks, error.errors()) from None
