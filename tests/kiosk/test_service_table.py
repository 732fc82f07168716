"""The services as data: the flow agrees with it, so does the backend, and no way leads from them to money."""

from __future__ import annotations

import pytest
from fastapi.responses import JSONResponse

from backend.hall.schema import AskGuide, AskJob, AskLife, Guidebook, Job, Life, MakePaper, Paper
from backend.systems import CATALOGUE
from kiosk import flow
from kiosk.client import CODES, QUESTIONS, Caller, HttpBackend, NoAnswer, Refused
from kiosk.flow import Do, Event, State
from kiosk.matter import MOST, page
from kiosk.services import SERVICES, UnknownService, offered
from kiosk.vacancies import FindJobs, Found
from tests.kiosk.people import persona
from tests.kiosk.reference_backend import ReferenceBackend
from tests.kiosk.served import KEY, Wire, served
from tests.kiosk.test_client import AT_ONCE
from tests.kiosk.visitors import AMOUNT

MONEY = {
    State.OPENING,
    State.PROVING,
    State.CONFIRMING,
    State.DISPENSING,
    State.STACKED,
    State.PRESENTING,
    State.CLEARING,
    State.REPORTING,
}
MOVES_MONEY = {one for one in Do if one.name.startswith("WRITE_")} | {
    *(Do.OPEN, Do.PROVE_ORDER, Do.CONFIRM, Do.DISPENSE, Do.PRESENT, Do.RETRACT, Do.CLEAR, Do.REPORT),
}


# ---- the data, and the table ----


def test_nothing_a_service_does_can_touch_money() -> None:
    ours = {State.FETCHING, *flow.ONE_BACK}
    for (state, event), after in flow.TABLE.items():
        if state in ours and event is not Event.DISK_FAILED:
            assert after.state not in MONEY, (state, event)
            assert not MOVES_MONEY & set(after.effects), (state, event)
    for pair, after in flow.SERVICES.items():
        assert not MOVES_MONEY & set(after.effects), pair


def test_every_service_asks_what_the_backend_really_has_and_only_by_kiosks() -> None:
    for service in SERVICES:
        for asked in service.asks:
            assert "kiosk" in {kind.value for kind in CATALOGUE[asked].by}, asked
    for shape, item in CODES.items():
        assert CATALOGUE[item].asks is shape
    for shape, path in QUESTIONS.items():
        if path != "vacancies":
            assert CATALOGUE[path.removeprefix("questions/")].asks is shape
    told = {asked for service in SERVICES for asked in service.asks} | {"CRD-11"}
    assert told == set(CODES.values()) | {
        path.partition("/")[2] for path in QUESTIONS.values() if "/" in path
    }


def test_a_kiosk_offers_what_its_settings_say_and_a_wrong_name_is_told() -> None:
    assert offered(None) == SERVICES
    assert [one.code for one in offered(["guide", "collect"])] == ["collect", "guide"]
    with pytest.raises(UnknownService, match="lottery"):
        offered(["collect", "lottery"])


@pytest.mark.parametrize("n", range(1, 17))
def test_at_most_four_choices_a_screen_and_more_comes_round(n: int) -> None:
    rows, seen = list(range(n)), list[int]()
    for at in range(page(rows, 0).of):
        shown = page(rows, at)
        assert len(shown.rows) + shown.gaps + (shown.of > 1) <= MOST
        if shown.of > 1:
            assert len(shown.rows) + shown.gaps == MOST - 1, "more stands where it always stands"
        seen += [number for number, _ in shown.rows]
    assert seen == rows
    assert page(rows, page(rows, 0).of).at == 0


# ---- over HTTP ----


def test_items_questions_and_files_go_over_http(books: ReferenceBackend) -> None:
    books.owe(persona(), AMOUNT)
    books.visits["a" * 32] = (persona().card_no, "b" * 32, True)
    wire = Wire(books)
    with served(wire.app()) as url:
        backend = HttpBackend(url, "00000001", KEY)
        caller = Caller(backend, AT_ONCE)
        paper = caller.serve(MakePaper(visit="a" * 32, kind="career"), Paper)
        assert (paper.code, wire.heard[-1][0]) == ("ABCD-2345-EFGH-6789", "KSK-01")
        assert caller.ask(AskJob(vacancy="V0000000001"), Job).own_phone is None
        assert caller.ask(FindJobs(q="仓库"), Found).total == books.hall.hits
        assert books.hall.files[caller.hand_in("p.png", b"a picture")] == b"a picture"
        with pytest.raises(Refused) as refused:
            caller.ask(AskLife(visit="c" * 32), Life)
        assert refused.value.code == "ProofWrong"
        wire.trouble = lambda code: JSONResponse({}, 500)
        with pytest.raises(NoAnswer):
            caller.ask(AskGuide(), Guidebook)
        backend.close()
