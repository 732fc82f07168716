"""Posting a vacancy: checked at once, published, corrected, refreshed, taken down."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.employment import service
from backend.employment.posting import (
    NotOpen,
    NotPublished,
    RefreshedToday,
    StillHiredFor,
    VacancyEnded,
    ValidTooLong,
)
from backend.employment.vacancies import VacancyOutOfReach
from backend.kernel.actor import ANYONE
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.errors import Forbidden, NotFound
from backend.kernel.items import NotYours
from backend.kernel.money import Money
from backend.kernel.sentences import Invalid
from tests.backend.employment.city import (
    ADVERT,
    IN_DOUBT,
    MEN_ONLY,
    OTHER_USCC,
    a_market,
    answer,
    apply,
    boss,
    do,
    edit,
    own,
    post,
    see,
    seeker,
)
from tests.backend.employment.test_rules import LOOKED_AT, honest, titles
from tests.backend.people import LI, USCC, ZHANG, an_employer, officer


def test_a_lawful_advert_is_published_at_once_and_everybody_sees_it(run: Runner, clock: FixedClock) -> None:
    an_employer(run)
    done = post(run)
    assert (done.status, done.findings) == ("open", ())
    seen = see(run, done.vacancy)
    assert (seen.title, seen.employer, seen.status_name) == ("仓库管理员", "示例精密机械有限公司", "招聘中")
    assert (seen.pay, seen.salary_min_fen, seen.area_name) == ("5,000–8,000 元/月", 500_000, "上海市浦东新区")
    assert (seen.first_published, seen.education_name, seen.response_hours) == (clock.now(), "学历不限", None)


def test_a_forbidden_advert_is_kept_and_the_clause_is_quoted(run: Runner) -> None:
    an_employer(run)
    done = post(run, **MEN_ONLY)
    assert done.status == "refused"
    (finding,) = done.findings
    assert (finding.rule, finding.excerpt, finding.law) == ("sex", "限男性", "妇女权益保障法 第四十三条")
    assert "限定为男性" in finding.clause
    with pytest.raises(NotFound):
        see(run, done.vacancy)
    assert edit(run, done.vacancy).status == "open"
    assert [one.decision for one in own(run, done.vacancy).reviews] == ["不予发布", "发布"]


def test_an_advert_in_doubt_waits_for_an_officer(run: Runner) -> None:
    an_employer(run)
    done = post(run, **IN_DOUBT)
    assert (done.status, done.findings[0].rule) == ("in_review", "age")
    with pytest.raises(NotFound):
        see(run, done.vacancy)


def test_a_draft_says_what_is_wrong_before_it_is_submitted(run: Runner) -> None:
    an_employer(run)
    done = post(run, submit="false", **MEN_ONLY)
    assert (done.status, done.findings[0].rule) == ("draft", "sex")
    assert own(run, done.vacancy).reviews == ()
    assert edit(run, done.vacancy).status == "open"


def test_correcting_an_open_advert_checks_it_again(run: Runner, clock: FixedClock) -> None:
    an_employer(run)
    no = post(run).vacancy
    first = see(run, no).first_published
    clock.set(clock.now() + timedelta(days=3))
    assert edit(run, no, **MEN_ONLY).status == "refused"
    assert edit(run, no, title="仓库主管").status == "open"
    seen = see(run, no)
    assert (seen.title, seen.first_published) == ("仓库主管", first)


def test_pay_by_the_hour_is_compared_by_the_month(run: Runner) -> None:
    an_employer(run)
    done = post(run, type="part", pay_unit="hour", pay_min="25", pay_max="30.50")
    seen = see(run, done.vacancy)
    assert (seen.pay, seen.salary_min_fen, seen.salary_max_fen) == ("25–30.50 元/小时", 260_000, 317_200)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"pay_min": "9000"}, ""),
        ({"pay_min": "0"}, "pay_min"),
        ({"pay_min": "面议"}, "pay_min"),
        ({"pay_max": "5000.005"}, "pay_max"),
        ({"occupation": "9-99-99-99"}, "occupation"),
        ({"headcount": "0"}, "headcount"),
        ({"work": "收货"}, "work"),
        ({"work": "收货\x00发货，每月盘点一次，保持账物相符。"}, "work"),
        ({"title": "仓库\n管理员"}, "title"),
        ({"phone": "12"}, "phone"),
        ({"education": "15"}, "education"),
    ],
)
def test_what_cannot_be_an_advert_is_refused_field_by_field(
    run: Runner, wrong: dict[str, Any], field: str
) -> None:
    an_employer(run)
    with pytest.raises(Invalid) as refused:
        post(run, **wrong)
    assert list(refused.value.fields) == [field]


def test_an_employer_acts_for_itself_only(run: Runner) -> None:
    an_employer(run)
    an_employer(run, OTHER_USCC, name="另一家示例有限公司")
    no = post(run).vacancy
    with pytest.raises(NotYours):
        do(run, boss(OTHER_USCC), "EMP-03", uscc=USCC, vacancy=no)
    with pytest.raises(NotFound):
        do(run, boss(OTHER_USCC), "EMP-03", uscc=OTHER_USCC, vacancy=no)
    with pytest.raises(Forbidden):
        do(run, ANYONE, "EMP-01", **(ADVERT | {"uscc": USCC}))
    assert see(run, no).status == "open"


def test_an_officer_posts_within_the_own_area_only(run: Runner) -> None:
    an_employer(run)
    given = ADVERT | {"uscc": USCC}
    assert do(run, officer(area="310115"), "EMP-01", **given).status == "open"
    with pytest.raises(VacancyOutOfReach):
        do(run, officer(area="310101"), "EMP-01", **given)


def test_an_advert_is_open_through_its_last_day(run: Runner, clock: FixedClock) -> None:
    an_employer(run)
    no = post(run, valid_until="2026-11-25").vacancy
    clock.set(datetime(2026, 11, 25, 15, 59, 59, tzinfo=UTC))  # one second before midnight in China
    assert see(run, no).status == "open"
    clock.set(datetime(2026, 11, 25, 16, 0, tzinfo=UTC))
    assert see(run, no).status == "expired"
    assert edit(run, no, valid_until="2026-12-31").status == "open"


def test_refreshing_counts_once_a_day_and_keeps_the_first_day(run: Runner, clock: FixedClock) -> None:
    an_employer(run)
    no = post(run).vacancy
    first = see(run, no).first_published
    ask = {"uscc": USCC, "vacancy": no}
    do(run, boss(), "EMP-07", **ask)
    with pytest.raises(RefreshedToday):
        do(run, boss(), "EMP-07", **ask)
    clock.set(clock.now() + timedelta(days=1))
    do(run, boss(), "EMP-07", **ask, valid_until="2027-05-25")
    with pytest.raises(ValidTooLong):
        do(run, boss(), "EMP-07", **ask, valid_until="2027-05-26")
    seen = see(run, no)
    assert [day.isoformat() for day in seen.refreshed] == ["2026-11-25", "2026-11-24"]
    assert (seen.first_published, seen.valid_until.isoformat()) == (first, "2027-05-25")
    with pytest.raises(NotOpen):
        do(run, boss(), "EMP-07", uscc=USCC, vacancy=post(run, **IN_DOUBT).vacancy)


def test_taking_an_advert_down_ends_open_applications_and_tells_the_seekers(run: Runner) -> None:
    a_market(run)
    no = post(run).vacancy
    apply(run, no)
    assert do(run, boss(), "EMP-03", uscc=USCC, vacancy=no, reason="订单取消").status == "withdrawn"
    (mine,) = do(run, seeker(run), "EMP-Q3", ident=ZHANG).applications
    assert (mine.state, mine.vacancy_status) == ("obsolete", "withdrawn")
    assert "订单取消" in do(run, seeker(run), "EMP-Q4", ident=ZHANG).messages[0].body
    assert see(run, no).status == "withdrawn"
    with pytest.raises(VacancyEnded):
        edit(run, no)
    with pytest.raises(VacancyEnded):
        do(run, boss(), "EMP-03", uscc=USCC, vacancy=no)


def test_a_filled_vacancy_takes_no_more(run: Runner) -> None:
    a_market(run)
    no = post(run).vacancy
    ask = {"uscc": USCC, "vacancy": no}
    assert do(run, boss(), "EMP-04", **ask).status == "filled"
    with pytest.raises(NotPublished):
        do(run, boss(), "EMP-04", **ask)
    with pytest.raises(NotPublished):
        do(run, boss(), "EMP-04", uscc=USCC, vacancy=post(run, **IN_DOUBT).vacancy)


def test_nobody_already_hired_is_written_out_of_the_number(run: Runner) -> None:
    a_market(run)
    no = post(run, headcount="3").vacancy
    for ident in (ZHANG, LI):
        answer(run, apply(run, no, ident).application, "accepted")
    with pytest.raises(StillHiredFor):
        edit(run, no, headcount="1")
    assert edit(run, no, headcount="4").status == "open"


def test_the_employers_list_counts_what_waits(run: Runner) -> None:
    a_market(run)
    first, second = post(run).vacancy, post(run, title="叉车司机", **IN_DOUBT).vacancy
    apply(run, first)
    answer(run, apply(run, first, LI).application, "accepted")
    listed = do(run, boss(), "EMP-Q1", uscc=USCC)
    assert listed.total == 2
    rows = {row.vacancy: row for row in listed.vacancies}
    assert (rows[first].applicants, rows[first].hired, rows[first].unanswered) == (2, 1, 1)
    assert (rows[second].status_name, rows[second].first_published) == ("审核中", None)
    assert own(run, first).by_state == {"new": 1, "accepted": 1}


def test_real_titles_go_through_posting(run: Runner) -> None:
    """Every twentieth of the real titles, and each that is in doubt, under pay as honest as the title."""
    an_employer(run)
    chosen = [title for n, title in enumerate(titles()) if n % 20 == 0 or title in LOOKED_AT]
    ends: Counter[str] = Counter()
    for title in chosen:
        pay = {"pay_min": yuan(honest(title).pay_min_fen), "pay_max": yuan(honest(title).pay_max_fen)}
        done = post(run, title=title[:60], **pay)
        held = LOOKED_AT.get(title, "")
        assert done.status == ("open" if not held else "refused" if "block" in held else "in_review"), title
        ends[done.status] += 1
    assert ends == {"open": len(chosen) - len(LOOKED_AT), "in_review": len(LOOKED_AT) - 1, "refused": 1}
    assert len(run.system(service.open_nos)) == ends["open"]


def yuan(fen: int) -> str:
    return Money(fen).text
