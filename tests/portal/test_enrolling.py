"""A citizen without an employer insures themselves on the web, chooses a base, and stops."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from fastapi.testclient import TestClient

from backend.kernel.actor import Kind
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.registry import service as registry
from backend.registry.schema import Hire
from tests.backend.levy.conftest import another_law, forget
from tests.backend.levy.test_enrolling import RATE
from tests.backend.levy.town import ZHAO, at
from tests.backend.people import LI, USCC, a_person
from tests.backend.registry.test_ending import enrolments
from tests.portal.city import sign_up, signed

__all__ = ["another_law"]  # a fixture
EN = {"accept-language": "en"}


def test_from_no_insurance_to_a_base_and_out_again(site: TestClient, run: Runner, clock: FixedClock) -> None:
    at(clock, 2026, 8, 5)
    sign_up(run, ZHAO, Kind.CITIZEN, a_person(run, ZHAO))
    signed(site, ZHAO)
    assert "/account/insurance/enrol" in site.get("/account/levy").text
    page = site.get("/account/insurance/enrol").text
    assert 'name="medical"' not in page, "Shanghai opens pension alone here: there is nothing to choose"
    wrong = site.post("/account/insurance/enrol", data={"since": "2026-07"})
    assert (wrong.status_code, "灵活就业不能补办以前的月份" in wrong.text) == (422, True)
    done = site.post("/account/insurance/enrol", data={"since": "2026年8月"})
    assert "从 2026年8月起" in done.text
    assert "还没有选缴费基数" in done.text
    english = site.get("/account/insurance/stop", headers=EN).text
    assert "Insured until and including" in english
    assert site.post("/account/insurance/stop", data={"until": "2026-08"}).status_code == 422, (
        "a reason is due"
    )
    out = site.post("/account/insurance/stop", data={"until": "2026-08", "reason": "6399"})
    assert "2026年8月到 2026年8月" in out.text
    assert enrolments(run, ZHAO) == [("110", "2026-08", "2026-08")]
    assert site.get("/account/insurance/other").status_code == 404


def test_an_employee_is_told_that_there_is_nothing_to_do(
    site: TestClient, run: Runner, clock: FixedClock
) -> None:
    at(clock, 2026, 8, 5)
    run.system(registry.hire, Hire(uscc=USCC, ident=LI, name="张秀䶮", started=date(2026, 8, 1)))
    signed(site, LI)
    assert "/account/insurance" not in site.get("/account/levy").text
    assert "您现在由单位参保" in site.get("/account/insurance/enrol").text
    refused = site.post("/account/insurance/enrol", data={"since": "2026-09"})
    assert (refused.status_code, "示例精密机械有限公司" in refused.text) == (409, True)


def test_what_else_is_open_can_be_added_later(
    another_law: Path, site: TestClient, run: Runner, clock: FixedClock
) -> None:
    at(clock, 2026, 8, 5)
    law = another_law / "310000" / "medical.yaml"
    law.write_text((law.read_text("utf-8") if law.exists() else "") + RATE, "utf-8")
    forget()
    signed(site, LI)
    assert 'name="medical"' in site.get("/account/insurance/enrol").text
    site.post("/account/insurance/enrol", data={"since": "2026-08", "pension": "true", "medical": "false"})
    assert enrolments(run, LI) == [("110", "2026-08", None)]
    done = site.post("/account/insurance/enrol", data={"since": "2026-09"})
    assert done.status_code == 200
    assert enrolments(run, LI) == [("110", "2026-08", None), ("310", "2026-09", None)]
