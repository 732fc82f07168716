"""Client: the calls to the backend; one of three ends each: an answer, a refusal, or unknown.

No answer (network, time-out, 5xx) never means "did not happen": the same body goes again under the same key,
and when patience is over the caller hears `NoAnswer` and lets the journal's outbox settle it.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from backend.hall.schema import (
    ApplyHere,
    AskCards,
    AskGuide,
    AskJob,
    AskLife,
    AskNews,
    AskRecords,
    LoseCard,
    MakePaper,
    ReadNews,
)
from backend.kernel.errors import Told, sentence_of
from backend.payout.schema import (
    BeginVisit,
    Confirmed,
    ConfirmOrder,
    Opened,
    OpenOrder,
    ProveVisit,
    Reported,
    ReportOrder,
    Visit,
    VisitBegun,
)
from backend.pension.living.proved import ProveByCard
from kiosk import line
from kiosk.told import NotDone
from kiosk.vacancies import FindJobs

A = TypeVar("A", bound=BaseModel)
TIMEOUT_S: Final = 8.0  # one try
CODES: Final[Mapping[type[BaseModel], str]] = {
    BeginVisit: "CRD-11",
    ProveVisit: "CRD-12",
    OpenOrder: "PAY-11",
    ConfirmOrder: "PAY-12",
    ReportOrder: "PAY-13",
    ProveByCard: "CRD-14",
    MakePaper: "KSK-01",
    LoseCard: "KSK-02",
    ApplyHere: "KSK-03",
    ReadNews: "KSK-04",
}
API: Final = "/api/v1"
QUESTIONS: Final[Mapping[type[BaseModel], str]] = {  # where each is asked
    AskRecords: "questions/KSK-Q1",
    AskLife: "questions/KSK-Q2",
    AskCards: "questions/KSK-Q3",
    AskJob: "questions/KSK-Q4",
    AskNews: "questions/KSK-Q5",
    AskGuide: "questions/KSK-Q6",
    FindJobs: "vacancies",
}


class HandedIn(BaseModel):
    """The number of a file that was handed in."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    file: str


class Refused(Told):
    """{sentence}

    The backend understood and refused, in its own words: nothing happened, and nothing will.
    """

    def __init__(self, code: str, sentence: str) -> None:
        self._code = code
        super().__init__(sentence=sentence)

    @property
    def code(self) -> str:
        """The backend's name for it."""
        return self._code


class NoAnswer(Told):
    """网络暂时不通，这次没有办成，您的钱没有动。请稍后再试，或者到柜台办理。

    Nobody knows whether it happened; `detail` is for the log.
    """

    def __init__(self, detail: str = "") -> None:
        self.detail = detail
        super().__init__()


class Backend(Protocol):
    """The calls. `key` is the request's own id: the same key gives the same answer, once done.

    Five collect money and have a name each; `serve` and `ask` are for everything else.
    """

    def begin(self, cmd: BeginVisit, key: str) -> VisitBegun: ...
    def prove(self, cmd: ProveVisit, key: str) -> Visit: ...
    def open(self, cmd: OpenOrder, key: str) -> Opened: ...
    def confirm(self, cmd: ConfirmOrder, key: str) -> Confirmed: ...
    def report(self, cmd: ReportOrder, key: str) -> Reported: ...
    def serve(self, cmd: BaseModel, answer: type[A], key: str) -> A: ...
    def ask(self, question: BaseModel, answer: type[A]) -> A: ...
    def hand_in(self, name: str, content: bytes) -> str:
        """A file for an item to refer to; its number comes back."""
        ...


class HttpBackend:
    """The backend over HTTP, one try a call. It refuses in the source language: the screen that shows it may be
    switched to another one any moment."""

    def __init__(
        self,
        url: str,
        kiosk: str,
        key: str,
        timeout_s: float = TIMEOUT_S,
        transport: httpx.BaseTransport | None = None,
        ca: Path | None = None,
    ) -> None:
        self._http = line.client(url, kiosk, key, timeout_s=timeout_s, ca=ca, transport=transport)

    def begin(self, cmd: BeginVisit, key: str) -> VisitBegun:
        return self._post(cmd, key, VisitBegun)

    def prove(self, cmd: ProveVisit, key: str) -> Visit:
        return self._post(cmd, key, Visit)

    def open(self, cmd: OpenOrder, key: str) -> Opened:
        return self._post(cmd, key, Opened)

    def confirm(self, cmd: ConfirmOrder, key: str) -> Confirmed:
        return self._post(cmd, key, Confirmed)

    def report(self, cmd: ReportOrder, key: str) -> Reported:
        return self._post(cmd, key, Reported)

    def serve(self, cmd: BaseModel, answer: type[A], key: str) -> A:
        return self._post(cmd, key, answer)

    def ask(self, question: BaseModel, answer: type[A]) -> A:
        asked = question.model_dump(mode="json", exclude_none=True)
        return answered(lambda: self._http.get(f"{API}/{QUESTIONS[type(question)]}", params=asked), answer)

    def hand_in(self, name: str, content: bytes) -> str:
        kept = answered(lambda: self._http.post(f"{API}/files", files={"file": (name, content)}), HandedIn)
        return kept.file

    def close(self) -> None:
        self._http.close()

    def _post(self, cmd: BaseModel, key: str, answer: type[A]) -> A:
        return answered(
            lambda: self._http.post(
                f"{API}/items/{CODES[type(cmd)]}",
                content=cmd.model_dump_json(),
                headers={"Idempotency-Key": key, "Content-Type": "application/json"},
            ),
            answer,
        )


