"""Across the reform's start everybody retires in the month of the law, and is paid to the fen from the next on.

From October 2024 to December 2026, by the real commands: hired, billed, paid for, refused a month early, awarded, adjusted,
paid by bank; then each person's bank account against plain arithmetic (`lives.py`).
"""

from __future__ import annotations

from datetime import date

import pytest

from backend.kernel import ledger
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner
from backend.kernel.money import Money
from backend.kernel.params import Missing
from backend.pension.careers.choosing import dates
from tests.backend.lives import FIRST, LAST, MAN, WOMAN, City, Life

# 国务院关于渐进式延迟法定退休年龄的办法 第一条. Men of 60 and women of 55 retire a month later for every four months, or part of
# four, by which they were born after 1964-12 (1969-12), at most 36; women of 50 for every two after 1974-12, at most 60:
#   months later = (months from 1965-01, 1970-01 or 1975-01 to the birth) // 4 (or 2) + 1, nothing for who was born before.
# The day is that of the birth so many years and months on, or its month's last where it has no such day.
LAW = [
    (MAN, 60, "1964-02-29", "60岁", "2024-02-29"),
    (MAN, 60, "1964-12-31", "60岁", "2024-12-31"),
    (MAN, 60, "1965-01-01", "60岁1个月", "2025-02-01"),
    (MAN, 60, "1965-04-30", "60岁1个月", "2025-05-30"),
    (MAN, 60, "1965-05-15", "60岁2个月", "2025-07-15"),
    (MAN, 60, "1966-05-20", "60岁5个月", "2026-10-20"),
    (MAN, 60, "1968-02-29", "60岁10个月", "2028-12-29"),
    (MAN, 60, "1976-09-01", "63岁", "2039-09-01"),
    (WOMAN, 55, "1969-12-15", "55岁", "2024-12-15"),
    (WOMAN, 55, "1970-01-20", "55岁1个月", "2025-02-20"),
    (WOMAN, 55, "1971-05-05", "55岁5个月", "2026-10-05"),
    (WOMAN, 55, "1972-02-29", "55岁7个月", "2027-09-29"),
    (WOMAN, 55, "1981-09-01", "58岁", "2039-09-01"),
    (WOMAN, 50, "1974-12-31", "50岁", "2024-12-31"),
    (WOMAN, 50, "1975-01-31", "50岁1个月", "2025-02-28"),
    (WOMAN, 50, "1975-03-10", "50岁2个月", "2025-05-10"),
    (WOMAN, 50, "1976-02-29", "50岁7个月", "2026-09-29"),
    (WOMAN, 50, "1984-10-31", "54岁11个月", "2039-09-30"),
    (WOMAN, 50, "1984-11-01", "55岁", "2039-11-01"),
]
HOW = [
    (sex, track, date.fromisoformat(birth), date.fromisoformat(legal)) for sex, track, birth, _, legal in LAW
]


@pytest.mark.parametrize(("sex", "track", "birth", "age", "legal"), LAW)
def test_the_day_is_the_laws_own(sex: str, track: int, birth: str, age: str, legal: str) -> None:
    found = dates(sex, track, date.fromisoformat(birth))
    assert (found.age, found.legal.isoformat()) == (age, legal)


def within(life: Life) -> bool:
    return FIRST < life.retired < LAST


PEOPLE = [one for n, known in enumerate(HOW) if within(one := Life(*known, order=n))]


CAME = """
  select l.number, sum(p.amount)::bigint as fen, count(*) as lines from payout.bank_line l
  join payout.payable p on p.id = l.payable_id join payout.bank_file f on f.id = l.file_id
  where p.cancelled_at is null and (l.result = 'paid' or l.result = 'filed' and f.answered_at is not null)
  group by l.number
"""


@pytest.mark.slow
def test_everybody_retires_on_the_day_of_the_law_and_has_every_fen_of_it_by_december_2026(
    run: Runner, clock: FixedClock
) -> None:
    assert {(life.sex, life.track) for life in PEOPLE} == {(MAN, 60), (WOMAN, 55), (WOMAN, 50)}
    city = City(run, clock, PEOPLE)
    for month in FIRST.until(LAST):
        city.month(month)
    with pytest.raises(Missing):
        city.office.do("PEN-41", year=2026)
    came = {row["number"]: row for row in city.office.rows(CAME)}
    for life in PEOPLE:
        row = came[life.account_number]
        assert Money(row["fen"]).text == f"{life.drawn():.2f}", life
        arrears = 1 if life.raised() else 0  # six months of the increase, in one line
        assert row["lines"] == LAST - life.retired + arrears
    assert len(came) == len(PEOPLE)
    assert run.system(ledger.check) == []
    assert city.office.differences() == []
