"""Registration 单位社会保险登记 (LEV-01)."""

from __future__ import annotations

from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.period import Month
from backend.levy.employers.schema import INSURANCES, InsureEmployer, Registration
from backend.levy.employers.standing import INSURE, SinceAhead, class_of, of_employer, require_pooled, view
from backend.levy.terms import INJURY, MEDICAL, PENSION, UNEMPLOYMENT
from backend.registry import service as registry

NAMED = {"pension": PENSION, "medical": MEDICAL, "unemployment": UNEMPLOYMENT, "injury": INJURY}


class InsuredAlready(Refusal):
    """{name} 已经在 {insured_on} 办过社会保险登记，不需要再办；登记事项有变化请办理变更。"""


class NoInsurance(Refusal):
    """一项保险也没有选，不能登记；请选单位要参加的险种。"""

    status = 422


class GroundMissing(Refusal):
    """没有选全部险种的，要写明可以不参加的依据：文件名称和条文。"""

    status = 422


def _may_insure(uow: Uow, cmd: InsureEmployer) -> registry.Employer:
    boss = of_employer(uow, cmd.uscc, INSURE)
    if boss.insured_on is not None:
        raise InsuredAlready(name=boss.name, insured_on=boss.insured_on)
    chosen = _chosen(cmd)
    if not chosen:
        raise NoInsurance
    if len(chosen) < len(NAMED) and not cmd.ground:
        raise GroundMissing
    since, now = Month.parse(cmd.since), Month.of(uow.today)
    if since > now:
        raise SinceAhead(since=since, month=now)
    require_pooled(cmd.pay_area or boss.area)
    class_of(uow, cmd.industry or boss.industry, cmd.injury_class)
    return boss


def _chosen(cmd: InsureEmployer) -> list[str]:
    return [code for name, code in NAMED.items() if getattr(cmd, name)]


@item(
    INSURE,
    "单位社会保险登记",
    may=Permission.REGISTRY_WRITE,
    by=(Kind.EMPLOYER,),
    review=1,
    ready=_may_insure,
    guide=Guide(
        what="登记单位参加的险种、参保起始月、缴费地和工伤保险行业类别；登记以后才能为职工参保。"
        "企业在登记注册时同步办理，其他单位自成立之日起三十日内申请。",
        who="企业、事业单位、社会组织、有雇工的个体工商户",
        bring=("营业执照或者登记证书",),
        days="十个工作日",
        law="社会保险经办条例 第六条、社会保险费征缴暂行条例 第八条",
    ),
)
def insure_employer(uow: Uow, cmd: InsureEmployer) -> Registration:
    boss = _may_insure(uow, cmd)
    chosen, since = _chosen(cmd), Month.parse(cmd.since)
    boss.industry = cmd.industry or boss.industry
    boss.injury_class = class_of(uow, boss.industry, cmd.injury_class)
    pay_area = cmd.pay_area or boss.area
    registry.insuring.insure(uow, boss, chosen, since, pay_area)
    for insurance in chosen:
        registry.insuring.changed(
            uow, boss, "01", "险种", None, str(INSURANCES[insurance]), month=since, reason=cmd.ground
        )
    uow.session.flush()
    return view(uow, boss)
