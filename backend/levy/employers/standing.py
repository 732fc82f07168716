"""What the items have in common: the employer they are about, and how its registration stands."""

from __future__ import annotations

from collections.abc import Sequence

from backend.kernel import cases, codes, items
from backend.kernel.actor import Kind, Permission, reach
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import question
from backend.kernel.params import Evidence, Lookup, value
from backend.kernel.settings import settings
from backend.levy.employers.schema import (
    INSURANCES,
    AskRegistration,
    Change,
    FiledCase,
    Part,
    Registration,
)
from backend.registry import service as registry

INSURE, CHANGE, PART, CANCEL = "LEV-01", "LEV-24", "LEV-26", "LEV-25"
FILED = (INSURE, CHANGE, PART, CANCEL)
SHOWN = 20  # changes on a page


class FiledAlready(Refusal):
    """这个单位的办件 {no} 还在等复核，办完以后再提交新的。"""


class SinceAhead(Refusal):
    """参保起始月 {since} 还没有到，最晚填本月（{month}）。"""

    status = 422


class PayAreaElsewhere(Refusal):
    """缴费地 {area} 不在本统筹区（{own}）里，请到当地经办机构办理登记。"""

    status = 422


class IndustryUnclear(Refusal):
    """行业“{industry}”里有不同的工伤保险类别，看不出是哪一类；请把行业选到大类，或者填写工伤保险行业类别。"""

    status = 422


def of_employer(uow: Uow, uscc: str, code: str) -> registry.Employer:
    """The employer, within the officer's reach, with nothing of the kind still waiting."""
    boss = registry.active_employer(uow, uscc)
    registry.require_reach(uow, boss.area)
    waiting = [one for one in cases.of_subject(uow, uscc, {code}) if one.state == "waiting"]
    if waiting and uow.actor.kind is not Kind.SYSTEM and not uow.approvers:
        raise FiledAlready(no=waiting[0].no)
    return boss


def registered(uow: Uow, uscc: str, code: str) -> registry.Employer:
    """One that has been registered for social insurance."""
    boss = of_employer(uow, uscc, code)
    if boss.insured_on is None:
        raise registry.NotInsured(name=boss.name)
    return boss


def require_pooled(area: str) -> None:
    own = settings().area
    if not area.startswith(reach(own)):
        raise PayAreaElsewhere(area=codes.full_name(area), own=codes.full_name(own))


def class_of(uow: Uow, industry: str, given: int | None) -> int:
    """As given, else by the table of industries; a section is clear where all its divisions agree."""
    if given is not None:
        return given
    known = value("injury.contribution.industry_class", uow.today, settings().area)
    divisions = [one.code for one in codes.choices("industry", parent=industry)] or [industry]
    classes = {known.get(division) for division in divisions}
    if len(classes) > 1 or None in classes:
        raise IndustryUnclear(industry=codes.name("industry", industry))
    return int(classes.pop())


@question("LEV-Q14", "单位社会保险登记情况", may=Permission.REGISTRY_READ, by=(Kind.EMPLOYER,))
def registration(uow: Uow, ask: AskRegistration) -> Registration:
    return view(uow, registry.employer(uow, ask.uscc))


def view(uow: Uow, boss: registry.Employer) -> Registration:
    look = Lookup(uow.today, settings().area)
    table = look.found("injury.contribution.industry_class")
    return Registration(
        name=boss.name,
        insured_on=boss.insured_on,
        cancelled_on=boss.cancelled_on,
        pay_area_name=codes.full_name(boss.pay_area) if boss.pay_area else None,
        industry_name=codes.name("industry", boss.industry),
        injury_class=boss.injury_class,
        class_verified=table.evidence is not Evidence.UNVERIFIED,
        parts=tuple(
            Part(
                insurance=one.insurance,
                insurance_name=str(INSURANCES[one.insurance]),
                since=str(one.since),
                until=str(one.until) if one.until else None,
            )
            for one in registry.insuring.participations(uow, boss.id)
        ),
        changes=tuple(
            Change(
                kind_name=codes.name("employer_change", one.kind),
                what=one.what,
                before=one.before,
                after=one.after,
                month=str(one.month) if one.month else None,
                changed_on=one.changed_on,
            )
            for one in registry.insuring.changes(uow, boss.id, SHOWN)
        ),
        cases=_filed(uow, cases.of_subject(uow, boss.uscc, FILED)),
        register_days=look.value("levy.clocks.register_days"),
        change_days=look.value("levy.clocks.change_days"),
        office_days=look.value("levy.clocks.office_days"),
    )


def _filed(uow: Uow, found: Sequence[cases.Case]) -> tuple[FiledCase, ...]:
    return tuple(
        FiledCase(
            no=case.no,
            item=case.item,
            title=items.find(case.item).title,
            state=case.state,
            state_name=cases.STATES[case.state],
            opened_at=case.opened_at,
            note="；".join(look.note for look in cases.looks(uow, case.no) if look.note),
        )
        for case in found
    )
