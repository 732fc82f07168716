"""Tables 14 and 15: how employers registered, changed, ceased and went; who entered the insurance and left it, and why."""

from __future__ import annotations

import io
from datetime import date

import pytest

from backend.demo import numbers
from backend.exchange.export import export
from backend.exchange.reading import records
from backend.exchange.scope import Values, scope_of
from backend.exchange.standard import tables
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.period import Month
from backend.levy import service as levy
from backend.levy.employers.schema import CancelEmployer, ChangeEmployer, ChangeInsurance, InsureEmployer
from backend.registry import service as registry
from backend.registry.schema import Hire, Leave
from tests.backend.employment.city import OTHER_USCC
from tests.backend.exchange.memory import Memory
from tests.backend.exchange.test_dues import of
from tests.backend.exchange.test_sources import rows, some
from tests.backend.levy.town import SUN, WANG, ZHAO, a_town, at, flexible
from tests.backend.people import USCC, ZHANG, an_employer

LOADED = numbers.credit_code(43, "350100", "91")
CHANGED = ("AAB100", "AAB100N", "AAE123", "AAE124", "AAE160", "AAE160N", "AAE035")
STATES = ("AAC050", "AAC050N", "AAE123", "AAE124", "AAE160", "AAE160N", "AAE035")
PAYING, PAUSED, NOT_INSURED = "参保缴费", "暂停缴费（中断）", "未参保"


def change_part(run: Runner, change: str, since: str, insurance: str = "110", uscc: str = USCC) -> None:
    said = {
        "uscc": uscc,
        "insurance": insurance,
        "change": change,
        "since": since,
        "ground": "示例文件第一条",
    }
    run.system(levy.change_insurance, ChangeInsurance.model_validate(said))


@pytest.fixture
def history(run: Runner, clock: FixedClock) -> None:
    """An employer that registers, moves, ceases, comes back and is gone; and one of injury insurance alone."""
    at(clock, 2026, 8, 5)
    an_employer(run, insured=False)
    run.system(levy.insure_employer, InsureEmployer(uscc=USCC, since="2026-08", injury_class=4))
    at(clock, 2026, 8, 6)
    run.system(
        levy.change_employer,
        ChangeEmployer(
            uscc=USCC, address="示" * 70, phone="021-87654321", injury_class=5, class_since="2026-09"
        ),
    )
    change_part(run, "cease", "2026-09", "210")
    change_part(run, "cease", "2026-09")
    at(clock, 2027, 1, 4)
    change_part(run, "begin", "2027-01")
    at(clock, 2027, 2, 1)
    run.system(levy.cancel_employer, CancelEmployer(uscc=USCC, reason="closed"))
    an_employer(run, OTHER_USCC, insured=False)
    only = {"pension": False, "medical": False, "unemployment": False, "ground": "示例文件第二条"}
    run.system(levy.insure_employer, InsureEmployer(uscc=OTHER_USCC, since="2027-01", injury_class=1, **only))


def test_an_employers_changes_stand_there_one_by_one(run: Runner, history: None) -> None:
    """What other insurances have to do with it does not; what is too long is seen to be cut."""
    assert [some(row, *CHANGED) for row in of(run, 14)] == [
        ("01", "单位登记", NOT_INSURED, PAYING, None, None, date(2026, 8, 5)),
        ("42", "基础资料修改", "地址：示例路 2 号", "地址：" + "示" * 60 + "…", None, None, date(2026, 8, 6)),
        ("42", "基础资料修改", "电话：021-12345678", "电话：021-87654321", None, None, date(2026, 8, 6)),
        ("02", "单位中断缴费", PAYING, PAUSED, "0020", "组织中断缴费", date(2026, 8, 6)),
        ("03", "单位恢复缴费", PAUSED, PAYING, None, None, date(2027, 1, 4)),
        ("09", "单位注销", PAYING, "终止缴费", None, "依法终止（解散、撤销、关闭）", date(2027, 2, 1)),
    ]
    boss = run.system(lambda uow: registry.employer(uow, USCC).id)
    assert {some(row, "AAB001", "AAE011") for row in of(run, 14)} == {(str(boss), run.system.actor.name)}


def test_a_year_of_them_still_knows_what_was_before(run: Runner, history: None) -> None:
    assert [some(row, "AAB100", "AAE123") for row in of(run, 14, year=2027)] == [
        ("03", PAUSED),
        ("09", PAYING),
    ]
    assert of(run, 14, year=2025) == []


