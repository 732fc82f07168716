"""Deemed years, special work, own rules and women's posts: recognised by three persons, withdrawn with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from backend.demo import numbers
from backend.kernel import items
from backend.kernel.db import Runner, Uow
from backend.kernel.errors import NotFound
from backend.kernel.money import Money
from backend.kernel.period import Month
from backend.pension import service as pension
from backend.pension.careers import choosing, deeming, recognising, spans, tracks
from backend.pension.careers.chosen import AskRetiring
from backend.pension.careers.schema import (
    AskCareer,
    CareerView,
    DecideTrack,
    Recognised,
    RecogniseDeemed,
    RecogniseOther,
    RecogniseSpecial,
    WithdrawRecognised,
)
from backend.pension.model import Account, Contribution
from backend.pension.schema import Award
from tests.backend.levy.town import carried_out
from tests.backend.pension.test_service import MAN, WOMAN, with_account
from tests.backend.people import officer

careers = pension.careers
PAPERS = {"evidence": "招工审批表、工资调整表", "archive": "沪档-0231-17"}
EARLY_MAN = numbers.citizen_number("310101", "19690915", 1)  # 55 since 2024-09


@pytest.fixture
def man(run: Runner) -> int:
    return with_account(run, MAN, months=170, balance="50000", index=10_000)


def deem(run: Runner, first: str, last: str, **changed: Any) -> Recognised:
    given = {"ident": MAN, "first": first, "last": last, "ground": "state_worker"} | PAPERS | changed
    return run.system(careers.recognise, RecogniseDeemed.model_validate(given))


def withdraw(run: Runner, no: int, what: str = "deemed") -> Recognised:
    given = {"what": what, "no": no, "because": "档案年份看错"}
    return run.system(careers.withdraw, WithdrawRecognised.model_validate(given))


def seen(run: Runner, ident: str = MAN) -> CareerView:
    return run.system(careers.of_person, AskCareer(ident=ident))


def test_deemed_months_count_for_the_pension_and_stay_as_a_trace_when_withdrawn(
    run: Runner, man: int
) -> None:
    one = deem(run, "1983-12", "1984-09")
    assert (one.months, one.deemed_months, one.warnings) == (10, 10, ())
    award = run.system(pension.award, Award(ident=MAN, retired="2023-11"))
    assert (award.facts["months"], award.facts["deemed_months"]) == (180, 10), "170 alone are too few"
    gone = withdraw(run, one.no)
    assert gone.deemed_months == 0
    assert "重算" in gone.warnings[0], "an award was made on them"
    with pytest.raises(deeming.WithdrawnAlready):
        withdraw(run, one.no)
    again = deem(run, "1983-12", "1984-08")
    assert [(view.no, view.months, view.withdrawn) for view in seen(run).deemed] == [
        (one.no, 10, "档案年份看错"),
        (again.no, 9, ""),
    ]
    assert run.system(careers.check) == []


def test_a_month_counts_once(run: Runner, man: int) -> None:
    one = deem(run, "1983-12", "1984-09")
    with pytest.raises(deeming.DeemedAlready, match=f"1983-12 到 1984-09 .*{one.no}"):
        deem(run, "1984-09", "1984-12")
    deem(run, "1984-10", "1984-12", ground="soldier")
    run.system(contribute, man, Month(1993, 2))
    with pytest.raises(deeming.PaidMeanwhile, match="1993-02 已经实际缴费"):
        deem(run, "1993-01", "1993-03")
    deem(run, "1993-01", "1993-01")
    run.system(contribute, man, Month(1984, 11))
    assert [view.why for view in seen(run).doubles] == ["deemed"]
    assert [one.found for one in run.system(careers.check)] == ["1"]
    with pytest.raises(choosing.CountedTwice, match="1 个月（从 1984-11 起）"):
        run.system(pension.award, Award(ident=MAN, retired="2023-11"))


def contribute(uow: Uow, person_id: int, month: Month) -> None:
    """One more month that was paid."""
    account = uow.session.get_one(Account, person_id)
    account.months_paid, account.index_sum = account.months_paid + 1, account.index_sum + 10_000
    shares = {"base": Money(100_000), "person_share": Money(3_000), "employer_share": Money(20_000)}
    uow.session.add(Contribution(person_id=person_id, month=month, employer_id=None, index=10_000, **shares))


@pytest.mark.parametrize(
    ("first", "last", "refusal"),
    [
        ("1984-09", "1984-08", spans.SpanOrder),
        ("1977-10", "1984-08", spans.SpanTooEarly),  # fourteen in 1977-11
        ("1990-01", "2026-11", spans.SpanAhead),
    ],
)
def test_months_that_cannot_be_are_refused(
    run: Runner, man: int, first: str, last: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        deem(run, first, last)
    assert seen(run).deemed_months == 0


def test_a_ground_whose_last_month_is_not_verified_only_warns(run: Runner, man: int) -> None:
    late = deem(run, "1997-06", "1998-02")
    assert "一般到 1997-12 为止" in late.warnings[0]
    assert deem(run, "2014-01", "2014-09", ground="institution").warnings == ()


def test_recognising_waits_for_two_and_is_refused_at_once_where_it_cannot_be(run: Runner, man: int) -> None:
    known = items.find("PEN-10")
    given = {"ident": MAN, "first": "1983-12", "last": "1984-09", "ground": "youth"} | PAPERS
    carried_out(run, "PEN-10", RecogniseDeemed.model_validate(given))
    assert seen(run).deemed_months == 10
    with pytest.raises(deeming.DeemedAlready):
        items.perform(run.by(officer()), known, RecogniseDeemed.model_validate(given))
    with pytest.raises(NotFound):
        withdraw(run, 10**9)


def test_the_check_finds_an_account_whose_deemed_months_nobody_recognised(run: Runner, man: int) -> None:
    def tamper(uow: Uow) -> None:
        uow.session.get_one(Account, man).deemed_months = 12

    run.system(tamper)
    (one,) = run.system(careers.check)
    assert (one.expected, one.found) == ("0", "12")


# ---- special work ----


def special(run: Runner, first: str, last: str, kind: str, ident: str = EARLY_MAN) -> Recognised:
    given = {
        "ident": ident,
        "first": first,
        "last": last,
        "kind": kind,
        "post": "炉前工",
        "employer": "钢铁厂",
    }
    return run.system(careers.recognise_special, RecogniseSpecial.model_validate(given | PAPERS))


def test_nine_years_of_heat_and_underground_open_retirement_at_fifty_five(run: Runner) -> None:
    with_account(run, EARLY_MAN, months=300, balance="90000", index=9_000)
    with pytest.raises(choosing.NotYet):
        run.system(pension.award, Award(ident=EARLY_MAN, retired="2025-01"))
    special(run, "1990-01", "1996-12", "heat")
    special(run, "2000-01", "2001-11", "underground")
    with pytest.raises(choosing.NotYet):
        run.system(pension.award, Award(ident=EARLY_MAN, retired="2025-01"))
    standing = run.system(careers.retiring, AskRetiring(ident=EARLY_MAN)).special
    assert standing is not None
    assert (standing.short_months, standing.earliest) == (1, None)
    special(run, "2001-12", "2001-12", "heat")
    standing = run.system(careers.retiring, AskRetiring(ident=EARLY_MAN)).special
    assert standing is not None
    assert (standing.short_months, standing.earliest) == (0, "2024-09")
    with pytest.raises(choosing.NotYet):
        run.system(pension.award, Award(ident=EARLY_MAN, retired="2024-08"))
    assert run.system(pension.award, Award(ident=EARLY_MAN, retired="2024-09")).first_month == "2024-10"


def test_kinds_that_ask_for_different_years_do_not_add_up_and_a_plateau_opens_nothing(run: Runner) -> None:
    with_account(run, EARLY_MAN, months=300, balance="90000", index=9_000)
    special(run, "1990-01", "1997-12", "heavy")
    special(run, "1998-01", "2005-11", "toxic")
    plateau = special(run, "2006-01", "2020-12", "plateau")
    assert "PEN-13" in plateau.warnings[0]
    assert any("没有核实过" in one for one in plateau.warnings), (
        "the ages and years are from general knowledge"
    )
    with pytest.raises(choosing.NotYet):
        run.system(pension.award, Award(ident=EARLY_MAN, retired="2025-01"))


def test_who_the_states_own_rules_apply_to_retires_in_their_months(run: Runner, man: int) -> None:
    given = {"ident": MAN, "earliest": "2024-01", "latest": "2028-12"}
    given |= {"rule": "关于高级专家离休退休若干问题的暂行规定 第二条", "evidence": "批准延长的文件"}
    asked = RecogniseOther.model_validate(given)
    one = run.system(careers.recognise_other, asked)
    with pytest.raises(recognising.OtherAlready):
        run.system(careers.recognise_other, asked)
    deem(run, "1983-12", "1984-09")
    withdraw(run, one.no, "other")
    with pytest.raises(choosing.NotYet):
        run.system(pension.award, Award(ident=MAN, retired="2026-10"))
    run.system(careers.recognise_other, asked)
    assert run.system(pension.award, Award(ident=MAN, retired="2026-10")).retired == "2026-10"
    wrong = RecogniseOther.model_validate(given | {"ident": WOMAN, "earliest": "1971-09"})
    with_account(run, WOMAN, months=100, balance="1", index=9_000)
    with pytest.raises(recognising.BeforeBirth):
        run.system(careers.recognise_other, wrong)


# ---- women's posts ----


def decide(run: Runner, ident: str, track: str) -> Any:
    given = {
        "ident": ident,
        "track": track,
        "post": "装配工",
        "evidence": "劳动合同",
        "document": "证明 1 号",
    }
    return run.system(careers.decide_track, DecideTrack.model_validate(given))


def test_a_womans_post_decides_her_age_and_every_decision_stays(run: Runner, man: int) -> None:
    with_account(run, WOMAN, months=100, balance="1", index=9_000)
    done = decide(run, WOMAN, "worker")
    assert (done.before, done.after, done.legal) == (55, 50, date(2021, 9, 10))
    with pytest.raises(tracks.TrackAlready):
        decide(run, WOMAN, "worker")
    assert decide(run, WOMAN, "manager").legal == date(2027, 3, 10)
    history = run.system(careers.retiring, AskRetiring(ident=WOMAN)).tracks
    assert [(one.before, one.after) for one in history] == [(55, 50), (50, 55)]
    with pytest.raises(tracks.MenHaveOne):
        decide(run, MAN, "worker")
