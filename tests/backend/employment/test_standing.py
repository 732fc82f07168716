"""The one table of where a vacancy stands says the same in Python and in PostgreSQL."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import product

from sqlalchemy import select

from backend.employment.model import Vacancy, is_open, standing
from backend.employment.rules import status
from backend.kernel.db import Runner, Uow
from backend.kernel.money import Money
from backend.registry import service as registry
from tests.backend.people import USCC, an_employer

DAY = date(2026, 11, 24)
NOON = datetime.fromisoformat("2026-11-24T12:00:00+08:00")


def lives() -> list[dict[str, object]]:
    """Every life a vacancy can have had."""
    judged = [(None, None, None), (NOON, None, None), (NOON, NOON, False), (NOON, NOON, True)]
    return [
        {
            "submitted_at": submitted,
            "reviewed_at": reviewed,
            "passed": passed,
            "withdrawn_at": withdrawn,
            "filled_at": filled,
            "valid_until": DAY + timedelta(days=days),
            "first_published": NOON if passed else None,
        }
        for (submitted, reviewed, passed), withdrawn, filled, days in product(
            judged, (None, NOON), (None, NOON), (-1, 0, 1)
        )
    ]


def test_python_and_postgresql_agree_on_every_life(run: Runner) -> None:
    an_employer(run)

    def compare(uow: Uow) -> list[tuple[str, str, bool]]:
        pay = {"pay_min": Money(500_000), "pay_max": Money(800_000)}
        rest = {
            "employer_id": registry.employer(uow, USCC).id,
            "title": "仓库管理员",
            "occupation": "4-02-06-01",
            "area": "310115",
            "address": "示例路",
            "work": "收货",
            "conditions": "",
            "benefits": "",
            "education": "90",
            "experience_years": 0,
            "type": "full",
            "headcount": 1,
            "pay_unit": "month",
            "salary_min": Money(500_000),
            "salary_max": Money(800_000),
            "contact": "王",
            "phone": "021-12345678",
            "forwarded": False,
            "source": "",
            "written_by": "x",
            "created_at": NOON,
            "expiry_told": None,
        }
        rows = [Vacancy(no=f"V{n:010d}", **pay, **rest, **life) for n, life in enumerate(lives())]
        uow.session.add_all(rows)
        uow.session.flush()
        found = uow.session.execute(select(Vacancy, standing(DAY), is_open(DAY)).order_by(Vacancy.id))
        return [(status(row, DAY), sql, opened) for row, sql, opened in found]

    compared = run.system(compare)
    assert len(compared) == 48
    assert all(python == sql and (python == "open") == opened for python, sql, opened in compared)
    assert {python for python, _, _ in compared} == {
        "draft",
        "in_review",
        "open",
        "filled",
        "expired",
        "withdrawn",
        "refused",
    }
