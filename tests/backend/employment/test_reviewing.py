"""What the check leaves in doubt an officer decides who did not write it; an employer may appeal once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.employment.reviewing import (
    AlreadyAppealed,
    NotInReview,
    NotRefused,
    OwnRefusal,
    OwnWriting,
    ReasonNeeded,
    SourceMissing,
)
from backend.employment.vacancies import VacancyOutOfReach
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.errors import Forbidden
from tests.backend.employment.city import (
    ADVERT,
    IN_DOUBT,
    MEN_ONLY,
    boss,
    decide,
    do,
    edit,
    own,
    post,
    reviewer,
    see,
)
from tests.backend.people import USCC, an_employer, officer


def appeal(run: Runner, vacancy: str) -> str:
    done = do(run, boss(), "EMP-06", uscc=USCC, vacancy=vacancy, reason="岗位确实有这样的需要")
    return str(done.status)


def test_an_officer_publishes_what_is_in_order(run: Runner) -> None:
    an_employer(run)
    no = post(run, **IN_DOUBT).vacancy
    assert [one.view.vacancy for one in do(run, reviewer(), "EMP-Q8").vacancies] == [no]
    assert decide(run, no, reason="消防员体能要求").status == "open"
    assert see(run, no).status == "open"
    assert do(run, reviewer(), "EMP-Q8").total == 0
    with pytest.raises(NotInReview):
        decide(run, no)


def test_a_refusal_needs_a_reason_and_the_employer_reads_it(run: Runner) -> None:
    an_employer(run)
    no = post(run, **IN_DOUBT).vacancy
    with pytest.raises(ReasonNeeded):
        decide(run, no, "refuse")
    assert decide(run, no, "refuse", reason="年龄上限没有依据").status == "refused"
    last = own(run, no).reviews[-1]
    assert (last.decision, last.reason, last.by_name) == ("不予发布", "年龄上限没有依据", "officer:9")


def test_after_an_officers_refusal_a_person_looks_again_whatever_the_check_says(run: Runner) -> None:
    an_employer(run)
    no = post(run, **IN_DOUBT).vacancy
    decide(run, no, "refuse", reason="请说明工作内容")
    assert edit(run, no).status == "in_review"
    assert decide(run, no).status == "open"
    assert edit(run, no, title="仓库主管").status == "open"


def test_nobody_decides_what_they_wrote(run: Runner) -> None:
    an_employer(run)
    no = do(run, officer("officer:1"), "EMP-01", **(ADVERT | {"uscc": USCC} | IN_DOUBT)).vacancy
    with pytest.raises(OwnWriting):
        decide(run, no, by=officer("officer:1"))
    assert decide(run, no, by=officer("officer:2")).status == "open"


def test_an_officer_decides_for_the_own_area_only(run: Runner) -> None:
    an_employer(run)
    no = post(run, **IN_DOUBT).vacancy
    elsewhere = reviewer(area="310101")
    assert do(run, elsewhere, "EMP-Q8").total == 0
    with pytest.raises(VacancyOutOfReach):
        decide(run, no, by=elsewhere)
    with pytest.raises(Forbidden):
        decide(run, no, by=boss())


def test_an_appeal_is_heard_once_and_by_another_person(run: Runner, clock: FixedClock) -> None:
    an_employer(run)
    no = post(run, **IN_DOUBT).vacancy
    decide(run, no, "refuse", reason="年龄上限没有依据")
    assert appeal(run, no) == "in_review"
    with pytest.raises(OwnRefusal):
        decide(run, no)
    assert decide(run, no, "refuse", by=reviewer("officer:8"), reason="维持").status == "refused"
    with pytest.raises(AlreadyAppealed):
        appeal(run, no)
    clock.set(clock.now() + timedelta(hours=1))
    assert edit(run, no, **IN_DOUBT).status == "in_review"
    decide(run, no, "refuse", reason="仍然没有依据")
    assert appeal(run, no) == "in_review"


def test_what_the_check_refused_an_officer_can_publish_on_appeal(run: Runner) -> None:
    an_employer(run)
    no = post(run, **MEN_ONLY).vacancy
    assert appeal(run, no) == "in_review"
    assert decide(run, no, reason="男浴区搓澡，国家规定许可").status == "open"
    assert [one.decision for one in own(run, no).reviews] == ["不予发布", "用人单位申诉", "发布"]
    with pytest.raises(NotRefused):
        appeal(run, no)


def test_a_forwarded_advert_without_its_source_is_not_published_on_appeal_either(run: Runner) -> None:
    an_employer(run)
    no = post(run, forwarded="true").vacancy
    assert own(run, no).view.status == "refused"
    assert appeal(run, no) == "in_review"
    with pytest.raises(SourceMissing, match="没有写明来源"):
        decide(run, no)
    assert decide(run, no, "refuse", reason="请补写来源").status == "refused"
    edit(run, no, forwarded="true", source="示例人才网")
    assert decide(run, no).status == "open"