def test_who_joins_later_was_not_insured_and_of_who_was_loaded_nobody_knows(
    run: Runner, history: None
) -> None:
    change_part(run, "begin", "2027-02", uscc=OTHER_USCC)
    assert some(of(run, 14)[-1], *CHANGED[1:4]) == ("单位恢复缴费", NOT_INSURED, PAYING)
    loaded = an_employer(run, LOADED, insured=False)

    def load(uow: Uow) -> None:
        """Insured, and nothing noted of it."""
        boss = registry.employer(uow, LOADED)
        registry.insuring.insure(uow, boss, ["110"], Month(2026, 12), "310115")

    run.system(load)
    change_part(run, "begin", "2026-11", uscc=LOADED)
    assert some(of(run, 14)[-1], "AAB001", "AAE123", "AAE124") == (str(loaded), None, PAYING)


@pytest.fixture
def town(run: Runner, clock: FixedClock) -> None:
    """Three were hired in July by an employer; another one hires too; a fourth person insures themselves."""
    a_town(run, clock)
    an_employer(run, OTHER_USCC)
    flexible(run, ZHANG)
    at(clock, 2026, 9, 9)


def hire(run: Runner, number: str, uscc: str, started: date) -> None:
    run.system(registry.hire, Hire(uscc=uscc, ident=number, name="张秀䶮", started=started))


def leave(run: Runner, number: str, ended: date, reason: str = "6301") -> None:
    run.system(registry.leave, Leave(uscc=USCC, ident=number, ended=ended, reason=reason))


def test_who_leaves_and_moves_to_another_employer_says_so(run: Runner, town: None) -> None:
    leave(run, ZHAO, date(2026, 8, 20))
    hire(run, ZHAO, OTHER_USCC, date(2026, 8, 24))
    assert [some(row, *STATES) for row in of(run, 15, ZHAO)] == [
        ("11", "新参保", NOT_INSURED, PAYING, None, None, date(2026, 7, 1)),
        ("22", "中断缴费", PAYING, PAUSED, "6301", "在职人员解除/终止劳动合同", date(2026, 8, 31)),
        ("14", "统筹范围内转入", PAUSED, PAYING, None, None, date(2026, 9, 1)),
    ]
    assert {row["AAC049"] for row in of(run, 15, ZHAO)} == {Month(2026, 7)}
    assert len({row["AAZ308"] for row in of(run, 15)}) == len(of(run, 15)) == 6
    assert of(run, 15, year=2025) == []


@pytest.mark.parametrize(
    ("reason", "kind", "why"),
    [
        ("6303", "中断缴费", "参军"),
        ("6404", "终止缴费", "转出统筹范围外"),
        ("6501", "终止缴费", "在职转退休"),
    ],
)
def test_the_reason_says_whether_they_left_for_good(
    run: Runner, town: None, reason: str, kind: str, why: str
) -> None:
    leave(run, WANG, date(2026, 9, 1), reason)
    assert some(of(run, 15, WANG)[-1], "AAC050N", "AAE160", "AAE160N") == (kind, reason, why)


def test_where_nobody_gave_a_reason_there_is_none(run: Runner, clock: FixedClock, town: None) -> None:
    """Who insures themselves, and who is out of the insurance because their employer is, though they leave later."""
    assert [some(row, *STATES[:4]) for row in of(run, 15, ZHANG)] == [
        ("", "参保登记", NOT_INSURED, PAYING)
    ]  # fmt: skip
    change_part(run, "cease", "2026-09")
    at(clock, 2026, 10, 9)
    change_part(run, "begin", "2026-10")
    leave(run, SUN, date(2026, 10, 8), "6304")
    assert [some(row, "AAC050N", "AAE123", "AAE160N", "AAE035") for row in of(run, 15, SUN)] == [
        ("新参保", NOT_INSURED, None, date(2026, 7, 1)),
        ("中断缴费", PAYING, None, date(2026, 8, 31)),
        ("参保登记", PAUSED, None, date(2026, 10, 1)),
        ("中断缴费", PAYING, "上学", date(2026, 10, 31)),
    ]


def test_what_is_written_of_changes_is_read_back(run: Runner, town: None) -> None:
    leave(run, ZHAO, date(2026, 8, 20))
    memory = Memory()

    def write(uow: Uow) -> Values:
        scope = scope_of(uow, None)
        export(uow, scope, memory, {14, 15})
        return scope.head

    head = run.system(write)
    read = list(records(io.BytesIO(memory.contents["变更转移.xml"]), "变更转移.xml"))
    for number in (14, 15):
        known = [{**head, **row} for row in rows(run, number)]
        elements = tables()[number].elements
        assert [one.typed() for one in read if one.table.number == number] == [
            {one.code: row.get(one.code) or None for one in elements} for row in known
        ]
        assert len(known) > 1
