"""Relief by policy: the whole, what is taken off, and the rest; never a person's share; settled when it comes late."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.levy import service as levy
from backend.levy.decided import AskRates, GrantRelief, ReliefGranted
from backend.levy.reassessing import NoRateThen
from backend.levy.relieving import NoReliefThen, ReliefSpanWrong
from backend.levy.schema import AskOwnLines, BillView, Reassess, ReassessedView
from backend.levy.unbilled import AskProblems
from backend.registry import service as registry
from backend.registry.schema import Hire
from tests.backend.levy.town import (
    MIDDLE,
    WANG,
    WHOLE,
    ZHAO,
    a_town,
    at,
    bill,
    carried_out,
    contributions,
    declare,
    declare_all,
    owed,
    receive,
    sound,
)
from tests.backend.people import USCC, a_person, an_employer

# of 10,000 yuan in 2020: 16 + 8, 0.5 + 0.5 and 0.9 per cent
PENSION, UNEMPLOYMENT, INJURY = (160_000, 80_000), (5_000, 5_000), (9_000, 0)
ALL = sum(map(sum, (PENSION, UNEMPLOYMENT, INJURY)))
OWN = sum(person for _, person in (PENSION, UNEMPLOYMENT, INJURY))


@pytest.fixture
def employer_of_2020(run: Runner, clock: FixedClock) -> None:
    """One employee at 10,000 yuan since August 2020; of medical insurance no rate of then is on record."""
    at(clock, 2020, 8, 5)
    an_employer(run)
    a_person(run, ZHAO)
    run.system(registry.hire, Hire(uscc=USCC, ident=ZHAO, name="张秀䶮", started=date(2020, 8, 1)))
    declare(run, ZHAO, MIDDLE, "2020-08")


def grant(
    run: Runner, policy: str = "small", since: str = "2020-08", until: str = "2020-12"
) -> ReliefGranted:
    given = {"uscc": USCC, "since": since, "until": until, "policy": policy, "basis": "企业划型结果"}
    return run.system(levy.grant_relief, GrantRelief.model_validate(given))


def again(run: Runner, since: str = "2020-08", until: str = "2020-08") -> ReassessedView:
    return run.system(levy.reassess, Reassess(uscc=USCC, since=since, until=until))


def shown(run: Runner) -> dict[str, tuple[int, int, int]]:
    """By insurance: the whole, the relief, the rest; all bills together."""
    seen: dict[str, tuple[int, int, int]] = {}
    for one in owed(run).bills:
        whole, relief, due = seen.get(one.insurance_name[-4:], (0, 0, 0))
        seen[one.insurance_name[-4:]] = (whole + one.whole_fen, relief + one.relief_fen, due + one.due_fen)
    return seen


def test_of_a_small_employer_the_person_alone_pays_and_the_month_counts(
    run: Runner, clock: FixedClock, employer_of_2020: None
) -> None:
    """人社部发〔2020〕11号、49号: pension, unemployment and injury of 2020-08, nothing of the person's share."""
    assert grant(run).months == 5
    made = bill(run, "2020-08")
    assert (made.total_fen, made.problems) == (OWN, 1)
    assert shown(run) == {
        "养老保险": (240_000, 160_000, 80_000),
        "失业保险": (10_000, 5_000, 5_000),
        "工伤保险": (9_000, 9_000, 0),
    }
    receive(run, "B0001", OWN)
    assert contributions(run, ZHAO) == [("2020-08", 1_000_000, 80_000)]
    lines = run.system(levy.own_lines, AskOwnLines(ident=ZHAO)).lines
    assert {(one.insurance_name[-4:], one.employer_fen, one.relief_fen, one.paid) for one in lines} == {
        ("养老保险", 0, 160_000, True),
        ("失业保险", 0, 5_000, True),
        ("工伤保险", 0, 9_000, True),
    }
    sound(run)


def test_what_is_granted_after_the_bill_is_taken_off_and_comes_back(
    run: Runner, clock: FixedClock, employer_of_2020: None
) -> None:
    bill(run, "2020-08")
    receive(run, "B0001", ALL)
    assert grant(run).billed == 1
    done = again(run)
    assert (done.reduction_fen, done.returned_fen, done.difference_fen) == (ALL - OWN, ALL - OWN, 0)
    assert done.left_out == "职工基本医疗保险"
    assert shown(run)["养老保险"] == (240_000, 160_000, 80_000)
    assert owed(run).unallocated_fen == ALL - OWN
    assert contributions(run, ZHAO) == [("2020-08", 1_000_000, 80_000)]
    sound(run)
    with pytest.raises(NoRateThen, match="职工基本医疗保险"):
        again(run)


