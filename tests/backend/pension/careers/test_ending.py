"""Late retirement that was agreed is ended although the employer is gone: from the agreement to the award."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from backend.kernel.actor import Actor, Kind
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.pension import service as pension
from backend.pension.careers import choosing, flexible
from backend.pension.careers.chosen import AgreeLate, AskLate, AskRequests, Chosen, WithdrawChoice
from backend.pension.schema import Award
from backend.registry import service as registry
from backend.registry.schema import Leave
from tests.backend.levy.town import at
from tests.backend.pension.test_scenarios import DUE
from tests.backend.pension.test_service import with_account
from tests.backend.people import USCC, citizen, officer

careers = pension.careers
PAPER = {"document": "协议书 9 号"}


@pytest.fixture
def him(run: Runner, clock: FixedClock) -> Runner:
    """His legal month was 2026-07; in June both agreed to 2028-06. On 20 November he left."""
    at(clock, 2026, 6, 1)
    mine = run.by(citizen(DUE, with_account(run, DUE, months=300, balance="90000", index=9_000)))
    ask(mine, "2028-06")
    assert agree(boss(run), "2028-06").agreed == "2028-06"
    at(clock, 2026, 11, 24)
    run.system(registry.leave, Leave(uscc=USCC, ident=DUE, ended=date(2026, 11, 20), reason="6301"))
    return mine


def boss(run: Runner) -> Runner:
    return run.by(Actor(Kind.EMPLOYER, f"employer:{USCC}", subject=USCC))


def ask(run: Runner, month: str) -> Chosen:
    return run(careers.ask_late, AskLate(ident=DUE, month=month))


def agree(run: Runner, month: str, **more: Any) -> Chosen:
    given = {"uscc": USCC, "ident": DUE, "month": month} | more
    return run(careers.agree_late, AgreeLate.model_validate(given))


def cancel(run: Runner) -> None:
    run.system(lambda uow: registry.insuring.close(uow, registry.employer(uow, USCC)))


def award(run: Runner) -> str:
    return run.system(pension.award, Award(ident=DUE, retired="2026-11")).retired


def test_the_counter_ends_it_on_paper_where_the_employer_is_gone(run: Runner, him: Runner) -> None:
    cancel(run)
    assert ask(him, "2026-11").month == "2026-11"
    with pytest.raises(flexible.AgreedAlready, match=r"注销的.*柜台"):
        him(careers.withdraw_choice, WithdrawChoice(ident=DUE, because="单位没了"))
    with pytest.raises(choosing.AgreedOther, match=r"注销的.*柜台"):
        award(run)
    counter = run.by(officer())
    with pytest.raises(flexible.PaperOfGone, match=r"示例精密机械有限公司.*2026-11-24 注销.*文书号"):
        agree(counter, "2026-11")
    with pytest.raises(flexible.AskedOther):
        agree(counter, "2026-12", **PAPER)
    ended = agree(counter, "2026-11", **PAPER, agreed_on="2026-11-20")
    assert (ended.agreed, ended.agreed_on) == ("2026-11", date(2026, 11, 20))
    assert award(run) == "2026-11"


def test_an_employer_that_is_cancelled_may_still_end_it_itself(run: Runner, him: Runner) -> None:
    cancel(run)
    ask(him, "2026-11")
    (waiting,) = boss(run)(careers.requests, AskRequests(uscc=USCC)).requests
    assert (waiting.month, waiting.agreed) == ("2026-11", "2028-06")
    assert agree(boss(run), "2026-11").agreed == "2026-11"
    assert award(run) == "2026-11"


def test_an_employer_that_goes_on_ends_it_as_before(run: Runner, him: Runner) -> None:
    ask(him, "2026-11")
    assert agree(run.by(officer()), "2026-11").agreed == "2026-11"
    assert award(run) == "2026-11"


def test_of_an_employer_that_is_gone_nothing_new_is_agreed(run: Runner, clock: FixedClock) -> None:
    at(clock, 2026, 5, 20)
    mine = run.by(citizen(DUE, with_account(run, DUE, months=300, balance="90000", index=9_000)))
    ask(mine, "2028-06")
    cancel(run)
    for who, paper in ((boss(run), {}), (run.by(officer()), PAPER)):
        with pytest.raises(registry.EmployerCancelled, match="2026-05-20"):
            agree(who, "2028-06", **paper)
