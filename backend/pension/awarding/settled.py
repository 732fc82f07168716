"""What was settled of differences, of everybody or of one person; and whether it agrees with what is due and posted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, case, cast, func, select

from backend.kernel import ledger
from backend.kernel.db import Uow
from backend.payout import service as payout
from backend.pension.awarding.differences import WAITING, gaps
from backend.pension.awarding.model import Settlement
from backend.pension.benefits import SUPPLEMENT

QUESTION = "养老金补差"


class Sums(NamedTuple):
    """In fen: posted, claimed back, waiting to be posted."""

    owed: int
    claimed: int
    waiting: int


def sums(uow: Uow, person_id: int | None = None) -> Sums:
    def total(which: ColumnElement[bool], sign: int = 1) -> ColumnElement[int]:
        return cast(func.coalesce(func.sum(case((which, Settlement.fen * sign), else_=0)), 0), BigInteger)

    query = select(
        total(Settlement.batch_id.is_not(None)),
        total(Settlement.recovery_id.is_not(None), -1),
        total(WAITING),
    )
    if person_id is not None:
        query = query.where(Settlement.person_id == person_id)
    return Sums(*uow.session.execute(query).one())


def check(uow: Uow) -> Iterator[ledger.Difference]:
    """Everybody's differences that are due are settled or wait; what was posted is what the settlements say."""
    for person_id, fen, _account in uow.session.execute(gaps()):
        if fen:
            yield ledger.Difference(QUESTION, f"人员 {person_id} 的差额", f"{fen} 分", "0 分")
    paid = payout.posted(SUPPLEMENT).subquery("paid")
    posted = (
        select(paid.c.person_id, paid.c.batch_id, func.sum(paid.c.fen).label("fen"))
        .group_by(paid.c.person_id, paid.c.batch_id)
        .subquery()
    )
    wrong = (
        select(Settlement.person_id, Settlement.batch_id, Settlement.fen, func.coalesce(posted.c.fen, 0))
        .outerjoin(
            posted,
            (posted.c.person_id == Settlement.person_id) & (posted.c.batch_id == Settlement.batch_id),
        )
        .where(Settlement.batch_id.is_not(None), Settlement.fen != func.coalesce(posted.c.fen, 0))
        .order_by(Settlement.id)
    )
    for person_id, batch, ours, theirs in uow.session.execute(wrong):
        yield ledger.Difference(
            QUESTION, f"人员 {person_id}、批次 {batch}", f"{ours} 分", f"{int(theirs)} 分"
        )
