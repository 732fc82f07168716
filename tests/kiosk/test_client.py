"""The client over real HTTP: an answer, a refusal, or unknown; and unknown asks the same thing again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.responses import HTMLResponse, JSONResponse, Response

from backend.kernel.errors import sentence_of
from backend.kernel.language import ZH
from backend.payout.schema import BeginVisit, ReportOrder
from kiosk.client import Caller, HttpBackend, NoAnswer, Patience, Refused, key_of
from kiosk.told import NotDone
from tests.kiosk.people import persona
from tests.kiosk.reference_backend import ReferenceBackend
from tests.kiosk.served import KEY, Wire, served

BEGIN = BeginVisit(
    card_no=persona().card_no,
    card_code=persona().card_code.lower(),
    area=persona().area,
    ident=persona().ident,
)
REPORT = ReportOrder(order="0000000100010001", outcome="not", journal_seq=1, journal_head="0" * 64)
AT_ONCE = Patience(0.5, (0.01,))


@pytest.fixture
def wire(books: ReferenceBackend) -> Iterator[tuple[Wire, str]]:
    books.owe(persona(), 458037)
    wire = Wire(books)
    with served(wire.app()) as url:
        yield wire, url


def test_an_answer_is_an_answer(wire: tuple[Wire, str]) -> None:
    backend = HttpBackend(wire[1], "00000001", KEY)
    assert backend.begin(BEGIN, "k").masked_name == "张*丰"
    backend.close()


def test_a_refusal_is_a_sentence_and_is_not_asked_again(wire: tuple[Wire, str]) -> None:
    wire[0].books.lost_cards.add(BEGIN.card_no)
    backend = HttpBackend(wire[1], "00000001", KEY)
    with pytest.raises(Refused) as refused:
        Caller(backend, AT_ONCE).begin(BEGIN)
    assert refused.value.code == "CardStopped"
    assert "挂失" in refused.value.message
    assert wire[0].languages == {ZH}, "the source, whatever the screen is in: it may be switched"
    assert len(wire[0].heard) == 1
    backend.close()


def test_an_unknown_device_is_refused(wire: tuple[Wire, str]) -> None:
    backend = HttpBackend(wire[1], "00000001", "00" * 32)
    with pytest.raises(Refused) as refused:
        backend.begin(BEGIN, "k")
    assert refused.value.code == "DeviceUnknown"
    backend.close()


@pytest.mark.parametrize("status", [400, 422])
def test_what_is_wrong_with_a_request_is_not_asked_of_the_person(wire: tuple[Wire, str], status: int) -> None:
    wrong = {"code": "Invalid", "message": "请更正以下内容：“来访号”的格式不对", "facts": {}}
    wire[0].trouble = lambda code: JSONResponse(wrong, status)
    backend = HttpBackend(wire[1], "00000001", KEY)
    with pytest.raises(Refused) as refused:
        backend.begin(BEGIN, "k")
    assert (refused.value.code, refused.value.message) == ("Invalid", sentence_of(NotDone))
    backend.close()


TROUBLES: list[Response] = [
    JSONResponse({"detail": "boom"}, 500),
    HTMLResponse("<h1>Bad gateway</h1>", 502),
    HTMLResponse("<h1>Not here</h1>", 404),
    JSONResponse(["no"], 409),
    JSONResponse({"visit": "x"}, 200),
    Response(b'{"visit":"', 200),
    Response(b"", 307, headers={"location": "/elsewhere"}),
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda r: f"{r.status_code} {bytes(r.body)[:12]!r}")
def test_anything_else_is_unknown(wire: tuple[Wire, str], trouble: Response) -> None:
    wire[0].trouble = lambda code: trouble
    backend = HttpBackend(wire[1], "00000001", KEY)
    with pytest.raises(NoAnswer):
        backend.begin(BEGIN, "k")
    backend.close()


def test_nobody_there_is_unknown() -> None:
    backend = HttpBackend("http://127.0.0.1:9", "00000001", KEY)
    with pytest.raises(NoAnswer):
        backend.begin(BEGIN, "k")
    backend.close()


def test_the_same_body_goes_again_under_the_same_key_until_it_is_answered(wire: tuple[Wire, str]) -> None:
    troubles = iter([JSONResponse({}, 500), JSONResponse({}, 503)])
    wire[0].trouble = lambda code: next(troubles, None)
    backend = HttpBackend(wire[1], "00000001", KEY)
    assert Caller(backend, AT_ONCE).report(REPORT).state == "cancelled"
    assert len(wire[0].heard) == 3
    assert len(set(wire[0].heard)) == 1
    assert wire[0].heard[0][:2] == ("PAY-13", key_of(REPORT))
    backend.close()


def test_patience_ends() -> None:
    times, slept = iter(range(100)), list[float]()
    backend = HttpBackend("http://127.0.0.1:9", "00000001", KEY)
    caller = Caller(backend, Patience(5, (1.0,), lambda: next(times), slept.append))
    with pytest.raises(NoAnswer):
        caller.report(REPORT)
    assert 2 <= len(slept) <= 5
    with pytest.raises(NoAnswer):
        caller.once.report(REPORT)
    backend.close()


def test_asking_again_is_a_new_question(wire: tuple[Wire, str]) -> None:
    backend = HttpBackend(wire[1], "00000001", KEY)
    caller = Caller(backend, AT_ONCE)
    caller.report(REPORT)
    caller.report(REPORT, again=True)
    caller.begin(BEGIN)
    caller.begin(BEGIN)
    assert len({key for _, key, _ in wire[0].heard}) == 4
    backend.close()
