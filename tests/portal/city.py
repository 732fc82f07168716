"""A small city before the portal: one employer, two persons, an officer, one open vacancy; and how they sign in."""

from __future__ import annotations

from datetime import timedelta

from fastapi.testclient import TestClient

from backend.employment import service as employment
from backend.kernel import auth
from backend.kernel.actor import Kind
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.registry import service as registry
from tests.backend.people import USCC

HERE = {"sec-fetch-site": "same-origin"}


def employer_id(uow: Uow) -> int:
    return registry.employer(uow, USCC).id


def sign_up(
    run: Runner,
    name: str,
    kind: Kind,
    subject_id: int | None,
    roles: tuple[str, ...] = (),
    area: str = "310000",
) -> None:
    run.system(
        auth.enrol,
        name=name,
        kind=kind,
        shown="张秀䶮",
        password="Shili-2026",
        area=area,
        subject_id=subject_id,
        roles=roles,
    )


def vacancy(run: Runner, clock: FixedClock) -> employment.LoadedVacancy:
    return employment.LoadedVacancy(
        employer_id=run.system(employer_id),
        title="餐厅服务员",
        occupation="4-03-02-05",
        area="310115",
        address="示例路 3 号",
        work="迎接客人、点餐、上菜，保持餐厅整洁。<script>alert(1)</script>",
        pay_min_fen=500_000,
        pay_max_fen=650_000,
        contact="王经理",
        phone="021-12345678",
        published=clock.now(),
        valid_until=clock.today() + timedelta(days=30),
    )


def signed(site: TestClient, name: str) -> TestClient:
    answer = site.post("/sign-in", data={"name": name, "password": "Shili-2026"}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return site


def number(site: TestClient) -> str:
    found = site.get("/api/v1/vacancies").json()
    assert found["total"] == 1
    return str(found["hits"][0]["id"])
