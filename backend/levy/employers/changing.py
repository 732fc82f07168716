"""Changes 单位变更登记、险种变更 (LEV-24, LEV-26): what was billed stays, so what counts from a month counts from
one that is not billed yet."""

from __future__ import annotations

from sqlalchemy import func, select

from backend.kernel import codes
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.period import Month
from backend.levy.employers.schema import (
    INSURANCES,
    ChangeEmployer,
    ChangeInsurance,
    InsuranceChanged,
    Registration,
)
from backend.levy.employers.standing import (
    CHANGE,
    PART,
    SinceAhead,
    class_of,
    registered,
    require_pooled,
    view,
)
from backend.levy.model import Bill
from backend.levy.terms import INJURY
from backend.registry import service as registry

PLAIN = {"name": "单位名称", "address": "地址", "contact": "联系人", "phone": "电话"}
INJURY_CLASS = "工伤保险行业类别"
CODED = {"pay_area": ("缴费地", "area"), "industry": ("行业", "industry")}


class NothingChanged(Refusal):
    """填写的和登记的一样，没有要变更的；请只填有变化的几项。"""

    status = 422


class ClassMonthMissing(Refusal):
    """工伤保险行业类别从 {before} 类变成 {after} 类，请填写从哪个月起。"""

    status = 422


class BilledThen(Refusal):
    """{month} 的{insurance}已经核定，这项变更最早从 {first} 起；以前月份的差额请办理补差。"""


class PartAlready(Refusal):
    """{name} 从 {since} 起已经参加{insurance}，不需要再办。"""


class NoPart(Refusal):
    """{name} 现在没有参加{insurance}，不能停止参加；请核对险种。"""


class PartUntil(Refusal):
    """{name} 以前参加{insurance}到 {until} 为止，再参加要从以后的月份起。"""


def _may_change(uow: Uow, cmd: ChangeEmployer) -> registry.Employer:
    boss = registered(uow, cmd.uscc, CHANGE)
    if not _told(boss, cmd) and _new_class(uow, boss, cmd) == boss.injury_class:
        raise NothingChanged
    if cmd.pay_area:
        require_pooled(cmd.pay_area)
    after = _new_class(uow, boss, cmd)
    if after != boss.injury_class:
        if cmd.class_since is None:
            raise ClassMonthMissing(before=boss.injury_class, after=after)
        _require_unbilled(uow, boss, INJURY, Month.parse(cmd.class_since))
    return boss


def _told(boss: registry.Employer, cmd: ChangeEmployer) -> dict[str, str]:
    """What is said anew, by the name of its column."""
    said = cmd.model_dump(include={*PLAIN, "pay_area", "industry"}, exclude_none=True)
    return {name: text for name, text in said.items() if text != getattr(boss, name)}


def _new_class(uow: Uow, boss: registry.Employer, cmd: ChangeEmployer) -> int:
    if cmd.injury_class is None and cmd.industry in (None, boss.industry):
        return boss.injury_class
    return class_of(uow, cmd.industry or boss.industry, cmd.injury_class)


def _require_unbilled(uow: Uow, boss: registry.Employer, insurance: str, since: Month) -> None:
    """What was billed stays as it was: a difference is another item's to assess."""
    last = uow.session.scalar(
        select(func.max(Bill.month)).where(
            Bill.employer_id == boss.id, Bill.insurance == insurance, Bill.kind == "dues"
        )
    )
    if last is not None and since <= last:
        raise BilledThen(month=last, insurance=str(INSURANCES[insurance]), first=last + 1)


@item(
    CHANGE,
    "单位社会保险变更登记",
    may=Permission.REGISTRY_WRITE,
    by=(Kind.EMPLOYER,),
    review=1,
    ready=_may_change,
    guide=Guide(
        what="单位名称、地址、联系人、缴费地、行业和工伤保险行业类别有变化的，三十日内办理变更登记。",
        who="已经办过社会保险登记的用人单位",
        bring=("变更以后的营业执照或者登记证书",),
        days="十个工作日",
        law="社会保险费征缴暂行条例 第九条、社会保险经办条例 第十条",
    ),
)
def change_employer(uow: Uow, cmd: ChangeEmployer) -> Registration:
    boss = _may_change(uow, cmd)
    for name, text in _told(boss, cmd).items():
        what, before = PLAIN.get(name) or CODED[name][0], getattr(boss, name)
        registry.insuring.changed(uow, boss, "42", what, _named(name, before), _named(name, text))
        if name != "industry":
            setattr(boss, name, text)
    after = _new_class(uow, boss, cmd)
    boss.industry = cmd.industry or boss.industry
    if after != boss.injury_class:
        since = Month.parse(str(cmd.class_since))
        registry.insuring.changed(
            uow, boss, "42", INJURY_CLASS, str(boss.injury_class), str(after), month=since
        )
        registry.insuring.reclassify(uow, boss, after, since)
    uow.session.flush()
    return view(uow, boss)


def _named(column: str, text: str) -> str:
    return codes.name(CODED[column][1], text) if column in CODED else text


def _may_change_part(uow: Uow, cmd: ChangeInsurance) -> registry.Employer:
    boss = registered(uow, cmd.uscc, PART)
    since, name = Month.parse(cmd.since), str(INSURANCES[cmd.insurance])
    last = _last_part(uow, boss, cmd.insurance)
    going = last is not None and last.until is None
    if cmd.change == "cease":
        if last is None or not going or since <= last.since:
            raise NoPart(name=boss.name, insurance=name)
        _require_unbilled(uow, boss, cmd.insurance, since)
        return boss
    if since > Month.of(uow.today):
        raise SinceAhead(since=since, month=Month.of(uow.today))
    if last is not None and going and last.since <= since:
        raise PartAlready(name=boss.name, since=last.since, insurance=name)
    if last is not None and last.until is not None and last.until >= since:
        raise PartUntil(name=boss.name, insurance=name, until=last.until)
    return boss


def _last_part(uow: Uow, boss: registry.Employer, insurance: str) -> registry.Participation | None:
    mine = [one for one in registry.insuring.participations(uow, boss.id) if one.insurance == insurance]
    return mine[-1] if mine else None


@item(
    PART,
    "单位险种变更",
    may=Permission.REGISTRY_WRITE,
    by=(Kind.EMPLOYER,),
    review=1,
    ready=_may_change_part,
    guide=Guide(
        what="单位增加一个险种，或者按国家规定停止参加一个险种；参保起始月登记晚了，也在这里提前。",
        who="已经办过社会保险登记的用人单位",
        bring=("依据的文件",),
        days="十个工作日",
        law="社会保险经办条例 第九条、第十条",
    ),
)
def change_insurance(uow: Uow, cmd: ChangeInsurance) -> InsuranceChanged:
    boss = _may_change_part(uow, cmd)
    since, name = Month.parse(cmd.since), str(INSURANCES[cmd.insurance])
    if cmd.change == "begin":
        people = registry.insuring.begin(uow, boss, cmd.insurance, since)
    else:
        people = registry.insuring.cease(uow, boss, cmd.insurance, since)
    kind, before, after = ("03", None, name) if cmd.change == "begin" else ("02", name, None)
    registry.insuring.changed(uow, boss, kind, "险种", before, after, month=since, reason=cmd.ground)
    uow.session.flush()
    return InsuranceChanged(name=boss.name, insurance_name=name, since=str(since), people=people)
