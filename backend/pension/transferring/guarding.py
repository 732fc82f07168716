"""Guarding an award: no pension is decided here while the relation is elsewhere, on its way, or only temporary."""

from __future__ import annotations

from sqlalchemy import select

from backend.kernel import codes
from backend.kernel.db import Uow
from backend.kernel.errors import Refusal
from backend.pension.kept import Retiring
from backend.pension.model import Account
from backend.pension.transferred import TransferCase
from backend.pension.transferring import cases, temporary
from backend.registry import service as registry


class MovedAway(Refusal):
    """{name}的养老保险关系已经转到{area}，待遇在那里核定；要转回来的，请先办转入。"""


class OnTheWay(Refusal):
    """{name}的养老保险关系正在转移（{state}），办结以后再核定待遇。"""


class TemporaryOnly(Refusal):
    """{name}在本地只有临时缴费账户，不在本地领取待遇；请按待遇领取地把关系和资金归集过去（国办发〔2009〕66号）。"""


def on_retiring(uow: Uow, fact: Retiring) -> None:
    person = uow.session.get_one(registry.Person, fact.person_id)
    account = uow.session.get_one(Account, fact.person_id)
    newest = uow.session.scalar(
        select(TransferCase)
        .where(TransferCase.person_id == person.id, TransferCase.state.not_in(("refused", "withdrawn")))
        .order_by(TransferCase.closed_on.is_(None).desc(), TransferCase.id.desc())
        .limit(1)
    )
    if newest is not None and newest.closed_on is None:
        raise OnTheWay(name=person.name, state=cases.state_label(newest))
    if account.status == "3" and newest is not None:
        raise MovedAway(name=person.name, area=codes.full_name(newest.other_area))
    if temporary.flagged(uow, person.id) is not None:
        raise TemporaryOnly(name=person.name)
