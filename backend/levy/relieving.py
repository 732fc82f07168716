"""Relief by policy 阶段性减免: for which months an employer's share is reduced, and by how much; never a person's.

Which group an employer belongs to is decided by officers; how much is taken off, and until when, is law
(`levy.relief` in the parameters).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy.dialects.postgresql import insert

from backend.kernel import params
from backend.kernel.actor import Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.kernel.period import Month
from backend.kernel.pooling import require_reach
from backend.kernel.rules import millionths
from backend.kernel.settings import settings
from backend.levy.decided import POLICIES, GrantRelief, ReliefGranted
from backend.levy.floating import billed_from
from backend.levy.model import Relief
from backend.registry import service as registry

NONE = "none"  # granted, and taken back
MOST_MONTHS = 60


class ReliefSpanWrong(Refusal):
    """减免的起止月份不对：止月不能早于起月，一次最多 {most} 个月。请更正后再办。"""

    status = 422


class NoReliefThen(Refusal):
    """{month} 没有对“{policy}”的减免政策，没有核定；请核对月份和减免类别。"""

    status = 422


@item(
    "LEV-18",
    "阶段性减免核定",
    may=Permission.LEVY_RUN,
    review=1,
    guide=Guide(
        what="按政策减免用人单位这几个月的单位应缴部分；个人应缴部分不减免，其余的缴清了，这个月照样算缴费。"
        "核定错了，同样的月份选“不减免”撤销。",
        who="经办机构",
        bring=("企业划型结果",),
        law="人社部发〔2020〕11号、49号",
    ),
)
def grant_relief(uow: Uow, cmd: GrantRelief) -> ReliefGranted:
    """Said again for the same months it replaces what was said; months billed before are settled by LEV-16."""
    require_reach(uow)
    boss = registry.employer(uow, cmd.uscc)
    first, last = Month.parse(cmd.since), Month.parse(cmd.until)
    if not 0 <= last - first < MOST_MONTHS:
        raise ReliefSpanWrong(most=MOST_MONTHS)
    months = list(first.until(last))
    for month in months:
        if cmd.policy != NONE and not dict(_shares_of(cmd.policy, month)):
            raise NoReliefThen(month=month, policy=str(POLICIES[cmd.policy]))
    _write(uow, boss.id, months, cmd)
    return ReliefGranted(employer=boss.name, months=len(months), billed=billed_from(uow, first, last))


def _write(uow: Uow, employer_id: int, months: list[Month], cmd: GrantRelief) -> None:
    said = {"policy": cmd.policy, "basis": cmd.basis, "decided_at": uow.now}
    uow.session.execute(
        insert(Relief)
        .values([{"employer_id": employer_id, "month": month} | said for month in months])
        .on_conflict_do_update(index_elements=["employer_id", "month"], set_=said)
    )


def shares(month: Month) -> Mapping[tuple[str, str], int]:
    """What each policy takes off an employer's share in a month, by policy and insurance; millionths."""
    return {
        (policy, insurance): share
        for policy in POLICIES
        if policy != NONE
        for insurance, share in _shares_of(policy, month)
    }


def _shares_of(policy: str, month: Month) -> Iterator[tuple[str, int]]:
    known = params.Lookup(month.first, settings().area).optional(f"levy.relief.{policy}")
    if known:
        yield from ((insurance, millionths(share)) for insurance, share in known.value.items())