def answered(send: Callable[[], httpx.Response], answer: type[A]) -> A:
    """One try; raises Refused, or NoAnswer where nobody knows."""
    try:
        response = send()
    except httpx.HTTPError as error:
        raise NoAnswer(line.why(error)) from error
    if 400 <= response.status_code < 500:
        raise refusal_in(response)
    if response.status_code != 200:
        raise NoAnswer(f"HTTP {response.status_code}")
    try:
        return answer.model_validate_json(response.content)
    except ValidationError:  # cut off on the way, or not our backend
        raise NoAnswer("unreadable answer") from None


def refusal_in(response: httpx.Response) -> Refused | NoAnswer:
    """The refusal in a 4xx; what no backend of ours would say is no answer at all.

    What the backend finds wrong with the form of a request, nobody at a screen can mend: that is not shown.
    """
    try:
        told: dict[str, Any] = response.json()
        code, message = str(told["code"]), str(told["message"])
        return Refused(code, sentence_of(NotDone) if response.status_code in (400, 422) else message)
    except (ValueError, KeyError, AttributeError, TypeError):
        return NoAnswer(f"HTTP {response.status_code}")


@dataclass
class Patience:
    """How long a call is repeated, and how long between."""

    deadline_s: float = 20.0
    pauses_s: tuple[float, ...] = (0.2, 0.5, 1.0, 2.0)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass
class Caller:
    """Repeats what had no answer: same body, same key, until patience is over."""

    backend: Backend
    patience: Patience = field(default_factory=Patience)

    @property
    def once(self) -> Caller:
        """The same without patience, for work behind the scenes."""
        return Caller(self.backend, replace(self.patience, deadline_s=0.0))

    def begin(self, cmd: BeginVisit) -> VisitBegun:
        return self._repeat(self.backend.begin, cmd, secrets.token_hex(16))

    def prove(self, cmd: ProveVisit) -> Visit:
        return self._repeat(self.backend.prove, cmd, key_of(cmd))

    def open(self, cmd: OpenOrder) -> Opened:
        return self._repeat(self.backend.open, cmd, key_of(cmd))

    def confirm(self, cmd: ConfirmOrder) -> Confirmed:
        return self._repeat(self.backend.confirm, cmd, key_of(cmd))

    def report(self, cmd: ReportOrder, *, again: bool = False) -> Reported:
        """`again`: ask anew what has become of it, not what was answered then."""
        return self._repeat(self.backend.report, cmd, secrets.token_hex(16) if again else key_of(cmd))

    def serve(self, cmd: BaseModel, answer: type[A]) -> A:
        """An item of a service: the same command in the same visit is done once."""
        return self._repeat(lambda cmd, key: self.backend.serve(cmd, answer, key), cmd, key_of(cmd))

    def ask(self, question: BaseModel, answer: type[A]) -> A:
        """A question may be asked as often as one likes."""
        return self._repeat(lambda question, _: self.backend.ask(question, answer), question, "")

    def hand_in(self, name: str, content: bytes) -> str:
        """Once only: what nothing refers to yet is not worth waiting for."""
        return self.backend.hand_in(name, content)

    def _repeat(self, call: Callable[[Any, str], A], cmd: BaseModel, key: str) -> A:
        began, tries = self.patience.monotonic(), 0
        while True:
            try:
                return call(cmd, key)
            except NoAnswer:
                pause = self.patience.pauses_s[min(tries, len(self.patience.pauses_s) - 1)]
                if self.patience.monotonic() + pause - began > self.patience.deadline_s:
                    raise
                self.patience.sleep(pause)
                tries += 1


def key_of(cmd: BaseModel) -> str:
    """A request's id from what it says: the same request, before and after a restart, has the same."""
    return hashlib.sha256(f"{CODES[type(cmd)]}|{cmd.model_dump_json()}".encode()).hexdigest()[:32]
