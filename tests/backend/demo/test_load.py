"""A city whose loading was cut off is finished by the next start, and one that people live in is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.progress import Progress
from sqlalchemy import text

from backend import up, wiring
from backend.demo.cast import CAST, RESIDENT
from backend.demo.load import CASSETTES, load
from backend.demo.residents import HOW_MANY
from backend.kernel.db import Runner, Uow, runner
from backend.kernel.money import Money
from backend.kernel.settings import settings
from backend.kernel.vault import Vault
from backend.pension.residents import service as residents
from backend.pension.residents.schema import AskMine, AskReached, AskScheme
from kiosk.devices.cassettes import FULL
from tests.backend.people import a_person

TABLES = ("registry.person", "employment.vacancy", "payout.batch", "levy.run", "auth.device", "auth.login")


@pytest.fixture
def place(fresh: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Runner]]:
    """An empty database and a home for the kiosk's keys."""
    monkeypatch.setenv("RENSHE_HOME", str(tmp_path))
    settings.cache_clear()
    url = fresh()  # type: ignore[operator]
    run = runner(url, wiring.HANDLERS, Vault.new(), size=2)
    yield url, run
    run.sessions.kw["bind"].dispose()
    settings.cache_clear()


def counted(uow: Uow) -> dict[str, int]:
    return {table: uow.session.scalar(text(f"select count(*) from {table}")) or 0 for table in TABLES}


def steps_come_to_what_is_paid(uow: Uow) -> None:
    """On screen and on paper a retiree sees the parts and their sum: the sum is the pension, adjustments and all."""
    kept = text(
        "select total, steps->'steps'->-1 from pension.award join pension.working on award_id = award.id"
    )
    awards = uow.session.execute(kept).all()
    assert awards
    for total, last in awards:
        parts = [Money.yuan(part).fen for part in last["formula"].split(" + ")]
        assert (sum(parts), Money.yuan(last["value"]).fen) == (total, total)


def test_what_is_missing_is_loaded_and_what_is_there_stays(place: tuple[str, Runner]) -> None:
    url, run = place
    assert not up._inhabited(url)
    load(url, run, 100, 10, Progress(disable=True))
    whole = run.system(counted)
    assert (whole["registry.person"], whole["auth.login"]) == (100 + HOW_MANY, len(CAST))
    agrees_in_the_village(run)
    run.system(steps_come_to_what_is_paid)
    assert up._inhabited(url)

    def cut_off(uow: Uow) -> None:
        """As if the power had failed after the people were written and before anybody could sign in."""
        for table in ("auth.login", "auth.device"):
            uow.session.execute(text(f"delete from {table}"))

    run.system(cut_off)
    assert not up._inhabited(url)
    load(url, run, 100, 10, Progress(disable=True))
    assert run.system(counted) == whole
    assert up._inhabited(url)


def agrees_in_the_village(run: Runner) -> None:
    """Some pay, some have not come for what is theirs, some are paid; every fen of it is accounted for."""
    told = run.system(residents.scheme, AskScheme())
    assert told.enrolled + told.receiving == HOW_MANY
    assert min(told.receiving, told.paid_this_year) >= 10
    short = [one.short for one in run.system(residents.reached, AskReached()).people]
    assert 0 in short
    assert max(short) > 0
    mine = run.system(residents.mine, AskMine(ident=RESIDENT.login))
    assert (len(mine.payments), mine.paid_this_year, mine.estimate is not None) == (14, False, True)
    assert run.system(residents.check) == []


def test_a_real_city_gets_no_demo(place: tuple[str, Runner]) -> None:
    url, run = place
    a_person(run)
    assert up._inhabited(url)


def test_the_demo_kiosk_is_handed_over_with_what_lies_in_its_new_cassettes() -> None:
    assert CASSETTES == FULL
