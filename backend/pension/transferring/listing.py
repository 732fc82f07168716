"""Looking at transfers: one's own, the table of one, and what waits with its deadline."""

from __future__ import annotations

from sqlalchemy import select

from backend.kernel.actor import Kind, Permission
from backend.kernel.db import Uow
from backend.kernel.errors import NotFound
from backend.kernel.items import question
from backend.kernel.settings import settings
from backend.pension.transferred import TransferCase
from backend.pension.transferring import cases, table
from backend.pension.transferring.schema import (
    AskOwnTransfers,
    AskTable,
    AskWaiting,
)
from backend.pension.transferring.shown import (
    SpanView,
    Table,
    Transfers,
    TransferYearView,
    WaitingList,
    WaitingView,
)
from backend.registry import service as registry

SHOWN, MOST = 20, 500  # cases of a person, lines of a list


@question("PEN-Q61", "我的关系转移", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def own(uow: Uow, ask: AskOwnTransfers) -> Transfers:
    person = registry.person(uow, ask.ident)
    rows = uow.session.scalars(
        select(TransferCase)
        .where(TransferCase.person_id == person.id)
        .order_by(TransferCase.id.desc())
        .limit(SHOWN)
    ).all()
    return Transfers(transfers=tuple(cases.view(uow, row, person.name) for row in rows))


@question("PEN-Q62", "关系转移信息表", may=Permission.PENSION_READ, by=(Kind.CITIZEN,))
def told(uow: Uow, ask: AskTable) -> Table:
    person = registry.person(uow, ask.ident)
    case = uow.session.get(TransferCase, ask.case)
    if case is None or case.person_id != person.id:
        raise NotFound(what=f"{person.name}编号 {ask.case} 的转移")
    return Table(
        case=case.id,
        name=person.name,
        account_fen=case.account.fen,
        pooled_fen=case.pooled.fen,
        total_fen=case.total.fen,
        spans=tuple(
            SpanView(
                first=str(one.first),
                last=str(one.last),
                months=one.months,
                area=one.area,
                base_fen=one.base.fen,
                credited_fen=one.credited.fen,
            )
            for one in table.spans(cases.months_of(uow, case), settings().area)
        ),
        years=tuple(
            TransferYearView(
                year=str(one.year),
                opening_fen=one.opening.fen,
                credited_fen=one.credited.fen,
                interest_fen=one.interest.fen,
                paid_fen=one.paid.fen,
                closing_fen=one.closing.fen,
            )
            for one in cases.years_of(uow, case)
        ),
    )


@question("PEN-Q63", "关系转移待办清单", may=Permission.PENSION_READ)
def waiting(uow: Uow, ask: AskWaiting) -> WaitingList:
    """Of persons within reach, the nearest deadline first; without one last."""
    query = (
        select(TransferCase, registry.Person.name)
        .join(registry.Person, registry.Person.id == TransferCase.person_id)
        .where(TransferCase.closed_on.is_(None))
        .order_by(TransferCase.due_on.nulls_last(), TransferCase.id)
        .limit(MOST)
    )
    if ask.direction:
        query = query.where(TransferCase.direction == ask.direction)
    found = tuple(
        WaitingView(
            case=case.id,
            name=name,
            direction=case.direction,
            state_label=cases.state_label(case),
            other_area=case.other_area,
            due_on=case.due_on,
            overdue=case.due_on is not None and case.due_on < uow.today,
            total_fen=case.total.fen,
        )
        for case, name in uow.session.execute(query)
    )
    return WaitingList(open=len(found), overdue=sum(one.overdue for one in found), transfers=found)
