"""The demo city's dues: a base for every month that is billed, a year of bills, this month partly paid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.progress import Progress
from sqlalchemy import text

from backend import wiring
from backend.demo import dues
from backend.demo.careers import Career, Stretch
from backend.demo.cast import CITIZENS, COMPANY_USCC
from backend.demo.load import load
from backend.kernel import ledger
from backend.kernel.db import Runner, Uow, runner
from backend.kernel.period import Month
from backend.kernel.settings import settings
from backend.kernel.vault import Vault
from backend.levy import service as levy
from backend.levy.schema import AskEmployeeBases, AskEmployerBills, AskOwnBase, AskPersonBills
from tests.backend.demo.given import TODAY


def test_every_month_that_is_billed_has_its_base(told: list[Career]) -> None:
    now = Month.of(TODAY)
    begins = now - (dues.MONTHS - 1)
    for career in told[:300]:
        known = list(dues.bases(career, now))
        assert len({(one.employer, one.since) for one in known}) == len(known)
        for stretch in career.stretches:
            for month in Month.parse(stretch.started).until(Month.parse(stretch.ended)):
                if month < begins:
                    continue
                of_payer = [one for one in known if one.employer == stretch.employer]
                newest = max(
                    (one for one in of_payer if one.since <= month.first <= one.until),
                    key=lambda one: one.since,
                )
                assert newest.wage_fen == stretch.base_fen


def test_in_the_first_month_of_a_base_year_a_base_is_declared_anew() -> None:
    career = Career(1, "2025-07", "", (), (Stretch(None, "2025-07", "2026-06", 12, 800_000),), (), 12, 0, 0)
    last, anew = dues.bases(career, Month(2026, 7))
    assert (str(last.until), str(anew.since), str(anew.until)) == ("2026-06-01", "2026-07-01", "2027-06-01")


@pytest.fixture
def settled(fresh: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    monkeypatch.setenv("RENSHE_HOME", str(tmp_path))
    settings.cache_clear()
    url = fresh()  # type: ignore[operator]
    run = runner(url, wiring.HANDLERS, Vault.new(), size=2)
    load(url, run, 200, 5, Progress(disable=True))
    yield run
    run.sessions.kw["bind"].dispose()
    settings.cache_clear()


def test_the_city_owes_pays_and_its_books_agree(settled: Runner) -> None:
    bills = settled.system(levy.of_employer, AskEmployerBills(uscc=COMPANY_USCC))
    assert [one.owed_fen > 0 for one in bills.months] == [False] * 11 + [True], "a part of this month is open"
    assert bills.months[-1].paid_fen > 0
    bases = settled.system(levy.employee_bases, AskEmployeeBases(uscc=COMPANY_USCC))
    assert bases.undeclared == dues.FRESH
    alone = next(one.login for one in CITIZENS if one.key == "flexible")
    own = settled.system(levy.of_person, AskPersonBills(ident=alone))
    assert own.owed_fen == own.months[-1].due_fen > 0
    assert settled.system(levy.own_base, AskOwnBase(ident=alone)).base_fen
    assert settled.system(one_is_late) == 1, "one has paid a month late, and owes the fee"
    assert settled.system(ledger.check) == []
    assert settled.system(levy.check) == []


def one_is_late(uow: Uow) -> int:
    last = Month.of(uow.today) - 1
    late = "select count(distinct employer_id) from levy.bill where kind = 'late_fee' and month = :m and paid < due"
    return uow.session.scalar(text(late), {"m": last.first}) or 0