def test_what_was_granted_wrongly_is_owed_after_all(
    run: Runner, clock: FixedClock, employer_of_2020: None
) -> None:
    grant(run)
    bill(run, "2020-08")
    receive(run, "B0001", OWN)
    grant(run, "none")
    assert again(run).difference_fen == ALL - OWN
    assert shown(run)["养老保险"] == (240_000, 0, 240_000)
    assert owed(run).owed_fen == ALL - OWN
    assert run.system(levy.employer_rates, AskRates(uscc=USCC)).reliefs == ()
    sound(run)


def test_who_is_found_later_is_made_good_with_the_relief_of_that_month(
    run: Runner, clock: FixedClock, employer_of_2020: None
) -> None:
    grant(run)
    bill(run, "2020-08")
    a_person(run, WANG)
    run.system(registry.hire, Hire(uscc=USCC, ident=WANG, name="张秀䶮", started=date(2020, 8, 1)))
    declare(run, WANG, MIDDLE, "2020-08")
    assert again(run).supplement_fen == OWN
    receive(run, "B0001", 2 * OWN)
    assert [one.paid for one in run.system(levy.own_lines, AskOwnLines(ident=WANG)).lines] == [True] * 3
    sound(run)


def test_who_has_not_declared_owes_more_of_the_whole_before_it_is_reduced(
    run: Runner, clock: FixedClock, employer_of_2020: None
) -> None:
    """The base year ends in June; here the month after the relief has ended rests on the whole of the one before."""
    grant(run, since="2020-12")
    at(clock, 2021, 7, 5)
    for month in ("2020-12", "2021-01"):
        bill(run, month)
    assert [one.due_fen for one in of(run, "2021-01")] == [240_000, 10_000, 9_000]
    for n in range(2, 8):
        bill(run, f"2021-0{n}")
    assert [one.due_fen for one in of(run, "2021-07")] == [264_000, 11_000, 9_900]


def of(run: Runner, month: str) -> list[BillView]:
    return [one for one in owed(run).bills if one.month == month]


def test_where_law_has_no_relief_none_is_granted(
    run: Runner, clock: FixedClock, employer_of_2020: None
) -> None:
    for refusal, wrong in (
        (NoReliefThen, {"until": "2021-01"}),
        (NoReliefThen, {"policy": "large"}),  # ended in June
        (NoReliefThen, {"since": "2020-01"}),
        (ReliefSpanWrong, {"until": "2020-07"}),
        (ReliefSpanWrong, {"until": "2099-01"}),
    ):
        with pytest.raises(refusal):
            grant(run, **wrong)
    carried_out(
        run,
        "LEV-18",
        GrantRelief(uscc=USCC, since="2020-11", until="2020-12", policy="small", basis="企业划型结果"),
    )
    grant(run, since="2020-08", until="2020-09")
    seen = run.system(levy.employer_rates, AskRates(uscc=USCC)).reliefs
    assert [(one.since, one.until, one.months) for one in seen] == [
        ("2020-11", "2020-12", 2),
        ("2020-08", "2020-09", 2),
    ]


def test_half_is_rounded_once_a_person_and_the_rest_is_what_is_paid(
    run: Runner, clock: FixedClock, another_law: Path
) -> None:
    """As of a large employer until June 2020, in a month whose other terms are known."""
    file = another_law / "levy.yaml"
    file.write_text(file.read_text("utf-8").replace("2020-07-01: {value: ended", "2099-07-01: {value: ended"))
    a_town(run, clock)
    declare_all(run)
    grant(run, "large", "2026-08", "2026-08")
    bill(run)
    taken = (60_368 + 80_000 + 301_848) + (1_887 + 2_500 + 9_433) + (3_396 + 4_500 + 16_979)
    seen = owed(run)
    assert seen.owed_fen == WHOLE - taken
    assert sum(one.relief_fen for one in seen.bills) == taken
    assert run.system(levy.problems, AskProblems(month="2026-08")).total == 0
    receive(run, "B0001", WHOLE - taken)
    assert contributions(run, ZHAO) == [("2026-08", 1_000_000, 80_000)]
    sound(run)


def test_no_two_policies_reduce_one_month(run: Runner, clock: FixedClock, another_law: Path) -> None:
    file = another_law / "levy.yaml"
    file.write_text(file.read_text("utf-8").replace("2020-07-01: {value: ended", "2020-10-01: {value: ended"))
    at(clock, 2020, 8, 5)
    an_employer(run)
    grant(run)
    grant(run, "large", "2020-09", "2020-09")
    seen = run.system(levy.employer_rates, AskRates(uscc=USCC)).reliefs
    assert [(one.since, one.until) for one in seen] == [
        ("2020-10", "2020-12"),
        ("2020-09", "2020-09"),
        ("2020-08", "2020-08"),
    ]
