"""Special work 特殊工种认定 (PEN-12), and who retires by the state's own rules 国家另有规定 (PEN-13)."""

from __future__ import annotations

from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.params import Lookup
from backend.kernel.period import Month
from backend.pension.careers import special
from backend.pension.careers.choosing import other_rule
from backend.pension.careers.deeming import require_free, told
from backend.pension.careers.model import OtherRule, SpecialWork
from backend.pension.careers.schema import Recognised, RecogniseOther, RecogniseSpecial
from backend.pension.careers.spans import SpanOrder, whose, worked_span
from backend.registry import service as registry

PLATEAU = (
    "高海拔地区工作满几年、几岁可以提前退休，没有收录规定，只登记，不据以提前退休；"
    "要按当地规定办的，请办“另有规定的退休时间认定”（PEN-13）。"
)


class InPensionAlready(Refusal):
    """{name}已经在 {retired} 退休，不用再认定退休时间。"""


class OtherAlready(Refusal):
    """{name}已经认定过另有规定的退休时间（认定编号 {no}）；要更正的，请先撤销（PEN-11）。"""


class BeforeBirth(Refusal):
    """{name}出生在 {birth}，最早可以退休的月份 {earliest} 不对，请核对。"""

    status = 422


@item(
    "PEN-12",
    "特殊工种认定",
    may=Permission.PENSION_DECIDE,
    review=2,
    ready=lambda uow, cmd: _free(uow, cmd),
    guide=Guide(
        what="从事井下、高空、高温、特别繁重体力劳动、有毒有害工作的月份，认定以后满规定年数的可以申请提前退休。",
        who="从事过国家规定的特殊工种的人",
        bring=("居民身份证", "职工档案原件", "岗位和工资的原始记录"),
        days="三十个工作日",
        law="国发〔1978〕104号；国务院关于渐进式延迟法定退休年龄的办法 第八条",
    ),
)
def recognise_special(uow: Uow, cmd: RecogniseSpecial) -> Recognised:
    person, first, last = _free(uow, cmd)
    row = SpecialWork(
        person_id=person.id,
        first=first,
        last=last,
        kind=cmd.kind,
        post=cmd.post,
        employer=cmd.employer,
        evidence=cmd.evidence,
        archive=cmd.archive,
        decided_on=uow.today,
        withdrawn_on=None,
        withdrawn_because=None,
    )
    uow.session.add(row)
    uow.session.flush()
    look = Lookup(uow.today)
    special.earliest(uow, person, look)
    return told(uow, person, row, (*([PLATEAU] if cmd.kind == "plateau" else []), *look.warnings()))


def _free(uow: Uow, cmd: RecogniseSpecial) -> tuple[registry.Person, Month, Month]:
    person, _ = whose(uow, cmd.ident)
    first, last = worked_span(uow, person, cmd.first, cmd.last)
    require_free(uow, person, SpecialWork, first, last)
    return person, first, last


@item(
    "PEN-13",
    "另有规定的退休时间认定",
    may=Permission.PENSION_DECIDE,
    review=2,
    ready=lambda uow, cmd: _unruled(uow, cmd),
    guide=Guide(
        what="国家对一部分人的退休时间另有规定的，从其规定；依据的规定和材料写清楚，在这几个月里退休不用再办弹性退休。",
        who="国家对退休时间另有规定的人",
        bring=("居民身份证", "依据的规定和证明材料"),
        days="十五个工作日",
        law="国务院关于渐进式延迟法定退休年龄的办法 第三条、第八条",
    ),
)
def recognise_other(uow: Uow, cmd: RecogniseOther) -> Recognised:
    person, earliest, latest = _unruled(uow, cmd)
    row = OtherRule(
        person_id=person.id,
        earliest=earliest,
        latest=latest,
        rule=cmd.rule,
        evidence=cmd.evidence,
        decided_on=uow.today,
        withdrawn_on=None,
        withdrawn_because=None,
    )
    uow.session.add(row)
    uow.session.flush()
    return told(uow, person, row)


def _unruled(uow: Uow, cmd: RecogniseOther) -> tuple[registry.Person, Month, Month]:
    person, _ = whose(uow, cmd.ident)
    earliest, latest = Month.parse(cmd.earliest), Month.parse(cmd.latest)
    if person.retired is not None:
        raise InPensionAlready(name=person.name, retired=person.retired)
    if latest < earliest:
        raise SpanOrder(first=earliest, last=latest)
    if earliest <= Month.of(person.birth):
        raise BeforeBirth(name=person.name, birth=person.birth, earliest=earliest)
    if known := other_rule(uow, person.id):
        raise OtherAlready(name=person.name, no=known.id)
    return person, earliest, latest
