"""An employer's life with the insurance: registered, hiring, changing, in debt, and gone; nothing is cancelled that owes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from backend.kernel import cases, items
from backend.kernel.actor import Actor, Kind
from backend.kernel.clock import FixedClock
from backend.kernel.db import Runner, Uow
from backend.kernel.period import Month
from backend.levy import service as levy
from backend.levy.employers import cancelling, changing, insuring, standing
from backend.levy.model import DueLine
from backend.levy.schema import RefundReceipt
from backend.registry import finding, jobs
from backend.registry import insuring as parts
from backend.registry import service as registry
from backend.registry.model import Enrolment
from backend.registry.schema import Hire, Leave
from tests.backend.employment.city import ADVERT, do
from tests.backend.levy.town import SUN, WANG, ZHAO, at, bill, declare, declare_all, owed, receive, sound
from tests.backend.people import USCC, a_person, an_employer, officer

ALL = ("110", "210", "310", "410")
FACTORY = {"industry": "34"}  # 通用设备制造业: 四类
REASON = {"reason": "closed"}
GROUND = {"ground": "示例文件第一条"}


@pytest.fixture
def boss(run: Runner, clock: FixedClock) -> Actor:
    """Registered by its licence, not for insurance yet; three persons look for work. It is the fifth of August."""
    at(clock, 2026, 8, 5)
    for number in (WANG, ZHAO, SUN):
        a_person(run, number)
    id = an_employer(run, insured=False)
    return Actor(Kind.EMPLOYER, "employer:7", "王经理", area="310115", subject=USCC, subject_id=id)


def ask(run: Runner, code: str, **said: Any) -> Any:
    """At once, as the system does it."""
    return do(run, run.system.actor, code, uscc=USCC, **said)


def online(run: Runner, boss: Actor, code: str, **said: Any) -> Any:
    return do(run, boss, code, uscc=USCC, **said)


def approve(run: Runner, filed: Any, by: str = "officer:2") -> cases.Case:
    assert isinstance(filed, items.Filed)
    return run.by(officer(by, "复核"))(items.decide, filed.case_no, "approved", "")


def insured(run: Runner, **said: Any) -> Any:
    return ask(run, "LEV-01", **({"since": "2026-08"} | FACTORY | said))


def hire(run: Runner, number: str, started: date = date(2026, 8, 3), **said: Any) -> Any:
    return run.system(registry.hire, Hire(uscc=USCC, ident=number, name="张秀䶮", started=started, **said))


def leave(run: Runner, number: str, ended: date) -> Any:
    return run.system(registry.leave, Leave(uscc=USCC, ident=number, ended=ended, reason="6301"))


def enrolled(run: Runner, number: str) -> list[tuple[str, str, str | None]]:
    def look(uow: Uow) -> list[tuple[str, str, str | None]]:
        rows = uow.session.query(Enrolment).filter_by(person_id=registry.person(uow, number).id)
        ordered = rows.order_by(Enrolment.insurance, Enrolment.started)
        return [(one.insurance, str(one.started), one.ended and str(one.ended)) for one in ordered]

    return run.system(look)


def billed(run: Runner, month: str, insurance: str) -> list[int]:
    """What the employer pays for each person of a month, in fen."""

    def look(uow: Uow) -> list[int]:
        rows = uow.session.query(DueLine).filter_by(month=Month.parse(month), insurance=insurance)
        return [one.employer_share.fen for one in rows.order_by(DueLine.person_id)]

    return run.system(look)


def test_an_employer_registers_online_hires_pays_and_goes(
    run: Runner, clock: FixedClock, boss: Actor
) -> None:
    with pytest.raises(finding.NotInsured):
        hire(run, WANG)
    filed = online(run, boss, "LEV-01", since="2026-08", **FACTORY)
    with pytest.raises(finding.NotInsured):
        hire(run, WANG)  # a second person has not looked at it yet
    with pytest.raises(standing.FiledAlready, match=str(filed.case_no)):
        online(run, boss, "LEV-01", since="2026-08", **FACTORY)
    [waiting] = online(run, boss, "LEV-Q14").cases
    assert (waiting.no, waiting.state, waiting.title) == (filed.case_no, "waiting", "单位社会保险登记")
    approve(run, filed)
    seen = online(run, boss, "LEV-Q14")
    assert (seen.insured_on, seen.injury_class) == (date(2026, 8, 5), 4)
    assert (seen.pay_area_name, seen.class_verified) == ("上海市浦东新区", False)
    assert {(one.insurance, one.since, one.until) for one in seen.parts} == {
        (i, "2026-08", None) for i in ALL
    }

    for number in (WANG, ZHAO, SUN):
        assert hire(run, number).reason == "新参保"
    declare_all(run)
    vacancy = do(run, boss, "EMP-01", uscc=USCC, **ADVERT).vacancy
    assert leave(run, WANG, clock.today()).reason == "解除或终止劳动合同"
    with pytest.raises(cancelling.StillEmploying, match="2 名职工"):
        online(run, boss, "LEV-25", **REASON)
    leave(run, ZHAO, clock.today())
    leave(run, SUN, clock.today())
    with pytest.raises(cancelling.StillUnbilled, match="2026-08"):
        online(run, boss, "LEV-25", **REASON)
    bill(run)
    at(clock, 2026, 9, 4)  # ten days late
    due = owed(run)
    with pytest.raises(cancelling.StillOwing, match=r"4 张应收单.*2026-08-25") as told:
        online(run, boss, "LEV-25", **REASON)
    assert due.fee_fen > 0
    assert (told.value.facts["yuan"].fen, told.value.facts["fee"].fen) == (due.settle_fen, due.fee_fen)
    receive(run, "0001", due.settle_fen + 100)
    with pytest.raises(cancelling.StillWaiting, match=r"1\.00 元待转金"):
        online(run, boss, "LEV-25", **REASON)
    run.system(levy.refund, RefundReceipt(channel="bank", reference="0001", reason="多缴"))

    approve(run, online(run, boss, "LEV-25", **REASON))
    seen = ask(run, "LEV-Q14")
    assert seen.cancelled_on == date(2026, 9, 4)
    assert {one.until for one in seen.parts} == {"2026-09"}
    assert seen.changes[0].kind_name == "单位注销"
    refused: tuple[Callable[[], Any], ...] = (
        lambda: hire(run, WANG, date(2026, 9, 1)),
        lambda: declare(run, WANG, 1_000_000, "2026-10"),
        lambda: do(run, boss, "EMP-01", uscc=USCC, **ADVERT),
        lambda: ask(run, "LEV-25", **REASON),
        lambda: insured(run, since="2026-09"),
    )
    for attempt in refused:
        with pytest.raises(finding.EmployerCancelled, match="2026-09-04"):
            attempt()
    assert ask(run, "EMP-Q9", vacancy=vacancy).view.status == "withdrawn"
    sound(run)


def test_an_officer_files_it_too_and_another_looks_at_it(run: Runner, boss: Actor) -> None:
    filed = do(run, officer(), "LEV-01", uscc=USCC, since="2026-08", **FACTORY)
    approve(run, filed)
    assert ask(run, "LEV-Q14").insured_on
    with pytest.raises(insuring.InsuredAlready, match="2026-08-05"):
        insured(run)


def test_who_is_hired_meanwhile_stops_the_cancellation_at_the_review(run: Runner, boss: Actor) -> None:
    insured(run)
    filed = online(run, boss, "LEV-25", **REASON)
    hire(run, WANG)
    with pytest.raises(cancelling.StillEmploying, match="1 名职工"):
        approve(run, filed)
    assert ask(run, "LEV-Q14").cancelled_on is None


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"since": "2026-09"}, standing.SinceAhead),
        (dict.fromkeys(("pension", "medical", "unemployment", "injury"), False), insuring.NoInsurance),
        ({"pension": False}, insuring.GroundMissing),
        ({"pay_area": "440305"}, standing.PayAreaElsewhere),
        ({"industry": "C"}, standing.IndustryUnclear),
        ({"industry": "59"}, standing.IndustryUnclear),
    ],
)
def test_what_cannot_be_registered_is_refused_before_it_waits(
    run: Runner, boss: Actor, said: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        online(run, boss, "LEV-01", **({"since": "2026-08"} | FACTORY | said))
    assert online(run, boss, "LEV-Q14").cases == ()


def test_who_is_hired_is_in_the_employers_insurances_and_in_no_other(run: Runner, boss: Actor) -> None:
    insured(run, pension=False, medical=False, unemployment=False, **GROUND)
    assert hire(run, WANG).insurances == ("工伤保险",)
    assert enrolled(run, WANG) == [("410", "2026-08", None)]
    with pytest.raises(jobs.NotInsuredYet, match="2026-08"):
        hire(run, ZHAO, date(2026, 7, 20))


def test_an_insurance_is_joined_for_all_and_left_from_a_month_that_is_not_billed(
    run: Runner, clock: FixedClock, boss: Actor
) -> None:
    insured(run, unemployment=False, since="2026-07", **GROUND)
    hire(run, WANG, date(2026, 7, 1))
    hire(run, ZHAO)
    begin = {"insurance": "210", "change": "begin", **GROUND}
    assert ask(run, "LEV-26", since="2026-07", **begin).people == 2
    assert ("210", "2026-07", None) in enrolled(run, WANG)
    assert ("210", "2026-08", None) in enrolled(run, ZHAO), "not before they came"
    with pytest.raises(changing.PartAlready, match="2026-07"):
        ask(run, "LEV-26", since="2026-08", **begin)

    declare(run, WANG, 1_000_000, "2026-07")
    declare(run, ZHAO, 1_000_000)
    bill(run)
    assert billed(run, "2026-08", "210") == [5_000, 5_000]
    cease = begin | {"change": "cease"}
    with pytest.raises(changing.BilledThen, match="最早从 2026-09 起"):
        ask(run, "LEV-26", since="2026-08", **cease)
    assert ask(run, "LEV-26", since="2026-09", **cease).people == 2
    at(clock, 2026, 9, 3)
    hire(run, SUN, date(2026, 9, 2))
    assert [one for one, *_ in enrolled(run, SUN)] == ["110", "310", "410"]
    assert ("210", "2026-08", "2026-08") in enrolled(run, ZHAO)
    with pytest.raises(changing.NoPart):
        ask(run, "LEV-26", since="2026-10", **cease)
    with pytest.raises(changing.PartUntil, match="2026-08"):
        ask(run, "LEV-26", since="2026-08", **begin)
    at(clock, 2026, 10, 3)
    assert ask(run, "LEV-26", since="2026-10", **begin).people == 3


def test_who_is_insured_elsewhere_is_not_taken_over_by_a_new_insurance(run: Runner, boss: Actor) -> None:
    insured(run, unemployment=False, since="2026-07", **GROUND)
    hire(run, WANG, date(2026, 7, 1))
    run.system(_insured_elsewhere)
    assert ask(run, "LEV-26", insurance="210", change="begin", since="2026-07", **GROUND).people == 0
    assert [one for one in enrolled(run, WANG) if one[0] == "210"] == [("210", "2026-06", None)]


def _insured_elsewhere(uow: Uow) -> None:
    who, june = registry.person(uow, WANG).id, Month(2026, 6)
    uow.session.add(
        Enrolment(
            person_id=who, insurance="210", category="employee", employer_id=None, started=june, ended=None
        )
    )


def test_another_injury_class_counts_from_its_month_and_never_for_those_before(
    run: Runner, clock: FixedClock, boss: Actor
) -> None:
    insured(run)
    hire(run, WANG)
    declare(run, WANG, 1_000_000)
    with pytest.raises(changing.ClassMonthMissing, match="从 4 类变成 5 类"):
        ask(run, "LEV-24", industry="54")
    seen = ask(run, "LEV-24", industry="54", class_since="2026-09", name="示例运输有限公司")
    assert (seen.name, seen.industry_name, seen.injury_class) == ("示例运输有限公司", "道路运输业", 5)
    assert {(one.what, one.before, one.after, one.month) for one in seen.changes} >= {
        ("单位名称", "示例精密机械有限公司", "示例运输有限公司", None),
        ("行业", "通用设备制造业", "道路运输业", None),
        ("工伤保险行业类别", "4", "5", "2026-09"),
    }
    with pytest.raises(parts.ClassChangedThen, match="2026-09"):
        ask(run, "LEV-24", injury_class=6, class_since="2026-08")
    bill(run)
    at(clock, 2026, 9, 5)
    bill(run, "2026-09")
    four, five = billed(run, "2026-08", "410"), billed(run, "2026-09", "410")
    assert (four, five) == ([9_000], [11_000])
    with pytest.raises(changing.BilledThen, match="2026-09 的工伤保险已经核定"):
        ask(run, "LEV-24", injury_class=6, class_since="2026-09")
    with pytest.raises(changing.NothingChanged):
        ask(run, "LEV-24", name="示例运输有限公司", injury_class=5)
