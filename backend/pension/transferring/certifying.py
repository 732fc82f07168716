"""The voucher 参保缴费凭证: what a person takes along to have the relation moved, checked by anybody by its code."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import select

from backend.kernel import codes
from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.kernel.items import Guide, item
from backend.levy import service as levy
from backend.pension import years
from backend.pension.model import Account, Contribution
from backend.pension.statement import STATUS
from backend.pension.transferring import cases, papers, temporary
from backend.pension.transferring.schema import Certify
from backend.pension.transferring.shown import Voucher
from backend.registry import service as registry

INSURANCE = "110"
FLEXIBLE = "灵活就业"


class NothingToCertify(Refusal):
    """{name}在本地没有缴清过的养老保险月份，开不了参保缴费凭证。"""


@item(
    "PEN-60",
    "开具参保缴费凭证",
    may=Permission.PENSION_READ,
    by=(Kind.CITIZEN,),
    guide=Guide(
        what="证明在本地参加养老保险的月份和个人账户，到新的参保地凭它申请转移，不用再回来办。带验证码，任何人都可以查验。",
        who="离开本地到外地就业参保的人，还没有领取养老金的",
        bring=("居民身份证",),
        law="国办发〔2009〕66号 第三条；社会保险经办条例 第三十二条",
    ),
)
def certify(uow: Uow, cmd: Certify) -> Voucher:
    person, account = cases.fit(uow, cmd.ident, statuses="15")
    rows = uow.session.scalars(
        select(Contribution).where(Contribution.person_id == person.id).order_by(Contribution.month)
    ).all()
    if not rows:
        raise NothingToCertify(name=person.name)
    bosses = registry.employers(uow, {row.employer_id for row in rows if row.employer_id})

    def payer(row: Contribution) -> str:
        if row.area:
            return codes.full_name(row.area)
        return bosses[row.employer_id].name if row.employer_id else FLEXIBLE

    content = {
        "facts": list(_facts(uow, person, account)),
        "spans": [
            {
                "insurance": INSURANCE,
                "payer": who,
                "first": str(run[0].month),
                "last": str(run[-1].month),
                "months": len(run),
            }
            for (_, who), run in (
                (key, [row for _, row in rows])
                for key, rows in groupby(
                    enumerate(rows), key=lambda one: (one[1].month.number - one[0], payer(one[1]))
                )
            )
        ],
    }
    made = levy.issue(uow, person, "transfer", content)
    officer = uow.actor.kind is not Kind.CITIZEN
    paper = papers.kept(uow, papers.voucher(made), person) if officer else None
    return Voucher(certificate=made, paper=paper)


def _facts(uow: Uow, person: registry.Person, account: Account) -> Iterator[tuple[str, Any]]:
    yield "首次参保年月", str(account.opened)
    yield "累计缴费月数", f"{account.months_paid}个月"
    if account.deemed_months:
        yield "视同缴费月数", f"{account.deemed_months}个月"
    yield "个人账户储存额", f"{years.balance(uow, person.id)}元"
    yield "账户状态", STATUS[account.status]
    only = temporary.flagged(uow, person.id) is not None
    yield "账户类型", "临时基本养老保险缴费账户" if only else "一般账户"
