"""The public board: similar vacancies, supply and demand, over the API and without signing in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import ColumnElement, select, text
from sqlalchemy.dialects import postgresql

from backend.employment.model import CountedFigures, Vacancy, is_open
from backend.employment.service import expire_due
from backend.kernel.actor import ANYONE
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from tests.backend.employment.city import IN_DOUBT, a_market, answer, apply, do, post
from tests.backend.people import LI, an_employer


def test_similar_vacancies_come_by_occupation_then_place_then_age(run: Runner, clock: FixedClock) -> None:
    an_employer(run)
    asked = post(run).vacancy
    far = post(run, title="同职业，别的区", area="310101").vacancy
    clock.set(clock.now() + timedelta(hours=1))
    near = post(run, title="同职业，同区").vacancy
    kin = post(run, title="同小类", occupation="4-02-06-03").vacancy
    post(run, title="别的职业", occupation="4-03-02-01")
    post(run, title="没有发布", **IN_DOUBT)
    found = do(run, ANYONE, "EMP-Q6", vacancy=asked).vacancies
    assert [one.vacancy for one in found] == [near, far, kin]
    assert len(do(run, ANYONE, "EMP-Q6", vacancy=asked, limit="1").vacancies) == 1


def test_what_has_expired_still_leads_to_similar_ones(run: Runner, clock: FixedClock) -> None:
    an_employer(run)
    old, new = post(run, valid_until="2026-11-24").vacancy, post(run).vacancy
    clock.set(clock.now() + timedelta(days=1))
    assert [one.vacancy for one in do(run, ANYONE, "EMP-Q6", vacancy=old).vacancies] == [new]


def test_demand_is_posts_still_free_over_people_still_looking(run: Runner, clock: FixedClock) -> None:
    a_market(run)
    empty = do(run, ANYONE, "EMP-Q7")
    assert (empty.open_vacancies, empty.persons_wanted, empty.demand_ratio) == (0, 0, None)
    store = post(run, headcount="3").vacancy
    cook = post(run, headcount="2", occupation="4-03-02-01", title="厨师", area="310101").vacancy
    apply(run, cook)
    apply(run, store)
    answer(run, apply(run, store, LI).application, "accepted")
    assert do(run, ANYONE, "EMP-Q7") == empty  # counted once a minute
    clock.set(clock.now() + timedelta(minutes=1))
    whole = do(run, ANYONE, "EMP-Q7")
    assert (whole.open_vacancies, whole.persons_wanted, whole.applicants) == (2, 4, 3)
    assert (whole.seekers, whole.demand_ratio) == (1, "4.00")
    pudong = do(run, ANYONE, "EMP-Q7", area="310115")
    assert (pudong.persons_wanted, pudong.seekers) == (2, 1)
    city = do(run, ANYONE, "EMP-Q7", area="310000", occupation="4-03-00-00", type="full")
    assert (city.persons_wanted, city.demand_ratio) == (2, "2.00")
    assert do(run, ANYONE, "EMP-Q7", education="20").open_vacancies == 0


def test_counted_figures_are_not_kept_for_ever(run: Runner, clock: FixedClock) -> None:
    do(run, ANYONE, "EMP-Q7", area="310115")
    clock.set(clock.now() + timedelta(minutes=11))
    do(run, ANYONE, "EMP-Q7")
    run.system(expire_due)
    assert run.system(lambda uow: [one.asked for one in uow.session.query(CountedFigures)]) == ["{}"]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Vacancy.occupation == "4-02-06-01", "ix_vacancy_occupation_first_published"),
        (Vacancy.occupation.startswith("4-02"), "ix_vacancy_occupation_first_published"),
        (Vacancy.valid_until < date(2020, 1, 1), "ix_vacancy_valid_until"),
    ],
)
def test_open_vacancies_are_found_by_their_index(
    run: Runner, wanted: ColumnElement[bool], index: str
) -> None:
    """Its condition is word for word what is asked, or PostgreSQL reads the whole table."""
    asked = select(Vacancy.id).where(is_open(date(2019, 1, 1)), wanted)
    sql = str(asked.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))

    def plan(uow: Uow) -> str:
        uow.session.execute(text("set local enable_seqscan = off"))
        return "\n".join(uow.session.scalars(text(f"explain {sql.replace('%%', '%')}")))

    assert index in run.system(plan)


def test_anybody_may_ask_over_the_api(api: TestClient, run: Runner) -> None:
    an_employer(run)
    no = post(run).vacancy
    assert api.get("/api/v1/questions/EMP-Q5", params={"vacancy": no}).json()["title"] == "仓库管理员"
    gone = api.get("/api/v1/questions/EMP-Q5", params={"vacancy": "V0000000000"})
    assert (gone.status_code, gone.json()["code"]) == (404, "NotFound")
    assert api.get("/api/v1/questions/EMP-Q5", params={"vacancy": "1 or 1=1"}).status_code == 422
    assert api.get("/api/v1/questions/EMP-Q7", params={"area": "310000"}).json()["open_vacancies"] == 1
    assert api.post("/api/v1/items/EMP-01", json={}).status_code in {401, 403, 422}
