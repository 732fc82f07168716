"""Applying for a vacancy: once, seen on both sides, every step kept and told."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from backend.employment.applying import (
    AlreadyApplied,
    CannotMove,
    NothingToCancel,
    NotRecruiting,
    TooYoung,
)
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, runner
from backend.kernel.errors import Forbidden, NotFound, Refusal
from backend.kernel.items import NotYours
from backend.kernel.sentences import Invalid
from backend.kernel.vault import Vault
from tests.backend.employment.city import (
    CHILD,
    IN_DOUBT,
    OTHER_USCC,
    WANG,
    a_market,
    answer,
    apply,
    boss,
    do,
    post,
    see,
    seeker,
)
from tests.backend.people import LI, USCC, ZHANG, a_person, an_employer
from tests.conftest import Fresh


def mine(run: Runner, ident: str = ZHANG) -> list[str]:
    listed = do(run, seeker(run, ident), "EMP-Q3", ident=ident).applications
    return [one.state for one in listed]


def test_both_sides_see_an_application_and_every_step(run: Runner) -> None:
    a_market(run)
    no = post(run).vacancy
    sent = apply(run, no, letter="我做过五年仓库")
    assert (sent.state_name, sent.title, sent.employer) == ("已投递", "仓库管理员", "示例精密机械有限公司")
    (applicant,) = do(run, boss(), "EMP-Q2", uscc=USCC, vacancy=no).applicants
    assert (applicant.name, applicant.phone, applicant.letter) == ("张秀䶮", "13800000000", "我做过五年仓库")
    answer(run, sent.application, "in_progress", note="请周五来面谈")
    answer(run, sent.application, "refused", refusal="skills")
    (seen,) = do(run, seeker(run), "EMP-Q3", ident=ZHANG).applications
    assert [(step.by, step.state_name) for step in seen.steps] == [
        ("求职者", "已投递"),
        ("用人单位", "处理中"),
        ("用人单位", "未录用"),
    ]
    assert seen.refusal == "技能或经验不符合岗位需要"
    told = do(run, seeker(run), "EMP-Q4", ident=ZHANG)
    assert (told.unread, told.messages[1].body.endswith("单位留言：请周五来面谈")) == (2, True)
    assert do(run, seeker(run), "EMP-14", ident=ZHANG, until=told.messages[0].id).unread == 0


def test_one_applies_once_and_again_only_after_taking_it_back(run: Runner) -> None:
    a_market(run)
    no = post(run).vacancy
    sent = apply(run, no)
    with pytest.raises(AlreadyApplied):
        apply(run, no)
    cancelled = do(run, seeker(run), "EMP-12", ident=ZHANG, application=sent.application)
    assert cancelled.state_name == "已撤回"
    assert see(run, no).applicants == 0
    with pytest.raises(NothingToCancel):
        do(run, seeker(run), "EMP-12", ident=ZHANG, application=sent.application)
    again = apply(run, no, phone="13900000000")
    assert again.application == sent.application
    assert [step.state for step in again.steps] == ["new", "cancelled", "new"]
    assert see(run, no).applicants == 1


def test_only_a_vacancy_that_recruits_takes_applications(run: Runner, clock: FixedClock) -> None:
    a_market(run)
    with pytest.raises(NotFound):
        apply(run, post(run, **IN_DOUBT).vacancy)
    no = post(run, valid_until="2026-11-24").vacancy
    clock.set(clock.now() + timedelta(days=1))
    with pytest.raises(NotRecruiting, match="已过期"):
        apply(run, no)


def test_nobody_under_sixteen_is_let_through(run: Runner) -> None:
    an_employer(run)
    a_person(run, CHILD, name="王小明")
    with pytest.raises(TooYoung):
        apply(run, post(run).vacancy, CHILD)


def test_who_is_not_concerned_sees_and_does_nothing(run: Runner) -> None:
    a_market(run)
    an_employer(run, OTHER_USCC, name="另一家示例有限公司")
    no = post(run).vacancy
    sent = apply(run, no).application
    with pytest.raises(NotYours):
        do(run, seeker(run, LI), "EMP-Q3", ident=ZHANG)
    with pytest.raises(NotFound):
        do(run, seeker(run, LI), "EMP-12", ident=LI, application=sent)
    with pytest.raises(NotFound):
        do(run, boss(OTHER_USCC), "EMP-Q2", uscc=OTHER_USCC, vacancy=no)
    with pytest.raises(NotFound):
        do(run, boss(OTHER_USCC), "EMP-13", uscc=OTHER_USCC, application=sent, state="accepted")
    with pytest.raises(Forbidden):
        do(run, seeker(run), "EMP-13", uscc=USCC, application=sent, state="accepted")


def test_a_refusal_needs_a_reason_from_the_list_and_nothing_else_has_one(run: Runner) -> None:
    a_market(run)
    sent = apply(run, post(run).vacancy).application
    for given in ({"state": "refused"}, {"state": "accepted", "refusal": "terms"}):
        with pytest.raises(Invalid, match="不录用要选一个原因"):
            do(run, boss(), "EMP-13", uscc=USCC, application=sent, **given)
    with pytest.raises(Invalid):
        answer(run, sent, "refused", refusal="age")


def test_an_application_moves_only_where_it_can(run: Runner) -> None:
    a_market(run)
    sent = apply(run, post(run).vacancy).application
    assert answer(run, sent, "to_be_hired").state == "to_be_hired"
    with pytest.raises(CannotMove, match="拟录用"):
        answer(run, sent, "pool")
    assert answer(run, sent, "refused", refusal="no_show").refusal == "没有参加面试"
    assert answer(run, sent, "in_progress").refusal is None
    answer(run, sent, "accepted")
    with pytest.raises(CannotMove):
        answer(run, sent, "refused", refusal="other")
    with pytest.raises(NothingToCancel):
        do(run, seeker(run), "EMP-12", ident=ZHANG, application=sent)


def test_when_everybody_wanted_is_hired_the_vacancy_is_filled_and_the_rest_are_told(run: Runner) -> None:
    a_market(run)
    a_person(run, WANG, name="王芳")
    no = post(run, headcount="2").vacancy
    sent = [apply(run, no, ident).application for ident in (ZHANG, LI, WANG)]
    answer(run, sent[0], "accepted")
    assert see(run, no).status == "open"
    answer(run, sent[1], "accepted")
    assert see(run, no).status == "filled"
    assert (mine(run, ZHANG), mine(run, WANG)) == (["accepted"], ["obsolete"])
    assert "已经招满" in do(run, seeker(run, WANG), "EMP-Q4", ident=WANG).messages[0].body


def test_the_board_says_how_soon_an_employer_answers(run: Runner, clock: FixedClock) -> None:
    a_market(run)
    a_person(run, WANG, name="王芳")
    no = post(run, headcount="9").vacancy
    sent = [apply(run, no, ident).application for ident in (ZHANG, LI, WANG)]
    for hours, application in zip((1, 30, 200), sent, strict=True):
        assert see(run, no).response_hours is None
        clock.set(clock.now() + timedelta(hours=hours))
        answer(run, application, "in_progress")
    assert see(run, no).response_hours == 31


def test_two_clicks_at_once_make_one_application(fresh: Fresh) -> None:
    run = runner(fresh(), {}, Vault.new(), size=4)
    a_market(run)
    no = post(run).vacancy
    ends: list[str] = []

    def click() -> None:
        try:
            ends.append(apply(run, no).state)
        except Refusal as refusal:
            ends.append(refusal.code)

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert sorted(ends) == ["AlreadyApplied"] * 3 + ["new"]
    run.sessions.kw["bind"].dispose()


def test_the_longest_answer_reaches_the_seeker_whole(run: Runner) -> None:
    an_employer(run, name="示" * 100)
    a_person(run, ZHANG)
    sent = apply(run, post(run, title="仓" * 60).vacancy)
    answer(run, sent.application, "refused", refusal="skills", note="谢" * 500)
    body = do(run, seeker(run), "EMP-Q4", ident=ZHANG).messages[0].body
    assert body.startswith("示" * 100)
    assert body.endswith("谢" * 500)
